/** A safetensors file of inputs and expected values, read as plain numbers. */
import { checkpoint } from '@fieldcraft/core/internals';

export interface FixtureFile {
  /** Names that begin with `prefix`, without it. */
  names(prefix: string): string[];
  has(name: string): boolean;
  shape(name: string): readonly number[];
  /** Row-major; single and double floats and integers. */
  numbers(name: string): number[];
  close(): void;
}

export function openFixture(path: string): FixtureFile {
  const file = checkpoint.openSafetensors(path);
  return {
    names: (prefix) =>
      [...file.tensors.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
    has: (name) => file.tensors.has(name),
    shape: (name) => file.tensors.get(name)?.shape ?? [],
    numbers(name) {
      const dtype = file.tensors.get(name)?.dtype;
      if (dtype !== 'I64' && dtype !== 'F64') return [...file.readFloat32(name)];
      const { buffer, byteOffset, byteLength } = file.readRaw(name);
      return dtype === 'F64'
        ? [...new Float64Array(buffer, byteOffset, byteLength / 8)]
        : Array.from(new BigInt64Array(buffer, byteOffset, byteLength / 8), Number);
    },
    close: () => file.close(),
  };
}
