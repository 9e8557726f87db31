/** Copies of weights in 8 bits beside a plain version of the kernel. */
import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { createParameterStore, type ParameterStore } from './index.js';

/** The numbers of channel `channel` of a matrix seen as [channels, width], with their scale; all arithmetic in single precision. */
function quantiseChannel(values: readonly number[], most: number): { numbers: number[]; scale: number } {
  const scale = Math.fround(Math.max(...values.map(Math.abs)) / most);
  const factor = scale < 1e-37 ? 0 : Math.fround(1 / scale);
  return { scale, numbers: values.map((value) => nearest(Math.fround(value * factor))) };
}

const nearest = (x: number): number => {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (Math.abs(floor) % 2) : Math.floor(x + 0.5);
};

const slotOf = (store: ParameterStore) => store.slot('w');

function storeOf(rows: number, columns: number, trainable = true): ParameterStore {
  const store = createParameterStore([
    { name: 'before', shape: [3] },
    { name: 'w', shape: [rows, columns], int8: true, trainable },
    { name: 'behind', shape: [5] },
  ]);
  const rng = random(rows * columns, 'weights');
  slotOf(store).weight.set(Float32Array.from({ length: rows * columns }, () => rng.normal()));
  return store;
}

test.each([
  [16, 16],
  [48, 80],
  [32, 37],
  [37, 32],
  [5, 3],
  [1, 50],
  [312, 24],
])('a matrix of %i x %i in 8 bits by rows and by columns', (rows, columns) => {
  const store = storeOf(rows, columns);
  const { weight, int8 } = slotOf(store);
  // Halves of a scale, where rounding is to even: the largest number of row and column is 127.
  if (rows > 1) for (let i = 0; i < Math.min(rows, columns); i++) weight[i * columns + i] = 127;
  weight[columns - 1] = 2.5;
  if (rows > 2) weight.fill(0, columns, 2 * columns);
  for (const most of [127, 63]) {
    store.quantise(most);
    for (let row = 0; row < rows; row++) {
      const { numbers, scale } = quantiseChannel([...weight.subarray(row * columns, (row + 1) * columns)], most);
      expect(int8!.byOutput.scales[row]).toBe(scale);
      expect(numbers.map((_, column) => int8!.byOutput.data[column * rows + row])).toEqual(numbers.map((n) => n + 0));
    }
    for (let column = 0; column < columns; column++) {
      const values = Array.from({ length: rows }, (_, row) => weight[row * columns + column]!);
      const { numbers, scale } = quantiseChannel(values, most);
      expect(int8!.byInput.scales[column]).toBe(scale);
      expect(numbers.map((_, row) => int8!.byInput.data[row * columns + column])).toEqual(numbers.map((n) => n + 0));
    }
  }
  expect([...store.slot('before').weight, ...store.slot('behind').weight]).toEqual(Array<number>(8).fill(0));
});

test('copies of what learns are made anew each time, and those of what is frozen once a round', () => {
  for (const [trainable, expected] of [
    [true, [1, 2, 3]],
    [false, [1, 1, 3]],
  ] as const) {
    const store = storeOf(16, 16, trainable);
    const { weight, int8 } = slotOf(store);
    const scaleAfter = (largest: number): number => {
      weight.fill(127 * largest);
      store.quantise(127);
      return int8!.byInput.scales[4]!;
    };
    const scales = [scaleAfter(1), scaleAfter(2)];
    store.clear();
    expect([...scales, scaleAfter(3)]).toEqual(expected);
  }
});
