// One camera: live where the browser can play it, two pictures a second where it cannot, honest where there is none.

import { socketUrl, url } from '/door/api.js';
import { h, icon } from '/door/dom.js';
import { canPlay, Player } from './player.js';
import { pretty } from './words.js';

const QUIET_MS = 8000;
const STILL_MS = 500;
const HIDDEN_MS = 15_000;
const SAYS = { connecting: 'Connecting', live: 'Live', still: 'Pictures', stalled: 'No new picture', lost: 'No picture' };

export class Tile {
  #socket = null;
  #player = null;
  #failures = 0;
  #broken = 0;
  #timers = new Map();
  #stopped = false;

  constructor(camera) {
    this.name = camera.name;
    this.video = h('video', { muted: true, playsinline: true, autoplay: true, 'aria-label': `Live picture of ${pretty(camera.name)}` });
    this.video.muted = true;
    this.image = h('img', { alt: `Picture of ${pretty(camera.name)}`, hidden: true });
    this.badge = h('span', { class: 'badge' });
    this.detail = h('p', { class: 'tile-detail' });
    this.node = h('figure', { class: 'tile', data: { camera: camera.name } }, this.video, this.image, this.detail,
      h('figcaption', {}, h('span', {}, pretty(camera.name)), this.badge, this.#wideButton()));
    this.tell(camera.state);
    this.#mode('connecting');
    this.onhide = () => this.#visibility();
    document.addEventListener('visibilitychange', this.onhide);
    this.#connect();
  }

  #wideButton() {
    return h('button', { type: 'button', class: 'plain', 'aria-label': `Show ${pretty(this.name)} on the whole screen`,
      onclick: () => this.node.requestFullscreen?.() }, icon('expand'));
  }

  /** The camera's own state: why there is no picture. */
  tell(state) {
    this.trouble = state && ['down', 'degraded', 'off'].includes(state.level) ? state.detail || state.key.replaceAll('_', ' ') : '';
    this.#mode(this.node.dataset.mode ?? 'connecting');
  }

  #mode(mode) {
    this.node.dataset.mode = mode;
    this.badge.textContent = SAYS[mode];
    const shown = mode === 'live' || mode === 'still';
    this.detail.textContent = shown ? '' : this.trouble || (mode === 'connecting' ? 'Waiting for the first picture…' : 'Trying again…');
  }

  #connect() {
    if (this.#stopped) return;
    const socket = new WebSocket(socketUrl(`/cameras/${encodeURIComponent(this.name)}/live`));
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => this.#take(socket, data));
    socket.addEventListener('close', () => socket === this.#socket && this.#again());
    this.#socket = socket;
  }

  #take(socket, data) {
    if (socket !== this.#socket) return;
    if (typeof data === 'string') {
      this.#begin(data);
      return;
    }
    this.#failures = 0;
    this.#player?.push(data);
    this.#later('quiet', QUIET_MS, () => this.#mode('stalled'));
  }

  #begin(mime) {
    if (!canPlay(mime) || this.#broken > 1) {
      this.#showStills();
      return;
    }
    this.#player = new Player(this.video, mime, () => {
      this.#broken += 1;
      this.#again();
    });
    this.video.hidden = false;
    this.image.hidden = true;
    this.video.ontimeupdate = () => this.node.dataset.mode !== 'live' && this.#mode('live');
  }

  /** One picture after the other: unlike an endless MJPEG answer it takes no connection for good (a browser has six
   * for one host) and notices at once when there is no picture any more. */
  #showStills() {
    this.#hangUp();
    this.video.hidden = true;
    this.image.hidden = false;
    this.image.onload = () => {
      this.#failures = 0;
      this.#mode('still');
      this.#later('still', STILL_MS, () => this.#nextStill());
    };
    this.image.onerror = () => this.#again();
    this.#nextStill();
  }

  #nextStill() {
    this.image.src = url(`/cameras/${encodeURIComponent(this.name)}/frame.jpg?width=960&t=${Date.now()}`);
  }

  #again() {
    this.#hangUp();
    if (this.#stopped) return;
    this.#mode('lost');
    this.#later('retry', Math.min(10_000, 500 * 2 ** this.#failures++), () => this.#connect());
  }

  #hangUp() {
    const socket = this.#socket;
    this.#socket = null;
    // Closing one that is still connecting is an error in the browser's eyes.
    if (socket?.readyState === WebSocket.CONNECTING) socket.addEventListener('open', () => socket.close());
    else socket?.close();
    this.#player?.close();
    this.#player = null;
    this.image.onload = this.image.onerror = null;
    this.image.removeAttribute('src');
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(name, waitMs, action) {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(action, waitMs));
  }

  /** Nobody looks: a phone in a pocket need not be fed. */
  #visibility() {
    if (document.hidden) {
      this.#later('hidden', HIDDEN_MS, () => this.#hangUp());
      return;
    }
    clearTimeout(this.#timers.get('hidden'));
    if (!this.#socket && !this.image.getAttribute('src')) this.#again();
  }

  stop() {
    this.#stopped = true;
    document.removeEventListener('visibilitychange', this.onhide);
    this.#hangUp();
  }
}
