// Small helpers to build the page from nodes; text is always text, never markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element: `on…` are listeners, `data` a map, true/false/null attributes appear bare or not at all. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'class') node.className = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A titled part of a page. */
export function card(title, ...content) {
  return h('section', { class: 'card' }, h('div', { class: 'card-head' }, h('h2', {}, title)), ...content);
}

/** A drawing from icons.svg; decorative unless it has a label. */
export function icon(name, label = '') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  if (label) {
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
  } else {
    svg.setAttribute('aria-hidden', 'true');
  }
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `/door/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Something went wrong here, in words, with a way to try again where there is one. */
export function trouble(error, again = null) {
  return h('div', { class: 'empty', role: 'alert' }, icon('warn'), h('p', {}, error.message),
    again && h('button', { class: 'quiet', type: 'button', onclick: again }, 'Try again'));
}

/** Nothing here, and what to do about it. */
export function empty(drawing, title, hint = '') {
  return h('div', { class: 'empty' }, icon(drawing), h('p', {}, h('strong', {}, title)), hint && h('p', {}, hint));
}

/** Grey bars in place of what is being fetched. */
export function loading(lines = 3) {
  return h('div', { class: 'skeleton', role: 'status' }, h('span', { class: 'unseen' }, 'Loading'),
    ...Array.from({ length: lines }, () => h('div', { class: 'bar' })));
}
