/** Chunk tags (IOB1, IOB2, BIOES/BILOU): which scheme a file uses, and the entities its tags mean. */
import type { EntitySpan } from '../examples.js';
import { count, type Tally } from './reader.js';

/**
 * IOB1: `B-` only where two entities of one type touch. IOB2: every entity begins with `B-`.
 * BIOES: also ends with `E-`, single words are `S-` (BILOU's `L-` and `U-` are read alike).
 */
export type TagScheme = 'iob1' | 'iob2' | 'bioes';

/** An entity over words: `end` exclusive. */
export interface WordSpan {
  start: number;
  end: number;
  label: string;
}

interface Tag {
  /** begin, inside, end, single, or outside */
  place: 'B' | 'I' | 'E' | 'S' | 'O';
  label: string;
}

/** The scheme that most tags of these sentences keep to. Files without any entity count as IOB2. */
export function detectScheme(sentences: Iterable<readonly string[]>): TagScheme {
  let needless = 0;
  let missing = 0;
  for (const tags of sentences) {
    let previous = outside;
    for (const text of tags) {
      const tag = parseTag(text);
      if (tag.place === 'E' || tag.place === 'S') return 'bioes';
      if (tag.place !== 'O' && previous.label !== tag.label) {
        if (tag.place === 'B') needless++;
        else missing++;
      }
      previous = tag;
    }
  }
  return missing > needless ? 'iob1' : 'iob2';
}

/** The entities that tags mean. Tags that break the scheme still begin or continue an entity as a reader would guess; they are counted. */
export function decodeTags(tags: readonly string[], scheme: TagScheme, tally: Tally): WordSpan[] {
  const spans: WordSpan[] = [];
  let open: WordSpan | undefined;
  let broken = 0;
  const close = (proper: boolean) => {
    if (open !== undefined && scheme === 'bioes' && !proper) broken++;
    open = undefined;
  };
  for (const [i, text] of tags.entries()) {
    const tag = parseTag(text);
    if (tag.place === 'O') {
      close(false);
      continue;
    }
    const continues = open !== undefined && open.label === tag.label && (tag.place === 'I' || tag.place === 'E');
    if (continues && open !== undefined) {
      open.end = i + 1;
    } else {
      if (scheme === 'iob1' ? tag.place === 'B' && open?.label !== tag.label : tag.place === 'I' || tag.place === 'E')
        broken++;
      close(false);
      open = { start: i, end: i + 1, label: tag.label };
      spans.push(open);
    }
    if (tag.place === 'E' || tag.place === 'S') close(true);
  }
  close(false);
  count(tally, `tags that break the ${scheme.toUpperCase()} scheme (read as the entity they most likely mean)`, broken);
  return spans;
}

/** Words as one text with single spaces between them, and where each stands in it. */
export function joinWords(words: readonly string[]): { text: string; words: [number, number][] } {
  const spans: [number, number][] = [];
  let at = 0;
  for (const word of words) {
    spans.push([at, at + word.length]);
    at += word.length + 1;
  }
  return { text: words.join(' '), words: spans };
}

/** Entities over words as character spans of the joined text. */
export function wordSpansToText(
  spans: readonly WordSpan[],
  words: readonly (readonly [number, number])[],
): EntitySpan[] {
  return spans.flatMap(({ start, end, label }) => {
    const [first, last] = [words[start], words[end - 1]];
    return first === undefined || last === undefined ? [] : [{ start: first[0], end: last[1], label }];
  });
}

const outside: Tag = { place: 'O', label: '' };
const places: Record<string, Tag['place']> = { B: 'B', I: 'I', M: 'I', E: 'E', L: 'E', S: 'S', U: 'S' };

function parseTag(text: string): Tag {
  if (text === 'O' || text === '') return outside;
  const place = text[1] === '-' ? places[text[0] ?? ''] : undefined;
  // A tag without a prefix, such as PER alone, is a label of its own.
  return place === undefined ? { place: 'I', label: text } : { place, label: text.slice(2) };
}
