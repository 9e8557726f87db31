/** Blocks of text put in order of a document: what is a heading, a clause, an item, and what stands under what. */
import type { PlacedBlock, Reading, Segment } from './document.js';
import { isBareHeading, isKnownHeading, readsAsHeading, runInTitle } from './headings.js';
import { markerOf } from './numbering.js';
import { textBlocks } from './text-blocks.js';

/** Segments of plain text: paragraphs between empty lines, and lines that begin with a number or a sign. */
export const segmentText = (text: string): Segment[] => segmentBlocks(text, textBlocks(text));

/** One text of the blocks of a file, an empty line between them, and its segments. */
export function assembleBlocks({ blocks }: Pick<Reading, 'blocks'>): { text: string; segments: Segment[] } {
  const placed: PlacedBlock[] = [];
  const pieces: string[] = [];
  let at = 0;
  for (const { text: raw, ...block } of blocks) {
    const text = raw.trim();
    if (text === '') continue;
    placed.push({ ...block, start: at, end: at + text.length });
    pieces.push(text);
    at += text.length + 2;
  }
  const text = pieces.join('\n\n');
  return { text, segments: segmentBlocks(text, placed) };
}

/** A line of a table of contents: dots that lead to a page. It numbers nothing here. */
const isContentsLine = (text: string): boolean =>
  text.length < 300 && /(?:\.\s?){6}\s{0,3}(?:\d{1,4}|[ivxlc]{1,6})$/.test(text);

/** A heading, clause or item that is open: what follows may stand under it. */
interface Open {
  scheme: string;
  index: number;
  /** What stands under it without a number of its own. */
  holdsText: boolean;
}

/** Series of headings that begin anew whatever stood before. */
const topSchemes = new Set(['article', 'annex']);

function segmentBlocks(text: string, blocks: readonly PlacedBlock[]): Segment[] {
  const segments: Segment[] = [];
  const schemes: string[] = [];
  const open: Open[] = [];
  const lastNumbers = new Map<string, string>();

  /** Closes the last of the same series, and what stands under it; series that are no longer open begin anew. */
  function closeFor(scheme: string): void {
    const sibling = open.findIndex((one) => one.scheme === scheme);
    if (sibling >= 0) open.length = sibling;
    for (const other of [...lastNumbers.keys()])
      if (!open.some((one) => one.scheme === other)) lastNumbers.delete(other);
  }
  function add(
    segment: Omit<Segment, 'level' | 'parent'>,
    scheme: string,
    { opens, extra = 0 }: { opens: boolean; extra?: number },
  ): void {
    const parent = opens ? open.at(-1) : open.findLast(({ holdsText }) => holdsText);
    const level = parent === undefined ? 0 : segments[parent.index]!.level + 1;
    segments.push({ ...segment, level: level + extra, ...(parent === undefined ? {} : { parent: parent.index }) });
    schemes.push(scheme);
    if (opens) open.push({ scheme, index: segments.length - 1, holdsText: segment.kind !== 'item' });
  }

  for (let i = 0; i < blocks.length; i++) {
    const { start, end, kind: said, level: saidLevel, number: saidNumber, page } = blocks[i]!;
    const content = text.slice(start, end);
    const after = blocks[i + 1];
    const next = after === undefined ? undefined : text.slice(after.start, after.end);
    const base = { start, end, ...(page === undefined ? {} : { page }) };
    if (said === 'row' || isContentsLine(content)) {
      add({ ...base, kind: 'row' }, 'row', { opens: false });
      continue;
    }
    const marker = markerOf(content, lastNumbers);
    const number = marker?.number ?? saidNumber;
    const numbered = number === undefined ? {} : { number };
    const words = content.slice(marker?.length ?? 0).trim();
    if (marker?.number !== undefined) {
      closeFor(marker.scheme);
      lastNumbers.set(marker.scheme, marker.number);
    }
    if (said === 'heading') {
      closeHeadings(open, saidLevel ?? 1);
      add({ ...base, kind: 'heading', ...numbered, title: words || content }, `h${saidLevel ?? 1}`, { opens: true });
      continue;
    }
    if (said === 'item' || marker?.scheme === 'bullet') {
      add({ ...base, kind: 'item', ...numbered }, 'bullet', { opens: false, extra: saidLevel ?? 0 });
      continue;
    }
    if (marker !== undefined) {
      const top = topSchemes.has(marker.scheme);
      if (open.at(-1)?.scheme === 'known heading') open.pop();
      if (top) closeUnmarked(open);
      if (top || /^(decimal|roman|capital)/.test(marker.scheme)) {
        // "ARTICLE IV" on one line and its name on the next are one heading.
        const joins =
          words === '' &&
          next !== undefined &&
          markerOf(next) === undefined &&
          isBareHeading(next, 'x'.repeat(longAfter));
        if (joins) i++;
        const title = joins ? next : words;
        const heading = title === '' || readsAsHeading(title, { numbered: true });
        const named = heading ? title.replace(/[.:]$/, '') : runInTitle(words, { numbered: true });
        add(
          {
            ...base,
            ...(joins ? { end: after!.end } : {}),
            kind: heading ? 'heading' : 'clause',
            ...numbered,
            ...(named === undefined || named === '' ? {} : { title: named }),
          },
          marker.scheme,
          { opens: true },
        );
      } else {
        const title = runInTitle(words, { numbered: true });
        add({ ...base, kind: 'item', ...numbered, ...(title === undefined ? {} : { title }) }, marker.scheme, {
          opens: true,
        });
      }
      continue;
    }
    if (isBareHeading(content, next)) {
      closeUnmarked(open);
      add(
        { ...base, kind: 'heading', title: content.replace(/:$/, '') },
        isKnownHeading(content) ? 'known heading' : 'heading',
        { opens: true },
      );
      continue;
    }
    const title = runInTitle(content, { numbered: false });
    add({ ...base, kind: 'paragraph', ...(title === undefined ? {} : { title }) }, 'paragraph', { opens: false });
  }
  return listsForWhatTheyAre(segments, schemes);
}

/** Any text after a heading: longer than any heading. */
const longAfter = 1_000;

/** Closes headings of this level and below, and all that stands under them. */
function closeHeadings(open: Open[], level: number): void {
  const first = open.findIndex((one) => isMarked(one) && Number(one.scheme.slice(1)) >= level);
  if (first >= 0) open.length = first;
  closeUnmarked(open);
}

/** Closes everything but the headings that the format itself marks. */
function closeUnmarked(open: Open[]): void {
  open.length = open.findLastIndex(isMarked) + 1;
}

const isMarked = ({ scheme }: Open): boolean => /^h\d$/.test(scheme);

/** Short numbered lines with nothing under most of them are a list, not headings. */
function listsForWhatTheyAre(segments: Segment[], schemes: readonly string[]): Segment[] {
  const holders = new Set(segments.map(({ parent }) => parent));
  const series = new Map<string, number[]>();
  segments.forEach(({ kind, parent }, i) => {
    if (kind !== 'heading' || !/^(decimal:1|capital)$/.test(schemes[i]!)) return;
    const key = `${parent ?? ''} ${schemes[i]!}`;
    const members = series.get(key);
    if (members) members.push(i);
    else series.set(key, [i]);
  });
  for (const members of series.values()) {
    const empty = members.filter((i) => !holders.has(i));
    if (members.length < 2 || empty.length * 2 <= members.length) continue;
    for (const i of empty) {
      const { title: _, ...segment } = segments[i]!;
      segments[i] = { ...segment, kind: 'item' };
    }
  }
  return segments;
}
