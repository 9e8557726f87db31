/** Lines of a PDF as paragraphs: running heads and page numbers left out, broken words joined, headings by their letters. */
import { FieldcraftError } from '@fieldcraft/core/errors';
import type { Block, DocumentLimits, Reading } from './document.js';
import { readsAsHeading } from './headings.js';
import { markerOf } from './numbering.js';
import { median } from './pdf-columns.js';
import { pdfLines, type Line } from './pdf-lines.js';

/** What repeats at the top or bottom, within this share of the page, is no part of the text. */
const margin = 0.14;
/** On this share of the pages, or on this many: the heads of a long document change from chapter to chapter. */
const [repeated, oftenEnough] = [0.4, 3];

/** @throws FieldcraftError as `pdfLines`; FC_DATA for a PDF of pictures alone */
export async function pdfBlocks(name: string, bytes: Uint8Array, limits: DocumentLimits): Promise<Reading> {
  const { pages, lines } = await pdfLines(name, bytes, limits);
  if (lines.length === 0) {
    throw new FieldcraftError('FC_DATA', {
      what: 'there is no text in the PDF',
      where: name,
      got: `${pages} pages of pictures, or none`,
      fix: 'let an OCR program read the scanned pages first',
    });
  }
  const { kept, dropped } = withoutRunningHeads(lines, pages);
  const notes = dropped === 0 ? [] : [`${dropped} running heads, running feet and page numbers were left out`];
  return { blocks: paragraphsOf(kept), pages, notes };
}

/** Lines at the top or bottom of pages that say the same, numbers aside, at the same height. */
function withoutRunningHeads(lines: readonly Line[], pages: number): { kept: Line[]; dropped: number } {
  if (pages < 2) return { kept: [...lines], dropped: 0 };
  const seen = new Map<string, Set<number>>();
  const keyOf = ({ text, y }: Line, offset: number): string => `${Math.round(y / 4) + offset} ${pattern(text)}`;
  const inMargin = ({ depth }: Line): boolean => depth < margin || depth > 1 - margin;
  for (const line of lines) {
    if (!inMargin(line)) continue;
    for (const offset of [0, 1]) {
      const key = keyOf(line, offset);
      const on = seen.get(key);
      if (on) on.add(line.page);
      else seen.set(key, new Set([line.page]));
    }
  }
  const needed = Math.max(2, Math.min(oftenEnough, Math.ceil(pages * repeated)));
  const kept = lines.filter(
    (line) => !(inMargin(line) && [0, 1].some((offset) => (seen.get(keyOf(line, offset))?.size ?? 0) >= needed)),
  );
  return { kept, dropped: lines.length - kept.length };
}

/** A line with its numbers made alike; one that is a number alone, Roman too, whatever it is. */
function pattern(text: string): string {
  const line = text.trim().toLowerCase();
  return /^[-–—\s]*(?:\d+|[ivxlc]+)[-–—\s]*$/.test(line) ? '#' : line.replace(/\d+/g, '#');
}

interface Paragraph {
  lines: Line[];
  text: string;
}

const ended = /[.!?:;]["”’)\]]*$/;

function paragraphsOf(lines: readonly Line[]): Block[] {
  const body = bodyOf(lines);
  const words = wordsOf(lines);
  const rights = new Map<string, number>();
  for (const line of lines) rights.set(regionOf(line), Math.max(rights.get(regionOf(line)) ?? 0, line.right));
  const spacing = lineSpacing(lines);
  const paragraphs: Paragraph[] = [];
  let last: Paragraph | undefined;
  /** The last of the running text: footnotes may stand between it and its end on the next page. */
  let lastOfBody: Paragraph | undefined;

  for (const line of lines) {
    const previous = last?.lines.at(-1);
    const isBody = Math.abs(line.size - body.size) <= 0.06 * body.size;
    const goesOn = last !== undefined && previous !== undefined && regionOf(previous) === regionOf(line);
    if (goesOn && last !== undefined && continues(last, line, { right: rights.get(regionOf(line))!, spacing }))
      extend(last, line);
    else if (!goesOn && isBody && lastOfBody !== undefined && runsOver(lastOfBody, line)) {
      extend(lastOfBody, line);
      last = lastOfBody;
    } else {
      last = { lines: [line], text: line.text };
      paragraphs.push(last);
    }
    if (isBody) lastOfBody = last;
  }
  return paragraphs.map(({ lines: of, text }) => blockOf(of, text.replace(/\u00ad/g, ''), body));

  function extend(paragraph: Paragraph, line: Line): void {
    paragraph.text = joinLines(paragraph.text, line.text, words);
    paragraph.lines.push(line);
  }
}

const regionOf = ({ page, region }: Line): string => `${page} ${region}`;

/** Whether a line goes on with the paragraph above it in its column. */
function continues(
  { lines, text }: Paragraph,
  line: Line,
  { right, spacing }: { right: number; spacing: number },
): boolean {
  const [previous, first] = [lines.at(-1)!, lines[0]!];
  const gap = (line.y - previous.y) / line.size;
  if (gap <= 0 || gap > spacing * 1.3) return false;
  if (Math.abs(line.size - previous.size) > 0.1 * previous.size) return false;
  const brokenWord = /\p{L}[-\u00ad]$/u.test(text);
  if (
    !brokenWord &&
    markerOf(line.text) !== undefined &&
    (ended.test(text) || line.left <= first.left + 0.5 * line.size || /^[•◦▪·●–-]/.test(line.text))
  )
    return false;
  if (
    line.font !== previous.font &&
    line.font !== '' &&
    previous.font !== '' &&
    (readsAsHeading(text, { numbered: markerOf(text) !== undefined }) || readsAsHeading(line.text)) &&
    lines.length <= 2
  )
    return false;
  const indent = (line.left - previous.left) / line.size;
  const isShort = previous.right < right - 0.15 * (right - previous.left) - line.size;
  if (isShort && ended.test(text) && /^["“‘'(]?[\p{Lu}\d]/u.test(line.text)) return false;
  if (
    isShort &&
    lines.length === 1 &&
    readsAsHeading(text, { numbered: markerOf(text) !== undefined }) &&
    /^["“]?\p{Lu}/u.test(line.text)
  )
    return false;
  // An indented line begins a paragraph, unless it hangs from a number or a sign.
  if (indent > 0.8 && ended.test(text) && !(lines.length === 1 && markerOf(first.text) !== undefined)) return false;
  // A line further out than the others begins one too: only the second line of an indented paragraph goes on there.
  return !(indent < -0.8 && lines.length >= 2 && ended.test(text));
}

/** Whether a line at the top of a column or page goes on with a paragraph that was not at its end. */
function runsOver({ text }: Paragraph, { text: next }: Line): boolean {
  if (/\p{L}[-\u00ad]$/u.test(text) && /^\p{Ll}/u.test(next)) return true;
  return (
    !ended.test(text) &&
    markerOf(next) === undefined &&
    (/^[\p{Ll}(]/u.test(next) || /[,\p{Ll}]$/u.test(text)) &&
    text.length > 40 &&
    !readsAsHeading(next)
  );
}

/** Beginnings of compounds that keep their hyphen. */
const compounds = new Set(
  'non self third first second long short co ex well high low part full one two multi cross inter sub pre post semi anti end then year half'.split(
    ' ',
  ),
);

/** Two lines as one text: a word broken at the end of the first is whole again, a compound keeps its hyphen. */
function joinLines(text: string, next: string, words: ReadonlySet<string>): string {
  const soft = text.endsWith('\u00ad');
  const [, head = ''] = /(\p{L}+)[-\u00ad]$/u.exec(text) ?? [];
  const [tail = ''] = /^\p{Ll}+/u.exec(next) ?? [];
  if (head === '' || tail === '') return `${text} ${next}`;
  const whole = `${head}${tail}`.toLowerCase();
  const keeps =
    !soft && !words.has(whole) && (words.has(`${head}-${tail}`.toLowerCase()) || compounds.has(head.toLowerCase()));
  return keeps ? `${text}${next}` : `${text.slice(0, -1)}${next}`;
}

/** Words that stand whole on a line. */
function wordsOf(lines: readonly Line[]): Set<string> {
  const words = new Set<string>();
  for (const { text } of lines)
    for (const [word] of text.replace(/\S+[-\u00ad]$/, '').matchAll(/\p{L}+(?:-\p{L}+)?/gu))
      words.add(word.toLowerCase());
  return words;
}

/** The size and the letters of most of the text. */
function bodyOf(lines: readonly Line[]): { size: number; font: string } {
  const most = (keys: readonly [string, number][]): string => {
    const counts = new Map<string, number>();
    for (const [key, count] of keys) counts.set(key, (counts.get(key) ?? 0) + count);
    return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0])[0];
  };
  return {
    size: Number(most(lines.map(({ size, text }) => [size.toFixed(1), text.length]))),
    font: most(lines.map(({ font, text }) => [font, font === '' ? 0 : text.length])),
  };
}

/** From baseline to baseline within paragraphs, in sizes of the text. */
function lineSpacing(lines: readonly Line[]): number {
  const gaps: number[] = [];
  for (let i = 1; i < lines.length; i++) {
    const [above, below] = [lines[i - 1]!, lines[i]!];
    const gap = (below.y - above.y) / below.size;
    if (regionOf(above) === regionOf(below) && gap > 0.8 && gap < 2.6) gaps.push(gap);
  }
  return gaps.length === 0 ? 1.3 : median(gaps);
}

function blockOf(lines: readonly Line[], text: string, body: { size: number; font: string }): Block {
  const { page, size } = lines[0]!;
  const isLarger = size > body.size * 1.12;
  const isOtherFont =
    lines.every(({ font }) => font !== '' && font === lines[0]!.font && font !== body.font) && size >= body.size * 0.95;
  const stands = readsAsHeading(text, { numbered: true }) && lines.length <= 3;
  // A numbered heading is known by its number, which says its level better than its letters do.
  const heading = stands && (isLarger || isOtherFont) && markerOf(text) === undefined;
  if (!heading) return { text, page };
  return { text, page, kind: 'heading', level: size > body.size * 1.6 ? 1 : isLarger ? 2 : 3 };
}
