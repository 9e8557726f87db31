/** With the mirror: each trap that the sources of questions about texts name, and what became of it. */
import { describe, expect, test } from '@jest/globals';
import { findDataCard } from './data-card.js';
import { partNames, type SpanExample } from './examples.js';
import { cards, loadChanged, loadMirrored, mirror, splitsOf } from './spec-mirror.js';

/** All examples of a card's own questions, or with `whole` of all that its files hold. */
async function questionsOf(name: string, { whole = false } = {}): Promise<SpanExample[]> {
  if (!whole) {
    const splits = await splitsOf(name, 'span-selection');
    return partNames.flatMap((part) => splits[part]).filter(({ foreign }) => foreign !== true);
  }
  const reader = { ...findDataCard(name, cards).reader, options: {} };
  const changes = { reader, leakage: 'keep', split: { rule: 'none' }, foreignQuestions: undefined } as const;
  const { splits } = await loadChanged(name, changes);
  return splits.train.filter((example): example is SpanExample => 'answers' in example);
}

const wordsOf = ({ text, answers }: SpanExample) => answers.map(({ start, end }) => text.slice(start, end));
const repeated = (examples: readonly SpanExample[]) =>
  examples.length - new Set(examples.map(({ text, second }) => `${text}\n${second}`)).size;

const described = mirror === undefined ? describe.skip : describe;
described('questions about texts (needs FIELDCRAFT_MIRROR)', () => {
  test('as many questions as published, and answers that are words of their text without space around them', async () => {
    for (const [name, count] of [
      ['policyqa', 3809 + 4152],
      ['covid-qa', 1380],
      ['squad2-dev-half', 6078],
      ['xquad-en', 1190],
    ] as const) {
      const all = await questionsOf(name, { whole: true });
      expect(all).toHaveLength(count);
      for (const words of all.flatMap(wordsOf)) expect([words.trim(), words !== '']).toEqual([words, true]);
    }
  });

  test('policyqa: repeated rows, sites apart, and several answers where its source speaks of one', async () => {
    const all = await questionsOf('policyqa', { whole: true });
    const [dev, rest] = [all.slice(0, 3809), all.slice(3809)];
    expect([repeated(dev), repeated(rest)]).toEqual([34, 56]);
    expect([dev, rest].map((part) => part.filter(({ answers }) => answers.length > 1).length)).toEqual([1583, 1588]);
    const splits = await splitsOf('policyqa', 'span-selection');
    const sites = partNames.map((part) => new Set(splits[part].map(({ group }) => group)));
    for (const site of sites[0] ?? []) expect([sites[1]?.has(site), sites[2]?.has(site)]).toEqual([false, false]);
    const test = new Set(splits.test.map(({ text }) => text));
    expect(splits.train.some(({ text }) => test.has(text))).toBe(false);
  });

  test('covid-qa: offsets put right, articles in one part each', async () => {
    const { notes } = await loadMirrored('covid-qa');
    expect(notes[0]).toMatch(/^234 answers that do not stand at their offset/);
    const splits = await splitsOf('covid-qa', 'span-selection');
    const articles = partNames.flatMap((part) => [...new Set(splits[part].map(({ group }) => group))]);
    expect([articles.length, new Set(articles).size]).toEqual([98, 98]);
  });

  test('squad2-dev-half: plausible answers are none; each accepted place once', async () => {
    const all = await questionsOf('squad2-dev-half');
    expect(all.filter(({ answers }) => answers.length === 0)).toHaveLength(3168);
    expect(repeated(all)).toBe(4);
    for (const { answers } of all)
      expect(new Set(answers.map(({ start, end }) => `${start} ${end}`)).size).toBe(answers.length);
  });

  test('xquad-en: no paragraph of it stands in squad2-dev-half', async () => {
    const [own, other] = [await questionsOf('xquad-en'), await questionsOf('squad2-dev-half')];
    const texts = new Set(other.map(({ text }) => text));
    expect(own.filter(({ text }) => texts.has(text))).toEqual([]);
    expect(new Set(own.map(({ text }) => text)).size).toBe(240 - 78);
  });

  test('foreign questions are of the source, in the same part, about another document', async () => {
    for (const name of ['policyqa', 'covid-qa', 'xquad-en']) {
      const splits = await splitsOf(name, 'span-selection');
      for (const part of partNames) {
        const own = splits[part].filter(({ foreign }) => foreign !== true);
        const questions = new Map<string, Set<string | undefined>>();
        for (const { second, group } of own) questions.set(second, (questions.get(second) ?? new Set()).add(group));
        const texts = new Map(own.map(({ text, group }) => [text, group]));
        const foreign = splits[part].filter((example) => example.foreign === true);
        expect(foreign.length / own.length).toBeGreaterThan(0.08);
        for (const { second, text, answers, group } of foreign) {
          expect([answers, texts.get(text), questions.has(second)]).toEqual([[], group, true]);
          expect(own.some((other) => other.text === text && other.second === second)).toBe(false);
        }
      }
    }
  });
});
