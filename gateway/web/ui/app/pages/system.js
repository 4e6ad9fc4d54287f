// System: how every part is doing, and what is wrong with the configuration when it is.

import { call } from '/door/api.js';
import { card, h, icon } from '/door/dom.js';
import { accountsCard } from '../accounts.js';
import { authorityCard } from '../authority.js';
import { choicesCard } from '../choices.js';
import { updatesCard } from '../machine.js';
import { modelCard } from '../models.js';
import { timeAgo } from '../time.js';
import { updates } from '../updates.js';
import { LEVELS, pretty } from '../words.js';

const WORST_FIRST = ['down', 'degraded', 'starting', 'ok', 'off'];

export async function show({ body, me, say, again }) {
  const [{ states }, { counters }, { worries, problems }] = await Promise.all([call('GET', '/states'), call('GET', '/counters'), call('GET', '/doctor')]);
  const leave = new AbortController();
  const models = await modelCard(leave.signal);
  const choices = me.parts.choices ? await choicesCard(say, again) : null;
  const below = me.parts.machine ? await updatesCard() : null;
  const accounts = me.parts.accounts ? await accountsCard() : null;
  const authority = me.parts.authority ? await authorityCard() : null;
  body.replaceChildren(...[problems.length && problemCard(problems), doctorCard(worries), below, accounts, authority, models, stateCard(states, leave.signal), choices, counterCard(counters), aboutCard(me)].filter(Boolean));
  return () => leave.abort();
}

function problemCard(problems) {
  return card('The configuration has errors', h('p', { class: 'soft' }, 'The gateway runs in safe mode: this page works, cameras and devices are off. Correct these places and restart it.'),
    h('ol', { class: 'problems' }, problems.map((problem) => h('li', {},
      h('code', {}, `${problem.file}:${problem.line}`), ' ', h('code', {}, problem.path),
      h('p', {}, problem.message), problem.hint && h('p', { class: 'soft' }, problem.hint)))));
}

function doctorCard(worries) {
  const real = worries.filter((worry) => worry.level === 'down' || worry.level === 'degraded');
  if (!real.length) return card('Doctor', h('p', { class: 'note', data: { level: 'ok' } }, icon('check'), 'No worries.'));
  return card('Doctor', h('ul', { class: 'worries' }, real.map((worry) => h('li', { class: 'note', data: { level: worry.level } },
    icon('warn'), h('div', {}, h('strong', {}, pretty(worry.part.replaceAll('/', ' '))), h('p', {}, worry.detail || pretty(worry.key)))))));
}

function stateCard(states, signal) {
  const known = new Map(states.map((state) => [state.part, state]));
  const rows = h('tbody');
  const draw = () => rows.replaceChildren(...[...known.values()].sort(worstFirst).map(stateRow));
  updates.addEventListener('state', ({ detail }) => draw(known.set(detail.part, detail)), { signal });
  draw();
  return card('Every part', h('div', { class: 'scroll', role: 'region', 'aria-label': 'Every part', tabindex: 0 }, h('table', {},
    h('thead', {}, h('tr', {}, ['Part', 'State', 'Because', 'Since'].map((name) => h('th', { scope: 'col' }, name)))), rows)));
}

const worstFirst = (a, b) => WORST_FIRST.indexOf(a.level) - WORST_FIRST.indexOf(b.level) || a.part.localeCompare(b.part);

function stateRow(state) {
  return h('tr', { data: { part: state.part } }, h('th', { scope: 'row' }, state.part),
    h('td', {}, h('span', { class: 'level', data: { level: state.level } }, LEVELS[state.level])),
    h('td', {}, h('code', {}, state.key), state.detail && h('p', { class: 'soft' }, state.detail)), h('td', {}, timeAgo(state.since)));
}

function counterCard(counters) {
  const areas = new Map();
  for (const [name, value] of Object.entries(counters)) {
    const [area] = name.split('.');
    areas.set(area, [...(areas.get(area) ?? []), [name.slice(area.length + 1) || name, value]]);
  }
  if (!areas.size) return card('Counters', h('p', { class: 'soft' }, 'Nothing has been counted yet.'));
  return card('Counters', h('div', { class: 'areas' }, [...areas].map(([area, counts]) => h('div', {}, h('h3', {}, pretty(area)),
    h('dl', {}, counts.map(([name, value]) => h('div', {}, h('dt', {}, name.replaceAll(/[._]/g, ' ')), h('dd', {}, value.toLocaleString()))))))));
}

function aboutCard(me) {
  return card('About', h('p', {}, `${me.gateway} · Hearthgate ${me.version} · signed in as ${me.user}`));
}
