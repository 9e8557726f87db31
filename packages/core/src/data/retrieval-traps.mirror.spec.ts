/** With the mirror: each trap that the source of titles and abstracts names, and what became of it. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { findDataCard } from './data-card.js';
import { partNames } from './examples.js';
import { findDuplicates, normaliseText } from './near-duplicates.js';
import { cards, loadChanged, loadMirrored, mirror, sourceOf, splitsOf } from './spec-mirror.js';
import { createWordNumbers } from './word-grams.js';

/** Every paper in the order of the files, none left out. */
async function allPapers() {
  const reader = { ...findDataCard('acl-titles', cards).reader, options: {} };
  const { splits } = await loadChanged('acl-titles', { reader, split: { rule: 'none' } });
  return splits.train.flatMap((example) => ('document' in example ? [example] : []));
}

/** The different runs of eight words of a text, as hashes; without `learn` those whose words other texts have. */
function runsOf(words: ReturnType<typeof createWordNumbers>, text: string, { learn = false } = {}): Set<number> {
  const numbered = words.read(text, { learn });
  const hash = new Uint32Array(2);
  const found = new Set<number>();
  for (let start = 0; start + 8 <= numbered.length; start++) {
    if (numbered.isForeign(start, 8)) continue;
    numbered.hash(start, 8, hash);
    found.add(((hash[1] ?? 0) >>> 11) * 2 ** 32 + (hash[0] ?? 0));
  }
  return found;
}

const described = mirror === undefined ? describe.skip : describe;
described('traps of titles and abstracts (needs FIELDCRAFT_MIRROR)', () => {
  test('files and their numbers of documents are those of the source', async () => {
    const { files, licence } = z
      .object({
        files: z.array(z.object({ file: z.string(), sha256: z.string(), documents: z.number() })),
        licence: z.object({ non_commercial: z.boolean() }),
      })
      .parse(sourceOf('acl-titles'));
    const card = findDataCard('acl-titles', cards);
    expect(card.files.map(({ path, sha256 }) => [path, sha256])).toEqual(
      files.map(({ file, sha256 }) => [file, sha256]),
    );
    expect(card.licence.commercial).toBe(!licence.non_commercial);
    const papers = await allPapers();
    expect(files.map(({ file }) => papers.filter(({ id }) => id.startsWith(file)).length)).toEqual(
      files.map(({ documents }) => documents),
    );
    const twice = (texts: string[]) => findDuplicates(texts).filter((cluster, i) => cluster !== i).length;
    expect([twice(papers.map(({ text }) => text)), twice(papers.map(({ second }) => second))]).toEqual([13, 1]);
    const quoted = papers.filter(({ text, second }) => normaliseText(second).includes(normaliseText(text)));
    expect(quoted).toHaveLength(339);
  });

  test('no abstract is the paper of a text that another task of the field is tested on', async () => {
    const sizes: number[] = [];
    const byRun = new Map<number, number[]>();
    const words = createWordNumbers();
    for (const name of ['scierc', 'scicite', 'multicite', 'csabstruct']) {
      const { splits } = await loadMirrored(name);
      for (const { text } of [...splits.dev, ...splits.test]) {
        const own = runsOf(words, text, { learn: true });
        for (const run of own) byRun.set(run, [...(byRun.get(run) ?? []), sizes.length]);
        sizes.push(own.size);
      }
    }
    const isTestPaper = (text: string) => {
      const shared = new Map<number, number>();
      for (const run of runsOf(words, text))
        for (const i of byRun.get(run) ?? []) shared.set(i, (shared.get(i) ?? 0) + 1);
      return [...shared].some(([i, count]) => count / (sizes[i] ?? 1) > 0.3);
    };
    const { options } = findDataCard('acl-titles', cards).reader;
    const papers = (await allPapers()).filter(({ second }) => isTestPaper(second));
    expect(papers.map(({ id }) => id)).toEqual(options['leaveOut']);
    expect(papers).toHaveLength(27);
  });

  test('no paper is on two sides; a title with two abstracts is answered by both', async () => {
    const splits = await splitsOf('acl-titles', 'retrieval');
    const all = partNames.flatMap((part) => splits[part].map((example) => ({ part, ...example })));
    const clusters = findDuplicates(all.map(({ second }) => second));
    expect(all.filter(({ part }, i) => all[clusters[i] ?? i]?.part !== part)).toEqual([]);
    const ambiguous = all.filter(({ relevant }) => relevant.length > 1);
    expect(ambiguous).toHaveLength(24);
    for (const { relevant, document } of ambiguous) expect(relevant).toContain(document);
  });
});
