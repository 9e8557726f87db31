/** Writes safetensors files: atomically, straight from memory, and byte for byte repeatable. */
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { quote } from './bounded-file.js';
import { dtypeBytes, elementCount, type Dtype } from './dtypes.js';

/** A tensor's numbers. F16 and BF16 are bit patterns in a Uint16Array, BOOL is 0 or 1 in a Uint8Array. */
export type TensorData =
  Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

/** A tensor to be written: `data` has one element for each of the product of `shape`, row-major. */
export interface TensorToWrite {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Where a tensor's bytes lie in its file. */
export interface TensorPlace {
  readonly offset: number;
  readonly length: number;
}

/** The typed array that holds each type. */
const arrayOf = {
  F64: 'Float64Array',
  F32: 'Float32Array',
  F16: 'Uint16Array',
  BF16: 'Uint16Array',
  I64: 'BigInt64Array',
  I32: 'Int32Array',
  I16: 'Int16Array',
  I8: 'Int8Array',
  U8: 'Uint8Array',
  BOOL: 'Uint8Array',
} as const satisfies Record<Dtype, string>;

/**
 * Writes `tensors` atomically, straight from their memory. Like the reference implementation it puts wide types first and then sorts by
 * name, and pads the header so that every tensor is aligned; equal tensors therefore make equal files. Returns the place of each tensor in
 * the file, for others that point into it.
 * @throws FieldcraftError FC_WEIGHTS for a name given twice or data that does not fit its shape or type; FC_DISK where it cannot write,
 * and then an older file stays as it was.
 */
export function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Map<string, TensorPlace> {
  const sorted = [...tensors].sort(
    (a, b) => dtypeBytes[b.dtype] - dtypeBytes[a.dtype] || compare(a.dtype, b.dtype) || compare(a.name, b.name),
  );
  const header: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [['__metadata__', sortKeys(metadata)]];
  let offset = 0;
  const places = new Map<string, TensorPlace>();
  for (const tensor of sorted) {
    const { name, dtype, shape, data } = tensor;
    if (places.has(name) || name === '__metadata__') throw refuseWrite(path, tensor, 'the name is taken');
    if (elementCount(shape) !== data.length) throw refuseWrite(path, tensor, `${data.length} elements`);
    if (data[Symbol.toStringTag] !== arrayOf[dtype]) throw refuseWrite(path, tensor, `a ${data[Symbol.toStringTag]}`);
    places.set(name, { offset, length: data.byteLength });
    header.push([name, { dtype, shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  const views = sorted.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  writeFileAtomic(path, [length, padded, ...views]);
  const dataBegin = length.length + padded.length;
  return new Map([...places].map(([name, place]) => [name, { ...place, offset: dataBegin + place.offset }]));
}

function refuseWrite(path: string, { name, dtype, shape }: TensorToWrite, got: string): FieldcraftError {
  return new FieldcraftError('FC_WEIGHTS', {
    what: 'a tensor cannot be written',
    where: `${quote(name)} for ${path}`,
    expected: `a ${arrayOf[dtype]} of shape [${shape.join(', ')}] under a name of its own`,
    got,
  });
}

/** By UTF-16 code units: the same on every machine and in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortKeys(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compare(a, b)));
}
