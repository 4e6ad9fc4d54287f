// Times as people say them: local, and how long ago.

const minute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const second = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const STEPS = [['day', 86400], ['hour', 3600], ['minute', 60]];

/** "3 minutes ago"; under a minute simply "just now", so that nothing flickers. */
export function ago(when) {
  const seconds = (new Date(when) - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? [];
  return unit ? relative.format(Math.round(seconds / size), unit) : 'just now';
}

/** A <time> that keeps its relative text fresh; the full local time is its title. */
export function timeAgo(when) {
  const node = document.createElement('time');
  node.dateTime = when;
  node.title = full.format(new Date(when));
  node.dataset.ago = '';
  node.textContent = ago(when);
  return node;
}

/** A <time> with the time of day, to the second where the order matters. */
export function timeOfDay(when, { exact = false } = {}) {
  const node = document.createElement('time');
  node.dateTime = when;
  node.title = full.format(new Date(when));
  node.textContent = (exact ? second : minute).format(new Date(when));
  return node;
}

export function dayOf(when) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / 86_400_000);
  return ['Today', 'Yesterday'][days] ?? day.format(new Date(when));
}

export const dateOf = (when) => short.format(new Date(when));

/** "12 s", "3 min 4 s". */
export function lasted(began, ended) {
  const seconds = Math.max(0, Math.round((new Date(ended) - new Date(began)) / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function tickTimes() {
  for (const node of document.querySelectorAll('time[data-ago]')) node.textContent = ago(node.dateTime);
}
