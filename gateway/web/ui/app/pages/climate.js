// Climate: every room that is kept warm, what is wanted of it, and how it went.

import { call } from '/door/api.js';
import { empty, h } from '/door/dom.js';
import { legend } from '../plot.js';
import { RoomCard } from '../room.js';
import { updates } from '../updates.js';

const SPANS = [[24, 'Day'], [72, 'Three days'], [168, 'Week']];
const BEFORE = [[0, 'Nothing'], [1, '1 h before'], [3, '3 h before']];
const AGAIN_MS = 300_000;

export async function show({ body, say }) {
  const { rooms } = await call('GET', '/climate');
  if (!rooms.length) {
    body.replaceChildren(empty('heater', 'No room is kept warm', 'Name a room, its sensor and its heater in the configuration.'));
    return null;
  }
  const [[hours]] = SPANS;
  const compare = BEFORE[1][0];
  const cards = new Map(rooms.map((room) => [room.name, new RoomCard(room, { hours, compare, say })]));
  const leave = new AbortController();
  updates.addEventListener('climate', ({ detail }) => cards.get(detail.room)?.tell(detail), { signal: leave.signal });
  const look = (span) => Promise.all([...cards.values()].map((card) => card.look(span ?? card.hours)));
  body.replaceChildren(h('div', { class: 'filters' }, spans(look), comparing(cards, compare), legend()), h('div', { class: 'rooms' }, [...cards.values()].map((card) => card.node)));
  const timer = setInterval(() => document.hidden || look().catch(() => {}), AGAIN_MS); // the banner tells of a lost connection
  const stop = () => {
    clearInterval(timer);
    leave.abort();
    for (const card of cards.values()) card.stop();
  };
  try {
    await look();
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}

function spans(look) {
  return chips('How far to look back', 'span', SPANS, SPANS[0][0], (hours) => look(hours).catch(() => {}));
}

function comparing(cards, compare) {
  const choose = (hours) => {
    for (const card of cards.values()) card.before = hours;
  };
  return h('div', { class: 'compare' }, h('span', { class: 'soft', 'aria-hidden': 'true' }, 'Compare with'), chips('Which forecasts to lay beside what came', 'compare', BEFORE, compare, choose));
}

function chips(legend, name, options, checked, choose) {
  return h('fieldset', { class: 'chips' }, h('legend', { class: 'unseen' }, legend), options.map(([value, text]) => h('label', {},
    h('input', { type: 'radio', name, value, checked: value === checked, onchange: () => choose(value) }), h('span', {}, text))));
}
