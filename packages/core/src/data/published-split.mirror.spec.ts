/** With the mirror: a published split as it is, and which of its test examples a model that learns from it has seen. */
import { describe, expect, test } from '@jest/globals';
import { findDataCard } from './data-card.js';
import { loadDataset } from './load-dataset.js';
import { cards, loadMirrored, mirror } from './spec-mirror.js';

const described = mirror === undefined ? describe.skip : describe;
described('published splits (needs FIELDCRAFT_MIRROR)', () => {
  test('ACL-ARC: all of train and dev, and the 52 test texts that stand in train among those that were seen', async () => {
    const published = await loadDataset(findDataCard('acl-arc', cards), { mirror, split: 'published' });
    const cleaned = await loadMirrored('acl-arc');
    const sizes = ({ splits: { train, dev, test } }: typeof cleaned) => [train.length, dev.length, test.length];
    expect([sizes(published), sizes(cleaned)]).toEqual([
      [1688, 114, 139],
      [1520, 106, 139],
    ]);
    expect(published.splits.test).toEqual(cleaned.splits.test);
    expect(published.seen).toEqual(cleaned.seen);
    const learnt = new Set(published.splits.train.map(({ text }) => text));
    const verbatim = published.splits.test.filter(({ text }) => learnt.has(text)).map(({ id }) => id);
    expect(verbatim).toHaveLength(52);
    expect(published.seen).toEqual(expect.arrayContaining(verbatim));
    expect(published.seen?.length).toBeLessThan(139 / 2);
    // What was cleaned shows none of them.
    const left = new Set([...cleaned.splits.train, ...cleaned.splits.dev].map(({ text }) => text));
    expect(cleaned.splits.test.filter(({ text }) => left.has(text))).toEqual([]);
  });

  test('documents that stand on both sides were seen too; parts that we made ourselves have no other form', async () => {
    const { seen = [], splits } = await loadMirrored('lexdemod');
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(splits.test.length);
    const card = findDataCard('fiqa-semeval17', cards);
    const asPublished = await loadDataset(card, { mirror, split: 'published' });
    const asCleaned = await loadMirrored('fiqa-semeval17');
    expect([asPublished.seen, asCleaned.seen]).toEqual([undefined, undefined]);
    expect(asPublished.splits).toEqual(asCleaned.splits);
  });
});
