/**
 * Where a model's numbers live: weights, gradients and both moments of every parameter, in one WebAssembly memory. The engine reads weights and writes
 * gradients as views of it, the optimizer's kernels work on it in place, checkpoints are written from it: nothing is ever copied.
 */
import { FieldcraftError, type Int8Matrix } from '../foundation/index.js';
import { createKernels, quantiseScratch, type Kernels } from './kernels.js';

/** What the store must know of a parameter. */
export interface StoredParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** An embedding table: its gradient comes as single rows. */
  readonly table?: boolean | undefined;
  /** Has a gradient and moments. Default true. */
  readonly trainable?: boolean | undefined;
  /** Its start is remembered, for a penalty that holds it there. Default false. */
  readonly held?: boolean | undefined;
  /** Has a moving average, or another, beside its weight, where it is trainable. Default false. */
  readonly averaged?: boolean | undefined;
  /** A matrix that is also read in 8 bits. Default false. */
  readonly int8?: boolean | undefined;
}

/** A weight [outputs, inputs] in 8 bits, as the last `quantise` found it; the layout of `int8Names`. */
export interface Int8Slot {
  /** Numbers [inputs, outputs], scales [outputs]. */
  readonly byOutput: Int8Matrix;
  /** Numbers [outputs, inputs], scales [inputs]. */
  readonly byInput: Int8Matrix;
}

export interface Slot {
  readonly shape: readonly number[];
  readonly count: number;
  readonly trainable: boolean;
  readonly weight: Float32Array;
  /** Empty for frozen parameters, as are the moments. */
  readonly gradient: Float32Array;
  readonly moment1: Float32Array;
  readonly moment2: Float32Array;
  /** An average of the weight, where there is to be one: zeros until `startAverages`. */
  readonly average: Float32Array | undefined;
  /** Tables: one byte a row (see the kernels). */
  readonly rowStates: Uint8Array | undefined;
  /** What the weight was when `markStart` was called, where it is held; else empty. */
  readonly start: Float32Array;
  readonly int8: Int8Slot | undefined;
}

export interface ParameterStore {
  readonly slots: ReadonlyMap<string, Slot>;
  readonly kernels: Kernels;
  /** Scratch memory for what the engine writes and a kernel reads: gradients of rows. Valid until the next call. */
  scratchFloats(count: number): Float32Array;
  scratchIds(count: number): BigInt64Array;
  slot(name: string): Slot;
  /** Zeroes gradients, moments and row states: the start of another round, with other weights. */
  clear(): void;
  /**
   * Makes the copies in 8 bits anew, their largest number `largest`; those of frozen weights once a round.
   * @param largest 127, or 63 where products of larger ones overflow (`int8ProductsOverflow`)
   */
  quantise(largest: number): void;
  /** Remembers the weights that are held. */
  markStart(): void;
  /** A second gradient of a parameter, for the later passes of an update. */
  partial(name: string): Float32Array;
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/**
 * Lays the parameters out. `scratchFloats` and `scratchIds` are the largest scratch tensors that will be asked for. Room for second gradients
 * is only reserved: it takes no memory before it is written to.
 * @throws FieldcraftError FC_ENGINE if all of it does not fit 4 GiB.
 */
export function createParameterStore(
  parameters: Iterable<StoredParameter>,
  scratch: { floats: number; ids: number } = { floats: 0, ids: 0 },
): ParameterStore {
  const list = [...parameters].map((parameter) => ({
    ...parameter,
    count: parameter.shape.reduce((product, size) => product * size, 1),
    trainable: parameter.trainable ?? true,
    held: (parameter.held ?? false) && (parameter.trainable ?? true),
    averaged: (parameter.averaged ?? false) && (parameter.trainable ?? true),
  }));
  // The first page stays free: AssemblyScript keeps its own few bytes there.
  let end = 65_536;
  const reserve = (bytes: number): number => {
    const start = end;
    end += align(bytes);
    return start;
  };
  const places = list.map(({ name, shape, count, table, trainable, held, averaged, int8 }) => {
    const [rows = 0, columns = 0] = shape;
    if (table && (shape.length !== 2 || (shape[1] as number) % 4 !== 0)) {
      throw new FieldcraftError('FC_WEIGHTS', {
        what: `the embedding table ${name} cannot be trained`,
        expected: 'rows whose width is a multiple of 4',
        got: shape.join(' x '),
      });
    }
    return {
      weight: reserve(count * 4),
      gradient: trainable ? reserve(count * 4) : 0,
      moment1: trainable ? reserve(count * 4) : 0,
      moment2: trainable ? reserve(count * 4) : 0,
      rowStates: table && trainable ? reserve(shape[0] as number) : undefined,
      partial: trainable ? reserve(count * 4) : undefined,
      start: held ? reserve(count * 4) : 0,
      average: averaged ? reserve(count * 4) : 0,
      int8: int8
        ? {
            byOutput: { data: reserve(count), scales: reserve(rows * 4) },
            byInput: { data: reserve(count), scales: reserve(columns * 4) },
          }
        : undefined,
    };
  });
  const quantiseAt = reserve(
    Math.max(0, ...list.map(({ shape: [rows = 0, columns = 0], int8 }) => (int8 ? quantiseScratch(rows, columns) : 0))),
  );
  const floatsAt = reserve(scratch.floats * 4);
  const idsAt = reserve(scratch.ids * 8);
  const { memory, kernels } = createKernels(end);
  const slots = new Map(
    list.map(({ name, shape, count, trainable, held, averaged }, i): [string, Slot] => {
      const place = places[i] as (typeof places)[number];
      const view = (at: number, there = trainable) => new Float32Array(memory, at, there ? count : 0);
      const copy = ({ data, scales }: { data: number; scales: number }, channels = 0): Int8Matrix => ({
        data: new Int8Array(memory, data, count),
        scales: new Float32Array(memory, scales, channels),
      });
      return [
        name,
        {
          shape,
          count,
          trainable,
          weight: new Float32Array(memory, place.weight, count),
          gradient: view(place.gradient),
          moment1: view(place.moment1),
          moment2: view(place.moment2),
          rowStates: place.rowStates === undefined ? undefined : new Uint8Array(memory, place.rowStates, shape[0]),
          start: view(place.start, held),
          int8: place.int8 && {
            byOutput: copy(place.int8.byOutput, shape[0]),
            byInput: copy(place.int8.byInput, shape[1]),
          },
          average: averaged ? view(place.average) : undefined,
        },
      ];
    }),
  );
  let frozenCopied = false;
  const scratchOf = <T>(what: string, count: number, limit: number, view: () => T): T => {
    if (count > limit)
      throw new FieldcraftError('FC_INTERNAL', {
        what: `a batch needs more ${what} than planned`,
        expected: `at most ${limit}`,
        got: `${count}`,
      });
    return view();
  };
  return {
    slots,
    kernels,
    scratchFloats: (count) =>
      scratchOf('row gradients', count, scratch.floats, () => new Float32Array(memory, floatsAt, count)),
    scratchIds: (count) => scratchOf('row numbers', count, scratch.ids, () => new BigInt64Array(memory, idsAt, count)),
    clear() {
      for (const { gradient, moment1, moment2, rowStates } of slots.values()) {
        for (const part of [gradient, moment1, moment2, rowStates]) part?.fill(0);
      }
      frozenCopied = false;
    },
    quantise(largest) {
      for (const { int8, weight, shape, trainable } of slots.values()) {
        if (!int8 || (!trainable && frozenCopied)) continue;
        const [rows = 0, columns = 0] = shape;
        const { byOutput, byInput } = int8;
        kernels.quantiseMatrix(
          weight.byteOffset,
          rows,
          columns,
          largest,
          byOutput.data.byteOffset,
          byOutput.scales.byteOffset,
          byInput.data.byteOffset,
          byInput.scales.byteOffset,
          quantiseAt,
        );
      }
      frozenCopied = true;
    },
    markStart() {
      for (const { weight, start } of slots.values()) if (start.length > 0) start.set(weight);
    },
    partial(name) {
      const i = list.findIndex((parameter) => parameter.name === name);
      const at = places[i]?.partial;
      if (at === undefined)
        throw new FieldcraftError('FC_INTERNAL', { what: `no second gradient was planned for ${name}` });
      return new Float32Array(memory, at, list[i]?.count);
    },
    slot(name) {
      const slot = slots.get(name);
      if (!slot) throw new FieldcraftError('FC_INTERNAL', { what: `there is no parameter ${name}` });
      return slot;
    },
  };
}
