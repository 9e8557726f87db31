/** Sequence tags and the spans they stand for: IOB1, IOB2 and BIOES, both ways. */
import { FieldcraftError } from '../foundation/index.js';

/** A labelled stretch [start, end): of words, or of characters. */
export interface Span {
  start: number;
  end: number;
  label: string;
}

export type TagScheme = 'IOB1' | 'IOB2' | 'BIOES';

/**
 * How a tag sequence is read.
 * - `lenient`: as conlleval and seqeval's default read it. Any scheme; an entity also starts at an I or E that nothing precedes
 *   or whose type changes. Reads well-formed IOB1, IOB2 and BIOES exactly.
 * - `IOB2`: strict, seqeval's `mode='strict', scheme=IOB2`: only B starts an entity, only I of its type continues it.
 * - `BIOES`: strict: S alone, or B, then I of the same type, then E.
 */
export type TagReading = 'lenient' | 'IOB2' | 'BIOES';

interface Tag {
  prefix: string;
  type: string;
}

/**
 * The spans, in word positions, that `tags` stand for, in order.
 * @throws FieldcraftError FC_DATA for a tag that is not O and does not begin with B, I, E or S (also L and U, read as E and S).
 */
export function tagsToSpans(tags: readonly string[], reading: TagReading = 'lenient'): Span[] {
  const parsed = tags.map(parseTag);
  return reading === 'lenient' ? readLeniently(parsed) : readStrictly(parsed, reading);
}

/**
 * The tags of `words` words for spans in word positions. In IOB1, B stands only between two touching entities of one type.
 * @throws FieldcraftError FC_DATA when spans overlap, are empty, or leave the sentence: tags cannot say that.
 */
export function spansToTags(spans: readonly Span[], words: number, scheme: TagScheme = 'IOB2'): string[] {
  const tags = new Array<string>(words).fill('O');
  let previous: Span | undefined;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < (previous?.end ?? 0) || span.end <= span.start || span.end > words) {
      throw new FieldcraftError('FC_DATA', {
        what: 'a span cannot be written as tags',
        expected: `spans of at least one word within ${words} words that do not overlap`,
        got: `${span.label} at words ${span.start} to ${span.end}`,
      });
    }
    const touches = previous?.end === span.start && previous.label === span.label;
    for (let i = span.start; i < span.end; i++) tags[i] = `${prefixAt(span, i, scheme, touches)}-${span.label}`;
    previous = span;
  }
  return tags;
}

function prefixAt(span: Span, i: number, scheme: TagScheme, touches: boolean): string {
  const first = i === span.start;
  if (scheme === 'IOB1') return first && touches ? 'B' : 'I';
  if (scheme === 'IOB2') return first ? 'B' : 'I';
  const last = i === span.end - 1;
  if (first) return last ? 'S' : 'B';
  return last ? 'E' : 'I';
}

function parseTag(tag: string): Tag {
  const prefix = { L: 'E', U: 'S' }[tag.charAt(0)] ?? tag.charAt(0);
  if (tag === 'O') return { prefix, type: '' };
  if (!/^[BIESLU](-|$)/.test(tag)) {
    throw new FieldcraftError('FC_DATA', {
      what: 'this is not an entity tag',
      expected: 'O, or B-, I-, E- or S- and a label',
      got: JSON.stringify(tag),
    });
  }
  return { prefix, type: tag.slice(2) || '_' };
}

function readLeniently(tags: readonly Tag[]): Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  let before: Tag = { prefix: 'O', type: '' };
  tags.forEach((tag, i) => {
    const continues =
      open !== undefined &&
      tag.type === open.label &&
      (tag.prefix === 'I' || tag.prefix === 'E') &&
      (before.prefix === 'B' || before.prefix === 'I');
    if (continues && open) {
      open.end = i + 1;
    } else {
      open = tag.prefix === 'O' ? undefined : { start: i, end: i + 1, label: tag.type };
      if (open) spans.push(open);
    }
    before = tag;
  });
  return spans;
}

function readStrictly(tags: readonly Tag[], scheme: 'IOB2' | 'BIOES'): Span[] {
  const spans: Span[] = [];
  for (let i = 0; i < tags.length; i++) {
    const { prefix, type } = tags[i]!;
    if (scheme === 'BIOES' && prefix === 'S') spans.push({ start: i, end: i + 1, label: type });
    if (prefix !== 'B') continue;
    let end = i + 1;
    while (tags[end]?.prefix === 'I' && tags[end]?.type === type) end++;
    if (scheme === 'IOB2') spans.push({ start: i, end, label: type });
    else if (tags[end]?.prefix === 'E' && tags[end]?.type === type) spans.push({ start: i, end: end + 1, label: type });
  }
  return spans;
}
