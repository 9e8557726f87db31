/** INT8 beside fp32, bare sessions: the same served graph in both precisions, asked in turns, so that a busy machine is busy for both. */
import { exports as models, runtime, tasks, type models as architectures } from '@fieldcraft/core/internals';
import { median } from '../table.js';

export interface SessionOptions {
  readonly config: architectures.ModelConfig;
  /** Sizes of batches. */
  readonly batches: readonly number[];
  /** Tokens of each sequence. */
  readonly length: number;
  readonly threads: number;
  readonly rounds: number;
}

/** Milliseconds of one run, the middle of all rounds. */
export interface BatchFigures {
  readonly batch: number;
  readonly fp32: number;
  readonly int8: number;
}

export interface SessionFigures {
  readonly bytes: { readonly fp32: number; readonly int8: number };
  readonly batches: readonly BatchFigures[];
}

/** Random weights, one head of tokens, so that every row of the last layer is computed. */
export async function measureSessions(options: SessionOptions): Promise<SessionFigures> {
  const { config, batches, length, threads, rounds } = options;
  const task = tasks.createTask('token-classification', { name: 'entities', labels: ['person', 'place'] });
  const heads = [{ task, output: 'entities' }];
  const weight = randomWeights(models.buildServedGraph('model', config, heads).parameters);
  const encode = (precision: models.BundlePrecision) => models.encodeServed({ config, weight }, { heads, precision });
  const files = { fp32: encode('fp32'), int8: encode('int8') };
  const sessions = {
    fp32: await runtime.openOnnxModel(files.fp32, { threads }),
    int8: await runtime.openOnnxModel(files.int8, { threads }),
  };
  const figures: BatchFigures[] = [];
  for (const batch of batches) {
    const feeds = feedsOf(config, batch, length);
    const times = { fp32: [] as number[], int8: [] as number[] };
    for (let round = -1; round < rounds; round++) {
      for (const precision of ['fp32', 'int8'] as const) {
        const started = performance.now();
        await sessions[precision].run(feeds, { entities: null });
        // The first round fills arenas.
        if (round >= 0) times[precision].push(performance.now() - started);
      }
    }
    figures.push({ batch, fp32: median(times.fp32), int8: median(times.int8) });
  }
  await sessions.fp32.release();
  await sessions.int8.release();
  return { bytes: { fp32: files.fp32.length, int8: files.int8.length }, batches: figures };
}

/** Evenly within 0.05, from a fixed seed: only speed is measured. */
function randomWeights(parameters: models.ServedGraph['parameters']): (name: string) => Float32Array {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const weights = new Map(
    parameters.map(({ name, shape }) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, Float32Array.from({ length: count }, () => 0.1 * (next() - 0.5))];
    }),
  );
  return (name) => weights.get(name)!;
}

function feedsOf({ vocab_size: vocabulary }: architectures.ModelConfig, batch: number, length: number) {
  const shape = [batch, length];
  const fill = (value: (i: number) => number) => ({
    data: BigInt64Array.from({ length: batch * length }, (_, i) => BigInt(value(i))),
    shape,
  });
  return {
    input_ids: fill((i) => (i * 7_919 + 1_000) % vocabulary),
    attention_mask: fill(() => 1),
    token_type_ids: fill(() => 0),
  };
}
