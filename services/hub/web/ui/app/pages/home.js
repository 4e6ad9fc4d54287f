// One home: its last day in numbers, and what may be done with it.

import { call } from '/door/api.js';
import { card, empty, h, icon } from '/door/dom.js';
import { bars, byHour, HOURS, newest, round, sum } from '../bars.js';
import { alertSentence, field, form, labels, labelsOf, pretty, standing, sure, table, when } from '../words.js';
import { wishCard } from '../wishes.js';

const STREAMS = ['climate', 'energy', 'presence', 'health', 'models', 'drops'];

export async function show({ body, id, may, again }) {
  const since = new Date(Date.now() - (HOURS + 1) * 3_600_000).toISOString();
  const query = (stream) => `/homes/${id}/rows?${new URLSearchParams({ stream, since, limit: 10000 })}`;
  const [home, { alerts }, twin, ...found] = await Promise.all([call('GET', `/homes/${id}`), call('GET', `/alerts?state=all&limit=20&home=${id}`), call('GET', `/homes/${id}/twin`),
    ...STREAMS.map((stream) => call('GET', query(stream)))]);
  const rows = Object.fromEntries(STREAMS.map((stream, place) => [stream, found[place].rows]));
  body.replaceChildren(...[about(home), worries(alerts), comfort(rows.climate), energy(rows.energy), presence(rows.presence),
    health(rows.health), models(rows.models), drops(rows.drops), wishCard(id, twin, may('operator'), again), may('operator') && actions(home, again)].filter(Boolean));
}

function about(home) {
  const facts = [['Heard', when(home.seen)], ['Connection', home.online ? 'online' : 'offline'], ['Version', home.version ?? 'unknown'],
    ['Proves itself by', home.by], ['Since', when(home.created)], ['Labels', Object.keys(home.labels).length ? labels(home.labels) : 'none']];
  return card('Now', h('p', {}, standing(home)), h('dl', { class: 'facts' }, facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))));
}

function worries(alerts) {
  if (!alerts.length) return null;
  return card('Alerts', h('ul', { class: 'worries' }, alerts.map((alert) => h('li', { class: 'note', data: { level: alert.cleared ? 'past' : alert.level } },
    icon(alert.cleared ? 'check' : 'warn'), h('div', {}, h('p', {}, alertSentence(alert)),
      h('p', { class: 'soft' }, 'raised ', when(alert.raised), alert.cleared && [', cleared ', when(alert.cleared)]))))));
}

function plots(title, drawn, none) {
  return card(title, drawn.length ? h('div', { class: 'plots' }, drawn) : empty('reading', none));
}

function comfort(rows) {
  const rooms = rows.filter((row) => row.kind === 'comfort');
  const missed = byHour(rooms, (row) => row.room, (row) => row.kh_below + row.kh_above);
  const faults = byHour(rows.filter((row) => row.kind === 'heater_fault'), (row) => `${row.room}: ${pretty(row.fault)}`, (row) => row.seconds / 60);
  return plots('Comfort', [
    ...missed.map(([room, values]) => bars(pretty(room), values, { unit: 'K·h', told: `${round(sum(values))} K·h off`, most: 0.5 })),
    ...faults.map(([fault, values]) => bars(fault, values, { unit: 'min', told: `${round(sum(values))} min`, kind: 'bad', most: 60 })),
  ], 'No rooms in the last day');
}

function energy(rows) {
  return plots('Energy', byHour(rows, (row) => row.thing, (row) => row.kwh).map(([thing, values]) =>
    bars(pretty(thing), values, { unit: 'kWh', told: `${round(sum(values))} kWh` })), 'Nothing metered in the last day');
}

function presence(rows) {
  return plots('Presence', byHour(rows, (row) => row.room, (row) => row.minutes).map(([room, values]) =>
    bars(pretty(room), values, { unit: 'min', told: `${round(sum(values) / 60)} h`, kind: 'calm', most: 60 })), 'This home does not tell');
}

function health(rows) {
  const one = (title, number, told, more = {}) => byHour(rows, () => title, number, { add: false }).map(([, values]) =>
    bars(title, values, { told: told(newest(values)), kind: 'calm', ...more }));
  return plots('Gateway', [
    ...one('Load', (row) => row.cpu_share, (value) => `${round(value)} cores`, { unit: 'cores', most: 1 }),
    ...one('Memory', (row) => row.rss_mb, (value) => `${round(value)} MB`, { unit: 'MB' }),
    ...one('Free on disk', (row) => row.disk_free_mb, (value) => `${round(value)} MB`, { unit: 'MB' }),
    ...one('Temperature', (row) => row.temp_c, (value) => `${round(value)} °C`, { unit: '°C', most: 80 }),
    ...one('Parts not well', (row) => row.parts_degraded + row.parts_down, (value) => round(value), { kind: 'bad', most: 5 }),
  ], 'Nothing heard of the gateway in the last day');
}

function models(rows) {
  const last = new Map(rows.map((row) => [row.model, row]));
  if (!last.size) return null;
  return card('Models', table('Models', ['Model', 'Serial', 'Asked', 'Failed', 'Slowest of 20'], [...last.values()].map((row) =>
    [row.model, row.serial, row.inferences.toLocaleString(), row.failures.toLocaleString(), row.p95_ms === undefined ? '' : `${round(row.p95_ms)} ms`])));
}

function drops(rows) {
  if (!rows.length) return null;
  const found = byHour(rows, (row) => `${row.stream}, ${row.reason}`, (row) => row.count);
  return plots('Never arrived', found.map(([what, values]) => bars(what, values, { told: `${sum(values).toLocaleString()}`, kind: 'bad' })), '');
}

function actions(home, again) {
  const text = Object.entries(home.labels).map((pair) => pair.join('=')).join(' ');
  const relabel = form([field('labels', 'Labels', { value: text, required: false, placeholder: 'ring=canary site=oslo' })], 'Save labels', async (given) => {
    await call('PUT', `/homes/${home.id}/labels`, { labels: labelsOf(given.labels) });
    again();
  });
  const act = (name) => async () => {
    await call('POST', `/homes/${home.id}/${name}`);
    again();
  };
  return card('Change', relabel, h('div', { class: 'actions' },
    sure('Forget instance', 'Let a gateway with a new disk in at once?', act('release')),
    !home.revoked && sure('Revoke', 'Nothing of this home will be taken any more. Sure?', act('revoke'))));
}
