/** Words, spans and pairs of a window: what joint extraction asks about, and which of it is learnt from. */
import type { EntitySpan } from '../data/index.js';
import { random } from '../foundation/index.js';
import type { AskedPair, Feature, WordRange } from './task.js';

/** The words of a window, in order: positions of their first and last tokens, and UTF-16 indices. */
export interface WindowWords {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** The tokenizer's words of which a window has tokens: the same in training as for any text that is given later. */
export function wordsOfWindow({ stretch, starts, ends, wordIds }: Feature): WindowWords {
  const words: Record<keyof WindowWords, number[]> = { first: [], last: [], starts: [], ends: [] };
  let open = -1;
  for (let position = stretch.first; position < stretch.first + stretch.count; position++) {
    const [word, start, end] = [wordIds[position]!, starts[position]!, ends[position]!];
    if (word === -1 || end <= start) continue;
    if (word !== open) {
      words.first.push(position);
      words.starts.push(start);
      words.last.push(position);
      words.ends.push(end);
      open = word;
    }
    words.last[words.last.length - 1] = position;
    words.ends[words.ends.length - 1] = Math.max(words.ends.at(-1)!, end);
  }
  return words;
}

/** Where an entity stands among words; undefined where it begins or ends inside one, is wider than `width` words, or stands elsewhere. */
export function placeOf({ starts, ends }: WindowWords, entity: EntitySpan, width: number): WordRange | undefined {
  const first = starts.indexOf(entity.start);
  const last = ends.indexOf(entity.end);
  const count = last - first + 1;
  return first === -1 || last < first || count > width ? undefined : { first, count };
}

/** How many words wide the spans are that are looked at: so that at most one entity in two hundred is wider. At least one. */
export function widthOf(examples: readonly { text: string; mentions: readonly EntitySpan[] }[]): number | undefined {
  const widths = examples
    .flatMap(({ text, mentions }) => mentions.map(({ start, end }) => roughWords(text.slice(start, end))))
    .sort((a, b) => a - b);
  const widest = widths[Math.floor(widths.length * 0.995)];
  return widest === undefined ? undefined : Math.min(Math.max(1, widest), widestSpan);
}

/** Every word more costs a classification of each word. */
const widestSpan = 24;

const roughWords = (text: string): number => text.match(/[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu)?.length ?? 0;

/** The class of each span of a window, [words, width]: 0 is none, -100 a span that would end behind the window. */
export function spanClasses(words: WindowWords, width: number, entities: readonly (WordRange & { type: number })[]) {
  const count = words.first.length;
  const classes = Int32Array.from({ length: count * width }, (_, cell) =>
    Math.floor(cell / width) + (cell % width) < count ? 0 : -100,
  );
  for (const { first, count: own, type } of entities) classes[first * width + own - 1] = 1 + type;
  return classes;
}

export const overlap = (a: EntitySpan, b: EntitySpan): boolean => a.start < b.end && b.start < a.end;
const crosses = (a: EntitySpan, b: EntitySpan): boolean => overlap(a, b) && (a.start - b.start) * (a.end - b.end) > 0;

/** Of entities that cross the surest, or of all that overlap; in order of their starts. */
export function settled<E extends EntitySpan & { readonly confidence: number }>(
  entities: readonly E[],
  overlapping: boolean,
): E[] {
  const conflict = overlapping ? crosses : overlap;
  const kept: E[] = [];
  for (const entity of [...entities].sort((a, b) => b.confidence - a.confidence || a.start - b.start))
    if (!kept.some((other) => conflict(entity, other))) kept.push(entity);
  return kept.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** As many spans without an entity as the paper draws of a sentence. */
export const negativeSpans = 100;

/**
 * What one epoch learns from a window: all its entities and a hundred other spans, all its relations and other pairs of entities as far as there
 * are positions (the paper's strong negatives), drawn by seed, epoch, example and window alone.
 */
export function drawNegatives(feature: Feature, { seed, epoch }: { seed: number; epoch: number }): Feature {
  const { target, pairs = [] } = feature;
  if (target === undefined) return feature;
  const rng = random(seed, 'negatives', epoch, feature.example, feature.window);
  const others = rng.shuffle([...target.keys()].filter((cell) => target[cell] === 0));
  const drawn = Int32Array.from(target);
  for (const cell of others.slice(negativeSpans)) drawn[cell] = -100;
  const related = ({ relations = [] }: AskedPair) => relations.length > 0;
  const unrelated = rng.shuffle(pairs.filter((pair) => !related(pair)));
  return { ...feature, target: drawn, pairs: [...pairs.filter(related), ...unrelated].slice(0, feature.ids.length) };
}
