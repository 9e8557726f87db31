/** The page's script: tables sort at a click, lists are searched, maps tell their squares, the contents follow, and everything unfolds for the printer. The page reads without it. */

const sorting = `
for (const table of document.querySelectorAll('table[data-sortable]')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.classList.contains('bar')) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') === 'descending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [Number(key(a)), Number(key(b))];
        const order = x === x && y === y ? x - y : key(a).localeCompare(key(b));
        return up ? order : -order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}
`;

const searching = `
for (const list of document.querySelectorAll('[data-filter]')) {
  const bar = list.querySelector('.filter');
  const [select, input, status] = ['select', 'input', '[role=status]'].map((part) => bar.querySelector(part));
  const items = [...list.querySelectorAll('[data-item]')];
  const said = items.map((item) => item.textContent.toLowerCase());
  const show = () => {
    const label = select?.value ?? '';
    const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    items.forEach((item, i) => {
      const ofLabel = label === '' || item.dataset.item.split(' ').includes(label);
      item.hidden = !ofLabel || !words.every((word) => said[i].includes(word));
      if (!item.hidden) shown += 1;
    });
    const searched = label !== '' || words.length > 0;
    if (searched) for (const details of list.querySelectorAll('details')) details.open = true;
    status.textContent = searched ? shown + ' of ' + items.length : '';
  };
  bar.hidden = false;
  select?.addEventListener('change', show);
  input.addEventListener('input', show);
}
`;

const mapping = `
for (const map of document.querySelectorAll('[data-cells]')) {
  const sheet = map.querySelector('.map-cells');
  const said = map.querySelector('.map-said');
  const labels = JSON.parse(map.dataset.labels);
  const cells = map.dataset.cells.split(';').filter(Boolean).map((cell) => cell.split(' ').map(Number));
  const totals = labels.map(() => 0);
  for (const [gold, , count] of cells) totals[gold] += count;
  const counts = new Map(cells.map(([gold, predicted, count]) => [gold + ' ' + predicted, count]));
  const tell = (event) => {
    const [gold, predicted] = [event.offsetY, event.offsetX].map((at) => Math.floor(at / map.dataset.size));
    if (labels[gold] === undefined || labels[predicted] === undefined) return;
    const count = counts.get(gold + ' ' + predicted) ?? 0;
    const share = count > 0 ? ' (' + (100 * count / totals[gold]).toFixed(1) + ' %)' : '';
    said.textContent = 'true: ' + labels[gold] + ' · predicted: ' + labels[predicted] + ' · ' + count + ' of ' + totals[gold] + ' texts' + share;
  };
  sheet.addEventListener('pointermove', tell);
  sheet.addEventListener('click', tell);
}
`;

const following = `
const nav = document.querySelector('nav');
if (nav) {
  nav.dataset.live = '';
  const links = [...nav.querySelectorAll('a')];
  const targets = links.map((link) => document.getElementById(link.hash.slice(1)));
  const follow = () => {
    const line = scrollY + innerHeight / 4;
    const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    const tops = targets.map((target) => target.getBoundingClientRect().top + scrollY);
    let here = 0;
    tops.forEach((top, i) => { if (top <= line || end) here = i; });
    for (const item of nav.querySelectorAll('li')) item.classList.toggle('here', item.contains(links[here]));
    for (const [i, link] of links.entries()) {
      if (i === here) link.setAttribute('aria-current', 'location');
      else link.removeAttribute('aria-current');
    }
    const shown = links[here].closest('nav > ol > li').firstElementChild;
    const row = nav.firstElementChild;
    if (row.scrollWidth > row.clientWidth) row.scrollLeft = shown.offsetLeft - (row.clientWidth - shown.offsetWidth) / 2;
  };
  let asked = false;
  const soon = () => {
    if (!asked) requestAnimationFrame(() => { asked = false; follow(); });
    asked = true;
  };
  addEventListener('scroll', soon, { passive: true });
  addEventListener('resize', soon);
  follow();
}
`;

const printing = `
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true;
});
`;

export const script = [sorting, searching, mapping, following, printing].join('');
