// Starts the page, and draws again what a change of state touches.

const DRAW = {grid: drawGrid, causes: drawCauses, cells: drawCells, environments: drawEnvironments};
const TITLES = {grid: 'Grid', causes: 'Causes', cells: 'Cells', environments: 'Environments'};

function draw(before) {
  const changed = !before || hashOf({...S, pair: '', cell: ''}) !== hashOf({...before, pair: '', cell: ''});
  if (changed) {
    updateBar();
    drawTabs();
    DRAW[S.view](byId('main'));
    if (before) say(`${plural(query().cells.length, 'cell')} shown`);
  } else markOpen();
  updatePanel(before);
}

function markOpen() {
  for (const row of document.querySelectorAll('#cells tbody tr')) {
    row.classList.toggle('open', row.querySelector('.opener').dataset.cell === S.cell);
  }
}

function drawTabs() {
  replace(byId('tabs'), VIEWS.map((view) => el('a', {
    href: hashOf({...S, view, pair: '', cell: ''}) || '#', class: 'tab', 'aria-current': S.view === view ? 'page' : null, id: `tab-${view}`,
    onClick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go({view});
      byId(`tab-${view}`).focus();
    },
  }, TITLES[view])));
}

document.addEventListener('keydown', (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== 'checkbox';
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape' && !byId('panel').hidden && !typing) closePanel();
  else if (event.key === 'Escape' && typing && event.target.id === 'search') go({q: ''}, true);
  else if (event.key === '/' && !typing) {
    event.preventDefault();
    byId('search').focus();
  } else if ((event.key === 'j' || event.key === 'k') && !typing) byId(event.key === 'j' ? 'next-cell' : 'previous-cell')?.click();
});

async function start() {
  if (typeof DecompressionStream === 'undefined') {
    replace(byId('main'), el('p', {class: 'banner'}, 'This browser is too old to read the results in this page (it needs DecompressionStream: Chromium 80, Firefox 113, Safari 16.4). The file results.json beside it has everything.'));
    return;
  }
  await readFirst();
  buildOverview();
  buildBar();
  onState = draw;
  draw(null);
  document.documentElement.dataset.ready = '1';
  requestAnimationFrame(() => setTimeout(() => performance.mark('usable'))); // when it is on the screen
  // The second block is read while nobody waits for it.
  (window.requestIdleCallback || setTimeout)(() => readLater());
}

start().catch((error) => {
  replace(byId('main'), el('p', {class: 'banner'}, `The results in this page cannot be read: ${error}`));
  throw error;
});
