// The machine underneath, in words, and its bundles on their way to it.

import { call } from '/door/api.js';
import { card, h, icon } from '/door/dom.js';

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

/** Where an update has got to, and what follows for who reads it. */
export function told(machine) {
  const { version, state, target, step, because } = machine;
  const named = target ? `Version ${target}` : 'The update';
  if (step === 'rebooting') return note('starting', 'The machine restarts. This page comes back by itself.');
  if (state === 'trying') return looked(machine, `Version ${version} is on trial.`, `If it does not get well, ${machine.other ? `version ${machine.other}` : 'the one before'} comes back by itself.`);
  if (step !== 'none') return underWay(machine);
  if (!machine.confirmed) return looked(machine, `Version ${version} has started.`, 'It stays all the same: this was no update, and an older version would not mend it.');
  if (state === 'installed') {
    return note('starting', h('p', {}, `${named} is in the other slot. It starts when you say so${machine.origin === 'upload' || machine.origin === 'stick' ? '' : ', or at night where the settings want that'}.`),
      because && h('p', {}, `It was not started: ${because}.`));
  }
  if (state === 'rolled_back') return note('down', h('strong', {}, wentBack(machine, named)), because && h('p', {}, `Why: ${because}.`));
  if (state === 'failed') return note('degraded', h('strong', {}, `${named} could not be installed.`), h('p', {}, `${because ? `Why: ${because}. ` : ''}Version ${version} goes on as before.`));
  return note('ok', state === 'confirmed' ? `Version ${version} was started and found well.` : STATES[state][1]);
}

function wentBack({ key, version }, named) {
  if (key === 'fell_back') return `The machine is back in version ${version}.`;
  return key === 'not_started' ? `${named} did not start. Version ${version} goes on as before.` : `${named} was not well. Version ${version} is back by itself.`;
}

function looked(machine, what, otherwise) {
  const left = Math.max(0, Math.ceil(machine.stable_needed_s - machine.stable_s));
  const soon = left > 90 ? `${Math.ceil(left / 60)} minutes` : `${left} s`;
  return note(machine.ailing.length ? 'degraded' : 'starting', h('p', {}, h('strong', {}, what)),
    h('p', {}, machine.ailing.length ? `Not well yet: ${machine.ailing.join(', ')}.` : `All is well so far; it counts as good in ${soon}. Please leave it powered until then.`),
    machine.ailing.length > 0 && h('p', {}, otherwise));
}

function underWay({ step, target, done, because }) {
  return note('starting', h('p', {}, `${STEPS[step]}${target ? `: version ${target}` : ''}`, done === null ? '' : ` · ${Math.round(done * 100)} %`),
    h('progress', { 'aria-label': STEPS[step], max: 1, value: done }), because && h('p', { class: 'soft' }, `Trying again: ${because}.`));
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
