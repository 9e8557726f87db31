/** What the specs of tasks share: the committed tokenizer, a tiny encoder with random weights, and graphs run by the engine. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { createGraph, input, output, type Shape } from '../graph/index.js';
import {
  architectureOf,
  createSequenceGraph,
  feedSequences,
  readModelConfig,
  sequenceInputs,
} from '../models/index.js';
import { createBuilder, initialValues, type Parameter } from '../nn/index.js';
import { createOnnxRuntimeEngine, type Tensor } from '../runtime/index.js';
import { loadTokenizer } from '../text/index.js';
import type { AnyTask } from './task-types.js';
import type { Feature } from './task.js';

export const tokenizer = loadTokenizer(fileURLToPath(new URL('../../src/text/golden/bert-uncased', import.meta.url)));
const engine = createOnnxRuntimeEngine({ threads: 1 });

const config = readModelConfig({
  model_type: 'bert',
  vocab_size: tokenizer.vocabularySize,
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 16,
  max_position_embeddings: 64,
  initializer_range: 0.5,
});

/** The loss and the logits, feature by feature, of a batch through a tiny BERT with this task's head. */
export async function runTask(
  task: AnyTask,
  features: readonly Feature[],
): Promise<{ loss: number; logits: Float32Array[]; parameters: Map<string, Parameter> }> {
  const graph = createSequenceGraph('task');
  const builder = createBuilder(graph, { training: false });
  const encoded = architectureOf(config).encode(builder, config, sequenceInputs(graph), 'bert');
  const logits = task.head(builder, encoded, config);
  output('logits', logits);
  output('loss', task.loss(builder, logits));
  const batch = feedSequences(features, { padId: tokenizer.padId });
  const integers = (data: BigInt64Array) => ({ data, shape: [batch.tokens] });
  const program = await engine.compile(graph);
  const results = await program.run(
    {
      input_ids: integers(batch.input_ids),
      token_type_ids: integers(batch.token_type_ids),
      position_ids: integers(batch.position_ids),
      attention_bias: { data: batch.attention_bias, shape: [batch.batch, 1, 1, batch.length] },
      ...task.targetFeeds(features, batch),
      ...Object.fromEntries(
        [...builder.parameters.values()].map((p) => [p.name, { data: initialValues(p, 7), shape: p.shape }]),
      ),
    },
    { logits: null, loss: null },
  );
  await program.release();
  return {
    loss: Number(results['loss']?.data[0]),
    logits: task.splitLogits(results['logits']?.data as Float32Array, features, batch),
    parameters: builder.parameters,
  };
}

/** The loss of given logits, computed by the engine. */
export async function lossOf(
  task: AnyTask,
  logits: { data: readonly number[]; shape: Shape },
  features: readonly Feature[],
  length = 1,
): Promise<number> {
  const graph = createGraph('loss', { tokens: ['length', 'batch'] });
  const builder = createBuilder(graph, { training: true });
  output('loss', task.loss(builder, input(graph, 'logits', logits.shape)));
  const layout = { batch: features.length, length, tokens: features.length * length };
  const width = Number(logits.shape[1]);
  const fed: Record<string, Tensor> = {
    logits: { data: Float32Array.from(logits.data), shape: [logits.data.length / width, width] },
    ...task.targetFeeds(features, layout),
  };
  const program = await engine.compile(graph);
  const results = await program.run(fed, { loss: null });
  await program.release();
  return Number(results['loss']?.data[0]);
}

/** A feature of which only its target matters. */
export function featureOf(target: Int32Array | Float32Array): Feature {
  const none = new Int32Array(target.length);
  const stretch = { first: 0, count: target.length, offset: 0 };
  return { example: 0, window: 0, ids: none, typeIds: none, starts: none, ends: none, wordIds: none, stretch, target };
}

const letter = fc.constantFrom(...'abcdefghij', 'É', 'ß', '中', '😀', '-', "'", '.', '7');
/** Words as texts have them; some so long that the tokenizer gives up on them, some of signs that it splits. */
const word = fc.oneof(
  { weight: 12, arbitrary: fc.string({ unit: letter, minLength: 1, maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(130)) },
);

export interface RandomText {
  text: string;
  words: [number, number][];
  entities: { start: number; end: number; label: string }[];
}

/** Texts of up to 40 words, none included, with disjoint entities of the labels that begin and end with words. */
export const randomText = (labels: readonly string[]): fc.Arbitrary<RandomText> =>
  fc
    .array(fc.record({ word, label: fc.constantFrom('', '', ...labels), goesOn: fc.boolean() }), { maxLength: 40 })
    .map((parts) => {
      const words: [number, number][] = [];
      const entities: RandomText['entities'] = [];
      let text = '';
      let open = '';
      for (const part of parts) {
        const start = text === '' ? 0 : text.length + 1;
        text = text === '' ? part.word : `${text} ${part.word}`;
        words.push([start, text.length]);
        const last = entities.at(-1);
        if (part.goesOn && last && open === last.label) last.end = text.length;
        else if (part.label !== '') entities.push({ start, end: text.length, label: part.label });
        open = part.goesOn && open !== '' ? open : part.label;
      }
      return { text, words, entities };
    });
