// Elements from values. Everything that comes from results goes through textContent or
// setAttribute, never through markup: a class called <img onerror=…> is only an odd name.

const LISTENER = /^on[A-Z]/;

function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (LISTENER.test(name)) node.addEventListener(name.slice(2).toLowerCase(), value);
    else if (name === 'style') for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
    else node.setAttribute(name, value === true ? '' : value);
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (!child) continue; // a number 0 too: whoever wants one writes it with count()
    if (Array.isArray(child)) append(node, child);
    else node.append(child instanceof Node ? child : String(child));
  }
}

function replace(node, ...children) {
  node.replaceChildren();
  append(node, children);
}

const byId = (id) => document.getElementById(id);

const thousands = new Intl.NumberFormat('en-US');
const count = (number) => (number < 1000 ? String(number) : thousands.format(number));

function plural(number, one, many) {
  return `${count(number)} ${number === 1 ? one : many || one + 's'}`;
}

// As reports/mix.py: never 100 % or 0 % where that is not so.
function percent(part, whole) {
  if (!whole) return '–';
  if (part > 0 && part < whole) return `${Math.min(99, Math.max(1, Math.round(100 * part / whole)))} %`;
  return part ? '100 %' : '0 %';
}

function day(started) {
  return String(started).slice(0, 16).replace('T', ' ');
}

function seconds(value) {
  return value < 10 ? `${value.toFixed(2)} s` : `${value.toFixed(0)} s`;
}

function bytes(value) {
  if (value < 1024) return `${value} B`;
  if (value < 1024 * 1024) return `${(value / 1024).toFixed(1)} KiB`;
  return `${(value / 1024 / 1024).toFixed(1)} MiB`;
}

// Long ids break after a dash or a dot, not in the middle of a word.
function breakable(text) {
  return String(text).split(/(?<=[-._/])/).flatMap((part, at) => (at ? [el('wbr'), part] : [part]));
}

// `owner/name#12` is an issue; any other text is a link only if it is a web address. Addresses on
// GitHub are shown as people there write them.
function link(text) {
  const issue = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(text);
  const target = issue ? `https://github.com/${issue[1]}/issues/${issue[2]}` : text;
  if (!/^https?:\/\//.test(target)) return text;
  const shown = target.replace(/^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\/(?:issues|pull)\/(\d+)$/, '$1#$2')
    .replace(/^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\/blob\/([^/]+)\/.*?([^/]+)$/, '$1 $2: $3').replace(/^https?:\/\//, '');
  return el('a', {href: target, rel: 'noopener noreferrer', target: '_blank'}, shown);
}

function say(text) {
  byId('live').textContent = text;
}

function copyButton(text, label) {
  const button = el('button', {type: 'button', class: 'copy', 'aria-label': `Copy ${label}`, onClick: async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = el('textarea', {}, text); // a browser that has no clipboard for files
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
      button.focus();
    }
    button.textContent = 'Copied';
    say(`${label} copied`);
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  }}, 'Copy');
  return button;
}

function code(text, label) {
  return el('div', {class: 'code'}, el('pre', {tabindex: 0}, el('code', {}, text)), copyButton(text, label));
}

function folded(title, text, note) {
  if (!text || !text.trim()) return null;
  return el('details', {class: 'folded'}, el('summary', {}, title, note && el('span', {class: 'note'}, ` ${note}`)),
    el('pre', {tabindex: 0}, text));
}
