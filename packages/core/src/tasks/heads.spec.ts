/** Heads of whole sequences: what they read of an encoder, by hand. */
import { expect, test } from '@jest/globals';
import { createGraph, input, output, reshape } from '../graph/index.js';
import { readModelConfig } from '../models/index.js';
import { createBuilder } from '../nn/index.js';
import { createOnnxRuntimeEngine, type Tensor } from '../runtime/index.js';
import { createTask } from './task-types.js';

const [length, batch, width] = [3, 2, 4];
const configOf = (pooling: 'cls' | 'mean') =>
  readModelConfig({
    ...{ model_type: 'bert', vocab_size: 9, hidden_size: width, num_hidden_layers: 1, num_attention_heads: 2 },
    ...{ intermediate_size: 8, classifier_pooling: pooling },
  });

/** Position first: of the second sequence the last token is padding, whose numbers would show in any mean. */
const rows = [
  [[1, 2, 3, 4], [0.5, 0.25, -1, 2]],
  [[-1, 0, 1, 2], [1.5, 0.75, 3, 0]],
  [[3, 1, -1, 0], [900, 900, 900, 900]],
]; // prettier-ignore
const feeds: Record<string, Tensor> = {
  hidden: { data: Float32Array.from(rows.flat(2)), shape: [length, batch, width] },
  bias: { data: Float32Array.of(0, 0, 0, 0, 0, -1e9), shape: [batch, 1, 1, length] },
  ids: { data: BigInt64Array.of(7n, 5n, 8n, 7n, 6n, 7n), shape: [length * batch] },
  segments: { data: BigInt64Array.of(0n, 0n, 1n, 0n, 1n, 0n), shape: [length * batch] },
};
/** What `segments` says of the first sequence; the second one has none. */
const secondSegment = [1, 3];
/** Of the first sequence token 0 marks one thing, tokens 1 and 2 another one, by two signs; the second sequence has marks of the first thing alone, once as padding. */
const markTokens = [[7], [8, 6]];

const tasks = (['classification', 'pair-classification', 'sequential-classification', 'multi-label'] as const).map(
  (kind) => createTask(kind, { name: 't', labels: ['a', 'b', 'c'] }),
);
const others = [
  createTask('regression', { name: 't', labels: [], settings: { mean: 0, deviation: 1 } }),
  createTask('multiple-choice', { name: 't', labels: [] }),
  createTask('relation-extraction', { name: 't', labels: ['a', 'b'] }),
  createTask('sequential-classification', { name: 't', labels: ['a', 'b'], settings: { ownTokens: true } }),
  createTask('relation-extraction', { name: 't', labels: ['a'], settings: { markTokens } }),
  createTask('classification', { name: 't', labels: ['a', 'b'], settings: { markTokens } }),
];

test.each([...tasks, ...others].map((task) => [task.kind, task] as const))(
  'a head of %s reads the mean of the real tokens, of a sentence among others that of its own, beside it those of marks, or the first one through its pooler',
  async (_, task) => {
    const engine = createOnnxRuntimeEngine({ threads: 1 });
    for (const pooling of ['mean', 'cls'] as const) {
      const graph = createGraph('head', { tokens: ['length', 'batch'] });
      const b = createBuilder(graph, { training: false });
      const encoded = {
        hidden: reshape(input(graph, 'hidden', ['length', 'batch', width]), ['tokens', width]),
        bias: input(graph, 'bias', ['batch', 1, 1, 'length']),
        ids: input(graph, 'ids', ['tokens'], 'int64'),
        segments: input(graph, 'segments', ['tokens'], 'int64'),
      };
      output('logits', task.head(b, encoded, configOf(pooling)));
      const weights = new Map<string, number[]>();
      for (const { name, shape } of b.parameters.values()) {
        const size = shape.reduce((product, n) => product * n, 1);
        weights.set(
          name,
          Array.from({ length: size }, (_, i) => Math.sin(i + name.length)),
        );
        feeds[name] = { data: Float32Array.from(weights.get(name)!), shape: [...shape] };
      }
      const names = [...weights.keys()].map((name) => name.replace('heads.t.', ''));
      const classifier = ['classifier.weight', 'classifier.bias'];
      expect(names).toEqual(
        pooling === 'mean' ? classifier : ['pooler.dense.weight', 'pooler.dense.bias', ...classifier],
      );

      const program = await engine.compile(graph);
      const { logits } = await program.run(feeds, { logits: null });
      await program.release();
      const product = (module: string, x: readonly number[]) => {
        const [w, c] = ['weight', 'bias'].map((part) => weights.get(`heads.t.${module}.${part}`)!);
        return c!.map((bias, o) => x.reduce((sum, value, i) => sum + value * w![o * x.length + i]!, bias));
      };
      const mean = (of: number[][]) => of[0]!.map((_, i) => of.reduce((sum, row) => sum + row[i]!, 0) / of.length);
      const ofFirst = task.settings.ownTokens ? secondSegment : [];
      const first = (row: number[]) => product('pooler.dense', row).map(Math.tanh);
      const sequences = [0, 1].map((sequence) => rows.map((at) => at[sequence]!));
      const [one, other] = sequences as [number[][], number[][]];
      const atMarks = [
        [one, one.slice(0, 1), one.slice(1)],
        [other.slice(0, 2), other.slice(1, 2), other.slice(0, 2)],
      ].map((parts) => parts.flatMap(mean));
      const read =
        pooling === 'mean'
          ? task.settings.markTokens
            ? atMarks
            : [mean(sequences[0]!.slice(...ofFirst)), mean(sequences[1]!.slice(0, 2))]
          : sequences.map(([row]) => first(row!));
      const expected = read.flatMap((vector) => product('classifier', vector));
      expect(logits!.data).toHaveLength(expected.length);
      expected.forEach((value, i) => expect(Number(logits!.data[i])).toBeCloseTo(value, 4));
    }
  },
);
