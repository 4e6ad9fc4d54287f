// One room: how warm it is, what is wanted, why the heating does what it does.

import { call } from '/door/api.js';
import { h, icon } from '/door/dom.js';
import { Plot } from './plot.js';
import { pretty } from './words.js';

const STEP_C = 0.5;
const SEND_MS = 700;
const FOLLOW_S = 20;
const BEFORE_H = 3; // the first hours shown were foretold before them
const ACTIONS = { heating: 'Heating', cooling: 'Cooling', off: 'Off' };
const MODES = { auto: 'Schedule', heat: 'Hold', cool: 'Cool', off: 'Off' };
const PRESETS = ['comfort', 'eco', 'sleep', 'away', 'frost', 'boost'];
const LAWS = { plan: 'Planned ahead with what was learned of this room', classic: 'Controlled without a plan', guard: 'The safety guard decides' };
const ALARMS = {
  sensor_lost: 'The thermometer is silent. Heat follows the weather until it is back.',
  sensor_stuck: 'The thermometer does not move any more.',
  sensor_implausible: 'The thermometer says what cannot be.',
  relay_stuck_on: 'The heater does not switch off. Switch it off by hand.',
  heating_failure: 'The heater is on, but the room does not get warmer.',
  valve_stuck: 'The valve does not move.',
  link_lost: 'The heater cannot be reached. It falls back by itself.',
  clock: 'The time is not known. A constant temperature is held.',
  model_fault: 'What was learned of this room is wrong. It is controlled without it.',
  setpoint_rejected: 'A wish was out of bounds, or there were too many at once.',
  window_open: 'A window is open.',
  restarted: 'The gateway has just restarted.',
  too_hot: 'It is too hot.',
  frost: 'Frost guard: the room is kept from freezing.',
};
const MILD = new Set(['window_open', 'restarted', 'setpoint_rejected']);

/** Fetches its own history; `tell` it every new status, `stop` it at the end. */
export class RoomCard {
  #wish = null;
  #timer = null;
  #rows = null;

  constructor(room, { hours, compare, say }) {
    Object.assign(this, { room, hours, compare, say, status: room.status });
    this.action = h('span', { class: 'level' });
    this.degrees = h('p', { class: 'degrees' });
    this.around = h('p', { class: 'soft around' });
    this.target = h('output', { 'aria-live': 'off' });
    this.because = h('p', { class: 'soft because' });
    this.why = h('p', { class: 'why-now' });
    this.alarms = h('ul', { class: 'worries' });
    this.error = h('p', { class: 'error', role: 'alert' });
    this.more = h('dl', { class: 'facts' });
    this.plot = new Plot(room.title);
    this.node = h('section', { class: 'card room', data: { room: room.name } },
      h('div', { class: 'card-head' }, h('h2', {}, room.title), this.action),
      h('div', { class: 'room-top' }, this.degrees, this.#dial()), this.around,
      h('div', { class: 'room-choices' }, this.#modes(), this.#presets()), this.error, this.why, this.alarms,
      this.plot.node, h('details', { class: 'why' }, h('summary', {}, icon('why'), 'How it was decided'), this.more));
    this.#draw();
  }

  stop() {
    this.plot.stop();
    if (this.#timer !== null) this.#send(); // what was chosen is not lost by leaving
  }

  tell(status) {
    this.status = status;
    this.#follow(status);
    this.#draw();
  }

  /** The record has a row each five minutes; until the next fetch the page remembers what it is told between them. */
  #follow(status) {
    const rows = this.#rows;
    if (!rows || !status.time || status.time - (rows.time.at(-1) ?? 0) < FOLLOW_S) return;
    const heard = { time: status.time, temp_c: status.trust === 'good' ? status.temp_c : null, target_c: status.target_c, outdoor_c: status.outdoor_c,
      duty: ['heating', 'cooling'].includes(status.action) ? status.duty : 0, price: status.price, window: status.window_open ? 1 : 0 };
    for (const [name, column] of Object.entries(rows)) column.push(heard[name] ?? null);
  }

  async look(hours) {
    this.hours = hours;
    this.#rows = await call('GET', `/climate/${encodeURIComponent(this.room.name)}/history?hours=${hours + BEFORE_H}`);
    this.#drawPlot();
  }

  /** Beside what was measured: what was expected so many hours before, 0 for nothing. */
  set before(hours) {
    this.compare = hours;
    this.#drawPlot();
  }

  #dial() {
    const press = (by, name, sign) => h('button', { type: 'button', class: 'quiet round', 'aria-label': `${this.room.title} ${name}`, onclick: () => this.#turn(by) }, sign);
    return h('div', { class: 'dial' }, press(-STEP_C, 'cooler', '−'), h('div', {}, this.target, this.because), press(STEP_C, 'warmer', '+'));
  }

  #modes() {
    return this.#choice('mode', this.room.modes.map((mode) => [mode, MODES[mode] ?? pretty(mode)]), 'What the heating does', (mode) => this.#ask({ mode }));
  }

  #presets() {
    const named = PRESETS.filter((preset) => preset in this.room.presets).map((preset) => [preset, pretty(preset), `${this.room.presets[preset].toFixed(1)} °C`]);
    return this.#choice('preset', named, 'Temperature for a while', (preset) => this.#ask({ preset }));
  }

  #choice(what, options, label, chosen) {
    return h('fieldset', { class: 'chips' }, h('legend', { class: 'unseen' }, `${this.room.title}: ${label}`), options.map(([value, text, hint]) => h('label', { title: hint },
      h('input', { type: 'radio', name: `${what}-${this.room.name}`, value, onchange: () => chosen(value) }), h('span', {}, text))));
  }

  /** Several presses are one wish. */
  #turn(by) {
    const { set_min_c: low, set_max_c: high } = this.room;
    const from = this.#wish ?? this.status?.target_c ?? this.room.presets.comfort;
    this.#wish = Math.min(high, Math.max(low, Math.round((from + by) * 2) / 2));
    this.#drawTarget();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), SEND_MS);
  }

  async #send() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const wish = this.#wish;
    await this.#ask({ target_c: wish });
    if (this.#wish === wish && this.#timer === null) this.#wish = null;
    this.#drawTarget();
  }

  async #ask(wish) {
    this.error.textContent = '';
    try {
      const { alarm } = await call('POST', `/climate/${encodeURIComponent(this.room.name)}`, wish);
      if (alarm) this.error.textContent = ALARMS[alarm] ?? pretty(alarm);
      else this.#expect(wish);
      this.say(alarm ? this.error.textContent : `${this.room.title}: ${wish.target_c?.toFixed(1) ?? pretty(wish.preset ?? MODES[wish.mode])}`);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.error.textContent = error.message;
    }
    this.#draw();
  }

  /** Until the room itself tells, a moment later. */
  #expect({ mode, preset, target_c }) {
    if (!this.status) return;
    const wanted = target_c ?? this.room.presets[preset] ?? this.status.target_c;
    this.status = { ...this.status, mode: mode ?? this.status.mode, preset: preset ?? null, target_c: wanted };
  }

  #draw() {
    const { status } = this;
    this.action.textContent = status ? ACTIONS[status.action] ?? resting(status) : 'Waiting';
    this.action.dataset.level = status?.action === 'heating' ? 'warm' : status?.action === 'cooling' ? 'cool' : 'off';
    const believed = status?.trust === 'good' && status.temp_c !== null;
    this.degrees.replaceChildren(believed ? status.temp_c.toFixed(1) : '–', h('small', {}, ' °C'));
    this.around.textContent = status ? surroundings(status) : 'No word from this room yet';
    this.why.textContent = status?.why ? status.why.charAt(0).toUpperCase() + status.why.slice(1) : '';
    this.alarms.replaceChildren(...(status?.alarms ?? []).map((alarm) => h('li', { class: 'note', data: { level: MILD.has(alarm) ? 'degraded' : 'down', alarm } },
      icon('warn'), h('p', {}, ALARMS[alarm] ?? pretty(alarm)))));
    for (const input of this.node.querySelectorAll('input[type="radio"]')) {
      input.checked = Boolean(status) && input.value === (input.name.startsWith('mode-') ? status.mode : status.preset);
    }
    this.more.replaceChildren(...(status ? facts(status) : []).map(([name, text]) => h('div', {}, h('dt', {}, name), h('dd', {}, text))));
    this.#drawTarget();
    this.#drawPlot();
  }

  #drawTarget() {
    const target = this.#wish ?? this.status?.target_c;
    this.target.replaceChildren(target === undefined || target === null ? '–' : target.toFixed(1), h('small', {}, ' °C'));
    this.because.textContent = this.#wish === null ? this.status?.target_why ?? '' : 'wanted';
  }

  #drawPlot() {
    if (this.#rows) this.plot.draw({ rows: this.#rows, status: this.status, hours: this.hours, compare: this.compare });
  }
}

function resting(status) {
  if (status.window_open) return 'Paused';
  return status.temp_c !== null && status.temp_c >= status.target_c - 0.5 ? 'Warm enough' : 'Not heating';
}

function surroundings(status) {
  return [status.humidity !== null && `${Math.round(status.humidity)} % humidity`, status.outdoor_c !== null && `${status.outdoor_c.toFixed(1)} °C outside`,
    status.occupied !== null && (status.occupied >= 0.5 ? 'somebody is here' : 'nobody is here')].filter(Boolean).join(' · ');
}

function facts(status) {
  const skill = Object.entries(status.skill).filter(([, value]) => value !== null);
  return [
    ['Decided by', LAWS[status.law] ?? status.law], ['Heat', `${Math.round(status.duty * 100)} %`],
    status.aim_c !== null && ['Aims at', `${status.aim_c.toFixed(1)} °C`],
    status.next_c !== null && status.next_s !== null && ['Next change', `${status.next_c.toFixed(1)} °C in ${lasting(status.next_s)}`],
    status.minutes_per_degree !== null && ['Warming up takes', `${Math.round(status.minutes_per_degree)} min a degree`],
    skill.length && ['Better than guessing by', skill.map(([hours, value]) => `${Math.round(value * 100)} % at ${hours} h`).join(', ')],
    status.price !== null && ['Price now', `${status.price.toFixed(2)} a kWh`],
  ].filter(Boolean);
}

const lasting = (seconds) => (seconds < 5400 ? `${Math.max(1, Math.round(seconds / 60))} min` : `${Math.round(seconds / 3600)} h`);
