// What is wrong now, and what was.

import { call } from '/door/api.js';
import { card, empty, h } from '/door/dom.js';
import { alertSentence, level, pager, table, when } from '../words.js';

const MOST = 200;
const NAMES = ['Home', 'Alert', 'Level', 'Raised', 'Cleared'];

export async function show({ body }) {
  const { alerts } = await call('GET', '/alerts');
  const past = table('Past alerts', NAMES, []);
  const { more, next } = pager(async (last) => {
    const found = await call('GET', `/alerts?state=all&limit=${pager.size}${last ? `&before=${last.id}` : ''}`);
    return found.alerts;
  }, (alert) => table('', NAMES, [row(alert)]).querySelector('tbody tr'), past.querySelector('tbody'));
  await next();
  body.replaceChildren(
    card('Now', ...(alerts.length ? [table('Alerts that stand', NAMES, alerts.slice(-MOST).reverse().map(row)), alerts.length > MOST && h('p', { class: 'soft' }, `and ${(alerts.length - MOST).toLocaleString()} older ones`)] : [empty('check', 'All homes are well')])),
    card('History', past, more));
}

function row(alert) {
  return [h('a', { href: `/homes/${alert.home}`, data: { page: '' } }, alert.home), alertSentence(alert), level(alert.cleared ? 'off' : alert.level, alert.level),
    when(alert.raised), alert.cleared ? when(alert.cleared) : 'stands'];
}
