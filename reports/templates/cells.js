// The list of cells: sorted by any column, a page at a time, so that 100,000 are no burden.

const PAGE = 100;
const COLUMNS = [
  ['verdict', 'Verdict'], ['saver', 'Saved by'], ['loader', 'Loaded by'], ['model', 'Model'],
  ['format', 'Format'], ['reason', 'Reason'], ['change', 'Was'],
];
let page = 0;
let pageOf = null; // the answer that `page` counts in
let ranks = null; // reasons in alphabetical order

function sortedCells() {
  const {cells} = query();
  const [, down, name] = /^(-?)(\w*)$/.exec(S.sort) || [];
  const keys = sortKeys(COLUMNS.some(([column]) => column === name) ? name : 'verdict');
  const most = keys.reduce((one, other) => Math.max(one, other), 0);
  return countingSort(cells, down ? keys.map((key) => most - key) : keys, most);
}

// By counting how many come before each: 100,000 are sorted within a frame, and equals stay in order.
function countingSort(cells, keys, most) {
  const next = new Uint32Array(most + 2);
  for (const cell of cells) next[keys[cell] + 1] += 1;
  for (let key = 1; key < next.length; key += 1) next[key] += next[key - 1];
  const found = new Uint32Array(cells.length);
  for (const cell of cells) {
    const key = keys[cell];
    found[next[key]] = cell;
    next[key] += 1;
  }
  return found;
}

// Without a wish the worst come first: drift before all else, since nobody else tells about it.
const WORST = ['drifted', 'crashed', 'hung', 'refused', 'broken', 'missing', 'unavailable', 'remedied', 'degraded', 'identical', 'unsupported'];

function sortKeys(name) {
  if (name === 'verdict') {
    const place = D.verdictNames.map((verdict) => WORST.indexOf(verdict));
    return D.verdict.map((verdict) => place[verdict]);
  }
  if (name === 'change') return D.before.map((verdict) => verdict + 1);
  return name === 'reason' ? reasonRanks() : dimensions()[name].of;
}

function reasonRanks() {
  if (!ranks) {
    const order = D.strings.map((_, at) => at).sort((a, b) => (D.strings[a] < D.strings[b] ? -1 : 1));
    const place = new Uint32Array(D.strings.length + 1);
    order.forEach((at, rank) => { place[at + 1] = rank + 1; });
    ranks = Uint32Array.from(D.reason, (reference) => place[reference]);
  }
  return ranks;
}

function drawCells(main) {
  const cells = sortedCells();
  const key = `${asked} ${S.sort}`;
  if (pageOf !== key) [pageOf, page] = [key, 0];
  if (!cells.length) {
    replace(main, nothing());
    return;
  }
  const from = page * PAGE;
  const shown = cells.subarray(from, from + PAGE);
  const withWas = D.changes !== null;
  const columns = COLUMNS.filter(([name]) => name !== 'change' || withWas);
  replace(main, pager(cells.length, from, shown.length, main),
    el('div', {class: 'scroll', tabindex: -1}, el('table', {class: 'cells', id: 'cells', onKeydown: listKey},
      el('thead', {}, el('tr', {}, columns.map(([name, title]) => headCell(name, title)))),
      el('tbody', {}, Array.from(shown, (cell) => row(cell, withWas))))),
    cells.length > PAGE && pager(cells.length, from, shown.length, main));
}

function headCell(name, title) {
  const now = S.sort === name ? 'ascending' : S.sort === `-${name}` ? 'descending' : 'none';
  const next = now === 'none' ? name : now === 'ascending' ? `-${name}` : '';
  return el('th', {scope: 'col', 'aria-sort': now}, el('button', {type: 'button', class: 'sorter', onClick: () => {
    go({sort: next});
    document.querySelector(`#cells th:nth-child(${1 + COLUMNS.findIndex(([one]) => one === name)}) button`)?.focus();
  }}, title, el('span', {class: 'arrow', 'aria-hidden': 'true'}, {ascending: ' ▲', descending: ' ▼', none: ''}[now])));
}

function row(cell, withWas) {
  const id = cellId(cell);
  return el('tr', {class: id === S.cell ? 'open' : '', onClick: (event) => {
    if (!event.target.closest('a,button') && !String(getSelection())) go({cell: id, pair: ''});
  }},
  el('td', {}, el('a', {href: hashOf({...S, cell: id, pair: ''}), class: 'opener', 'data-cell': id, onClick: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({cell: id, pair: ''});
  }}, sign(D.verdict[cell], true))),
  el('td', {class: 'name'}, D.environmentNames[D.saver[cell]]),
  el('td', {class: 'name'}, D.environmentNames[D.loader[cell]]),
  el('td', {class: 'name'}, D.modelNames[D.model[cell]]),
  el('td', {class: 'name'}, D.formatNames[D.format[cell]]),
  el('td', {class: 'reason'}, textOf(D.reason[cell]), expectedTag(cell)),
  withWas && el('td', {class: 'was'}, wasTag(cell), D.because[cell] ? el('span', {class: 'note'}, ' ', textOf(D.because[cell])) : null));
}

function expectedTag(cell) {
  if (!D.expected[cell]) return null;
  return [' ', D.expected[cell] === 1 ? el('span', {class: 'tag'}, 'as expected') : el('span', {class: 'tag unmet'}, 'not as expected')];
}

function wasTag(cell) {
  if (!D.change[cell]) return null;
  const name = D.changeNames[D.change[cell]];
  return el('span', {class: `tag change-${name}`}, D.before[cell] >= 0 ? `${name}, was ${D.verdictNames[D.before[cell]]}` : name);
}

function pager(total, from, size, main) {
  const turn = (by) => () => {
    page += by;
    drawCells(main);
    main.scrollIntoView();
  };
  return el('p', {class: 'pager'}, `${count(from + 1)}–${count(from + size)} of ${plural(total, 'cell')}`,
    total > PAGE && [' ', el('button', {type: 'button', class: 'plainbutton', disabled: from === 0, onClick: turn(-1)}, '← Previous'),
      ' ', el('button', {type: 'button', class: 'plainbutton', disabled: from + size >= total, onClick: turn(1)}, 'Next →')]);
}

function listKey(event) {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  const now = document.activeElement.closest?.('#cells tbody tr');
  if (!step || !now) return;
  const next = step > 0 ? now.nextElementSibling : now.previousElementSibling;
  next?.querySelector('.opener').focus();
  event.preventDefault();
}
