/** What a + offers: kinds of steps, by mouse and by arrow keys; a fork in the middle asks where the rest goes. */
import { $, $$, composing, place } from '../../dom.js';
import { saying } from '../studio.js';
import { add } from './flow.js';

let menu = null, opener = null;

export function closeMenu(isFocused = false) {
  menu?.remove();
  menu = null;
  opener?.setAttribute('aria-expanded', 'false');
  if (isFocused) opener?.focus();
}

export function openMenu(plus) {
  closeMenu();
  opener = plus;
  menu = document.createElement('div');
  menu.className = 'fmenu';
  menu.setAttribute('role', 'menu');
  menu.setAttribute('aria-label', plus.getAttribute('aria-label'));
  menu.append($('#flow-menu').content.cloneNode(true));
  document.body.append(menu);
  place(plus, menu, 8);
  plus.setAttribute('aria-expanded', 'true');
  menu.addEventListener('click', (event) => { const found = event.target.closest('[data-step]'); if (found) take(JSON.parse(found.dataset.step)); });
  menu.addEventListener('keydown', keyed);
  $('button', menu).focus();
}

function keyed(event) {
  if (composing(event)) return;
  const all = $$('[data-step]', menu), at = all.indexOf(document.activeElement);
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (by) all.at((at + by) % all.length).focus();
  else if (event.key === 'Home') all[0].focus();
  else if (event.key === 'End') all.at(-1).focus();
  else if (event.key === 'Escape') { event.stopPropagation(); closeMenu(true); } else if (event.key === 'Tab') { closeMenu(true); return; } else return;
  event.preventDefault();
}

document.addEventListener('pointerdown', (event) => { if (menu && !menu.contains(event.target) && !event.target.closest('.fadd')) closeMenu(); }, true);
addEventListener('resize', () => closeMenu());

function take(step) {
  const { in: home, index, after } = opener.dataset, to = { in: home, index: Number(index) };
  closeMenu();
  if (!step.fork || after === '0') { add(step.step, to); return; }
  ask(step.step, to, after);
}

/** A fork between two steps: what follows goes on behind it, or in its last branch. */
function ask(step, to, after) {
  const dialog = $('#dlg-rest');
  $('[data-rest-says]', dialog).textContent = saying('flow_rest', { n: after });
  dialog.returnValue = '';
  dialog.onclose = () => { if (dialog.returnValue) add(step, to, dialog.returnValue === 'else'); };
  dialog.showModal();
}
