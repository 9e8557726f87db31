/** doccano exports: JSON Lines or one JSON list; spans as triples or as objects, text labels as lists. */
import { z } from 'zod';
import { readLines } from '../text-file.js';
import { parseObject } from './json-lines.js';
import { readJsonList } from './label-studio.js';
import { defineReader, type SourceFile } from './reader.js';
import { columnOptions, readRecord } from './records.js';

export const doccano = defineReader({
  options: z.strictObject({
    text: z.string().optional().describe('by default "text", or "data" as older exports have it'),
    label: z.string().optional().describe('by default the first present of "entities", "label", "labels"'),
    group: z.string().optional().describe('a metadata field that names the document'),
  }),
  async *read({ files, kind, options, tally }) {
    for (const file of files) {
      for await (const { record, where } of readObjects(file)) {
        const present = (names: string[]) => names.find((name) => Object.hasOwn(record, name));
        const text = options.text ?? present(['text', 'data']) ?? 'text';
        const wanted = kind === 'token-classification' ? ['entities', 'label', 'labels'] : ['label', 'labels'];
        const label = options.label ?? present(wanted) ?? 'label';
        // A text with a single label still comes as a list.
        const value = record[label];
        const single =
          kind === 'classification' && Array.isArray(value) && value.length === 1 ? (value as unknown[])[0] : value;
        const columns = z.strictObject(columnOptions).parse({ text, label, group: options.group });
        const raw = readRecord({ record: { ...record, [label]: single }, where, kind, columns, tally });
        yield file.part === undefined ? raw : { ...raw, part: file.part };
      }
    }
  },
});

async function* readObjects(file: SourceFile): AsyncGenerator<{ record: Record<string, unknown>; where: string }> {
  if (/\.json$/i.test(file.name)) {
    for (const [i, item] of readJsonList(file.path, file.name).entries()) {
      const where = `${file.name}:item ${i + 1}`;
      yield { record: parseObject(JSON.stringify(item), where), where };
    }
    return;
  }
  for await (const { text, number } of readLines(file.path)) {
    const where = `${file.name}:${number}`;
    if (text.trim() !== '') yield { record: parseObject(text, where), where };
  }
}
