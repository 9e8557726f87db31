/** Raw examples made into examples of one kind: labels renamed and checked against the set, entities ordered, empty texts left out. */
import { FieldcraftError } from '../foundation/index.js';
import type {
  AnyDataset,
  ClassificationExample,
  Dataset,
  EntityExample,
  EntitySpan,
  Example,
  ExampleBase,
  MultiLabelExample,
  PartName,
  Splits,
  TaskKind,
} from './examples.js';
import { count, type RawExample, type Tally } from './readers/reader.js';
import { suggestNames } from './suggest.js';

/** An example with the part that its source says it is in. */
export interface Placed {
  example: Example;
  part: PartName | undefined;
}

export interface AssembleOptions {
  kind: TaskKind;
  /** Published label to ours, null to drop. Without it every label stays as it is. */
  labels?: Readonly<Record<string, string | null>> | undefined;
  /** Where the label set comes from, for messages. */
  labelSource?: string;
  /** Text is put right before anything looks at it; may not change its length. */
  repair?: (text: string, tally: Tally) => string;
  tally: Tally;
}

/** @throws FieldcraftError FC_DATA for a label outside the set, or an entity outside its text */
export async function assemble(raws: AsyncIterable<RawExample>, options: AssembleOptions): Promise<Placed[]> {
  const { kind, tally, repair } = options;
  const placed: Placed[] = [];
  const ids = new Set<string>();
  for await (const raw of raws) {
    const text = repair?.(raw.text, tally) ?? raw.text;
    if (text.trim() === '') {
      count(tally, 'empty texts (left out)');
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
    placed.push({ example: toExample(base, raw, kind, options), part: raw.part });
  }
  return placed;
}

function toExample(base: ExampleBase, raw: RawExample, kind: TaskKind, options: AssembleOptions): Example {
  const ours = (labels: readonly string[]) => [
    ...new Set(labels.map((label) => renamed(label, raw.where, options)).filter((label) => label !== null)),
  ];
  if (kind === 'token-classification') {
    const entities = readableEntities(raw, base.text, options);
    return { ...base, entities, ...(raw.words === undefined ? {} : { words: raw.words }) } satisfies EntityExample;
  }
  const labels = ours(raw.labels ?? []);
  if (kind === 'multi-label') {
    const masked = ours(raw.masked ?? []);
    return { ...base, labels, ...(masked.length === 0 ? {} : { masked }) } satisfies MultiLabelExample;
  }
  const [label] = labels;
  if (label === undefined || labels.length > 1) {
    throw new FieldcraftError('FC_DATA', {
      what: 'single-label classification needs exactly one label a text',
      where: raw.where,
      got: labels.length === 0 ? 'none' : labels.join(', '),
      fix: 'for several labels, or none, use the task kind multi-label',
    });
  }
  return { ...base, label } satisfies ClassificationExample;
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

/** Splits of examples whose kind is known only at run time, as a dataset whose `kind` tells the type. */
export function makeDataset(
  kind: TaskKind,
  splits: Splits<Example>,
  rest: Omit<Dataset, 'kind' | 'splits'>,
): AnyDataset {
  const only = <E extends Example>(is: (example: Example) => example is E): Splits<E> => ({
    train: splits.train.filter(is),
    dev: splits.dev.filter(is),
    test: splits.test.filter(is),
  });
  switch (kind) {
    case 'classification':
      return { ...rest, kind, splits: only((e): e is ClassificationExample => 'label' in e) };
    case 'multi-label':
      return { ...rest, kind, splits: only((e): e is MultiLabelExample => 'labels' in e) };
    case 'token-classification':
      return { ...rest, kind, splits: only((e): e is EntityExample => 'entities' in e) };
  }
}

/** The tally of a reading as sentences. */
export function notesOf(tally: Tally): string[] {
  return [...tally].map(([what, n]) => `${n} ${what}`);
}

/** Examples in the parts that they came with. @throws FieldcraftError FC_DATA for one that belongs to none */
export function partsOf(placed: readonly Placed[]): Splits<Example> {
  const splits: Splits<Example> = { train: [], dev: [], test: [] };
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
