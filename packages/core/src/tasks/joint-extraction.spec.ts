/** Entities and relations found at once: what is learnt from a window, the head against its formula, and what its numbers become. */
import { describe, expect, test } from '@jest/globals';
import type { RelationExample } from '../data/index.js';
import { random } from '../foundation/index.js';
import { gradients, input, output, scatterAddRows, type Value } from '../graph/index.js';
import { createSequenceGraph, readModelConfig } from '../models/index.js';
import { createBuilder } from '../nn/index.js';
import { createOnnxRuntimeEngine, type Tensor } from '../runtime/index.js';
import { wordsOfWindow } from './joint-windows.js';
import { readExamples } from './reading.js';
import { tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';
import type { Feature } from './task.js';

const text = 'a big cat sees the unbelievable dog';
const span = (words: string, label: string) => ({
  start: text.indexOf(words),
  end: text.indexOf(words) + words.length,
  label,
});
const example: RelationExample = {
  id: 'x',
  text,
  mentions: [span('big cat', 'Animal'), span('unbelievable dog', 'Animal'), span('sees', 'Act')],
  relations: [
    { head: 0, tail: 1, label: 'knows' },
    { head: 0, tail: 1, label: 'fears' },
    { head: 0, tail: 2, label: 'does' },
  ],
};
const other: RelationExample = {
  id: 'y',
  text: 'a dog',
  mentions: [{ start: 2, end: 5, label: 'Animal' }],
  relations: [],
};
const labels = ['knows', 'fears', 'does'];
const task = createTask('joint-extraction', { name: 'graph', labels, trainExamples: [example, other] });
const lengths = { maxLength: 32, stride: 8, targets: true };
const learnt = () => task.features([example, other], tokenizer, { ...lengths, learning: true });
/** Two words, three classes (none, Act, Animal). */
const [width, classes] = [2, 3];
const rowWidth = width * classes + labels.length;

describe('what is learnt', () => {
  test('types, widths and the pairs of types that are related are counted on training', () => {
    expect(task.settings).toEqual({
      typePairs: ['Animal\tAct', 'Animal\tAnimal'],
      ...{ entityTypes: ['Act', 'Animal'], spanWidth: width, overlapping: false },
    });
  });

  test('is the class of every span, and every pair with all of its relations', async () => {
    const [feature] = await learnt();
    expect(
      wordsOfWindow(feature!).starts.map((start, i) => text.slice(start, wordsOfWindow(feature!).ends[i])),
    ).toEqual(text.split(' '));
    // By first word and width: `big cat` and `unbelievable dog` are Animal, `sees` is Act; nothing ends behind the last word.
    expect([...feature!.target!]).toEqual([0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 2, 0, -100]);
    expect(feature!.pairs).toEqual([
      { head: { first: 1, count: 2 }, tail: { first: 5, count: 2 }, numbers: { head: 0, tail: 1 }, relations: [0, 1] },
      { head: { first: 1, count: 2 }, tail: { first: 3, count: 1 }, numbers: { head: 0, tail: 2 }, relations: [2] },
      { head: { first: 5, count: 2 }, tail: { first: 1, count: 2 }, numbers: { head: 1, tail: 0 }, relations: [] },
      { head: { first: 5, count: 2 }, tail: { first: 3, count: 1 }, numbers: { head: 1, tail: 2 }, relations: [] },
    ]);
  });

  test('is drawn anew in each epoch, and the same whenever the epoch is', async () => {
    const words = Array.from({ length: 90 }, (_, i) => (i % 2 === 0 ? 'dog' : 'cat')).join(' ');
    const long = { ...other, id: 'z', text: words };
    const all = await task.features([long], tokenizer, { ...lengths, maxLength: 512, learning: true });
    const draw = (epoch: number) => task.draw!(all, { seed: 1, epoch })[0]!.target!;
    const count = (target: ArrayLike<number>, of: number) => Array.from(target).filter((one) => one === of).length;
    expect([count(all[0]!.target!, 0), count(draw(0), 0)]).toEqual([179, 100]);
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });

  test('names entities that no span fits', async () => {
    const wide = { ...example, mentions: [span('sees the unbelievable dog', 'Animal'), span('big', 'Animal')] };
    const lost = { ...wide, relations: [{ head: 0, tail: 1, label: 'knows' }] };
    const features = await task.features([lost], tokenizer, lengths);
    expect(task.notes([lost], features)[0]).toMatch(/^1 of 2 entities .* more than 2 words.* 1 relations/);
  });
});

const config = readModelConfig({
  ...{ model_type: 'bert', vocab_size: 10, hidden_size: 4, num_hidden_layers: 1, num_attention_heads: 1 },
  ...{ intermediate_size: 4, max_position_embeddings: 16, initializer_range: 0.5 },
});

/** The head alone in double precision, over random rows in place of an encoder's output. */
async function openHead(features: readonly Feature[]) {
  const batch = features.length;
  const length = Math.max(...features.map(({ ids }) => ids.length));
  const layout = { batch, length, tokens: batch * length };
  const graph = createSequenceGraph('head');
  const builder = createBuilder(graph, { training: false });
  const hidden = input(graph, 'hidden', ['tokens', 4]);
  const bias = input(graph, 'sized', ['batch', 1, 1, 'length']);
  output('sized', bias);
  const [ids, segments] = [input(graph, 'ids', ['tokens'], 'int64'), input(graph, 'segments', ['tokens'], 'int64')];
  const logits = task.head(builder, { hidden, bias, ids, segments }, config);
  const loss = task.loss(builder, logits);
  output('logits', logits);
  output('loss', loss);
  const parameters = [...builder.parameters.values()];
  const inputs: [string, Value][] = [['hidden', hidden], ...parameters.map((p): [string, Value] => [p.name, p.value])];
  gradients(
    loss,
    inputs.map(([, value]) => value),
  ).forEach((gradient, i) => {
    const [name, value] = inputs[i]!;
    const scattered = (gradient?.rows ?? []).map((rows) => scatterAddRows(rows.indices, rows.values, value));
    const parts = [...(gradient?.dense ? [gradient.dense] : []), ...scattered];
    expect(parts).toHaveLength(1);
    output(`gradient.${name}`, parts[0]!);
  });
  const rng = random(5, 'head');
  const draw = (shape: readonly number[]): Tensor => ({
    data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
    shape,
  });
  const floats: Record<string, Tensor> = {
    hidden: draw([layout.tokens, 4]),
    ...Object.fromEntries(parameters.map(({ name, shape }) => [name, draw(shape)])),
  };
  const fed = { ...task.headFeeds!(features, layout, config), ...task.targetFeeds(features, layout) };
  const doubles = Object.entries(fed).map(([name, { data, shape }]): [string, Tensor] => [
    name,
    { data: data instanceof Float32Array ? Float64Array.from(data) : data, shape },
  ]);
  const sized = { data: new Float64Array(layout.tokens), shape: [batch, 1, 1, length] };
  const program = await createOnnxRuntimeEngine({ threads: 1 }).compile(graph, { precision: 'float64' });
  const run = (changed: Record<string, Tensor>, names: readonly string[]) =>
    program.run(
      { ...Object.fromEntries(doubles), sized, ...floats, ...changed },
      Object.fromEntries(names.map((name) => [name, null])),
    );
  return { layout, floats, run, names: inputs.map(([name]) => name), release: () => program.release() };
}

describe('the head', () => {
  test('adds up what spans, widths, the sentence and the context say', async () => {
    const features = await learnt();
    const { layout, floats, run, release } = await openHead(features);
    const { logits } = await run({}, ['logits']);
    await release();
    const at = (name: string) => floats[name]!.data as Float64Array;
    const weight = (name: string) => at(`heads.graph.${name}`);
    const rowAt = (position: number, sequence: number) =>
      at('hidden').subarray((position * layout.batch + sequence) * 4);
    const highest = (from: number, to: number, sequence: number) =>
      [0, 1, 2, 3].map((c) =>
        Math.max(...Array.from({ length: to - from + 1 }, (_, i) => rowAt(from + i, sequence)[c]!)),
      );
    const product = (matrix: Float64Array, row: number, x: ArrayLike<number>) =>
      Array.from(x).reduce((sum, value, c) => sum + value * matrix[row * 4 + c]!, 0);
    const columns = classes + 2 * labels.length;
    for (const [sequence, feature] of features.entries()) {
      const words = wordsOfWindow(feature);
      const ofSpan = (word: number, more: number, column: number) =>
        product(weight('spans.weight'), column, highest(words.first[word]!, words.last[word + more]!, sequence)) +
        weight('spans.bias')[column]! +
        weight('widths.weight')[more * columns + column]!;
      const found = (word: number, column: number) =>
        Number(logits!.data[(word * layout.batch + sequence) * rowWidth + column]);
      for (let word = 0; word < words.first.length; word++) {
        for (let more = 0; more < Math.min(width, words.first.length - word); more++) {
          for (let c = 0; c < classes; c++) {
            const wanted =
              ofSpan(word, more, c) + product(weight('sentence.weight'), c, rowAt(0, sequence).subarray(0, 4));
            expect(found(word, more * classes + c)).toBeCloseTo(wanted, 9);
          }
        }
      }
      for (const [slot, { head, tail }] of (feature.pairs ?? []).entries()) {
        const [earlier, later] = head.first < tail.first ? [head, tail] : [tail, head];
        const [from, to] = [earlier.first + earlier.count, later.first - 1];
        const context = from > to ? [0, 0, 0, 0] : highest(words.first[from]!, words.last[to]!, sequence);
        for (const r of labels.keys()) {
          const wanted =
            ofSpan(head.first, head.count - 1, classes + r) +
            ofSpan(tail.first, tail.count - 1, classes + labels.length + r) +
            product(weight('context.weight'), r, context) +
            weight('context.bias')[r]!;
          expect(found(slot, width * classes + r)).toBeCloseTo(wanted, 9);
        }
      }
    }
  });

  test('has the gradients that differences show', async () => {
    const { floats, run, names, release } = await openHead(await learnt());
    const found = await run(
      {},
      names.map((name) => `gradient.${name}`),
    );
    const step = 1e-5;
    for (const name of names) {
      const { data, shape } = floats[name]!;
      const lossAt = async (j: number, delta: number) => {
        const moved = Float64Array.from({ length: data.length }, (_, i) => Number(data[i]) + (i === j ? delta : 0));
        return Number((await run({ [name]: { data: moved, shape } }, ['loss']))['loss']?.data[0]);
      };
      for (let j = 0; j < data.length; j++) {
        const numeric = ((await lossAt(j, step)) - (await lossAt(j, -step))) / (2 * step);
        expect(Math.abs(Number(found[`gradient.${name}`]?.data[j]) - numeric)).toBeLessThan(1e-6);
      }
    }
    await release();
  });
});

/** Logits that say `answers` of a window: a class a span, labels a pair. */
function saying(
  feature: Feature,
  answers: { spans?: [word: number, more: number, type: number][]; pairs?: number[][] },
) {
  const rows = new Float32Array(feature.ids.length * rowWidth).fill(-4);
  for (let word = 0; word < feature.ids.length; word++)
    for (let more = 0; more < width; more++) rows[word * rowWidth + more * classes] = 2;
  for (const [word, more, type] of answers.spans ?? []) rows[word * rowWidth + more * classes + type] = 6;
  for (const [slot, relations] of (answers.pairs ?? []).entries())
    for (const relation of relations) rows[slot * rowWidth + width * classes + relation] = 4;
  return rows;
}

test('what a window has no words, spans or pairs for is 0, whatever is in the batch', async () => {
  const features = (await task.features([example, other], tokenizer, { ...lengths, targets: false })).map((one) => ({
    ...one,
    pairs: [{ head: { first: 0, count: 1 }, tail: { first: 1, count: 1 }, numbers: { head: 0, tail: 1 } }],
  }));
  const length = Math.max(...features.map(({ ids }) => ids.length));
  const layout = { batch: 2, length, tokens: 2 * length };
  const ones = new Float32Array(layout.tokens * rowWidth).fill(1);
  const [, second] = task.splitLogits(ones, features, layout);
  expect(wordsOfWindow(features[1]!).first).toHaveLength(2);
  const classesOf = (spans: number) => Array.from({ length: width * classes }, (_, i) => (i < spans * classes ? 1 : 0));
  const [asked, none] = [labels.map(() => 1), labels.map(() => 0)];
  const absent = Array.from({ length: features[1]!.ids.length - 2 }, () => [...classesOf(0), ...none]);
  expect(Array.from(second!)).toEqual([...classesOf(2), ...asked, ...classesOf(1), ...none, ...absent.flat()]);
});

describe('numbers become', () => {
  const plain = { ...lengths, targets: false };

  test('entities first, then relations between those', async () => {
    const features = await task.features([example], tokenizer, plain);
    let asked: readonly Feature[] = [];
    const read = await readExamples(task, [example], features, (own) => {
      if (own === features)
        return Promise.resolve(
          own.map((one) =>
            saying(one, {
              spans: [
                [1, 1, 2],
                [5, 1, 2],
                [3, 0, 1],
              ],
            }),
          ),
        );
      asked = own;
      // Pairs in their order: cat-sees, cat-dog, dog-cat, dog-sees.
      return Promise.resolve(own.map((one) => saying(one, { pairs: [[2], [0], [], [2]] })));
    });
    expect(asked.map(({ pairs }) => pairs?.map(({ numbers }) => [numbers.head, numbers.tail]))).toEqual([
      [
        [0, 1],
        [0, 2],
        [2, 0],
        [2, 1],
      ],
    ]);
    const predictions = task.decode([example], read.features, read.logits, {});
    expect(predictions[0]?.entities.map(({ text: words, label }) => [words, label])).toEqual([
      ['big cat', 'Animal'],
      ['sees', 'Act'],
      ['unbelievable dog', 'Animal'],
    ]);
    expect(predictions[0]?.relations.map(({ head, tail, label }) => [head, tail, label])).toEqual([
      [0, 1, 'does'],
      [0, 2, 'knows'],
      [2, 1, 'does'],
    ]);
    const { metrics, perLabel } = task.score([example], predictions);
    expect(metrics).toMatchObject({ entityF1: 1, relationF1: 2 / 3, boundariesF1: 2 / 3, relationRecall: 2 / 3 });
    expect(perLabel.map(({ label, support }) => [label, support])).toEqual(labels.map((label) => [label, 1]));
    expect(task.intervals([example], predictions, { seed: 1 })['relationF1']?.low).toBeCloseTo(2 / 3, 9);
    expect(task.mistakes([example], predictions)).toMatchObject([
      {
        ...{ gold: ['big cat — fears → unbelievable dog'], predicted: ['unbelievable dog — does → sees'] },
        labels: ['fears', 'does'],
      },
    ]);
    // Relations whose entities were not found are missed at any threshold: they are no reason to predict everything.
    const silent = features.map((one) => ({ ...one, example: 1 }));
    const both = task.tune(
      [example, { ...example, id: 'lost' }],
      [...read.features, ...silent],
      [...read.logits, ...silent.map((one) => saying(one, {}))],
    );
    expect(both.thresholds).toEqual([0.5, 0.5, 0.5]);
    // All that were said are far above all that were not.
    const { thresholds } = task.tune([example], read.features, read.logits);
    expect(thresholds).toEqual([0.5, 0.5, 0.5]);
  });

  test('an entity of another type counts by its boundaries alone', () => {
    const entities = example.mentions.map((mention, i) => ({
      ...mention,
      ...(i === 1 ? { label: 'Act' } : {}),
      ...{ text: '', confidence: 0.9 },
    }));
    const relations = example.relations.map((relation) => ({ ...relation, confidence: 0.9 }));
    const { metrics } = task.score([example], [{ entities, relations }]);
    expect(metrics).toMatchObject({ boundariesF1: 1, relationF1: 1 / 3, entityF1: 2 / 3 });
  });

  test('of entities that overlap the surest, and nothing where nothing is said', async () => {
    const features = await task.features([example, { id: 'empty', text: '' }], tokenizer, plain);
    const logits = features.map((one) =>
      saying(one, {
        spans:
          one.example === 0
            ? [
                [1, 1, 2],
                [2, 0, 1],
              ]
            : [],
      }),
    );
    logits[0]![1 * rowWidth + classes + 2] = 9;
    const read = await readExamples(task, [example, { id: 'empty', text: '' }], features, () =>
      Promise.resolve(logits),
    );
    const predictions = task.decode([example, { id: 'empty', text: '' }], read.features, read.logits, {});
    expect(predictions.map(({ entities }) => entities.map((entity) => entity.text))).toEqual([['big cat'], []]);
  });

  test('entities of a long text once, from whichever window shows more around them', async () => {
    const filler = 'the old tree and the river and the bank '.repeat(6);
    const long = { id: 'long', text: `${filler}${text} ${filler}` };
    const features = await task.features([long], tokenizer, { ...plain, maxLength: 48, stride: 32 });
    expect(features.length).toBeGreaterThan(2);
    const logits = features.map((feature) => {
      const { starts } = wordsOfWindow(feature);
      const spans = [
        ['big', 1],
        ['unbelievable', 1],
      ].flatMap(([word, more]): [number, number, number][] => {
        const at = starts.indexOf(filler.length + text.indexOf(String(word)));
        return at === -1 ? [] : [[at, Number(more), 2]];
      });
      return saying(feature, { spans });
    });
    const read = await readExamples(task, [long], features, (own) =>
      Promise.resolve(own === features ? logits : own.map((one) => saying(one, { pairs: [[0], []] }))),
    );
    expect(read.features.length).toBe(features.length + 1);
    const [prediction] = task.decode([long], read.features, read.logits, {});
    expect(prediction?.entities.map((entity) => entity.text)).toEqual(['big cat', 'unbelievable dog']);
    expect(prediction?.relations.map(({ head, tail, label }) => [head, tail, label])).toEqual([[0, 1, 'knows']]);
  });
});

test('baselines: no entities, and those of training with the words between them', () => {
  const sentence = (id: number, verb: string): RelationExample => {
    const said = `the cat ${verb} the dog`;
    const mentions = [
      { start: 4, end: 7, label: 'Animal' },
      { start: said.length - 3, end: said.length, label: 'Animal' },
    ];
    return {
      id: String(id),
      text: said,
      mentions,
      relations: verb === 'sees' ? [{ head: 0, tail: 1, label: 'knows' }] : [],
    };
  };
  const examples = Array.from({ length: 20 }, (_, i) => sentence(i, i % 2 === 0 ? 'sees' : 'leaves'));
  const own = createTask('joint-extraction', { name: 'graph', labels, trainExamples: examples });
  const scores = own.baselines().map(({ name, predict }) => {
    const { relationF1, entityF1 } = own.score(examples, predict(examples, [], examples)).metrics;
    return [name, relationF1, entityF1];
  });
  expect(scores).toEqual([
    ['majority', 0, 0],
    ['tfidf', 1, 1],
  ]);
});
