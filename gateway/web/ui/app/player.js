// Fragmented MP4 into a <video>, always at its newest end.

const KEEP_S = 12;
const LATE_S = 4;
const AHEAD_S = 1.2;

const Source = globalThis.ManagedMediaSource ?? globalThis.MediaSource;

export const canPlay = (mime) => Boolean(Source?.isTypeSupported(mime));

/** `failed` is called once when the browser gives up on the stream. */
export class Player {
  #buffer = null;
  #queue = [];
  #failed;
  #source = new Source();

  constructor(video, mime, failed) {
    this.video = video;
    this.#failed = failed;
    this.url = URL.createObjectURL(this.#source);
    this.#source.addEventListener('sourceopen', () => this.#open(mime), { once: true });
    this.onerror = () => this.#fail();
    video.addEventListener('error', this.onerror);
    video.disableRemotePlayback = true;
    video.src = this.url;
  }

  #open(mime) {
    try {
      this.#buffer = this.#source.addSourceBuffer(mime);
    } catch {
      this.#fail();
      return;
    }
    this.#buffer.addEventListener('updateend', () => this.#next());
    this.#next();
  }

  push(fragment) {
    this.#queue.push(fragment);
    if (this.#queue.length > 600) this.#fail(); // the buffer is stuck: start anew
    else this.#next();
  }

  #next() {
    if (!this.#buffer || this.#buffer.updating || this.#source.readyState !== 'open') return;
    try {
      this.#follow();
      if (!this.#trim() && this.#queue.length) this.#buffer.appendBuffer(this.#queue.shift());
    } catch {
      this.#fail();
    }
  }

  /** Jump when far behind, play a little faster when slightly. */
  #follow() {
    const { buffered } = this.#buffer;
    if (!buffered.length) return;
    const video = this.video;
    const end = buffered.end(buffered.length - 1);
    const behind = end - video.currentTime;
    if (behind > LATE_S || video.currentTime < buffered.start(buffered.length - 1)) {
      video.currentTime = Math.max(buffered.start(buffered.length - 1), end - 0.3);
    }
    video.playbackRate = behind > AHEAD_S ? 1.1 : 1;
    if (video.paused) video.play().catch(() => {}); // a browser that wants a tap first keeps its still picture
  }

  /** Whether old pictures are being removed now. */
  #trim() {
    const { buffered } = this.#buffer;
    const oldest = buffered.length ? buffered.start(0) : 0;
    if (!buffered.length || this.video.currentTime - oldest < 2 * KEEP_S) return false;
    this.#buffer.remove(oldest, this.video.currentTime - KEEP_S);
    return true;
  }

  #fail() {
    this.#failed?.();
    this.#failed = null;
  }

  close() {
    this.#failed = null;
    this.video.removeEventListener('error', this.onerror);
    this.video.removeAttribute('src');
    this.video.load();
    URL.revokeObjectURL(this.url);
  }
}
