// The two blocks of data. See reports/page_data.py and reports/block.py for their other end.

const KINDS = {u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array};

let D = null; // first block, with what follows from it
let later = null; // promise of the second block

// JSON, with its columns as typed arrays that look into what was inflated: nothing is copied.
async function unpack(id) {
  const holder = byId(id);
  const raw = fromBase64(holder.textContent);
  holder.remove(); // megabytes that nobody needs twice
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream('deflate'));
  const buffer = await new Response(stream).arrayBuffer();
  const size = new DataView(buffer).getUint32(0, true);
  const block = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  for (const [name, [kind, at, length]] of Object.entries(block.columns)) {
    block.columns[name] = new KINDS[kind](buffer, 4 + size + at, length);
  }
  return block;
}

function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const bytes = atob(text);
  const found = new Uint8Array(bytes.length);
  for (let at = 0; at < found.length; at += 1) found[at] = bytes.charCodeAt(at);
  return found;
}

async function readFirst() {
  D = await unpack('first-block');
  const {columns} = D;
  D.artifacts = {};
  for (const name of ['saver', 'model', 'format', 'status', 'reason']) D.artifacts[name] = columns[`artifact ${name}`];
  D.artifacts.status = Array.from(D.artifacts.status, (status) => D.statusNames[status]);
  // Of one kind, so that the loops over all cells are compiled for one kind.
  for (const name of ['artifact', 'loader', 'verdict', 'reason', 'cause', 'change', 'before', 'because', 'expected', 'helped']) D[name] = new Int32Array(columns[name]);
  D.size = D.artifact.length;
  for (const name of ['saver', 'model', 'format']) D[name] = pick(D.artifact, D.artifacts[name]);
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
  const found = new Int32Array(places.length);
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

// Everything below is about the second block: read when a cell is first opened, or while nobody
// waits for anything. It stands behind the script, so that the page is of use before it is there.
function readLater() {
  later = later || whole().then(() => unpack('second-block')).then((block) => new Details(block));
  return later;
}

function whole() {
  if (document.readyState !== 'loading') return Promise.resolve();
  return new Promise((resolve) => { document.addEventListener('DOMContentLoaded', resolve, {once: true}); });
}

class Details {
  constructor(block) { this.block = block; }

  cell(number) { return this.noun('CellDetail', this.block.columns.cells[number]); }

  artifact(number) { return this.noun('ArtifactDetail', this.block.columns.artifacts[number]); }

  // The places of the verdicts that past runs had, -1 where there was no such cell.
  history(number) { return D.trend.slice(0, -1).map((_, run) => this.block.columns[`history ${run}`][number]); }

  noun(name, reference) {
    if (!reference) return null;
    const found = {};
    for (const [field, kind] of Object.entries(this.block.kinds[name])) {
      const column = this.block.columns[`${name} ${field}`] ?? this.block.tables[name][field];
      found[field] = this.value(kind, column[reference - 1]);
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
    const {'text ends': ends, 'text pieces': pieces} = this.block.columns;
    return Array.from(pieces.subarray(ends[-reference - 2] ?? 0, ends[-reference - 1]), (piece) => this.string(piece)).join('');
  }
}
