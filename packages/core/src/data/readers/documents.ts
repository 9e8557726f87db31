/** Plain texts, one document a file; the folder a file stands in is its label. */
import { z } from 'zod';
import { checkTextSize, readTextFile } from '../text-file.js';
import { defineReader } from './reader.js';

export const documents = defineReader({
  options: z.strictObject({ extension: z.string().default('.txt') }),
  async *read({ files, options }) {
    for (const file of files) {
      const folder = file.name.split('/').slice(0, -1).join('/');
      if (!file.name.endsWith(options.extension) || folder === '') continue;
      const text = readTextFile(file.path);
      checkTextSize(text, file.name);
      yield {
        where: `${file.name}:1`,
        id: file.name,
        text,
        labels: [folder],
        group: file.name,
        ...(file.part === undefined ? {} : { part: file.part }),
      };
    }
  },
});
