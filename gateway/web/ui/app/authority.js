// Whom a computer has to believe, so that it warns of this page no more and devices know the broker for the right one.

import { call, url } from '/door/api.js';
import { card, h } from '/door/dom.js';

/** Nothing where the certificate is from an authority that everybody knows. */
export async function authorityCard() {
  try {
    return draw(await call('GET', '/authority'));
  } catch (error) {
    if (error.key === 'part_off') return null;
    return card('Certificate', h('div', { class: 'note', data: { level: 'degraded' } }, error.message));
  }
}

function draw({ name, until, sha256 }) {
  return card('Certificate', h('p', { class: 'soft' }, 'No public authority knows your house, so browsers warn of this page. They stop once this file is imported as an authority; devices at the broker want it, too (“CA certificate”). It vouches for this gateway’s names and for addresses of a home, for nothing else.'),
    h('p', {}, h('a', { href: url('/authority.crt'), download: '' }, 'Save the certificate'), ` of ${name}, good until ${until}`),
    h('p', { class: 'soft fingerprint' }, 'SHA-256 ', h('code', {}, sha256)));
}
