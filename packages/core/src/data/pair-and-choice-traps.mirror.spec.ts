/** With the mirror: each trap that the sources of pairs, scores and choices name, and what became of it. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { findDataCard } from './data-card.js';
import { partNames, type PartName } from './examples.js';
import { cards, findingsOf, loadChanged, mirror, publishedParts, sourceOf, splitsOf } from './spec-mirror.js';

const names = [
  'sciq',
  'scifact-rte',
  'pubmedqa',
  'fiqa-semeval17',
  'sick-entailment',
  'sick-relatedness',
  'sick-similarity',
];

/** A dataset in its published parts where it has any, nothing dropped. */
const asPublished = (name: string) => loadChanged(name, { ...publishedParts(name), documents: 'keep' });

function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

const described = mirror === undefined ? describe.skip : describe;
described('traps of the sources of pairs, scores and choices (needs FIELDCRAFT_MIRROR)', () => {
  test.each([
    ['sciq', 11_679, 1000, 1000],
    ['scifact-rte', 564, 0, 209],
    ['pubmedqa', 500, 0, 500],
    ['fiqa-semeval17', 675 + 1142, 0, 0],
    ['sick-entailment', 4439, 495, 4906],
    ['sick-relatedness', 4439, 495, 4906],
    ['sick-similarity', 4439, 495, 4906],
  ])('%s has %i, %i and %i examples as published', async (name, train, dev, held) => {
    const { splits } = await asPublished(name);
    expect(partNames.map((part) => splits[part].length)).toEqual([train, dev, held]);
  });

  test.each(names)('%s: files are those of the mirror; no pair or question is on two sides', (name) => {
    const { files } = z
      .object({ files: z.array(z.object({ file: z.string(), sha256: z.string() })) })
      .parse(sourceOf(name));
    const sums = new Map(files.map(({ file, sha256 }) => [file, sha256]));
    for (const { path, sha256 } of findDataCard(name, cards).files) expect(sha256).toBe(sums.get(path));
    expect(findingsOf(name)).not.toContain('duplicates-across');
    // The pairs of SICK are made from one another: see its card.
    if (!name.startsWith('sick')) expect(findingsOf(name)).not.toContain('near-duplicates-across');
  });

  test.each([
    ['sciq', false],
    ['scifact-rte', false],
    ['pubmedqa', true],
    ['fiqa-semeval17', 'unknown'],
    ['sick-entailment', false],
    ['sick-relatedness', false],
    ['sick-similarity', false],
  ])('%s may be used commercially: %s', (name, commercial) => {
    expect(findDataCard(name, cards).licence.commercial).toBe(commercial);
  });

  test('sciq: a tenth without a passage; answers in no fixed place; equal choices once; no question on two sides', async () => {
    const published = (await asPublished('sciq')).splits;
    const all = partNames.map((part) => published[part].flatMap((e) => ('choices' in e ? [e] : [])));
    expect(all.map((part) => part.filter(({ context }) => context !== undefined).length)).toEqual([10_481, 887, 884]);
    expect(all.map((part) => part.filter(({ choices }) => choices.length < 4).length)).toEqual([33, 2, 9]);
    const places = tally(all.flat().map(({ answer }) => String(answer)));
    for (const count of Object.values(places)) expect(count / all.flat().length).toBeGreaterThan(0.2);
    const questions = (part: readonly { text: string }[]) => new Set(part.map(({ text }) => text));
    const [train = [], dev = [], held = []] = all;
    const learnt = questions(train);
    expect([dev, held].map((part) => part.filter(({ text }) => learnt.has(text)).length)).toEqual([12, 7]);
    const splits = await splitsOf('sciq', 'multiple-choice');
    const kept = questions(splits.train);
    expect([...splits.dev, ...splits.test].filter(({ text }) => kept.has(text))).toEqual([]);
  });

  test('scifact-rte: labels are the published ones, the header is no row, dev is cut by evidence', async () => {
    const { label_counts: counts } = z
      .object({ label_counts: z.record(z.string(), z.record(z.string(), z.number())) })
      .parse(sourceOf('scifact-rte'));
    const { splits } = await asPublished('scifact-rte');
    for (const [part, name] of [
      ['train', 'train'],
      ['test', 'dev'],
    ] as const) {
      const found = tally(splits[part].map((e) => ('label' in e ? e.label : '')));
      expect([found['entailed'], found['not entailed']]).toEqual([
        counts[name]?.['entailment'],
        counts[name]?.['not_entailment'],
      ]);
    }
    const divided = await splitsOf('scifact-rte', 'pair-classification');
    const evidence = new Set(divided.train.map(({ text }) => text));
    expect(divided.dev.filter(({ text }) => evidence.has(text))).toEqual([]);
  });

  test('pubmedqa: test is the published list with its answers, and no conclusion is read', async () => {
    const { label_counts: counts } = z
      .object({ label_counts: z.record(z.string(), z.record(z.string(), z.number())) })
      .parse(sourceOf('pubmedqa'));
    const { test: held, train } = await splitsOf('pubmedqa', 'pair-classification', 'keep');
    expect(tally(held.map(({ label }) => label))).toEqual(counts['test']);
    // About 1,340 characters without the conclusion.
    const mean = train.reduce((sum, { second }) => sum + second.length, 0) / train.length;
    expect(Math.abs(mean - 1340)).toBeLessThan(60);
  });

  test('fiqa-semeval17: signs are the published ones, targets are second texts, no title is on two sides', async () => {
    const sign = z.object({ positive: z.number(), negative: z.number(), zero: z.number() });
    const { counts } = z
      .object({ counts: z.object({ semeval_sign: sign, fiqa_sign: sign }) })
      .parse(sourceOf('fiqa-semeval17'));
    const { train } = (await asPublished('fiqa-semeval17')).splits;
    const scored = train.flatMap((e) => ('value' in e ? [e] : []));
    for (const [file, expected] of [
      ['SemEval', counts.semeval_sign],
      ['FiQA', counts.fiqa_sign],
    ] as const) {
      const signs = scored
        .filter(({ id }) => id.startsWith(file))
        .map(({ value }) => (value > 0 ? 'positive' : value < 0 ? 'negative' : 'zero'));
      expect(tally(signs)).toEqual(expected);
    }
    expect(scored.every(({ second = '', value }) => second !== '' && Math.abs(value) <= 1)).toBe(true);
    expect(new Set(scored.filter(({ id }) => id.startsWith('SemEval')).map(({ text }) => text)).size).toBe(960);
    const splits = await splitsOf('fiqa-semeval17', 'regression');
    const titles = (part: PartName) => new Set(splits[part].map(({ text }) => text));
    expect([...titles('test')].filter((title) => titles('train').has(title) || titles('dev').has(title))).toEqual([]);
  });

  test('sick: labels and scores are the published ones, and a pair seen the other way round is not tested', async () => {
    const { label_counts: counts, relatedness } = z
      .object({
        label_counts: z.record(z.string(), z.record(z.string(), z.number())),
        relatedness: z.object({ min: z.number(), max: z.number(), mean: z.number() }),
      })
      .parse(sourceOf('sick-entailment'));
    const published = (await asPublished('sick-entailment')).splits;
    for (const [part, name] of [
      ['train', 'TRAIN'],
      ['dev', 'TRIAL'],
      ['test', 'TEST'],
    ] as const) {
      const found = tally(published[part].map((e) => ('label' in e ? e.label.toUpperCase() : '')));
      expect(found).toEqual(counts[name]);
    }
    const scores = (await asPublished('sick-relatedness')).splits;
    const values = partNames.flatMap((part) => scores[part].flatMap((e) => ('value' in e ? [e.value] : [])));
    expect([Math.min(...values), Math.max(...values)]).toEqual([relatedness.min, relatedness.max]);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(relatedness.mean, 4);
    const pair = (text: string, second: string) =>
      [text, second]
        .map((one) => one.toLowerCase())
        .sort()
        .join('\n');
    const pairs = (part: readonly { text: string }[]) =>
      part.map((e) => pair(e.text, 'second' in e ? String(e.second) : ''));
    const leaks = (learnt: readonly { text: string }[], held: readonly { text: string }[]) => {
      const seen = new Set(pairs(learnt));
      return pairs(held).filter((one) => seen.has(one)).length;
    };
    expect([leaks(published.train, published.test), leaks(published.train, published.dev)]).toEqual([35, 3]);
    const splits = await splitsOf('sick-entailment', 'pair-classification');
    expect(leaks(splits.train, [...splits.dev, ...splits.test])).toBe(0);
    // Numbers or vectors, it is the same data.
    const numbers = await splitsOf('sick-relatedness', 'regression');
    expect(await splitsOf('sick-similarity', 'similarity')).toEqual(numbers);
  });
});
