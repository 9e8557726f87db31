/** AdamW beside PyTorch's, beside a plain float64 version of the paper's algorithm, and its row-wise form beside the dense one. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openSafetensors } from '../checkpoint/index.js';
import { random } from '../foundation/index.js';
import { restoreRowStates } from './adamw.js';
import { createAdamW, createParameterStore, type AdamWOptions, type ParameterStore } from './index.js';
import { refusal } from './spec-support.js';

const mirror = process.env['FIELDCRAFT_MIRROR'];
const mirrored = mirror ? test : test.skip;

const gradientsOf = (seed: number, count: number): Float32Array => {
  const rng = random(seed, 'gradients');
  return Float32Array.from({ length: count }, () => rng.normal());
};

function fill(store: ParameterStore, seed: number): void {
  for (const [name, { weight }] of store.slots) weight.set(gradientsOf(seed + name.length, weight.length));
}

mirrored(
  `equals PyTorch step by step, clipping included${mirror ? '' : ' (skipped: FIELDCRAFT_MIRROR is not set)'}`,
  () => {
    const file = openSafetensors(join(mirror as string, 'fixtures/reference/optimizers/adamw.safetensors'));
    const store = createParameterStore([{ name: 'p', shape: [7, 5] }]);
    const { weight, gradient } = store.slot('p');
    weight.set(file.readFloat32('p0'));
    // The settings are nowhere written: these alone give the first step (rate, decay) and the later ones (the rest).
    const optimizer = createAdamW(store, { beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1, clipNorm: 1 });
    for (let step = 0; step < 5; step++) {
      gradient.set(file.readFloat32(`g${step}`));
      expect(optimizer.step(['p'], 0.01)).toBeCloseTo(Math.hypot(...gradient), 4);
      const expected = file.readFloat32(`p${step + 1}`);
      expect(Math.max(...weight.map((value, i) => Math.abs(value - (expected[i] as number))))).toBeLessThan(5e-7);
    }
    file.close();
  },
);

type Numbers = Required<Pick<AdamWOptions, 'beta1' | 'beta2' | 'epsilon' | 'weightDecay' | 'clipNorm'>>;

/** Algorithm 2 of the paper in double precision, with clip_grad_norm_ before it. */
function reference(names: readonly string[], options: Numbers & { decays: string[] }) {
  const { beta1, beta2, epsilon, weightDecay, clipNorm, decays } = options;
  const state = new Map(names.map((name) => [name, { m: [] as number[], v: [] as number[], t: 0 }]));
  return (weights: Map<string, number[]>, gradients: Map<string, Float32Array>, rate: number) => {
    const norm = Math.hypot(...[...gradients.values()].flatMap((values) => [...values]));
    const scale = Math.min(1, clipNorm / (norm + 1e-6));
    for (const [name, gradient] of gradients) {
      const own = state.get(name) as { m: number[]; v: number[]; t: number };
      own.t++;
      const weight = weights.get(name) as number[];
      gradient.forEach((value, i) => {
        const g = value * scale;
        const m = (own.m[i] = beta1 * (own.m[i] ?? 0) + (1 - beta1) * g);
        const v = (own.v[i] = beta2 * (own.v[i] ?? 0) + (1 - beta2) * g * g);
        const decayed = (weight[i] as number) * (1 - (decays.includes(name) ? rate * weightDecay : 0));
        const step = m / (1 - beta1 ** own.t) / (Math.sqrt(v / (1 - beta2 ** own.t)) + epsilon);
        weight[i] = decayed - rate * step;
      });
    }
  };
}

test('equals the algorithm in double precision: clipping, decay by parameter, idle heads, odd sizes', () => {
  const shapes: Record<string, number[]> = { matrix: [9, 7], bias: [7], scalar: [], head: [3, 5] };
  const names = Object.keys(shapes);
  const store = createParameterStore(names.map((name) => ({ name, shape: shapes[name] as number[] })));
  fill(store, 1);
  const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05, clipNorm: 1 };
  const optimizer = createAdamW(store, { ...options, decays: (name) => name === 'matrix' || name === 'head' });
  const update = reference(names, { ...options, decays: ['matrix', 'head'] });
  const weights = new Map(names.map((name) => [name, [...store.slot(name).weight]]));
  for (let step = 0; step < 40; step++) {
    // The head rests every other step; some gradients are small enough not to be clipped.
    const chosen = names.filter((name) => name !== 'head' || step % 2 === 0);
    const gradients = new Map(
      chosen.map((name, i) => {
        const { gradient } = store.slot(name);
        gradient.set(gradientsOf(step * 10 + i, gradient.length).map((g) => (step % 3 === 0 ? g * 0.01 : g)));
        return [name, gradient.slice()];
      }),
    );
    const rate = 1e-2 * (1 - step / 50);
    optimizer.step(chosen, rate);
    update(weights, gradients, rate);
  }
  for (const name of names) {
    const worst = Math.max(
      ...[...store.slot(name).weight].map((value, i) => Math.abs(value - (weights.get(name)?.[i] as number))),
    );
    expect([name, worst < 3e-6]).toEqual([name, true]);
  }
  expect(Object.fromEntries(optimizer.counts)).toEqual({ matrix: 40, bias: 40, scalar: 40, head: 20 });
});

test('the norm that is returned is that before clipping; without clipping nothing is scaled', () => {
  const store = createParameterStore([{ name: 'p', shape: [4] }]);
  const clipped = store.slot('p');
  clipped.gradient.set([3, 4, 0, 0]);
  expect(createAdamW(store, { clipNorm: Infinity }).step(['p'], 0)).toBeCloseTo(5, 5);
  expect(clipped.moment1[0]).toBeCloseTo(0.3, 6);
});

describe('rows of tables', () => {
  const [rows, width] = [23, 8];

  /** The same updates through the row kernels and through the dense one. */
  function both(
    options: AdamWOptions,
    steps: number,
    between: (table: ParameterStore, step: number) => void = () => {},
  ) {
    const scratch = { floats: 64 * width, ids: 64 };
    const sparse = createParameterStore([{ name: 'table', shape: [rows, width], table: true }], scratch);
    const dense = createParameterStore([{ name: 'table', shape: [rows, width] }]);
    fill(sparse, 1);
    fill(dense, 1);
    const optimizers = [createAdamW(sparse, options), createAdamW(dense, options)] as const;
    const rng = random(4, 'rows');
    for (let step = 0; step < steps; step++) {
      // Rows repeat within a batch; row 0 is padding, row 22 never occurs.
      const ids = Array.from({ length: 12 }, () => rng.integer(rows - 1));
      const values = gradientsOf(step, ids.length * width);
      const { gradient, rowStates } = sparse.slot('table');
      sparse.scratchIds(ids.length).set(ids.map(BigInt));
      sparse.scratchFloats(values.length).set(values);
      sparse.kernels.scatterAddRows(
        gradient.byteOffset,
        (rowStates as Uint8Array).byteOffset,
        sparse.scratchFloats(values.length).byteOffset,
        sparse.scratchIds(ids.length).byteOffset,
        ids.length,
        width,
        0,
      );
      const whole = dense.slot('table').gradient.fill(0);
      ids.forEach((row, i) => {
        for (let x = 0; x < width; x++)
          if (row !== 0)
            whole[row * width + x] = (whole[row * width + x] as number) + (values[i * width + x] as number);
      });
      expect(gradient).toEqual(whole);
      const norms = optimizers.map((optimizer) => optimizer.step(['table'], 1e-2 / (1 + step)));
      expect(norms[0]).toBeCloseTo(norms[1] as number, 10);
      expect(gradient.every((value) => value === 0)).toBe(true);
      between(sparse, step);
    }
    return { sparse: sparse.slot('table'), dense: dense.slot('table') };
  }

  test.each([
    ['with decay and clipping', { weightDecay: 0.1, clipNorm: 1 }],
    ['without clipping', { weightDecay: 0.1, clipNorm: Infinity }],
    ['without decay', { weightDecay: 0, clipNorm: 1 }],
  ])('are bit-equal to the dense update %s', (_, options) => {
    const { sparse, dense } = both(options, 20);
    expect(sparse.weight).toEqual(dense.weight);
    expect(sparse.moment1).toEqual(dense.moment1);
    expect(sparse.moment2).toEqual(dense.moment2);
  });

  test('rows without any gradient decay as the others do, padding too', () => {
    const { sparse } = both({ weightDecay: 0.5 }, 3);
    const before = createParameterStore([{ name: 'table', shape: [rows, width] }]);
    fill(before, 1);
    for (const row of [0, rows - 1]) {
      const keep = [1, 2, 3].reduce((value, n) => Math.fround(value * Math.fround(1 - (1e-2 / n) * 0.5)), 1);
      for (let x = 0; x < width; x++) {
        const old = before.slot('table').weight[row * width + x] as number;
        expect(sparse.weight[row * width + x]).toBeCloseTo(old * keep, 6);
      }
      expect(sparse.moment2.subarray(row * width, (row + 1) * width).every((value) => value === 0)).toBe(true);
    }
  });

  test('go on to the bit after their states were made anew from the moments', () => {
    const restore = (store: ParameterStore) => {
      store.slot('table').rowStates?.fill(0);
      restoreRowStates(store.slot('table'));
    };
    const { sparse, dense } = both({ weightDecay: 0.1 }, 12, restore);
    expect(sparse.weight).toEqual(dense.weight);
  });
});

test.each([NaN, Infinity, -Infinity])(
  'a gradient of %p is refused by its name, and nothing is changed',
  async (bad) => {
    const store = createParameterStore([
      { name: 'good', shape: [8] },
      { name: 'table', shape: [3, 4], table: true },
      { name: 'bad', shape: [6] },
    ]);
    fill(store, 2);
    store.slot('good').gradient.fill(1);
    store.slot('bad').gradient[5] = bad;
    const before = [...store.slots.values()].map(({ weight }) => weight.slice());
    const optimizer = createAdamW(store);
    const { code, parts } = await refusal(() => optimizer.step(['good', 'table', 'bad'], 0.1));
    expect([code, parts.where]).toEqual(['FC_NOT_FINITE', 'bad']);
    expect([...store.slots.values()].map(({ weight }) => weight)).toEqual(before);
    expect(optimizer.counts.size).toBe(0);
  },
);

test('a gradient whose square is beyond single precision is still measured', () => {
  const store = createParameterStore([{ name: 'p', shape: [4] }]);
  store.slot('p').gradient.fill(1e30);
  expect(createAdamW(store).step(['p'], 0.1) / 2e30).toBeCloseTo(1, 6);
});

test('a rate factor is a learning rate of its own', () => {
  const parameters = ['slow', 'fast'].map((name) => ({ name, shape: [8] }));
  const [one, other] = [createParameterStore(parameters), createParameterStore(parameters)];
  for (const store of [one, other]) fill(store, 3);
  createAdamW(one, { rateFactor: (name) => (name === 'fast' ? 10 : 1) }).step(['slow', 'fast'], 1e-3);
  createAdamW(other, { clipNorm: Infinity }).step(['slow', 'fast'], 1e-2);
  const changes = [one, other].map((store) => [...store.slot('fast').weight]);
  expect(changes[0]?.map((value, i) => Math.abs(value - (changes[1]?.[i] ?? NaN)) < 1e-6)).toEqual(Array(8).fill(true));
  expect([...one.slot('slow').weight]).not.toEqual([...other.slot('slow').weight]);
});

describe('holding weights where they started', () => {
  const [strength, rate] = [0.3, 0.01];
  const parameters = [
    { name: 'matrix', shape: [5, 4], held: true },
    { name: 'table', shape: [6, 4], table: true, held: true },
    { name: 'head', shape: [2, 4] },
  ];

  /** Updates with gradients of the rows 1 and 4 of the table, and of everything else. */
  function train(hold: number, updates = 3) {
    const store = createParameterStore(parameters);
    fill(store, 1);
    store.markStart();
    const optimizer = createAdamW(store, { hold, weightDecay: 0.1, clipNorm: Infinity });
    const norms: number[] = [];
    for (let step = 0; step < updates; step++) {
      store.slot('matrix').gradient.set(gradientsOf(10 + step, 20));
      store.slot('head').gradient.set(gradientsOf(20 + step, 8));
      const { gradient, rowStates } = store.slot('table');
      for (const row of step === 2 ? [4] : [1, 4]) {
        gradient.set(gradientsOf(30 + step + row, 4), row * 4);
        rowStates![row]! |= 1;
      }
      norms.push(optimizer.step(['matrix', 'table', 'head'], rate));
    }
    return { store, norms };
  }

  test('adds strength x (weight - start) to the gradient, in place of decay; other weights decay as ever', () => {
    const { store, norms } = train(strength);
    const plain = createParameterStore(parameters.map((one) => ({ ...one, held: false, table: false })));
    fill(plain, 1);
    const start = new Map([...plain.slots].map(([name, { weight }]) => [name, weight.slice()]));
    // A held weight is one without decay, whose gradient has the penalty's added by hand; rows without a gradient are where they started.
    const optimizer = createAdamW(plain, { weightDecay: 0.1, clipNorm: Infinity, decays: (name) => name === 'head' });
    for (let step = 0; step < 3; step++) {
      plain.slot('matrix').gradient.set(gradientsOf(10 + step, 20));
      plain.slot('head').gradient.set(gradientsOf(20 + step, 8));
      const { gradient } = plain.slot('table');
      gradient.fill(0);
      for (const row of step === 2 ? [4] : [1, 4]) gradient.set(gradientsOf(30 + step + row, 4), row * 4);
      for (const name of ['matrix', 'table']) {
        const slot = plain.slot(name);
        slot.weight.forEach((value, i) => {
          slot.gradient[i] = Math.fround(slot.gradient[i]! + Math.fround(strength) * (value - start.get(name)![i]!));
        });
      }
      expect(norms[step]).toBeCloseTo(optimizer.step(['matrix', 'table', 'head'], rate), 5);
    }
    for (const [name, { weight }] of store.slots) {
      const expected = plain.slot(name).weight;
      expect([name, Math.max(...weight.map((value, i) => Math.abs(value - expected[i]!))) < 1e-6]).toEqual([
        name,
        true,
      ]);
    }
    expect(store.slot('table').weight.subarray(0, 4)).toEqual(start.get('table')!.subarray(0, 4));
  });

  test('keeps them nearer to their start', () => {
    const distance = ({ store }: ReturnType<typeof train>) => {
      const { weight } = store.slot('matrix');
      const start = gradientsOf(1 + 'matrix'.length, 20);
      return Math.hypot(...weight.map((value, i) => value - start[i]!));
    };
    expect(distance(train(50, 60))).toBeLessThan(0.8 * distance(train(0, 60)));
  });
});
