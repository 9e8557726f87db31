import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FieldcraftError } from '../foundation/index.js';
import { openPytorchBin } from './pytorch-bin.js';
import type { TensorFile } from './tensor-file.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-pytorch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

// A small assembler for the pickles and archives that torch.save writes.
const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const int = (value: number): Buffer => Buffer.concat([ascii('J'), uint32(value >>> 0)]);
const str = (text: string): Buffer => Buffer.concat([ascii('X'), uint32(Buffer.byteLength(text)), Buffer.from(text)]);
const global = (module: string, name: string): Buffer => ascii(`c${module}\n${name}\n`);
const tuple = (...items: Buffer[]): Buffer => Buffer.concat([ascii('('), ...items, ascii('t')]);
const dict = (...items: [string, Buffer][]): Buffer =>
  Buffer.concat([ascii('}('), ...items.flatMap(([key, value]) => [str(key), value]), ascii('u')]);
const pickle = (value: Buffer): Buffer => Buffer.concat([ascii('\x80\x02'), value, ascii('.')]);
const storage = (type: string, key: string, count: number, view: Buffer = ascii('N')): Buffer =>
  Buffer.concat([tuple(str('storage'), global('torch', type), str(key), str('cpu'), int(count), view), ascii('Q')]);
const call = (module: string, name: string, ...args: Buffer[]): Buffer =>
  Buffer.concat([global(module, name), tuple(...args), ascii('R')]);
const tensor = (from: Buffer, offset: number, shape: number[], strides: number[]): Buffer =>
  call(
    'torch._utils',
    '_rebuild_tensor_v2',
    from,
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    ascii('\x89'),
    call('collections', 'OrderedDict'),
  );
const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

interface ZipOptions {
  method?: number;
  comment?: string;
  zip64?: boolean;
}

/** A stored zip archive of `entries`. */
function zip(entries: [string, Buffer][], { method = 0, comment = '', zip64 = false }: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of entries) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    parts.push(local, ascii(name), data);
    const extra = Buffer.alloc(zip64 ? 28 : 0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(data.length), 4);
      extra.writeBigUInt64LE(BigInt(data.length), 12);
      extra.writeBigUInt64LE(BigInt(at), 20);
    }
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(zip64 ? 0xffffffff : data.length, 20);
    central.writeUInt32LE(zip64 ? 0xffffffff : data.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(zip64 ? 0xffffffff : at, 42);
    directory.push(central, ascii(name), extra);
    at += 30 + name.length + data.length;
  }
  const size = Buffer.concat(directory).length;
  const wide = Buffer.alloc(zip64 ? 76 : 0);
  if (zip64) {
    wide.writeUInt32LE(0x06064b50, 0);
    wide.writeBigUInt64LE(BigInt(size), 40);
    wide.writeBigUInt64LE(BigInt(at), 48);
    wide.writeUInt32LE(0x07064b50, 56);
    wide.writeBigUInt64LE(BigInt(at + size), 64);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(zip64 ? 0xffffffff : size, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, ...directory, wide, end, ascii(comment)]);
}

const archive = (state: Buffer, data: Record<string, Buffer> = {}, options: ZipOptions = {}): Buffer =>
  zip(
    [
      ['m/data.pkl', pickle(state)],
      ['m/byteorder', ascii('little')],
      ...Object.entries(data).map(([key, bytes]): [string, Buffer] => [`m/data/${key}`, bytes]),
    ],
    options,
  );

/** The layout before PyTorch 1.6. */
function legacy(state: Buffer, data: [string, Buffer][], itemBytes = 4): Buffer {
  const size = (bytes: Buffer) => {
    const count = Buffer.alloc(8);
    count.writeBigInt64LE(BigInt(bytes.length / itemBytes));
    return count;
  };
  return Buffer.concat([
    pickle(Buffer.concat([ascii('\x8a\x0a'), Buffer.from('6cfc9c46f9206aa85019', 'hex')])),
    pickle(int(1001)),
    pickle(dict(['little_endian', ascii('\x88')])),
    pickle(state),
    pickle(Buffer.concat([ascii(']('), ...data.map(([key]) => str(key)), ascii('e')])),
    ...data.flatMap(([, bytes]) => [size(bytes), bytes]),
  ]);
}

function open(bytes: Uint8Array): TensorFile {
  const path = join(folder, 'pytorch_model.bin');
  writeFileSync(path, bytes);
  return openPytorchBin(path);
}

function refusal(bytes: Uint8Array): FieldcraftError {
  try {
    open(bytes);
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const six = floats(1, 2, 3, 4, 5, 6);
const whole = storage('FloatStorage', '0', 6);

describe.each<[string, (state: Buffer, data: [string, Buffer][]) => Buffer]>([
  ['zip', (state, data) => archive(state, Object.fromEntries(data))],
  ['zip64', (state, data) => archive(state, Object.fromEntries(data), { zip64: true, comment: 'PK\x05\x06 no end' })],
  ['legacy', legacy],
])('%s', (_, make) => {
  test('tensors are read by their strides and offsets, and tied ones share their storage', () => {
    const file = open(
      make(
        dict(
          ['rows', tensor(whole, 0, [2, 3], [3, 1])],
          ['columns', tensor(whole, 0, [3, 2], [1, 3])],
          ['second', tensor(whole, 3, [3], [1])],
          ['middle', tensor(whole, 1, [2, 1, 2], [3, 9, 1])],
          ['scalar', tensor(whole, 5, [], [])],
          ['empty', tensor(whole, 0, [0, 3], [3, 1])],
          ['tied', tensor(whole, 0, [2, 3], [3, 1])],
          [
            'parameter',
            call('torch._utils', '_rebuild_parameter', tensor(whole, 0, [6], [1]), ascii('\x88'), ascii('N')),
          ],
        ),
        [['0', six]],
      ),
    );
    const values = Object.fromEntries([...file.tensors.keys()].map((name) => [name, [...file.readFloat32(name)]]));
    expect(values).toEqual({
      rows: [1, 2, 3, 4, 5, 6],
      columns: [1, 4, 2, 5, 3, 6],
      second: [4, 5, 6],
      middle: [2, 3, 5, 6],
      scalar: [6],
      empty: [],
      tied: [1, 2, 3, 4, 5, 6],
      parameter: [1, 2, 3, 4, 5, 6],
    });
    expect(file.tensors.get('tied')?.storage).toBe(file.tensors.get('rows')?.storage);
    expect(file.tensors.get('second')?.storage).not.toBe(file.tensors.get('rows')?.storage);
    expect(file.tensors.get('columns')?.shape).toEqual([3, 2]);
    file.close();
  });

  test('a tensor outside its storage, or larger than it, is refused', () => {
    for (const bad of [
      tensor(whole, 1, [6], [1]),
      tensor(whole, 0, [2], [6]),
      tensor(whole, 7, [0], [1]),
      tensor(whole, 0, [100_000, 100_000], [0, 0]),
      tensor(whole, 0, [2 ** 30, 2 ** 30], [1, 1]),
    ]) {
      expect(refusal(make(dict(['x', bad]), [['0', six]])).parts.what).toBe('a tensor reaches outside its storage');
    }
  });

  test('arguments that make no sense are refused', () => {
    for (const bad of [
      tensor(whole, -1, [1], [1]),
      tensor(whole, 0, [1, 1], [1]),
      tensor(whole, 0, [1], [-1]),
      tensor(str('no storage'), 0, [1], [1]),
      str('no tensor'),
      storage('FloatStorage', '0', -6),
    ]) {
      expect(refusal(make(dict(['x', bad]), [['0', six]])).code).toBe('FC_FILE_FORMAT');
    }
  });

  test('a storage that is missing or has another size is refused', () => {
    const state = dict(['x', tensor(whole, 0, [6], [1])]);
    for (const data of [[], [['0', floats(1, 2)]], [['1', six]]] as [string, Buffer][][]) {
      expect(refusal(make(state, data)).code).toBe('FC_FILE_FORMAT');
    }
  });

  test('anything that could run is refused by name, and nothing runs', () => {
    const witness = join(folder, 'pwned');
    const cases: [string, Buffer][] = [
      ['posix.system', call('posix', 'system', str(`touch ${witness}`))],
      ['builtins.eval', call('builtins', 'eval', str('1'))],
      ['torch.load', call('torch', 'load', str('x'))],
      ['__proto__.constructor', call('__proto__', 'constructor', str('x'))],
      ['torch.FloatStorage', call('torch', 'FloatStorage', int(3))],
      ['os.system', Buffer.concat([str('os'), str('system'), ascii('\x93')])],
      ['0x69', ascii('(iposix\nsystem\n')],
      ['0x6f', Buffer.concat([ascii('('), global('torch', 'Size'), ascii('o')])],
      ['0x81', Buffer.concat([global('torch', 'Size'), ascii(')\x81')])],
      ['0x82', ascii('\x82\x01')],
    ];
    for (const [name, bad] of cases) {
      const error = refusal(make(dict(['x', bad]), []));
      expect([name, error.code]).toEqual([name, 'FC_UNSAFE_FILE']);
      expect(error.parts.got).toContain(name);
    }
    expect(readdirSync(folder)).not.toContain('pwned');
  });

  test('whatever bytes change, the file is read or refused, never worse', () => {
    const good = make(dict(['x', tensor(whole, 0, [3, 2], [1, 3])]), [['0', six]]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(good.length),
        (changes, length) => {
          const bytes = Uint8Array.from(good);
          for (const [at, byte] of changes) bytes[at] = byte;
          try {
            const file = open(bytes.subarray(0, length % 3 === 0 ? length : good.length));
            for (const name of file.tensors.keys()) file.readRaw(name);
            file.close();
          } catch (error) {
            expect(error).toBeInstanceOf(FieldcraftError);
          }
        },
      ),
      { numRuns: 400, seed: 3 },
    );
  });
});

test('each number type keeps its bytes, and the floating ones become float32', () => {
  const types: [string, string, Buffer, number | undefined][] = [
    ['DoubleStorage', 'F64', Buffer.from(Float64Array.of(1.5).buffer), 1.5],
    ['FloatStorage', 'F32', floats(1.5), 1.5],
    ['HalfStorage', 'F16', Buffer.from(Uint16Array.of(0x3e00).buffer), 1.5],
    ['BFloat16Storage', 'BF16', Buffer.from(Uint16Array.of(0x3fc0).buffer), 1.5],
    ['LongStorage', 'I64', Buffer.from(BigInt64Array.of(-7n).buffer), undefined],
    ['IntStorage', 'I32', Buffer.from(Int32Array.of(-7).buffer), undefined],
    ['ShortStorage', 'I16', Buffer.from(Int16Array.of(-7).buffer), undefined],
    ['CharStorage', 'I8', Buffer.of(249), undefined],
    ['ByteStorage', 'U8', Buffer.of(9), undefined],
    ['BoolStorage', 'BOOL', Buffer.of(1), undefined],
  ];
  const state = dict(
    ...types.map(([type], i): [string, Buffer] => [type, tensor(storage(type, `${i}`, 1), 0, [1], [1])]),
  );
  const file = open(archive(state, Object.fromEntries(types.map(([, , bytes], i) => [`${i}`, bytes]))));
  for (const [type, dtype, bytes, value] of types) {
    expect(file.tensors.get(type)?.dtype).toBe(dtype);
    expect(Buffer.from(file.readRaw(type)).equals(bytes)).toBe(true);
    if (value !== undefined) expect([...file.readFloat32(type)]).toEqual([value]);
  }
  file.close();
});

test('a legacy storage may be a view of another', () => {
  const view = storage('FloatStorage', '0', 6, tuple(str('v'), int(2), int(3)));
  const file = open(legacy(dict(['x', tensor(view, 1, [2], [1])]), [['0', six]]));
  expect([...file.readFloat32('x')]).toEqual([4, 5]);
  file.close();
  expect(refusal(legacy(dict(['x', tensor(view, 1, [3], [1])]), [['0', six]])).code).toBe('FC_FILE_FORMAT');
  const outside = storage('FloatStorage', '0', 6, tuple(str('v'), int(4), int(3)));
  expect(refusal(legacy(dict(['x', tensor(outside, 0, [1], [1])]), [['0', six]])).code).toBe('FC_FILE_FORMAT');
});

describe('pickles', () => {
  const cases: [string, Buffer][] = [
    ['that take a value that is not there', ascii('.')],
    ['that take the mark of a group', ascii('(\x85.')],
    ['that end a group that never began', ascii('t.')],
    ['that recall what was never remembered', ascii('h\x05.')],
    ['that leave values over', ascii('NN.')],
    ['that set items of a number', ascii('K\x01(NNu.')],
    ['that append to a number', ascii('K\x01Na.')],
    ['with an odd number of items', ascii('}(Nu.')],
    ['with a text of 2^32 - 1 bytes', ascii('X\xff\xff\xff\xffabc')],
    ['with a text of 2^64 - 1 bytes', ascii('\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc')],
    ['with a text that is not UTF-8', ascii('U\x02\xff\xfe.')],
    ['with a name without end', ascii(`c${'a'.repeat(5000)}`)],
    ['of protocol 0', ascii('\x80\x00N.')],
    ['that never end', ascii('NNNN')],
    ['that hold a list', ascii('].')],
    ['that refer to nothing', ascii('NQ.')],
  ];
  test.each(cases)('%s are refused', (_, body) => {
    expect(refusal(zip([['m/data.pkl', body]])).code).toBe('FC_FILE_FORMAT');
  });

  test('with more values than any checkpoint has, or 16 MiB and more, are refused', () => {
    expect(refusal(zip([['m/data.pkl', Buffer.alloc(2_000_000, 'N')]])).message).toContain('too many values');
    expect(refusal(zip([['m/data.pkl', Buffer.alloc(17_000_000, 'N0')]])).code).toMatch(/FC_(FILE_FORMAT|UNSAFE_FILE)/);
    const protocols = Buffer.concat([Buffer.alloc(20_000_000, '\x80\x02', 'latin1'), ascii('N.')]);
    expect(refusal(zip([['m/data.pkl', protocols]])).message).toContain('too long');
  });
});

describe('archives', () => {
  const state = dict(['x', tensor(whole, 0, [6], [1])]);
  const good = archive(state, { 0: six });

  test('that are cut off anywhere are refused', () => {
    for (let length = 0; length < good.length; length += 7) {
      expect(refusal(good.subarray(0, length)).code).toMatch(/FC_FILE_FORMAT|FC_UNSAFE_FILE/);
    }
  });

  test('that are compressed, big-endian, or without state are refused', () => {
    expect(refusal(archive(state, { 0: six }, { method: 8 })).parts.what).toContain('compressed');
    const big = zip([
      ['m/data.pkl', pickle(state)],
      ['m/byteorder', ascii('big')],
      ['m/data/0', six],
    ]);
    expect(refusal(big).parts.what).toContain('little-endian');
    expect(refusal(zip([['word/document.xml', ascii('x')]])).parts.what).toContain('no data.pkl');
  });

  test('with an entry twice, or two in one place, are refused', () => {
    const twice = zip([
      ['m/data.pkl', pickle(state)],
      ['m/data/0', six],
      ['m/data/0', six],
    ]);
    expect(refusal(twice).parts.what).toContain('contradicts');
    const inside = zip([
      ['m/data.pkl', Buffer.concat([pickle(state), zip([['m/data/0', six]])])],
      ['m/data/0', six],
    ]);
    const directory = inside.readUInt32LE(inside.length - 6);
    // The second entry of the outer directory now points at the archive inside the first.
    inside.writeUInt32LE(30 + 'm/data.pkl'.length + pickle(state).length, directory + 46 + 'm/data.pkl'.length + 42);
    expect(refusal(inside).parts.what).toContain('overlap');
  });
});

const mirror = process.env['FIELDCRAFT_MIRROR'];
const withMirror = mirror === undefined ? describe.skip : describe;

withMirror('hostile files as published (needs FIELDCRAFT_MIRROR)', () => {
  const hostile = join(mirror ?? '', 'fixtures/as-published/hostile');

  test.each([
    ['code-legacy.bin', 'FC_UNSAFE_FILE', '"posix.system"'],
    ['code-zip.bin', 'FC_UNSAFE_FILE', '"posix.system"'],
    ['truncated-zip.bin', 'FC_FILE_FORMAT', undefined],
  ])('%s is refused without side effect', (name, code, got) => {
    const before = [readdirSync('.'), readdirSync(hostile)];
    const error = refusal(readFileSync(join(hostile, name)));
    expect([error.code, error.parts.got]).toEqual([code, got]);
    expect([readdirSync('.'), readdirSync(hostile)]).toEqual(before);
  });
});
