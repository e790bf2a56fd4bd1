// Environments, one by one: how they do in each role, versions, and what the owner expects.

function drawEnvironments(main) {
  const mixes = D.environmentNames.map(() => ({saver: new Mix(), loader: new Mix()}));
  for (const cell of query().cells) {
    mixes[D.saver[cell]].saver.add(D.verdict[cell]);
    mixes[D.loader[cell]].loader.add(D.verdict[cell]);
  }
  replace(main,
    el('div', {class: 'scroll', tabindex: -1}, el('table', {class: 'environments'},
      el('thead', {}, el('tr', {}, ['Environment', 'Versions', 'What others make of its artifacts', 'What it makes of others’ artifacts'].map((title) => el('th', {scope: 'col'}, title)))),
      el('tbody', {}, D.environments.map((one, at) => environmentRow(one, mixes[at]))))),
    expectationTable());
}

function environmentRow(one, mixes) {
  const said = D.attributions.filter((fact) => fact.environment === one.id);
  return el('tr', {},
    el('th', {scope: 'row'}, breakable(one.id), ' ', one.status !== 'ready' && el('span', {class: 'tag unmet'}, one.status),
      one.reason && el('p', {class: 'note'}, one.reason),
      said.map((fact) => el('p', {class: 'note'}, '⚑ ', act(fact.sentence, attributionFilter(fact))))),
    el('td', {}, one.versions.length ? one.versions.map(([name, version]) => `${name} ${version}`).join(', ') : `python ${one.python}`,
      el('p', {class: 'note'}, `${one.api} on ${one.backend}, ${one.builder}`, one.variables.length ? `; ${one.variables.map((pair) => pair.join('=')).join(' ')}` : '', one.log ? `; log: ${one.log}` : ''),
      folded(`${plural(one.packages.length, 'package')} locked`, one.packages.map((pair) => pair.join('==')).join('\n'), one.lock.slice(0, 19))),
    ['saver', 'loader'].map((role) => el('td', {class: 'share'}, mixes[role].total
      ? [mixBar(mixes[role]), act(`${percent(mixes[role].safe, mixes[role].answered)} safe`, only({[role]: [one.id], view: 'cells'}), `${one.id} as ${role}: ${mixes[role].words}`), el('p', {class: 'note'}, mixes[role].words)]
      : 'no cells')));
}

function expectationTable() {
  if (!D.expectations.length) return null;
  return el('section', {}, el('h2', {}, 'Expectations'), el('div', {class: 'scroll', tabindex: -1}, el('table', {class: 'environments'},
    el('thead', {}, el('tr', {}, ['State', 'Cells like', 'Should be', 'Reason', 'Until', 'Stands in'].map((title) => el('th', {scope: 'col'}, title)))),
    el('tbody', {}, D.expectations.map((one) => el('tr', {},
      el('td', {}, el('span', {class: `tag ${one.state === 'met' ? '' : 'unmet'}`}, one.state), ` ${plural(one.cells, 'cell')}`),
      el('td', {}, el('code', {}, one.pattern)), el('td', {}, one.verdicts.join(' or ')),
      el('td', {}, one.reason, ' ', one.link && link(one.link)), el('td', {}, one.expires || ''), el('td', {}, el('code', {}, one.position))))))));
}
