/** Files of any known format as raw examples, and the format of a file that nobody named. */
import { readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError } from '../foundation/index.js';
import type { TaskKind } from './examples.js';
import { formatNames, readers, type FormatName } from './readers/index.js';
import type { RawExample, Reader, ReadRequest, SourceFile } from './readers/reader.js';
import { readTextChunks } from './text-file.js';

/** Reads files with the reader of a format, its options checked. @throws FieldcraftError FC_CONFIG for an unknown option */
export function readFormat(
  format: FormatName,
  options: Readonly<Record<string, unknown>>,
  request: Omit<ReadRequest<unknown>, 'options'>,
): AsyncGenerator<RawExample> {
  const reader: Reader = readers[format];
  const parsed = reader.options.safeParse(options);
  if (parsed.success) return reader.read({ ...request, options: parsed.data });
  throw new FieldcraftError('FC_CONFIG', {
    what: `an option of the ${format} reader is not valid`,
    got: z.prettifyError(parsed.error),
    fix: `there are: ${Object.keys(reader.options.shape).join(', ')}`,
  });
}

/** A path as the files of a dataset: a file alone, or all files of a folder. @throws FieldcraftError FC_NOT_FOUND */
export function sourceFiles(path: string): SourceFile[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'a data file does not exist', where: path });
  if (!stat.isDirectory()) return [{ path, name: path }];
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => ({ path: file, name: file }));
}

const plainExtensions: Record<string, FormatName> = {
  '.ndjson': 'json-lines',
  '.csv': 'delimited',
  '.tsv': 'delimited',
  '.parquet': 'parquet',
  '.conll': 'conll',
  '.iob': 'conll',
  '.iob2': 'conll',
  '.bio': 'conll',
  '.bioes': 'conll',
};

/**
 * The format of a file by its extension, and where that leaves a choice by how it begins:
 * .jsonl may be doccano's, .json Label Studio's or doccano's, .txt CoNLL, a folder brat.
 * @throws FieldcraftError FC_FILE_FORMAT naming the formats there are
 */
export async function detectFormat(path: string, kind: TaskKind): Promise<FormatName> {
  const files = sourceFiles(path);
  if (files.some(({ name }) => name.endsWith('.ann'))) return 'brat';
  const [file] = files;
  if (file === undefined || files.length > 1) throw unknownFormat(path, 'a folder without .ann files');
  const extension = extname(path).toLowerCase();
  const plain = plainExtensions[extension];
  if (plain !== undefined) return plain;
  const head = await headOf(path);
  if (extension === '.jsonl') return looksLikeDoccano(head, kind) ? 'doccano' : 'json-lines';
  if (extension === '.json')
    return head.trimStart().startsWith('[')
      ? looksLikeDoccano(head, kind)
        ? 'doccano'
        : 'label-studio'
      : 'json-lines';
  if (
    extension === '.txt' &&
    kind === 'token-classification' &&
    /^\S+([ \t]\S+)*[ \t](O|[BIESLU]-\S+)[ \t]*\r?$/m.test(head)
  )
    return 'conll';
  throw unknownFormat(path, extension === '' ? 'no extension' : extension);
}

async function headOf(path: string): Promise<string> {
  for await (const chunk of readTextChunks(path)) return chunk.slice(0, 20_000);
  return '';
}

/** doccano writes spans as triples, or as objects with start_offset. */
function looksLikeDoccano(head: string, kind: TaskKind): boolean {
  if (/"start_offset"\s*:/.test(head)) return true;
  if (/"annotations"\s*:|"completions"\s*:/.test(head)) return false;
  return kind === 'token-classification' && /"labels?"\s*:\s*\[\s*(\[\s*\d+\s*,\s*\d+\s*,|\])/.test(head);
}

function unknownFormat(where: string, got: string): FieldcraftError {
  return new FieldcraftError('FC_FILE_FORMAT', {
    what: 'the format of a data file is not known',
    where,
    expected:
      '.jsonl, .json (Label Studio, doccano), .csv, .tsv, .parquet, .conll, or a folder of .txt and .ann (brat)',
    got,
    fix: `rename it, or name its format: ${formatNames.join(', ')}`,
  });
}
