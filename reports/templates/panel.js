// The panel at the side: a pair's models and formats, or one cell with everything about it.

let opener = null; // what had the focus when the panel opened

function updatePanel(before) {
  const panel = byId('panel');
  const shown = `${S.cell} ${S.pair}`;
  const was = before ? `${before.cell} ${before.pair}` : ' ';
  document.body.classList.toggle('with-panel', shown !== ' ');
  if (shown === ' ') {
    if (!panel.hidden) closed(panel);
    return;
  }
  if (panel.hidden) opener = document.activeElement;
  if (shown !== was || panel.hidden) {
    panel.hidden = false;
    if (S.cell) drawDetail(panel);
    else drawPair(panel);
  } else if (!S.cell) drawPair(panel, true);
}

function closed(panel) {
  panel.hidden = true;
  panel.replaceChildren();
  const target = opener?.isConnected ? opener : squareLike(opener) || byId('main');
  target.focus();
  opener = null;
}

function squareLike(node) {
  if (node?.dataset?.at) return document.querySelector(`#grid [data-at="${node.dataset.at}"]`);
  return [...document.querySelectorAll('[data-cell]')].find((one) => one.dataset.cell === node?.dataset?.cell);
}

const closePanel = () => go({cell: '', pair: ''});

function panelHead(title, ...tools) {
  return el('header', {class: 'panelhead'}, el('h2', {tabindex: -1, id: 'panel-title'}, title),
    el('div', {class: 'tools'}, tools, el('button', {type: 'button', class: 'plainbutton', id: 'close', 'aria-label': 'Close details', onClick: closePanel}, '✕ Close')));
}

function drawPair(panel, keepPlace) {
  const [saver, loader] = S.pair.split('..');
  const {cells} = query();
  const own = Array.from(cells).filter((cell) => D.environmentNames[D.saver[cell]] === saver && D.environmentNames[D.loader[cell]] === loader);
  const byPlace = new Map(own.map((cell) => [D.model[cell] * 4096 + D.format[cell], cell]));
  const formats = D.formatNames.map((name, at) => ({name, at})).filter((one) => own.some((cell) => D.format[cell] === one.at) || unsaved(saver, null, one.at));
  const models = D.modelNames.map((name, at) => ({name, at})).filter((one) => own.some((cell) => D.model[cell] === one.at));
  const mix = mixOf(own);
  const back = D.environmentNames.includes(saver) && D.environmentNames.includes(loader) && saver !== loader;
  const scroll = keepPlace ? panel.scrollTop : 0;
  replace(panel, panelHead([breakable(saver), ' → ', breakable(loader)],
    back && el('button', {type: 'button', class: 'plainbutton', onClick: () => go({pair: `${loader}..${saver}`, cell: ''})}, '⇄ Other way')),
  el('p', {}, own.length ? [el('strong', {}, `${mix.safe} of ${mix.answered} safe`), `: ${mix.words}`] : 'No cell of this pair is left by the filters.'),
  el('div', {class: 'scroll', tabindex: -1}, el('table', {class: 'pair', id: 'pair', onKeydown: gridKeyPair},
    el('caption', {class: 'unseen'}, `Models in rows, formats in columns, saved by ${saver}, loaded by ${loader}`),
    el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'model'), formats.map((one) => el('th', {scope: 'col'}, one.name)))),
    el('tbody', {}, models.map((model, down) => el('tr', {}, el('th', {scope: 'row', title: D.recipeByName.get(model.name)?.title}, model.name),
      formats.map((format, across) => el('td', {}, pairSquare(byPlace.get(model.at * 4096 + format.at), saver, model, format, down, across)))))))),
  legend(mix), versionTable(saver, loader));
  panel.scrollTop = scroll;
  if (!keepPlace) byId('panel-title').focus();
}

function pairSquare(cell, saver, model, format, down, across) {
  if (cell === undefined) {
    const reason = unsaved(saver, model.at, format.at);
    return el('span', {class: 'empty', title: reason || 'no such cell'}, reason ? '–' : '·', el('span', {class: 'unseen'}, reason || 'no such cell'));
  }
  const look = D.looks[D.verdict[cell]];
  return el('button', {type: 'button', class: `dot v-${look.verdict}`, 'data-at': `${down} ${across}`, 'data-cell': cellId(cell), tabindex: down || across ? -1 : 0,
    'aria-label': `${model.name}, ${format.name}: ${look.verdict}. ${textOf(D.reason[cell])}`, title: `${look.verdict}: ${textOf(D.reason[cell])}`,
    onClick: () => go({cell: cellId(cell)})}, look.symbol);
}

// Why there is no artifact, in the saver's words; for any model where `model` is null.
function unsaved(saver, model, format) {
  for (let at = 0; at < D.artifacts.saver.length; at += 1) {
    if (D.artifacts.format[at] === format && D.artifacts.status[at] !== 'saved' && (model === null || D.artifacts.model[at] === model)
      && D.environmentNames[D.artifacts.saver[at]] === saver) return `not saved (${D.artifacts.status[at]}): ${textOf(D.artifacts.reason[at])}`;
  }
  return '';
}

function legend(mix) {
  return el('ul', {class: 'legend'}, D.looks.map((look, at) => mix.counts[at] ? el('li', {}, sign(at, true), `: ${look.meaning}`) : null));
}

function gridKeyPair(event) {
  const at = focusedSquare();
  const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (!at || !step) return;
  event.preventDefault();
  for (let [down, across] = [at[0] + step[0], at[1] + step[1]]; down >= 0 && across >= 0 && down < 1000 && across < 100; down += step[0], across += step[1]) {
    const next = document.querySelector(`#pair [data-at="${down} ${across}"]`);
    if (next) {
      document.activeElement.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return;
    }
  }
}
