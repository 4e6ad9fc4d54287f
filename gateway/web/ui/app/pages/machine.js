// Updates: what runs, what comes next, how it went, and the way back.

import { ApiError, call } from '/door/api.js';
import { card, h, icon } from '/door/dom.js';
import { dateOf } from '../time.js';
import { absent, note, ORIGINS, place, STATES, STEPS, told, upload } from '../machine.js';

const BUSY_MS = 2000;
const CALM_MS = 15_000;

export async function show({ body, say }) {
  const view = new View(say);
  await view.look();
  body.replaceChildren(...view.places);
  view.follow();
  return () => view.leave();
}

class View {
  #drawn = '';
  #timer = 0;
  #left = new AbortController();
  #status = h('div');
  #sources = h('div');
  #gate = h('div');
  #past = h('div', { class: 'page' });
  #upload = new UploadForm((kept) => this.#do('install', { origin: 'upload', name: kept }), () => this.look(), this.#left.signal);

  constructor(say) {
    this.say = say;
    this.places = [this.#status, this.#sources, this.#gate, this.#past];
  }

  async look() {
    this.#draw(await call('GET', '/machine'));
  }

  follow() {
    const busy = !this.machine?.confirmed || this.machine.step !== 'none' || this.restarting;
    this.#timer = setTimeout(async () => {
      try {
        await this.look();
        this.restarting = false;
      } catch (error) {
        if (error.status === 401) location.replace('/login');
        if (!(error instanceof ApiError)) throw error;
      }
      if (!this.#left.signal.aborted) this.follow();
    }, busy ? BUSY_MS : CALM_MS);
  }

  leave() {
    clearTimeout(this.#timer);
    this.#left.abort();
  }

  /** Only what has changed, so that nobody's focus is lost. */
  #draw(found) {
    const now = JSON.stringify(found);
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.machine = found.machine;
    this.#status.replaceChildren(found.machine ? this.#statusCard(found.machine) : absentCard(found.key));
    this.#sources.hidden = !found.machine?.slot;
    if (found.machine?.slot) this.#sources.replaceChildren(this.#sourceCard(found.machine, found.inbox));
    this.#gate.replaceChildren(gateCard(found.checks, found.failing));
    this.#past.replaceChildren(...[importedCard(found.machine), historyCard(found.machine), found.machine?.slot && this.#resetCard(found.host)].filter(Boolean));
  }

  #statusCard(machine) {
    const idle = isIdle(machine);
    return card('This machine', h('p', {}, h('strong', {}, `Version ${machine.version}`), machine.slot ? ` in slot ${machine.slot}` : '', ` · ${machine.board.replaceAll('_', '-')}`,
      machine.other ? ` · the other slot holds ${machine.other}` : ''),
    told(machine),
    machine.slot && h('div', { class: 'inline buttons' },
      idle && machine.state === 'installed' && this.#button('reboot', `Start ${machine.target} now`, 'primary', { restarts: true }),
      (machine.step === 'fetching' || (idle && machine.state === 'installed')) && this.#button('back', 'Give it up'),
      idle && machine.state !== 'installed' && this.#backButton(machine),
      idle && machine.state !== 'installed' && this.#button('reboot', 'Restart', 'quiet', { restarts: true, ask: 'Restart the whole machine?' })));
  }

  /** Not into what was just found ill; into what the machine fell out of by itself gladly. */
  #backButton({ other, target, state, key }) {
    const fell = state === 'rolled_back' && key === 'fell_back';
    if (!other || (state === 'rolled_back' && other === target && !fell)) return null;
    const text = fell ? `Start ${other} again` : `Go back to ${other}`;
    return this.#button('back', text, 'quiet', { restarts: true, ask: `${text}? The gateway restarts.` });
  }

  #sourceCard(machine, inbox) {
    const busy = !isIdle(machine);
    this.#upload.draw(inbox, busy);
    return card('Get an update', h('p', { class: 'soft' }, 'A bundle is taken in only where it is signed by somebody this gateway trusts, for this kind of machine, and not older than what runs.'),
      this.#upload.node,
      machine.sticks.length > 0 && h('ul', { class: 'bytes' }, machine.sticks.map((name) => h('li', {}, 'On a stick: ', h('code', {}, name), ' ',
        h('button', { type: 'button', class: 'quiet', disabled: busy, onclick: () => this.#do('install', { origin: 'stick', name }) }, 'Install')))),
      h('div', { class: 'inline buttons' },
        machine.newest && machine.newest !== machine.version && h('button', { type: 'button', class: 'primary', disabled: busy, onclick: () => this.#do('install', { origin: 'index' }) }, `Install ${machine.newest}`),
        this.#button('look', 'Look for updates')));
  }

  #resetCard(host) {
    return card('Factory reset', h('p', { class: 'soft' }, 'Forgets everything: people, recordings, settings, passwords and keys. The system stays.'),
      h('button', { type: 'button', class: 'quiet', onclick: () => confirmed(`Type ${host} to forget everything`, 'Forget everything', (sure) => this.#do('reset', { sure }), true) }, 'Forget everything…'));
  }

  #button(path, text, kind = 'quiet', { restarts = false, ask = '' } = {}) {
    const act = () => this.#do(path, null, restarts);
    return h('button', { type: 'button', class: kind, onclick: () => (ask ? confirmed(ask, text, act) : act()) }, text);
  }

  async #do(path, wish = null, restarts = false) {
    try {
      await call('POST', `/machine/${path}`, wish);
      this.restarting = restarts;
      await this.look();
      clearTimeout(this.#timer);
      this.follow();
    } catch (error) {
      this.say(error.message);
      this.#status.firstChild?.append(note('degraded', error.message));
    }
  }
}

class UploadForm {
  #input = h('input', { type: 'file', accept: '.raucb', id: 'bundle', class: 'unseen', onchange: () => this.#take(this.#input.files[0]) });
  #progress = h('progress', { 'aria-label': 'Upload', max: 1, value: 0, hidden: true });
  #text = h('p', { class: 'soft', 'aria-live': 'polite' });
  #list = h('ul', { class: 'bytes' });
  #inbox = [];

  constructor(install, changed, signal) {
    Object.assign(this, { install, changed, signal });
    this.node = h('div', { class: 'drop' }, h('p', {}, 'Upload a bundle'), this.#text, h('div', { class: 'actions' }, h('label', { class: 'button quiet', for: 'bundle' }, icon('upload'), 'Choose a file', this.#input)), this.#progress, this.#list);
  }

  draw(inbox, busy) {
    this.#inbox = inbox;
    this.#list.replaceChildren(...inbox.map(({ name, have, total, sha256 }) => h('li', {}, h('code', {}, name), ` · ${size(total)} `,
      sha256 ? h('span', { class: 'soft' }, 'SHA-256 ', h('code', {}, sha256)) : h('span', { class: 'soft' }, `${Math.round(100 * have / total)} % here; choose the same file to go on`),
      h('div', { class: 'inline buttons' },
        sha256 && h('button', { type: 'button', class: 'primary', disabled: busy, onclick: () => this.install(name) }, 'Install'),
        h('button', { type: 'button', class: 'quiet', 'aria-label': `Throw ${name} away`, onclick: () => this.#drop(name) }, 'Throw away')))));
  }

  async #take(file) {
    if (!file) return;
    const known = this.#inbox.find((one) => one.name === file.name && one.total === file.size);
    this.#came(known?.have ?? 0, file);
    this.#progress.hidden = false;
    try {
      await upload(file, known?.have ?? 0, (bytes) => this.#came(bytes, file), this.signal);
      this.#text.textContent = `${file.name} is here.`;
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.#text.textContent = error.message;
    }
    this.#progress.hidden = true;
    this.#input.value = '';
    await this.changed();
  }

  #came(bytes, file) {
    this.#progress.value = bytes / file.size;
    this.#text.textContent = `${size(bytes)} of ${size(file.size)}`;
  }

  async #drop(name) {
    this.#text.textContent = '';
    await call('DELETE', place(name)).catch((error) => { this.#text.textContent = error.message; });
    await this.changed();
  }
}

/** A start that is still looked at is no hindrance, unless it is the first one of a version. */
const isIdle = ({ step, state }) => step === 'none' && state !== 'trying';

function absentCard(key) {
  return card('This machine', note(key === 'updater_absent' ? 'ok' : 'degraded', absent(key)));
}

function gateCard(checks, failing) {
  return card('Is all well here?', h('p', { class: 'soft' }, 'A version that was just started has to pass this for a while before it counts as good. The internet is not asked.'),
    h('ul', { class: 'worries' }, Object.entries(checks).filter(([key]) => key !== 'outbox' || failing.includes(key)).map(([key, text]) =>
      h('li', { class: 'note', data: { level: failing.includes(key) ? 'degraded' : 'ok', check: key } }, icon(failing.includes(key) ? 'warn' : 'check'), text))));
}

function importedCard(machine) {
  if (!machine?.imported.length) return null;
  return card('Taken in at the first start', h('ul', { class: 'worries' }, machine.imported.map(({ file, because }) =>
    h('li', { class: 'note', data: { level: because ? 'degraded' : 'ok' } }, icon(because ? 'warn' : 'check'), h('div', {}, h('code', {}, file), because && h('p', {}, `Left alone: ${because}.`))))));
}

function historyCard(machine) {
  if (!machine?.history.length) return null;
  return card('What has been tried', h('div', { class: 'scroll', role: 'region', 'aria-label': 'History', tabindex: 0 }, h('table', {},
    h('thead', {}, h('tr', {}, ['Version', 'How it went', 'From', 'When'].map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, machine.history.map((past) => h('tr', {}, h('th', { scope: 'row' }, past.version ?? 'unknown'),
      h('td', {}, h('span', { class: 'level', data: { level: STATES[past.state][0] } }, STATES[past.state][1]), past.because && h('p', { class: 'soft' }, past.because)),
      h('td', {}, ORIGINS[past.origin] ?? past.origin), h('td', {}, past.at ? dateOf(past.at) : 'the clock was not set')))))));
}

/** Asks once more; with `typed` what was typed is handed on. */
function confirmed(question, yes, act, typed = false) {
  const input = typed && h('input', { 'aria-label': question, autocomplete: 'off' });
  const go = () => { dialog.close(); act(input ? input.value : undefined); };
  const dialog = h('dialog', { 'aria-labelledby': 'sure-title', onclose: () => dialog.remove() }, h('h2', { id: 'sure-title' }, question), input,
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, 'Leave it'), h('button', { type: 'button', class: 'danger', onclick: go }, yes)));
  document.body.append(dialog);
  dialog.showModal();
}

const size = (bytes) => (bytes < 10_000_000 ? `${Math.round(bytes / 1000).toLocaleString()} kB` : `${Math.round(bytes / 1e6).toLocaleString()} MB`);
