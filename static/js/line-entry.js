/** What fills the lines of a `<line-grid>` at one go: a block from the clipboard, a scanned barcode. */
import { toast } from './dom.js';
import { read, tidy } from './entries.js';
import { mark } from './invalid.js';
import { startCreating } from './lines/create.js';
import { isBlock, parseBlock } from './paste.js';
import { resolveAll } from './ref-lookup.js';
import { beep } from './scanner.js';
import { t } from './texts.js';

/** What was not recognised, each text once; nothing to show for most who paste. */
const showFixes = async (grid) => (await import('./lines/fixes.js')).showFixes(grid);

/** Take a block of cells from the clipboard; a plain text is the box's own business. */
export function pasteInto(grid, event) {
  const input = event.target, row = input.closest('tbody tr');
  const text = event.clipboardData?.getData('text/plain') ?? '';
  if (!row || grid.isLocked || !isBlock(text)) return;
  event.preventDefault();
  pasteBlock(grid, row, grid.codeOf(input), parseBlock(text));
}

/** The columns a block goes to: those its first row names, else the editable ones from the cell on. */
function targets(grid, block, code) {
  const editable = grid.model.columns.filter((column) => grid.model.fields[column].isEditable);
  const names = new Map(editable.map((column) => [grid.model.fields[column].label, column]));
  const heads = block[0].map((text) => names.get(text.replace(/[*＊\s]/g, '')) ?? null);
  if (block.length > 1 && heads.filter(Boolean).length >= Math.min(2, block[0].length)) return { columns: heads, rows: block.slice(1) };
  return { columns: editable.slice(editable.indexOf(code)), rows: block };
}

async function pasteBlock(grid, row, code, block) {
  const { columns, rows } = targets(grid, block, code);
  if (!rows.length) return;
  grid.keep();
  const start = row.rowIndex - 1, real = grid.body.rows.length - (grid.body.rows[grid.body.rows.length - 1].classList.contains('ghost') ? 1 : 0);
  const lacking = start + rows.length - real;
  if (lacking > 0) grid.grow(lacking, grid.body.rows[real] ?? null);
  const wanted = {}, waiting = [];
  let bad = 0;
  const all = grid.body.rows;
  rows.forEach((cells, i) => {
    const line = all[start + i];
    line.classList.remove('ghost');
    grid.touched.add(line);
    columns.forEach((column, j) => {
      if (!column || cells[j] === undefined || !grid.isOpen(line, column)) return;
      const lookup = grid.lookup(line, column);
      if (lookup) {
        lookup.set(null);
        lookup.input.value = cells[j];
        if (!cells[j]) return;
        (wanted[`${grid.code}.${column}`] ??= new Set()).add(cells[j]);
        waiting.push([line, column, cells[j]]);
      } else if (!paste(grid, line, column, cells[j])) bad += 1;
    });
  });
  const undo = () => grid.undo();
  if (waiting.length) {
    grid.setAttribute('aria-busy', 'true');
    const asked = Object.fromEntries(Object.entries(wanted).map(([name, texts]) => [name, [...texts]]));
    const found = await resolveAll(grid.dataset.resolve, asked, grid.warehouse());
    grid.removeAttribute('aria-busy');
    bad += settle(grid, waiting, found);
  }
  grid.refresh([], true);
  grid.focusCell(grid.body.rows[Math.min(start + rows.length, grid.body.rows.length - 1)], grid.stops[0]);
  showFixes(grid);
  toast(t(bad ? 'pasted_bad' : 'pasted', { rows: rows.length, bad }), { undo });
}

/** Put a found record into a cell, and what it brings along into cells that are still empty. */
export function takeFound(grid, line, column, row) {
  grid.lookup(line, column).set(row);
  grid.carry(line, column, { ...row.carry, code: [row.code ?? '', ''] });
  for (const [target, value] of Object.entries(row.fill ?? {})) {
    const input = grid.input(line, target);
    if (input && !input.value) { input.value = value; input.dataset.auto = value; }
  }
}

/** Give the pasted references their records; returns how many were not recognised. */
function settle(grid, waiting, found) {
  let bad = 0;
  for (const [line, column, text] of waiting) {
    grid.touched.add(line);
    const lookup = grid.lookup(line, column), row = found?.[`${grid.code}.${column}`]?.[text];
    if (!row) {
      bad += 1;
      lookup.input.dataset.shown = '';
      mark(lookup.input, t(found ? 'not_found' : 'lookup_failed', { text }));
      continue;
    }
    takeFound(grid, line, column, row);
  }
  return bad;
}

/** Put pasted text into a plain cell; false when it cannot be read. */
function paste(grid, line, column, text) {
  const input = grid.input(line, column);
  if (!input || input.readOnly) return true;
  delete input.dataset.auto;
  if (input.type === 'checkbox') { input.checked = /^(是|√|✓|y|yes|true|1)$/i.test(text); return true; }
  if (input.tagName === 'SELECT') {
    const option = [...input.options].find((o) => o.value === text || o.text.trim() === text);
    if (text && !option) { mark(input, t('not_choice', { text })); return false; }
    input.value = option?.value ?? '';
    return true;
  }
  const found = read(input, text);
  input.value = found ? found.shown : text;
  if (!found) { tidy(input); return false; }
  mark(input, null);
  return true;
}

/** A code nobody knows: seen, heard, and what can be done about it. */
function strange(grid, code) {
  const table = grid.body.parentElement, pattern = grid.lookup(grid.body.rows[0], grid.model.scan.item);
  table.classList.remove('flash-bad');
  void table.offsetWidth;
  table.classList.add('flash-bad');
  const keepIt = () => {
    grid.keep();
    const row = grid.rows.find((line) => grid.isBlank(line)), lookup = grid.lookup(row, grid.model.scan.item);
    lookup.input.value = code;
    lookup.unknown(code);
    grid.input(row, grid.model.scan.qty).value = '1';
    grid.refresh([row]);
    showFixes(grid);
  };
  const { barcode } = grid.model.scan, given = barcode ? { [barcode]: code } : {};
  const actions = [{ text: t('scan_keep'), run: keepIt }];
  if (pattern.dataset.create) actions.unshift({ text: t('lookup_new'), run: () => { keepIt(); startCreating(grid.lookup(grid.rows.at(-2), grid.model.scan.item), given); } });
  toast(t('no_barcode', { code }), { stay: true, actions });
}

/** Add one of what was scanned: to the line that has it, else to a new one. */
export async function scanInto(grid, code, box) {
  if (grid.isLocked) return;
  const { item, qty } = grid.model.scan, name = `${grid.code}.${item}`;
  const found = (await resolveAll(grid.dataset.resolve, { [name]: [code] }, grid.warehouse()))?.[name]?.[code];
  beep(Boolean(found));
  if (!found) {
    strange(grid, code);
    if (document.activeElement === document.body) box?.focus();
    return;
  }
  grid.keep();
  let row = grid.rows.find((line) => grid.lookup(line, item).key === String(found.id));
  if (!row) {
    row = grid.rows.find((line) => grid.isBlank(line));
    grid.lookup(row, item).choose(found, { isLate: true });
  }
  const input = grid.input(row, qty), plain = read(input)?.plain || '0';
  input.value = read(input, `=${plain}+1`).shown;
  grid.refresh([row]);
  grid.focusCell(row, qty);
  row.classList.remove('flash');
  void row.offsetWidth;
  row.classList.add('flash');
}
