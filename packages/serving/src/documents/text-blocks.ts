/** Paragraphs of plain text, whether a paragraph is a line or its lines were broken at some width. */
import type { PlacedBlock } from './document.js';
import { readsAsHeading } from './headings.js';
import { markerOf } from './numbering.js';

/** Broken lines are no longer than this. */
const widestLine = 125;
/** A line this much shorter than the broad ones ends its paragraph. */
const shortLine = 0.62;

/** Paragraphs of a text in order, without the white space around them. */
export function textBlocks(text: string): PlacedBlock[] {
  const lines = linesOf(text);
  const width = broadLine(lines.map(({ start, end }) => end - start));
  const blocks: PlacedBlock[] = [];
  let block: PlacedBlock | undefined;
  let previous: { start: number; end: number } | undefined;
  for (const line of lines) {
    const content = text.slice(line.start, line.end);
    const before = previous === undefined ? '' : text.slice(previous.start, previous.end);
    const goesOn =
      block !== undefined &&
      previous !== undefined &&
      !/\n[^\S\n]*\n/.test(text.slice(previous.end, line.start)) &&
      width <= widestLine &&
      before.length >= width * shortLine &&
      markerOf(content) === undefined &&
      !(
        readsAsHeading(before, { numbered: markerOf(before) !== undefined }) &&
        /^\p{Lu}/u.test(content) &&
        before.length < width * 0.8
      );
    if (goesOn && block !== undefined) block.end = line.end;
    else blocks.push((block = { ...line }));
    previous = line;
  }
  return blocks;
}

/** Lines with something in them, trimmed. */
function linesOf(text: string): { start: number; end: number }[] {
  const lines: { start: number; end: number }[] = [];
  let at = 0;
  for (const line of text.split('\n')) {
    const start = at + line.length - line.trimStart().length;
    const end = at + line.trimEnd().length;
    if (end > start) lines.push({ start, end });
    at += line.length + 1;
  }
  return lines;
}

/** The length that nine lines of ten do not exceed. */
function broadLine(lengths: number[]): number {
  const sorted = lengths.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.9)] ?? 0;
}
