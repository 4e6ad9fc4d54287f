// Words of the hub for people, and small things that every page draws alike.

import { ApiError } from '/door/api.js';
import { h, trouble } from '/door/dom.js';
import { timeAgo } from './time.js';

const ALERTS = {
  silent: (alert) => `Nothing heard for ${alert.value < 180 ? `${Math.round(alert.value)} minutes` : `${Math.round(alert.value / 60)} hours`}`,
  heater_fault: (alert) => `Heater: ${pretty(alert.subject.split('/')[1] ?? '')} in ${pretty(alert.subject.split('/')[0])}`,
  disk_small: (alert) => `Only ${Math.round(alert.value)} MB free on the disk`,
  drops: (alert) => `${Math.round(alert.value)} summaries never arrived (${pretty(alert.subject)})`,
  duplicate: () => 'Two gateways use this id',
  refusals: (alert) => `${Math.round(alert.value)} messages were refused`,
};

const SHORT = {
  silent: 'silent', heater_fault: 'heater fault', disk_small: 'disk small', drops: 'drops', duplicate: 'duplicate id', refusals: 'refusals',
};

export const pretty = (text) => text.replaceAll('_', ' ').replaceAll('/', ', ');

export const alertSentence = (alert) => ALERTS[alert.kind]?.(alert) ?? pretty(alert.kind);

/** One word for how a home is, with the worst of its alerts. */
export function standing(home) {
  if (home.revoked) return level('off', 'revoked');
  const worst = home.alerts.find((one) => one.level === 'critical') ?? home.alerts[0];
  if (!worst) return level('ok', home.online ? 'well' : 'well, offline');
  const more = home.alerts.length > 1 ? ` and ${home.alerts.length - 1} more` : '';
  return level(worst.level, `${SHORT[worst.kind] ?? pretty(worst.kind)}${more}`);
}

export const level = (name, text) => h('span', { class: 'level', data: { level: name } }, text);

export const labels = (found) => Object.entries(found).map(([key, value]) => h('span', { class: 'label' }, `${key}=${value}`));

export const when = (time) => (time ? timeAgo(time) : h('span', { class: 'soft' }, 'never'));

/** `rows` of cells under `names`; on a phone each row is a block, and each cell says its name. */
export function table(name, names, rows) {
  return h('div', { class: 'scroll', role: 'region', 'aria-label': name, tabindex: 0 }, h('table', {},
    h('thead', {}, h('tr', {}, names.map((one) => h('th', { scope: 'col' }, one)))),
    h('tbody', {}, rows.map((cells) => h('tr', {}, cells.map((cell, place) =>
      h(place ? 'td' : 'th', place ? { data: { name: names[place] } } : { scope: 'row' }, cell)))))));
}

/** A form that says in words what went wrong, and nothing where it went well. */
export function form(fields, action, submit) {
  const error = h('p', { class: 'error', role: 'alert' });
  const button = h('button', { class: 'primary', type: 'submit' }, action);
  return h('form', { class: 'inline-form', onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.textContent = '';
    try {
      await submit(Object.fromEntries(new FormData(event.target)));
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      error.textContent = problem.message;
    }
    button.disabled = false;
  } }, fields, button, error);
}

export function field(name, title, props = {}) {
  const id = `field-${name}-${Math.random().toString(36).slice(2, 8)}`;
  return h('div', { class: 'field' }, h('label', { for: id }, title), h('input', { id, name, required: true, autocomplete: 'off', ...props }));
}

/** Of several lines, for JSON. */
export function area(name, title, props = {}) {
  const id = `area-${name}-${Math.random().toString(36).slice(2, 8)}`;
  return h('div', { class: 'field wide' }, h('label', { for: id }, title), h('textarea', { id, name, required: true, rows: 3, spellcheck: 'false', autocapitalize: 'none', ...props }));
}

/** What was typed, as an object. */
export function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, { message: 'That is not JSON.' });
  }
}

export function choice(name, title, options, chosen = options[0]) {
  const id = `choice-${name}-${Math.random().toString(36).slice(2, 8)}`;
  return h('div', { class: 'field' }, h('label', { for: id }, title),
    h('select', { id, name }, options.map((one) => h('option', { value: one, selected: one === chosen }, one))));
}

/** "ring=canary site=oslo" as the API takes it. */
export const labelsOf = (text) => Object.fromEntries(text.split(/\s+/).filter(Boolean).map((one) => [one.split('=')[0], one.split('=').slice(1).join('=')]));

/** A button that asks once more, and then does it. */
export function sure(text, question, act) {
  const place = h('span', { class: 'sure' });
  const ask = () => place.replaceChildren(h('span', {}, question), h('button', { class: 'danger', type: 'button', onclick: go }, text),
    h('button', { class: 'quiet', type: 'button', onclick: rest }, 'No'));
  const rest = () => place.replaceChildren(h('button', { class: 'quiet', type: 'button', onclick: ask }, text));
  async function go() {
    try {
      await act();
    } catch (error) {
      if (error.status === undefined) throw error;
      place.replaceChildren(trouble(error, rest));
    }
  }
  rest();
  return place;
}

/** Told once and never again: to be copied now. */
export function secret(lead, text) {
  return h('div', { class: 'secret', role: 'status' }, h('p', {}, lead), h('code', {}, text));
}

/** `GET` in pages into `list`; `path` ends in a query. */
export function pager(fetchPage, draw, list) {
  const more = h('button', { type: 'button', class: 'quiet wide', hidden: true, onclick: () => next() }, 'Show more');
  let last = null;
  async function next() {
    const found = await fetchPage(last);
    list.append(...found.map(draw));
    last = found.at(-1) ?? last;
    more.hidden = found.length < pager.size;
  }
  return { more, next };
}
pager.size = 50;
