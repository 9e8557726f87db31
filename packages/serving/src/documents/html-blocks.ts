/** HTML as blocks of text: what a reader would see, nothing of what a browser would run or fetch. */
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import type { Block, Reading } from './document.js';
import { markerOf } from './numbering.js';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

const names = (list: string): Set<string> => new Set(list.split(' '));

/** Never shown, or not text of the document. */
const left = names(
  'script style template noscript iframe object embed svg math canvas audio video head nav button select option datalist textarea input dialog map title',
);

/** Begin and end a block. */
const blockNames = names(
  'address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header ' +
    'hgroup hr html legend li main menu ol p pre section summary table tbody td tfoot th thead tr ul',
);

/** A step of the walk: a node to enter, or an element that ends. */
type Step = { readonly enter: Node } | { readonly leave: Element };

/** Longer texts in tables are paragraphs. */
const longestCell = 250;

/** The list that items belong to. */
interface List {
  ordered: boolean;
  count: number;
}

/** Reads a page; the walk keeps its own stack, so that no depth of nesting ends it. */
export function htmlBlocks(html: string): Reading {
  const document = parse(html);
  const blocks: Block[] = [];
  const steps: Step[] = document.childNodes.map((enter) => ({ enter })).reverse();
  const lists: List[] = [];
  let kind: Pick<Block, 'kind' | 'level' | 'number'> = {};
  let text = '';
  /** Letters outside bold, of the block at hand: a paragraph wholly in bold is a heading. */
  let plain = 0;
  let bold = 0;
  let preformatted = 0;
  let cells: string[] | undefined;

  function finish(): void {
    const content =
      preformatted > 0
        ? text.trim()
        : text
            .replace(/[^\S\n]+/g, ' ')
            .replace(/ ?\n ?/g, '\n')
            .trim();
    text = '';
    // Old pages lay out their whole text in tables: what is long, or has a form of its own, is no cell.
    const isCell = cells !== undefined && kind.kind === undefined && content.length <= longestCell;
    if (content !== '' && cells !== undefined && isCell)
      cells[cells.length - 1] = [cells.at(-1) ?? '', content].filter((part) => part !== '').join(' ');
    else if (content !== '') {
      const emphasised =
        kind.kind === undefined &&
        plain === 0 &&
        content.length <= 110 &&
        !/[.;,]$/.test(content) &&
        markerOf(content) === undefined;
      blocks.push({ text: content, ...(emphasised ? { kind: 'heading' as const, level: 6 } : kind) });
      // The words of an item that come after a list inside it are a paragraph.
      if (kind.kind === 'item') kind = {};
    }
    plain = 0;
  }

  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    if ('leave' in step) {
      leave(step.leave);
      continue;
    }
    const node = step.enter;
    if ('value' in node) {
      text += preformatted > 0 ? node.value : node.value.replace(/\s+/g, ' ');
      if (bold === 0) plain += node.value.trim().length;
    } else if ('tagName' in node && !left.has(node.tagName) && !isHidden(node)) {
      enter(node);
      steps.push({ leave: node });
      for (let i = node.childNodes.length - 1; i >= 0; i--) steps.push({ enter: node.childNodes[i]! });
    }
  }
  finish();
  return { blocks, notes: [] };

  function enter(element: Element): void {
    const { tagName } = element;
    if (tagName === 'br') text += '\n';
    if (tagName === 'b' || tagName === 'strong') bold++;
    if (!blockNames.has(tagName)) return;
    finish();
    if (tagName === 'pre') preformatted++;
    if (tagName === 'ol' || tagName === 'ul') lists.push({ ordered: tagName === 'ol', count: startOf(element) });
    if (tagName === 'tr') cells ??= [];
    if (tagName === 'td' || tagName === 'th') cells?.push('');
    if (/^h[1-6]$/.test(tagName)) kind = { kind: 'heading', level: Number(tagName[1]) };
    if (tagName === 'li') {
      const list = lists.at(-1);
      if (list) list.count++;
      const ordered = lists.length > 0 && lists.every((one) => one.ordered);
      kind = {
        kind: 'item',
        level: Math.max(0, lists.length - 1),
        ...(ordered ? { number: lists.map(({ count }) => count).join('.') } : {}),
      };
    }
  }

  function leave({ tagName }: Element): void {
    if (tagName === 'b' || tagName === 'strong') bold--;
    if (!blockNames.has(tagName)) return;
    finish();
    if (tagName === 'pre') preformatted--;
    if (tagName === 'ol' || tagName === 'ul') lists.pop();
    if (/^h[1-6]$/.test(tagName) || tagName === 'li') kind = {};
    if (tagName === 'tr') {
      const row = (cells ?? []).filter((cell) => cell !== '').join(' | ');
      cells = undefined;
      if (row !== '') blocks.push({ text: row, kind: 'row' });
    }
  }
}

function startOf({ attrs }: Element): number {
  const start = Number(attrs.find(({ name }) => name === 'start')?.value ?? 1);
  return Number.isSafeInteger(start) ? start - 1 : 0;
}

const isHidden = ({ attrs }: Element): boolean =>
  attrs.some(
    ({ name, value }) =>
      name === 'hidden' ||
      (name === 'style' && /(?:display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden)/i.test(value)),
  );
