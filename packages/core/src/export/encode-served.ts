/** A served graph as one ONNX file with its weights inside, for ONNX Runtime on CPUs: in single precision, or in INT8. */
import { quantiseRows } from '../foundation/index.js';
import { fuseGraph, type Target } from '../graph/index.js';
import {
  encodeOnnx,
  lowerGraph,
  productGroups,
  quantisableWeights,
  quantiseOnnx,
  scaleName,
  smoothingName,
  transposeInt8,
  withColumnStatistics,
  type BakedTensor,
  type OnnxGraph,
} from '../onnx/index.js';
import type { BundlePrecision } from './bundle-file.js';
import type { TrainedModel } from './model-folder.js';
import { buildServedGraph, type ServedHead } from './served-graph.js';
import type { Smoothing } from './smoothing.js';

export interface EncodeOptions {
  readonly precision: BundlePrecision;
  /** For int8: weights that stay in single precision. Default none but small ones. */
  readonly kept?: ReadonlySet<string> | undefined;
  /** For int8: 7 where CPUs that overflow may run it (`int8ProductsOverflow`). Default 8. */
  readonly weightBits?: 7 | 8 | undefined;
  /** For int8: by what columns of rows are divided before they are quantised, and those of the weights multiplied (`smoothingOf`). Default nothing. */
  readonly smoothing?: Smoothing | undefined;
}

const cpuTarget: Target = { precision: 'float32', provider: 'cpu' };

/** Smaller matrices, such as those that give the classes of a head, are neither slow nor large, and the last that an error passes. */
const smallestQuantised = 16_384;

/**
 * The bytes of an ONNX model with the inputs and outputs of `buildServedGraph`. It uses kernels that ONNX Runtime has for CPUs alone.
 */
export function encodeServed(
  model: Pick<TrainedModel, 'config' | 'weight'>,
  options: EncodeOptions & { readonly heads: readonly ServedHead[] },
): Uint8Array {
  const { heads, precision, kept = new Set(), weightBits = 8, smoothing = new Map<string, number[]>() } = options;
  const lowered = lowerForCpu(model, heads);
  const names = new Set(precision === 'int8' ? quantisedNames(lowered).filter((name) => !kept.has(name)) : []);
  const encoded = quantiseOnnx(lowered, names, new Set(smoothing.keys()));
  return encodeOnnx(encoded, { weights: weightsOf(lowered, { names, weightBits, smoothing }, model) });
}

/** A model in single precision that also gives the statistics of the rows that weights multiply which can have 8 bits; with those weights, by the first. */
export function encodeWatched(
  model: Pick<TrainedModel, 'config' | 'weight'>,
  heads: readonly ServedHead[],
): { onnx: Uint8Array; groups: Map<string, readonly string[]> } {
  const lowered = lowerForCpu(model, heads);
  const groups = [...productGroups(lowered, quantisedNames(lowered))];
  const watched = withColumnStatistics(
    lowered,
    new Map(
      groups.map(([leader, { rows }]) => [leader, { rows, columns: lowered.inputs.get(leader)!.shape[1] as number }]),
    ),
  );
  const weights = weightsOf(lowered, { names: new Set(), weightBits: 8, smoothing: new Map() }, model);
  return {
    onnx: encodeOnnx(watched, { weights }),
    groups: new Map(groups.map(([leader, { weights }]) => [leader, weights])),
  };
}

/** The weights that have 8 bits in an INT8 file unless they are kept, with their numbers of elements. */
export function quantisableOf(model: Pick<TrainedModel, 'config'>, heads: readonly ServedHead[]): Map<string, number> {
  const lowered = lowerForCpu(model, heads);
  const sizeOf = (name: string) => (lowered.inputs.get(name)!.shape as number[]).reduce((a, b) => a * b);
  return new Map(quantisedNames(lowered).map((name) => [name, sizeOf(name)]));
}

const lowerForCpu = ({ config }: Pick<TrainedModel, 'config'>, heads: readonly ServedHead[]): OnnxGraph =>
  lowerGraph(fuseGraph(buildServedGraph('model', config, heads).graph), cpuTarget);

/** The weights that are worth 8 bits. */
function quantisedNames(lowered: OnnxGraph): string[] {
  return [...quantisableWeights(lowered).keys()].filter((name) => {
    const [rows, columns] = lowered.inputs.get(name)!.shape as [number, number];
    return rows * columns >= smallestQuantised;
  });
}

/** Weights as a graph wants them that has those of `names` in 8 bits. */
function weightsOf(
  lowered: OnnxGraph,
  { names, weightBits, smoothing }: { names: ReadonlySet<string>; weightBits: 7 | 8; smoothing: Smoothing },
  { weight }: Pick<TrainedModel, 'weight'>,
): Map<string, BakedTensor> {
  const uses = quantisableWeights(lowered);
  const weights = new Map<string, BakedTensor>();
  const factorsByName = new Map<string, readonly number[]>();
  for (const { weights: group } of productGroups(lowered, [...uses.keys()]).values()) {
    const leader = group.find((name) => smoothing.has(name));
    const quantised = group.filter((name) => names.has(name));
    if (leader === undefined || quantised.length === 0) continue;
    const factors = smoothing.get(leader)!;
    for (const name of quantised) factorsByName.set(name, factors);
    weights.set(smoothingName(leader), { shape: [factors.length], data: Float32Array.from(factors, (s) => 1 / s) });
  }
  for (const [name, { elementType, shape }] of lowered.inputs) {
    const fixed = shape.filter((dim) => typeof dim === 'number');
    // Ids, masks and what else a batch brings have sizes that each run decides.
    if (elementType !== 'float32' || fixed.length < shape.length) continue;
    if (!names.has(name)) {
      weights.set(name, { shape: fixed, data: weight(name) });
      continue;
    }
    const [rows, columns] = fixed as [number, number];
    const product = uses.get(name) === 'product';
    const factors = factorsByName.get(name);
    const values = factors ? weight(name).map((value, i) => value * factors[i % columns]!) : weight(name);
    // Tables are multiplied by nothing that could overflow.
    const { data, scales } = quantiseRows(values, rows, product && weightBits === 7 ? { largest: 63 } : {});
    weights.set(name, product ? { shape: [columns, rows], data: transposeInt8(data, rows) } : { shape: fixed, data });
    weights.set(scaleName(name), { shape: product ? [rows] : [rows, 1], data: scales });
  }
  return weights;
}
