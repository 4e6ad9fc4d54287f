// All homes: who is there, when they were heard, what is wrong.

import { call } from '/door/api.js';
import { card, empty, h } from '/door/dom.js';
import { labels, standing, table, when } from '../words.js';
import { manyCard } from '../wishes.js';

const PAGE = 100;

export async function show({ body, may }) {
  const groups = await call('GET', '/groups');
  const list = h('div', {});
  const choose = filter(groups.labels, (label) => fill(list, label));
  await fill(list, '');
  body.replaceChildren(card(`${groups.homes.toLocaleString()} ${groups.homes === 1 ? 'home' : 'homes'}`, choose, list), ...(may('operator') && groups.homes ? [manyCard()] : []));
}

function filter(known, choose) {
  const options = Object.entries(known).flatMap(([key, values]) => Object.entries(values).map(([value, count]) => [`${key}=${value}`, count]));
  if (!options.length) return null;
  return h('div', { class: 'field filter' }, h('label', { for: 'label' }, 'Label'), h('select', { id: 'label', onchange: (event) => choose(event.target.value) },
    h('option', { value: '' }, 'all'), options.map(([label, count]) => h('option', { value: label }, `${label} (${count})`))));
}

async function fill(list, label) {
  const found = await page(label, '');
  if (!found.length) {
    list.replaceChildren(empty('home', 'No home here yet', 'Enrolment says how one comes in.'));
    return;
  }
  const shown = table('Homes', ['Home', 'State', 'Heard', 'Version', 'Labels'], found.map(row));
  const more = h('button', { class: 'quiet wide', type: 'button', hidden: found.length < PAGE }, 'Show more');
  let last = found.at(-1).id;
  more.addEventListener('click', async () => {
    const next = await page(label, last);
    last = next.at(-1)?.id ?? last;
    more.hidden = next.length < PAGE;
    const rows = table('', ['Home', 'State', 'Heard', 'Version', 'Labels'], next.map(row));
    shown.querySelector('tbody').append(...rows.querySelectorAll('tbody tr'));
  });
  list.replaceChildren(shown, more);
}

async function page(label, after) {
  const query = new URLSearchParams({ limit: PAGE, after });
  if (label) query.set('label', label);
  return (await call('GET', `/homes?${query}`)).homes;
}

function row(home) {
  return [h('a', { href: `/homes/${home.id}`, data: { page: '' } }, home.id), standing(home), when(home.seen), home.version ?? '', labels(home.labels)];
}
