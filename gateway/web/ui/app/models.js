// The models at work: what they run on now, how long they take, what went wrong. Kept fresh while it is looked at.

import { call } from '/door/api.js';
import { card, h } from '/door/dom.js';
import { timeAgo } from './time.js';
import { updates } from './updates.js';
import { LEVELS, pretty } from './words.js';

const EVERY_MS = 5000;
const PHASES = { serving: 'In service', shadow: 'In the shadow', canary: 'Serves a share' };
const BACKENDS = { tpu: 'Edge TPU', cpu: 'Processor', onnx: 'Processor (ONNX)' };
const ACCELERATOR = { tpu: 'The Edge TPU is at work', cpu: 'The processor does the Edge TPU\u2019s work', off: 'No Edge TPU is in use' };
const COLUMNS = ['Model', 'State', 'Runs on', 'Median', '95 %', 'Queue', 'Answers', 'Errors'];

/** The card, filled; it stops asking when `signal` is aborted. */
export async function modelCard(signal) {
  const content = h('div', { class: 'models' });
  const draw = async () => content.replaceChildren(...parts(await call('GET', '/models')));
  const again = () => draw().catch(() => {}); // the banner tells of a lost connection
  await draw();
  const timer = setInterval(() => document.hidden || again(), EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  updates.addEventListener('state', ({ detail }) => detail.part === 'accelerator' && again(), { signal });
  return card('Models', content);
}

function parts({ models, accelerator, temperatures }) {
  return [
    accelerator && acceleratorLine(accelerator),
    models.length ? table(models) : h('p', { class: 'soft' }, 'No model is at work.'),
    heatLine(Object.entries(temperatures)),
  ].filter(Boolean);
}

function acceleratorLine(state) {
  return h('p', { class: 'accelerator', data: { key: state.key } }, h('span', { class: 'level', data: { level: state.level } }, LEVELS[state.level]), ' ',
    h('strong', {}, ACCELERATOR[state.key] ?? pretty(state.key)), state.detail && `: ${state.detail}`, ' · since ', timeAgo(state.since));
}

function table(models) {
  return h('div', { class: 'scroll', role: 'region', 'aria-label': 'Models', tabindex: 0 }, h('table', {},
    h('thead', {}, h('tr', {}, COLUMNS.map((name) => h('th', { scope: 'col' }, name)))), h('tbody', {}, models.map(row))));
}

function row(model) {
  const cells = [milliseconds(model, model.p50_ms), milliseconds(model, model.p95_ms), milliseconds(model, model.wait_p95_ms), model.count.toLocaleString()];
  return h('tr', { data: { model: model.id, phase: model.phase } },
    h('th', { scope: 'row' }, model.id, h('p', { class: 'soft' }, `${pretty(model.role)} · ${model.version}`)),
    h('td', { data: { name: COLUMNS[1] } }, PHASES[model.phase]),
    h('td', { data: { name: COLUMNS[2] } }, BACKENDS[model.backend]),
    cells.map((text, place) => h('td', { class: 'number', data: { name: COLUMNS[3 + place] } }, text)),
    h('td', { class: 'number', data: { name: COLUMNS[7] } }, model.errors.toLocaleString(), model.last_error && h('p', { class: 'soft' }, pretty(model.last_error))));
}

const milliseconds = (model, value) => (model.count ? `${value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0ms` : '–');

function heatLine(sensors) {
  return sensors.length && h('p', { class: 'soft heat' }, sensors.map(([name, degrees]) => `${name} ${degrees.toFixed(0)} °C`).join(' · '));
}
