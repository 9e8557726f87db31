/** Documents as plain texts, and a table of their codes for each part: `train/trainD.tsv`, `train/text_files_en/<document>.txt` (CodiEsp). */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { partNames, type PartName } from '../examples.js';
import { checkTextSize, readTextFile } from '../text-file.js';
import { readRows } from './delimited.js';
import { count, defineReader, type SourceFile, type Tally } from './reader.js';

export const codedDocuments = defineReader({
  options: z.strictObject({
    codes: z
      .string()
      .min(1)
      .describe('the end of the names of the tables, such as D.tsv: a document, a tab and a code a row, no header'),
    texts: z.string().min(1).describe('the folder of a part that holds its texts'),
    characters: z.int().positive().optional().describe('characters of a code that are kept; by default all'),
  }),
  async *read({ files, options, tally }) {
    for (const part of partNames) {
      const table = files.find(({ name }) => name === `${part}/${part}${options.codes}`);
      if (table === undefined) continue;
      const codes = await readCodes(table, options.characters, tally);
      const folder = `${part}/${options.texts}/`;
      const documents = files.filter(({ name }) => name.startsWith(folder) && name.endsWith('.txt'));
      const ids = new Set(documents.map(({ name }) => idOf(name)));
      const homeless = [...codes.keys()].find((id) => !ids.has(id));
      if (homeless !== undefined) {
        throw new FieldcraftError('FC_FILE_FORMAT', {
          what: `${homeless} has codes and no text`,
          where: table.name,
          expected: `${folder}${homeless}.txt`,
        });
      }
      for (const file of documents) yield readDocument(file, part, codes.get(idOf(file.name)));
    }
  },
});

const idOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1, -'.txt'.length);

function readDocument({ path, name }: SourceFile, part: PartName, codes: ReadonlySet<string> = new Set()) {
  const text = readTextFile(path);
  checkTextSize(text, name);
  return { where: `${name}:1`, id: idOf(name), text, labels: [...codes], part };
}

/** The codes of each document, in capitals, each once. */
async function readCodes(
  file: SourceFile,
  characters: number | undefined,
  tally: Tally,
): Promise<Map<string, Set<string>>> {
  const codes = new Map<string, Set<string>>();
  for await (const { fields, line } of readRows(file, { delimiter: '\t', quotes: false })) {
    const [document = '', written = ''] = fields;
    if (fields.length !== 2 || document === '' || written === '') {
      throw new FieldcraftError('FC_FILE_FORMAT', {
        what: 'a row is not a document and a code',
        where: `${file.name}:${line}`,
        expected: 'the name of a document, a tab, a code',
        got: JSON.stringify(fields).slice(0, 120),
      });
    }
    const own = codes.get(document) ?? new Set<string>();
    codes.set(document, own);
    const code = written.toUpperCase().slice(0, characters);
    count(tally, 'rows whose code, cut short, its document has already (counted once)', own.has(code) ? 1 : 0);
    own.add(code);
  }
  return codes;
}
