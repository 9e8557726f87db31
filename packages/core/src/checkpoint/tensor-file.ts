/** A file of named tensors, whatever its format: known by name, type and shape at once, read one by one when asked. */
import { FieldcraftError } from '../foundation/index.js';
import { quote, type BoundedFile } from './bounded-file.js';
import { dtypeBytes, elementCount, isFloat, widen, type Dtype } from './dtypes.js';

/** What is known of a tensor without reading it. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Where the numbers begin. Tensors of one shape with the same `storage` are tied: they share their numbers. */
  readonly storage: string;
}

/** An open file of tensors. Nothing is held in memory but the list. */
export interface TensorFile {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * A tensor as float32, row-major; F16 and BF16 convert exactly, F64 rounds. `into` must have exactly as many elements and may be a
   * view of a WebAssembly memory: F32 bytes are read straight into it.
   * @throws FieldcraftError FC_NOT_FOUND for an unknown name; FC_WEIGHTS where the tensor holds no floats or `into` has another length.
   */
  readFloat32(name: string, into?: Float32Array): Float32Array;
  /** A tensor's little-endian bytes, row-major, in a buffer of their own. */
  readRaw(name: string): Uint8Array;
  close(): void;
}

/** A tensor and its place in the file. */
export interface PlacedTensor extends TensorInfo {
  /** Of its first byte, in the file. */
  readonly position: number;
  /** In elements, where the tensor is not stored row-major. */
  readonly strides?: readonly number[];
}

/** Elements converted at a time: small enough to stay in the cache. */
const chunkElements = 1 << 16;

/** The reading half that all formats share: `tensors` were checked to lie inside `file`. */
export function tensorFile(
  file: BoundedFile,
  tensors: ReadonlyMap<string, PlacedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): TensorFile {
  const find = (name: string): PlacedTensor => {
    const tensor = tensors.get(name);
    if (tensor !== undefined) return tensor;
    throw new FieldcraftError('FC_NOT_FOUND', { what: `there is no tensor ${quote(name)}`, where: file.path });
  };

  const readRaw = (name: string): Uint8Array => {
    const tensor = find(name);
    const itemBytes = dtypeBytes[tensor.dtype];
    const count = elementCount(tensor.shape) ?? 0;
    if (tensor.strides === undefined || count === 0) return file.read(tensor.position, count * itemBytes);
    const spanned = file.read(tensor.position, (reach(tensor.shape, tensor.strides) + 1) * itemBytes);
    return packRows(spanned, itemBytes, tensor.shape, tensor.strides, count);
  };

  const readFloat32 = (name: string, into?: Float32Array): Float32Array => {
    const tensor = find(name);
    const { dtype, shape, position } = tensor;
    const count = elementCount(shape) ?? 0;
    const where = `${quote(name)} in ${file.path}`;
    if (!isFloat(dtype)) {
      throw new FieldcraftError('FC_WEIGHTS', { what: 'a tensor holds no floating-point numbers', where, got: dtype });
    }
    if (into !== undefined && into.length !== count) {
      throw new FieldcraftError('FC_WEIGHTS', {
        what: 'the place for a tensor has another size than the tensor',
        where,
        expected: `${count} elements`,
        got: `${into.length}`,
      });
    }
    // Inside the file, since the format's reader checked it: so the size is bounded by the file's.
    const out = into ?? new Float32Array(count);
    if (tensor.strides !== undefined) {
      widen(dtype, readRaw(name), out);
    } else if (dtype === 'F32') {
      file.readInto(new Uint8Array(out.buffer, out.byteOffset, out.byteLength), position);
    } else {
      const itemBytes = dtypeBytes[dtype];
      const chunk = new Uint8Array(Math.min(count, chunkElements) * itemBytes);
      for (let done = 0; done < count; done += chunkElements) {
        const part = out.subarray(done, Math.min(count, done + chunkElements));
        const bytes = chunk.subarray(0, part.length * itemBytes);
        file.readInto(bytes, position + done * itemBytes);
        widen(dtype, bytes, part);
      }
    }
    return out;
  };

  return { path: file.path, metadata, tensors, readFloat32, readRaw, close: file.close };
}

/** The largest element index, from the first element, that a non-empty tensor of these strides touches. */
export function reach(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), 0);
}

/** Copies the elements of a strided tensor out of `spanned` in row-major order. */
function packRows(
  spanned: Uint8Array,
  itemBytes: number,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): Uint8Array {
  const out = new Uint8Array(count * itemBytes);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    for (let b = 0; b < itemBytes; b++) out[to * itemBytes + b] = spanned[from * itemBytes + b] ?? 0;
    // Counts the index up like an odometer, last axis fastest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        from += stride;
        break;
      }
      from -= (index[axis] ?? 0) * stride;
      index[axis] = 0;
    }
  }
  return out;
}
