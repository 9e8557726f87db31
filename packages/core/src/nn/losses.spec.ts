/** Every loss against PyTorch's value and gradient in float64, and the properties that its definition promises. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openSafetensors } from '../checkpoint/index.js';
import { add, createGraph, gradients, input, output, type Value } from '../graph/index.js';
import { createOnnxRuntimeEngine, type Tensor } from '../runtime/index.js';
import {
  binaryCrossEntropy,
  bitDivergence,
  classDivergence,
  contrastive,
  contrastiveScores,
  cosineDistance,
  cosines,
  crossEntropy,
  distillation,
  meanSquaredError,
  spanLoss,
  valueDivergence,
} from './index.js';

const engine = createOnnxRuntimeEngine();

type Inputs = Record<string, { shape: string[] | (string | number)[]; tensor: Tensor }>;

/** The value of a loss of `inputs`, and its gradient for those named in `of`, in float64. */
async function evaluate(inputs: Inputs, of: string[], build: (values: Record<string, Value>) => Value) {
  const graph = createGraph('loss', { tokens: ['length', 'batch'] });
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, tensor }]) => [
      name,
      input(graph, name, shape, tensor.data instanceof BigInt64Array ? 'int64' : 'float'),
    ]),
  );
  const loss = build(values);
  output('loss', loss);
  const found = gradients(
    loss,
    of.map((name) => values[name] as Value),
  );
  found.forEach((gradient, i) => gradient?.dense && output(`d.${of[i]}`, gradient.dense));
  const program = await engine.compile(graph, { precision: 'float64' });
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { tensor }]) => [name, tensor]));
  const results = await program.run(feeds, Object.fromEntries([...program.outputs].map((name) => [name, null])));
  await program.release();
  return {
    value: Number(results['loss']?.data[0]),
    gradients: of.map((name) => [...(results[`d.${name}`]?.data ?? [])].map(Number)),
  };
}

const floats = (shape: (string | number)[], sizes: number[], data: number[] | Float64Array) => ({
  shape,
  tensor: { data: Float64Array.from(data), shape: sizes },
});
const labels = (shape: string[], data: number[]) => ({
  shape,
  tensor: { data: BigInt64Array.from(data, BigInt), shape: [data.length] },
});

const mirror = process.env['FIELDCRAFT_MIRROR'];
const weights = [1, 2, 0.5, 3];
type Two = { x0: Value; x1: Value; labels: Value; multilabel: Value; teacher: Value };
const references: Record<string, (values: Two) => Value> = {
  cross_entropy: ({ x0, labels }) => crossEntropy(x0, labels),
  cross_entropy_weighted: ({ x0, labels }) => crossEntropy(x0, labels, { weights }),
  'cross_entropy_smooth_0.1': ({ x0, labels }) => crossEntropy(x0, labels, { smoothing: 0.1 }),
  focal_gamma2: ({ x0, labels }) => crossEntropy(x0, labels, { focus: 2 }),
  bce_with_logits: ({ x0, multilabel }) => binaryCrossEntropy(x0, multilabel),
  bce_pos_weight: ({ x0, multilabel }) => binaryCrossEntropy(x0, multilabel, { positiveWeights: weights }),
  mse: ({ x0, teacher }) => meanSquaredError(x0, teacher),
  distillation_kl_T2: ({ x0, teacher }) => distillation(x0, teacher, { temperature: 2 }),
  symmetric_kl: ({ x0, teacher }) => add(classDivergence(x0, teacher), classDivergence(teacher, x0)),
  cosine_embedding: ({ x0, teacher }) => cosineDistance(x0, teacher),
  in_batch_contrastive_scale20: ({ x0, x1 }) => contrastive(contrastiveScores(x0, x1, { scale: 20 })),
};

(mirror ? describe : describe.skip)('reference losses (needs FIELDCRAFT_MIRROR)', () => {
  const open = () => openSafetensors(join(String(mirror), 'fixtures/reference/losses/expected.safetensors'));
  const read = (name: string) => {
    const file = open();
    const bytes = file.readRaw(name);
    const shape = file.tensors.get(name)?.shape ?? [];
    file.close();
    return { data: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8), bytes, shape };
  };

  test('the table has every loss of the file', () => {
    const file = open();
    const names = [...file.tensors.keys()].filter((name) => name.endsWith('.value'));
    file.close();
    expect(Object.keys(references).sort()).toEqual(names.map((name) => name.replace(/\.value$/, '')).sort());
  });

  test.each(Object.keys(references))('%s', async (name) => {
    const build = references[name] as (values: Two) => Value;
    const of = name.startsWith('in_batch') ? ['x0', 'x1'] : ['x0'];
    const used = of.map((x) => {
      const { data, shape } = read(`${name}.${x}`);
      return [x, floats(['batch', shape[1] as number], [...shape], data)] as const;
    });
    const side = ['teacher', 'multilabel'].map((x) => {
      const { data, shape } = read(x);
      return [x, floats(['batch', 4], [...shape], data)] as const;
    });
    const { bytes } = read('labels');
    const classes = new BigInt64Array(bytes.buffer, bytes.byteOffset, 6);
    const inputs = { ...Object.fromEntries([...used, ...side]), labels: labels(['batch'], [...classes].map(Number)) };
    const got = await evaluate(inputs, of, (values) => build(values as Two));
    expect(Math.abs(got.value - Number(read(`${name}.value`).data[0]))).toBeLessThan(1e-9);
    of.forEach((x, i) => {
      const expected = read(`${name}.d${x}`).data;
      expect(got.gradients[i]).toHaveLength(expected.length);
      const worst = expected.reduce(
        (most, value, j) => Math.max(most, Math.abs(value - Number(got.gradients[i]?.[j]))),
        0,
      );
      expect(worst).toBeLessThan(1e-9);
    });
  });
});

const logits = [2.3, -1.2, 0.4, 0.1, 0.7, -0.3];
const rows = { x: floats(['batch', 3], [2, 3], logits) };

describe('cross entropy', () => {
  test('is 0 with no gradient where no row counts', async () => {
    const got = await evaluate({ ...rows, labels: labels(['batch'], [-100, -100]) }, ['x'], ({ x, labels }) =>
      crossEntropy(x as Value, labels as Value, { weights: [1, 2, 3], smoothing: 0.2, focus: 1.5 }),
    );
    expect(got.value).toBeCloseTo(0, 15);
    expect(Math.max(...(got.gradients[0] ?? [1]).map(Math.abs))).toBe(0);
  });

  test('smoothing and weights together are as PyTorch defines them', async () => {
    // (1-e) sum w[y] nll / sum w[y] + e/C sum_c w[c] nll_c / sum w[y], by hand.
    const [w, e, y] = [[1, 2, 0.5], 0.1, [2, 1]];
    const nll = [0, 1].map((i) => {
      const row = logits.slice(3 * i, 3 * i + 3);
      const normalizer = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
      return row.map((value) => normalizer - value);
    });
    const weightOf = (c: number) => w[c] as number;
    const total = y.reduce((sum, c) => sum + weightOf(c), 0);
    const hard = y.reduce((sum, c, i) => sum + weightOf(c) * Number(nll[i]?.[c]), 0) / total;
    const soft = nll.flat().reduce((sum, value, j) => sum + weightOf(j % 3) * value, 0) / total;
    const got = await evaluate({ ...rows, labels: labels(['batch'], y) }, ['x'], ({ x, labels }) =>
      crossEntropy(x as Value, labels as Value, { weights: w, smoothing: e }),
    );
    expect(got.value).toBeCloseTo((1 - e) * hard + (e / 3) * soft, 12);
  });

  test('a focus that is not 2 has a finite gradient at certainty', async () => {
    const certain = { x: floats(['batch', 3], [1, 3], [60, 0, 0]), labels: labels(['batch'], [0]) };
    const got = await evaluate(certain, ['x'], ({ x, labels }) =>
      crossEntropy(x as Value, labels as Value, { focus: 0.5 }),
    );
    expect(got.value).toBeCloseTo(0, 12);
    expect(got.gradients[0]?.every(Number.isFinite)).toBe(true);
  });

  test('refuses weights that are not one a class', async () => {
    await expect(
      evaluate({ ...rows, labels: labels(['batch'], [0, 1]) }, ['x'], ({ x, labels }) =>
        crossEntropy(x as Value, labels as Value, { weights: [1, 2] }),
      ),
    ).rejects.toMatchObject({ code: 'FC_GRAPH' });
  });
});

describe('binary cross entropy', () => {
  const targets = floats(['batch', 3], [2, 3], [1, 0, 1, 0, 0, 1]);
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const element = (x: number, y: number, focus: number) => {
    const p = y === 1 ? sigmoid(x) : sigmoid(-x);
    return -((1 - p) ** focus) * Math.log(p);
  };

  test('counts known elements only, and focuses on the hard ones', async () => {
    const known = [1, 1, 0, 0, 1, 0];
    const got = await evaluate({ ...rows, targets, mask: floats(['batch', 3], [2, 3], known) }, ['x'], (v) =>
      binaryCrossEntropy(v['x'] as Value, v['targets'] as Value, { mask: v['mask'] as Value, focus: 1.5 }),
    );
    const y = [...targets.tensor.data];
    const sum = known.reduce((total, k, j) => total + k * element(logits[j] as number, y[j] as number, 1.5), 0);
    expect(got.value).toBeCloseTo(sum / 3, 12);
    known.forEach((k, j) => expect(got.gradients[0]?.[j] === 0).toBe(k === 0));
  });

  test('smooths targets towards one half', async () => {
    const got = await evaluate({ ...rows, targets }, ['x'], (v) =>
      binaryCrossEntropy(v['x'] as Value, v['targets'] as Value, { smoothing: 0.2 }),
    );
    const y = [...targets.tensor.data].map((value) => 0.8 * value + 0.1);
    const mean = y.reduce(
      (sum, t, j) => sum + t * element(Number(logits[j]), 1, 0) + (1 - t) * element(Number(logits[j]), 0, 0),
      0,
    );
    expect(got.value).toBeCloseTo(mean / 6, 12);
  });

  test('stays finite at large logits', async () => {
    const large = { x: floats(['batch', 2], [1, 2], [800, -800]), y: floats(['batch', 2], [1, 2], [0, 1]) };
    const got = await evaluate(large, ['x'], ({ x, y }) => binaryCrossEntropy(x as Value, y as Value));
    expect(got.value).toBe(800);
    expect(got.gradients[0]).toEqual([0.5, -0.5]);
  });
});

test('a span outside the sequence does not count', async () => {
  const scores = { ...floats(['batch', 'length'], [2, 3], logits) };
  const inputs = { x: scores, start: labels(['batch'], [1, 3]), end: labels(['batch'], [2, 0]) };
  const got = await evaluate(inputs, ['x'], ({ x, start, end }) =>
    spanLoss({ start: x as Value, end: x as Value }, { start: start as Value, end: end as Value }),
  );
  const nll = (i: number, c: number) => {
    const row = logits.slice(3 * i, 3 * i + 3);
    return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - (row[c] as number);
  };
  expect(got.value).toBeCloseTo((nll(0, 1) + (nll(0, 2) + nll(1, 0)) / 2) / 2, 12);
});

describe('in-batch contrastive', () => {
  // Document 2 also answers query 0.
  const [q, d] = [
    [1, 0, 0.6, 0.8, 1, 1],
    [0.5, 0.5, -1, 2, 0.5, 0.5],
  ];
  const pairs = {
    q: floats(['batch', 2], [3, 2], q),
    d: floats(['batch', 2], [3, 2], d),
    bias: floats(['batch', 'batch'], [3, 3], [0, 0, -1e4, 0, 0, 0, 0, 0, 0]),
  };
  const row = (x: number[], i: number) => x.slice(2 * i, 2 * i + 2) as [number, number];
  const cosine = ([a, b]: [number, number], [c, e]: [number, number]) =>
    (a * c + b * e) / (Math.hypot(a, b) * Math.hypot(c, e));
  const direction = (from: number[], to: number[]) =>
    [0, 1, 2].reduce((total, i) => {
      const left = from === q ? [0, 2] : [2, 0];
      const others = [0, 1, 2].filter((j) => i !== left[0] || j !== left[1]);
      const scores = others.map((j) => 20 * cosine(row(from, i), row(to, j)));
      const all = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
      return total + (all - 20 * cosine(row(from, i), row(to, i))) / 3;
    }, 0);
  const loss = (inputs: Inputs) =>
    evaluate(inputs, ['q', 'd'], ({ q, d, bias }) =>
      contrastive(contrastiveScores(q as Value, d as Value, { scale: 20, bias: bias as Value }), { symmetric: true }),
    );

  test('is the mean of both directions, equal documents left out, and its gradient that of differences', async () => {
    const { value, gradients } = await loss(pairs);
    expect(value).toBeCloseTo((direction(q, d) + direction(d, q)) / 2, 9);
    const step = 1e-6;
    for (const [k, name] of (['q', 'd'] as const).entries()) {
      for (const i of [...(name === 'q' ? q : d).keys()]) {
        const moved = (by: number) => {
          const data = (name === 'q' ? q : d).map((x, j) => (j === i ? x + by : x));
          return loss({ ...pairs, [name]: floats(['batch', 2], [3, 2], data) });
        };
        const numeric = ((await moved(step)).value - (await moved(-step)).value) / (2 * step);
        expect(Math.abs(numeric - (gradients[k]?.[i] ?? NaN))).toBeLessThan(1e-6 * Math.max(1, Math.abs(numeric)));
      }
    }
  });
});

test('the squared error of cosines: value and gradient by hand and by differences', async () => {
  const at = (x: number[]) => ({
    x: floats(['batch', 3], [2, 3], x),
    y: floats(['batch', 3], [2, 3], [1, 0, 0, 0, 2, 1]),
    target: floats(['batch'], [2], [1, 0.25]),
  });
  const loss = (x: number[]) =>
    evaluate(at(x), ['x'], ({ x, y, target }) => meanSquaredError(cosines(x as Value, y as Value), target as Value));
  const { value, gradients } = await loss(logits);
  const length = (from: number) => Math.hypot(...logits.slice(from, from + 3));
  const [first, second] = [2.3 / length(0), (2 * 0.7 - 0.3) / (Math.sqrt(5) * length(3))];
  expect(value).toBeCloseTo(((first - 1) ** 2 + (second - 0.25) ** 2) / 2, 9);
  for (const i of logits.keys()) {
    const moved = (by: number) => loss(logits.map((x, j) => (j === i ? x + by : x)));
    const numeric = ((await moved(1e-6)).value - (await moved(-1e-6)).value) / 2e-6;
    expect(Math.abs(numeric - (gradients[0]?.[i] ?? NaN))).toBeLessThan(1e-6);
  }
});

describe('divergences of answers', () => {
  const [p, q] = [
    [0.5, -1, 2, 0, 0.3, 0.1],
    [0.1, 0.4, -0.7, 1, 2, -1],
  ];
  const inputs = { p: floats(['batch', 3], [2, 3], p), q: floats(['batch', 3], [2, 3], q) };
  const softmaxOf = (x: number[]) => {
    const total = x.reduce((sum, value) => sum + Math.exp(value), 0);
    return x.map((value) => Math.exp(value) / total);
  };
  const kl = (a: number[], b: number[]) => a.reduce((sum, share, i) => sum + share * Math.log(share / b[i]!), 0);
  const row = (x: number[], i: number) => softmaxOf(x.slice(3 * i, 3 * i + 3));

  test('of classes are KL(p || q), of the rows that count', async () => {
    const both = await evaluate(inputs, ['p', 'q'], ({ p, q }) => classDivergence(p as Value, q as Value));
    expect(both.value).toBeCloseTo((kl(row(p, 0), row(q, 0)) + kl(row(p, 1), row(q, 1))) / 2, 12);
    const counted = { ...inputs, labels: labels(['batch'], [-100, 2]) };
    const one = await evaluate(counted, ['p', 'q'], ({ p, q, labels: of }) =>
      classDivergence(p as Value, q as Value, of),
    );
    expect(one.value).toBeCloseTo(kl(row(p, 1), row(q, 1)), 12);
    expect(one.gradients[0]?.slice(0, 3)).toEqual([0, 0, 0]);
    const none = { ...inputs, labels: labels(['batch'], [-100, -100]) };
    expect(
      (await evaluate(none, [], ({ p, q, labels: of }) => classDivergence(p as Value, q as Value, of as Value))).value,
    ).toBe(0);
  });

  test('of yes-or-no answers are those of two classes each, of what the mask counts', async () => {
    const sides = (x: number) => softmaxOf([x, 0]);
    const each = p.map((x, i) => kl(sides(x), sides(q[i]!)));
    const all = await evaluate(inputs, ['q'], ({ p, q }) => bitDivergence(p as Value, q as Value));
    expect(all.value).toBeCloseTo(each.reduce((a, b) => a + b, 0) / 6, 12);
    const masked = { ...inputs, mask: floats(['batch', 3], [2, 3], [1, 0, 0, 0, 0, 1]) };
    const some = await evaluate(masked, ['q'], ({ p, q, mask }) => bitDivergence(p as Value, q as Value, mask));
    expect(some.value).toBeCloseTo((each[0]! + each[5]!) / 2, 12);
  });

  test('of numbers are half their squared differences', async () => {
    const { value } = await evaluate(inputs, [], ({ p, q }) => valueDivergence(p as Value, q as Value));
    expect(value).toBeCloseTo(p.reduce((sum, x, i) => sum + (x - q[i]!) ** 2, 0) / 12, 12);
  });
});
