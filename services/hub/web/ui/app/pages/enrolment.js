// Who is expected: one-time tokens for new gateways.

import { call } from '/door/api.js';
import { card, empty, h } from '/door/dom.js';
import { field, form, labels, labelsOf, secret, sure, table, when } from '../words.js';

export async function show({ body, again }) {
  const { invitations } = await call('GET', '/invitations');
  const told = h('div', {});
  const invite = form([field('home', 'Id of the home', { pattern: '[a-z0-9][a-z0-9_\\-]{0,47}', autocapitalize: 'none', spellcheck: 'false' }),
    field('labels', 'Labels', { required: false, placeholder: 'ring=canary site=oslo' })], 'Make a token', async (given) => {
    const made = await call('POST', '/invitations', { home: given.home, labels: labelsOf(given.labels) });
    told.replaceChildren(secret(`On the gateway of ${made.home}, once, within a day:`, `hearthgate uplink enrol ${location.origin} ${made.token}`));
  });
  body.replaceChildren(card('Expect a gateway', invite, told), card('Expected', list(invitations, again)));
}

function list(invitations, again) {
  if (!invitations.length) return empty('device', 'Nobody is expected');
  return table('Invitations', ['Home', 'Labels', 'Made', 'State', ''], invitations.map((one) => [one.home, labels(one.labels), when(one.created), state(one),
    !one.used && sure('Take back', 'Sure?', async () => {
      await call('DELETE', `/invitations/${one.home}`);
      again();
    })]));
}

function state({ used, expires }) {
  if (used) return ['used ', when(used)];
  return new Date(expires) < new Date() ? 'expired' : ['expires ', when(expires)];
}
