// What is wished of settings, and what became of it.

import { call } from '/door/api.js';
import { card, empty, h } from '/door/dom.js';
import { area, field, form, jsonOf, labelsOf, level, table, when } from './words.js';

const WHY = {
  pending: ['busy', 'the home has not looked at it yet'],
  local: ['warning', 'people of the home decided otherwise'],
  untold: ['off', 'the home does not tell texts and names'],
  different: ['warning', 'something else stands there'],
  setting_local: ['warning', 'people of the home decided otherwise'],
  setting_invalid: ['critical', 'the home cannot have it so'],
};
const EXAMPLE = '{"climate": {"pause_s": 90}}';

const value = (one) => (one === null || one === undefined ? h('span', { class: 'soft' }, 'left to the home') : h('code', {}, JSON.stringify(one)));

function leaves(patch, path = []) {
  return Object.entries(patch).flatMap(([key, one]) => (one && typeof one === 'object' && !Array.isArray(one) ? leaves(one, [...path, key]) : [[[...path, key].join('.'), one]]));
}

/** Of one home; `twin` as the API has it. */
export function wishCard(home, twin, steers, again) {
  const open = new Map(twin.differences.map((one) => [one.path, one]));
  const wished = leaves(twin.patch);
  const list = wished.length ? table('Wishes', ['Setting', 'Wished', 'Reported', 'State'], wished.map(([path, one]) => [path, value(one), told(twin, open.get(path), one), state(open.get(path))]))
    : empty('check', 'Nothing is wished of this home');
  const reported = twin.reported_at && h('p', { class: 'soft' }, 'It last told of its settings ', when(twin.reported_at));
  const change = form([area('patch', 'Wish, in JSON; null leaves a setting to the home again', { placeholder: EXAMPLE })], 'Wish', async ({ patch }) => {
    await call('PATCH', `/homes/${home}/twin`, { patch: jsonOf(patch) });
    again();
  });
  return card('Settings', list, reported, steers && change);
}

function told(twin, open, wished) {
  if (!twin.reported) return h('span', { class: 'soft' }, 'nothing yet');
  if (!open) return value(wished);
  return open.reported === null ? h('span', { class: 'soft' }, 'not told') : value(open.reported);
}

function state(open) {
  if (!open) return level('ok', 'as wished');
  const [name, text] = WHY[open.key] ?? ['warning', open.key.replaceAll('_', ' ')];
  return level(name, text);
}

/** Of many homes at once. */
export function manyCard() {
  const said = h('p', { role: 'status' });
  const wish = form([field('labels', 'Labels', { required: false, placeholder: 'all homes; or ring=canary site=oslo' }), area('patch', 'Wish, in JSON', { placeholder: EXAMPLE })], 'Wish of all these', async (given) => {
    const { homes } = await call('POST', '/wishes', { patch: jsonOf(given.patch), labels: labelsOf(given.labels) });
    said.textContent = `Wished of ${homes.toLocaleString()} ${homes === 1 ? 'home' : 'homes'}.`;
  });
  return card('Wish for settings', h('p', { class: 'soft' }, 'All at once, and without looking back. A campaign does it a few homes at a time and takes it back where it fails.'), wish, said);
}
