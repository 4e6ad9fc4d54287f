// What is being brought to many homes, and how far it is.

import { call } from '/door/api.js';
import { card, empty, h } from '/door/dom.js';
import { beginCard } from '../begin.js';
import { bundleCard } from '../bundles.js';
import { labels, level, pretty, sure, when } from '../words.js';

const LEVELS = {
  confirmed: 'ok', begun: 'busy', offered: 'busy', failed: 'critical', rolled_back: 'critical', timed_out: 'critical', recalling: 'warning', recalled: 'warning', unrecalled: 'critical',
};
const ORDER = ['confirmed', 'begun', 'offered', 'waiting', 'recalling', 'recalled', 'failed', 'rolled_back', 'timed_out', 'unrecalled', 'withdrawn', 'superseded'];
const WHY = { by_hand: 'by hand', failures: 'too many failures', bundle_removed: 'its bundle was removed' };

export async function show({ body, may, again }) {
  const [{ campaigns }, { models }, { images }] = await Promise.all([call('GET', '/campaigns'), call('GET', '/models'), call('GET', '/images')]);
  const steers = may('operator');
  const cards = campaigns.map((one) => campaignCard(one, steers, again));
  if (!cards.length) cards.push(card('Campaigns', empty('upload', 'Nothing was brought to many homes yet')));
  if (steers) cards.push(beginCard(models, images, again));
  body.replaceChildren(...cards, bundleCard('models', models, steers, again), bundleCard('images', images, steers, again));
}

function campaignCard(one, steers, again) {
  const { plan } = one;
  const all = Object.values(one.homes).reduce((sum, count) => sum + count, 0);
  const known = ORDER.filter((state) => one.homes[state]);
  const facts = [['State', [level(one.state === 'running' ? 'ok' : 'off', one.state), one.why && ` ${WHY[one.why] ?? pretty(one.why)}`]], ['Begun', when(one.made)],
    ['For', Object.keys(plan.labels).length ? labels(plan.labels) : 'all homes'], ['Share', `${Math.round(plan.share * 100)} %`], ['Homes', all.toLocaleString()]];
  return card(`${one.number}: ${pretty(one.lane)} ${target(plan.wish)}`,
    h('div', { class: 'parts', role: 'img', 'aria-label': known.map((state) => `${one.homes[state]} ${pretty(state)}`).join(', ') || 'no homes yet' },
      known.map((state) => share(state, one.homes[state], all))),
    h('p', { class: 'legend' }, known.map((state) => level(LEVELS[state] ?? 'off', `${one.homes[state].toLocaleString()} ${pretty(state)}`))),
    h('dl', { class: 'facts' }, facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
    steers && one.state !== 'stopped' && steering(one, again));
}

const target = (wish) => (wish.what === 'model' ? `serial ${wish.serial}` : wish.version ?? '');

/** A part of the bar: the grid cannot take widths from here without a style, so it is drawn. */
function share(state, count, all) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 1 1');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('width', `${(count / all) * 100}%`);
  svg.dataset.level = LEVELS[state] ?? 'off';
  const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  bar.setAttribute('width', '1');
  bar.setAttribute('height', '1');
  svg.append(bar);
  return svg;
}

function steering(one, again) {
  const act = (name, body = {}) => async () => {
    await call('POST', `/campaigns/${one.number}/${name}`, body);
    again();
  };
  return h('div', { class: 'actions' },
    one.state === 'running' ? sure('Pause', 'No more offers for now?', act('pause')) : sure('Resume', 'Go on with offers?', act('resume')),
    sure('Stop', 'End it for good, and leave what arrived?', act('stop', { recall: false })),
    sure('Take back', 'End it, and take it back everywhere?', act('stop', { recall: true })));
}
