/**
 * Pairs of entities as texts: each entity between signs that say whether the relation goes out from it or to it, and its type with it. Typed
 * markers as in PURE (Zhong & Chen 2021), written in signs that every vocabulary has (Zhou & Chen 2022, "An Improved Baseline for
 * Sentence-level Relation Extraction"), so that no token must be learnt from nothing.
 */
import type { EntitySpan, RelationExample } from '../data/index.js';
import type { Marks } from './marked-tokens.js';

/** Indices into the entities of a text: the relation goes from `head` to `tail`. */
export interface EntityPair {
  readonly head: number;
  readonly tail: number;
}

export interface MarkedPair {
  readonly text: string;
  /** Where the markers begin and end in it, UTF-16. */
  readonly start: number;
  readonly end: number;
}

/** Between types in `TypedPairs`: no type holds it. */
const separator = '\t';

/** Two types as one word. */
export const typesOf = (entities: readonly EntitySpan[], { head, tail }: EntityPair): string =>
  `${entities[head]!.label}${separator}${entities[tail]!.label}`;

/** The pairs of types between which training has a relation; none where there is no training. */
export function typePairsOf(examples: readonly RelationExample[]): { typePairs?: string[] } {
  const pairs = new Set(
    examples.flatMap(({ mentions, relations }) => relations.map((pair) => typesOf(mentions, pair))),
  );
  return pairs.size === 0 ? {} : { typePairs: [...pairs].sort() };
}

/** All ordered pairs of different entities whose types, where any are named, are among them. */
export function candidatePairs(entities: readonly EntitySpan[], typePairs?: readonly string[]): EntityPair[] {
  const known = typePairs && new Set(typePairs);
  return entities.flatMap((_, head) =>
    entities.flatMap((__, tail) => {
      const pair = { head, tail };
      return head === tail || (known && !known.has(typesOf(entities, pair))) ? [] : [pair];
    }),
  );
}

const signs = { head: '@', tail: '#' };

/** The signs around the one entity, and around the other. */
export const pairMarks: Marks = [[signs.head], [signs.tail]];

/** `Aspirin causes pain.` -> `@ * drug * Aspirin @ causes # ^ effect ^ pain #.` */
export function markPair(text: string, entities: readonly EntitySpan[], { head, tail }: EntityPair): MarkedPair {
  const sides = [
    { ...entities[head]!, sign: signs.head, of: '*' },
    { ...entities[tail]!, sign: signs.tail, of: '^' },
  ];
  const marks = sides.flatMap(({ start, end, label, sign, of }) => [
    // Of markers at one place the closing ones come first; the shorter entity closes first, and the longer one opens first.
    { at: start, order: 1 + 1 / (1 + end - start), mark: `${sign} ${of} ${readable(label)} ${of} ` },
    { at: end, order: 1 - 1 / (1 + end - start), mark: ` ${sign}` },
  ]);
  marks.sort((a, b) => a.at - b.at || a.order - b.order);
  let marked = '';
  let at = 0;
  let start = Infinity;
  for (const { at: next, mark } of marks) {
    marked += text.slice(at, next);
    start = Math.min(start, marked.length);
    marked += mark;
    at = next;
  }
  return { text: marked + text.slice(at), start, end: marked.length };
}

/** `OtherScientificTerm` -> other scientific term */
const readable = (label: string): string =>
  label
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[-_]+/g, ' ')
    .toLowerCase();
