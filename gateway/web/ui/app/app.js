// The frame of the page: who is here, where we are, whether the gateway is still there.

import { call, session } from '/door/api.js';
import { h, icon, loading, trouble } from '/door/dom.js';
import { tickTimes } from './time.js';
import { updates } from './updates.js';
import * as climate from './pages/climate.js';
import * as events from './pages/events.js';
import * as home from './pages/home.js';
import * as people from './pages/people.js';
import * as privacy from './pages/privacy.js';
import * as system from './pages/system.js';
import * as machine from './pages/machine.js';

const PAGES = {
  '/': { title: 'Home', drawing: 'home', show: home.show },
  '/events': { title: 'Events', drawing: 'events', show: events.show },
  '/climate': { title: 'Climate', drawing: 'heater', show: climate.show, part: 'climate' },
  '/people': { title: 'People', drawing: 'people', show: people.show },
  '/privacy': { title: 'Privacy', drawing: 'privacy', show: privacy.show, part: 'uplink' },
  '/system': { title: 'System', drawing: 'system', show: system.show },
  '/updates': { title: 'Updates', within: '/system', show: machine.show },
};

const $ = (id) => document.getElementById(id);
let me = null;
let leavePage = () => {};
let visit = 0;

async function go(path, { focus = true } = {}) {
  const page = PAGES[path] ?? PAGES['/'];
  const mine = ++visit;
  leavePage();
  leavePage = () => {};
  document.title = `${page.title} · ${me.gateway}`;
  markNav(path);
  const body = h('div', { class: 'page' });
  const title = h('h1', { tabindex: -1 }, page.title);
  $('main').replaceChildren(title, body);
  if (focus) title.focus();
  body.append(loading());
  try {
    const leave = await page.show({ body, title, me, say, again: () => go(path) });
    if (mine === visit) leavePage = leave ?? leavePage;
    else leave?.();
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
    if (link.getAttribute('href') === (PAGES[path]?.within ?? path)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function drawFrame() {
  $('gateway').textContent = me.gateway;
  $('nav').append(...Object.entries(PAGES).filter(([, page]) => !page.within && (!page.part || me.parts[page.part])).map(([path, page]) =>
    h('a', { href: path, data: { page: '' } }, icon(page.drawing), h('span', {}, page.title))));
  $('theme').append(icon('theme'), h('span', {}, 'Light or dark'));
  $('theme').addEventListener('click', switchTheme);
  $('leave').append(icon('leave'), h('span', {}, 'Sign out'));
  $('leave').addEventListener('click', signOut);
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

function showBanner() {
  const [text, kind] = updates.connected || !updates.everConnected
    ? [me.safe_mode ? 'Safe mode: the configuration has errors, so cameras and devices are off. See System.' : '', 'warn']
    : ['The connection to the gateway is lost. Trying again…', 'lost'];
  $('banner').hidden = !text;
  $('banner').dataset.kind = kind;
  $('banner').replaceChildren(...(text ? [icon(kind), h('span', {}, text)] : []));
}

async function start() {
  try {
    me = await session();
  } catch (error) {
    $('main').replaceChildren(trouble(error, start));
    return;
  }
  if (!me.user) {
    location.replace('/login');
    return;
  }
  drawFrame();
  showBanner();
  document.addEventListener('click', followLinks);
  addEventListener('popstate', () => go(location.pathname));
  updates.addEventListener('connection', showBanner);
  updates.addEventListener('resync', () => go(location.pathname, { focus: false }));
  updates.start();
  setInterval(tickTimes, 10_000);
  await go(location.pathname, { focus: false });
}

start();
