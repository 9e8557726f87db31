/**
 * Weights in a quarter of the bytes: matrices as signed bytes with one scale a row, everything else as it is. A file of them is an ordinary safetensors
 * file in which a matrix `w` is I8 and `w.scale`, F32, has a number for each of its rows; whoever opens it through here sees floats.
 */
import { dequantiseRows, quantiseRows } from '../foundation/index.js';
import { formatError, quote } from './bounded-file.js';
import type { TensorFile, TensorInfo } from './tensor-file.js';
import { writeSafetensors, type TensorToWrite } from './write-safetensors.js';

/** What the metadata of such a file says. */
const marker = { quantization: 'int8-rows' } as const;

const scaleOf = (name: string): string => `${name}.scale`;

/** The largest number of a row becomes 127, so that no number moves by more than half of 1/127 of it; rows of zeros have the scale 0. */
export function quantizeRows(data: Float32Array, width: number): { rows: Int8Array; scales: Float32Array } {
  const { data: rows, scales } = quantiseRows(data, data.length / width, { scaleOfZeros: 0 });
  return { rows, scales };
}

/** Writes float tensors, those of two axes as bytes and scales. @throws FieldcraftError as `writeSafetensors` */
export function writeInt8Rows(
  path: string,
  tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }[],
  metadata: Readonly<Record<string, string>> = {},
): void {
  const written = tensors.flatMap(({ name, shape, data }): TensorToWrite[] => {
    const [count, width] = shape;
    if (shape.length !== 2 || count === undefined || width === undefined) return [{ name, dtype: 'F32', shape, data }];
    const { rows, scales } = quantizeRows(data, width);
    return [
      { name, dtype: 'I8', shape, data: rows },
      { name: scaleOf(name), dtype: 'F32', shape: [count], data: scales },
    ];
  });
  writeSafetensors(path, written, { ...metadata, ...marker });
}

/**
 * The file as floats, where it is of this kind; any other as it is.
 * @throws FieldcraftError FC_FILE_FORMAT for bytes without a scale for each row
 */
export function withFloatRows(file: TensorFile): TensorFile {
  if (file.metadata['quantization'] !== marker.quantization) return file;
  const scales = new Map<string, string>();
  for (const [name, { dtype, shape }] of file.tensors) {
    if (dtype !== 'I8') continue;
    const scale = file.tensors.get(scaleOf(name));
    if (shape.length !== 2 || scale?.dtype !== 'F32' || scale.shape.join() !== String(shape[0])) {
      throw formatError(file.path, 'a matrix of bytes has no scale for each of its rows', {
        where: quote(name),
        expected: `${quote(scaleOf(name))}, F32 [${shape[0]}]`,
        got: scale === undefined ? 'no such tensor' : `${scale.dtype} [${scale.shape.join(', ')}]`,
      });
    }
    scales.set(name, scale.name);
  }
  const hidden = new Set(scales.values());
  const tensors = new Map<string, TensorInfo>();
  for (const [name, info] of file.tensors)
    if (!hidden.has(name)) tensors.set(name, scales.has(name) ? { ...info, dtype: 'F32' } : info);
  return {
    ...file,
    tensors,
    readFloat32(name, into) {
      const scaleName = scales.get(name);
      if (scaleName === undefined) return file.readFloat32(name, into);
      const { buffer, byteOffset, byteLength } = file.readRaw(name);
      const rows = new Int8Array(buffer, byteOffset, byteLength);
      const out = into ?? new Float32Array(rows.length);
      if (out.length !== rows.length) {
        throw formatError(file.path, 'the place for a tensor has another size than the tensor', {
          where: quote(name),
          expected: `${rows.length} elements`,
          got: `${out.length}`,
        });
      }
      return dequantiseRows({ data: rows, scales: file.readFloat32(scaleName) }, out);
    },
  };
}
