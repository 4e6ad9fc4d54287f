// Models and images of the registry: who has what, and how more comes in and moves on.

import { call } from '/door/api.js';
import { card, empty, h } from '/door/dom.js';
import { field, form, sure, table, when } from './words.js';

const NEXT = { dev: 'beta', beta: 'stable' };
const KINDS = {
  models: { title: 'Models', nameOf: (one) => one.model, names: ['Model', 'Version', 'Serial', 'Size', 'Channels', 'Since', ''], ends: '.hgmodel', hint: 'A signed bundle, as services/factory packs it' },
  images: { title: 'Images', nameOf: (one) => one.board, names: ['Board', 'Version', 'Size', 'Channels', 'Since', ''], ends: '.raucb', hint: 'A signed bundle of RAUC' },
};

/** `found` as the API lists it; operators may bring, promote and remove. */
export function bundleCard(kind, found, steers, again) {
  const { title, names, ends, hint } = KINDS[kind];
  const list = found.length ? table(title, steers ? names : names.slice(0, -1), found.map((one) => row(kind, one, steers, again))) : empty('upload', `No ${kind} yet`, hint);
  const more = kind === 'images' ? [field('board', 'Board', { pattern: '[a-z0-9_]{1,16}', placeholder: 'rpi', autocapitalize: 'none' }), field('version', 'Version', { placeholder: '1.3.0' })] : [];
  const add = form([field('file', 'File', { type: 'file', accept: ends }), ...more], 'Upload', async ({ file, ...about }) => {
    const query = more.length ? `?${new URLSearchParams(about)}` : '';
    await call('POST', `/${kind}${query}`, file);
    again();
  });
  return card(title, list, steers && h('h3', {}, 'Bring another one, into dev'), steers && add);
}

const size = (bytes) => (bytes < 1e7 ? `${Math.ceil(bytes / 1e3).toLocaleString()} kB` : `${Math.round(bytes / 1e6).toLocaleString()} MB`);

function row(kind, one, steers, again) {
  const facts = kind === 'models' ? [one.model, one.version, one.serial] : [one.board, one.version];
  return [...facts, size(one.bytes), one.channels.join(', ') || 'none', when(one.added), ...(steers ? [h('span', { class: 'acts' }, acts(kind, one, again))] : [])];
}

function acts(kind, one, again) {
  const promote = one.channels.map((channel) => NEXT[channel]).filter((next) => next && !one.channels.includes(next)).map((channel) =>
    sure(`To ${channel}`, `Give it to ${channel}?`, async () => {
      await call('POST', `/${kind}/${KINDS[kind].nameOf(one)}/promote`, { channel });
      again();
    }));
  return [...promote, sure('Remove', 'Hand it out no more, and end its campaigns?', async () => {
    await call('DELETE', `/bundles/${one.sha256}`);
    again();
  })];
}
