// Climate: every room that is kept warm, what is wanted of it, and how it went.

import { call } from '/door/api.js';
import { empty, h } from '/door/dom.js';
import { legend } from '../plot.js';
import { RoomCard } from '../room.js';
import { updates } from '../updates.js';

const SPANS = [[24, 'Day'], [72, 'Three days'], [168, 'Week']];
const AGAIN_MS = 300_000;

export async function show({ body, say }) {
  const { rooms } = await call('GET', '/climate');
  if (!rooms.length) {
    body.replaceChildren(empty('heater', 'No room is kept warm', 'Name a room, its sensor and its heater in the configuration.'));
    return null;
  }
  const [[hours]] = SPANS;
  const cards = new Map(rooms.map((room) => [room.name, new RoomCard(room, { hours, say })]));
  const leave = new AbortController();
  updates.addEventListener('climate', ({ detail }) => cards.get(detail.room)?.tell(detail), { signal: leave.signal });
  const look = (span) => Promise.all([...cards.values()].map((card) => card.look(span ?? card.hours)));
  body.replaceChildren(h('div', { class: 'filters' }, spans(look), legend()), h('div', { class: 'rooms' }, [...cards.values()].map((card) => card.node)));
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
  return h('fieldset', { class: 'chips' }, h('legend', { class: 'unseen' }, 'How far to look back'), SPANS.map(([hours, name], place) => h('label', {},
    h('input', { type: 'radio', name: 'span', value: hours, checked: place === 0, onchange: () => look(hours).catch(() => {}) }), h('span', {}, name))));
}
