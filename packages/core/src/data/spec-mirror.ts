/** For the specs of this room: where the mirror and the data cards are, and datasets of the mirror, each loaded once. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findDataCard, type DataCard } from './data-card.js';
import { isOfKind, type AnyDataset, type ExampleOf, type Splits, type TaskKind } from './examples.js';
import { loadDataset } from './load-dataset.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const given = process.env['FIELDCRAFT_MIRROR'];

/** The mirror's folder; undefined where FIELDCRAFT_MIRROR does not name one. */
export const mirror = given === undefined || given === '' ? undefined : isAbsolute(given) ? given : join(root, given);
export const cards = join(root, 'data-cards');

const loaded = new Map<string, Promise<AnyDataset>>();

/** A dataset as its card says, or with the texts that stand in two parts left where they are published. */
export const loadMirrored = (name: string, leakage?: 'keep'): Promise<AnyDataset> =>
  loadChanged(name, leakage === undefined ? {} : { leakage });

/** A dataset as its card would say with some of its rules changed. */
export function loadChanged(name: string, changes: Partial<DataCard>): Promise<AnyDataset> {
  const key = JSON.stringify([name, changes]);
  const dataset = loaded.get(key) ?? loadDataset({ ...findDataCard(name, cards), ...changes }, { mirror });
  loaded.set(key, dataset);
  return dataset;
}

/** Changes that leave a dataset in its published parts, where it has any. */
export const publishedParts = (name: string): Pick<DataCard, 'leakage' | 'split'> => ({
  leakage: 'keep',
  split: findDataCard(name, cards).split.rule === 'published' ? { rule: 'published', seed: 0 } : { rule: 'none' },
});

/** The parts of a dataset of the mirror, its kind known. */
export async function splitsOf<K extends TaskKind>(
  name: string,
  kind: K,
  leakage?: 'keep',
): Promise<Splits<ExampleOf<K>>> {
  const dataset = await loadMirrored(name, leakage);
  if (!isOfKind(dataset, kind)) throw new Error(`${name} is of another kind than ${kind}`);
  return dataset.splits;
}

/** The codes that the checks find in a dataset, by its card; cards.mirror.spec.ts shows that loading it gives them and no others. */
export const findingsOf = (name: string): string[] => Object.keys(findDataCard(name, cards).counts.quality);

/** What the mirror says of a dataset, as parsed JSON. */
export function sourceOf(name: string): unknown {
  const { field, folder } = findDataCard(name, cards);
  return JSON.parse(readFileSync(join(mirror ?? '', 'data', field, folder, 'SOURCE.json'), 'utf8'));
}
