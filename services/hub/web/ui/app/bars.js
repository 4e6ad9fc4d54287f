// A day in bars: one for each hour, drawn as SVG.

import { h } from '/door/dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const HOUR_S = 3600;
export const HOURS = 24;
const WIDTH = 240, HEIGHT = 56, GAP = 2;
const CLOCK = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });

function s(tag, props, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** The hours that are shown: those that have ended, the newest last, as POSIX s of their beginning. */
export function lastHours(now = Date.now() / 1000) {
  const newest = Math.floor(now / HOUR_S) * HOUR_S - HOUR_S;
  return Array.from({ length: HOURS }, (_, place) => newest - (HOURS - 1 - place) * HOUR_S);
}

/** `values` is a Map of hour to number; an hour without one stays empty. `told` is the number to be read first. */
export function bars(title, values, { unit = '', told = '', kind = 'plain', most = 0 } = {}) {
  const hours = lastHours();
  const top = Math.max(most, ...hours.map((hour) => values.get(hour) ?? 0)) || 1;
  const step = WIDTH / HOURS;
  const drawn = hours.filter((hour) => values.has(hour)).map((hour) => {
    const height = values.get(hour) && Math.max(1.5, (values.get(hour) / top) * HEIGHT);
    const bar = s('rect', { x: hours.indexOf(hour) * step, y: HEIGHT - height, width: step - GAP, height, rx: 1.5 });
    bar.append(s('title', {}, `${CLOCK.format(new Date(hour * 1000))}: ${round(values.get(hour))} ${unit}`));
    return bar;
  });
  const label = `${title}: ${told || 'no numbers'}. ${drawn.length} of the last ${HOURS} hours have a number.`;
  return h('figure', { class: 'bars', data: { kind } },
    h('figcaption', {}, h('span', {}, title), h('strong', {}, told)),
    s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT + 1}`, role: 'img', 'aria-label': label, preserveAspectRatio: 'none' },
      s('line', { x1: 0, x2: WIDTH, y1: HEIGHT + 0.5, y2: HEIGHT + 0.5 }), ...drawn),
    h('p', { class: 'soft ends' }, h('span', {}, CLOCK.format(new Date(hours[0] * 1000))), h('span', {}, CLOCK.format(new Date((hours.at(-1) + HOUR_S) * 1000)))));
}

export const round = (value) => (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100).toLocaleString();

/** Rows to Maps of hour to number, by what `subject` says each is about; several of one hour add up, or the last counts. */
export function byHour(rows, subject, number, { add = true } = {}) {
  const found = new Map();
  for (const row of rows) {
    const value = number(row);
    if (value === null || value === undefined) continue;
    const values = found.get(subject(row)) ?? new Map();
    values.set(row.hour, (add ? values.get(row.hour) ?? 0 : 0) + value);
    found.set(subject(row), values);
  }
  return [...found].sort(([one], [other]) => one.localeCompare(other));
}

export const sum = (values) => [...values.values()].reduce((all, one) => all + one, 0);
export const newest = (values) => values.get(Math.max(...values.keys()));
