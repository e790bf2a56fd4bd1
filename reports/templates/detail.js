// One cell, with everything that is known of it.

async function drawDetail(panel) {
  const id = S.cell;
  const cell = findCell(id);
  if (cell < 0) {
    replace(panel, panelHead('No such cell'), el('p', {}, el('code', {}, id), ' is not in these results.'));
    byId('panel-title').focus();
    return;
  }
  const [saver, loader] = [D.environmentNames[D.saver[cell]], D.environmentNames[D.loader[cell]]];
  const body = el('div', {class: 'body'}, el('p', {class: 'note'}, 'Reading…'));
  replace(panel,
    panelHead([sign(D.verdict[cell]), ' ', breakable(D.modelNames[D.model[cell]]), ' · ', D.formatNames[D.format[cell]]], neighbours(cell)),
    el('p', {class: 'route'}, act([breakable(saver), ' → ', breakable(loader)], {pair: `${saver}..${loader}`, cell: ''}, `All models of ${saver} to ${loader}`),
      recipeLine(cell)),
    el('p', {class: 'verdictline'}, sign(D.verdict[cell], true), ' ', textOf(D.reason[cell])),
    changeLine(cell),
    body);
  panel.scrollTop = 0;
  byId('panel-title').focus();
  const details = await readLater();
  if (S.cell !== id) return; // another one was opened meanwhile
  const detail = details.cell(cell);
  const artifact = details.artifact(D.artifact[cell]);
  replace(body, parts(cell, id, detail, artifact, details.history(cell)));
  panel.dataset.shown = id;
}

// What it was in the run before, and which lines of the locks changed since.
function changeLine(cell) {
  if (!D.change[cell]) return null;
  return el('p', {class: 'changed'}, wasTag(cell), ` since ${day(D.changes.started)}`, D.because[cell] ? [', together with ', el('strong', {}, textOf(D.because[cell]))] : null, '.');
}

function recipeLine(cell) {
  const recipe = D.recipeByName.get(D.modelNames[D.model[cell]]);
  return recipe ? el('span', {class: 'note'}, ` ${recipe.title}`) : null;
}

function neighbours(cell) {
  const cells = S.view === 'cells' ? sortedCells() : query().cells;
  const at = cells.indexOf(cell);
  const step = (by, text, label) => el('button', {type: 'button', class: 'plainbutton', 'aria-label': label, id: by < 0 ? 'previous-cell' : 'next-cell',
    disabled: at < 0 || at + by < 0 || at + by >= cells.length, onClick: () => go({cell: cellId(cells[at + by])})}, text);
  return [step(-1, '↑', 'Previous cell'), step(1, '↓', 'Next cell')];
}

function parts(cell, id, detail, artifact, past) {
  return [
    expectation(detail),
    whatToWrite(detail),
    causePart(cell, detail),
    part('Ways of loading that were tried', attemptTable(detail.attempts)),
    part('Custom objects, supplied in other ways', attemptTable(detail.scenarios)),
    part('Try it yourself', code(`kmatrix run --cell '${id}'`, 'command')),
    detail.bisect && part('Since which release', code(detail.bisect, 'command')),
    part('Evidence', evidence(cell, detail)),
    part('Exception', exception(detail.failure, detail.stage)),
    part(`Warnings (${detail.warnings.length})`, detail.warnings.length ? el('ul', {class: 'warnings'}, detail.warnings.map((one) => el('li', {}, one))) : null),
    folded('Log', detail.log, `${count(detail.log?.length ?? 0)} characters`),
    versionTable(D.environmentNames[D.saver[cell]], D.environmentNames[D.loader[cell]]),
    artifactPart(cell, artifact),
    historyPart(cell, past),
  ];
}

function part(title, ...children) {
  const found = children.flat().filter(Boolean);
  return found.length ? el('section', {class: 'part'}, el('h3', {}, title), found) : null;
}

function expectation(detail) {
  const one = detail.expectation;
  if (!one) return null;
  return el('p', {class: `expectation ${one.met ? 'met' : 'unmet'}`}, el('strong', {}, one.met ? 'As expected' : 'Not as expected'),
    `: should be ${one.verdicts.join(' or ')}. ${one.reason} `, one.link && link(one.link), one.expires && ` Holds until ${one.expires}.`);
}

function causePart(cell, detail) {
  const found = detail.signatures.map((id) => D.signatureById.get(id) ?? {id, title: id, cause: '', remedies: [], links: []});
  if (!found.length) {
    if (D.cause[cell] < 0) return null;
    const cause = D.causes[D.cause[cell]];
    if (cause.cells < 2) return part('Cause', el('p', {}, 'No signature is known for this failure.'));
    return part('Cause', el('p', {}, 'No signature is known for this failure; ', act(`${plural(cause.cells, 'cell')} fail alike`, only({cause: [cause.id], view: 'cells', cell: S.cell})), '.'));
  }
  return part(found.length > 1 ? 'Causes' : 'Cause', found.map((signature) => [
    el('h4', {}, signature.title, ' ', el('button', {type: 'button', class: 'tag', 'aria-label': `All cells of ${signature.id}`,
      onClick: () => go(only({cause: [signature.id], view: 'cells', cell: S.cell}))}, signature.id),
    signature.silent && el('span', {class: 'tag silent'}, 'silent')),
    signature.cause && el('p', {}, signature.cause), remedies(signature, detail.attempts)]));
}

// The first thing that somebody with a broken file wants to know.
function whatToWrite(detail) {
  if (!detail.remedy) return null;
  const works = D.routeById.get(detail.remedy);
  return part('What to write', el('p', {}, el('span', {class: 'tag verified'}, '✓ verified here'), ' ', works?.title ?? detail.remedy),
    scripts(detail.attempts.find((one) => one.route === detail.remedy)?.scripts ?? []));
}

// What was executed, one after the other where another environment has to run something first.
function scripts(found) {
  return found.map((one, at) => [
    found.length > 1 && el('p', {}, one.environment ? ['First, in ', el('strong', {}, one.environment), ':'] : 'Then, here:'),
    el('p', {class: 'note'}, one.author ? 'Needs the author’s code' : 'Runnable as printed'),
    code(one.code, 'code'),
    one.files.map((file) => folded(file.name, file.code, `${count(file.code.split('\n').length)} lines`)),
  ]);
}

function attemptTable(attempts) {
  if (!attempts.length) return null;
  return el('table', {class: 'attempts'}, el('thead', {}, el('tr', {}, ['', 'Way', 'What came of it', 'Difference', 'Time'].map((title) => el('th', {scope: 'col'}, title)))),
    el('tbody', {}, attempts.map((one) => {
      const route = D.routeById.get(one.route);
      return el('tr', {}, el('td', {}, sign(D.verdictNames.indexOf(one.verdict))),
        el('td', {}, route?.title ?? one.route, one.verified && [' ', el('span', {class: 'tag verified'}, '✓ verified')],
          one.scripts.length ? el('details', {class: 'folded'}, el('summary', {}, 'Code'), scripts(one.scripts)) : route?.code && el('details', {class: 'folded'}, el('summary', {}, 'Code'), code(route.code, 'code'))),
        el('td', {class: 'reason'}, one.error || one.reason),
        el('td', {class: 'number'}, one.max_abs === null ? '' : number(one.max_abs)),
        el('td', {class: 'number'}, one.seconds ? seconds(one.seconds) : ''));
    })));
}

const number = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value ?? ''));

function evidence(cell, detail) {
  const rows = [
    ['Stage reached', detail.stage],
    ['Loaded as is', detail.as_is === D.verdictNames[D.verdict[cell]] ? null : detail.as_is],
    ['Signal', detail.signal],
    ['Time', detail.seconds ? seconds(detail.seconds) : null],
    ['Predictions', detail.outputs && comparison(detail.outputs)],
    ['Weights', detail.weights && `${detail.weights.equal} of ${detail.weights.saved} arrays equal, ${detail.weights.loaded} loaded${detail.weights.flipped ? `, ${detail.weights.flipped} equal when flipped` : ''}`],
    ['Lost', detail.lost.length ? el('ul', {}, detail.lost.map((one) => el('li', {}, one))) : null],
  ];
  return definition(rows);
}

function definition(rows) {
  const found = rows.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return found.length ? el('dl', {}, found.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])) : null;
}

function comparison(one) {
  if (one.reason) return one.reason;
  const worst = one.worst_saved === null ? '' : `; worst element ${one.worst_index.length ? `[${one.worst_index.join(', ')}] ` : ''}saved ${number(one.worst_saved)}, loaded ${number(one.worst_loaded)}`;
  return `${count(one.mismatched)} of ${count(one.elements)} elements over the tolerance (rtol ${one.rtol}, atol ${one.atol}); largest difference ${number(one.max_abs)}${worst}`;
}

function exception(failure, stage) {
  if (!failure) return null;
  const inner = failure.innermost && failure.innermost !== failure.message;
  return [
    el('p', {class: 'error'}, el('strong', {}, failure.type.split('.').pop()), stage ? ` at stage “${stage}”: ` : ': ', el('span', {class: 'pre'}, failure.innermost || failure.message)),
    inner ? folded('Whole message', failure.message) : null,
    folded('Traceback', failure.traceback, `${count((failure.traceback || '').split('\n').length)} lines`),
  ];
}

function artifactPart(cell, artifact) {
  const place = D.artifact[cell];
  const status = D.artifacts.status[place];
  return part('Artifact', definition([
    ['Saved', status === 'saved' ? `by ${D.environmentNames[D.saver[cell]]}${artifact.seconds ? ` in ${seconds(artifact.seconds)}` : ''}` : `${status}: ${textOf(D.artifacts.reason[place])}`],
    ['Size', artifact.bytes === null ? null : bytes(artifact.bytes)],
    ['Digest', artifact.digest && el('code', {}, artifact.digest)],
    ['Against NumPy', artifact.oracle && comparison(artifact.oracle)],
  ]), exception(artifact.failure, null),
  artifact.files.length ? folded(plural(artifact.files.length, 'file'), artifact.files.map(([path, size]) => `${path}  ${bytes(size)}`).join('\n')) : null,
  artifact.warnings.length ? folded(`${plural(artifact.warnings.length, 'warning')} at saving`, artifact.warnings.join('\n')) : null,
  folded('Log of saving', artifact.log));
}

function historyPart(cell, past) {
  if (!past.length) return null;
  const runs = [...past, D.verdict[cell]];
  return part('History', el('ol', {class: 'strip'}, runs.map((verdict, at) => {
    const run = D.trend[at];
    const look = D.looks[verdict];
    const text = `${day(run?.started)}: ${look ? look.verdict : 'no such cell'}`;
    return el('li', {class: look ? `dot v-${look.verdict}` : 'dot none', title: text}, el('span', {'aria-hidden': 'true'}, look ? look.symbol : '·'), el('span', {class: 'unseen'}, text));
  })));
}
