/** What may stand in a formula: fields and functions, found by name, code, meaning or pinyin initials. */

const GROUPS = { line: 0, header: 1, through: 2, column: 3, other: 4 };
const MOST = 40;

/** How well a name fits what was typed; lower is better, null when it does not fit. */
function fit(typed, shown, code, find) {
  const name = shown.toLowerCase(), path = code.toLowerCase();
  if (name === typed || path === typed) return 0;
  const words = find.split(' ');
  if (name.startsWith(typed) || words.includes(typed)) return 1;
  const last = (text) => text.slice(text.lastIndexOf('.') + 1);
  if (last(name).startsWith(typed) || path.startsWith(typed) || last(path).startsWith(typed)) return 2;
  if (words.some((word) => word.startsWith(typed))) return 3;
  return find.includes(typed) ? 4 : null;
}

/** Every word must fit; the worst of them counts. */
function fitAll(words, shown, code, find) {
  let worst = 0;
  for (const word of words) {
    const one = fit(word, shown, code, find);
    if (one === null) return null;
    worst = Math.max(worst, one);
  }
  return worst;
}

export class Names {
  constructor(names = [], functions = []) {
    this.names = names;
    this.functions = functions;
    this.byStored = new Map(names.map((name) => [name.stored, name]));
    this.byName = new Map(functions.flatMap((each) => [each.name, ...each.aliases].map((name) => [name.toUpperCase(), each])));
  }

  /** What a stored name is called; also for names only the server has met so far. */
  learn(reads) {
    for (const read of reads) if (!this.byStored.has(read.stored)) this.byStored.set(read.stored, { ...read, code: '', group: 'other' });
  }

  fields(text) { return this.search(text, this.names, (each) => [each.label, each.code, each.find], (each) => GROUPS[each.group]); }

  functionsLike(text) { return this.search(text, this.functions, (each) => [each.name, each.aliases.join('.'), each.find], () => 0); }

  search(text, all, parts, rank) {
    const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    all.forEach((each, place) => {
      const score = fitAll(words, ...parts(each));
      if (score !== null) found.push({ each, score, rank: rank(each), place });
    });
    if (words.length) found.sort((a, b) => a.score - b.score || a.rank - b.rank || a.place - b.place);
    return found.map((one) => one.each);
  }

  /** Fields and functions for one typed word, best first. */
  complete(word) {
    const scored = [];
    const add = (kind, each, parts, rank, least = 0) => {
      const score = fitAll([word.toLowerCase()], ...parts);
      if (score !== null) scored.push({ kind, each, score: score && Math.max(score, least), rank });
    };
    for (const each of this.names) add('field', each, [each.label, each.code, each.find], GROUPS[each.group]);
    // What is a field's own initials comes before a function that begins like them. The meaning of a function is looked for in the list beside the editor: here one types its name.
    for (const each of this.functions) add('function', each, [each.name, each.aliases.join('.'), each.name.toLowerCase()], 1, 2);
    scored.sort((a, b) => a.score - b.score || a.rank - b.rank);
    return scored.slice(0, MOST);
  }
}
