/** Loads the WebAssembly kernels of training over a memory of our own. */
import { readFileSync } from 'node:fs';
import { FieldcraftError } from '../foundation/index.js';

/** The exports of `kernels/optimizer.as.ts` and `kernels/quantise.as.ts`; pointers are byte offsets, multiples of 16. */
export interface Kernels {
  sumSquares(x: number, count: number): number;
  addInto(y: number, x: number, count: number): void;
  blend(average: number, x: number, count: number, share: number): void;
  pullBack(gradient: number, weight: number, start: number, count: number, strength: number): void;
  pullBackRows(
    gradient: number,
    weight: number,
    start: number,
    states: number,
    rows: number,
    width: number,
    strength: number,
  ): void;
  adamW(weight: number, gradient: number, moment1: number, moment2: number, count: number, ...step: AdamWStep): void;
  /** `skipped`: a row that takes nothing; -1 for none. */
  scatterAddRows(
    table: number,
    states: number,
    values: number,
    ids: number,
    count: number,
    width: number,
    skipped: number,
  ): void;
  sumSquaresRows(table: number, states: number, rows: number, width: number): number;
  adamWRows(
    weight: number,
    gradient: number,
    moment1: number,
    moment2: number,
    states: number,
    rows: number,
    width: number,
    ...step: AdamWStep
  ): void;
  quantiseMatrix(
    matrix: number,
    rows: number,
    columns: number,
    largest: number,
    byRow: number,
    rowScales: number,
    byColumn: number,
    columnScales: number,
    scratch: number,
  ): void;
}

/** Bytes of scratch memory that copies of a matrix in 8 bits take to make. */
export const quantiseScratch = (rows: number, columns: number): number => 512 + 4 * (rows + columns);

export type AdamWStep = [
  scale: number,
  keep: number,
  stepSize: number,
  deviationScale: number,
  beta1: number,
  beta2: number,
  epsilon: number,
];

/** The parts of the WebAssembly API that are used; Node's types leave it to those of browsers. */
declare const WebAssembly: {
  Memory: new (options: { initial: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
};

const pageBytes = 65_536;
/** What 32-bit addresses reach. */
const limitBytes = 65_536 * pageBytes;

/**
 * A WebAssembly memory of at least `bytes` and the kernels bound to it. The memory never grows: growing would detach every view.
 * @throws FieldcraftError FC_ENGINE beyond 4 GiB.
 */
export function createKernels(bytes: number): { memory: ArrayBuffer; kernels: Kernels } {
  if (bytes > limitBytes) {
    throw new FieldcraftError('FC_ENGINE', {
      what: 'weights, gradients and moments do not fit the 4 GiB that WebAssembly can address',
      got: `${(bytes / 2 ** 30).toFixed(1)} GiB`,
      fix: 'train fewer parameters (freeze the embeddings or use adapters), or choose a smaller base',
    });
  }
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) });
  const exportsOf = (name: string): object => {
    const module = new WebAssembly.Module(readFileSync(new URL(`./kernels/${name}.wasm`, import.meta.url)));
    return new WebAssembly.Instance(module, { env: { memory } }).exports;
  };
  return { memory: memory.buffer, kernels: { ...exportsOf('optimizer'), ...exportsOf('quantise') } as Kernels };
}
