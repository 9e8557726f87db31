/** Labelled passages of texts that may not be copied: file, offsets, hash and labels are committed, the words stay where they are. */
import { join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, sha256 } from '../foundation/index.js';
import type { MultiLabelExample } from './examples.js';
import { readTextFile } from './text-file.js';

const passage = z.object({
  file: z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))/, 'a path inside the dataset'),
  /** UTF-16 indices into the file, `end` exclusive. */
  start: z.int().nonnegative(),
  end: z.int().positive(),
  /** Of the passage as UTF-8. */
  sha256: z.string(),
  labels: z.array(z.string()),
});
export type Passage = z.output<typeof passage>;

/**
 * The passages of a list, their words taken from the files in `folder`; whitespace (page layout) is made single spaces.
 * @throws FieldcraftError FC_CHECKSUM where the words are not those that were labelled; FC_FILE_FORMAT, FC_NOT_FOUND
 */
export function readPassages(passages: readonly unknown[], folder: string): MultiLabelExample[] {
  const files = new Map<string, string>();
  const parsed = z.array(passage).safeParse(passages);
  if (!parsed.success) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a list of passages is not valid',
      got: z.prettifyError(parsed.error),
    });
  }
  return parsed.data.map(({ file, start, end, sha256: expected, labels }) => {
    const text = files.get(file) ?? readTextFile(join(folder, file));
    files.set(file, text);
    const words = text.slice(start, end);
    const got = sha256(words);
    if (got !== expected) {
      throw new FieldcraftError('FC_CHECKSUM', {
        what: 'a passage is not the one that was labelled',
        where: `${file}, ${start} to ${end}`,
        expected: `SHA-256 ${expected}`,
        got: `SHA-256 ${got}`,
      });
    }
    return { id: `${file}:${start}`, text: words.replace(/\s+/g, ' ').trim(), labels, group: file };
  });
}
