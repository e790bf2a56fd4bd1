// The grid: any question against any other; saver against loader to begin with.

const AXES = {saver: 'saved by', loader: 'loaded by', model: 'model', format: 'format'};
const ROOMY = 12; // columns that fit with all their numbers

function drawGrid(main) {
  const rows = AXES[S.rows] ? S.rows : 'saver';
  const columns = AXES[S.columns] && S.columns !== rows ? S.columns : Object.keys(AXES).find((axis) => axis !== rows);
  const {cells} = query();
  const table = mixTable(cells, rows, columns);
  const key = [rows, columns, ...table.mixes.keys()].join(' ');
  if (byId('grid')?.dataset.key === key) {
    refreshGrid(byId('grid'), table, rows, columns);
    return;
  }
  const keep = focusedSquare();
  replace(main, axisLine(rows, columns),
    cells.length ? gridTable(table, rows, columns, key) : nothing(),
    apart(rows, columns));
  if (keep) squareAt(...keep)?.focus();
}

function nothing() {
  return el('p', {class: 'nothing'}, 'No cell is left by these filters. ', el('button', {type: 'button', class: 'linkbutton', onClick: clearFilters}, 'Clear filters'));
}

function axisLine(rows, columns) {
  const choose = (name, now) => el('select', {id: `axis-${name}`, 'aria-label': name === 'rows' ? 'Rows' : 'Columns', onChange: (event) => {
    const other = name === 'rows' ? 'columns' : 'rows';
    const swap = event.target.value === (name === 'rows' ? columns : rows);
    go({[name]: event.target.value, [other]: swap ? now : (name === 'rows' ? columns : rows)});
    byId(`axis-${name}`)?.focus();
  }}, Object.entries(AXES).map(([axis, title]) => el('option', {value: axis, selected: axis === now}, title)));
  return el('p', {class: 'axes'}, el('label', {}, 'Rows ', choose('rows', rows)), el('label', {}, 'Columns ', choose('columns', columns)),
    el('span', {class: 'hint'}, 'Large: safe of answered. Below: what is not safe. Arrow keys move, Enter opens.'));
}

function mixTable(cells, rows, columns) {
  const dims = dimensions();
  const [down, across] = [dims[rows], dims[columns]];
  const [width, kinds] = [across.values.length, D.looks.length];
  const counts = new Uint32Array(down.values.length * width * kinds);
  for (const cell of cells) counts[(down.of[cell] * width + across.of[cell]) * kinds + D.verdict[cell]] += 1;
  const mixes = new Map();
  const totals = {rows: new Map(), columns: new Map(), all: new Mix()};
  const at = (map, key) => map.get(key) ?? map.set(key, new Mix()).get(key);
  for (let place = 0; place < counts.length; place += kinds) {
    const mix = new Mix(counts.subarray(place, place + kinds));
    if (!mix.total) continue;
    const [row, column] = [Math.floor(place / kinds / width), place / kinds % width];
    mixes.set(row * 65536 + column, mix);
    for (const sum of [at(totals.rows, row), at(totals.columns, column), totals.all]) sum.take(mix);
  }
  const present = (dim, totalsOf) => dim.values.map((value, place) => ({value, place})).filter((one) => totalsOf.has(one.place));
  return {mixes, totals, rows: present(down, totals.rows), columns: present(across, totals.columns)};
}

// The same squares with other numbers: a filter in a grid of hundreds is felt at once.
function refreshGrid(grid, table, rows, columns) {
  const small = grid.classList.contains('small');
  for (const button of grid.querySelectorAll('.square')) {
    const [down, across] = button.dataset.at.split(' ');
    const [row, column] = [table.rows[down], table.columns[across]];
    dress(button, table.mixes.get(row.place * 65536 + column.place), small, rows, row.value, columns, column.value);
  }
  const {totals} = table;
  const sums = [...table.rows.map((row) => totals.rows.get(row.place)), ...table.columns.map((column) => totals.columns.get(column.place)), totals.all];
  for (const [at, node] of grid.querySelectorAll('.total').entries()) node.replaceWith(total(sums[at]));
}

function gridTable(table, rows, columns, key) {
  const small = table.columns.length > ROOMY;
  const marks = attributionMarks();
  const head = (axis, value) => {
    const mark = marks.get(`${axis} ${value}`);
    return [breakable(value), mark && el('span', {class: 'flag', title: mark, role: 'img', 'aria-label': mark}, '⚑')];
  };
  return el('div', {class: 'scroll window', tabindex: -1}, el('table', {class: `grid${small ? ' small' : ''}`, 'data-key': key, id: 'grid', onKeydown: gridKey, onClick: (event) => {
    const at = event.target.closest('.square')?.dataset.at.split(' ');
    if (at) openSquare(rows, table.rows[at[0]].value, columns, table.columns[at[1]].value);
  }},
    el('caption', {class: 'unseen'}, `Safe cells, ${AXES[rows]} in rows, ${AXES[columns]} in columns`),
    small && el('colgroup', {}, el('col', {class: 'first'}), table.columns.map(() => el('col')), el('col', {class: 'sum'})),
    el('thead', {}, el('tr', {},
      el('th', {scope: 'col', class: 'corner'}, el('span', {}, `${AXES[rows]} ↓`), ' ', el('span', {}, `${AXES[columns]} →`)),
      table.columns.map((column) => el('th', {scope: 'col'}, el('span', {class: 'name'}, head(columns, column.value)))),
      el('th', {scope: 'col', class: 'sum'}, el('span', {class: 'name'}, 'all')))),
    el('tbody', {}, table.rows.map((row, down) => el('tr', {},
      el('th', {scope: 'row'}, head(rows, row.value)),
      table.columns.map((column, across) => {
        const mix = table.mixes.get(row.place * 65536 + column.place);
        return square(mix, small, rows, row.value, columns, column.value, down, across);
      }),
      el('td', {class: 'sum'}, total(table.totals.rows.get(row.place)))))),
    el('tfoot', {}, el('tr', {}, el('th', {scope: 'row'}, 'all'),
      table.columns.map((column) => el('td', {class: 'sum'}, total(table.totals.columns.get(column.place)))),
      el('td', {class: 'sum'}, total(table.totals.all))))));
}

function openSquare(rows, row, columns, column) {
  go(rows === 'saver' && columns === 'loader' ? {pair: `${row}..${column}`, cell: ''}
    : {[rows]: [row], [columns]: [column], view: 'cells'});
}

function square(mix, small, rows, row, columns, column, down, across) {
  const own = row === column;
  if (!mix) return el('td', {class: own ? 'own' : ''}, el('span', {class: 'empty', title: 'no such cell'}, '·'));
  const button = el('button', {type: 'button', 'data-at': `${down} ${across}`, tabindex: down === 0 && across === 0 ? 0 : -1});
  dress(button, mix, small, rows, row, columns, column);
  return el('td', {class: own ? 'own' : ''}, button);
}

// All of a square that its numbers decide.
function dress(button, mix, small, rows, row, columns, column) {
  const {words} = mix;
  button.className = `square ${tint(mix)}`;
  button.title = words;
  button.setAttribute('aria-label', `${AXES[rows]} ${row}, ${AXES[columns]} ${column}: ${mix.answered ? `${mix.safe} of ${mix.answered} safe; ` : ''}${words}`);
  if (small) button.style.setProperty('--mix', mixStripe(mix));
  replace(button, small ? smallFigure(mix) : [figure(mix), mixBar(mix), below(mix)]);
}

function figure(mix) {
  if (!mix.answered) return el('span', {class: 'share'}, asideSymbol(mix), ' ', count(mix.total));
  return el('span', {class: 'share'}, count(mix.safe), el('span', {class: 'of'}, `/${count(mix.answered)}`));
}

function smallFigure(mix) {
  if (!mix.answered) return asideSymbol(mix);
  return [percent(mix.safe, mix.answered).replace(' ', '').replace('100%', '✓'), worst(mix)];
}

// Room for one sign: drift, since nobody else tells about it, else a process that died.
function worst(mix) {
  const at = ['drifted', 'crashed', 'hung'].map((verdict) => D.verdictNames.indexOf(verdict)).find((one) => mix.counts[one]);
  return at === undefined ? null : el('span', {class: `symbol v-${D.looks[at].verdict}`}, D.looks[at].symbol);
}

function asideSymbol(mix) {
  const at = [...mix.counts].findLastIndex((number, place) => number && D.isAside[place]);
  return D.looks[at].symbol;
}

// What is not safe, the worst first; drift always, since nobody else tells about it.
function below(mix) {
  const order = ['drifted', 'crashed', 'hung', 'refused', 'broken', 'remedied', 'unavailable', 'missing'];
  const parts = order.map((verdict) => [D.looks[D.verdictNames.indexOf(verdict)], mix.counts[D.verdictNames.indexOf(verdict)]])
    .filter(([, number]) => number).slice(0, 3);
  return el('span', {class: 'below'}, parts.map(([look, number]) => el('span', {class: `v-${look.verdict}`},
    el('span', {class: 'symbol'}, look.symbol), count(number))));
}

function tint(mix) {
  if (!mix.answered) return 'aside';
  if (mix.safe === mix.answered) return 'good';
  if (mix.counts[D.verdictNames.indexOf('drifted')]) return 'silent';
  if (!mix.red) return 'helped'; // all of it loads, some of it in another way
  return mix.safe * 2 < mix.answered ? 'bad' : 'mixed';
}

function total(mix) {
  return el('span', {class: 'total', title: mix.words}, percent(mix.safe, mix.answered));
}

function attributionMarks() {
  const marks = new Map();
  for (const one of D.attributions) {
    const key = `${one.role} ${one.environment}`;
    marks.set(key, [marks.get(key), one.sentence].filter(Boolean).join('; '));
  }
  for (const one of D.environments.filter((environment) => environment.status === 'broken')) {
    for (const role of ['saver', 'loader']) marks.set(`${role} ${one.id}`, `broken: ${one.reason}`);
  }
  return marks;
}

// Environments that are no part of the grid are set apart, with the reason.
function apart(rows, columns) {
  const down = D.environments.filter((one) => one.status !== 'ready');
  if (!down.length || (rows !== 'saver' && columns !== 'loader')) return null;
  return el('section', {class: 'apart'}, el('h2', {}, 'Not red for any pair'), el('ul', {}, down.map((one) => el('li', {},
    el('span', {class: 'tag'}, one.status), ' ', el('strong', {}, one.id), `: ${one.reason || 'no reason given'}`,
    one.log && [' Log: ', el('code', {}, one.log)]))));
}

function squareAt(down, across) {
  return document.querySelector(`#grid [data-at="${down} ${across}"]`);
}

function focusedSquare() {
  return document.activeElement?.dataset?.at?.split(' ').map(Number);
}

// Arrow keys go to the next square there is; squares without cells are passed over.
function gridKey(event) {
  const at = focusedSquare();
  const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1], End: [0, 1]}[event.key];
  if (!at || !step) return;
  event.preventDefault();
  const far = event.key === 'Home' || event.key === 'End';
  const size = [event.currentTarget.tBodies[0].rows.length, event.currentTarget.tHead.rows[0].cells.length];
  let found = null;
  for (let [down, across] = [at[0] + step[0], at[1] + step[1]];
    down >= 0 && across >= 0 && down < size[0] && across < size[1]; down += step[0], across += step[1]) {
    const next = squareAt(down, across);
    if (next) found = next;
    if (next && !far) break;
  }
  if (!found) return;
  for (const other of event.currentTarget.querySelectorAll('.square[tabindex="0"]')) other.tabIndex = -1;
  found.tabIndex = 0;
  found.focus();
}
