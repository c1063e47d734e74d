/** A block copied from a spreadsheet as rows of cells: CRLF, quoted cells with tabs, quotes and line breaks, a last empty line. */
export function parseBlock(text) {
  const rows = [];
  let row = [], cell = '', isQuoted = false, at = 0;
  const source = text.replace(/\r\n?/g, '\n');
  const endCell = () => { row.push(cell); cell = ''; };
  const endRow = () => { endCell(); rows.push(row); row = []; };
  while (at < source.length) {
    const c = source[at];
    if (isQuoted) {
      if (c === '"' && source[at + 1] === '"') { cell += '"'; at += 1; }
      else if (c === '"') isQuoted = false;
      else cell += c;
    } else if (c === '"' && cell === '' && closes(source, at)) isQuoted = true;
    else if (c === '\t') endCell();
    else if (c === '\n') endRow();
    else cell += c;
    at += 1;
  }
  if (cell || row.length) endRow();
  while (rows.length && rows.at(-1).every((value) => !value.trim())) rows.pop();
  return rows.map((cells) => cells.map((value) => value.replace(/\s*\n\s*/g, ' ').trim()));
}

/** Whether the quote at `at` opens a quoted cell: its end is followed by a tab, a line break or nothing. A 3" pipe does not. */
function closes(source, at) {
  let i = at + 1;
  while (i < source.length) {
    if (source[i] !== '"') { i += 1; continue; }
    if (source[i + 1] === '"') { i += 2; continue; }
    return i + 1 === source.length || source[i + 1] === '\t' || source[i + 1] === '\n';
  }
  return false;
}

/** Whether pasted text is a block and not just words for one box. */
export const isBlock = (text) => /[\t\n]/.test(text.replace(/[\r\n]+$/, ''));
