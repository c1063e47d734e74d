/** What only the server computes: its figure stands until something it reads has changed; from then on nobody knows it before saving. */
import { scaled, unscaled } from './typed.js';

/** The plain value of a computed cell as the server wrote it. */
function plainOf(program, text) {
  if (!text || program.places === undefined) return text || null;
  const digits = text.replaceAll(',', '').replace('−', '-');
  return program.suffix === '%' ? unscaled(scaled(digits.replace('%', '')) / 100n) : digits;
}

export class ServerValues {
  constructor(model) {
    this.fields = model.fields;
    this.first = new Map();
    this.rows = new WeakMap();
    this.unknown = new Set();
  }

  /** Whether a formula of the header can be told: nothing it reads waits for the server, and it need not be asked itself. */
  isKnown(program, header, lines) {
    const { reads, server_only: isServers } = program.formula;
    let known = reads.every(([place, code]) => place !== '' || !this.unknown.has(code));
    if (isServers) {
      const read = JSON.stringify(reads.map(([place, code]) => (place ? (lines[place] ?? []).map((row) => row[code]) : header[code])));
      if (!this.first.has(program.code)) this.first.set(program.code, read);
      known &&= this.first.get(program.code) === read;
    }
    if (known) this.unknown.delete(program.code);
    else this.unknown.add(program.code);
    return known;
  }

  /** The figure of the header that came with the page. */
  ofHeader(program) { return this.fields[program.code]?.value ?? null; }

  /** The figure of a line that came with the page, or null when what it reads has changed since. */
  ofRow(program, row, values, header, out) {
    const { reads } = program.formula;
    const read = JSON.stringify(reads.map(([place, code]) => (place === program.lines ? values[code] : header[code])));
    const known = this.rows.get(row) ?? new Map();
    this.rows.set(row, known);
    if (!known.has(program.code)) known.set(program.code, [read, plainOf(program, out?.textContent.trim())]);
    const [before, value] = known.get(program.code);
    return before === read ? value : null;
  }
}
