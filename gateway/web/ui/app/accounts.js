// Devices that speak to this machine's broker: who may, a new password shown once, and nobody any more.

import { call } from '/door/api.js';
import { card, h } from '/door/dom.js';

/** Nothing where the house has another broker. */
export async function accountsCard() {
  try {
    const { accounts } = await call('GET', '/accounts');
    return new Accounts(accounts).node;
  } catch (error) {
    if (error.key === 'accounts_absent') return null;
    throw error;
  }
}

class Accounts {
  #list = h('ul', { class: 'bytes' });
  #told = h('div', { 'aria-live': 'polite' });
  #name = h('input', { id: 'account', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: 63, required: true });
  #button = h('button', { class: 'primary' }, 'Add an account');

  constructor(names) {
    this.node = card('Devices at the broker', h('p', { class: 'soft' }, 'A device speaks MQTT over TLS to port 8883 of this machine, with a name and a password. What it may do goes by its name: homeassistant sees the whole house, zigbee2mqtt, zwave and esphome announce their devices, any other only what lies under its own name.'),
      this.#list,
      h('form', { onsubmit: (event) => { event.preventDefault(); this.#add(this.#name.value.trim()); } },
        h('div', { class: 'field' }, h('label', { for: 'account' }, 'Name of a device'), this.#name), this.#button),
      this.#told);
    this.#draw(names);
  }

  #draw(names) {
    this.#list.replaceChildren(...names.map((name) => h('li', {}, h('code', {}, name), h('div', { class: 'inline buttons' },
      h('button', { type: 'button', class: 'quiet', 'aria-label': `New password for ${name}`, onclick: () => this.#sure(`Give ${name} a new password? The old one is good no more.`, 'New password', () => this.#add(name)) }, 'New password'),
      h('button', { type: 'button', class: 'quiet', 'aria-label': `Take away ${name}`, onclick: () => this.#sure(`Take the account of ${name} away?`, 'Take it away', () => this.#remove(name)) }, 'Take away')))));
  }

  async #add(name) {
    await this.#do(async () => {
      const made = await call('POST', '/accounts', { name });
      this.#told.replaceChildren(h('div', { class: 'note', data: { level: 'ok' } }, h('div', {}, h('p', {}, 'Password of ', h('strong', {}, made.name), ', shown only now:'), h('p', {}, h('code', {}, made.password)))));
      this.#name.value = '';
    });
  }

  async #remove(name) {
    await this.#do(async () => {
      await call('DELETE', `/accounts/${encodeURIComponent(name)}`);
      this.#told.replaceChildren(h('p', { class: 'soft' }, `${name} has no account any more.`));
    });
  }

  /** The machine takes a few seconds. */
  async #do(act) {
    this.#button.disabled = true;
    this.#told.replaceChildren(h('p', { class: 'soft' }, 'The machine is asked…'));
    try {
      await act();
      this.#draw((await call('GET', '/accounts')).accounts);
    } catch (error) {
      this.#told.replaceChildren(h('div', { class: 'note', data: { level: 'degraded' } }, error.message));
    }
    this.#button.disabled = false;
  }

  #sure(question, yes, act) {
    const dialog = h('dialog', { 'aria-labelledby': 'account-title', onclose: () => dialog.remove() }, h('h2', { id: 'account-title' }, question),
      h('div', { class: 'actions' }, h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, 'Leave it'), h('button', { type: 'button', class: 'danger', onclick: () => { dialog.close(); act(); } }, yes)));
    document.body.append(dialog);
    dialog.showModal();
  }
}
