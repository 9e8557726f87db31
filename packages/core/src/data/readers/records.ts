/** Rows with named columns, whatever file they come from (JSON Lines, CSV, Parquet), turned into raw examples. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { exampleKinds, truthColumnOf, type Row } from '../example-kinds.js';
import { partNames, type EntitySpan, type PartName, type TaskKind } from '../examples.js';
import { suggestNames } from '../suggest.js';
import { checkTextSize } from '../text-file.js';
import { offsetReader, type OffsetUnit } from './offsets.js';
import { placeAnswers, writtenAnswers } from './answers.js';
import type { RawExample, Tally } from './reader.js';
import { decodeTags, detectScheme, joinWords, wordSpansToText } from './tags.js';

/** Options that say which column holds what. */
export const columnOptions = {
  text: z.string().default('text').describe('column of the text'),
  second: z.string().default('second').describe('column of the second text, of tasks on pairs'),
  context: z.string().default('context').describe('column of the passage that a question is about, where there is one'),
  choices: z.string().default('choices').describe('column of the list of choices, of questions'),
  choiceColumns: z
    .array(z.string())
    .min(2)
    .optional()
    .describe(
      'of questions: a column for each choice; they are put in alphabetical order, so that the order says nothing, equal ones once',
    ),
  title: z.string().optional().describe('column of a heading, which is put on a line before the text'),
  label: z
    .string()
    .optional()
    .describe('column of the label, the labels or the entities; by default "label", "labels" or "entities"'),
  labelColumns: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('multi-label: a column for each label, 1 where the text bears it and 0 where it does not'),
  tokens: z.string().optional().describe('column of the list of words, for token classification without offsets'),
  tags: z.string().optional().describe('column of the list of tags (IOB1, IOB2 or BIOES), one a word'),
  group: z.string().optional().describe('column of the document that a row was cut from'),
  date: z.string().optional().describe('column of the date (ISO 8601, such as 2024-03-31)'),
  dateOrder: z
    .enum(['iso', 'day-month-year'])
    .default('iso')
    .describe('day-month-year: 31-3-2024 and 31/3/2024 are dates too'),
  id: z.string().optional().describe('column of the id; by default file:line'),
  part: z.string().optional().describe('column that says train, dev or test'),
  labelSeparator: z.string().min(1).default(';').describe('what separates several labels in one cell'),
  offsets: z
    .enum(['code-points', 'utf-16'])
    .default('code-points')
    .describe('how entity offsets count characters (Python counts code points)'),
};
export type ColumnOptions = z.output<z.ZodObject<typeof columnOptions>>;

/** Names of a column's values where the file stores numbers (Hugging Face's ClassLabel). */
export type ValueNames = (column: string, value: unknown) => unknown;

export interface RecordRequest {
  record: Record<string, unknown>;
  where: string;
  kind: TaskKind;
  columns: ColumnOptions;
  tally: Tally;
  name?: ValueNames;
}

/** One row as a raw example. @throws FieldcraftError FC_DATA for a missing column or a value of the wrong kind */
export function readRecord({ record, where, kind, columns, tally, name }: RecordRequest): RawExample {
  const named = (column: string, value: unknown) => name?.(column, value) ?? value;
  const cell = (column: string) => columnOf(record, column, where);
  const optional = (column: string | undefined) =>
    column === undefined ? undefined : scalar(cell(column), column, where);
  const raw: RawExample = { where, text: '' };
  if (kind === 'token-classification' && columns.tokens !== undefined) {
    const words = list(cell(columns.tokens), columns.tokens, where).map(String);
    const tagColumn = columns.tags ?? 'tags';
    const tags = list(cell(tagColumn), tagColumn, where).map((tag) => String(named(tagColumn, tag)));
    if (tags.length !== words.length) {
      throw wrongCell(tagColumn, where, `${words.length} tags, one a word`, `${tags.length} tags`);
    }
    const joined = joinWords(words);
    Object.assign(raw, joined);
    raw.entities = wordSpansToText(decodeTags(tags, detectScheme([tags]), tally), joined.words);
  } else {
    raw.text = scalar(cell(columns.text), columns.text, where) ?? '';
    const title = optional(columns.title);
    if (title !== undefined) raw.text = `${title}\n${raw.text}`;
    Object.assign(
      raw,
      exampleKinds[kind].readRow(rowOf({ record, where, kind, columns, tally, name, text: raw.text })),
    );
  }
  checkTextSize(raw.text, where);
  const [group, date, id, part] = [columns.group, columns.date, columns.id, columns.part].map(optional);
  if (group !== undefined) raw.group = group;
  if (date !== undefined) raw.date = readDate(date, columns, where);
  if (id !== undefined) raw.id = id;
  if (part !== undefined) raw.part = readPart(part, columns.part ?? '', where);
  return raw;
}

/** The cells of a record as its kind reads them. */
function rowOf({
  record,
  where,
  kind,
  columns,
  tally,
  name,
  text,
}: Omit<RecordRequest, 'name'> & { name: ValueNames | undefined; text: string }): Row {
  const cell = (column: string) => columnOf(record, column, where);
  const named = (column: string, value: unknown) => name?.(column, value) ?? value;
  return {
    columns,
    truthColumn: truthColumnOf(kind, columns),
    text(column) {
      const found = scalar(cell(column), column, where);
      if (found === undefined || found.trim() === '') throw wrongCell(column, where, 'a text', 'nothing');
      return found;
    },
    has(column) {
      const value = Object.hasOwn(record, column) ? record[column] : undefined;
      return value !== undefined && value !== null && value !== '';
    },
    number(column) {
      const written = scalar(cell(column), column, where)?.trim() ?? '';
      const value = Number(written);
      if (written === '' || !Number.isFinite(value)) throw wrongCell(column, where, 'a number', shown(cell(column)));
      return value;
    },
    choices: () =>
      columns.choiceColumns === undefined
        ? list(cell(columns.choices), columns.choices, where).map(String)
        : [...new Set(columns.choiceColumns.map((column) => scalar(cell(column), column, where) ?? ''))].sort(),
    label(column) {
      const label = scalar(named(column, cell(column)), column, where);
      if (label === undefined || label === '') throw wrongCell(column, where, 'a label', 'nothing');
      return label;
    },
    labels: (column) =>
      columns.labelColumns === undefined
        ? labelList(cell(column), columns.labelSeparator, column, where).map((label) => String(named(column, label)))
        : columns.labelColumns.filter((label) => isOne(cell(label), label, where)),
    entities: (column) => readEntities(cell(column), text, { unit: columns.offsets, column, where }),
    relations: (column) =>
      list(cell(column), column, where).map((item) => {
        const relation = relationShape.safeParse(item);
        if (relation.success) return relation.data;
        throw wrongCell(
          column,
          where,
          'relations as {head, tail, label}, head and tail numbers of mentions',
          shown(item),
        );
      }),
    answers(column) {
      const value = cell(column) ?? [];
      const written = writtenAnswers.safeParse(typeof value === 'string' ? parseCell(value, column, where) : value);
      if (!written.success) throw wrongCell(column, where, 'answers as {text, start}, or their texts', shown(value));
      return placeAnswers(text, written.data, { unit: columns.offsets, where, tally });
    },
  };
}

/** The part that a word names; `validation` and the like mean dev. */
export function readPart(word: string, column: string, where: string): PartName {
  const name = word.toLowerCase();
  if (/^(validation|valid|val|devel|development|eval|trial)$/.test(name)) return 'dev';
  const part = partNames.find((known) => known === name);
  if (part === undefined) throw wrongCell(column, where, 'train, dev or test', JSON.stringify(word));
  return part;
}

/** ISO 8601 sorts as text, and its first ten characters are the day. */
const isoDate = z.union([z.iso.date(), z.iso.datetime({ local: true, offset: true })]);

/** @throws FieldcraftError FC_DATA for anything but a day, or a day and a time, of ISO 8601, or a day in the order that the columns say */
function readDate(text: string, { date = '', dateOrder }: ColumnOptions, where: string): string {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4})$/.exec(text) ?? [];
  const iso = dateOrder === 'iso' || year === '' ? text : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (isoDate.safeParse(iso).success) return iso;
  throw new FieldcraftError('FC_DATA', {
    what: `column "${date}" does not hold a date`,
    where,
    expected: 'ISO 8601: 2024-03-31, 2024-03-31T17:45 or 2024-03-31T17:45:00Z',
    got: shown(text),
    fix: 'write the dates of the whole column as YYYY-MM-DD: other orders of day and month cannot be told apart',
  });
}

/**
 * Entities as `{start, end, label}`, `{start_offset, end_offset, label}` or `[start, end, label]`, in UTF-16 indices afterwards.
 * @throws FieldcraftError FC_DATA for another shape, or offsets outside the text
 */
export function readEntities(
  value: unknown,
  text: string,
  { unit, column, where }: { unit: OffsetUnit; column: string; where: string },
): EntitySpan[] {
  const at = offsetReader(text, unit);
  return list(value ?? [], column, where).map((item) => {
    const parsed = entityShape.safeParse(item);
    if (!parsed.success) {
      throw wrongCell(column, where, 'entities as {start, end, label} or [start, end, label]', shown(item));
    }
    const [from, to, label] = parsed.data;
    const span = { start: at(from), end: at(to), label };
    if (!(span.start < span.end)) {
      throw new FieldcraftError('FC_DATA', {
        what: 'an entity lies outside its text',
        where,
        expected: `0 <= start < end <= ${text.length} (${unit === 'utf-16' ? 'UTF-16 units' : 'code points'})`,
        got: `${from} to ${to}, "${label}"`,
        fix: 'check whether the offsets count characters, bytes or tokens, and from 0 or 1',
      });
    }
    return span;
  });
}

const relationShape = z.object({ head: z.int().nonnegative(), tail: z.int().nonnegative(), label: z.string() });

const entityShape = z.union([
  z
    .object({ start: z.number(), end: z.number(), label: z.string() })
    .transform((e) => [e.start, e.end, e.label] as const),
  z
    .object({ start_offset: z.number(), end_offset: z.number(), label: z.string() })
    .transform((e) => [e.start_offset, e.end_offset, e.label] as const),
  z.tuple([z.number(), z.number(), z.string()]),
]);

function columnOf(record: Record<string, unknown>, column: string, where: string): unknown {
  if (Object.hasOwn(record, column)) return record[column];
  const names = Object.keys(record);
  throw new FieldcraftError('FC_DATA', {
    what: `there is no column "${column}"`,
    where,
    got: `the columns ${names.slice(0, 30).join(', ')}`,
    fix: suggestNames(column, names),
  });
}

function scalar(value: unknown, column: string, where: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  throw wrongCell(column, where, 'a text or a number', shown(value));
}

function list(value: unknown, column: string, where: string): unknown[] {
  const items =
    typeof value === 'string' && value.trimStart().startsWith('[') ? parseCell(value, column, where) : value;
  if (!Array.isArray(items)) throw wrongCell(column, where, 'a list', shown(value));
  return items;
}

function isOne(value: unknown, column: string, where: string): boolean {
  const text = scalar(value, column, where)?.trim();
  if (text === '1' || text === '0') return text === '1';
  throw wrongCell(column, where, '1 or 0', shown(value));
}

function labelList(value: unknown, separator: string, column: string, where: string): unknown[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'string' || value.trimStart().startsWith('[')) return list(value, column, where);
  return value
    .split(separator)
    .map((label) => label.trim())
    .filter((label) => label !== '');
}

function parseCell(cell: string, column: string, where: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    throw wrongCell(column, where, 'a JSON list', shown(cell));
  }
}

function wrongCell(column: string, where: string, expected: string, got: string): FieldcraftError {
  return new FieldcraftError('FC_DATA', {
    what: `column "${column}" does not hold what the task needs`,
    where,
    expected,
    got,
  });
}

/** A value as a short text for a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
