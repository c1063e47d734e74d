/** Elements, icons, messages and floating boxes: what every other module stands on. */
import { t } from './texts.js';

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** A key that belongs to an input method (a pinyin candidate) and must not move or submit anything. */
export const composing = (event) => event.isComposing || event.keyCode === 229;

/** Make an element; `on…` attributes are listeners, false and null ones are left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child != null && child !== false));
  return made;
}

/** An icon of the sprite. */
export function icon(name, cls = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  made.setAttribute('class', `ic ${cls}`.trim());
  made.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `${document.body.dataset.icons}#${name}`);
  made.append(use);
  return made;
}

/** Say something at the bottom; at most two at a time, with an undo when there is one. */
export function toast(text, { undo = null, stay = false, actions = [] } = {}) {
  const home = $('.toasts');
  while (home.children.length > 1) home.firstChild.remove();
  const made = el('div', { class: 'toast' }, el('span', {}, text));
  const close = () => made.remove();
  for (const one of actions) made.append(el('button', { type: 'button', onclick: () => { close(); one.run(); } }, one.text));
  if (undo) made.append(el('button', { type: 'button', onclick: () => { close(); undo(); } }, t('undo')));
  if (stay) made.append(el('button', { type: 'button', onclick: close }, t('close')));
  else setTimeout(close, undo ? 8000 : 4000);
  home.append(made);
}

/** Put a `position: fixed` box under its anchor, above it when there is no room below. */
export function place(anchor, box, gap = 4) {
  const at = anchor.getBoundingClientRect(), margin = 8;
  const below = innerHeight - at.bottom - gap - margin;
  const isAbove = box.offsetHeight > below && at.top > below;
  box.style.left = `${Math.max(margin, Math.min(at.left, innerWidth - box.offsetWidth - margin))}px`;
  box.style.top = `${isAbove ? Math.max(margin, at.top - gap - box.offsetHeight) : at.bottom + gap}px`;
}

/** The JSON a page carries for its scripts. */
export function embedded(id) {
  const found = document.getElementById(id);
  return found ? JSON.parse(found.textContent) : null;
}

/** Ask for JSON; null when the server refuses or does not answer. An aborted request throws AbortError. */
export async function askJson(address, { body = null, signal = null } = {}) {
  const headers = { Accept: 'application/json' };
  if (body) {
    headers['Content-Type'] = 'application/json';
    headers['X-CSRFToken'] = $('input[name=csrf_token]')?.value ?? '';
  }
  try {
    const answer = await fetch(address, { method: body ? 'POST' : 'GET', headers, signal, credentials: 'same-origin', body: body && JSON.stringify(body) });
    return answer.ok ? await answer.json() : null;
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    return null;
  }
}

/** The time of day as 14:32. */
export const clock = (date) => `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;

/** What the server has drawn, as elements: scripts in it do not run. */
export const elementsOf = (text) => new DOMParser().parseFromString(text, 'text/html').body.childNodes;
