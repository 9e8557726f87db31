/** Maxima of stretches out of a table, against looking at every row of each stretch. */
import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { createGraph, input, output } from '../graph/index.js';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import { rangeEntries, rangeLevels, rangeMax, rangeTable } from './index.js';

test('two entries cover any stretch', async () => {
  const [batch, length, width] = [2, 11, 3];
  const levels = rangeLevels(length);
  expect([1, 2, 3, 4, 11].map(rangeLevels)).toEqual([1, 2, 2, 3, 4]);
  const graph = createGraph('stretches', { tokens: ['length', 'batch'] });
  const x = input(graph, 'x', ['tokens', width]);
  // The sizes of the sequences show in an input, as in every model.
  output('sized', input(graph, 'sized', ['length', 'batch']));
  const entries = ['first', 'second'].map((name) => input(graph, name, ['stretches'], 'int64'));
  output('y', rangeMax(rangeTable(x, { levels, name: 'table' }), entries[0]!, entries[1]!));

  const rng = random(3, 'rows');
  const data = Float32Array.from({ length: length * batch * width }, () => rng.normal());
  const stretches = Array.from({ length: batch }, (_, sequence) =>
    Array.from({ length }, (__, first) =>
      Array.from({ length: length - first }, (___, more) => ({ sequence, first, last: first + more })),
    ),
  ).flat(2);
  const rowOf = (position: number, sequence: number) => position * batch + sequence;
  const cells = stretches.map(({ sequence, ...range }) =>
    rangeEntries(range, { levels, rowOf: (position) => rowOf(position, sequence) }),
  );
  const column = (side: 0 | 1) => ({
    data: BigInt64Array.from(cells, (pair) => BigInt(pair[side])),
    shape: [cells.length],
  });
  const program = await createOnnxRuntimeEngine({ threads: 1 }).compile(graph);
  const { y } = await program.run(
    {
      x: { data, shape: [length * batch, width] },
      sized: { data: new Float32Array(length * batch), shape: [length, batch] },
      ...{ first: column(0), second: column(1) },
    },
    { y: null },
  );
  await program.release();
  const wanted = stretches.flatMap(({ sequence, first, last }) =>
    Array.from({ length: width }, (_, c) => {
      const rows = Array.from({ length: last - first + 1 }, (__, i) => rowOf(first + i, sequence));
      return Math.max(...rows.map((row) => data[row * width + c]!));
    }),
  );
  expect(Array.from(y!.data, Number)).toEqual(wanted);
});
