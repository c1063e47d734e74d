/** What not every page of a record has: fetched when it is there, now or after an answer was put in. */
import { $, $$ } from './dom.js';

const PARTS = [
  ['rich-text', () => import('./rich-text.js')],
  ['.files[data-upload]', () => import('./attachments.js')],
  ['#comment, dialog[data-deed], [data-answer]', () => import('./decide.js')],
  ['[data-name-people], [id^=comment-]', () => import('./record/talk.js')],
  ['main[data-explain]', () => import('./why.js')],
  ['[data-path]', () => import('./path.js')],
  ['img[data-barcode]', () => import('./barcode.js')],
  ['[data-picks]', () => import('./picks.js')],
  ['[data-query]', () => import('./query.js')],
  ['[data-steps], [data-locate]', () => import('./steps.js')],
  ['#problems [data-conflict]', () => import('./conflict.js')],
];

/** The lines that have a column out of a tree; their boxes look like any other. */
const hasTree = (grid) => Object.values(grid.model?.fields ?? {}).some((field) => field.tree);

const waiting = new Set(PARTS);

function bring() {
  for (const part of waiting) {
    const [selector, load] = part;
    if (!$(selector)) continue;
    waiting.delete(part);
    // Without a network nothing is lost: it is asked for again with the next answer.
    load().catch(() => waiting.add(part));
  }
  if ($$('line-grid').some(hasTree)) import('./lines/tree.js');
}

document.addEventListener('htmx:after:swap', bring);
// A key in a line brings nothing new; a line that came may.
document.addEventListener('grid:changed', ({ detail }) => { if (detail.isStructure) bring(); });
bring();
