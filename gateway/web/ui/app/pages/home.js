// Home: what the cameras see, what just happened, what can be switched.

import { call } from '/door/api.js';
import { empty, h, icon } from '/door/dom.js';
import { eventRow } from '../rows.js';
import { Tile } from '../tile.js';
import { timeAgo } from '../time.js';
import { updates } from '../updates.js';
import { eventKind, outcomeSentence, pretty, readingText } from '../words.js';

const SHOWN = 12;
const DRAWINGS = ['temperature', 'humidity', 'illuminance', 'power', 'contact'];

export async function show({ body, title, me, say }) {
  const [cameras, states, events, devices, readings] = await Promise.all([
    call('GET', '/cameras'), call('GET', '/states'),
    me.parts.events ? call('GET', `/events?limit=${SHOWN}`) : { events: [] },
    me.parts.devices ? call('GET', '/devices') : { devices: [] }, call('GET', '/readings'),
  ]);
  const leave = new AbortController();
  const on = (kind, listener) => updates.addEventListener(kind, (e) => listener(e.detail), { signal: leave.signal });
  const tiles = cameras.cameras.map((camera) => new Tile(camera));
  body.replaceChildren(
    h('div', { class: 'home' },
      h('section', { class: 'cameras', 'aria-label': 'Cameras' }, tiles.length ? tiles.map((tile) => tile.node)
        : empty('camera', 'No cameras yet', 'Add one to the configuration; four lines are enough.')),
      h('div', { class: 'side' }, now(events.events, on, say), deviceCard(devices.devices, on, say), readingCard(readings.readings, on))));
  summarise(title, states.states, on);
  on('state', (state) => tiles.find((tile) => state.part === `camera/${tile.name}`)?.tell(state));
  return () => {
    leave.abort();
    for (const tile of tiles) tile.stop();
  };
}

/** The heading says how the house is, in one sentence. */
function summarise(title, states, on) {
  const known = new Map(states.map((state) => [state.part, state]));
  const draw = () => {
    const ill = [...known.values()].filter((state) => state.level === 'down' || state.level === 'degraded');
    title.replaceChildren(ill.length ? h('a', { href: '/system', data: { page: '' } },
      ill.length === 1 ? `${pretty(ill[0].part.replaceAll('/', ' '))} needs a look` : `${ill.length} things need a look`) : 'All is well at home');
  };
  on('state', (state) => draw(known.set(state.part, state)));
  draw();
}

function now(events, on, say) {
  const list = h('ul', { class: 'rows' }, events.map((event) => eventRow(event)));
  const none = empty('events', 'Nothing has happened yet', 'Movement and faces appear here by themselves.');
  none.hidden = events.length > 0;
  on('event', (event) => {
    none.hidden = true;
    const old = list.querySelector(`[data-id="${CSS.escape(event.id)}"]`);
    const row = eventRow(event);
    if (old) {
      old.replaceWith(row);
      return;
    }
    row.classList.add('fresh');
    list.prepend(row);
    while (list.children.length > SHOWN) list.lastChild.remove();
    if (event.kind !== 'motion.ended') say(`${eventKind(event).tell(event)}, ${pretty(event.source)}`);
  });
  return h('section', { class: 'card' }, h('div', { class: 'card-head' }, h('h2', {}, 'Happening now'),
    h('a', { href: '/events', data: { page: '' } }, 'All events')), none, list);
}

function deviceCard(devices, on, say) {
  const list = h('ul', { class: 'devices' });
  const known = new Set(devices.map((device) => device.id));
  const draw = (found) => list.replaceChildren(...found.map((device) => deviceRow(device, say)));
  let asked = false;
  const refresh = async () => {
    if (asked) return;
    asked = true; // several changes come together: one question answers them all
    try {
      await new Promise((resolve) => setTimeout(resolve, 150));
      draw((await call('GET', '/devices')).devices);
    } catch (error) {
      if (error.status === undefined) throw error; // otherwise the socket tells of the lost connection
    } finally {
      asked = false;
    }
  };
  on('reading', (reading) => known.has(reading.device) && refresh());
  on('state', (state) => state.part.startsWith('device/') && known.has(state.part.slice('device/'.length)) && refresh());
  draw(devices);
  return h('section', { class: 'card' }, h('div', { class: 'card-head' }, h('h2', {}, 'Devices')),
    known.size ? list : empty('device', 'No devices', 'What can be switched appears here.'));
}

function deviceRow(device, say) {
  const state = h('p', { class: 'soft' }, deviceState(device));
  const knob = h('button', { type: 'button', class: 'switch', role: 'switch', 'aria-checked': String(device.on === true), 'aria-label': device.name, disabled: !device.available || device.reserved });
  knob.addEventListener('click', async () => {
    const on = knob.getAttribute('aria-checked') !== 'true';
    knob.disabled = true;
    state.textContent = 'Asking…';
    try {
      const { outcome } = await call('POST', `/devices/${encodeURIComponent(device.id)}/command`, { action: { type: 'switch', on } });
      if (outcome.result === 'done') knob.setAttribute('aria-checked', String(on));
      state.textContent = outcome.result === 'done' ? deviceState({ ...device, on }) : outcomeSentence(outcome);
      say(`${device.name}: ${state.textContent}`);
    } catch (error) {
      state.textContent = error.message;
      say(error.message);
    }
    knob.disabled = false;
  });
  return h('li', { data: { device: device.id } }, h('span', { class: 'device-picture', data: { on: String(device.on === true) } },
    icon(['lamp', 'heater'].includes(device.kind) ? device.kind : 'device')), h('div', {}, h('p', { class: 'row-title' }, device.name), state), knob);
}

function deviceState(device) {
  if (!device.available) return 'Not reachable';
  const state = device.on === null ? 'State not known' : `${device.on ? 'On' : 'Off'}${device.detail ? ` · ${device.detail}` : ''}`;
  return device.reserved ? `${state} · driven by Climate` : state;
}

function readingCard(readings, on) {
  const list = h('ul', { class: 'readings' });
  const draw = (reading) => {
    if (reading.quantity === 'switch') return; // the devices above say that already
    const id = `${reading.device}/${reading.quantity}`;
    const node = readingNode(reading, id);
    const old = list.querySelector(`[data-reading="${CSS.escape(id)}"]`);
    if (old) old.replaceWith(node);
    else list.append(node);
    card.hidden = false;
  };
  const card = h('section', { class: 'card', hidden: true }, h('div', { class: 'card-head' }, h('h2', {}, 'Readings')), list);
  readings.forEach(draw);
  on('reading', draw);
  return card;
}

function readingNode(reading, id) {
  const [value, unit] = readingText(reading);
  const doubt = { stale: 'Old value', suspect: 'Doubtful' }[reading.quality];
  return h('li', { data: { reading: id, quality: reading.quality } },
    h('p', { class: 'soft' }, icon(DRAWINGS.includes(reading.quantity) ? reading.quantity : 'reading'), pretty(reading.device)),
    h('p', { class: 'value' }, value, unit && h('small', {}, ` ${unit}`)),
    h('p', { class: 'soft' }, h('small', {}, `${pretty(reading.quantity)} · `, doubt ? `${doubt} · ` : '', timeAgo(reading.at))));
}

