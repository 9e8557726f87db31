/** Regimes by their borders, and recipes: what is advised when, and that a training takes every option of it. */
import { describe, expect, test } from '@jest/globals';
import type { LabelBalance } from '../evaluation/index.js';
import { trainOptionsSchema } from './options.js';
import { distanceOf, type Language } from './language.js';
import type { TaskMeasures } from './measure-task.js';
import { recipeFor, type RecipeContext } from './recipe.js';
import { regimeOf } from './regimes.js';

const even: LabelBalance = {
  ...{ classes: 2, rarest: { label: 'no', count: 40 }, commonest: { label: 'yes', count: 60 } },
  ...{ median: 40, ratio: 1.5, evenness: 0.97 },
};
const language: Language = {
  ...{ general: 'masc', runningWords: 50_000, frequentWords: 4_000, overlap: 0.3, ceiling: 0.5, telling: ['lease'] },
  domain: { accuracy: 0.95, auc: 0.98, distance: 1.8, stretches: 500 },
};

const measures = (train: number, more: Partial<TaskMeasures> = {}): TaskMeasures => ({
  ...{ task: 'clauses', kind: 'classification', origin: 'mirror', sampled: Math.min(train, 2_000), balance: even },
  examples: { train, dev: 100, test: 200 },
  lengths: { median: 30, p95: 80, longest: 300, window: 256, longer: 0.01 },
  vocabulary: { words: 10_000, fertility: 1.3, whole: 0.8, unknown: 0, shattered: [] },
  ...{ language, noise: { why: 'not estimated' }, findings: [] },
  ...more,
});

const context: RecipeContext = {
  base: { id: 'small', positions: 512 },
  fieldBase: { name: 'field-bert', licence: 'MIT' },
};
const about = (task: TaskMeasures, what: string, from: RecipeContext = context) =>
  recipeFor(task, from).filter((line) => line.about === what);

describe('regimes', () => {
  const cases: [number, string][] = [
    [10, 'few-shot'],
    [99, 'few-shot'],
    [100, 'low'],
    [999, 'low'],
    [1_000, 'medium'],
    [9_999, 'medium'],
    [10_000, 'large'],
  ];
  test.each(cases)('%d examples: %s', (train, regime) => {
    expect(regimeOf(measures(train)).regime).toBe(regime);
  });

  test('few of each class are few shots, of kinds that have classes to share out', () => {
    const thin = { ...even, classes: 97, median: 3 };
    expect(regimeOf(measures(505, { balance: thin }))).toEqual({
      regime: 'few-shot',
      why: '505 training examples, but half of the 97 classes have 3 or fewer',
    });
    expect(regimeOf(measures(505, { balance: { ...thin, median: 10 } })).regime).toBe('low');
    expect(regimeOf(measures(505, { balance: thin, kind: 'token-classification' })).regime).toBe('low');
  });

  test('texts in which there is nothing to find, and those that a round of folds holds back, do not count', () => {
    const examples = { train: 10_777, bearing: 1_110, dev: 10, test: 10 };
    expect(regimeOf(measures(0, { examples }))).toEqual({
      regime: 'medium',
      why: '10,777 training examples, 1,110 with something to find',
    });
    expect(regimeOf(measures(0, { examples: { train: 120, dev: 0, test: 0, folds: 5 } })).regime).toBe('few-shot');
  });
});

describe('distance from general text', () => {
  const at = (overlap: number, distance?: number) =>
    distanceOf({
      ...{ ...language, overlap, ceiling: 0.5 },
      domain: distance === undefined ? undefined : { accuracy: 0.9, auc: 0.9, distance, stretches: 100 },
    } as Language);

  test('by frequent words, and far only where a classifier says so too', () => {
    expect([at(0.4, 2), at(0.39, 2), at(0.36, 2), at(0.34, 2), at(0.34, 1), at(0.34)]).toEqual([
      ...['near', 'some way', 'some way', 'far', 'some way', 'far'],
    ]);
  });
});

describe('recipes', () => {
  const all = [20, 500, 5_000, 50_000].flatMap((train) =>
    [
      {},
      { balance: { ...even, ratio: 20 } },
      { lengths: { median: 200, p95: 400, longest: 900, window: 256, longer: 0.3 } },
      { noise: { share: 0.08, accuracy: 0.9, examples: 1_000, suspects: [] } },
      { kind: 'token-classification' as const },
      { examples: { train, dev: 0, test: 0, folds: 5 } },
    ].flatMap((more) => recipeFor(measures(train, more), context)),
  );

  test('say why and whom they follow, and a training takes their options', () => {
    expect(all.length).toBeGreaterThan(60);
    for (const { advice, why, source, options } of all) {
      for (const said of [advice, why, source]) expect(said).toMatch(/\w/);
      expect(trainOptionsSchema.safeParse(options).error).toBeUndefined();
    }
  });

  test('passes are those that the profile makes: 1,000 updates of small data, at most 60 passes', () => {
    expect(about(measures(505), 'passes')[0]?.advice).toContain('about 1,000 updates (31 passes)');
    expect(about(measures(64), 'passes')[0]?.advice).toContain('about 240 updates (60 passes)');
    expect(about(measures(9_600), 'passes')[0]?.advice).toContain('about 1,800 updates (3 passes)');
  });

  test('data that the profile does not read whole in a pass', () => {
    expect(about(measures(50_000), 'passes').map(({ taken }) => taken)).toEqual([true, false]);
    expect(about(measures(30_000), 'passes')).toHaveLength(1);
  });

  test('seeds by the regime; folds instead of them where there are some', () => {
    const seeds = (train: number) => about(measures(train), 'seeds')[0]?.options.seeds;
    expect([50, 500, 5_000, 50_000].map(seeds)).toEqual([5, 3, 3, undefined]);
    const folded = measures(200, { examples: { train: 200, dev: 0, test: 0, folds: 5 } });
    expect(about(folded, 'seeds')).toEqual([]);
    expect(about(folded, 'rounds')).toMatchObject([{ options: {} }]);
  });

  test('longer windows where labels of whole texts may rest on them, as far as the base reads', () => {
    const long = { lengths: { median: 200, p95: 400, longest: 900, window: 256, longer: 0.3 } };
    expect(about(measures(500, long), 'window')).toMatchObject([{ options: { maxLength: 448 }, taken: true }]);
    const ends = { ...context, base: { id: 'small', positions: 256 } };
    expect(about(measures(500, long), 'window', ends)).toMatchObject([{ options: {}, taken: false }]);
    const entities = measures(500, { ...long, kind: 'token-classification' });
    expect(about(entities, 'window')).toMatchObject([{ taken: false }]);
    expect(about(measures(500), 'window')).toEqual([]);
  });

  test('the encoder of the field where the language is not near', () => {
    expect(about(measures(500), 'base')).toMatchObject([{ options: { base: 'field' }, taken: false }]);
    expect(about(measures(500, { language: { ...language, overlap: 0.45 } }), 'base')).toEqual([]);
    expect(about(measures(500, { language: { why: 'no text' } }), 'base')).toEqual([]);
    const itself = { ...context, base: { id: 'field-bert', positions: 512 } };
    expect(about(measures(500), 'base', itself)).toEqual([]);
    expect(about(measures(500), 'base', { base: undefined })).toHaveLength(1);
  });

  test('text without labels where the language is not near, as far as there is some', () => {
    const withText: RecipeContext = { ...context, domainStage: { name: 'domain', corpora: ['contracts-unlabelled'] } };
    const stages = (task: TaskMeasures, from = withText) =>
      about(task, 'stages', from).map(({ options, taken }) => ({ stages: options.stages, taken }));
    expect(stages(measures(500))).toEqual([{ stages: ['domain', 'task'], taken: false }]);
    expect(stages(measures(499))).toEqual([{ stages: ['domain'], taken: false }]);
    expect(stages(measures(499), context)).toEqual([]);
    expect(stages(measures(500), context)).toEqual([{ stages: ['task'], taken: false }]);
    expect(stages(measures(500), { ...withText, base: { id: 'field-bert', positions: 512 } })).toEqual([
      { stages: ['task'], taken: false },
    ]);
    const at = (overlap: number) => stages(measures(500, { language: { ...language, overlap } }));
    expect([at(0.37), at(0.45)]).toEqual([[{ stages: ['domain', 'task'], taken: false }], []]);
  });

  test('lower layers more slowly where examples are few, averaged weights where dev is', () => {
    const decay = (train: number) => about(measures(train), 'depth').map(({ options }) => options.layerDecay);
    expect([decay(50), decay(999), decay(1_000)]).toEqual([[0.9], [0.9], []]);
    const averaged = (train: number, dev: number) =>
      about(measures(train, { examples: { train, dev, test: 100 } }), 'averaging').map(
        ({ options }) => options.average,
      );
    expect([averaged(500, 499), averaged(500, 500), averaged(20_000, 50)]).toEqual([['ema'], [], []]);
  });

  test('other forms and mixes of few examples, perturbations of neither few nor many', () => {
    const ways = (train: number, kind: TaskMeasures['kind']) =>
      about(measures(train, { kind }), 'other forms').map(({ options }) => options.augment);
    expect(ways(499, 'classification')).toEqual([['synonyms', 'deletions']]);
    expect(ways(499, 'token-classification')).toEqual([['swaps', 'synonyms']]);
    expect([ways(500, 'classification'), ways(100, 'retrieval')]).toEqual([[], []]);
    const mixup = (train: number, kind: TaskMeasures['kind']) =>
      about(measures(train, { kind }), 'mixed texts').map(({ options, taken }) => [options.mixup, taken]);
    expect([mixup(499, 'multi-label'), mixup(499, 'regression')]).toEqual([[[0.4, false]], [[0.4, false]]]);
    expect([mixup(500, 'multi-label'), mixup(499, 'token-classification')]).toEqual([[], []]);
    const hardened = (train: number, kind: TaskMeasures['kind'] = 'classification') =>
      about(measures(train, { kind }), 'hardening').map(({ options, taken }) => [options.adversarial, taken]);
    expect([hardened(50), hardened(50_000)]).toEqual([[], []]);
    for (const tried of [hardened(500), hardened(5_000), hardened(500, 'retrieval')])
      expect(tried).toEqual([['freelb', false]]);
    const recognised = (kind: TaskMeasures['kind']) =>
      about(measures(500, { kind }), 'hardening').map(({ options }) => [options.recogniseWords, options.augment]);
    expect(recognised('multi-label')).toEqual([[true, ['synonyms']]]);
    expect(recognised('retrieval')).toEqual([[undefined, undefined]]);
  });

  test('uneven classes and doubtful labels are worth a try', () => {
    expect(about(measures(500, { balance: { ...even, ratio: 10 } }), 'classes')).toMatchObject([{ taken: false }]);
    expect(about(measures(500, { balance: { ...even, ratio: 9.9 } }), 'classes')).toEqual([]);
    const noise = { share: 0.05, accuracy: 0.85, examples: 500, suspects: [] };
    expect(about(measures(500, { noise }), 'labels')).toMatchObject([{ taken: false }]);
    // A model that is wrong so often says more of itself than of the labels.
    expect(about(measures(500, { noise: { ...noise, accuracy: 0.8 } }), 'labels')).toEqual([]);
  });
});
