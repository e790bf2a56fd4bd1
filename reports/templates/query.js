// Which cells the filters leave, and how many each choice would leave.

// Each filter: its values, a cell's value, and its bit. `environment` is either role.
function dimensions() {
  return {
    verdict: {values: D.verdictNames, of: D.verdict},
    saver: {values: D.environmentNames, of: D.saver},
    loader: {values: D.environmentNames, of: D.loader},
    model: {values: D.modelNames, of: D.model},
    format: {values: D.formatNames, of: D.format},
    cause: {values: D.causes.map((one) => one.id), of: D.cause},
    change: {values: D.changeNames, of: D.change},
    expected: {values: D.expectedNames, of: D.expected},
  };
}

let asked = '';
let answer = null;

function query() {
  const key = JSON.stringify([S.q, ...LISTS.map((name) => S[name])]);
  if (key !== asked) [asked, answer] = [key, compute()];
  return answer;
}

// `facet` counts what each choice of one filter would leave: cells that fail on no other filter.
function compute() {
  const dims = dimensions();
  const fails = new Int32Array(D.size); // a bit for each filter that the cell fails on
  const strike = (bit, keeps) => {
    for (let cell = 0; cell < D.size; cell += 1) if (!keeps(cell)) fails[cell] |= bit;
  };
  for (const [at, [name, {values, of}]] of Object.entries(dims).entries()) {
    const allowed = allow(S[name], values);
    if (allowed) strike(1 << at, (cell) => allowed[of[cell]]);
  }
  const either = allow(S.environment, D.environmentNames);
  if (either) strike(1 << 30, (cell) => either[D.saver[cell]] || either[D.loader[cell]]);
  const words = textFilter(S.q);
  if (words) strike(1 << 30, words);
  return {cells: places(fails), facet: (name) => facetOf(dims[name], fails, 1 << Object.keys(dims).indexOf(name))};
}

function places(fails) {
  const cells = new Uint32Array(D.size);
  let size = 0;
  for (let cell = 0; cell < D.size; cell += 1) {
    if (fails[cell] === 0) {
      cells[size] = cell;
      size += 1;
    }
  }
  return cells.subarray(0, size);
}

function facetOf({values, of}, fails, bit) {
  const counts = new Uint32Array(values.length);
  for (let cell = 0; cell < D.size; cell += 1) {
    if ((fails[cell] & ~bit) === 0 && of[cell] >= 0) counts[of[cell]] += 1;
  }
  return counts;
}

function allow(chosen, values) {
  if (!chosen.length) return null;
  const found = new Uint8Array(values.length);
  for (const value of chosen) {
    const at = values.indexOf(value);
    if (at >= 0) found[at] = 1;
  }
  return found;
}

// Every word must stand somewhere in the cell's names, reason or cause. Texts are shared by many
// cells, so each text is searched once, not each cell.
function textFilter(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const exact = words.length === 1 && words[0].split('/').length === 4 ? findCell(text.trim()) : -1;
  if (exact >= 0) return (cell) => cell === exact;
  const tests = words.map((word) => {
    const hit = (values) => Uint8Array.from(values, (value) => (value.toLowerCase().includes(word) ? 1 : 0));
    const environments = hit(D.environmentNames);
    const models = hit(D.modelNames.map((name) => `${name} ${D.recipeByName.get(name)?.title ?? ''}`));
    const formats = hit(D.formatNames);
    const verdicts = hit(D.verdictNames);
    const reasons = hit(D.lowered ??= D.strings.map((one) => one.toLowerCase()));
    const causes = hit(D.causes.map((cause) => `${cause.id} ${cause.title}`));
    return (cell) => reasons[D.reason[cell] - 1] || reasons[D.because[cell] - 1] || environments[D.saver[cell]] || environments[D.loader[cell]]
      || models[D.model[cell]] || formats[D.format[cell]] || verdicts[D.verdict[cell]]
      || (D.cause[cell] >= 0 && causes[D.cause[cell]]);
  });
  return (cell) => tests.every((test) => test(cell));
}

// Counts by verdict, as reports/mix.py has them.
class Mix {
  constructor(counts = new Uint32Array(D.looks.length)) { this.counts = counts; }

  add(verdict) { this.counts[verdict] += 1; }

  take(other) { for (let at = 0; at < this.counts.length; at += 1) this.counts[at] += other.counts[at]; }

  sum(flags) { return this.counts.reduce((sum, number, at) => sum + (flags[at] ? number : 0), 0); }

  get total() { return this.counts.reduce((sum, number) => sum + number, 0); }

  get safe() { return this.sum(D.isSafe); }

  get red() { return this.sum(D.isRed); }

  get answered() { return this.total - this.sum(D.isAside); }

  // ✓ 12 ≠ 3; for names and labels: `12 identical, 3 drifted`.
  get words() {
    return D.looks.map((look, at) => (this.counts[at] ? `${count(this.counts[at])} ${look.verdict}` : '')).filter(Boolean).join(', ') || 'no cells';
  }
}

function mixOf(cells) {
  const mix = new Mix();
  for (const cell of cells) mix.add(D.verdict[cell]);
  return mix;
}

// The bar is for the eye only: whoever draws it says the same in words.
function mixBar(mix) {
  const total = mix.total || 1;
  return el('span', {class: 'mix', 'aria-hidden': 'true'}, D.looks.map((look, at) => mix.counts[at]
    && el('span', {class: `fill v-${look.verdict}`, style: {'flex-grow': String(mix.counts[at] / total)}})));
}

// The same as a background, for a grid that has hundreds: plain colours, since signs stand above it.
function mixStripe(mix) {
  const total = mix.total || 1;
  let at = 0;
  const stops = [];
  for (const [verdict, look] of D.looks.entries()) {
    if (!mix.counts[verdict]) continue;
    const from = at;
    at += 100 * mix.counts[verdict] / total;
    stops.push(`var(--${look.verdict}) ${from.toFixed(1)}% ${at.toFixed(1)}%`);
  }
  return `linear-gradient(90deg, ${stops.join(', ')})`;
}

function sign(verdict, withWord) {
  const look = D.looks[verdict];
  return el('span', {class: `sign v-${look.verdict}`, title: `${look.verdict}: ${look.meaning}`},
    el('span', {class: 'symbol', 'aria-hidden': 'true'}, look.symbol),
    el('span', {class: withWord ? '' : 'unseen'}, look.verdict));
}
