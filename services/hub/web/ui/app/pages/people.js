// Operators, tokens of programs, and one's own password.

import { call } from '/door/api.js';
import { card, empty, h } from '/door/dom.js';
import { choice, field, form, secret, sure, table, when } from '../words.js';

const RANKS = ['viewer', 'operator', 'admin'];
const PASSWORD = { type: 'password', autocomplete: 'new-password', maxlength: 256 };

export async function show({ body, me, may, again }) {
  const cards = [own(me)];
  if (may('admin')) {
    const [{ operators }, { tokens }] = await Promise.all([call('GET', '/operators'), call('GET', '/tokens')]);
    cards.unshift(people(operators, again), programs(tokens, again));
  }
  body.replaceChildren(...cards);
}

function people(operators, again) {
  const add = form([field('name', 'Name', { maxlength: 64, autocapitalize: 'none' }), field('password', 'First password', PASSWORD), choice('rank', 'Rank', RANKS)], 'Add', async (given) => {
    await call('POST', '/operators', given);
    again();
  });
  return card('Operators', table('Operators', ['Name', 'Rank', 'Since', ''], operators.map((one) => [one.name, rank(one, again), when(one.created),
    sure('Remove', `Remove ${one.name} and their tokens?`, async () => {
      await call('DELETE', `/operators/${encodeURIComponent(one.name)}`);
      again();
    })])), h('h3', {}, 'Add somebody'), add);
}

function rank(one, again) {
  const error = h('span', { class: 'error', role: 'alert' });
  return h('span', {}, h('select', { 'aria-label': `Rank of ${one.name}`, onchange: async (event) => {
    try {
      await call('PATCH', `/operators/${encodeURIComponent(one.name)}`, { rank: event.target.value });
      again();
    } catch (problem) {
      event.target.value = one.rank;
      error.textContent = problem.message;
    }
  } }, RANKS.map((name) => h('option', { value: name, selected: name === one.rank }, name))), error);
}

function programs(tokens, again) {
  const told = h('div', {});
  const add = form([field('label', 'What for', { maxlength: 64, autocapitalize: 'none' }), choice('rank', 'Rank', RANKS)], 'Make a token', async (given) => {
    const made = await call('POST', '/tokens', given);
    told.replaceChildren(secret('Shown this once, for the header Authorization:', `Bearer ${made.token}`));
  });
  const list = tokens.length ? table('Tokens', ['For', 'Rank', 'Made by', 'Since', ''], tokens.map((one) => [one.label, one.rank, one.made_by, when(one.created),
    sure('Remove', 'Sure?', async () => {
      await call('DELETE', `/tokens/${one.id}`);
      again();
    })])) : empty('privacy', 'No program has a token');
  return card('Programs', list, h('h3', {}, 'Let a program in'), add, told);
}

function own(me) {
  return card(`Your password, ${me.name}`, form([field('old', 'Password now', { type: 'password', autocomplete: 'current-password' }), field('new', 'New password', PASSWORD)], 'Change', async (given) => {
    await call('POST', '/password', given);
    location.replace('/login');
  }));
}
