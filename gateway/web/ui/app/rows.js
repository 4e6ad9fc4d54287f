// One event, one command, one explanation: drawn the same on every page.

import { call, url } from '/door/api.js';
import { h, icon, trouble } from '/door/dom.js';
import { timeAgo, timeOfDay } from './time.js';
import { actionSentence, eventKind, ORIGINS, outcomeSentence, pretty } from './words.js';

export function eventRow(event, { followed = [], correctable = false } = {}) {
  const kind = eventKind(event);
  const picture = event.evidence && h('img', { class: 'crop', src: url(`/media/${encodeURIComponent(event.evidence)}`), alt: `Picture: ${kind.tell(event)}`, loading: 'lazy', onerror: (e) => e.target.remove() });
  return h('li', { class: 'row', data: { id: event.id, kind: event.kind } },
    h('span', { class: 'row-picture' }, icon(kind.drawing), picture),
    h('div', { class: 'row-text' },
      h('p', { class: 'row-title' }, kind.tell(event)),
      h('p', { class: 'soft' }, pretty(event.source), ' · ', timeOfDay(event.began), ' · ', timeAgo(event.began)),
      event.detail && h('p', { class: 'soft' }, event.detail),
      followed.map(followedBy),
      correctable && JUDGED.has(event.kind) && correction(event)));
}

const JUDGED = new Set(['motion.began', 'face.recognised', 'face.unknown']);

/** A button to call an event wrong, and to take that back. */
function correction(event) {
  let wrong = false;
  const button = h('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick: press }, 'That is wrong');
  const line = h('p', { class: 'correction' }, button);
  async function press() {
    button.disabled = true;
    try {
      await call('POST', `/events/${encodeURIComponent(event.id)}/correction`, { wrong: !wrong });
      wrong = !wrong;
      button.setAttribute('aria-pressed', String(wrong));
      button.textContent = wrong ? 'Noted as wrong. Undo' : 'That is wrong';
    } catch (error) {
      if (error.status === undefined) throw error;
      line.append(trouble(error));
    }
    button.disabled = false;
  }
  return line;
}

function followedBy(command) {
  return h('details', { class: 'why', ontoggle: (e) => e.target.open && explain(e.target, command.id) },
    h('summary', {}, icon('why'), `${actionSentence(command)} · ${outcomeSentence(command.outcome)}`));
}

export function commandRow(command) {
  return h('li', { class: 'row', data: { id: command.id, result: command.outcome?.result ?? 'waiting' } },
    h('span', { class: 'row-picture' }, icon('device')),
    h('div', { class: 'row-text' },
      h('p', { class: 'row-title' }, actionSentence(command)),
      h('p', { class: 'soft' }, outcomeSentence(command.outcome), ' · ', ORIGINS[command.origin] ?? command.origin, ' · ', timeOfDay(command.issued), ' · ', timeAgo(command.issued)),
      h('details', { class: 'why', ontoggle: (e) => e.target.open && explain(e.target, command.id) },
        h('summary', {}, icon('why'), 'Why?'))));
}

/** Fetches the chain once and puts it into the opened <details>. */
async function explain(details, id) {
  if (details.querySelector('.chain')) return;
  const place = h('ol', { class: 'chain' }, h('li', {}, 'Looking it up…'));
  details.append(place);
  try {
    place.replaceChildren(...steps(await call('GET', `/commands/${encodeURIComponent(id)}/why`)));
  } catch (error) {
    place.replaceWith(trouble(error));
  }
}

function steps({ events, sentence, command, outcome }) {
  const found = events.map((event) => step(eventKind(event).drawing, eventKind(event).tell(event), pretty(event.source), event.began));
  if (sentence) found.push(step('why', sentence, ORIGINS[command.origin]));
  found.push(step('device', actionSentence(command), sentence ? '' : ORIGINS[command.origin], command.issued));
  found.push(step(outcome?.result === 'done' ? 'check' : 'warn', outcomeSentence(outcome), outcome?.detail?.replaceAll('_', ' ') ?? ''));
  return found;
}

function step(drawing, text, note, when = null) {
  return h('li', {}, icon(drawing), h('div', {}, h('p', {}, text),
    (note || when) && h('p', { class: 'soft' }, note, note && when ? ' · ' : '', when && timeOfDay(when, { exact: true }))));
}
