/** Runs that tune a part of the encoder, from options to folders: what changes, what stays, and that a stopped one ends in the same weights. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCheckpoint, readAdapter } from '../checkpoint/index.js';
import { loadAdapters, loadPredictor } from '../export/index.js';
import type { RunEvent } from './events.js';
import type { TrainOptionsInput } from './options.js';
import {
  asCsv,
  conll,
  openWorkspace,
  refusal,
  run,
  sentences,
  type FinishedRun,
  type TestWorkspace,
} from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace({ layers: 3 });
  workspace.file('all.csv', asCsv(sentences(300)));
});
afterAll(() => workspace.close());

const options = (out: string, own: TrainOptionsInput = {}): TrainOptionsInput => ({
  ...{ task: 'classification', data: join(workspace.root, 'all.csv'), base: workspace.base, maxLength: 24 },
  ...{ epochs: 2, learningRate: 3e-3, patience: 0, out: join(workspace.root, out), ...own },
});
const texts = sentences(12, 9).map(({ text }) => text);

function tensorsOf(folder: string): Map<string, Float32Array> {
  const source = openCheckpoint(folder);
  const tensors = new Map(source.names().map((name) => [name, source.readFloat32(name)]));
  source.close();
  return tensors;
}

/** The encoder's tensors that a run has changed. */
function changed(out: string): string[] {
  const before = tensorsOf(workspace.base);
  const after = tensorsOf(join(workspace.root, out, 'model'));
  const ofEncoder = [...after].filter(([name]) => !name.startsWith('heads.'));
  expect(ofEncoder.length).toBeGreaterThan(30);
  return ofEncoder
    .filter(([name, values]) => !Buffer.from(values.buffer).equals(Buffer.from(before.get(name)!.buffer)))
    .map(([name]) => name);
}

describe('adapters', () => {
  let lora: FinishedRun;
  beforeAll(async () => {
    lora = await run(options('lora', { tune: 'lora', loraRank: 4 }));
  });

  test('are all that changes of the encoder, merged into what is served', () => {
    expect(changed('lora').sort()).toEqual(
      [0, 1, 2].flatMap((layer) =>
        ['query', 'value'].map((role) => `bert.encoder.layer.${layer}.attention.self.${role}.weight`),
      ),
    );
    const { learning, profileNotes } = lora.report;
    // Six times 4 x (32 + 32), a pooler and a classifier.
    expect(learning?.trained).toBe(6 * 4 * 64 + 32 * 32 + 32 + 2 * 32 + 2);
    expect(learning?.stateBytes).toBe(12 * (learning?.trained ?? 0));
    expect(profileNotes.join()).toContain('parameters learn');
    expect(lora.report.base.parameters).toBe((learning?.parameters ?? 0) - (32 * 32 + 32 + 2 * 32 + 2));
  });

  test('are kept apart too, and predict what the merged model does, on the base, alone and beside others', async () => {
    const folder = join(lora.folder, 'adapter', 'classification');
    expect(readdirSync(folder).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
      'model.json',
    ]);
    const adapter = readAdapter(folder);
    expect(adapter).toMatchObject({ rank: 4, scale: 2, base: workspace.base, taskType: 'SEQ_CLS' });
    expect([...adapter.saved.keys()].sort()).toEqual([
      ...['bert.pooler.dense.bias', 'bert.pooler.dense.weight', 'classifier.bias', 'classifier.weight'],
    ]);
    const predictors = [
      [await loadPredictor(lora.folder, { threads: 1 }), 'classification'],
      [await loadPredictor(folder, { threads: 1 }), 'classification'],
      [await loadAdapters({ mine: folder, again: folder }, { threads: 1 }), 'again'],
    ] as const;
    const [merged, ...others] = await Promise.all(predictors.map(([one, task]) => one.predict(task, texts)));
    const numbers = (said: unknown[] = []) => said.flatMap((one) => (one as { probabilities: number[] }).probabilities);
    for (const other of others) numbers(other).forEach((p, i) => expect(p).toBeCloseTo(numbers(merged)[i] ?? NaN, 5));
    expect(new Set(numbers(merged).map((p) => p.toFixed(6))).size).toBeGreaterThan(3);
    for (const [predictor] of predictors) await predictor.release();
  });

  test('are trained on where they are the start, or merged into the base first', async () => {
    const folder = join(lora.folder, 'adapter', 'classification');
    const onNothing = await refusal(run(options('refused', { base: 'scratch', adapter: folder })));
    expect([onNothing.code, onNothing.parts.where]).toEqual(['FC_CONFIG', '--adapter']);
    const on = await run(options('on', { tune: 'lora', adapter: folder, learningRate: 1e-9, epochs: 0.2 }));
    const [before, after] = [lora, on].map((one) => readAdapter(join(one.folder, 'adapter', 'classification')));
    for (const [module, { a, b }] of before!.modules) {
      const then = after!.modules.get(module);
      for (const [own, other] of [
        [a, then?.a],
        [b, then?.b],
      ])
        own!.data.forEach((value, i) => expect(other?.data[i]).toBeCloseTo(value, 5));
    }
    await run(options('merged', { tune: 'head', adapter: folder, epochs: 0.2 }));
    const [first, then] = ['lora', 'merged'].map((out) => tensorsOf(join(workspace.root, out, 'model')));
    for (const [name, values] of first!)
      if (!name.startsWith('heads.')) expect([name, then!.get(name)]).toEqual([name, values]);
  });
});

test.each([
  ['head', /^none$/],
  ['top:1', /encoder\.layer\.2\./],
  ['lora:1', /encoder\.layer\.2\.attention\.self\.(query|value)\.weight/],
])('%s leaves what lies below as it was', async (tune, expected) => {
  const out = `only-${tune.replace(':', '-')}`;
  const { report } = await run(options(out, { tune, epochs: 1 }));
  const names = changed(out);
  expect(names.length > 0 || tune === 'head').toBe(true);
  for (const name of names) expect(name).toMatch(expected);
  expect(report.learning!.stateBytes).toBeLessThan(0.6 * report.learning!.fullStateBytes);
  expect(existsSync(join(workspace.root, 'cache', 'activations'))).toBe(true);
});

test.each([
  ['lora', { tune: 'lora', average: 'ema', arithmetic: 'int8' }],
  ['gradual', { tune: 'gradual', layerDecay: 0.9, l2Start: 0.01, average: 'soup' }],
  ['top', { tune: 'top:2', reinitLayers: 1, layerDecay: 0.9 }],
  ['full', { headPasses: 2 }],
] as const)('a run of %s %j that is stopped goes on to the same weights, to the bit', async (name, own) => {
  const { report } = await run(options(`${name}-whole`, own));
  expect(/moving averages|greedy soup/.test(report.profileNotes.join())).toBe('average' in own);
  const out = `${name}-stopped`;
  for (const stop of [9, 21]) {
    let step = 0;
    const given = stop > 9 ? { resume: true, out: join(workspace.root, out) } : options(out, own);
    const onEvent = (event: RunEvent) => {
      if (event.kind === 'step') step = event.step;
    };
    const { code } = await refusal(run(given, { stopRequested: () => step >= stop, onEvent }));
    expect(code).toBe('FC_INTERRUPTED');
  }
  await run({ resume: true, out: join(workspace.root, out) });
  const bytes = (of: string) => readFileSync(join(workspace.root, of, 'model', 'model.safetensors'));
  expect(bytes(out).equals(bytes(`${name}-whole`))).toBe(true);
});

test('heads that learn first know their task before the encoder learns', async () => {
  // Words can be told from what even random layers make of them.
  const data = workspace.file('all.conll', conll(300, 1));
  const score = async (headPasses: number) => {
    const own = {
      ...{ task: 'token-classification' as const, data, headPasses },
      epochs: 0.01,
      learningRate: 3e-4,
      headRate: 50,
    };
    const { report } = await run(options(`first-${headPasses}`, own));
    return report.tasks[0]!.summary[report.tasks[0]!.mainMetric]!.mean;
  };
  expect(await score(0)).toBeLessThan(0.1);
  expect(await score(40)).toBeGreaterThan(0.25);
});

test('what makes no sense together is refused before anything is trained', async () => {
  for (const [own, where] of [
    [{ tune: 'head', layerDecay: 0.9 }, '--layer-decay'],
    [{ tune: 'top:1', headPasses: 3 }, '--head-passes'],
    [{ tune: 'lora', l2Start: 0.1 }, '--l2-start'],
    [{ tune: 'head', arithmetic: 'int8' }, '--arithmetic int8'],
    [{ arithmetic: 'int8', device: 'webgpu' }, undefined],
    [{ tune: 'top:1', reinitLayers: 2 }, '--reinit-layers'],
    [{ tune: 'top:4' }, '--tune top:4'],
    [{ loraRank: 4 }, '--lora-…'],
    [{ tune: 'everything' }, undefined],
  ] as const) {
    const { code, parts } = await refusal(run(options('refused', own)));
    expect([own, code, parts.where]).toEqual([own, 'FC_CONFIG', where]);
    expect(existsSync(join(workspace.root, 'refused'))).toBe(false);
  }
});
