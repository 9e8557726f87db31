import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FieldcraftError } from '../foundation/index.js';
import { openSafetensors } from './safetensors.js';
import { writeSafetensors, type TensorToWrite } from './write-safetensors.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-safetensors-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file whose header is `header` (a text, or a value as JSON) and whose data is `dataBytes` zeros. */
function craft(header: unknown, dataBytes: number, headerLength?: bigint): string {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, headerLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  const path = join(folder, 'crafted.safetensors');
  writeFileSync(path, bytes);
  return path;
}

function refusal(run: () => unknown): FieldcraftError {
  try {
    run();
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

describe('a file is refused', () => {
  const cases: [string, unknown, number, string][] = [
    ['whose header is no JSON', '{"a": ', 0, 'not valid JSON'],
    ['whose header is a list', [], 0, 'not a JSON object'],
    ['whose header is not UTF-8 (a lone surrogate half)', '{"\\ud800":1', 0, 'not valid JSON'],
    [
      'with a name given twice',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
      'twice',
    ],
    ['with a field given twice', '{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', 4, 'twice'],
    ['with a tensor that is no object', { a: 3 }, 0, 'not described'],
    ['with an unknown type', { a: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } }, 4, 'unknown type'],
    ['with a negative dimension', { a: f32([-1], 0, 4) }, 4, 'impossible shape'],
    ['with half a dimension', { a: f32([0.5], 0, 2) }, 2, 'impossible shape'],
    ['with a shape that is no list', { a: f32('4', 0, 4) }, 4, 'impossible shape'],
    ['with a product beyond 2^53', { a: f32([2 ** 30, 2 ** 30], 0, 4) }, 4, 'impossible shape'],
    ['with a zero that hides such a product', { a: f32([0, 2 ** 30, 2 ** 30], 0, 0) }, 0, 'impossible shape'],
    ['that begins a tensor after its end', { a: f32([1], 4, 0) }, 4, 'impossible offsets'],
    ['with three offsets', { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 4, 'impossible offsets'],
    ['whose sizes lie', { a: f32([2], 0, 4) }, 4, 'do not fit'],
    ['that points outside itself', { a: f32([2], 0, 8) }, 4, 'outside'],
    ['with overlapping tensors', { a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12, 'overlap'],
    ['with a hole', { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, 'unused'],
    ['with bytes behind', { a: f32([1], 0, 4) }, 5, 'unused'],
    ['with metadata that is no text', { __metadata__: { a: 1 } }, 0, 'not a text'],
  ];
  test.each(cases)('%s', (_, header, dataBytes, message) => {
    const error = refusal(() => openSafetensors(craft(header, dataBytes)));
    expect(error.code).toBe('FC_FILE_FORMAT');
    expect(error.parts.what).toContain(message);
  });

  test('whose header claims 2^62 bytes, or one more than there are', () => {
    expect(refusal(() => openSafetensors(craft('{}', 0, 1n << 62n))).code).toBe('FC_FILE_FORMAT');
    expect(refusal(() => openSafetensors(craft('{}', 0, 3n))).parts.expected).toBe('at most 2 bytes');
  });

  test('that is not there, is a folder, or is too short', () => {
    expect(refusal(() => openSafetensors(join(folder, 'none'))).code).toBe('FC_NOT_FOUND');
    expect(refusal(() => openSafetensors(folder)).code).toBe('FC_FILE_FORMAT');
    writeFileSync(join(folder, 'short'), 'abc');
    expect(refusal(() => openSafetensors(join(folder, 'short'))).code).toBe('FC_FILE_FORMAT');
  });

  test('with a name of control characters, which its message quotes', () => {
    expect(refusal(() => openSafetensors(craft({ '\u001b[2J': 3 }, 0))).message).not.toContain('\u001b');
  });
});

test('whatever bytes of a good file change, it is read or refused, never worse', () => {
  const path = join(folder, 'good.safetensors');
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  writeSafetensors(path, [{ name: 'a', dtype: 'F32', shape: [3, 4], data }], { made: 'here' });
  const good = readFileSync(path);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(good.length),
      (changes, length) => {
        const bytes = Uint8Array.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        const bad = join(folder, 'changed.safetensors');
        writeFileSync(bad, bytes.subarray(0, length % 3 === 0 ? length : good.length));
        try {
          const file = openSafetensors(bad);
          for (const name of file.tensors.keys()) file.readRaw(name);
          file.close();
        } catch (error) {
          expect(error).toBeInstanceOf(FieldcraftError);
        }
      },
    ),
    { numRuns: 400, seed: 1 },
  );
});

const name = fc.string({ unit: 'binary', minLength: 0, maxLength: 12 }).filter((text) => text !== '__metadata__');
const shape = fc.array(fc.nat(4), { maxLength: 3 });
const tensor: fc.Arbitrary<TensorToWrite> = fc
  .record({ name, shape, kind: fc.nat(6), fill: fc.nat(200) })
  .map(({ name, shape, kind, fill }): TensorToWrite => {
    const count = shape.reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length: count }, (_, i) => (fill + i) % 101);
    switch (kind) {
      case 0:
        return { name, shape, dtype: 'F64', data: Float64Array.from(numbers) };
      case 1:
        return { name, shape, dtype: 'I64', data: BigInt64Array.from(numbers, BigInt) };
      case 2:
        return { name, shape, dtype: 'BF16', data: Uint16Array.from(numbers) };
      case 3:
        return { name, shape, dtype: 'I8', data: Int8Array.from(numbers) };
      case 4:
        return { name, shape, dtype: 'BOOL', data: Uint8Array.from(numbers, (x) => x % 2) };
      default:
        return { name, shape, dtype: 'F32', data: Float32Array.from(numbers, (x) => x / 3) };
    }
  });

test('what is written is read again, aligned, and in any order the same bytes', () => {
  const path = join(folder, 'round.safetensors');
  fc.assert(
    fc.property(
      fc.uniqueArray(tensor, { selector: (t) => t.name, maxLength: 6 }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      (tensors, metadata) => {
        writeSafetensors(path, tensors, metadata);
        const bytes = readFileSync(path);
        writeSafetensors(path, [...tensors].reverse(), metadata);
        expect(readFileSync(path).equals(bytes)).toBe(true);

        const file = openSafetensors(path);
        expect({ ...file.metadata }).toEqual({ ...metadata });
        expect([...file.tensors.keys()].sort()).toEqual(tensors.map((t) => t.name).sort());
        for (const { name, dtype, shape, data } of tensors) {
          expect(file.tensors.get(name)).toMatchObject({ name, dtype, shape });
          expect(file.readRaw(name)).toEqual(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
          if (data instanceof Float32Array) expect(file.readFloat32(name)).toEqual(data);
        }
        file.close();
      },
    ),
    { numRuns: 200, seed: 2 },
  );
});

test('a header is padded so that the data begins at a multiple of eight', () => {
  const path = join(folder, 'aligned.safetensors');
  for (let length = 1; length < 10; length++) {
    writeSafetensors(path, [{ name: 'x'.repeat(length), dtype: 'U8', shape: [1], data: Uint8Array.of(7) }]);
    const bytes = readFileSync(path);
    expect(Number(bytes.readBigUInt64LE(0)) % 8).toBe(0);
    expect(bytes.at(-1)).toBe(7);
  }
});

test('all 65,536 half floats and bfloats become the same numbers in float32', () => {
  const path = join(folder, 'halves.safetensors');
  const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  writeSafetensors(path, [
    { name: 'half', dtype: 'F16', shape: [256, 256], data: bits },
    { name: 'bfloat', dtype: 'BF16', shape: [65_536], data: bits },
  ]);
  const file = openSafetensors(path);
  const half = file.readFloat32('half');
  const bfloat = new Uint32Array(file.readFloat32('bfloat').buffer);
  for (let i = 0; i < 65_536; i++) {
    const sign = i & 0x8000 ? -1 : 1;
    const exponent = (i >> 10) & 31;
    const fraction = (i & 1023) / 1024;
    const expected =
      exponent === 31
        ? fraction === 0
          ? sign * Infinity
          : Number.NaN
        : exponent === 0
          ? sign * fraction * 2 ** -14
          : sign * (1 + fraction) * 2 ** (exponent - 15);
    if (!Object.is(half[i], expected)) throw new Error(`half ${i}: ${half[i]} for ${expected}`);
    if (bfloat[i] !== i * 65_536) throw new Error(`bfloat ${i}: ${bfloat[i]}`);
  }
  file.close();
});

test('more elements than one chunk convert too, and float64 rounds to nearest', () => {
  const path = join(folder, 'long.safetensors');
  const data = Float64Array.from({ length: 150_001 }, (_, i) => Math.sin(i));
  writeSafetensors(path, [{ name: 'x', dtype: 'F64', shape: [150_001], data }]);
  const file = openSafetensors(path);
  expect(file.readFloat32('x')).toEqual(Float32Array.from(data));
  file.close();
});

test('a tensor is read into a view of a WebAssembly memory, and only into one of its size', () => {
  const path = join(folder, 'wasm.safetensors');
  const data = Float32Array.of(1, -2, 3.5);
  writeSafetensors(path, [
    { name: 'x', dtype: 'F32', shape: [3], data },
    { name: 'n', dtype: 'I32', shape: [1], data: Int32Array.of(1) },
  ]);
  const file = openSafetensors(path);
  // The library of types for Node has none of WebAssembly.
  const { WebAssembly } = globalThis as typeof globalThis & {
    WebAssembly: { Memory: new (pages: { initial: number }) => { buffer: ArrayBuffer } };
  };
  const memory = new Float32Array(new WebAssembly.Memory({ initial: 1 }).buffer);
  const view = memory.subarray(5, 8);
  expect(file.readFloat32('x', view)).toBe(view);
  expect([...memory.subarray(4, 9)]).toEqual([0, 1, -2, 3.5, 0]);
  expect(refusal(() => file.readFloat32('x', memory)).code).toBe('FC_WEIGHTS');
  expect(refusal(() => file.readFloat32('n')).code).toBe('FC_WEIGHTS');
  expect(refusal(() => file.readFloat32('y')).code).toBe('FC_NOT_FOUND');
  file.close();
});

test('data that does not fit its shape or type, or a name given twice, is not written', () => {
  const path = join(folder, 'unwritten.safetensors');
  const good: TensorToWrite = { name: 'a', dtype: 'F32', shape: [2], data: new Float32Array(2) };
  const bad: TensorToWrite[][] = [
    [{ ...good, shape: [3] }],
    [{ ...good, dtype: 'F16' }],
    [{ ...good, name: '__metadata__' }],
    [good, good],
  ];
  for (const tensors of bad) expect(refusal(() => writeSafetensors(path, tensors)).code).toBe('FC_WEIGHTS');
  expect(existsSync(path)).toBe(false);
});

const unix = process.platform === 'win32' ? test.skip : test;

unix('a file that cannot grow (a limit of the system, as on a full disk) leaves the old one and no litter', () => {
  const place = mkdtempSync(join(folder, 'full-'));
  const path = join(place, 'model.safetensors');
  writeSafetensors(path, [{ name: 'old', dtype: 'F32', shape: [1], data: Float32Array.of(1) }]);
  const before = readFileSync(path);
  const script = join(folder, 'grow.mjs');
  writeFileSync(
    script,
    `import { writeSafetensors } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'write-safetensors.js')).href)};
try {
  writeSafetensors(process.argv[2], [{ name: 'new', dtype: 'F32', shape: [1e6], data: new Float32Array(1e6) }]);
} catch (error) {
  process.stdout.write(error.code + ' ' + error.message);
}`,
  );
  const run = spawnSync('sh', ['-c', 'ulimit -f 64 && exec "$0" "$@"', process.execPath, script, path], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.stdout).toContain('FC_DISK');
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(readdirSync(place)).toEqual(['model.safetensors']);
});
