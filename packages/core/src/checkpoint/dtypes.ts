/** The number formats of published weights: their sizes, and the way of each floating-point one to float32. */

/** Bytes of one element, by safetensors' names. */
export const dtypeBytes = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;

export type Dtype = keyof typeof dtypeBytes;

export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(dtypeBytes, name);
}

/** The product of `shape`, or undefined where a dimension is not a natural number or the product leaves the safe integers. */
export function elementCount(shape: readonly unknown[]): number | undefined {
  let count = 1;
  let largest = 1;
  for (const size of shape) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
    count *= size;
    // A zero must not hide dimensions that no machine can index.
    largest *= Math.max(size, 1);
    if (!Number.isSafeInteger(largest)) return undefined;
  }
  return count;
}

/** The formats that `widen` turns into float32. */
export type FloatDtype = 'F64' | 'F32' | 'F16' | 'BF16';

export function isFloat(dtype: Dtype): dtype is FloatDtype {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

/**
 * Writes the little-endian numbers in `bytes` to `into`, which has as many elements. F16 and BF16 are exact, F64 is rounded to
 * nearest. `bytes` starts at a multiple of its element size in its buffer.
 */
export function widen(dtype: FloatDtype, bytes: Uint8Array, into: Float32Array): void {
  const { buffer, byteOffset } = bytes;
  if (dtype === 'F64') {
    into.set(new Float64Array(buffer, byteOffset, into.length));
  } else if (dtype === 'F32') {
    into.set(new Float32Array(buffer, byteOffset, into.length));
  } else {
    // Through bit patterns, so that signalling NaNs survive too.
    const out = new Uint32Array(into.buffer, into.byteOffset, into.length);
    const halves = new Uint16Array(buffer, byteOffset, into.length);
    if (dtype === 'BF16') {
      for (let i = 0; i < out.length; i++) out[i] = (halves[i] ?? 0) << 16;
    } else {
      const table = float16Table();
      for (let i = 0; i < out.length; i++) out[i] = table[halves[i] ?? 0] ?? 0;
    }
  }
}

let float16Bits: Uint32Array | undefined;

/** The float32 bit pattern of each of the 65,536 float16 ones (256 KiB, made on first use). */
function float16Table(): Uint32Array {
  if (float16Bits !== undefined) return float16Bits;
  const bits = new Uint32Array(65_536);
  const values = new Float32Array(bits.buffer);
  for (let half = 0; half < 65_536; half++) {
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const mantissa = half & 1023;
    if (exponent === 0) {
      values[half] = mantissa * 2 ** -24;
      bits[half] = (bits[half] ?? 0) | sign;
    } else {
      bits[half] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (mantissa << 13);
    }
  }
  float16Bits = bits;
  return bits;
}
