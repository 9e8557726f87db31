/** What a file holds: which columns, and what kind of task its labels make. */
import { basename } from 'node:path';
import { FieldcraftError, fileOptionsSchema, suggestNames } from '@fieldcraft/core';
import { data } from '@fieldcraft/core/internals';

/** What a person says of the file; all else is found out. */
export interface FileHints {
  kind?: string;
  textColumn?: string;
  labelColumn?: string;
  secondColumn?: string;
  labelSeparator?: string;
  groupColumn?: string;
  dateColumn?: string;
  partColumn?: string;
}

type TaskKind = (typeof taskKinds)[number];
const taskKinds = fileOptionsSchema.shape.task.options;

export interface RecognisedFile {
  kind: TaskKind;
  format: data.FilePreview['format'];
  /** What its reader must be told, as a data card says it. */
  readerOptions: Record<string, string>;
  /** In words, such as `column "kind"`. */
  truth: string;
}

/** @throws FieldcraftError FC_CONFIG, FC_DATA, FC_NOT_FOUND or FC_FILE_FORMAT saying which option would help */
export async function recogniseFile(path: string, hints: FileHints): Promise<RecognisedFile> {
  const given = hints.kind === undefined ? undefined : checkKind(hints.kind);
  const preview = await data.previewFile(path, given === undefined ? {} : { kind: given });
  const { format, readerOptions } = preview;
  if (preview.columns.length === 0) {
    return {
      kind: given ?? kindOfFormat(format, path),
      format,
      readerOptions: { ...readerOptions, ...namedColumns(hints) },
      truth: `the ${format} format`,
    };
  }
  const columns = findColumns(preview, path, { ...hints, ...(given === undefined ? {} : { kind: given }) });
  const values = preview.rows.map((row) => row[columns.label]);
  const { kind, separator } = given === undefined ? kindOfValues(values, columns.label, hints) : { kind: given };
  const several = hints.labelSeparator ?? separator ?? (kind === 'multi-label' ? separatorOf(values) : undefined);
  return {
    kind,
    format,
    readerOptions: {
      ...readerOptions,
      ...columns,
      ...(several === undefined ? {} : { labelSeparator: several }),
    },
    truth: `column "${columns.label}"`,
  };
}

function checkKind(kind: string): TaskKind {
  const known = taskKinds.find((name) => name === kind);
  if (known !== undefined) return known;
  throw new FieldcraftError('FC_CONFIG', {
    what: `there is no kind of task "${kind}"`,
    where: '--kind',
    expected: taskKinds.join(', '),
    fix: suggestNames(kind, taskKinds),
  });
}

/** Files of annotation tools and of tagged words hold entities; of the others nothing is known beforehand. */
function kindOfFormat(format: string, path: string): TaskKind {
  if (['conll', 'doccano', 'label-studio', 'brat'].includes(format)) return 'token-classification';
  throw new FieldcraftError('FC_CONFIG', {
    what: 'what kind of task a file holds cannot be seen from its format',
    where: path,
    got: format,
    fix: `name it with --kind: ${taskKinds.join(', ')}`,
  });
}

/** Reader options of the columns that a person names. */
function namedColumns(hints: FileHints): Record<string, string> {
  const columns = {
    text: hints.textColumn,
    second: hints.secondColumn,
    label: hints.labelColumn,
    group: hints.groupColumn,
    date: hints.dateColumn,
    part: hints.partColumn,
  };
  return Object.fromEntries(
    Object.entries(columns).flatMap(([what, name]) => (name === undefined ? [] : [[what, name]])),
  );
}

/** The option that names each column. */
const flags: Record<string, string> = {
  text: '--text-column',
  second: '--second-column',
  label: '--label-column',
  group: '--group-column',
  date: '--date-column',
  part: '--part-column',
};
const usualLabels = ['label', 'labels', 'entities', 'value'];

/** The columns that are named, those with the usual names, and of a text and its label the one that is left over. */
function findColumns(
  { columns }: data.FilePreview,
  path: string,
  hints: FileHints,
): Record<string, string> & { text: string; label: string } {
  const named = namedColumns(hints);
  for (const [what, name] of Object.entries(named)) {
    if (columns.includes(name)) continue;
    throw new FieldcraftError('FC_DATA', {
      what: `there is no column "${name}"`,
      where: path,
      got: `the columns ${columns.join(', ')}`,
      fix: `${flags[what] ?? ''}: ${suggestNames(name, columns)}`,
    });
  }
  const usual = (names: readonly string[]) => columns.find((column) => names.includes(column.toLowerCase()));
  const leftOver = (taken: string | undefined) => {
    const others = columns.filter((column) => ![...Object.values(named), taken].includes(column));
    return taken !== undefined && others.length === 1 ? others[0] : undefined;
  };
  // What a query should find is its second text.
  const truth = hints.kind === 'retrieval' ? (named['second'] ?? usual(['second'])) : usual(usualLabels);
  const [foundText, foundLabel] = [named['text'] ?? usual(['text']), named['label'] ?? truth];
  const text = foundText ?? leftOver(foundLabel);
  const label = foundLabel ?? leftOver(foundText);
  if (text === undefined) throw unnamed('text', columns, path);
  if (label === undefined) throw unnamed('label', columns, path);
  return { ...named, text, label };
}

function unnamed(what: 'text' | 'label', columns: readonly string[], path: string): FieldcraftError {
  return new FieldcraftError('FC_CONFIG', {
    what: `which column holds the ${what} is not clear`,
    where: path,
    got: columns.length === 1 ? `one column alone: ${columns[0] ?? ''}` : `the columns ${columns.join(', ')}`,
    fix: `name it with ${flags[what] ?? ''}`,
  });
}

/** Lists of spans make entities, lists of names several labels, and so do cells that a separator cuts into names that occur again and again. */
function kindOfValues(
  values: readonly unknown[],
  column: string,
  { secondColumn, labelSeparator }: FileHints,
): { kind: TaskKind; separator?: string } {
  const lists = values.map(asList).filter((list) => list !== undefined);
  if (lists.some((list) => list.some(isSpan))) return { kind: 'token-classification' };
  if (lists.length > 0 || labelSeparator !== undefined) return { kind: 'multi-label' };
  const separator = separatorOf(values);
  if (separator !== undefined) return { kind: 'multi-label', separator };
  const cells = values.map(String);
  const different = new Set(cells);
  if (cells.length >= 20 && different.size > cells.length / 2) {
    const numbers = cells.every((cell) => cell.trim() !== '' && Number.isFinite(Number(cell)));
    const others = taskKinds.filter((kind) => kind !== 'classification').join(', ');
    throw new FieldcraftError('FC_DATA', {
      what: `column "${column}" holds no labels: nearly every row has another`,
      got: `${different.size} different values in ${cells.length} rows, such as ${JSON.stringify(cells[0])}`,
      fix: numbers
        ? 'for numbers, give --kind regression'
        : `name the column of the labels with --label-column, or give --kind: ${others}`,
    });
  }
  return { kind: secondColumn === undefined ? 'classification' : 'pair-classification' };
}

/** A list in JSON, or in a cell that holds one. */
function asList(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return undefined;
  try {
    return asList(JSON.parse(value));
  } catch {
    return undefined;
  }
}

const isSpan = (item: unknown): boolean =>
  Array.isArray(item)
    ? typeof item[0] === 'number'
    : typeof item === 'object' && item !== null && ('start' in item || 'start_offset' in item);

/** What cuts cells into fewer different names than there are different cells: "a", "b" and "a; b" are two names, "fire, theft" alone is one. */
function separatorOf(values: readonly unknown[]): string | undefined {
  const cells = new Set(values.filter((value) => typeof value === 'string'));
  return [';', '|', ','].find((separator) => {
    if (![...cells].some((cell) => cell.includes(separator))) return false;
    const names = new Set([...cells].flatMap((cell) => cell.split(separator).map((name) => name.trim())));
    names.delete('');
    return names.size < [...cells].filter((cell) => cell.trim() !== '').length;
  });
}

/** The name of a file without its ending. */
export const stemOf = (path: string): string => basename(path).replace(/(?<=.)\.[^.]*$/, '');
