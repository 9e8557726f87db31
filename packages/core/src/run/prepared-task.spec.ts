/** What a profile's limits leave of a task: the examples that baselines learn from, and the windows that are scored. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClassificationExample, Dataset, Splits } from '../data/index.js';
import type { Feature, TaskSettings } from '../tasks/index.js';
import { loadTokenizer, type Tokenizer } from '../text/index.js';
import { trainOptionsSchema } from './options.js';
import { sizeOf } from './plan-run.js';
import { batchWindowsOf, makePlan } from './plan.js';
import { prepareTask, type PrepareOptions } from './prepared-task.js';
import { profileTable, type Profile } from './profiles.js';
import { openWorkspace, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
let tokenizer: Tokenizer;
beforeAll(() => {
  workspace = openWorkspace();
  tokenizer = loadTokenizer(workspace.base);
});
afterAll(() => workspace.close());

const examples = (count: number, seed: number): ClassificationExample[] =>
  sentences(count, seed).map((row, i) => ({ id: `${seed}-${i}`, ...row }));

function prepare(
  splits: Partial<Splits<ClassificationExample>>,
  limits: Partial<Profile>,
  augment?: PrepareOptions['augment'],
  settings?: TaskSettings,
) {
  const parts = { train: examples(60, 1), dev: examples(10, 2), test: examples(10, 3), ...splits };
  const dataset: Dataset<'classification'> = {
    ...{ kind: 'classification', name: 'x', labels: ['no', 'yes'], origin: 'files', notes: [] },
    ...{ splitRule: '', licence: { name: 'MIT', commercial: true }, splits: parts },
  };
  const source = { name: 'task', dataset, maxLength: 16, stride: 4, ...(settings && { settings }) };
  return prepareTask(source, parts, {
    tokenizer,
    profile: { ...profileTable.thorough, ...limits },
    seed: 1,
    ...(augment && { augment }),
  });
}

describe('baselines learn from', () => {
  test('everything that the planned epochs draw, which is more than one sample', async () => {
    const task = await prepare({}, { maxTokens: 200 });
    const seen = new Set<number>();
    for (const epochs of [1, 2, 3]) {
      for (const { example } of task.trainFeatures(epochs - 1)) seen.add(example);
      expect(task.trainExamples(epochs)).toBe(seen.size);
    }
    expect(task.trainExamples(3)).toBeGreaterThan(task.trainExamples(1));
    expect(task.trainExamples(1_000)).toBe(60);
  });

  test('the one sample of a profile that draws no other', async () => {
    const task = await prepare({}, { maxExamples: 20 });
    expect([task.trainExamples(1), task.trainExamples(9)]).toEqual([20, 20]);
    expect(task.trainFeatures(5)).toEqual(task.trainFeatures(0));
  });
});

test('the size of a task says how many windows its batches have, which the profile makes fewer, and why', async () => {
  const options = trainOptionsSchema.parse({});
  const sized = async (maxRunTokens: number) => {
    const profile = { ...profileTable.thorough, maxRunTokens };
    return sizeOf(await prepare({}, {}), { profile, baselineRounds: 1 }, options);
  };
  const { tokensPerUpdate, updatesPerEpoch, ...whole } = await sized(Infinity);
  expect([whole.batchWindows, whole.notes]).toEqual([16, []]);
  const small = await sized(90 * tokensPerUpdate);
  expect(small).toMatchObject({
    batchWindows: 8,
    notes: [expect.stringMatching(/^task: 8 windows a batch instead of 16/)],
  });
  expect(small.updatesPerEpoch).toBeGreaterThan(1.5 * updatesPerEpoch);
  const plan = makePlan({ tasks: [small], speeds: { training: 1, prediction: 1 }, evaluations: 1, rounds: 1 });
  expect(plan).toMatchObject({ tasks: [{ batchWindows: 8 }], notes: small.notes });
  const asked = (planned: Partial<(typeof plan)['tasks'][number]>, batchWindows?: number) =>
    batchWindowsOf({ name: 'task', batchWindows }, { tasks: [{ name: 'task', ...planned }] });
  // Plans of before do not say.
  expect([asked({ batchWindows: 8 }), asked({}), asked({}, 32)]).toEqual([8, undefined, 32]);
});

test('the settings of a task that was learnt before stay as they were: its head reads nothing new', async () => {
  const marks = [examples(1, 1)[0]!.text.split(' ').slice(0, 2)];
  expect((await prepare({}, {}, undefined, { marks })).settings).toEqual({ marks });
});

test('of a long text of a pair the profile quick reads the part that is most like the other, where the task does not say', async () => {
  const pair = (id: string) => ({ id, label: 'yes', second: 'the tree', text: `${'red cat '.repeat(30)}the tree` });
  const splits = { train: [pair('a'), pair('b')], dev: [pair('c')], test: [pair('d')] };
  const windowsOf = async (profile: Profile, settings?: TaskSettings) => {
    const dataset: Dataset<'pair-classification'> = {
      ...{ kind: 'pair-classification', name: 'x', labels: ['no', 'yes'], origin: 'files', notes: [] },
      ...{ splitRule: '', licence: { name: 'MIT', commercial: true }, splits },
    };
    const source = { name: 'task', dataset, maxLength: 16, stride: 4, ...(settings && { settings }) };
    const task = await prepareTask(source, splits, { tokenizer, profile, seed: 1 });
    return [task.settings.windows, task.test.features.length];
  };
  expect(await windowsOf(profileTable.quick)).toEqual([1, 1]);
  expect(await windowsOf(profileTable.standard)).toEqual([4, 4]);
  expect(await windowsOf(profileTable.quick, { windows: 2 })).toEqual([2, 2]);
});

describe('changed training examples', () => {
  const ways = ['deletions', 'synonyms'] as const;
  const plain = () => prepare({}, {});
  const augmented = () => prepare({}, {}, { ways, rate: 0.3 });
  const shown = (windows: readonly Feature[]) => windows.map(({ example, ids }) => [example, ...ids].join(' '));

  test('are about half of what an epoch shows, the same ones each time, and others in the next', async () => {
    const [without, one, again] = [await plain(), await augmented(), await augmented()];
    const numbers = (windows: readonly Feature[]) => [...new Set(windows.map(({ example }) => example))];
    const own = new Set(shown(without.trainFeatures(0)));
    for (const epoch of [0, 1, 2]) {
      const windows = one.trainFeatures(epoch);
      expect(numbers(windows)).toEqual(numbers(without.trainFeatures(epoch)));
      expect(shown(again.trainFeatures(epoch))).toEqual(shown(windows));
      const changed = numbers(windows.filter((_, i) => !own.has(shown(windows)[i]!))).length;
      expect(changed).toBeGreaterThan(0.25 * 60);
      expect(changed).toBeLessThan(0.75 * 60);
      const truth = new Map(without.trainFeatures(epoch).map(({ example, target }) => [example, target]));
      for (const { example, target } of windows) expect(target).toEqual(truth.get(example));
    }
    expect(shown(one.trainFeatures(1))).not.toEqual(shown(one.trainFeatures(0)));
    expect(one.notes.join()).toContain('made by deletions, synonyms');
  });

  test('leave dev, test and baselines as they were', async () => {
    const [without, one] = [await plain(), await augmented()];
    expect(one.dev).toEqual(without.dev);
    expect(one.test).toEqual(without.test);
    const scores = (task: Awaited<ReturnType<typeof plain>>) => task.baselines(1, 1).map((result) => result.scores);
    expect(scores(one)).toEqual(scores(without));
  });
});

describe('a cap on the windows of the test part', () => {
  const long = (words: number, id: string) => ({ id, label: 'yes', text: 'red cat '.repeat(words / 2).trim() });

  test('is kept, where examples have many windows too', async () => {
    const test = [...examples(40, 4), ...Array.from({ length: 10 }, (_, i) => long(60, `long-${i}`))];
    const whole = await prepare({ test }, {});
    const capped = await prepare({ test }, { maxTestWindows: 30 });
    expect(whole.test.features.length).toBeGreaterThan(60);
    expect(capped.test.features.length).toBeLessThanOrEqual(30);
    expect(capped.test.features.length).toBeGreaterThan(15);
    // The same each time.
    expect((await prepare({ test }, { maxTestWindows: 30 })).test).toEqual(capped.test);
  });

  test('leaves one example, even where that alone has more', async () => {
    const task = await prepare({ test: [long(100, 'a'), long(100, 'b')] }, { maxTestWindows: 3 });
    expect(task.test.examples).toBe(1);
    expect(task.test.features.length).toBeGreaterThan(3);
  });
});

test('without a dev part the baselines still work', async () => {
  const task = await prepare({ dev: [] }, {});
  expect(task.dev).toEqual({ features: [], examples: 0, tokens: 0 });
  expect(task.baselines(1, 1).map(({ name }) => name)).toEqual(['majority', 'tfidf']);
});
