// The first look: what travels, what breaks, what changed, who could not be asked.

function buildOverview() {
  replace(byId('facts'), [safeFact(), brokenFact(), changedFact(), environmentFact()].filter(Boolean));
}

function fact(title, ...children) {
  return el('section', {class: 'fact'}, el('h2', {}, title), children);
}

function act(text, changes, label) {
  return el('button', {type: 'button', class: 'linkbutton', 'aria-label': label, onClick: () => {
    go(changes);
    const top = byId('bar').getBoundingClientRect().top; // what was asked for may stand far below
    if (changes.view && top > innerHeight / 3) byId('bar').scrollIntoView();
  }}, text);
}

// Filters of a fact start from nothing: the number on the button is the number of cells shown.
function only(changes) {
  return {q: '', pair: '', cell: '', ...Object.fromEntries(LISTS.map((name) => [name, []])), ...changes};
}

function safeFact() {
  const mixes = D.formatNames.map(() => new Mix());
  for (let cell = 0; cell < D.size; cell += 1) mixes[D.format[cell]].add(D.verdict[cell]);
  const rows = mixes.map((mix, at) => ({mix, name: D.formatNames[at]})).filter((row) => row.mix.total)
    .sort((a, b) => b.mix.safe / (b.mix.answered || 1) - a.mix.safe / (a.mix.answered || 1));
  return fact('Safe, by format', el('table', {class: 'shares'}, el('tbody', {}, rows.map(({mix, name}) => el('tr', {},
    el('th', {scope: 'row'}, act(name, only({format: [name]}))),
    el('td', {class: 'wide', title: mix.words}, mixBar(mix)),
    el('td', {class: 'number'}, percent(mix.safe, mix.answered)))))));
}

function brokenFact() {
  if (!D.causes.length) return fact('Broken', el('p', {}, 'No cell fails.'));
  const shown = D.causes.slice(0, 5);
  return fact('Broken, by root cause',
    el('p', {}, D.causesSentence + '.'),
    D.remedies && el('p', {}, D.remedies + '.'),
    el('ol', {class: 'top'}, shown.map((cause) => el('li', {},
      el('span', {class: 'number'}, count(cause.cells)),
      act(cause.title, only({cause: [cause.id], view: 'cells'}), `${cause.title}: show ${plural(cause.cells, 'cell')}`),
      cause.silent ? el('span', {class: 'tag silent'}, 'silent') : cause.helped === cause.cells ? el('span', {class: 'tag verified', title: 'a way that works was verified in every cell'}, 'all helped') : cause.red > 0 && el('span', {class: 'tag'}, `${count(cause.red)} red`)))),
    D.causes.length > shown.length && act(`All ${count(D.causes.length)} causes`, {view: 'causes'}));
}

function changedFact() {
  const unmet = D.expected.reduce((sum, one) => sum + (one === 2 ? 1 : 0), 0);
  const stale = D.expectations.filter((one) => one.state === 'stale' || one.state === 'expired');
  const parts = [];
  if (D.changes === null) parts.push(el('p', {}, 'Nothing to compare with yet: this is the first run.'));
  else {
    parts.push(el('p', {}, `Since ${day(D.changes.started)}: `, changeWords()));
    parts.push(causesOfChange());
    if (D.changes.packages.length) parts.push(packageLine());
    if (D.changes.removed.length) parts.push(folded(plural(D.changes.removed.length, 'cell') + ' removed', D.changes.removed.map(([id, verdict]) => `${id} (was ${verdict})`).join('\n')));
  }
  if (D.trend.length > 1) parts.push(trend());
  if (D.expectations.length) {
    parts.push(el('p', {}, unmet ? el('strong', {}, act(`${plural(unmet, 'cell')} not as expected`, only({expected: ['unmet'], view: 'cells'}))) : 'All cells are as expected',
      stale.length ? `; ${plural(stale.length, 'expectation')} stale or expired.` : '.',
      ' ', act('Expectations', {view: 'environments'})));
  }
  return fact('Changed', parts);
}

function changeWords() {
  const {facet} = {facet: new Uint32Array(D.changeNames.length)};
  for (const change of D.change) facet[change] += 1;
  const words = D.changeNames.map((name, at) => name && facet[at]
    ? act(`${count(facet[at])} ${name}`, only({change: [name], view: 'cells'})) : null).filter(Boolean);
  if (!words.length) return D.changes.removed.length ? '' : 'no cell changed.';
  return words.flatMap((word, at) => (at ? [', ', word] : [word]));
}

// Which versions changed together with cells, and with how many.
function causesOfChange() {
  const counts = new Map();
  for (const because of D.because) if (because) counts.set(because, (counts.get(because) || 0) + 1);
  const shown = [...counts].sort((one, other) => other[1] - one[1]).slice(0, 4);
  return el('ul', {class: 'notes'}, shown.map(([because, cells]) => el('li', {}, `${plural(cells, 'cell')} together with `, el('strong', {}, textOf(because)))));
}

function packageLine() {
  return folded(`${plural(D.changes.packages.length, 'line')} of locks changed`, D.changes.packages.join('\n'));
}

function trend() {
  const runs = D.trend.slice(-30);
  const most = Math.max(...runs.map((run) => run.counts.reduce((sum, one) => sum + one, 0))) || 1;
  const bars = runs.map((run) => {
    const mix = new Mix();
    mix.counts.set(run.counts);
    return el('li', {class: run.complete ? '' : 'partial', title: `${day(run.started)}${run.complete ? '' : ' (not complete)'}: ${mix.words}`},
      el('span', {class: 'unseen'}, `${day(run.started)}: ${percent(mix.safe, mix.answered)} safe, ${plural(mix.red, 'red cell')}`),
      el('span', {class: 'column', 'aria-hidden': 'true', style: {height: `${Math.max(6, 100 * mix.total / most)}%`}},
        D.looks.map((look, at) => mix.counts[at] && el('span', {class: `fill v-${look.verdict}`, style: {'flex-grow': String(mix.counts[at])}})).reverse()));
  });
  return el('figure', {class: 'trend'}, el('ol', {}, bars),
    el('figcaption', {}, `${plural(runs.length, 'run')}, oldest first`));
}

function environmentFact() {
  const down = D.environments.filter((one) => one.status !== 'ready');
  const ready = D.environments.length - down.length;
  return fact('Environments',
    el('p', {}, act(`${ready} of ${D.environments.length} ready`, {view: 'environments'}), `, ${plural(D.recipes.length, 'model')}, ${plural(D.formatNames.length, 'format')}, ${plural(D.size, 'cell')}.`),
    el('ul', {class: 'notes'},
      down.map((one) => el('li', {}, el('span', {class: 'tag'}, one.status), ' ', el('strong', {}, one.id), one.reason ? `: ${one.reason}` : '')),
      D.attributions.slice(0, 4).map((one) => el('li', {}, act(one.sentence, attributionFilter(one))))),
    D.attributions.length > 4 && act(`${D.attributions.length - 4} more`, {view: 'environments'}));
}

function attributionFilter(one) {
  return only({[one.role]: [one.environment], format: one.format ? [one.format] : [], view: 'cells'});
}
