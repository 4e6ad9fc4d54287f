// The machine underneath, in words, and its bundles on their way to it.

import { call } from '/door/api.js';
import { card, h, icon } from '/door/dom.js';
import { pretty } from './words.js';

export const CHECKS = {
  config: 'The configuration can be read',
  stages: 'Every part has started and goes on',
  store: 'The database opens and takes what is written',
  rules: 'Rules come to decisions',
  models: 'Every model gives its known answers',
  outbox: 'What waits to leave the home can be kept',
  page: 'This page answers',
};

export const ORIGINS = { upload: 'uploaded here', stick: 'from a stick', hub: 'by the hub', index: 'from the list of releases', back: 'back by hand' };

export const STATES = {
  idle: ['ok', 'Nothing is under way'],
  downloading: ['starting', 'On its way'],
  installed: ['starting', 'Installed, not started yet'],
  trying: ['starting', 'On trial'],
  confirmed: ['ok', 'Started and found well'],
  rolled_back: ['down', 'Taken back'],
  failed: ['degraded', 'Failed'],
};

export const STEPS = { fetching: 'Fetching', checking: 'Checking', installing: 'Writing to the other slot', rebooting: 'Restarting' };

const REASONS = {
  already_installed: 'this version runs already',
  bundle_signature: 'nobody that this gateway trusts has signed it',
  bundle_invalid: 'it is damaged',
  bundle_missing: 'it is not there any more',
  bundle_unreadable: 'it cannot be read',
  bundle_version: 'it does not say which version it is',
  downgrade: 'it is older than what runs',
  disk_full: 'there was not enough room',
  download_failed: 'it could not be fetched',
  fell_back: 'the machine started the old version by itself',
  given_up: 'it was given up by hand',
  hash_mismatch: 'it is not what was announced',
  install_failed: 'it could not be written',
  no_report: 'the gateway did not come up',
  not_started: 'the machine did not start it',
  no_version: 'what runs does not say which version it is',
  nothing_newer: 'there is nothing newer',
  old_firmware: 'the board starts with firmware that could not come back from a trial',
  page_silent: 'the page did not answer',
  service_inactive: 'the gateway did not run',
  service_restarted: 'the gateway ended again and again',
  trial_cut_off: 'it was not well when the machine restarted',
  wrong_board: 'it is for another kind of machine',
  account_name: 'an account has a plain name in lower case that is not the gateway\'s',
  account_password: 'the password of an account has 8 to 256 characters',
  file_failed: 'it could not be read, kept or erased',
  file_irregular: 'it is no plain file',
  file_too_large: 'it is too large',
  key_invalid: 'a line is no public key, or has options before it',
  keys_none: 'there is no public key in it',
  network_form: 'it is not in the form of NetworkManager',
  network_name: 'its name has other signs than letters, digits, space, _ . -',
  network_password: 'the password of a Wi-Fi has 8 to 63 characters',
  network_ssid: 'the name of the Wi-Fi is missing',
  network_type: 'connections of this kind are not taken in',
  settings_invalid: 'settings are wrong; those from before stay in force',
  settings_secrets: 'under credentials and mqtt_accounts each line is NAME: VALUE',
  settings_text: 'it is not UTF-8',
  settings_timezone: 'there is no such time zone',
  settings_unchecked: 'it could not be checked',
  tool_failed: 'a program of the system failed',
};

/** Why, in words; a check of the health gate, a reason, or at least the key. */
export function reason({ key, detail }) {
  if (!key) return '';
  const text = REASONS[key] ?? (CHECKS[key] ? `this did not hold: ${CHECKS[key].toLowerCase()}` : pretty(key).toLowerCase());
  return detail ? `${text} (${detail})` : text;
}

/** On the System page: what runs, and the way to the rest. */
export async function updatesCard() {
  const { machine, key } = await call('GET', '/machine');
  const more = h('p', {}, h('a', { href: '/updates', data: { page: '' } }, 'Updates, going back, factory reset'));
  if (!machine) return card('Updates', h('p', { class: 'soft' }, absent(key)), more);
  const [level, text] = machine.confirmed ? STATES[machine.state] : STATES.trying;
  return card('Updates', h('p', {}, `Version ${machine.version}${machine.slot ? ` in slot ${machine.slot}` : ''} `, h('span', { class: 'level', data: { level } }, text)), more);
}

export const absent = (key) => (key === 'updater_absent'
  ? 'There is no updater on this machine: Hearthgate was installed as a program, and is updated the way it was installed.'
  : 'The updater of this machine does not answer just now.');

const PIECE = 2 << 20;
const PATIENCE = 60;
const AGAIN_MS = 2000;

/** Brings `file` to the inbox, from byte `have` on; after a hiccup it goes on where it was. Calls `came(bytes)`. */
export async function upload(file, have, came, signal) {
  let at = have;
  let failures = 0;
  let kept = null;
  while (at < file.size) {
    signal.throwIfAborted();
    const piece = file.slice(at, at + PIECE);
    try {
      kept = await call('PUT', place(file.name), piece, { 'Content-Range': `bytes ${at}-${at + piece.size - 1}/${file.size}` });
      [at, failures] = [kept.have, 0];
      came(at);
    } catch (error) {
      if (error.key === 'upload_place' && failures < PATIENCE) at = error.facts.have;
      else if (![0, 503].includes(error.status) || failures >= PATIENCE) throw error;
      else await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
      failures += 1;
    }
  }
  return kept;
}

export const place = (name) => `/machine/inbox/${encodeURIComponent(name)}`;

/** A line with a drawing, in the colour of its level. */
export function note(level, ...content) {
  const drawing = { ok: 'check', starting: 'upload' }[level] ?? 'warn';
  return h('div', { class: 'note', data: { level } }, icon(drawing), h('div', {}, content));
}
