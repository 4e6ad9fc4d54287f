// The gateway's words in sentences.

import { lasted } from './time.js';

/** "front_door" -> "Front door". */
export function pretty(name) {
  const text = name.replaceAll(/[_-]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const KINDS = {
  'motion.began': { name: 'Movement', drawing: 'motion', tell: (e) => `Movement${inZone(e)}` },
  'motion.ended': { name: 'Movement ended', drawing: 'motion', tell: (e) => `Movement ended${inZone(e)}${span(e)}` },
  'scene.changed': { name: 'Light or view', drawing: 'scene', tell: () => 'The light or the view changed' },
  'face.recognised': { name: 'Known faces', drawing: 'face', tell: (e) => `${e.label ?? 'Somebody'} is here` },
  'face.unknown': { name: 'Unknown faces', drawing: 'stranger', tell: () => 'Somebody unknown' },
  'camera.state': { name: 'Cameras', drawing: 'camera', tell: (e) => `Camera: ${plain(e.label)}` },
  'model.decided': { name: 'Models', drawing: 'system', tell: (e) => `${e.source}: ${plain(e.label)}` },
  'climate.alarm': { name: 'Heating alarms', drawing: 'warn', tell: (e) => `${pretty(e.source)}: ${plain(e.label)}` },
  'climate.decided': { name: 'Heating', drawing: 'heater', tell: (e) => `${pretty(e.source)}: ${DECIDED[e.label] ?? plain(e.label)}` },
  'device.state': { name: 'Devices', drawing: 'device', tell: (e) => `${pretty(e.source)}: ${plain(e.label)}` },
};

const DECIDED = { plan: 'heated by a plan', classic: 'heated without a plan', guard: 'the safety guard decides' };
const inZone = (event) => (event.zone ? ` in ${pretty(event.zone)}` : '');
const span = (event) => (event.ended ? ` after ${lasted(event.began, event.ended)}` : '');
const plain = (label) => (label ?? 'changed').replaceAll('_', ' ');

export function eventKind(event) {
  return KINDS[event.kind] ?? { name: event.kind, drawing: 'events', tell: () => event.kind };
}

export function actionSentence(command) {
  const { action } = command;
  const what = pretty(command.target);
  switch (action.type) {
    case 'switch': return `${what} ${action.on ? 'on' : 'off'}`;
    case 'level': return `${what} to ${action.level_pct} %`;
    case 'temperature': return `${what} to ${action.temp_c} °C`;
    default: return `Message: ${action.title}`;
  }
}

export const ORIGINS = { rule: 'by a rule', climate: 'by the heating', user: 'by hand', hub: 'by the hub' };

const RESULTS = { done: 'Done', refused: 'Refused', timed_out: 'No answer', unreachable: 'Not reachable' };

export function outcomeSentence(outcome) {
  if (!outcome) return 'Waiting for the device';
  const took = outcome.result === 'done' ? ` in ${tookText(outcome.took_s)}` : '';
  return `${RESULTS[outcome.result] ?? outcome.result}${took}`;
}

const tookText = (seconds) => (seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`);

const UNITS = { degC: '°C', bool: '' };
const BOOLS = { contact: ['Closed', 'Open'], occupancy: ['Nobody', 'Somebody'], switch: ['Off', 'On'] };
const DIGITS = { degC: 1, kWh: 2, bool: 0 };

/** ["21.4", "°C"]; a dash for what is not a number. */
export function readingText(reading) {
  if (reading.value === null) return ['–', ''];
  if (BOOLS[reading.quantity]) return [BOOLS[reading.quantity][reading.value ? 1 : 0], ''];
  return [reading.value.toFixed(DIGITS[reading.unit] ?? 0), UNITS[reading.unit] ?? reading.unit];
}

export const LEVELS = { ok: 'Running', starting: 'Starting', degraded: 'Degraded', down: 'Down', off: 'Off' };

const PHOTO_FLAWS = {
  photo_empty: 'The file is empty.',
  photo_not_image: 'This is not a JPEG or PNG picture.',
  photo_truncated: 'The file is cut off.',
  photo_too_large: 'The file is too large.',
  photo_too_small: 'The picture is too small.',
  no_face: 'No face was found.',
  several_faces: 'There is more than one face.',
  face_too_small: 'The face is too small: come closer.',
  face_unsure: 'The face is hard to make out.',
  face_blurred: 'The face is blurred.',
  face_turned: 'The face is turned away.',
  unlike_the_others: 'This looks like somebody else than the other photos.',
};

export const photoFlaw = (key) => PHOTO_FLAWS[key] ?? `${pretty(key)}.`;
