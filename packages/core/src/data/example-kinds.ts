/** How the examples of each kind of task are read: which columns of a row hold their truth, and what becomes of it. */
import { FieldcraftError } from '../foundation/index.js';
import { intentLabel, intentOf } from './examples.js';
import type {
  AnswerSpan,
  EntitySpan,
  ExampleBase,
  ExampleOf,
  Relation,
  RelationExample,
  RetrievalExample,
  SequentialExample,
  TaskKind,
} from './examples.js';
import { findDuplicates } from './near-duplicates.js';
import type { RawExample } from './readers/reader.js';
import type { ColumnOptions } from './readers/records.js';

/** A row of a file with named columns. Every method throws FC_DATA for a column that is missing or holds something else. */
export interface Row {
  readonly columns: ColumnOptions;
  /** The column of the truth: the one that the options name, or the kind's own. */
  readonly truthColumn: string;
  /** The text of a column, which must hold one. */
  text(column: string): string;
  /** Whether there is a text in a column that need not be there. */
  has(column: string): boolean;
  number(column: string): number;
  /** A list of texts, in one cell or in a column each. */
  choices(): string[];
  /** The one label of a column. */
  label(column: string): string;
  /** A list of labels, in one cell or in a column each. */
  labels(column: string): string[];
  entities(column: string): EntitySpan[];
  /** Stretches of the text, none included. */
  answers(column: string): AnswerSpan[];
  relations(column: string): Relation[];
}

/** Labels by the names that the dataset gives them; those that are dropped are left out. */
export type Relabel = (labels: readonly string[]) => string[];

export interface ExampleKind<K extends TaskKind> {
  /** The column of the truth where the options name none; absent where it is the second text. */
  readonly truthColumn?: string;
  /** Further columns that it needs, besides those of the text and the truth. */
  columns?(options: ColumnOptions): readonly string[];
  /** What a row says besides its text. */
  readRow(row: Row): Partial<RawExample>;
  /** @throws FieldcraftError FC_DATA for an example that lacks its truth */
  make(base: ExampleBase, raw: RawExample, read: { relabel: Relabel; entities: () => EntitySpan[] }): ExampleOf<K>;
  /** Tells examples of one file, in its order, of each other. */
  relate?(examples: readonly ExampleOf<K>[]): void;
}

/** Entities and relations between them, whether the entities are given or to be found. */
const relatedEntities = {
  truthColumn: 'relations',
  columns: () => ['mentions'],
  readRow: (row: Row) => ({ entities: row.entities('mentions'), relations: row.relations(row.truthColumn) }),
  make: (base: ExampleBase, raw: RawExample, { relabel }: { relabel: Relabel }): RelationExample => ({
    ...base,
    mentions: raw.entities ?? [],
    relations: relationsOf(raw, relabel),
  }),
};

export const exampleKinds: { readonly [K in TaskKind]: ExampleKind<K> } = {
  classification: {
    truthColumn: 'label',
    readRow: (row) => ({ labels: [row.label(row.truthColumn)] }),
    make: (base, raw, { relabel }) => ({ ...base, label: onlyLabel(raw, relabel) }),
  },
  'pair-classification': {
    truthColumn: 'label',
    columns: ({ second }) => [second],
    readRow: (row) => ({ second: row.text(row.columns.second), labels: [row.label(row.truthColumn)] }),
    make: (base, raw, { relabel }) => ({ ...base, second: secondOf(raw), label: onlyLabel(raw, relabel) }),
  },
  'sequential-classification': {
    truthColumn: 'label',
    readRow: (row) => ({ labels: [row.label(row.truthColumn)] }),
    make: (base, raw, { relabel }) => ({ ...base, before: [], after: [], label: onlyLabel(raw, relabel) }),
    relate: relateSentences,
  },
  'multi-label': {
    truthColumn: 'labels',
    readRow: (row) => ({ labels: row.labels(row.truthColumn) }),
    make(base, raw, { relabel }) {
      const masked = relabel(raw.masked ?? []);
      return { ...base, labels: relabel(raw.labels ?? []), ...(masked.length === 0 ? {} : { masked }) };
    },
  },
  'token-classification': {
    truthColumn: 'entities',
    readRow: (row) => ({ entities: row.entities(row.truthColumn) }),
    make: (base, raw, { entities }) => ({
      ...base,
      entities: entities(),
      ...(raw.words === undefined ? {} : { words: raw.words }),
    }),
  },
  'multiple-choice': {
    truthColumn: 'answer',
    columns: ({ choices, choiceColumns }) => choiceColumns ?? [choices],
    readRow: (row) => ({
      answer: row.label(row.truthColumn),
      choices: row.choices(),
      ...(row.has(row.columns.context) ? { context: row.text(row.columns.context) } : {}),
    }),
    make(base, raw) {
      const { choices = [], context } = raw;
      return { ...base, choices, answer: answerOf(raw, choices), ...(context === undefined ? {} : { context }) };
    },
  },
  'span-selection': {
    truthColumn: 'answers',
    columns: ({ second }) => [second],
    readRow: (row) => ({ second: row.text(row.columns.second), answers: row.answers(row.truthColumn) }),
    make(base, raw) {
      if (raw.answers === undefined)
        throw new FieldcraftError('FC_DATA', { what: 'a question has no list of answers', where: raw.where });
      return { ...base, second: secondOf(raw), answers: raw.answers };
    },
  },
  'relation-extraction': relatedEntities,
  'joint-extraction': relatedEntities,
  'slot-filling': {
    truthColumn: 'entities',
    columns: () => ['intents'],
    readRow: (row) => ({ entities: row.entities(row.truthColumn), labels: row.labels('intents') }),
    make: (base, raw, { relabel, entities }) => ({
      ...base,
      intents: relabel((raw.labels ?? []).map(intentLabel)).flatMap((label) => intentOf(label) ?? []),
      entities: slotsOf(entities(), raw),
      ...(raw.words === undefined ? {} : { words: raw.words }),
    }),
  },
  'code-assignment': {
    truthColumn: 'codes',
    readRow: (row) => ({ labels: row.labels(row.truthColumn) }),
    make: (base, raw, { relabel }) => ({ ...base, codes: relabel(raw.labels ?? []) }),
  },
  regression: {
    truthColumn: 'value',
    readRow: (row) => ({
      value: row.number(row.truthColumn),
      ...(row.has(row.columns.second) ? { second: row.text(row.columns.second) } : {}),
    }),
    make(base, { value, second, where }) {
      if (value === undefined) throw withoutNumber(where);
      return { ...base, value, ...(second === undefined ? {} : { second }) };
    },
  },
  similarity: {
    truthColumn: 'value',
    columns: ({ second }) => [second],
    readRow: (row) => ({ second: row.text(row.columns.second), value: row.number(row.truthColumn) }),
    make(base, raw) {
      if (raw.value === undefined) throw withoutNumber(raw.where);
      return { ...base, second: secondOf(raw), value: raw.value };
    },
  },
  retrieval: {
    readRow: (row) => ({ second: row.text(row.truthColumn) }),
    make: (base, raw) => ({ ...base, second: secondOf(raw), document: base.id, relevant: [base.id] }),
    relate: relateDocuments,
  },
};

const withoutNumber = (where: string): FieldcraftError =>
  new FieldcraftError('FC_DATA', { what: 'an example has no number', where });

function answerOf({ answer, where }: RawExample, choices: readonly string[]): number {
  const found = answer === undefined ? -1 : choices.indexOf(answer);
  const index = found === -1 && /^\d+$/.test(answer ?? '') ? Number(answer) : found;
  if (index >= 0 && index < choices.length && new Set(choices).size === choices.length && choices.length > 1)
    return index;
  throw new FieldcraftError('FC_DATA', {
    what: 'a question needs different choices and the one that answers it',
    where,
    expected: 'at least two choices, and as the answer one of them, or its number from 0',
    got: `${JSON.stringify(answer)} of ${JSON.stringify(choices)}`,
  });
}

/** The column that holds the truth of a row. */
export const truthColumnOf = (kind: TaskKind, { label, second }: Pick<ColumnOptions, 'label' | 'second'>): string =>
  label ?? exampleKinds[kind].truthColumn ?? second;

export const taskKinds = Object.keys(exampleKinds) as TaskKind[];

/** Sentences that a sentence knows of on each side. */
const knownNeighbours = 8;

/** The neighbours of each sentence among those of its document. */
export function neighboursOf(sentences: readonly string[]): { before: string[]; after: string[] }[] {
  return sentences.map((_, i) => ({
    before: sentences.slice(Math.max(0, i - knownNeighbours), i),
    after: sentences.slice(i + 1, i + 1 + knownNeighbours),
  }));
}

/** @throws FieldcraftError FC_DATA for a sentence of no document */
function relateSentences(examples: readonly SequentialExample[]): void {
  const documents = new Map<string, SequentialExample[]>();
  for (const example of examples) {
    if (example.group === undefined) {
      throw new FieldcraftError('FC_DATA', {
        what: 'a sentence belongs to no document, so that its neighbours are not known',
        where: example.id,
        fix: 'name the column of the document as the group, --group-column',
      });
    }
    const sentences = documents.get(example.group);
    if (sentences) sentences.push(example);
    else documents.set(example.group, [example]);
  }
  for (const sentences of documents.values()) {
    neighboursOf(sentences.map(({ text }) => text)).forEach((neighbours, i) =>
      Object.assign(sentences[i]!, neighbours),
    );
  }
}

/** A document bears the id of the first example that it stands in, and a query knows all documents that it is given with. */
function relateDocuments(examples: readonly RetrievalExample[]): void {
  const documents = findDuplicates(examples.map(({ second }) => second));
  const queries = findDuplicates(examples.map(({ text }) => text));
  const relevant = new Map<number, string[]>();
  examples.forEach((example, i) => {
    example.document = examples[documents[i]!]!.id;
    const found = relevant.get(queries[i]!) ?? [];
    if (!found.includes(example.document)) found.push(example.document);
    relevant.set(queries[i]!, found);
    example.relevant = found;
  });
}

function secondOf({ second, where }: RawExample): string {
  if (second !== undefined) return second;
  throw new FieldcraftError('FC_DATA', {
    what: 'the format of these files holds no second text',
    where,
    fix: 'use JSON Lines, CSV or Parquet with a column for it',
  });
}

/** @throws FieldcraftError FC_DATA for a relation of an entity that the text does not have */
function relationsOf({ entities = [], relations, where }: RawExample, relabel: Relabel): Relation[] {
  if (relations === undefined) throw new FieldcraftError('FC_DATA', { what: 'a text has no list of relations', where });
  return relations.flatMap(({ head, tail, label }) => {
    if (head === tail || entities[head] === undefined || entities[tail] === undefined) {
      throw new FieldcraftError('FC_DATA', {
        what: 'a relation is not between two entities of its text',
        where,
        expected: `two of the ${entities.length} entities, by their numbers from 0`,
        got: `${head} and ${tail}, "${label}"`,
      });
    }
    return relabel([label]).map((ours) => ({ head, tail, label: ours }));
  });
}

/** @throws FieldcraftError FC_DATA for a slot with the name of an intent */
function slotsOf(entities: EntitySpan[], { where }: RawExample): EntitySpan[] {
  const wrong = entities.find(({ label }) => intentOf(label) !== undefined);
  if (wrong === undefined) return entities;
  throw new FieldcraftError('FC_DATA', {
    what: 'a slot is named as intents are',
    where,
    got: wrong.label,
    fix: 'name the slot without "intent:"',
  });
}

function onlyLabel(raw: RawExample, relabel: Relabel): string {
  const labels = relabel(raw.labels ?? []);
  const [label] = labels;
  if (label !== undefined && labels.length === 1) return label;
  throw new FieldcraftError('FC_DATA', {
    what: 'single-label classification needs exactly one label a text',
    where: raw.where,
    got: labels.length === 0 ? 'none' : labels.join(', '),
    fix: 'for several labels, or none, use the task kind multi-label',
  });
}
