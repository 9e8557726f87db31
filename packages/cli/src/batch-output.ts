/** A file that grows by chunks and survives a kill: what was written whole is gone on from, to the same bytes. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { FieldcraftError, writeFileAtomic } from '@fieldcraft/core';
import { z } from 'zod';

const progressSchema = z.strictObject({
  version: z.literal(1),
  /** Of what was asked: model, tasks and inputs. */
  request: z.string(),
  /** Rows that are done, bad ones among them. */
  rows: z.int().min(0),
  bad: z.int().min(0),
  /** Of the output, and of the list of errors. */
  bytes: z.tuple([z.int().min(0), z.int().min(0)]),
});
type Progress = z.output<typeof progressSchema>;

export interface BatchOutput {
  /** Rows that an earlier attempt has done. */
  readonly rows: number;
  readonly bad: number;
  /** Writes what so many more rows gave, to the disk. */
  append(chunk: { lines: string; errors: string; rows: number; bad: number }): void;
  /** Puts the files in their place: the output, and where there are any the errors. */
  finish(): void;
  close(): void;
}

export const errorsPath = (path: string): string => `${path}.errors.jsonl`;

/**
 * @param header what a new file begins with
 * @throws FieldcraftError FC_RUN_FOLDER where an unfinished output of another request lies there; FC_DISK
 */
export function openBatchOutput(path: string, { request, header }: { request: string; header: string }): BatchOutput {
  const [state, parts] = [`${path}.progress.json`, [`${path}.part`, `${path}.errors.part`] as const];
  const found = readProgress(state, request);
  const fresh: Progress = { version: 1, request, rows: 0, bad: 0, bytes: [Buffer.byteLength(header), 0] };
  let progress = found ?? fresh;
  return attempt(path, () => {
    if (found === undefined) [header, ''].forEach((text, i) => writeFileSync(parts[i]!, text));
    // What was written behind the last whole chunk is written again.
    else parts.forEach((part, i) => truncateSync(part, found.bytes[i]));
    const files = parts.map((part) => openSync(part, 'a'));
    const close = () => files.splice(0).forEach(closeSync);
    return {
      ...{ rows: progress.rows, bad: progress.bad, close },
      append: ({ lines, errors, rows, bad }) =>
        attempt(path, () => {
          const sizes = [lines, errors].map((text, i) => {
            const bytes = Buffer.from(text);
            for (let written = 0; written < bytes.length;) written += writeSync(files[i]!, bytes, written);
            fsyncSync(files[i]!);
            return progress.bytes[i]! + bytes.length;
          });
          progress = {
            ...progress,
            rows: progress.rows + rows,
            bad: progress.bad + bad,
            bytes: [sizes[0]!, sizes[1]!],
          };
          writeFileAtomic(state, JSON.stringify(progress));
        }),
      finish: () =>
        attempt(path, () => {
          close();
          if (progress.bad > 0) renameSync(parts[1], errorsPath(path));
          else for (const file of [parts[1], errorsPath(path)]) rmSync(file, { force: true });
          renameSync(parts[0], path);
          rmSync(state, { force: true });
        }),
    };
  });
}

function readProgress(path: string, request: string): Progress | undefined {
  if (!existsSync(path)) return undefined;
  const read = progressSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (read.success && read.data.request === request) return read.data;
  throw new FieldcraftError('FC_RUN_FOLDER', {
    what: 'the output that was begun there is of another model, other tasks or other inputs',
    where: path,
    fix: 'give the command that began it, remove the file, or name another --output',
  });
}

function attempt<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    throw new FieldcraftError('FC_DISK', { what: 'the output cannot be written', where, cause });
  }
}
