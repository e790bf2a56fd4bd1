// What is shown, kept in the part of the address behind #: a view can be sent to somebody, and
// the back button works.

const LISTS = ['verdict', 'saver', 'loader', 'environment', 'model', 'format', 'cause', 'change', 'expected'];
const WORDS = {view: 'grid', q: '', rows: 'saver', columns: 'loader', sort: '', pair: '', cell: '', versions: ''};
const VIEWS = ['grid', 'causes', 'cells', 'environments'];

let S = readState();
let onState = () => {};

function readState() {
  const found = new URLSearchParams(location.hash.slice(1));
  const state = {};
  for (const name of LISTS) state[name] = found.getAll(name);
  for (const [name, usual] of Object.entries(WORDS)) state[name] = found.get(name) ?? usual;
  if (!VIEWS.includes(state.view)) state.view = 'grid';
  return state;
}

function hashOf(state) {
  const words = new URLSearchParams();
  for (const [name, usual] of Object.entries(WORDS)) if (state[name] !== usual) words.set(name, state[name]);
  for (const name of LISTS) for (const value of state[name]) words.append(name, value);
  const text = words.toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
  return text ? `#${text}` : '';
}

// `quiet` is for typing: it replaces the entry of the history instead of adding one.
function go(changes, quiet) {
  const next = {...S, ...changes};
  const target = hashOf(next) || location.pathname + location.search;
  if (hashOf(next) !== hashOf(S)) history[quiet ? 'replaceState' : 'pushState'](null, '', target);
  const before = S;
  S = next;
  onState(before);
}

function toggle(name, value) {
  const has = S[name].includes(value);
  go({[name]: has ? S[name].filter((one) => one !== value) : [...S[name], value]});
}

const isFiltered = () => S.q !== '' || LISTS.some((name) => S[name].length);

function clearFilters() {
  go({q: '', ...Object.fromEntries(LISTS.map((name) => [name, []]))});
}

window.addEventListener('popstate', () => {
  const before = S;
  S = readState();
  onState(before);
});
window.addEventListener('hashchange', () => {
  const read = readState();
  if (hashOf(read) === hashOf(S)) return;
  const before = S;
  S = read;
  onState(before);
});
