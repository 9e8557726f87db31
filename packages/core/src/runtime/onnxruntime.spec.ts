/** ONNX Runtime: results in the caller's memory, without copies, and errors that stay errors. */
import { expect, test } from '@jest/globals';
import { add, createGraph, gatherRows, input, output } from '../graph/index.js';
import { createOnnxRuntimeEngine } from './index.js';

const engine = createOnnxRuntimeEngine({ threads: 1 });

test('outputs are computed into the given tensors and not copied', async () => {
  const count = 1 << 20;
  const graph = createGraph('in-place');
  const x = input(graph, 'x', [count]);
  output('twice', add(x, x));
  output('thrice', add(add(x, x), x));
  const program = await engine.compile(graph);
  const feeds = { x: { data: new Float32Array(count).fill(1.5), shape: [count] } };
  const into = (): { data: Float32Array; shape: number[] } => ({ data: new Float32Array(count), shape: [count] });
  const [twice, thrice] = [into(), into()];
  const before = process.memoryUsage().arrayBuffers;
  const results = await program.run(feeds, { twice, thrice });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * count);
  expect([results['twice'], results['thrice']]).toEqual([twice, thrice]);
  expect(results['twice']?.data).toBe(twice.data);
  expect([twice.data.every((y) => y === 3), thrice.data.every((y) => y === 4.5)]).toEqual([true, true]);

  const mixed = await program.run(feeds, { twice: into(), thrice: null });
  expect([mixed['twice']?.data[7], mixed['thrice']?.data[7]]).toEqual([3, 4.5]);
  await program.release();
});

test('a failure is an error also where the results have their places', async () => {
  const graph = createGraph('failing');
  const table = input(graph, 'table', [4, 2]);
  output('rows', gatherRows(table, input(graph, 'ids', ['count'], 'int64')));
  const program = await engine.compile(graph);
  const feeds = {
    table: { data: new Float32Array(8), shape: [4, 2] },
    ids: { data: BigInt64Array.of(9n), shape: [1] },
  };
  const rows = { data: new Float32Array(2), shape: [1, 2] };
  await expect(program.run(feeds, { rows })).rejects.toMatchObject({ code: 'FC_ENGINE' });
  await program.release();
});
