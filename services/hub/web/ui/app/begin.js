// A form that begins a campaign: what to whom, and how carefully.

import { call } from '/door/api.js';
import { card, h } from '/door/dom.js';
import { area, choice, field, form, jsonOf, labelsOf } from './words.js';

const SETTINGS = 'settings, as below';

/** What may be brought, by how it is called in the list. */
function wishes(models, images) {
  const found = new Map([[SETTINGS, null]]);
  for (const one of models) found.set(`${one.model} ${one.version}, serial ${one.serial}${held(one)}`, { what: 'model', model: one.model, sha256: one.sha256, serial: one.serial });
  for (const one of images) found.set(`image for ${one.board} ${one.version}${held(one)}`, { what: 'image', sha256: one.sha256, version: one.version });
  return found;
}

const held = (one) => (one.channels.length ? ` (${one.channels.join(', ')})` : '');

export function beginCard(models, images, again) {
  const found = wishes(models, images);
  const patch = area('patch', 'Settings, in JSON', { placeholder: '{"climate": {"pause_s": 90}}' });
  const what = choice('what', 'What', [...found.keys()]);
  const begin = form([what, field('labels', 'For homes with', { required: false, placeholder: 'all; or ring=canary' }),
    field('share', 'Share of them, %', { type: 'number', min: 1, max: 100, value: 100 }), field('first', 'Homes in the first wave', { type: 'number', min: 1, max: 100000, value: 5 }), patch], 'Begin', async (given) => {
    await call('POST', '/campaigns', {
      wish: found.get(given.what) ?? { what: 'settings', patch: jsonOf(given.patch) },
      labels: labelsOf(given.labels), share: Number(given.share) / 100, pace: { first: Number(given.first) },
    });
    again();
  });
  const chosen = what.querySelector('select');
  const input = patch.querySelector('textarea');
  chosen.addEventListener('change', () => {
    patch.hidden = chosen.value !== SETTINGS;
    input.disabled = patch.hidden;
  });
  return card('Begin a campaign', h('p', { class: 'soft' }, 'A few homes at first, then more as they say themselves that all is well; it stops and takes everything back where too many fail.'), begin);
}
