/** Two folders of files with the same names, one sentence a line and its tags on the same line of the other (the CLAUDETTE corpora). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { partNames, type PartName } from '../examples.js';
import { checkTextSize, readTextFile } from '../text-file.js';
import { count, defineReader, type SourceFile } from './reader.js';

export const alignedLines = defineReader({
  options: z.strictObject({
    texts: z.string().describe('folder of the texts'),
    tags: z.string().describe('folder of the tags, separated by spaces'),
    parts: z
      .partialRecord(z.enum(partNames), z.string())
      .default({})
      .describe('files that list the documents of a part, one name a line'),
    positiveGrades: z
      .array(z.string())
      .optional()
      .describe('tags end in a grade; a tag of another grade than these is no label'),
    ignore: z.array(z.string()).default([]).describe('tags that are no labels'),
  }),
  async *read({ files, options, tally }) {
    const byName = new Map(files.map((file) => [file.name, file]));
    const parts = readParts(byName, options.parts);
    const documents = files.filter((file) => file.name.startsWith(`${options.texts}/`));
    for (const file of documents) {
      const document = file.name.slice(options.texts.length + 1);
      const tagFile = named(byName, `${options.tags}/${document}`);
      const [texts, tagLines] = [linesOf(file), linesOf(tagFile)];
      if (texts.length !== tagLines.length) {
        throw new FieldcraftError('FC_FILE_FORMAT', {
          what: 'a text and its tags have different numbers of lines',
          where: file.name,
          expected: `${texts.length} lines, as the text has`,
          got: `${tagLines.length} in ${tagFile.name}`,
        });
      }
      const part = parts.get(document);
      for (const [i, line] of texts.entries()) {
        const where = `${file.name}:${i + 1}`;
        const labels = new Set<string>();
        for (const tag of (tagLines[i] ?? '').split(/\s+/).filter((t) => t !== '')) {
          const label = gradedLabel(tag, options.positiveGrades);
          if (options.ignore.includes(tag)) count(tally, `tags "${tag}" that are no labels`);
          else if (label === undefined) count(tally, 'tags whose grade makes them no label');
          else labels.add(label);
        }
        const text = line.trim();
        checkTextSize(text, where);
        yield { where, text, labels: [...labels], group: document, ...(part === undefined ? {} : { part }) };
      }
    }
  },
});

function gradedLabel(tag: string, positive: readonly string[] | undefined): string | undefined {
  if (positive === undefined) return tag;
  return positive.includes(tag.slice(-1)) ? tag.slice(0, -1) : undefined;
}

function readParts(
  files: ReadonlyMap<string, SourceFile>,
  lists: Partial<Record<PartName, string>>,
): Map<string, PartName> {
  const parts = new Map<string, PartName>();
  for (const part of partNames) {
    const list = lists[part];
    if (list === undefined) continue;
    for (const document of linesOf(named(files, list)).map((line) => line.trim())) {
      if (document === '') continue;
      if (parts.has(document)) {
        throw new FieldcraftError('FC_DATA', { what: 'a document stands in two parts', where: list, got: document });
      }
      parts.set(document, part);
    }
  }
  return parts;
}

function linesOf(file: SourceFile): string[] {
  const lines = readTextFile(file.path).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function named(files: ReadonlyMap<string, SourceFile>, name: string): SourceFile {
  const file = files.get(name);
  if (file !== undefined) return file;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'a file that the reader needs is not in the dataset',
    where: name,
  });
}
