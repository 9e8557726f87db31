/** What could not be stored yet: a file of lines, each on the disk before it is acknowledged, done again in order once the database is there. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FieldcraftError } from '@fieldcraft/core';
import { z } from 'zod';
import { entrySchema } from './entry.js';

const operationSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('add'), entry: entrySchema }),
  z.object({ do: z.literal('remove'), id: z.uuid() }),
]);
/** Doing one twice is as doing it once. */
export type Operation = z.output<typeof operationSchema>;

interface Spool {
  /** Lines that wait. */
  readonly size: number;
  /** Returns once it is on the disk. @throws FieldcraftError FC_BUSY where the file is full, FC_DISK */
  append(operation: Operation): void;
  /**
   * Does all that waits in order, what comes in the meantime too. Stops at an error of `perform`, and keeps everything. A line that is damaged, or that
   * `perform` answers with false, is set aside in a file of its own.
   */
  drain(perform: (operation: Operation) => Promise<boolean>): Promise<void>;
}

const maxBytes = 256_000_000;

/** In a folder: what waits, what is being done, and what was set aside. */
const names = { waiting: 'spool.jsonl', working: 'spool-working.jsonl', aside: 'spool-refused.jsonl' };
/** Those that hold what is still to be done. */
export const spoolFiles: readonly string[] = [names.waiting, names.working];

export function openSpool(folder: string): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const waiting = join(folder, names.waiting);
  const working = join(folder, names.working);
  const aside = join(folder, names.aside);
  const left = textOf(waiting);
  // A crash may have cut the last line: the next begins on one of its own.
  if (left !== undefined && !left.endsWith('\n')) write(waiting, '\n');
  let size = linesOf(left).length + linesOf(textOf(working)).length;

  return {
    get size() {
      return size;
    },
    append(operation) {
      const line = `${JSON.stringify(operation)}\n`;
      const bytes = statSync(waiting, { throwIfNoEntry: false })?.size ?? 0;
      if (bytes + Buffer.byteLength(line) > maxBytes) {
        throw new FieldcraftError('FC_BUSY', {
          what: 'the database of feedback is away, and no more can wait for it',
          where: waiting,
          expected: `at most ${maxBytes} bytes`,
        });
      }
      write(waiting, line);
      size++;
    },
    async drain(perform) {
      // What an earlier try left half done comes first, from its beginning.
      while (existsSync(working) || existsSync(waiting)) {
        if (!existsSync(working)) renameSync(waiting, working);
        const lines = linesOf(textOf(working));
        for (const line of lines) {
          const operation = parse(line);
          if (operation === undefined || !(await perform(operation))) write(aside, `${line}\n`);
        }
        rmSync(working);
        size -= lines.length;
      }
    },
  };
}

function write(path: string, text: string): void {
  try {
    const file = openSync(path, 'a', 0o600);
    try {
      const bytes = Buffer.from(text, 'utf8');
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new FieldcraftError('FC_DISK', {
      what: 'feedback could not be written to the disk',
      where: path,
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
const linesOf = (text = ''): string[] => text.split('\n').filter((line) => line !== '');

function parse(line: string): Operation | undefined {
  try {
    const checked = operationSchema.safeParse(JSON.parse(line));
    return checked.success ? checked.data : undefined;
  } catch {
    return undefined;
  }
}
