/** Pretraining on masked words: what is learnt, what stays as it was meanwhile, and exact resumption in both of its phases. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readModelConfig } from '../models/index.js';
import type { Arithmetic } from '../nn/index.js';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import { trainWordPiece, type Encoding, type Tokenizer } from '../text/index.js';
import { initialise } from './load-weights.js';
import { maskWindows } from './masked-words.js';
import { heldOutCurve, pretrain, type PretrainRequest } from './pretrain.js';
import { refusal } from './spec-support.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-pretrain-'));
afterAll(() => rmSync(temporary, { recursive: true }));
let folders = 0;
function emptyFolder(): string {
  const folder = join(temporary, String(++folders));
  mkdirSync(folder);
  return folder;
}

const subjects = ['the tenant', 'the landlord', 'the agent', 'a guest'];
const verbs = ['shall pay', 'may waive', 'must return', 'will keep'];
const objects = ['the rent', 'the deposit', 'the key', 'a notice'];
const texts = subjects.flatMap((subject) =>
  verbs.flatMap((verb) => objects.map((object) => `${subject} ${verb} ${object}.`)),
);

let tokenizer: Tokenizer;
let encodings: Encoding[];
beforeAll(async () => {
  tokenizer = trainWordPiece(texts, { vocabularySize: 200 });
  encodings = await tokenizer.encodeMany(texts);
});

const masked = (list: readonly Encoding[], epoch: number) => maskWindows(list, epoch, { tokenizer, seed: 1 });

interface Session extends Partial<PretrainRequest> {
  readonly headless?: boolean;
  readonly seed?: number;
  readonly arithmetic?: Arithmetic;
}

async function session(folder: string, more: Session = {}) {
  const { headless = true, seed = 7, arithmetic = 'fp32', ...rest } = more;
  const config = readModelConfig({
    model_type: 'bert',
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 64,
    max_position_embeddings: 32,
    initializer_range: 0.1,
  });
  const held = encodings.filter((_, i) => i % 4 === 0);
  const learnt = encodings.filter((_, i) => i % 4 !== 0);
  const result = await pretrain({
    engine: createOnnxRuntimeEngine({ threads: 1 }),
    config,
    load(store, parameters) {
      const loaded = initialise(store, parameters, seed);
      return headless ? loaded : { ...loaded, fresh: [] };
    },
    windows: (epoch) => masked(learnt, epoch),
    headWindows: [...masked(learnt, 3_000_000), ...masked(learnt, 3_000_001)],
    heldOut: masked(held, 1_000_000),
    others: new Map([['first words', masked(held.slice(0, 4), 2_000_000)]]),
    options: {
      ...{ seed: 1, batchSize: 16, updates: 60, evaluations: 4, learningRate: 5e-3, warmup: 0.1, weightDecay: 0.01 },
      ...{ clipNorm: 1, headUpdates: 40, headLearningRate: 5e-3, checkpointSeconds: 1000, arithmetic },
    },
    folder,
    stopRequested: () => false,
    ...rest,
  });
  const weights = new Map([...result.store.slots].map(([name, { weight }]) => [name, weight.slice()]));
  return { ...result, weights };
}

describe('pretraining', () => {
  test('trains a new head on the encoder as it is, then both, and tells held-out words better after each', async () => {
    const phases = new Map<string, number[]>();
    const { head, encoder, before, after } = await session(emptyFolder(), {
      onEvaluation: ({ phase, loss }) => phases.set(phase, [...(phases.get(phase) ?? []), loss]),
    });
    const guess = Math.log(tokenizer.vocabularySize);
    expect(before.heldOut).toBeLessThan(guess - 0.5);
    expect(after.heldOut).toBeLessThan(before.heldOut - 0.5);
    expect(after.others['first words']).toBeLessThan(before.others['first words'] as number);
    expect([...phases.keys()]).toEqual(['head', 'encoder']);
    expect(heldOutCurve(encoder).map(({ loss }) => loss)).toEqual(phases.get('encoder'));
    expect(head?.update).toBeGreaterThan(0);
  });

  test('leaves a head alone that the checkpoint has', async () => {
    const { head, before } = await session(emptyFolder(), { headless: false });
    expect(head).toBeNull();
    expect(before.heldOut).toBeGreaterThan(0);
  });

  test('does not touch the encoder while the head is new', async () => {
    const folder = emptyFolder();
    let started: Map<string, Float32Array> | undefined;
    let now: (() => Map<string, Float32Array>) | undefined;
    await refusal(() =>
      session(folder, {
        load(store, parameters) {
          const loaded = initialise(store, parameters, 7);
          const copy = () =>
            new Map(
              parameters
                .filter(({ kind }) => kind === 'base')
                .map(({ name }) => [name, store.slot(name).weight.slice()]),
            );
          started = copy();
          now = copy;
          return loaded;
        },
        onUpdate({ phase }) {
          if (phase === 'encoder') throw new Error('enough');
        },
        stopRequested: () => false,
      }),
    ).catch(() => undefined);
    expect(started?.size).toBeGreaterThan(0);
    // One update of the encoder was made when it stopped, at rate 0: the first of a warm-up.
    expect(now?.()).toEqual(started);
  });

  test.each([
    ['head', 'fp32'],
    ['encoder', 'fp32'],
    ['encoder', 'int8'],
  ] as const)('ends in the same weights to the bit after a stop in its %s phase (%s)', async (stopped, arithmetic) => {
    const whole = await session(emptyFolder(), { arithmetic });
    const folder = emptyFolder();
    let made = 0;
    const { code } = await refusal(() =>
      session(folder, {
        arithmetic,
        onUpdate({ phase, progress }) {
          if (phase === stopped) made = progress.update;
        },
        stopRequested: () => made >= 7,
      }),
    );
    expect(code).toBe('FC_INTERRUPTED');
    // Other weights to begin with but for the encoder's, which a head's state does not hold.
    const resumed = await session(folder, { arithmetic });
    expect(resumed.weights).toEqual(whole.weights);
    expect(resumed.before).toEqual(whole.before);
    expect(resumed.after).toEqual(whole.after);
  });

  test('in INT8 a new head and what is measured before stay as they are, and the encoder learns as in floats', async () => {
    const [floats, int8] = [await session(emptyFolder()), await session(emptyFolder(), { arithmetic: 'int8' })];
    expect([int8.head?.update, int8.before]).toEqual([floats.head?.update, floats.before]);
    expect(int8.after.heldOut).not.toBe(floats.after.heldOut);
    expect(Math.abs(int8.after.heldOut - floats.after.heldOut)).toBeLessThan(0.05);
  });

  test('refuses to go without held-out text', async () => {
    const { code } = await refusal(() => session(emptyFolder(), { heldOut: [] }));
    expect(code).toBe('FC_DATA');
  });
});
