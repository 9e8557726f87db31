/** Where cards lie, and where what they describe can be had now. */
import { join } from 'node:path';
import { resolveDataset } from '../checkpoint/index.js';
import type { CorpusCard, DataCard } from '../data/index.js';
import { workspaceRoot } from '../foundation/index.js';

/** The folder of the cards; default: `data-cards` of the workspace. */
export const cardsFolder = ({ cards }: { readonly cards?: string | undefined } = {}): string =>
  cards ?? join(workspaceRoot(), 'data-cards');

/** The size of a card's files, and where they are, best first; empty where they must be fetched by hand. */
export function whereabouts({
  field,
  folder,
  files,
  download,
}: Pick<DataCard | CorpusCard, 'field' | 'folder' | 'files' | 'download'>) {
  const found = resolveDataset({ field, name: folder });
  return {
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    places: [
      ...(found === undefined ? [] : [found.source]),
      ...(download === undefined ? [] : (['download'] as const)),
    ],
  };
}
