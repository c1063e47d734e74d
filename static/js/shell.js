/** The frame: drawer on a phone, menus that close, the shortcut sheet, the keys that work everywhere. */
import { $, $$, composing } from './dom.js';
import './desk/page.js';
import './sign-out.js';

const side = $('#side'), page = $('#page'), scrim = $('.scrim');
const typing = (target) => target.closest?.('input, textarea, select, [contenteditable], dialog[open]');
let opener = null;

function drawer(isOpen) {
  side.classList.toggle('open', isOpen);
  scrim.hidden = !isOpen;
  page.inert = isOpen;
  if (isOpen) $('a, button', side)?.focus();
  else opener?.focus();
}

document.addEventListener('click', (event) => {
  const handle = event.target.closest('[data-drawer]');
  if (handle) {
    const isOpen = handle.dataset.drawer === 'open';
    if (isOpen) opener = handle;
    drawer(isOpen);
  }
  // A menu closes when something else is clicked, and after one of its own entries is.
  for (const menu of $$('details[data-menu][open]')) {
    if (!menu.contains(event.target) || event.target.closest('.menu a, .menu button')) menu.open = false;
  }
  if (event.target.closest('[data-shortcuts]')) $('#shortcuts').showModal();
  // A click beside a dialog's sheet closes it.
  if (event.target.matches?.('dialog[open]')) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail) event.target.close();
  }
});

function closeTop() {
  if (side?.classList.contains('open')) { drawer(false); return true; }
  const menu = $('details[data-menu][open]');
  if (!menu) return false;
  menu.open = false;
  $('summary', menu).focus();
  return true;
}

/** Arrows walk through an open menu. */
function walkMenu(event) {
  const menu = event.target.closest?.('details[data-menu][open]');
  if (!menu) return false;
  const entries = $$('.menu a, .menu button', menu), at = entries.indexOf(event.target);
  const next = event.key === 'ArrowDown' ? at + 1 : at - 1;
  entries.at(next % entries.length)?.focus();
  return true;
}

/** The palette comes when a hand is on its way to it, so that it is there at once when it is asked for. */
let palette = null;
const fetched = () => import('./palette.js').then((module) => { palette = module; return module; });
const ask = () => { if (palette) palette.open(); else fetched().then(({ open }) => open()); };
document.addEventListener('pointerover', (event) => { if (!palette && event.target.closest?.('[data-palette]')) fetched().catch(() => {}); });
document.addEventListener('click', (event) => { if (event.target.closest('[data-palette]')) ask(); });
document.addEventListener('keydown', (event) => {
  if (!palette && (event.key === 'Control' || event.key === 'Meta') && $('#palette')) fetched().catch(() => {});
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k' && $('#palette')) { event.preventDefault(); ask(); }
});

let isGoing = false;

document.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  if (event.key === 'Escape' && closeTop()) return event.preventDefault();
  if (/^Arrow(Down|Up)$/.test(event.key) && walkMenu(event)) return event.preventDefault();
  if (event.altKey && event.code === 'KeyN') {
    const fresh = $('#new');
    if (fresh) { event.preventDefault(); fresh.click(); if (fresh.tagName === 'SUMMARY') $('.menu a', fresh.parentElement)?.focus(); }
    return;
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isGoing) {
    isGoing = false;
    const link = /^[a-z]$/.test(event.key) && $(`[data-go=${event.key}]`, side);
    if (link) { event.preventDefault(); link.click(); return; }
  }
  if (event.key === 'g') { isGoing = true; setTimeout(() => { isGoing = false; }, 1200); }
  else if (event.key === '?') { event.preventDefault(); $('#shortcuts')?.showModal(); }
  else if (event.key === '/') {
    const search = $('#q');
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
});

// A long menu opens at the page one is on.
$('.nav [aria-current=page]', side ?? document)?.scrollIntoView({ block: 'nearest' });

// A swap that takes the focused element away leaves the focus in the content, never on nothing.
document.addEventListener('htmx:after:swap', () => {
  if (document.activeElement === document.body) $('#main')?.focus({ preventScroll: true });
});
