/** Signing out clears what this browser keeps. Scans that were not sent yet stay, whoever made them: they are work, and nowhere else. */
import { $, el } from './dom.js';
import { t } from './texts.js';

const SCANS = 'dajian-scan', DRAFTS = 'dajian-drafts';

/** How many scans wait on this device; a store that is not there is not made by asking. */
function waiting() {
  return new Promise((resolve) => {
    const asked = indexedDB.open(SCANS);
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = () => resolve(0);
    asked.onsuccess = () => {
      const base = asked.result;
      if (!base.objectStoreNames.contains('scans')) { base.close(); resolve(0); return; }
      const count = base.transaction('scans').objectStore('scans').count();
      count.onsuccess = () => { base.close(); resolve(count.result); };
      count.onerror = () => { base.close(); resolve(0); };
    };
  });
}

/** Ask whether to leave all the same; resolves once the dialog is closed. */
function asked(n) {
  const dialog = el('dialog', { class: 'dlg', 'aria-labelledby': 'dlg-scans-t' },
    el('div', { class: 'dlg-h' }, el('h2', { id: 'dlg-scans-t' }, t('scans_title', { n }))),
    el('div', { class: 'dlg-b' }, el('p', {}, t('scans_text'))),
    el('div', { class: 'dlg-f' }, el('a', { class: 'btn', href: '/scan/' }, t('scans_send')), el('button', { type: 'button', class: 'btn btn-primary', onclick: () => dialog.close('go') }, t('scans_leave'))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => { dialog.addEventListener('close', () => { dialog.remove(); resolve(dialog.returnValue === 'go'); }); });
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.matches('form[action$="/sign-out"]')) return;
  event.preventDefault();
  const n = await waiting().catch(() => 0);
  if (n) {
    if (!await asked(n)) { $('button', form).focus(); return; }
    form.append(el('input', { type: 'hidden', name: 'keep', value: 'scans' }));
    // The browser is asked to clear all or nothing; what is not scans is cleared here.
    localStorage.clear();
    sessionStorage.clear();
    indexedDB.deleteDatabase(DRAFTS);
  }
  form.submit();
});
