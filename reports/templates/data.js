// The two blocks of data. See reports/page_data.py and reports/pack.py for their other end.

let D = null; // first block, with what follows from it
let later = null; // promise of the second block

async function inflate(id) {
  const holder = byId(id);
  const text = atob(holder.textContent.trim());
  holder.remove(); // megabytes that nobody needs twice
  const raw = Uint8Array.from(text, (one) => one.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).json();
}

async function readFirst() {
  D = await inflate('first-block');
  const cells = D.cells;
  D.size = cells.artifact.length;
  D.saver = pick(cells.artifact, D.artifacts.saver);
  D.model = pick(cells.artifact, D.artifacts.model);
  D.format = pick(cells.artifact, D.artifacts.format);
  D.loader = Uint32Array.from(cells.loader);
  D.verdict = Uint8Array.from(cells.verdict);
  D.cause = Int32Array.from(cells.cause);
  D.reason = Uint32Array.from(cells.reason);
  D.changeNames = ['', 'broke', 'worse', 'fixed', 'better', 'changed', 'added'];
  D.change = Uint8Array.from(cells.change, (name) => Math.max(0, D.changeNames.indexOf(name)));
  D.before = Int8Array.from(cells.before);
  D.expectedNames = ['', 'met', 'unmet'];
  D.expected = Uint8Array.from(cells.expected, (name) => Math.max(0, D.expectedNames.indexOf(name)));
  D.helped = Uint8Array.from(cells.helped);
  D.artifact = Uint32Array.from(cells.artifact);
  D.cells = null;
  D.verdictNames = D.looks.map((look) => look.verdict);
  D.known = (kind) => D.looks.map((look) => look.kind === kind);
  D.isSafe = D.known('safe');
  D.isRed = D.known('red');
  D.isAside = D.known('aside');
  D.environmentById = new Map(D.environments.map((one) => [one.id, one]));
  D.recipeByName = new Map(D.recipes.map((one) => [one.name, one]));
  D.signatureById = new Map(D.signatures.map((one) => [one.id, one]));
  D.routeById = new Map([...D.routes, ...D.scenarios].map((one) => [one.id, one]));
}

function pick(places, values) {
  const found = new Uint32Array(places.length);
  for (let at = 0; at < places.length; at += 1) found[at] = values[places[at]];
  return found;
}


const textOf = (reference) => (reference ? D.strings[reference - 1] : '');

function cellId(cell) {
  return `${D.environmentNames[D.saver[cell]]}/${D.modelNames[D.model[cell]]}/${D.formatNames[D.format[cell]]}/${D.environmentNames[D.loader[cell]]}`;
}

function findCell(id) {
  for (let cell = 0; cell < D.size; cell += 1) {
    if (id.endsWith(D.environmentNames[D.loader[cell]]) && cellId(cell) === id) return cell;
  }
  return -1;
}

// Everything below is about the second block: read when a cell is first opened.
function readLater() {
  later = later || inflate('second-block').then((block) => new Details(block));
  return later;
}

class Details {
  constructor(block) { this.block = block; }

  cell(number) { return this.noun('CellDetail', this.block.cells[number]); }

  artifact(number) { return this.noun('ArtifactDetail', this.block.artifacts[number]); }

  history(number) { return this.block.history.map((verdicts) => verdicts.charCodeAt(number) - 97); }

  noun(name, reference) {
    if (!reference) return null;
    const table = this.block.tables[name];
    const found = {};
    for (const [field, kind] of Object.entries(this.block.kinds[name])) {
      found[field] = this.value(kind, table[field][reference - 1]);
    }
    return found;
  }

  value(kind, value) {
    if (kind === 'number') return value;
    if (kind === 'string') return this.string(value);
    const [what, inner] = kind;
    if (what === 'noun') return this.noun(inner, value);
    if (what === 'row') return value.map((one, at) => this.value(inner[at], one));
    return value ? this.block.lists[value - 1].map((one) => this.value(inner, one)) : [];
  }

  string(reference) {
    if (!reference) return null;
    if (reference > 0) return this.block.strings[reference - 1];
    return this.block.texts[-reference - 1].map((line) => this.string(line)).join('\n');
  }
}
