/** Columns of a list: pinned ones stay in sight, an edge is dragged, in the sheet they are dragged into order. */
import { $, $$ } from './dom.js';

const NARROWEST = 48, WIDEST = 800;

/** Pinned columns stand beside each other at the left; their places follow from their widths. */
function pin() {
  for (const table of $$('#list .lst-t')) {
    let left = 0;
    $$('thead th', table).forEach((head, at) => {
      if (!head.hasAttribute('data-pin')) return;
      for (const cell of $$(`tr > :nth-child(${at + 1})`, table)) {
        cell.classList.add('is-pin');
        cell.style.insetInlineStart = `${left}px`;
      }
      left += head.offsetWidth;
    });
  }
}

/** The address of the list with another width of one column. */
function resized(head, width) {
  const address = new URL(location.href);
  const heads = $$('th[data-code]', head.parentElement).filter((each) => each.dataset.code);
  const columns = heads.map((each) => {
    const own = each === head ? width : Number($$('col', each.closest('table'))[heads.indexOf(each)]?.getAttribute('width') ?? 0);
    return `${each.dataset.code}${each.hasAttribute('data-pin') ? '!' : ''}${own ? `:${Math.round(own)}` : ''}`;
  });
  address.searchParams.set('cols', columns.join(','));
  return address.pathname + address.search;
}

let drag = null;

/** Where the right edge of a heading is taken hold of. */
const edge = (event) => {
  const head = event.target.closest?.('#list thead th[data-code]:not([data-code=""])');
  return head && head.getBoundingClientRect().right - event.clientX < 8 ? head : null;
};

document.addEventListener('pointerdown', (event) => {
  const head = event.pointerType === 'mouse' ? edge(event) : null;
  if (!head) return;
  event.preventDefault();
  drag = { head, from: event.clientX, width: head.offsetWidth, now: head.offsetWidth };
});

document.addEventListener('pointermove', (event) => {
  if (!drag) { document.body.classList.toggle('is-edge', event.pointerType === 'mouse' && Boolean(edge(event))); return; }
  drag.now = Math.min(Math.max(drag.width + event.clientX - drag.from, NARROWEST), WIDEST);
  drag.head.style.minWidth = drag.head.style.maxWidth = `${drag.now}px`;
});

document.addEventListener('pointerup', () => {
  if (!drag) return;
  const { head, width, now } = drag;
  drag = null;
  if (Math.abs(now - width) < 3) return;
  const href = resized(head, now);
  htmx.ajax('GET', href, { target: '#list', swap: 'outerMorph' }).then(() => history.pushState({}, '', href));
});

// A drag ends with a click on the heading, which would sort.
document.addEventListener('click', (event) => { if (edge(event)) event.preventDefault(); }, true);

/** A fifth of what a list weighs, and only the sheet of columns needs it. */
async function sortable() {
  const lists = $$('[data-columns]').filter((list) => !list.dataset.isSortable);
  for (const list of lists) list.dataset.isSortable = '1';
  if (!lists.length) return;
  const { default: Sortable } = await import('../vendor/sortable.js');
  for (const list of lists) Sortable.create(list, { handle: '.lay-grip', animation: 140 });
}

document.addEventListener('htmx:after:swap', () => { pin(); sortable(); });
addEventListener('resize', pin);
pin();
