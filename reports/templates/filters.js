// The bar of filters: search, a chip for each verdict, and a menu for each other question.

const MENUS = [
  ['saver', 'Saved by'],
  ['loader', 'Loaded by'],
  ['model', 'Model'],
  ['format', 'Format'],
  ['cause', 'Cause'],
  ['change', 'Changed'],
  ['expected', 'Expected'],
];
const bar = {chips: [], menus: [], search: null, active: null};

function buildBar() {
  bar.search = el('input', {
    type: 'search', id: 'search', placeholder: 'Search errors, names, cell ids', autocomplete: 'off',
    spellcheck: 'false', 'aria-label': 'Search names, errors and causes', 'aria-keyshortcuts': '/', value: S.q,
    onInput: () => go({q: bar.search.value}, true),
  });
  bar.chips = D.looks.map((look, at) => {
    const number = el('span', {class: 'number'});
    const button = el('button', {
      type: 'button', class: `chip v-${look.verdict}`, title: look.meaning, onClick: () => toggle('verdict', look.verdict),
    }, el('span', {class: 'symbol', 'aria-hidden': 'true'}, look.symbol), look.verdict, number);
    return {button, number, at, verdict: look.verdict};
  });
  bar.menus = MENUS.filter(([name]) => hasChoices(name)).map(([name, title]) => new Menu(name, title));
  bar.active = el('div', {class: 'active'});
  replace(byId('bar'),
    el('div', {class: 'chips', role: 'group', 'aria-label': 'Verdicts'}, bar.chips.map((chip) => chip.button)),
    el('div', {class: 'menus'}, bar.search, bar.menus.map((menu) => menu.node), bar.active));
}

function hasChoices(name) {
  if (name === 'change') return D.changes !== null;
  if (name === 'expected') return D.expected.some((one) => one > 0);
  return dimensions()[name].values.length > 0;
}

function updateBar() {
  const {cells, facet} = query();
  const verdicts = facet('verdict');
  if (document.activeElement !== bar.search) bar.search.value = S.q;
  for (const chip of bar.chips) {
    const number = verdicts[chip.at];
    const pressed = S.verdict.includes(chip.verdict);
    chip.button.setAttribute('aria-pressed', String(pressed));
    chip.button.hidden = !number && !pressed;
    chip.number.textContent = count(number);
  }
  for (const menu of bar.menus) menu.update();
  replace(bar.active, ...activeLine(cells.length));
}

function activeLine(size) {
  if (!isFiltered()) return [el('span', {class: 'size'}, plural(size, 'cell'))];
  const marks = LISTS.filter((name) => name !== 'verdict').flatMap((name) => S[name].map((value) => el('button', {
    type: 'button', class: 'mark', onClick: () => toggle(name, value), 'aria-label': `Remove filter ${name} ${labelOf(name, value)}`,
  }, `${name}: ${labelOf(name, value)} `, el('span', {'aria-hidden': 'true'}, '×'))));
  return [
    el('span', {class: 'size'}, `${count(size)} of ${plural(D.size, 'cell')}`), marks,
    el('button', {type: 'button', class: 'plainbutton', id: 'clear', onClick: clearFilters}, 'Clear filters'),
  ];
}

function labelOf(name, value) {
  if (name === 'cause') {
    const title = D.causes.find((cause) => cause.id === value)?.title ?? value;
    return title.length > 60 ? `${title.slice(0, 59)}…` : title;
  }
  return value || 'no';
}

class Menu {
  constructor(name, title) {
    this.name = name;
    this.title = title;
    this.dim = dimensions()[name];
    this.rows = null;
    this.state = el('span', {class: 'chosen'});
    this.list = el('div', {class: 'choices', role: 'group', 'aria-label': title});
    this.node = el('details', {class: 'menu', onToggle: () => this.opened()}, el('summary', {}, title, this.state), this.list);
    this.node.addEventListener('keydown', (event) => this.key(event));
  }

  opened() {
    if (!this.node.open) return;
    for (const menu of bar.menus) if (menu !== this) menu.node.open = false;
    if (!this.rows) this.fill();
    this.update();
    const overlap = this.list.getBoundingClientRect().right - document.documentElement.clientWidth;
    this.list.style.setProperty('margin-left', overlap > 0 ? `${-overlap - 8}px` : '0');
  }

  fill() {
    this.rows = this.dim.values.map((value, at) => {
      const box = el('input', {type: 'checkbox', value, onChange: () => toggle(this.name, value)});
      const number = el('span', {class: 'number'});
      const row = el('label', {}, box, el('span', {class: 'choice'}, breakable(labelOf(this.name, value))), number);
      return {value, at, box, number, row};
    }).filter((row) => row.value !== '' || this.name === 'expected');
    replace(this.list, this.rows.map((row) => row.row));
  }

  update() {
    const chosen = S[this.name];
    this.state.textContent = chosen.length ? `: ${chosen.length === 1 ? labelOf(this.name, chosen[0]) : chosen.length}` : '';
    this.node.classList.toggle('on', chosen.length > 0);
    if (!this.rows || !this.node.open) return;
    const numbers = query().facet(this.name);
    for (const row of this.rows) {
      row.box.checked = chosen.includes(row.value);
      row.number.textContent = count(numbers[row.at]);
      row.row.classList.toggle('none', numbers[row.at] === 0);
    }
  }

  key(event) {
    if (event.key === 'Escape' && this.node.open) {
      this.node.open = false;
      this.node.querySelector('summary').focus();
      event.stopPropagation();
    }
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step || !this.node.open) return;
    if (!this.rows) this.fill(); // a fast hand is here before the toggle event
    const boxes = [...this.list.querySelectorAll('input')];
    const at = boxes.indexOf(document.activeElement);
    boxes[Math.min(boxes.length - 1, Math.max(0, at + step))]?.focus();
    event.preventDefault();
  }
}

document.addEventListener('click', (event) => {
  for (const menu of bar.menus) if (!menu.node.contains(event.target)) menu.node.open = false;
});
