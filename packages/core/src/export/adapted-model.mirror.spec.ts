/** PEFT's own adapter: read as it says, with its logits, loss, gradients and merged weights; and written again as it was. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openSafetensors, readAdapter, writeAdapter } from '../checkpoint/index.js';
import { adapterSites, readModelConfig, rolesAndLayers } from '../models/index.js';
import { adapterParts } from '../nn/index.js';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import { createTask, type Feature } from '../tasks/index.js';
import { trainWordPiece } from '../text/index.js';
import {
  batchOf,
  createDropoutMasks,
  createParameterStore,
  createScorer,
  createStepProgram,
} from '../training/index.js';
import { loadBase, loadHead, mergeInto } from './adapted-model.js';
import { loadAdaptedModel, loadAdapters, loadPredictor, openAdapter } from './index.js';

const mirror = process.env['FIELDCRAFT_MIRROR'];
const engine = createOnnxRuntimeEngine({ threads: 1 });
const root = mkdtempSync(join(tmpdir(), 'fieldcraft-peft-'));
afterAll(() => rmSync(root, { recursive: true }));

/** The largest difference of two lists of one length. */
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length ? Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!))) : Infinity;

if (mirror)
  describe('a LoRA adapter of PEFT', () => checkFixture(join(mirror, 'fixtures', 'reference', 'peft-lora-bert')));
else test.skip('a LoRA adapter of PEFT (needs FIELDCRAFT_MIRROR)', () => undefined);

function checkFixture(fixture: string): void {
  const folder = join(fixture, 'adapter');
  const base = join(fixture, 'base');
  const expected = openSafetensors(join(fixture, 'expected.safetensors'));
  afterAll(() => expected.close());
  const config = readModelConfig(base);
  const numbers = (name: string) => expected.readFloat32(name);
  const integers = (name: string) => {
    const bytes = expected.readRaw(name);
    return Array.from(new BigInt64Array(Uint8Array.from(bytes).buffer), Number);
  };

  const features = (() => {
    const [ids, mask, labels] = ['input_ids', 'attention_mask', 'labels'].map((name) => integers(`in.${name}`));
    return [0, 1, 2].map((example): Feature => {
      const length = mask!.slice(example * 12, example * 12 + 12).reduce((sum, one) => sum + one, 0);
      const empty = new Int32Array(length);
      return {
        ...{ example, window: 0, ids: Int32Array.from(ids!.slice(example * 12, example * 12 + length)) },
        ...{ typeIds: empty, starts: empty, ends: empty, wordIds: empty, target: Int32Array.of(labels![example]!) },
        stretch: { first: 0, count: length, offset: 0 },
      };
    });
  })();

  /** Base, adapter and head in a store, the step that trains them beside the frozen base, and a scorer. */
  async function open() {
    const opened = await openAdapter(folder, { base });
    const { adapter, task: saved } = opened;
    const { rank, scale, modules } = adapter;
    const adapters = { rank, alpha: scale * rank, dropout: 0, ...rolesAndLayers([...modules.keys()], config) };
    const task = createTask('classification', { name: saved.name, labels: saved.labels });
    const program = createStepProgram(task, config, { adapters, trainable: ({ kind }) => kind !== 'base' });
    const parameters = program.parameters.map((one) => ({ ...one, trainable: one.kind !== 'base' }));
    const store = createParameterStore(parameters);
    loadBase(store, program.parameters, opened);
    loadHead(
      store,
      program.parameters.filter(({ kind }) => kind === 'head'),
      opened,
    );
    for (const [module, { a, b }] of modules) {
      const names = adapterParts(module);
      store.slot(names.a).weight.set(a.data);
      store.slot(names.b).weight.set(b.data);
    }
    const scorer = await createScorer<Feature>(engine, task, config, { adapters });
    return { opened, adapter, adapters, task, program, store, scorer };
  }

  test('is understood: rank, scale, which layers, and the head that is kept with it', async () => {
    const { adapter, adapters, opened, scorer } = await open();
    expect(adapters).toMatchObject({ rank: 4, alpha: 8, roles: ['query', 'value'], skippedLayers: 0 });
    expect([...adapter.saved.keys()].sort()).toEqual(['classifier.bias', 'classifier.weight']);
    expect(opened.task).toMatchObject({ kind: 'classification', labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'] });
    expect(adapterSites(config).size).toBe(12);
    await scorer.release();
  });

  test('gives its logits, its loss and its gradients, and nothing has a gradient but the adapter and the head', async () => {
    const { task, program, store, scorer } = await open();
    const logits = await scorer.score(store, features);
    expect(
      furthest(
        logits.flatMap((row) => [...row]),
        numbers('out.logits'),
      ),
    ).toBeLessThan(1e-6);
    const step = await program.compile(engine);
    const batch = batchOf(features, config);
    const feeds = task.targetFeeds(features, batch);
    const run = { store, batch, feeds, masks: createDropoutMasks(1), maskNumber: 0, share: 1, accumulate: false };
    expect(Math.abs((await step.run(run)) - numbers('out.loss')[0]!)).toBeLessThan(1e-6);
    let compared = 0;
    for (const name of expected.tensors.keys()) {
      const [, module, kind, rest] =
        /^grad\.base_model\.model\.(.+)\.(lora_[AB]|modules_to_save)\.default\.(.+)$/.exec(name) ?? [];
      if (module === undefined) continue;
      const own = kind === 'modules_to_save' ? `heads.${task.name}.${module}.${rest}` : `${module}.${kind}.${rest}`;
      const wanted = numbers(name);
      const largest = Math.max(...wanted.map(Math.abs));
      expect([own, furthest(store.slot(own).gradient, wanted) < 1e-4 * largest]).toEqual([own, true]);
      compared++;
    }
    expect(compared).toBe(10);
    const own = program.trained.filter((name) => !name.includes('.pooler.'));
    expect(own).toHaveLength(compared);
    await step.release();
    await scorer.release();
  });

  test('is merged into the base as PEFT merges it', async () => {
    const { opened, adapter, program, store, scorer } = await open();
    expect(mergeInto(store, adapter, config)).toBe(4);
    for (const { name, kind } of program.parameters.filter((one) => one.kind === 'base')) {
      expect([name, kind, furthest(store.slot(name).weight, numbers(`merged.${name}`)) < 1e-6]).toEqual([
        name,
        kind,
        true,
      ]);
    }
    expect(opened.base.folder).toBe(base);
    await scorer.release();
  });

  test('is written again in the same files, tensor for tensor', () => {
    const adapter = readAdapter(folder);
    const again = join(root, 'again');
    writeAdapter(again, { ...adapter, savedModules: ['classifier'], targetModules: ['query', 'value'] });
    const [theirs, ours] = [folder, again].map((at) => openSafetensors(join(at, 'adapter_model.safetensors')));
    expect([...ours!.tensors.keys()].sort()).toEqual([...theirs!.tensors.keys()].sort());
    for (const [name, { shape }] of theirs!.tensors) {
      expect(ours!.tensors.get(name)?.shape).toEqual(shape);
      expect(ours!.readFloat32(name)).toEqual(theirs!.readFloat32(name));
    }
    for (const file of [theirs, ours]) file!.close();
    const read = (at: string) =>
      JSON.parse(readFileSync(join(at, 'adapter_config.json'), 'utf8')) as Record<string, unknown>;
    const [config, written] = [read(folder), read(again)];
    for (const key of ['r', 'lora_alpha', 'lora_dropout', 'peft_type', 'target_modules', 'bias', 'fan_in_fan_out'])
      expect([key, written[key]]).toEqual([key, config[key]]);
    expect(Object.keys(written).filter((key) => !(key in config))).toEqual([]);
  });

  test('predicts on a base with a tokenizer, alone and beside another adapter on the same base', async () => {
    const complete = join(root, 'base');
    cpSync(base, complete, { recursive: true });
    const texts = ['the supplier shall deliver the goods', 'we may terminate your account'];
    trainWordPiece(texts, { vocabularySize: 128 }).save(complete);
    const [one, other] = ['one', 'other'].map((name) => join(root, name));
    for (const copy of [one!, other!]) cpSync(folder, copy, { recursive: true });
    // The other one has a stronger effect.
    const path = join(other!, 'adapter_config.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"lora_alpha": 8', '"lora_alpha": 400'));

    const alone = await loadPredictor(one!, { base: complete, threads: 1 });
    const both = await loadAdapters({ first: one!, second: other! }, { base: complete, threads: 1 });
    const probabilities = async (predictor: typeof alone, task: string) =>
      (await predictor.predict(task, texts)).map((said) =>
        'probabilities' in said ? Object.values(said.probabilities) : [said],
      );
    const flat = (values: unknown[][]) => values.flat().map(Number);
    const [expectedOfOne, ofFirst, ofSecond] = [
      flat(await probabilities(alone, 'one')),
      flat(await probabilities(both, 'first')),
      flat(await probabilities(both, 'second')),
    ];
    expect(expectedOfOne.every(Number.isFinite)).toBe(true);
    expect(furthest(ofFirst, expectedOfOne)).toBeLessThan(1e-5);
    expect(furthest(ofSecond, expectedOfOne)).toBeGreaterThan(1e-4);
    const merged = await loadAdaptedModel(other!, { base: complete });
    expect(merged.tasks.map(({ name }) => name)).toEqual(['other']);
    for (const predictor of [alone, both]) await predictor.release();
  });

  test.each([
    ['DoRA', '"use_dora": false', '"use_dora": true', 'FC_WEIGHTS'],
    ['another kind', '"peft_type": "LORA"', '"peft_type": "IA3"', 'FC_WEIGHTS'],
    ['another rank', '"r": 4', '"r": 8', 'FC_WEIGHTS'],
    ['no JSON', '{', '', 'FC_FILE_FORMAT'],
  ])('%s is refused', (name, from, to, code) => {
    const copy = join(root, name);
    cpSync(folder, copy, { recursive: true });
    const path = join(copy, 'adapter_config.json');
    expect(existsSync(path)).toBe(true);
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
    expect(() => readAdapter(copy)).toThrow(expect.objectContaining({ code }));
  });
}
