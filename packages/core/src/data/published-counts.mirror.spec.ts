/** With the mirror: the finance and general datasets have the sizes that were published, and their known traps are dealt with. */
import { describe, expect, test } from '@jest/globals';
import { findDataCard } from './data-card.js';
import { labelsOf, partNames, type AnyDataset, type Example } from './examples.js';
import { normaliseText } from './near-duplicates.js';
import { cards, findingsOf, loadChanged, loadMirrored, mirror, publishedParts } from './spec-mirror.js';

const cardOf = (name: string) => findDataCard(name, cards);

/** A dataset in its published parts where it has any, with nothing taken out. */
const loadWhole = (name: string): Promise<AnyDataset> => loadChanged(name, publishedParts(name));

const examplesOf = ({ splits }: AnyDataset): Example[] => partNames.flatMap((part): Example[] => splits[part]);
const entitiesOf = (examples: readonly Example[]) => examples.flatMap((e) => ('entities' in e ? e.entities : []));

/** How often each value stands in a list. */
function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Texts of a held-out part that also stand in a part that is learnt from, letter case and spacing aside. */
function repeated(learnt: readonly Example[], held: readonly Example[]): number {
  const texts = new Set(learnt.map(({ text }) => normaliseText(text)));
  return held.filter(({ text }) => texts.has(normaliseText(text))).length;
}

const described = mirror === undefined ? describe.skip : describe;
described('published sizes and traps (needs FIELDCRAFT_MIRROR)', () => {
  test.each([
    ['financial-phrasebank', 4846, 0, 0],
    ['fomc-stance', 1984, 0, 496],
    ['gold-headlines', 10_570, 0, 0],
    ['finer-ord', 3262, 402, 1075],
    ['finentity', 979, 0, 0],
    ['num-claim', 2144, 0, 537],
    // Passages: the pairs of cause and effect are 1,109 and 641.
    ['fincausal-2020-task2', 1005, 0, 561],
    // Headlines times the entities they name.
    ['sentfin', 14_405, 0, 0],
    ['clinc150', 15_100, 3100, 5500],
    ['banking77', 10_003, 0, 3080],
    ['sst2', 6920, 872, 1821],
    ['trec-qc', 5452, 0, 500],
    ['trec-fine', 5452, 0, 500],
    ['ag-news-test', 7600, 0, 0],
    ['snips', 13_084, 700, 700],
    ['atis', 4478, 500, 893],
    ['wnut17', 3394, 1009, 1287],
    ['wikigold', 1696, 0, 0],
    ['ud-english-ewt', 12_544, 2001, 2077],
  ])('%s has %i, %i and %i examples as published', async (name, train, dev, test) => {
    const { splits } = await loadWhole(name);
    expect([splits.train.length, splits.dev.length, splits.test.length]).toEqual([train, dev, test]);
  });

  test.each([
    ['fomc-stance', 16],
    ['finer-ord', 69],
    ['num-claim', 17],
    ['fincausal-2020-task2', 17],
    ['clinc150', 2],
    ['banking77', 7],
    ['sst2', 2],
    ['trec-qc', 11],
    ['trec-fine', 11],
    ['snips', 26],
    ['atis', 13],
    ['ud-english-ewt', 104],
  ])('%s: %i test texts stand in train as published, and none as loaded', async (name, count) => {
    const published = await loadWhole(name);
    expect(repeated(published.splits.train, published.splits.test)).toBe(count);
    expect(findingsOf(name)).not.toContain('duplicates-across');
  });

  test('financial-phrasebank: accented letters are whole, labels are the published ones', async () => {
    const examples = examplesOf(await loadWhole('financial-phrasebank'));
    expect(tally(examples.map((e) => ('label' in e ? e.label : '')))).toEqual({
      neutral: 2879,
      positive: 1363,
      negative: 604,
    });
    expect(examples.filter(({ text }) => /\+[ñÑÂ]/.test(text))).toEqual([]);
    expect(examples.some(({ text }) => text.startsWith('\ufeff') || text.includes('\r'))).toBe(false);
  });

  test('gold-headlines: later parts are later, and headlines whose year is broken are in train', async () => {
    const { splits } = await loadMirrored('gold-headlines');
    const days = (part: keyof typeof splits) => splits[part].map(({ date = '' }) => date).sort();
    expect((days('train').at(-1) ?? '') < (days('dev')[0] ?? '')).toBe(true);
    expect((days('dev').at(-1) ?? '') < (days('test')[0] ?? '')).toBe(true);
    expect(days('train').filter((day) => day < '1000')).toHaveLength(165);
  });

  test('finer-ord: entities are the published ones; documents of different files are different', async () => {
    const { splits } = await loadWhole('finer-ord');
    const counts = partNames.map((part) => tally(entitiesOf(splits[part]).map(({ label }) => label)));
    expect(counts).toEqual([
      { PER: 826, LOC: 966, ORG: 2039 },
      { PER: 138, LOC: 193, ORG: 278 },
      { PER: 286, LOC: 300, ORG: 553 },
    ]);
    const groups = partNames.map((part) => new Set(splits[part].map(({ group }) => group)).size);
    expect(groups).toEqual([135, 24, 42]);
  });

  test('finentity: every entity but three that overlap stands at the words it quotes', async () => {
    const dataset = await loadWhole('finentity');
    expect(entitiesOf(examplesOf(dataset))).toHaveLength(2131 - 3);
    expect(dataset.notes[0]).toMatch(/^70 entities whose offsets/);
  });

  test('sentfin: one entity is marked in every text, and no headline is on two sides', async () => {
    const { splits } = await loadMirrored('sentfin');
    const all = partNames.flatMap((part): Example[] => splits[part]);
    expect(all.filter(({ text }) => text.split('«').length !== 2 || text.split('»').length !== 2)).toEqual([]);
    const plain = (part: keyof typeof splits) => new Set(splits[part].map(({ group }) => group));
    expect([...plain('test')].filter((group) => plain('train').has(group) || plain('dev').has(group))).toEqual([]);
  });

  test('clinc150: what is out of scope is read from its own lists', async () => {
    const { splits } = await loadWhole('clinc150');
    const oos = partNames.map(
      (part) => splits[part].filter((e: Example) => 'label' in e && e.label === 'out of scope').length,
    );
    expect(oos).toEqual([100, 100, 1000]);
  });

  test('ag-news-test: no remains of HTML, no backslashes, no control characters', async () => {
    const examples = examplesOf(await loadWhole('ag-news-test'));
    expect(examples.filter(({ text }) => /#\d+;|\bquot;|\\|[\u007f-\u009f]/.test(text))).toEqual([]);
  });

  test('atis: two intents are two labels; slots and intents that training does not have are no labels', async () => {
    const { labels, splits } = await loadWhole('atis');
    expect(labels.filter((label) => label.includes('#') || label === 'intent:day_name')).toEqual([]);
    const intents = partNames.map((part) => splits[part].map((e) => ('intents' in e ? e.intents.length : NaN)));
    const counted = (number: number) => intents.flat().filter((many) => many === number).length;
    // The two lines of test whose only intent nobody can learn.
    expect([counted(0), counted(2), counted(3)]).toEqual([2, 40, 1]);
    const learnt = new Set(splits.train.flatMap((example) => labelsOf(example)));
    expect(labels.filter((label) => !learnt.has(label))).toEqual([]);
  });

  test('snips: slots are the published ones, blanks are no words', async () => {
    const { splits } = await loadWhole('snips');
    expect(partNames.map((part) => entitiesOf(splits[part]).length)).toEqual([33_958, 1794, 1790]);
    const all = examplesOf(await loadWhole('snips'));
    expect(all.filter(({ text }) => / {2}|^ | $/.test(text))).toEqual([]);
    expect(all.filter((example) => !('intents' in example) || example.intents.length !== 1)).toEqual([]);
  });

  test('wnut17: sentences do not run together, the byte-order mark is gone', async () => {
    const { splits } = await loadWhole('wnut17');
    const words = partNames.map((part) =>
      splits[part].reduce((sum, e: Example) => sum + ('words' in e ? (e.words?.length ?? 0) : 0), 0),
    );
    expect(words).toEqual([62_730, 15_733, 23_394]);
    expect(partNames.flatMap((part): Example[] => splits[part]).some(({ text }) => text.includes('\ufeff'))).toBe(
      false,
    );
  });

  test('wikigold: runs of one type are one entity; no document is on two sides', async () => {
    const all = examplesOf(await loadWhole('wikigold'));
    expect(tally(entitiesOf(all).map(({ label }) => label))).toEqual({ LOC: 1014, MISC: 712, ORG: 898, PER: 934 });
    expect(new Set(all.map(({ group }) => group)).size).toBe(145);
  });

  test('ud-english-ewt: every word has its part of speech and nothing else, ranges and empty nodes none', async () => {
    const { splits } = await loadWhole('ud-english-ewt');
    expect(partNames.map((part) => entitiesOf(splits[part]).length)).toEqual([204_577, 25_147, 25_094]);
    const all = partNames.flatMap((part): Example[] => splits[part]);
    expect(all.filter((e) => !('entities' in e) || e.entities.length !== e.words?.length)).toEqual([]);
  });

  test('trec-qc: ISO 8859-1 is read as such, six coarse classes', async () => {
    const dataset = await loadWhole('trec-qc');
    expect(dataset.labels).toHaveLength(6);
    expect(examplesOf(dataset).some(({ text }) => text.includes('\ufffd'))).toBe(false);
  });

  test('trec-fine: fifty classes, each with its coarse one; those that test lacks are known', async () => {
    const [fine, coarse] = await Promise.all(['trec-fine', 'trec-qc'].map(loadWhole));
    expect(fine?.labels).toHaveLength(50);
    const labels = (dataset: AnyDataset | undefined) =>
      dataset === undefined ? [] : examplesOf(dataset).map((e) => ('label' in e ? e.label : ''));
    expect(labels(fine).map((label) => label.split(':')[0])).toEqual(labels(coarse));
    const tested = new Set((fine?.splits.test ?? []).map((e: Example) => ('label' in e ? e.label : '')));
    expect(fine?.labels.filter((label) => !tested.has(label))).toHaveLength(8);
    // cards.mirror.spec.ts shows that the card's counts are those of the dataset.
    expect(cardOf('trec-fine').counts.quality['conflicting-labels']).toBe(1);
  });
});
