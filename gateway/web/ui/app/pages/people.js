// People: who agreed to be recognised, enrolling somebody, forgetting somebody.

import { call } from '/door/api.js';
import { empty, h, icon } from '/door/dom.js';
import { photosFrom } from '../photos.js';
import { dateOf } from '../time.js';
import { photoFlaw } from '../words.js';

const MOST = 10;

export async function show({ body, me, say }) {
  if (!me.parts.people) {
    body.replaceChildren(empty('people', 'Faces are switched off', 'Recognition is off until somebody switches it on for a camera in the configuration.'));
    return null;
  }
  const list = h('div', { class: 'people-list' });
  const form = new EnrolForm({ say, enrolled: () => draw() });
  async function draw() {
    const { people } = await call('GET', '/people');
    list.replaceChildren(people.length ? h('ul', { class: 'people' }, people.map((person) => card(person, say, draw)))
      : empty('people', 'Nobody is enrolled', 'Add the people who live here and agree to it. Everybody else stays unknown.'));
  }
  await draw();
  body.replaceChildren(h('div', { class: 'two' }, list, form.node));
  return () => form.forget();
}

function card(person, say, changed) {
  return h('li', { class: 'card person', data: { person: person.id } },
    h('span', { class: 'initials', 'aria-hidden': 'true' }, person.name.slice(0, 1).toUpperCase()),
    h('div', {}, h('h2', {}, person.name),
      h('p', { class: 'soft' }, `Enrolled ${dateOf(person.enrolled)} · consent recorded by ${person.consent_by}`),
      person.stale && h('p', { class: 'note', data: { level: 'degraded' } }, icon('warn'), 'The recognition model has changed: please enrol again.')),
    h('button', { type: 'button', class: 'plain', 'aria-label': `Forget ${person.name}`, onclick: () => askToForget(person, say, changed) }, icon('trash')));
}

function askToForget(person, say, changed) {
  const error = h('p', { class: 'error', role: 'alert' });
  const yes = h('button', { type: 'button', class: 'danger' }, 'Forget');
  const dialog = h('dialog', { 'aria-labelledby': 'forget-title', onclose: () => dialog.remove() },
    h('h2', { id: 'forget-title' }, `Forget ${person.name}?`),
    h('p', {}, 'What was learnt of this face, the name in past events and the pictures of this person are deleted for good.'), error,
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, 'Keep'), yes));
  yes.addEventListener('click', async () => {
    yes.disabled = true;
    try {
      await call('DELETE', `/people/${encodeURIComponent(person.id)}`);
      dialog.close();
      say(`${person.name} is forgotten.`);
      await changed();
    } catch (problem) {
      yes.disabled = false;
      error.textContent = problem.message;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

class EnrolForm {
  #photos = [];

  constructor({ say, enrolled }) {
    Object.assign(this, { say, enrolled });
    this.name = h('input', { id: 'person-name', name: 'name', maxlength: 60, autocomplete: 'off', required: true });
    this.consent = h('input', { id: 'consent', type: 'checkbox', required: true });
    this.error = h('p', { class: 'error', role: 'alert' });
    this.shelf = h('ul', { class: 'shelf', 'aria-label': 'Photos' });
    this.submit = h('button', { type: 'submit', class: 'primary wide' }, 'Enrol');
    this.node = h('form', { class: 'card enrol', novalidate: true, onsubmit: (e) => this.#send(e) },
      h('h2', {}, 'Enrol somebody'),
      h('div', { class: 'field' }, h('label', { for: 'person-name' }, 'Name'), this.name),
      this.#dropZone(), this.shelf,
      h('label', { class: 'consent' }, this.consent, h('span', {}, 'This person agreed to be recognised here, or I am the guardian who decides it.')),
      this.error, this.submit,
      h('p', { class: 'soft' }, h('small', {}, 'The photos become a row of numbers on this gateway and are not kept. They are never sent anywhere else.')));
  }

  #dropZone() {
    const choose = this.#fileInput('choose', { multiple: true }, 'upload', 'Choose photos');
    const shoot = this.#fileInput('shoot', { capture: 'user' }, 'photo', 'Take a photo');
    const zone = h('div', { class: 'drop' }, h('p', {}, 'Drop photos here'),
      h('p', { class: 'soft' }, 'Three to five, facing the camera, in different light.'), h('div', { class: 'actions' }, choose, shoot));
    for (const kind of ['dragenter', 'dragover']) zone.addEventListener(kind, (e) => this.#hover(e, zone, true));
    for (const kind of ['dragleave', 'drop']) zone.addEventListener(kind, (e) => this.#hover(e, zone, false));
    zone.addEventListener('drop', (e) => this.#add(e.dataTransfer.files));
    return zone;
  }

  #fileInput(id, props, drawing, text) {
    const input = h('input', { id, type: 'file', accept: 'image/jpeg,image/png,image/webp', class: 'unseen', ...props });
    input.addEventListener('change', async () => {
      await this.#add(input.files);
      input.value = '';
    });
    return h('label', { class: 'button quiet', for: id }, input, icon(drawing), text);
  }

  #hover(event, zone, over) {
    event.preventDefault();
    zone.classList.toggle('over', over);
  }

  async #add(files) {
    this.error.textContent = '';
    const { photos, refused } = await photosFrom(files);
    this.#photos.push(...photos);
    if (refused.length) this.error.textContent = `Not a picture that this browser can read: ${refused.join(', ')}.`;
    if (this.#photos.length > MOST) {
      this.#photos.splice(MOST).forEach((photo) => URL.revokeObjectURL(photo.url));
      this.error.textContent = `${MOST} photos are enough; the others were left out.`;
    }
    this.#drawShelf();
  }

  #drawShelf() {
    this.shelf.replaceChildren(...this.#photos.map((photo, index) => h('li', { data: { verdict: photo.verdict ?? '' } },
      h('img', { src: photo.url, alt: `Photo ${index + 1}` }),
      h('button', { type: 'button', class: 'plain', 'aria-label': `Remove photo ${index + 1}`, onclick: () => this.#remove(photo) }, icon('cross')),
      photo.verdict && h('p', {}, icon(photo.verdict === 'ok' ? 'check' : 'warn'), photo.verdict === 'ok' ? 'Good' : photoFlaw(photo.verdict)))));
  }

  #remove(photo) {
    URL.revokeObjectURL(photo.url);
    this.#photos = this.#photos.filter((one) => one !== photo);
    this.#drawShelf();
  }

  #missing() {
    if (!this.name.value.trim()) return [this.name, 'Please give a name.'];
    if (!this.#photos.length) return [this.node.querySelector('#choose'), 'Please add photos.'];
    if (!this.consent.checked) return [this.consent, 'Please confirm the consent.'];
    return null;
  }

  async #send(event) {
    event.preventDefault();
    const [field, text] = this.#missing() ?? [null, ''];
    this.error.textContent = text;
    if (field) {
      field.focus();
      return;
    }
    const form = new FormData();
    form.append('name', this.name.value.trim());
    form.append('consent', 'yes');
    this.#photos.forEach((photo, index) => form.append('photos', photo.blob, `${index}.jpg`));
    this.submit.disabled = true;
    this.submit.textContent = 'Looking at the photos…';
    try {
      await this.#judged(await call('POST', '/people', form));
    } catch (error) {
      this.error.textContent = error.message;
    }
    this.submit.disabled = false;
    this.submit.textContent = 'Enrol';
  }

  async #judged(report) {
    report.photos.forEach((photo, index) => {
      this.#photos[index].verdict = photo.refused ?? 'ok';
    });
    this.#drawShelf();
    if (!report.id) {
      this.error.textContent = `${report.accepted} of ${report.photos.length} photos are good enough; it takes ${report.needed}.`;
      return;
    }
    this.say(`${report.name} is enrolled.`);
    if (report.like) this.error.textContent = `${report.name} is enrolled, but looks much like ${report.like}: expect mistakes between the two.`;
    this.forget();
    this.name.value = '';
    this.consent.checked = false;
    await this.enrolled();
  }

  forget() {
    this.#photos.forEach((photo) => URL.revokeObjectURL(photo.url));
    this.#photos = [];
    this.#drawShelf();
  }
}

