// What the saver and the loader have installed, and the lines of their locks that differ.

const FIRST = ['python', 'tensorflow', 'tf_keras', 'tf-keras', 'keras', 'jax', 'torch', 'theano', 'numpy', 'h5py'];

function versionTable(saver, loader) {
  const [one, other] = [D.environmentById.get(saver), D.environmentById.get(loader)];
  if (!one || !other) return null;
  if (one === other) return part('Versions', definition(one.versions));
  const main = lines(one.versions, other.versions);
  const locked = lines(one.packages, other.packages).filter((line) => line.differs && !main.some((row) => row.name === line.name));
  const settings = lines([['Keras API', one.api], ['backend', one.backend], ...one.variables], [['Keras API', other.api], ['backend', other.backend], ...other.variables]).filter((line) => line.differs);
  return part('Versions', versionRows([...main, ...settings], saver, loader),
    locked.length ? el('details', {class: 'folded'}, el('summary', {}, `${plural(locked.length, 'other line')} of the locks differ`), versionRows(locked, saver, loader)) : null);
}

function lines(ours, theirs) {
  const [left, right] = [new Map(ours), new Map(theirs)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const rank = (name) => (FIRST.indexOf(name) + 1 || FIRST.length + 1);
  return names.sort((a, b) => rank(a) - rank(b)).map((name) => ({
    name, left: left.get(name) ?? '', right: right.get(name) ?? '', differs: left.get(name) !== right.get(name)}));
}

function versionRows(rows, saver, loader) {
  return el('table', {class: 'versions'}, el('thead', {}, el('tr', {}, ['', `saver ${saver}`, `loader ${loader}`].map((title) => el('th', {scope: 'col'}, breakable(title))))),
    el('tbody', {}, rows.map((row) => el('tr', {class: row.differs ? 'differs' : ''}, el('th', {scope: 'row'}, row.name, row.differs && el('span', {class: 'differ', title: 'differs'}, ' ≠')),
      el('td', {}, row.left || '—'), el('td', {}, row.right || '—')))));
}
