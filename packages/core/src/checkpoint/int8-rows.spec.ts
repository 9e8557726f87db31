/** Weights as bytes with a scale a row: how near they are, that a checkpoint of them reads as any other, and what is refused. */
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { openCheckpoint, openSafetensors, quantizeRows, writeInt8Rows, writeSafetensors } from './index.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-int8-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rng = random(1, 'int8');
const [count, width] = [40, 96];
const matrix = Float32Array.from({ length: count * width }, (_, i) => rng.normal() * 10 ** (Math.floor(i / width) % 4));
matrix.fill(0, 3 * width, 4 * width);
const bias = Float32Array.from({ length: width }, () => rng.normal());

test('no number moves by more than half a step of its row; the largest stays, and so do zeros', () => {
  const { rows, scales } = quantizeRows(matrix, width);
  expect(scales[3]).toBe(0);
  scales.forEach((scale, row) => {
    const own = matrix.subarray(row * width, (row + 1) * width);
    const largest = Math.max(...own.map(Math.abs));
    expect(scale).toBeCloseTo(largest / 127, 5);
    own.forEach((value, i) => {
      const back = (rows[row * width + i] ?? NaN) * scale;
      expect(Math.abs(back - value)).toBeLessThanOrEqual((scale / 2) * 1.0001);
      if (Math.abs(value) === largest) expect(Math.abs(back - value)).toBeLessThanOrEqual(largest * 1e-6);
    });
  });
});

test('a checkpoint of them is read as floats, into memory of one’s own too, and takes a quarter of the bytes', () => {
  const tensors = [
    { name: 'bert.encoder.weight', shape: [count, width], data: matrix },
    { name: 'bert.encoder.bias', shape: [width], data: bias },
  ];
  const path = join(folder, 'model.safetensors');
  writeInt8Rows(path, tensors, { format: 'pt' });
  const floats = join(folder, 'floats.safetensors');
  writeSafetensors(
    floats,
    tensors.map((tensor) => ({ ...tensor, dtype: 'F32' as const })),
  );
  expect(statSync(path).size).toBeLessThan(0.35 * statSync(floats).size);
  const source = openCheckpoint(folder);
  expect(source.names().sort()).toEqual(['bert.encoder.bias', 'bert.encoder.weight']);
  expect(source.info('bert.encoder.weight')).toMatchObject({ dtype: 'F32', shape: [count, width] });
  expect(source.readFloat32('bert.encoder.bias')).toEqual(bias);
  const { rows, scales } = quantizeRows(matrix, width);
  const expected = Float32Array.from(rows, (byte, i) => byte * (scales[Math.floor(i / width)] ?? NaN));
  expect(source.readFloat32('bert.encoder.weight')).toEqual(expected);
  const place = new Float32Array(count * width + 2);
  source.readFloat32('bert.encoder.weight', place.subarray(1, -1));
  expect(place.subarray(1, -1)).toEqual(expected);
  expect(() => source.readFloat32('bert.encoder.weight', place)).toThrow('another size');
  source.close();
  // The file itself is an ordinary one.
  const file = openSafetensors(path);
  expect(file.tensors.get('bert.encoder.weight')?.dtype).toBe('I8');
  expect(file.metadata).toMatchObject({ format: 'pt', quantization: 'int8-rows' });
  file.close();
});

test('bytes without a scale for each row are refused', () => {
  const own = mkdtempSync(join(folder, 'bad-'));
  const path = join(own, 'bad.safetensors');
  const bytes = { name: 'w', dtype: 'I8' as const, shape: [2, 2], data: new Int8Array(4) };
  for (const scales of [[], [{ name: 'w.scale', dtype: 'F32' as const, shape: [3], data: new Float32Array(3) }]]) {
    writeSafetensors(path, [bytes, ...scales], { quantization: 'int8-rows' });
    copyFileSync(path, join(own, 'model.safetensors'));
    expect(() => openCheckpoint(own)).toThrow('no scale for each of its rows');
  }
});
