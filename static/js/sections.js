/** Tabs and folded sections of a document: keys, what stands wrong behind a tab, bringing a box into sight. */
import { $, $$ } from './dom.js';

const strip = $('[data-tabs]');
const tabs = strip ? $$('[role=tab]', strip) : [];
const panelOf = (tab) => document.getElementById(tab.getAttribute('aria-controls'));
const kept = strip && `tab:${strip.dataset.tabs}`;

/** Show one tab and remember it for this form until the window closes. */
function open(tab) {
  for (const other of tabs) {
    const isOpen = other === tab;
    other.setAttribute('aria-selected', String(isOpen));
    other.tabIndex = isOpen ? 0 : -1;
    hide(panelOf(other), !isOpen);
  }
  try { sessionStorage.setItem(kept, tab.dataset.tab); } catch { /* A private window keeps nothing. */ }
}

function fold(section, isFolded) {
  section.classList.toggle('is-folded', isFolded);
  $('[data-fold]', section)?.setAttribute('aria-expanded', String(!isFolded));
}

/** Bring whatever hides an element out of the way: its tab, its fold, the phone's leaving it out. */
export function reveal(element) {
  const panel = element.closest('[role=tabpanel]');
  if (panel?.hidden) open(document.getElementById(panel.getAttribute('aria-labelledby')));
  const section = element.closest('.is-folded');
  if (section) fold(section, false);
  element.closest('.ph-hide')?.classList.add('is-shown');
  element.closest('details')?.setAttribute('open', '');
}

/** Only what changes is written: whoever watches the attribute would hear of it without end. */
function hide(element, isHidden) { if (element.hidden !== isHidden) element.hidden = isHidden; }

/** A tab tells how much is wrong behind it, and goes when a rule has hidden all that stands on it. */
function tell() {
  for (const tab of tabs) {
    const panel = panelOf(tab), wrong = $$('[aria-invalid=true]', panel).length, badge = $('[data-wrong]', tab);
    hide(badge, !wrong);
    badge.firstElementChild.textContent = wrong;
    hide(tab, !$$('[data-section]', panel).some((section) => !section.hidden));
  }
  const current = tabs.find((tab) => tab.getAttribute('aria-selected') === 'true');
  if (current?.hidden) { const next = tabs.find((tab) => !tab.hidden); if (next) open(next); }
}

if (tabs.length) {
  let last = null;
  try { last = sessionStorage.getItem(kept); } catch { /* The first tab will do. */ }
  const again = tabs.find((tab) => tab.dataset.tab === last);
  if (again) open(again);
  tell();
  new MutationObserver(tell).observe(strip, { subtree: true, attributeFilter: ['aria-invalid', 'hidden'] });
  strip.addEventListener('click', (event) => { const tab = event.target.closest('[role=tab]'); if (tab) open(tab); });
  strip.addEventListener('keydown', (event) => {
    const tab = event.target.closest('[role=tab]');
    if (!tab || event.ctrlKey || event.altKey || event.metaKey) return;
    const seen = tabs.filter((one) => !one.hidden), at = seen.indexOf(tab);
    const next = { ArrowRight: seen[at + 1] ?? seen[0], ArrowLeft: seen[at - 1] ?? seen.at(-1), Home: seen[0], End: seen.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    open(next);
    next.focus();
  });
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-fold]');
  if (button) fold(button.closest('section'), button.getAttribute('aria-expanded') === 'true');
});
