// Who decided what: the file, a hub, or people of this home, who have the last word.

import { call } from '/door/api.js';
import { card, h } from '/door/dom.js';

const WHO = { file: 'the configuration file', hub: 'the hub', local: 'here, on this page' };

export async function choicesCard(say, again) {
  const { settings } = await call('GET', '/settings');
  return card('Settings', h('p', { class: 'soft' }, 'What differs from the defaults, and who decided it. What is changed here wins over the hub until it is given back; the gateway starts anew with it.'),
    h('div', { class: 'scroll', role: 'region', 'aria-label': 'Settings', tabindex: 0 }, h('table', {},
      h('thead', {}, h('tr', {}, ['Setting', 'Value', 'Decided by', ''].map((name) => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, settings.map((setting) => row(setting, say, again))))));
}

function row({ path, value, origin, fixed }, say, again) {
  const plain = !fixed && (value === null || typeof value !== 'object');
  const box = h('td', {}, h('code', {}, short(value)));
  const change = h('button', { type: 'button', class: 'quiet', 'aria-label': `Change ${path}`, onclick: () => edit(box, path, value, say, again) }, 'Change');
  const release = h('button', { type: 'button', class: 'quiet', 'aria-label': `Give ${path} back`, onclick: () => tell(call('DELETE', `/settings/${encodeURIComponent(path)}`), say, again) }, 'Give back');
  return h('tr', { data: { path, origin } }, h('th', { scope: 'row' }, h('code', {}, path)), box, h('td', {}, WHO[origin]), h('td', {}, plain && change, origin === 'local' && release));
}

function edit(box, path, value, say, again) {
  const input = h('input', { value: value ?? '', 'aria-label': path });
  const form = h('form', { class: 'inline', onsubmit: (event) => {
    event.preventDefault();
    tell(call('POST', '/settings', { patch: nested(path, typed(input.value, value)) }), say, again);
  } }, input, h('button', { type: 'submit', class: 'quiet' }, 'Keep'));
  box.replaceChildren(form);
  input.focus();
}

/** A number stays a number, and a truth value one; everything else is text. */
function typed(text, before) {
  if (typeof before === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (typeof before === 'boolean' && ['true', 'false'].includes(text.trim())) return text.trim() === 'true';
  return text;
}

const nested = (path, value) => path.split('.').reduceRight((inner, key) => ({ [key]: inner }), value);

async function tell(request, say, again) {
  try {
    await request;
    say('Kept. The gateway starts anew with it.');
    again();
  } catch (error) {
    say(error.message);
  }
}

function short(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
