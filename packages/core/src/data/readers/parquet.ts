/** Parquet, one row group at a time; the class names that Hugging Face datasets keep in the metadata are put back. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import * as zlib from 'node:zlib';
import { parquetMetadataAsync, parquetReadObjects, type Compressors, type FileMetaData } from 'hyparquet';
import { asyncBufferFromFile } from 'hyparquet/src/node.js';
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { exampleKinds, truthColumnOf } from '../example-kinds.js';
import { defineReader, type SourceFile } from './reader.js';
import { columnOptions, readRecord, type ValueNames } from './records.js';

/** The largest row group, uncompressed: it is held in memory whole. */
const maxRowGroupBytes = 2_000_000_000;

export const parquet = defineReader({
  options: z.strictObject(columnOptions),
  async *read({ files, kind, options, tally }) {
    for (const file of files) {
      const buffer = await asyncBufferFromFile(file.path);
      const metadata = await guarded(file, () => parquetMetadataAsync(buffer));
      const present = columnNames(metadata);
      const required =
        kind === 'token-classification' && options.tokens !== undefined
          ? [options.tokens, options.tags ?? 'tags']
          : [options.text, truthColumnOf(kind, options), ...(exampleKinds[kind].columns?.(options) ?? [])];
      const wanted = new Set<string>([
        ...required,
        ...[options.second, options.context, options.group, options.date, options.id, options.part].filter(
          (c) => c !== undefined,
        ),
      ]);
      const name = classNames(metadata);
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        if (group.total_byte_size > maxRowGroupBytes) {
          throw new FieldcraftError('FC_FILE_FORMAT', {
            what: 'a row group of a Parquet file is too large',
            where: file.name,
            expected: `at most ${maxRowGroupBytes} bytes`,
            got: `${group.total_byte_size} bytes`,
            fix: 'write the file again with smaller row groups',
          });
        }
        const rowEnd = rowStart + Number(group.num_rows);
        const range = { file: buffer, metadata, rowStart, rowEnd, compressors };
        // A missing column is reported with those there are: then all are read, of one row.
        const whole = required.every((column) => present.includes(column));
        const columns = present.filter((column) => wanted.has(column));
        const rows = await guarded(file, () =>
          parquetReadObjects(whole ? { ...range, columns } : { ...range, rowEnd: rowStart + 1 }),
        );
        for (const [i, record] of rows.entries()) {
          const where = `${file.name}:row ${rowStart + i + 1}`;
          const raw = readRecord({ record, where, kind, columns: options, tally, name });
          yield file.part === undefined ? raw : { ...raw, part: file.part };
        }
        rowStart = rowEnd;
      }
    }
  },
});

/** What Node itself can decompress; Snappy is hyparquet's own. Zstandard came to Node with 22.15. */
const compressors: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ...('zstdDecompressSync' in zlib && typeof zlib.zstdDecompressSync === 'function'
    ? { ZSTD: zlib.zstdDecompressSync as (input: Uint8Array) => Uint8Array }
    : {}),
};

function columnNames(metadata: FileMetaData): string[] {
  const [root, ...rest] = metadata.schema;
  const names: string[] = [];
  let at = 0;
  const skip = (): void => {
    const children = rest[at++]?.num_children ?? 0;
    for (let i = 0; i < children; i++) skip();
  };
  for (let i = 0; i < (root?.num_children ?? 0); i++) {
    names.push(rest[at]?.name ?? '');
    skip();
  }
  return names;
}

const huggingFaceInfo = z.object({ info: z.object({ features: z.record(z.string(), z.unknown()) }) });
const classLabel = z.object({ names: z.array(z.string()) });

/** Numbers of a ClassLabel column (or a list of them) as its names. */
function classNames(metadata: FileMetaData): ValueNames {
  const json = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  const features = json === undefined ? undefined : huggingFaceInfo.safeParse(JSON.parse(json)).data?.info.features;
  const names = new Map(Object.entries(features ?? {}).map(([column, feature]) => [column, findNames(feature)]));
  return (column, value) => {
    const known = names.get(column);
    return known === undefined || (typeof value !== 'number' && typeof value !== 'bigint')
      ? value
      : known[Number(value)];
  };
}

/** A ClassLabel stands alone, in `{feature: ...}` of a sequence, or in a list of one. */
function findNames(feature: unknown): string[] | undefined {
  const inner = Array.isArray(feature) ? (feature as unknown[])[0] : feature;
  const own = classLabel.safeParse(inner);
  if (own.success) return own.data.names;
  const sequence = z.object({ feature: classLabel }).safeParse(inner);
  return sequence.data?.feature.names;
}

async function guarded<T>(file: SourceFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a Parquet file cannot be read',
      where: file.name,
      got,
      fix: /unsupported compression/.test(got) ? 'write it with Snappy or gzip compression' : 'is the file complete?',
      cause,
    });
  }
}
