// Root causes: one entry for what may be hundreds of cells.

function drawCauses(main) {
  const {cells} = query();
  const groups = D.causes.map((cause, at) => ({cause, at, mix: new Mix(), savers: new Map(), loaders: new Map(), formats: new Map(), models: new Map(), helped: 0, first: -1}));
  for (const cell of cells) {
    if (D.cause[cell] < 0) continue;
    const group = groups[D.cause[cell]];
    group.mix.add(D.verdict[cell]);
    group.helped += D.helped[cell];
    if (group.first < 0) group.first = cell;
    for (const [map, place] of [[group.savers, D.saver[cell]], [group.loaders, D.loader[cell]], [group.formats, D.format[cell]], [group.models, D.model[cell]]]) {
      map.set(place, (map.get(place) || 0) + 1);
    }
  }
  const shown = groups.filter((group) => group.first >= 0).sort((a, b) => b.mix.red - a.mix.red || b.mix.total - a.mix.total || a.at - b.at);
  const failing = shown.reduce((sum, group) => sum + group.mix.total, 0);
  const known = shown.filter((group) => group.cause.known);
  const explained = known.reduce((sum, group) => sum + group.mix.total, 0);
  replace(main,
    el('p', {class: 'lead'}, el('strong', {}, `${plural(known.length, 'signature')} ${known.length === 1 ? 'explains' : 'explain'} ${count(explained)} of ${plural(failing, 'failing cell')}`),
      failing > explained ? `; the other ${count(failing - explained)} are grouped by the text of their error.` : '.'),
    shown.length ? el('ol', {class: 'causes'}, shown.slice(0, 300).map(causeEntry)) : nothing(),
    shown.length > 300 && el('p', {}, `${count(shown.length - 300)} more; filter to see them.`));
}

function causeEntry(group) {
  const {cause, mix} = group;
  const signature = D.signatureById.get(cause.id);
  return el('li', {class: 'cause'},
    el('h2', {}, el('span', {class: 'number'}, count(mix.total)), ' ', cause.title,
      ' ', el('span', {class: `tag${cause.known ? '' : ' unknown'}`}, cause.known ? cause.id : 'no signature yet'),
      cause.silent && el('span', {class: 'tag silent'}, 'silent')),
    el('p', {class: 'mixline'}, mixBar(mix), el('span', {}, mix.words, group.helped ? `; a way that works was verified in ${count(group.helped)}` : '')),
    signature && el('p', {}, signature.cause),
    signature && remedies(signature, null),
    el('p', {class: 'where'}, where('Savers', group.savers, D.environmentNames), where('Loaders', group.loaders, D.environmentNames),
      where('Formats', group.formats, D.formatNames), where('Models', group.models, D.modelNames)),
    el('p', {class: 'acts'},
      act(`Show ${plural(mix.total, 'cell')}`, {cause: [cause.id], view: 'cells'}), ' · ',
      act('Show in the grid', {cause: [cause.id], view: 'grid'}), ' · ',
      act('Open an example', {cell: cellId(group.first), pair: ''})));
}

function where(title, numbers, names) {
  const sorted = [...numbers].sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, 6).map(([place, number]) => `${names[place]} ${count(number)}`).join(', ');
  return el('span', {}, el('b', {}, title), ` ${shown}${sorted.length > 6 ? `, ${sorted.length - 6} more` : ''}`);
}

// `attempts` is what was tried in one cell; only that can call a remedy verified.
function remedies(signature, attempts) {
  if (!signature.remedies.length) return el('p', {class: 'note'}, 'No remedy is known.');
  return el('ul', {class: 'remedies'}, signature.remedies.map((remedy) => {
    const tried = attemptOf(remedy.route, attempts ?? []);
    return el('li', {}, remedy.text, ' ',
      tried && el('span', {class: `tag ${tried.verified ? 'verified' : ''}`}, tried.verified ? '✓ verified here' : 'tried here, does not help'),
      attempts && !tried && el('span', {class: 'tag'}, 'not tried here'),
      remedy.code && code(remedy.code, 'code'));
  }), signature.links.length ? el('li', {class: 'links'}, 'See ', signature.links.flatMap((one, at) => (at ? [', ', link(one)] : [link(one)]))) : null);
}

// A remedy may be the last step of a way: `as-is+flipped-kernels` is a try of `flipped-kernels`.
// `resave:tf2.10-py39:h5` is a try of `resave`.
function attemptOf(route, attempts) {
  const found = attempts.filter((one) => one.route === route || one.route.endsWith(`+${route}`) || one.route.startsWith(`${route}:`));
  return found.find((one) => one.verified) ?? found[0];
}
