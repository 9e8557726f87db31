/** Lists of numbers as JSON keeps them: little-endian, in base 64. */
import { z } from 'zod';

export const packed = z.base64();

export const pack = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');

/** The bytes of whole numbers of `width` bytes; none where some are missing, which their count then tells. */
export function unpack(part: string, width: number): ArrayBuffer {
  const bytes = Uint8Array.from(Buffer.from(part, 'base64')).buffer;
  return bytes.byteLength % width === 0 ? bytes : new ArrayBuffer(0);
}

/** What is kept with a model is unpacked once, when it is first asked. */
export function unpackedOnce<M extends object, O>(open: (model: M) => O): (model: M) => O {
  const opened = new WeakMap<M, O>();
  return (model) => {
    const known = opened.get(model) ?? open(model);
    opened.set(model, known);
    return known;
  };
}
