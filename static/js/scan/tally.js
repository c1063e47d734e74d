/** What has been scanned, computed from what the server said and what it does not have yet. Exact: quantities are counted in millionths. */
const PLACES = 6;

/** A quantity as text → a whole number of millionths; null where it is no quantity. */
export function exact(text) {
  const [, sign, whole, part = ''] = String(text ?? '').trim().match(/^(-?)(\d{1,9})(?:\.(\d{1,6}))?$/) ?? [];
  if (whole === undefined) return null;
  const size = BigInt(whole + part.padEnd(PLACES, '0'));
  return sign ? -size : size;
}

/** Millionths → the shortest text. */
export function plain(size) {
  const digits = String(size < 0n ? -size : size).padStart(PLACES + 1, '0');
  const part = digits.slice(-PLACES).replace(/0+$/, '');
  return (size < 0n ? '-' : '') + digits.slice(0, -PLACES) + (part && `.${part}`);
}

const folded = (code) => code.trim().toLowerCase();

/** Goods by every text they are scanned by; a text that two goods share means neither. */
export function byCode(items) {
  const found = new Map();
  for (const item of items) {
    for (const code of item.codes) {
      const key = folded(code), other = found.get(key);
      found.set(key, other && other !== item.id ? null : item.id);
    }
  }
  return { get: (code) => found.get(folded(code)) ?? null };
}

/** The rows of a task: each line of the document, then goods it does not name and codes nobody knows yet. */
export function rowsOf(data, scans, names) {
  const sums = new Map();
  const add = (key, size) => sums.set(key, (sums.get(key) ?? 0n) + size);
  const lines = new Set(data.lines.map((line) => line.id));
  for (const line of data.lines) if (line.done != null) add(`l${line.id}`, exact(line.done) ?? 0n);
  for (const [item, done] of Object.entries(data.extra)) add(`i${item}`, exact(done) ?? 0n);
  for (const scan of scans) {
    const key = lines.has(scan.line) ? `l${scan.line}` : scan.item ? `i${scan.item}` : `c${scan.code}`;
    add(key, exact(scan.qty) ?? 0n);
  }
  const rows = data.lines.map((line) => ({ key: `l${line.id}`, line: line.id, item: line.item, place: line.place, wanted: exact(line.qty) ?? 0n, done: sums.get(`l${line.id}`) ?? null }));
  for (const [key, done] of sums) {
    if (key.startsWith('i')) rows.push({ key, line: null, item: Number(key.slice(1)), place: '', wanted: null, done });
    if (key.startsWith('c')) rows.push({ key, line: null, item: null, code: key.slice(1), place: '', wanted: null, done });
  }
  for (const row of rows) Object.assign(row, { name: row.code ?? `#${row.item}`, note: '' }, names.get(row.item));
  return rows;
}

/** The row a scanned item belongs to: its first line that still lacks some, else its last line, else its row beside the document. */
export function rowFor(rows, item) {
  const own = rows.filter((row) => row.item === item);
  const lines = own.filter((row) => row.line !== null);
  return lines.find((row) => (row.done ?? 0n) < row.wanted) ?? lines.at(-1) ?? own[0] ?? null;
}

/** How a row stands: open, part, full, over; extra where nobody asked for it. */
export function stateOf(row, isCount) {
  if (row.wanted === null) return isCount ? 'full' : 'extra';
  if (row.done === null) return 'open';
  if (isCount) return 'full';
  if (row.done > row.wanted) return 'over';
  return row.done === row.wanted ? 'full' : row.done > 0n ? 'part' : 'open';
}

/** What others did to a task meanwhile: `mine` are the scans the new data has from this device. */
export function differences(before, after, mine) {
  const found = [], now = new Map(after.lines.map((line) => [line.id, line]));
  for (const line of before.lines) {
    const then = now.get(line.id);
    if (!then) { found.push({ kind: 'gone', item: line.item }); continue; }
    if (then.qty !== line.qty) found.push({ kind: 'changed', item: line.item, from: line.qty, to: then.qty });
    const own = mine.filter((scan) => scan.line === line.id).reduce((sum, scan) => sum + (exact(scan.qty) ?? 0n), exact(line.done ?? '0'));
    const others = exact(then.done ?? '0') - own;
    if (others !== 0n) found.push({ kind: 'both', item: line.item, n: plain(others), done: plain(exact(then.done ?? '0')) });
  }
  return found;
}
