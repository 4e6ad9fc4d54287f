// Events: what happened, what was done about it, and why.

import { call } from '/door/api.js';
import { empty, h, trouble } from '/door/dom.js';
import { commandRow, eventRow } from '../rows.js';
import { dayOf } from '../time.js';
import { updates } from '../updates.js';
import { KINDS, pretty } from '../words.js';

const PAGE = 40;
const ACTIONS = 'actions';
const CHIPS = ['motion.began', 'face.recognised', 'face.unknown', 'scene.changed', 'camera.state', 'device.state', 'climate.alarm', 'climate.decided', 'model.decided'];

export async function show({ body, me }) {
  const filter = { kind: '', source: '' };
  const list = h('div', { class: 'days' });
  const more = h('button', { type: 'button', class: 'quiet wide', hidden: true }, 'Show older');
  const cameras = (await call('GET', '/cameras')).cameras.map((camera) => camera.name);
  const view = new EventList({ list, more, filter, me });
  body.replaceChildren(h('div', { class: 'filters' }, kindChips(filter, me, () => view.reload()), sourceChoice(filter, cameras, () => view.reload())), list, more);
  more.addEventListener('click', () => view.older());
  const leave = new AbortController();
  updates.addEventListener('event', (e) => view.arrived(e.detail), { signal: leave.signal });
  updates.addEventListener('outcome', () => view.answered(), { signal: leave.signal });
  await view.reload();
  return () => leave.abort();
}

function kindChips(filter, me, changed) {
  const kinds = [['', 'Everything'], ...CHIPS.filter((kind) => me.parts.climate || !kind.startsWith('climate.')).map((kind) => [kind, KINDS[kind].name])];
  if (me.parts.journal) kinds.push([ACTIONS, 'What was done']);
  return h('fieldset', { class: 'chips' }, h('legend', { class: 'unseen' }, 'Show'), kinds.map(([kind, name]) =>
    h('label', {}, h('input', { type: 'radio', name: 'kind', value: kind, checked: kind === filter.kind, onchange: () => {
      filter.kind = kind;
      changed();
    } }), h('span', {}, name))));
}

function sourceChoice(filter, cameras, changed) {
  return h('label', { class: 'source' }, h('span', { class: 'unseen' }, 'Camera'), h('select', { onchange: (e) => {
    filter.source = e.target.value;
    changed();
  } }, h('option', { value: '' }, 'All cameras'), cameras.map((name) => h('option', { value: name }, pretty(name)))));
}

class EventList {
  #rows = 0;
  #last = null;
  #followed = new Map();

  constructor({ list, more, filter, me }) {
    Object.assign(this, { list, more, filter, me });
  }

  async reload() {
    this.#rows = 0;
    this.#last = null;
    this.list.replaceChildren();
    await this.older();
    if (!this.#rows) this.list.replaceChildren(empty('events', 'Nothing here', this.filter.kind || this.filter.source ? 'Try another filter.' : 'Events appear here as they happen.'));
  }

  async older() {
    this.more.disabled = true;
    const asked = JSON.stringify(this.filter);
    try {
      const found = await this.#fetch();
      if (asked !== JSON.stringify(this.filter)) return;
      for (const item of found) this.#place(item, 'append');
      this.#last = found.at(-1)?.id ?? this.#last;
      this.more.hidden = found.length < PAGE;
    } catch (error) {
      if (error.status === undefined) throw error;
      this.list.append(trouble(error, () => this.reload()));
    }
    this.more.disabled = false;
  }

  async #fetch() {
    const query = new URLSearchParams({ limit: PAGE });
    if (this.#last) query.set('before', this.#last);
    if (this.filter.kind === ACTIONS) return (await call('GET', `/commands?${query}`)).commands;
    if (!this.me.parts.events) return [];
    if (this.filter.kind) query.set('kind', this.filter.kind);
    if (this.filter.source) query.set('source', this.filter.source);
    const [{ events }] = await Promise.all([call('GET', `/events?${query}`), this.#fetchFollowed()]);
    return events;
  }

  /** The commands that followed from events, by the event's id. */
  async #fetchFollowed() {
    if (!this.me.parts.journal) return;
    const { commands } = await call('GET', '/commands?limit=200');
    this.#followed = byCause(commands);
  }

  #eventRow(event) {
    return eventRow(event, { followed: this.#followed.get(event.id), correctable: this.me.parts.corrections });
  }

  #place(item, where) {
    const row = this.filter.kind === ACTIONS ? commandRow(item) : this.#eventRow(item);
    const day = dayOf(item.began ?? item.issued);
    let group = this.list.querySelector(`[data-day="${CSS.escape(day)}"]`);
    if (!group) {
      group = h('section', { class: 'card', data: { day } }, h('h2', {}, day), h('ul', { class: 'rows' }));
      this.list[where](group);
    }
    group.querySelector('ul')[where](row);
    this.#rows += 1;
  }

  /** An event came in while we look. */
  arrived(event) {
    const wanted = this.filter.kind !== ACTIONS && (!this.filter.kind || this.filter.kind === event.kind) && (!this.filter.source || this.filter.source === event.source);
    if (!wanted) return;
    const old = this.list.querySelector(`[data-id="${CSS.escape(event.id)}"]`);
    if (!this.#rows) this.list.replaceChildren();
    if (old) old.replaceWith(this.#eventRow(event));
    else this.#place(event, 'prepend');
  }

  /** A device answered: the newest events may have something that followed. Never while somebody reads a "why". */
  async answered() {
    if (this.list.querySelector('details[open]') || this.#last === null || this.#rows > PAGE) return;
    await this.reload();
  }
}

function byCause(commands) {
  const groups = new Map();
  for (const command of commands) groups.set(command.cause, [...(groups.get(command.cause) ?? []), command]);
  return groups;
}
