// Who changed what, and when.

import { call } from '/door/api.js';
import { card } from '/door/dom.js';
import { pager, pretty, table, when } from '../words.js';

const NAMES = ['When', 'Who', 'What', 'About', 'Detail'];

export async function show({ body }) {
  const list = table('Audit', NAMES, []);
  const { more, next } = pager(async (last) => {
    const found = await call('GET', `/audit?limit=${pager.size}${last ? `&before=${last.id}` : ''}`);
    return found.audit;
  }, (deed) => table('', NAMES, [row(deed)]).querySelector('tbody tr'), list.querySelector('tbody'));
  await next();
  body.replaceChildren(card('Every change, newest first', list, more));
}

function row({ at, who, what, subject, detail }) {
  return [when(at), who, pretty(what), subject, Object.entries(detail).map((pair) => pair.join('=')).join(', ')];
}
