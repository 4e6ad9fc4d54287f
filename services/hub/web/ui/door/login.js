// The door: claim the hub once, sign in ever after.

import { call, session } from './api.js';

const $ = (id) => document.getElementById(id);
let claiming = false;

function dress(claimed) {
  claiming = !claimed;
  $('code-field').hidden = claimed;
  $('code').required = claiming;
  $('password-hint').hidden = claimed;
  $('password').autocomplete = claimed ? 'current-password' : 'new-password';
  $('title').textContent = claimed ? 'Welcome back' : 'Claim this hub';
  $('lead').textContent = claimed ? 'Sign in to see your homes.' : 'Nobody is admin yet. The code shows that you are the one who started it.';
  $('submit').textContent = claimed ? 'Sign in' : 'Become admin';
  $('form').hidden = false;
  takeCodeFromAddress();
  (claiming && !$('code').value ? $('code') : $('name')).focus();
}

// The part after # never leaves the browser, so a printed link may carry the code.
function takeCodeFromAddress() {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (!code) return;
  history.replaceState(null, '', location.pathname);
  if (claiming) $('code').value = code;
}

function missing() {
  const field = [...$('form').querySelectorAll('input[required]')].find((input) => !input.value.trim());
  field?.focus();
  return field ? `Please fill in: ${document.querySelector(`label[for=${field.id}]`).textContent.toLowerCase()}.` : '';
}

async function submit(event) {
  event.preventDefault();
  $('error').textContent = missing();
  if ($('error').textContent) return;
  const body = { name: $('name').value, password: $('password').value };
  if (claiming) body.code = $('code').value;
  $('submit').disabled = true;
  try {
    await call('POST', claiming ? '/claim' : '/login', body);
    location.replace('/');
  } catch (error) {
    $('submit').disabled = false;
    $('error').textContent = error.message;
    if (error.key === 'already_claimed') dress(true);
    else $('password').focus();
  }
}

async function start() {
  try {
    const found = await session();
    if (found.name) location.replace('/');
    else dress(found.claimed);
  } catch (error) {
    $('lead').textContent = `${error.message} Trying again…`;
    setTimeout(start, 3000);
  }
}

$('form').addEventListener('submit', submit);
addEventListener('hashchange', takeCodeFromAddress);
start();
