/** What a reader of a file format is, and the raw examples that all readers yield. */
import type { z } from 'zod';
import type { AnswerSpan, EntitySpan, PartName, Relation, TaskKind } from '../examples.js';

/** A file of a dataset: where it lies, and its name inside the dataset (forward slashes), used in ids and messages. */
export interface SourceFile {
  path: string;
  name: string;
  part?: PartName;
}

/** An example as read, before its labels are checked and renamed. */
export interface RawExample {
  /** `file:line`, for messages and, where there is no `id`, for the id. */
  where: string;
  text: string;
  /** The other text of a pair. */
  second?: string;
  id?: string;
  /** Of classification exactly one; of multi-label any number. */
  labels?: string[];
  masked?: string[];
  /** Of questions: the passage, the choices, and the right one or its number from 0. */
  context?: string;
  choices?: string[];
  answer?: string;
  /** Of questions about a text: where it answers them. */
  answers?: AnswerSpan[];
  /** Of `entities`, by their numbers from 0. */
  relations?: Relation[];
  /** Of regression. */
  value?: number;
  entities?: EntitySpan[];
  words?: [number, number][];
  group?: string;
  date?: string;
  part?: PartName;
}

/** Counts what was repaired, skipped or merged while reading; each entry becomes a note `<count> <what>`. */
export type Tally = Map<string, number>;

export function count(tally: Tally, what: string, by = 1): void {
  if (by > 0) tally.set(what, (tally.get(what) ?? 0) + by);
}

export interface ReadRequest<O> {
  files: readonly SourceFile[];
  kind: TaskKind;
  options: O;
  tally: Tally;
}

/** A file format: the schema of its options, and how it is read. Readers throw FC_FILE_FORMAT, FC_DATA and FC_NOT_FOUND. */
export interface Reader<S extends z.ZodObject = z.ZodObject> {
  options: S;
  read(request: ReadRequest<z.output<S>>): AsyncGenerator<RawExample>;
}

/** Keeps the type of the options schema while checking the shape. */
export function defineReader<S extends z.ZodObject>(reader: Reader<S>): Reader<S> {
  return reader;
}
