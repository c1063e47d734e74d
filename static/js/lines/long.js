/**
 * Long documents: above `LONG` rows each row is a box of its own that is laid out when it comes into sight.
 *
 * A table of thousands of rows is laid out as a whole with every key that changes one of its cells. The
 * columns of a long one are the widths its classes name (`--w`), put together as `--lg-cols`.
 */
const LONG = 150;

/** The tracks of the columns that are there. */
function tracks(table) {
  const cells = [...table.tHead.rows[0].cells].filter((cell) => !cell.hidden);
  return cells.map((cell) => {
    const wide = getComputedStyle(cell).getPropertyValue('--w').trim();
    return !wide || wide === 'auto' ? 'minmax(0, 1fr)' : wide;
  }).join(' ');
}

function lengthen(table) {
  const draw = () => table.style.setProperty('--lg-cols', tracks(table));
  draw();
  table.classList.add('is-long');
  // Rules hide whole columns: those that are left close up.
  new MutationObserver(draw).observe(table.tHead, { attributes: true, attributeFilter: ['hidden'], subtree: true });
}

/** Before `more` rows come: a table that will be long gets its own way of being laid out, and keeps it. */
export function measure(table, more = 0) {
  if (!table.classList.contains('is-long') && table.tBodies[0].rows.length + more > LONG) lengthen(table);
}
