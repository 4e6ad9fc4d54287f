// The frame of the page: who is here, where we are, what they may see.

import { call, session } from '/door/api.js';
import { h, icon, loading, trouble } from '/door/dom.js';
import { tickTimes } from './time.js';
import * as alerts from './pages/alerts.js';
import * as audit from './pages/audit.js';
import * as campaigns from './pages/campaigns.js';
import * as enrolment from './pages/enrolment.js';
import * as home from './pages/home.js';
import * as homes from './pages/homes.js';
import * as people from './pages/people.js';

const RANKS = ['viewer', 'operator', 'admin'];
const PAGES = {
  '/': { title: 'Homes', drawing: 'home', show: homes.show },
  '/alerts': { title: 'Alerts', drawing: 'warn', show: alerts.show },
  '/campaigns': { title: 'Campaigns', drawing: 'upload', show: campaigns.show },
  '/enrolment': { title: 'Enrolment', drawing: 'device', show: enrolment.show, rank: 'operator' },
  '/audit': { title: 'Audit', drawing: 'events', show: audit.show, rank: 'operator' },
  '/people': { title: 'People', drawing: 'people', show: people.show },
};

const $ = (id) => document.getElementById(id);
let me = null;
let visit = 0;

const may = (rank) => RANKS.indexOf(me.rank) >= RANKS.indexOf(rank);

function pageAt(path) {
  const id = path.match(/^\/homes\/([a-z0-9_-]+)$/)?.[1];
  return id ? { title: id, show: (context) => home.show({ ...context, id }) } : PAGES[path] ?? PAGES['/'];
}

async function go(path, { focus = true } = {}) {
  const page = pageAt(path);
  const mine = ++visit;
  document.title = `${page.title} · Hearthgate hub`;
  markNav(path);
  const body = h('div', { class: 'page' });
  const title = h('h1', { tabindex: -1 }, page.title);
  $('main').replaceChildren(title, body);
  if (focus) title.focus();
  body.append(loading());
  try {
    await page.show({ body, title, me, may, say, again: () => go(path, { focus: false }) });
  } catch (error) {
    if (error.status === 401) location.replace('/login');
    else if (mine === visit) body.replaceChildren(trouble(error, () => go(path)));
    if (error.status === undefined) throw error;
  }
}

function say(text) {
  $('say').textContent = text;
}

function markNav(path) {
  for (const link of $('nav').querySelectorAll('a')) {
    const here = link.getAttribute('href') === path || (link.getAttribute('href') === '/' && path.startsWith('/homes/'));
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function drawFrame() {
  $('nav').append(...Object.entries(PAGES).filter(([, page]) => may(page.rank ?? 'viewer')).map(([path, page]) =>
    h('a', { href: path, data: { page: '' } }, icon(page.drawing), h('span', {}, page.title))));
  $('theme').append(icon('theme'), h('span', {}, 'Light or dark'));
  $('theme').addEventListener('click', switchTheme);
  $('leave').append(icon('leave'), h('span', {}, 'Sign out'));
  $('leave').addEventListener('click', signOut);
  const troubles = Object.entries(me.trouble).map(([part, key]) => `${part}: ${key.replaceAll('_', ' ')}`);
  $('banner').hidden = !troubles.length;
  $('banner').replaceChildren(...(troubles.length ? [icon('warn'), h('span', {}, troubles.join(', '))] : []));
}

function switchTheme() {
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  say(next === 'dark' ? 'Dark colours' : 'Light colours');
  try {
    localStorage.setItem('theme', next);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
}

async function signOut() {
  await call('POST', '/logout').catch((error) => say(error.message));
  location.replace('/login');
}

function followLinks(event) {
  const link = event.target.closest('a[data-page]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (link.pathname !== location.pathname) history.pushState(null, '', link.pathname);
  go(link.pathname);
}

async function start() {
  try {
    me = await session();
  } catch (error) {
    $('main').replaceChildren(trouble(error, start));
    return;
  }
  if (!me.name) {
    location.replace('/login');
    return;
  }
  drawFrame();
  document.addEventListener('click', followLinks);
  addEventListener('popstate', () => go(location.pathname));
  setInterval(tickTimes, 10_000);
  await go(location.pathname, { focus: false });
}

start();
