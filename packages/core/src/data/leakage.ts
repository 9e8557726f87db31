/** Texts that stand in two parts: found, and taken out of the part that is learnt from. */
import { contentParts, partNames, type Dataset, type Example, type Splits, type TaskKind } from './examples.js';
import { findDuplicates, findNearDuplicates, type Clusters } from './near-duplicates.js';

export interface LeakageOptions {
  /** `exact`: equal but for letter case and spacing. `near`: also near duplicates. Default `exact`. */
  similarity?: 'exact' | 'near';
}

/**
 * Drops every train example whose text stands in dev or test, and every dev example whose text stands in test.
 * Test is never touched. A note says how many.
 */
export function removeLeakage<K extends TaskKind>(
  dataset: Dataset<K>,
  { similarity = 'exact' }: LeakageOptions = {},
): Dataset<K> {
  const { train, dev, test } = dataset.splits;
  const { clusters, partOf } = clustersAcross(dataset.splits, similarity);
  const inTest = new Set(clusters.filter((_, i) => partOf(i) === 'test'));
  const inDev = new Set(clusters.filter((_, i) => partOf(i) === 'dev'));
  const cluster = (i: number) => clusters[i] ?? -1;
  const splits = {
    train: train.filter((_, i) => !inTest.has(cluster(i)) && !inDev.has(cluster(i))),
    dev: dev.filter((_, i) => !inTest.has(cluster(train.length + i))),
    test,
  };
  const [fromTrain, fromDev] = [train.length - splits.train.length, dev.length - splits.dev.length];
  if (fromTrain + fromDev === 0) return dataset;
  const what = similarity === 'exact' ? 'whose text also stands' : 'whose text, or a near duplicate of it, also stands';
  const note = `${fromTrain} train examples ${what} in dev or test were dropped, and ${fromDev} dev examples ${what} in test`;
  return { ...dataset, splits, notes: [...dataset.notes, note] };
}

/** Drops every train example of a document that also stands in dev or test, and every dev example of one that also stands in test. */
export function separateDocuments<K extends TaskKind>(dataset: Dataset<K>): Dataset<K> {
  const { train, dev, test } = dataset.splits;
  const documentsOf = (part: readonly { group?: string }[]) => new Set(part.map(({ group }) => group));
  const [inDev, inTest] = [documentsOf(dev), documentsOf(test)];
  const splits = {
    train: train.filter(({ group }) => group === undefined || !(inDev.has(group) || inTest.has(group))),
    dev: dev.filter(({ group }) => group === undefined || !inTest.has(group)),
    test,
  };
  const [fromTrain, fromDev] = [train.length - splits.train.length, dev.length - splits.dev.length];
  if (fromTrain + fromDev === 0) return dataset;
  const note = `${fromTrain} train examples of documents that also stand in dev or test were dropped, and ${fromDev} dev examples of those in test`;
  return { ...dataset, splits, notes: [...dataset.notes, note] };
}

/**
 * Ids of the test examples that a model could have seen: their text, or with `near` a near duplicate of it, stands in train or dev, or with `apart`
 * their document does.
 */
export function seenInTraining(
  splits: Splits<Example>,
  { similarity, documents }: { similarity: 'exact' | 'near'; documents: 'keep' | 'apart' },
): string[] {
  const learnt = [...splits.train, ...splits.dev];
  const { clusters } = clustersAcross(splits, similarity);
  const texts = new Set(clusters.subarray(0, learnt.length));
  const groups = new Set(documents === 'apart' ? learnt.flatMap(({ group }) => group ?? []) : []);
  return splits.test
    .filter(
      ({ group }, i) => texts.has(clusters[learnt.length + i] ?? -1) || (group !== undefined && groups.has(group)),
    )
    .map(({ id }) => id);
}

/** Duplicate clusters over all parts, pairs in either order; examples are numbered train first, then dev, then test. */
export function clustersAcross(
  splits: Splits<Example>,
  similarity: 'exact' | 'near',
): { clusters: Clusters; partOf: (index: number) => (typeof partNames)[number] } {
  const [devFrom, testFrom] = [splits.train.length, splits.train.length + splits.dev.length];
  return {
    clusters: clustersOf(splits, similarity),
    partOf: (index) => (index < devFrom ? 'train' : index < testFrom ? 'dev' : 'test'),
  };
}

/** Near duplicates take seconds to find, and of the same parts it is asked what to drop, what was seen and what the checks say. */
const known = new WeakMap<Splits<Example>, Partial<Record<'exact' | 'near', Clusters>>>();

function clustersOf(splits: Splits<Example>, similarity: 'exact' | 'near'): Clusters {
  const own = known.get(splits) ?? {};
  known.set(splits, own);
  return (own[similarity] ??= findClusters(splits, similarity));
}

function findClusters(splits: Splits<Example>, similarity: 'exact' | 'near'): Clusters {
  const texts = partNames.flatMap((part) => splits[part].map((example) => comparedContent(example, similarity)));
  if (similarity === 'exact') return findDuplicates(texts);
  const areSame = partNames.every((part) => splits[part].every((example) => !('answers' in example)));
  return findNearDuplicates(texts, areSame ? clustersOf(splits, 'exact') : undefined);
}

/** Questions about one text are all alike: learning one of them shows the text. A pair that was seen the other way round was seen. */
function comparedContent(example: Example, similarity: 'exact' | 'near'): readonly string[] {
  if ('answers' in example && similarity === 'near') return [example.text];
  const parts = contentParts(example);
  return 'second' in example && example.second !== undefined ? [...parts].sort() : parts;
}
