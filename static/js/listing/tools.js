/** The boxes of a record, where there is no record's page: their scripts and looks come when they are needed. */
import { $, $$, el } from '../dom.js';

const NEEDED = [
  ['[data-entry], [data-calendar]', () => import('../entries.js')],
  ['ref-lookup', () => import('../ref-lookup.js')],
  ['[data-picks], pick-list, .picks', () => import('../picks.js')],
  ['[data-steps], .steps, step-lists', () => import('../steps.js')],
];

/** Bring a piece of the page to life; resolves when its boxes work. */
export async function tools(root) {
  const wanted = NEEDED.filter(([selector]) => $$(selector, root).length).map(([, load]) => load());
  if (!$('link[data-record]')) {
    const styles = [new URL('../../css/record.css', import.meta.url), new URL('../../css/kinds.css', import.meta.url)];
    document.head.append(...styles.map(({ href }) => el('link', { rel: 'stylesheet', 'data-record': '', href })));
  }
  await Promise.all(wanted);
}

/** Wait until a text that was typed and left has its record. */
export async function settled() {
  const { settled: all } = await import('../ref-lookup.js');
  await all();
}
