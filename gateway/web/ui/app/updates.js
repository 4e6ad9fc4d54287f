// What the gateway tells this page by itself: one socket, opened again for ever.

import { session, socketUrl } from '/door/api.js';

/** Fires "event", "state", "command", "outcome", "reading", "climate" with the data in `detail`, "connection" when
 * the socket comes or goes, and "resync" when something was missed and the page must fetch anew. */
class Updates extends EventTarget {
  connected = false;
  everConnected = false;
  #failures = 0;

  start() {
    const socket = new WebSocket(socketUrl('/updates'));
    socket.addEventListener('message', (message) => this.#take(JSON.parse(message.data)));
    socket.addEventListener('close', () => this.#lost());
  }

  #take({ kind, data }) {
    if (kind === 'hello') this.#opened();
    else this.dispatchEvent(new CustomEvent(kind, { detail: data }));
  }

  #opened() {
    const again = this.everConnected;
    this.connected = this.everConnected = true;
    this.#failures = 0;
    this.dispatchEvent(new Event('connection'));
    if (again) this.dispatchEvent(new Event('resync'));
  }

  #lost() {
    this.connected = false;
    this.dispatchEvent(new Event('connection'));
    const waitMs = Math.min(15_000, 500 * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
    setTimeout(() => this.#retry(), waitMs);
  }

  /** A refused socket does not say why: whether the session has ended is asked first. */
  async #retry() {
    try {
      const found = await session();
      if (!found.user) location.replace('/login');
      else this.start();
    } catch {
      this.#lost();
    }
  }
}

export const updates = new Updates();
