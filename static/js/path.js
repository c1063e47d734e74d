/** Whom the document would go to, while it is typed: asked of the server a moment after the last edit. */
import { $, elementsOf } from './dom.js';

const PAUSE = 400, form = $('form#document'), home = $('[data-path]');

if (form && home) {
  const typed = () => new URLSearchParams(new FormData(form)).toString();
  let timer = 0, asked = 0, last = typed();
  const ask = async () => {
    const body = typed(), number = ++asked;
    if (body === last) return;
    last = body;
    try {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const answer = await fetch(home.dataset.path, { method: 'POST', body, headers, credentials: 'same-origin' });
      if (!answer.ok || number !== asked) return;
      const text = await answer.text(), drawn = [...elementsOf(text)].find((node) => node.id === 'path');
      // Nothing is drawn again that says the same: a reader hears only what is new.
      if (drawn && drawn.textContent !== $('#path', home).textContent) $('#path', home).replaceWith(drawn);
    } catch { /* Offline: what was said last stands. */ }
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(ask, PAUSE); };
  for (const name of ['input', 'change', 'ref:chosen', 'grid:changed', 'form:restored']) form.addEventListener(name, later);
}
