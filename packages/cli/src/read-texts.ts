/** The texts that a command is asked about: from its arguments, from files, or from standard input. */
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { FieldcraftError, readTextFile, type ModelInput } from '@fieldcraft/core';
import { z } from 'zod';
import type { Streams } from './screen.js';

export interface TextSource {
  /** Given on the command line. */
  readonly texts: readonly string[];
  readonly files: readonly string[];
  /** Whether a file, or standard input, is one text instead of one a line. */
  readonly whole: boolean;
  /** The other text of every pair whose own line does not say it. */
  readonly second?: string | undefined;
  /** The choices of every question whose own line does not say them, and their passage. */
  readonly choices?: readonly string[] | undefined;
  readonly context?: string | undefined;
}

/**
 * All texts, those of the arguments first. Standard input is read only where nothing else is given; empty lines are left out.
 * @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT or FC_DATA for a file that is missing, not UTF-8 or too large, and where there are no texts
 */
export async function readTexts(
  { texts, files, whole, second, choices, context }: TextSource,
  stdin: Streams['stdin'],
): Promise<ModelInput[]> {
  const all =
    texts.length + files.length === 0
      ? split(decode(await buffer(stdin)), 'standard input', whole)
      : [...texts.map((text) => ({ text })), ...files.flatMap((file) => split(readTextFile(file), file, whole))];
  const given = {
    ...(second === undefined ? {} : { second }),
    ...(choices === undefined ? {} : { choices }),
    ...(context === undefined ? {} : { context }),
  };
  if (all.length > 0) return all.map((input) => ({ ...given, ...input }));
  throw new FieldcraftError('FC_DATA', {
    what: 'there are no texts',
    where: files.length > 0 ? files.join(', ') : 'standard input',
    fix: 'give texts as arguments, with --file, or on standard input',
  });
}

/** The texts of files, one a line or of a .jsonl the field "text". @throws FieldcraftError as `readTexts` */
export function readCandidates(files: readonly string[]): string[] {
  const texts = files.flatMap((file) => split(readTextFile(file), file, false)).map(({ text }) => text);
  if (texts.length > 0) return texts;
  throw new FieldcraftError('FC_DATA', { what: 'there are no candidates', where: files.join(', ') });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'standard input is not UTF-8',
      where: 'standard input',
      cause,
    });
  }
}

function split(content: string, source: string, whole: boolean): ModelInput[] {
  if (whole) return content.trim() === '' ? [] : [{ text: content }];
  return content.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === '') return [];
    return [source.endsWith('.jsonl') ? inputOf(line, `${basename(source)}:${i + 1}`) : { text: line }];
  });
}

/** What a model may read of a line; other fields are left alone. */
const inputSchema = z.object({
  text: z.string(),
  second: z.string().exactOptional(),
  context: z.string().exactOptional(),
  choices: z.array(z.string()).readonly().exactOptional(),
  before: z.array(z.string()).readonly().exactOptional(),
  after: z.array(z.string()).readonly().exactOptional(),
  mentions: z
    .array(z.object({ start: z.int(), end: z.int(), label: z.string() }))
    .readonly()
    .exactOptional(),
});

/** What a line of a .jsonl file asks. @throws FieldcraftError FC_FILE_FORMAT or FC_DATA, with `where` it stands */
export function inputOf(line: string, where: string): ModelInput {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', { what: 'a line is not JSON', where, cause });
  }
  const parsed = inputSchema.safeParse(record);
  if (parsed.success) {
    const { text, mentions, ...rest } = parsed.data;
    if (mentions === undefined) return { text, ...rest };
    // Offsets of files count code points.
    const points = Array.from(text);
    const unit = (offset: number) => points.slice(0, offset).join('').length;
    const inUnits = mentions.map(({ start, end, label }) => ({ start: unit(start), end: unit(end), label }));
    return { text, ...rest, mentions: inUnits };
  }
  const [issue] = parsed.error.issues;
  throw new FieldcraftError('FC_DATA', {
    what:
      issue?.path[0] === 'text'
        ? 'a line has no text'
        : `the field "${String(issue?.path[0])}" of a line is not what it should be`,
    where,
    expected:
      '{"text": "..."}, of pairs also "second", of questions "choices", a list, and "context", of relations "mentions"',
  });
}
