// Privacy: every byte that left this home, and every byte that waits to.

import { call } from '/door/api.js';
import { card, empty, h, trouble } from '/door/dom.js';
import { timeAgo } from '../time.js';
import { pretty } from '../words.js';

const PAGE = 25;

const ABOUT = {
  presence: 'For how many minutes of an hour somebody was in a room',
  events: 'How often each kind of event happened in an hour',
  climate: 'How far rooms were from what was wanted, and faults of heaters',
  energy: 'Kilowatt-hours by heater or plug',
  devices: 'How often each device reported, and whether it is well',
  models: 'How often each model was asked, failed, and how fast it was',
  health: 'Load, memory, disk and temperature of the gateway',
  updates: 'Which version runs, and how an update went',
  drops: 'What was thrown away because it could not leave',
};

export async function show({ body }) {
  const [uplink, { offers, wish }] = await Promise.all([call('GET', '/uplink'), call('GET', '/uplink/offers')]);
  const left = await leftCard();
  body.replaceChildren(...[introCard(uplink), streamCard(uplink.streams), spentCard(uplink.spent), hubCard(offers, wish), left].filter(Boolean));
}

function introCard({ host, totals }) {
  const all = Object.values(totals).reduce((sum, one) => sum + one.bytes, 0);
  return card('What leaves this home', h('p', {}, 'Only short summaries in numbers go to ', h('code', {}, host), '. No picture, no name and no text can: there is no place for them. Below is every byte of it.'),
    h('p', { class: 'soft' }, `So far ${size(all)} in all.`));
}

function streamCard(streams) {
  const peek = h('div', {});
  return card('Waiting to leave', h('div', { class: 'scroll', role: 'region', 'aria-label': 'Streams', tabindex: 0 }, h('table', {},
    h('thead', {}, h('tr', {}, ['Stream', 'Waiting', 'Since', ''].map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, streams.map((stream) => streamRow(stream, peek))))), peek);
}

function streamRow({ stream, enabled, rows, bytes, oldest_s }, peek) {
  const look = h('button', { type: 'button', class: 'quiet', 'aria-label': `Look at what waits of ${stream}`, onclick: () => lookAt(stream, peek) }, 'Look');
  return h('tr', { data: { stream } }, h('th', { scope: 'row' }, pretty(stream), h('p', { class: 'soft' }, ABOUT[stream] ?? '')),
    h('td', {}, enabled ? (rows ? `${rows.toLocaleString()} (${size(bytes)})` : 'nothing') : 'off: does not leave'),
    h('td', {}, oldest_s === null ? '' : timeAgo(new Date(Date.now() - oldest_s * 1000).toISOString())), h('td', {}, rows > 0 && look));
}

async function lookAt(stream, peek) {
  try {
    const { waiting } = await call('GET', `/uplink/waiting/${stream}?limit=${PAGE}`);
    peek.replaceChildren(h('h3', {}, `The first that wait of ${stream}`),
      waiting.length ? h('ol', { class: 'bytes' }, waiting.map((one) => h('li', {}, h('code', {}, one.body)))) : h('p', { class: 'soft' }, 'Nothing waits any more.'));
  } catch (error) {
    peek.replaceChildren(trouble(error, () => lookAt(stream, peek)));
  }
}

function spentCard(spent) {
  const days = Object.entries(spent).slice(-14).reverse();
  if (!days.length) return null;
  return card('Blurred counts', h('p', { class: 'soft' }, 'Counts of events carry noise, so that nobody can tell whether one of them happened. This is what it cost, by day.'),
    h('dl', {}, days.map(([day, epsilon]) => h('div', {}, h('dt', {}, day), h('dd', {}, `ε ${epsilon}`)))));
}

const STATES = {
  downloading: ['starting', 'being fetched'], installed: ['starting', 'here, not tried yet'], trying: ['starting', 'on trial'], confirmed: ['ok', 'works well'], rolled_back: ['degraded', 'taken back'], failed: ['down', 'did not work'], idle: ['off', 'of no use here'],
};
const WHAT = { settings: 'Settings', model: 'Model', image: 'System' };

/** What the hub brings, and what became of it; who decided each setting is told on the page System. */
function hubCard(offers, { version, rejected }) {
  const refused = Object.entries(rejected);
  if (!offers.length && !version) return null;
  return card('What the hub wants', offers.length ? h('div', { class: 'scroll', role: 'region', 'aria-label': 'Offers', tabindex: 0 }, h('table', {},
    h('thead', {}, h('tr', {}, ['What', 'Version', 'State', 'Campaign'].map((name) => h('th', { scope: 'col' }, name)))), h('tbody', {}, offers.map(offerRow)))) : null,
    h('p', { class: 'soft' }, version ? `Its wish ${version} for settings was ${refused.length ? 'not taken:' : 'looked at. Who decided which setting stands on the page System.'}` : 'It has wished for no settings.'),
    refused.length > 0 && h('ul', {}, refused.map(([path, key]) => h('li', {}, h('code', {}, path), ` ${pretty(key)}`))));
}

function offerRow({ campaign, what, name, version, back, state, key, heard }) {
  const [level, text] = STATES[state] ?? ['off', pretty(state)];
  return h('tr', {}, h('th', { scope: 'row' }, `${WHAT[what]} ${name}`.trim()), h('td', {}, version),
    h('td', {}, h('span', { class: 'level', data: { level } }, back && !['rolled_back', 'failed'].includes(state) ? 'being taken back' : text), key && h('p', { class: 'soft' }, pretty(key))),
    h('td', {}, campaign, !heard && h('p', { class: 'soft' }, 'the hub has not heard yet')));
}

async function leftCard() {
  const list = h('ol', { class: 'bytes', reversed: true });
  const more = h('button', { type: 'button', class: 'quiet wide', hidden: true }, 'Show older');
  let before = '';
  const older = async () => {
    const { left } = await call('GET', `/uplink/left?limit=${PAGE}${before && `&before=${before}`}`);
    list.append(...left.map(leftRow));
    before = left.at(-1)?.id ?? before;
    more.hidden = left.length < PAGE;
  };
  more.addEventListener('click', older);
  await older();
  return card('Everything that left, newest first', list.children.length ? list : empty('check', 'Nothing has left this home'), more);
}

function leftRow({ time, topic, bytes, body }) {
  return h('li', {}, h('p', { class: 'soft' }, timeAgo(time), ' · ', topic, ` · ${bytes.toLocaleString()} bytes`), h('code', {}, body));
}

function size(bytes) {
  if (bytes < 10_000) return `${bytes.toLocaleString()} bytes`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000).toLocaleString()} kB` : `${Math.round(bytes / 1e6).toLocaleString()} MB`;
}
