/** Raw examples made into examples of one kind: labels renamed and checked against the set, entities ordered, empty texts left out. */
import { FieldcraftError } from '../foundation/index.js';
import { exampleKinds } from './example-kinds.js';
import type { EntitySpan, Example, ExampleBase, ExampleOf, PartName, Splits, TaskKind } from './examples.js';
import { count, type RawExample, type Tally } from './readers/reader.js';
import { suggestNames } from './suggest.js';

/** An example with the part that its source says it is in. */
export interface Placed<E extends Example = Example> {
  example: E;
  part: PartName | undefined;
}

export interface AssembleOptions<K extends TaskKind = TaskKind> {
  kind: K;
  /** Published label to ours, null to drop. Without it every label stays as it is. */
  labels?: Readonly<Record<string, string | null>> | undefined;
  /** Leave out rows with a label that `labels` does not have, instead of refusing them. */
  dropUnlisted?: boolean;
  /** Where the label set comes from, for messages. */
  labelSource?: string;
  /** Text is put right before anything looks at it; may not change the length of one with offsets. */
  repair?: (text: string, tally: Tally) => string;
  tally: Tally;
}

/** @throws FieldcraftError FC_DATA for a label outside the set, or an entity outside its text */
export async function assemble<K extends TaskKind>(
  raws: AsyncIterable<RawExample>,
  options: AssembleOptions<K>,
): Promise<Placed<ExampleOf<K>>[]> {
  const { kind, tally, repair, labels, dropUnlisted = false } = options;
  const placed: Placed<ExampleOf<K>>[] = [];
  const ids = new Set<string>();
  for await (const raw of raws) {
    const text = repair?.(raw.text, tally) ?? raw.text;
    if (text.length !== raw.text.length && (raw.entities ?? raw.words ?? raw.answers) !== undefined) {
      throw new FieldcraftError('FC_DATA', {
        what: 'a repair moves the characters of a text with offsets',
        where: raw.where,
        fix: 'leave that repair out of the data card',
      });
    }
    if (text.trim() === '') {
      count(tally, 'empty texts (left out)');
      continue;
    }
    if (dropUnlisted && labels && raw.labels?.some((label) => !Object.hasOwn(labels, label))) {
      count(tally, 'rows with another label than those of the card (left out)');
      continue;
    }
    const id = raw.id ?? raw.where;
    if (ids.has(id)) {
      throw new FieldcraftError('FC_DATA', { what: 'two examples have one id', where: raw.where, got: id });
    }
    ids.add(id);
    const base: ExampleBase = { id, text };
    if (raw.group !== undefined) base.group = raw.group;
    if (raw.date !== undefined) base.date = raw.date;
    const second = raw.second === undefined ? {} : { second: repair?.(raw.second, tally) ?? raw.second };
    placed.push({ example: toExample(base, { ...raw, ...second }, kind, options), part: raw.part });
  }
  exampleKinds[kind].relate?.(placed.map(({ example }) => example));
  return placed;
}

function toExample<K extends TaskKind>(
  base: ExampleBase,
  raw: RawExample,
  kind: K,
  options: AssembleOptions,
): ExampleOf<K> {
  return exampleKinds[kind].make(base, raw, {
    relabel: (labels) => [
      ...new Set(labels.map((label) => renamed(label, raw.where, options)).filter((label) => label !== null)),
    ],
    entities: () => readableEntities(raw, base.text, options),
  });
}

function renamed(label: string, where: string, { labels, labelSource, tally }: AssembleOptions): string | null {
  if (labels === undefined) return label;
  const ours = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (ours === undefined) {
    throw new FieldcraftError('FC_DATA', {
      what: `the label "${label}" is not in the label set`,
      where,
      expected: `a label of ${labelSource ?? 'the set'}`,
      fix: suggestNames(label, Object.keys(labels)),
    });
  }
  if (ours === null) count(tally, `labels "${label}" (dropped, as the card says)`);
  return ours;
}

/** Entities in order, inside the text, none overlapping another: of two that overlap the longer stays. */
function readableEntities(raw: RawExample, text: string, options: AssembleOptions): EntitySpan[] {
  const entities: EntitySpan[] = [];
  for (const { start, end, label } of raw.entities ?? []) {
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= text.length)) {
      throw new FieldcraftError('FC_DATA', {
        what: 'an entity lies outside its text',
        where: raw.where,
        expected: `0 <= start < end <= ${text.length}`,
        got: `${start} to ${end}, "${label}"`,
      });
    }
    const ours = renamed(label, raw.where, options);
    if (ours !== null) entities.push({ start, end, label: ours });
  }
  const kept: EntitySpan[] = [];
  for (const entity of entities.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)) {
    if (kept.some((other) => entity.start < other.end && other.start < entity.end)) {
      count(options.tally, 'entities that overlap a longer one (left out)');
    } else {
      kept.push(entity);
    }
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** The tally of a reading as sentences. */
export function notesOf(tally: Tally): string[] {
  return [...tally].map(([what, n]) => `${n} ${what}`);
}

/** Examples in the parts that they came with. @throws FieldcraftError FC_DATA for one that belongs to none */
export function partsOf<E extends Example>(placed: readonly Placed<E>[]): Splits<E> {
  const splits: Splits<E> = { train: [], dev: [], test: [] };
  for (const { example, part } of placed) {
    if (part === undefined) {
      throw new FieldcraftError('FC_DATA', {
        what: 'an example belongs to no part',
        where: example.id,
        expected: 'train, dev or test',
      });
    }
    splits[part].push(example);
  }
  return splits;
}
