/** The ADE corpus: a file of drug and effect pairs, one row a relation, and a file of sentences without any, as sentences with and without. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize, readLines } from '../text-file.js';
import { count, defineReader, type RawExample, type SourceFile } from './reader.js';

const relationColumns = 8;

export const adeCorpus = defineReader({
  options: z.strictObject({
    positive: z.string().describe('the file of relations: document|sentence|effect|begin|end|drug|begin|end'),
    negative: z.string().describe('the file of sentences without: document NEG sentence'),
  }),
  async *read({ files, options, tally }) {
    const sentences = new Map<string, RawExample>();
    const add = (row: Row, label: string, repeat: string) => {
      const key = `${row.document} ${row.text}`;
      const before = sentences.get(key);
      if (before === undefined) {
        checkTextSize(row.text, row.where);
        sentences.set(key, { where: row.where, text: row.text, labels: [label], group: row.document });
      } else if (before.labels?.includes(label) === true) {
        count(tally, repeat);
      } else {
        throw new FieldcraftError('FC_DATA', {
          what: 'a sentence stands among those with an effect and among those without',
          where: row.where,
          got: before.where,
        });
      }
    };
    for await (const row of rowsOf(fileNamed(files, options.positive), relationRow))
      add(row, 'positive', 'relations of a sentence that was already there (one example a sentence)');
    for await (const row of rowsOf(fileNamed(files, options.negative), negativeRow))
      add(row, 'negative', 'sentences without an effect that repeat within their document (read once)');
    yield* sentences.values();
  },
});

interface Row {
  where: string;
  document: string;
  text: string;
}

async function* rowsOf(
  file: SourceFile,
  parse: (line: string) => { document: string; text: string } | undefined,
): AsyncGenerator<Row> {
  for await (const { text, number } of readLines(file.path)) {
    if (text === '') continue;
    const where = `${file.name}:${number}`;
    const row = parse(text);
    if (row === undefined) {
      throw new FieldcraftError('FC_FILE_FORMAT', {
        what: 'a line is not one of the ADE corpus',
        where,
        expected: 'document|sentence|effect|begin|end|drug|begin|end, or document NEG sentence',
        got: text.slice(0, 120),
      });
    }
    yield { where, ...row };
  }
}

/** Offsets count through the whole document and are no use here: the sentence must hold both mentions instead. */
function relationRow(line: string): { document: string; text: string } | undefined {
  const fields = line.split('|');
  const [document = '', text = '', effect = '', , , drug = ''] = fields;
  const whole =
    fields.length === relationColumns && /^\d+$/.test(document) && text.includes(effect) && text.includes(drug);
  return whole ? { document, text } : undefined;
}

function negativeRow(line: string): { document: string; text: string } | undefined {
  const [, document, text] = /^(\d+) NEG (.+)$/.exec(line) ?? [];
  return document === undefined || text === undefined ? undefined : { document, text };
}

function fileNamed(files: readonly SourceFile[], name: string): SourceFile {
  const file = files.find((known) => known.name === name);
  if (file !== undefined) return file;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'a file that the reader needs is not in the dataset',
    where: name,
  });
}
