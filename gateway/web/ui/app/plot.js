// A room over time: measured, wanted, where it is going, heat and price. Drawn as SVG, anew whenever something changes.

import { h } from '/door/dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const GAP_S = 900;
const LEFT = 38, RIGHT = 10, TOP = 8, TEMPS = 168, HEAT = 12, PRICE = 30, LABELS = 20, SPACE = 8;
const HOUR_S = 3600;
const LEAST_S = 2 * HOUR_S;
const QUARTER_S = 900, ROW_S = 300;
const PRICED_S = 6 * HOUR_S; // shown ahead where prices are known and nothing is expected
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'short' });

function s(tag, props = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  node.append(...children.flat().filter(Boolean));
  return node;
}

/** `draw` takes {rows, status, hours, compare}: the columns of the API's history, the room's status, how far to look back,
    and of how many hours before the forecast is laid beside what came (0 for none). */
export class Plot {
  #given = null;
  #width = 0;

  constructor(title) {
    this.title = title;
    this.svg = s('svg', { class: 'plot', role: 'img', 'aria-label': `${title} over time` });
    this.read = h('p', { class: 'soft plot-read' });
    this.node = h('div', {}, this.svg, this.read);
    this.svg.addEventListener('pointermove', (event) => this.#point(event));
    this.svg.addEventListener('pointerleave', () => this.#leave());
    this.watcher = new ResizeObserver(([entry]) => this.#resize(entry.contentRect.width));
    this.watcher.observe(this.node);
  }

  stop() {
    this.watcher.disconnect();
  }

  draw(given) {
    this.#given = given;
    this.#redraw();
  }

  #resize(width) {
    if (Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    this.#redraw();
  }

  #redraw() {
    if (!this.#given || this.#width < 80) return;
    const series = seriesOf(this.#given);
    const frame = (this.frame = frameOf(series, this.#width));
    this.series = series;
    this.svg.setAttribute('viewBox', `0 0 ${this.#width} ${frame.height}`);
    this.svg.setAttribute('height', frame.height);
    this.cursor = s('line', { class: 'cursor', y1: TOP, y2: frame.height - LABELS, x1: -9, x2: -9 });
    this.svg.replaceChildren(
      windows(series, frame), grid(frame), times(series, frame), heat(series, frame), price(series, frame) ?? '',
      band(series, frame), line('wanted', steps(series.wanted, frame)), line('foretold', path(series.foretold, frame)),
      line('measured', path(series.measured, frame)), line('forecast', path(series.forecast, frame)), now(series, frame), this.cursor);
    this.svg.setAttribute('aria-label', spoken(this.title, series));
    this.#leave();
  }

  #point(event) {
    if (!this.frame) return;
    const at = this.frame.time(event.clientX - this.svg.getBoundingClientRect().left);
    const found = nearest(at > this.series.now ? this.series.forecast : this.series.measured, at);
    if (!found) return;
    const x = this.frame.x(found[0]);
    this.cursor.setAttribute('x1', x);
    this.cursor.setAttribute('x2', x);
    this.read.textContent = readOut(found, this.series);
  }

  #leave() {
    this.cursor?.setAttribute('x1', -9);
    this.cursor?.setAttribute('x2', -9);
    this.read.textContent = this.series ? summed(this.series) : '';
  }
}

/** Pairs of [time, value]; what is not known is null. The status is the newest point. */
function seriesOf({ rows, status, hours, compare }) {
  const at = status?.time ?? Date.now() / 1000;
  const back = Math.min(hours * HOUR_S, Math.max(LEAST_S, at - (rows.time[0] ?? at))); // a young record fills the width too
  const shown = rows.time.map((time, place) => place).filter((place) => rows.time[place] >= at - back);
  const column = (name, last) => [...shown.map((place) => [rows.time[place], rows[name][place]]), [at, last ?? null]];
  const ahead = status?.forecast ?? { ahead_s: [], temp_c: [], spread_c: [], duty: [] };
  const told = status?.price_ahead ?? { time: [], price: [] };
  const until = Math.min(Math.max(...ahead.ahead_s, told.time.length ? PRICED_S : HOUR_S), (hours / 2) * HOUR_S);
  const coming = ahead.ahead_s.map((seconds, place) => place).filter((place) => ahead.ahead_s[place] <= until);
  const future = (values) => coming.map((place) => [at + ahead.ahead_s[place], values[place] ?? null]);
  return {
    now: at, from: at - back, to: at + until,
    measured: column('temp_c', status?.trust === 'good' ? status.temp_c : null),
    wanted: [...column('target_c', status?.target_c), ...(status?.target_ahead ?? []).map((target, place) => [at + place * QUARTER_S, target]).filter(([time]) => time <= at + until)],
    heat: [...column('duty', status?.duty), ...future(ahead.duty)],
    price: [...column('price', status?.price), ...held(told, at, at + until)],
    compare, foretold: compare ? foretold(rows, compare).filter(([time]) => time >= at - back && time <= at) : [],
    window: column('window', status?.window_open ? 1 : 0),
    forecast: [[at, status?.forecast ? status.temp_c : null], ...future(ahead.temp_c)],
    spread: [[at, 0], ...future(ahead.spread_c)],
  };
}

/** What was expected `hours` before, at the times that it was expected for. */
function foretold(rows, hours) {
  return rows.time.map((time, place) => [time + hours * HOUR_S, rows[`in_${hours}h_c`][place]]);
}

/** A price holds until the next one: a point for each quarter of an hour, on which prices change. */
function held({ time, price }, from, to) {
  if (!time.length) return [];
  const points = [];
  for (let at = Math.ceil(from / QUARTER_S) * QUARTER_S; at <= to; at += QUARTER_S) points.push([at, price[time.findLastIndex((start) => start <= at)] ?? null]);
  return points;
}

function frameOf(series, width) {
  const shown = [...series.measured, ...series.wanted, ...series.forecast, ...series.foretold].filter(([time, value]) => value !== null && time >= series.from);
  const values = shown.map(([, value]) => value);
  const [low, high] = widened(Math.min(...values), Math.max(...values));
  const priced = series.price.some(([, value]) => value !== null);
  const bottom = TOP + TEMPS;
  const scale = (width - LEFT - RIGHT) / (series.to - series.from);
  return {
    width, low, high, bottom,
    heat: bottom + SPACE, price: priced ? bottom + 2 * SPACE + HEAT : null,
    height: bottom + SPACE + HEAT + (priced ? SPACE + PRICE : 0) + LABELS,
    x: (time) => LEFT + (time - series.from) * scale,
    time: (x) => series.from + (x - LEFT) / scale,
    y: (value) => bottom - ((value - low) / (high - low)) * TEMPS,
  };
}

/** Whole degrees around what is shown, at least three of them. */
function widened(low, high) {
  if (!Number.isFinite(low)) return [16, 22];
  const span = Math.max(3, Math.ceil(high + 0.3) - Math.floor(low - 0.3));
  const from = Math.floor((low + high - span) / 2 + 0.25);
  return [Math.min(from, Math.floor(low)), Math.max(from + span, Math.ceil(high))];
}

/** Runs of neighbours that are known: a hole in the record stays a hole. */
function runs(points) {
  const found = [];
  let run = [];
  for (const point of points) {
    if (run.length && (point[1] === null || point[0] - run.at(-1)[0] > GAP_S)) {
      found.push(run);
      run = [];
    }
    if (point[1] !== null) run.push(point);
  }
  return [...found, run].filter((one) => one.length);
}

const spot = (time, value, frame) => `${frame.x(time).toFixed(1)} ${frame.y(value).toFixed(1)}`;
const visible = (points, frame) => points.filter(([time]) => frame.x(time) >= LEFT - 1);
const line = (name, d) => s('path', { class: `line ${name}`, d });

function path(points, frame) {
  return runs(visible(points, frame)).map((run) => `M${run.map(([time, value]) => spot(time, value, frame)).join('L')}`).join('');
}

function steps(points, frame) {
  return runs(visible(points, frame)).map((run) => run.map(([time, value], place) => (place
    ? `H${frame.x(time).toFixed(1)}V${frame.y(value).toFixed(1)}` : `M${spot(time, value, frame)}`)).join('')).join('');
}

function band(series, frame) {
  const sides = series.forecast.map(([time, value], place) => [time, value, series.spread[place][1] ?? 0]).filter(([, value]) => value !== null);
  if (sides.length < 2) return s('g');
  const side = (sign) => sides.map(([time, value, spread]) => spot(time, Math.min(frame.high, Math.max(frame.low, value + sign * spread)), frame));
  return s('path', { class: 'band', d: `M${side(1).join('L')}L${side(-1).reverse().join('L')}Z` });
}

function grid(frame) {
  const step = frame.high - frame.low > 8 ? 2 : 1;
  const marks = [];
  for (let value = Math.ceil(frame.low / step) * step; value <= frame.high; value += step) {
    marks.push(s('line', { class: 'rule', x1: LEFT, x2: frame.width - RIGHT, y1: frame.y(value), y2: frame.y(value) }),
      s('text', { x: LEFT - 7, y: frame.y(value) + 4, 'text-anchor': 'end' }, `${value}°`));
  }
  return s('g', {}, marks);
}

/** Labels at whole local hours, as many as fit; days where a day is too narrow for hours. */
function times(series, frame) {
  const room = (frame.width - LEFT - RIGHT) / ((series.to - series.from) / HOUR_S);
  const step = [1, 3, 6, 12, 24].find((hours) => hours * room >= 56) ?? 48;
  const marks = [];
  const at = new Date(series.from * 1000);
  at.setHours(0, 0, 0, 0);
  for (; at / 1000 <= series.to; at.setHours(at.getHours() + step)) {
    const x = frame.x(at / 1000);
    if (x < LEFT) continue;
    marks.push(s('line', { class: 'rule', x1: x, x2: x, y1: TOP, y2: frame.bottom }));
    if (x < frame.width - 24) marks.push(s('text', { x, y: frame.height - 5, 'text-anchor': 'middle' }, step < 24 ? CLOCK.format(at) : DAY.format(at)));
  }
  return s('g', {}, marks);
}

function heat(series, frame) {
  const bars = blocks(visible(series.heat, frame)).map(([from, to, duty]) => s('rect', {
    class: duty < 0 ? 'cold' : from >= series.now ? 'heat planned' : 'heat', 'fill-opacity': (0.2 + 0.8 * Math.abs(duty)).toFixed(2),
    x: frame.x(from), width: Math.max(0.8, frame.x(to) - frame.x(from)), y: frame.heat, height: HEAT }));
  return s('g', {}, s('rect', { class: 'trough', x: LEFT, width: frame.width - LEFT - RIGHT, y: frame.heat, height: HEAT }), bars);
}

/** [from, to, value] of neighbours with the same value that is not zero; a value holds until the next point. */
function blocks(points) {
  const found = [];
  points.forEach(([time, value], place) => {
    const next = points[place + 1]?.[0] ?? time;
    if (!value || Math.abs(value) < 0.02) return;
    const to = Math.min(next, time + GAP_S);
    if (found.length && found.at(-1)[1] === time && found.at(-1)[2] === value) found.at(-1)[1] = to;
    else found.push([time, to, value]);
  });
  return found;
}

function windows(series, frame) {
  return s('g', {}, blocks(visible(series.window, frame)).map(([from, to]) => s('rect', {
    class: 'open', x: frame.x(from), width: Math.max(1, frame.x(to) - frame.x(from)), y: TOP, height: TEMPS })));
}

function price(series, frame) {
  if (frame.price === null) return null;
  const points = visible(series.price, frame);
  const values = points.map(([, value]) => value).filter((value) => value !== null);
  if (!values.length) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const own = { ...frame, y: (value) => frame.price + PRICE - 2 - ((value - low) / (high - low || 1)) * (PRICE - 8) };
  const label = (value) => s('text', { class: 'small', x: LEFT - 7, y: own.y(value) + 4, 'text-anchor': 'end' }, value.toFixed(2));
  return s('g', {}, line('price', steps(points, own)), label(high), high > low && label(low));
}

function now(series, frame) {
  const x = frame.x(series.now);
  const last = series.measured.at(-1)[1];
  return s('g', {}, s('line', { class: 'now', x1: x, x2: x, y1: TOP, y2: frame.heat + HEAT }),
    last !== null && s('circle', { class: 'dot', cx: x, cy: frame.y(last), r: 4 }));
}

function nearest(points, at) {
  const known = points.filter(([, value]) => value !== null);
  return known.reduce((best, point) => (!best || Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best), null);
}

function readOut([time, value], series) {
  const before = (points) => points.filter(([at, known]) => at <= time && known !== null).at(-1)?.[1];
  const coming = time > series.now;
  const before_s = series.foretold.filter(([at, known]) => known !== null && Math.abs(at - time) < GAP_S / 2);
  const told = coming ? null : nearest(before_s, time);
  const [wanted, duty, cost] = [before(series.wanted), before(series.heat), before(series.price)];
  const spread = coming ? series.spread[series.forecast.findIndex(([at]) => at === time)]?.[1] : null;
  return [CLOCK.format(new Date(time * 1000)), `${coming ? 'about ' : ''}${value.toFixed(1)} °C${spread ? ` ± ${spread.toFixed(1)}` : ''}`,
    told && `${told[1].toFixed(1)} expected ${series.compare} h before`, wanted !== undefined && `${wanted.toFixed(1)} wanted`,
    duty !== undefined && `heat ${Math.round(duty * 100)} %`, cost !== undefined && `price ${cost.toFixed(2)}`].filter(Boolean).join(' · ');
}

function spoken(title, series) {
  const values = series.measured.map(([, value]) => value).filter((value) => value !== null);
  if (!values.length) return `${title}: nothing was measured yet`;
  return `${title}: between ${Math.min(...values).toFixed(1)} and ${Math.max(...values).toFixed(1)} °C, now ${values.at(-1).toFixed(1)} °C. ${summed(series)}`;
}

function expected(series) {
  const [time, value] = series.forecast.filter(([, known]) => known !== null).at(-1) ?? [];
  return time > series.now ? `About ${value.toFixed(1)} °C expected at ${CLOCK.format(new Date(time * 1000))}` : '';
}

/** How far off the forecasts of before were, on average over what is shown. */
function missed(series) {
  const row = (time) => Math.round(time / ROW_S);
  const came = new Map(series.measured.filter(([, value]) => value !== null).map(([time, value]) => [row(time), value]));
  const off = series.foretold.filter(([time, value]) => value !== null && came.has(row(time))).map(([time, value]) => Math.abs(value - came.get(row(time))));
  return off.length ? `Missed by ${(off.reduce((sum, one) => sum + one, 0) / off.length).toFixed(1)} °C on average when expected ${series.compare} h before` : '';
}

const summed = (series) => [expected(series), missed(series)].filter(Boolean).join(' · ');

/** What the lines mean, drawn with the same classes. */
export function legend() {
  const key = (name, text) => h('li', {}, s('svg', { class: 'plot key', viewBox: '0 0 22 10', 'aria-hidden': 'true' },
    ['heat', 'planned', 'open'].includes(name) ? s('rect', { class: name, width: 22, height: 10 }) : s('path', { class: `line ${name}`, d: 'M1 5H21' })), text);
  return h('ul', { class: 'legend soft' }, key('measured', 'Measured'), key('wanted', 'Wanted'), key('forecast', 'Expected'), key('foretold', 'Expected before'), key('heat', 'Heat'), key('planned', 'Planned'), key('price', 'Price'), key('open', 'Window open'));
}
