/** One folder a kind, each with rows "Yes" or "No" and a text (LegalBench's CUAD): merged by text into one multi-label example each. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import { checkTextSize } from '../text-file.js';
import { readRows } from './delimited.js';
import { count, defineReader } from './reader.js';

interface Merged {
  where: string;
  text: string;
  answers: Map<string, 'yes' | 'no' | 'both'>;
}

export const yesNoFolders = defineReader({
  options: z.strictObject({
    prefix: z.string().default('').describe('what folder names begin with; the rest is the kind'),
    files: z.array(z.string()).min(1).describe('names of the files to read in every folder'),
  }),
  async *read({ files, options, tally }) {
    const kinds: string[] = [];
    const byText = new Map<string, Merged>();
    let rows = 0;
    for (const file of files) {
      const [folder = '', name = ''] = file.name.split('/');
      if (!folder.startsWith(options.prefix) || !options.files.includes(name)) continue;
      const kind = folder.slice(options.prefix.length);
      if (!kinds.includes(kind)) kinds.push(kind);
      for await (const { fields, line } of readRows(file, { delimiter: '\t' })) {
        if (line === 1) continue;
        const where = `${file.name}:${line}`;
        const [answer, text] = fields;
        if (fields.length !== 2 || text === undefined || (answer !== 'Yes' && answer !== 'No')) {
          throw new FieldcraftError('FC_FILE_FORMAT', {
            what: 'a row is not an answer and a text',
            where,
            expected: 'Yes or No, a tab, the text',
            got: JSON.stringify(fields).slice(0, 120),
          });
        }
        checkTextSize(text, where);
        rows++;
        const key = text.replace(/\s+/g, ' ').trim().toLowerCase();
        const merged: Merged = byText.get(key) ?? { where, text, answers: new Map() };
        byText.set(key, merged);
        const now = answer === 'Yes' ? 'yes' : 'no';
        const before = merged.answers.get(kind);
        if (before !== undefined && before !== 'both' && before !== now) {
          count(tally, 'answers of one kind that contradict each other (the kind is masked for that text)');
        }
        merged.answers.set(kind, before === undefined || before === now ? now : 'both');
      }
    }
    count(
      tally,
      'rows merged into a text that was already there (same words, letter case and spacing aside)',
      rows - byText.size,
    );
    for (const { where, text, answers } of byText.values()) {
      yield {
        where,
        text,
        labels: kinds.filter((kind) => answers.get(kind) === 'yes'),
        masked: kinds.filter((kind) => answers.get(kind) === undefined || answers.get(kind) === 'both'),
      };
    }
  },
});
