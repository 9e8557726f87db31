/** A served graph as one ONNX file with its weights inside, for ONNX Runtime on CPUs: in single precision, or in INT8. */
import { quantiseRows } from '../foundation/index.js';
import { fuseGraph, type Target } from '../graph/index.js';
import {
  blockWidth,
  encodeOnnx,
  lowerGraph,
  productGroups,
  quantisableWeights,
  quantiseBlocks,
  quantiseOnnx,
  scaleName,
  smoothingName,
  transposeInt8,
  withColumnStatistics,
  type BakedTensor,
  type OnnxGraph,
  type WeightForm,
  type WeightUse,
} from '../onnx/index.js';
import type { BundlePrecision } from './bundle-file.js';
import type { TrainedModel } from './model-folder.js';
import { buildServedGraph, type ServedHead } from './served-graph.js';
import type { Smoothing } from './smoothing.js';

export interface EncodeOptions {
  readonly precision: BundlePrecision;
  /** For int8: weights that stay in single precision. Default none but small ones. */
  readonly kept?: ReadonlySet<string> | undefined;
  /** For int8: factors that are held by blocks (`WeightForm`). Default none. */
  readonly blocks?: ReadonlySet<string> | undefined;
  /** For int8: 7 where CPUs that overflow may run it (`int8ProductsOverflow`). Default 8. Those by blocks have 8: their kernels do not overflow. */
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
  const { heads, precision, kept, blocks, weightBits = 8, smoothing = new Map<string, number[]>() } = options;
  const lowered = lowerForCpu(model, heads);
  if (precision === 'fp32') return encodeOnnx(lowered, { weights: weightsOf(lowered, noneQuantised, model) });
  const names = quantisedNames(lowered);
  const forms = new Map<string, WeightForm>();
  for (const name of names) if (!kept?.has(name)) forms.set(name, blocks?.has(name) ? 'blocks' : 'int8');
  const groups = [...productGroups(lowered, names)].filter(
    ([leader, { weights }]) => smoothing.has(leader) && weights.some((name) => forms.has(name)),
  );
  const encoded = quantiseOnnx(lowered, forms, new Map(groups.map(([leader, { rows }]) => [rows, leader])));
  const factors = new Map(
    groups.map(([leader, { weights }]) => [leader, { weights, factors: smoothing.get(leader)! }]),
  );
  return encodeOnnx(encoded, { weights: weightsOf(lowered, { forms, weightBits, smoothed: factors }, model) });
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
  return {
    onnx: encodeOnnx(watched, { weights: weightsOf(lowered, noneQuantised, model) }),
    groups: new Map(groups.map(([leader, { weights }]) => [leader, weights])),
  };
}

/** The weights that have 8 bits in an INT8 file unless they are kept: how they are read, and their numbers of elements. */
export function quantisableOf(
  model: Pick<TrainedModel, 'config'>,
  heads: readonly ServedHead[],
): Map<string, { readonly use: WeightUse; readonly size: number }> {
  const lowered = lowerForCpu(model, heads);
  const uses = quantisableWeights(lowered);
  const sizeOf = (name: string) => (lowered.inputs.get(name)!.shape as number[]).reduce((a, b) => a * b);
  return new Map(quantisedNames(lowered).map((name) => [name, { use: uses.get(name)!, size: sizeOf(name) }]));
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

interface Quantised {
  readonly forms: ReadonlyMap<string, WeightForm>;
  readonly weightBits: 7 | 8;
  /** By the first weight that multiplies rows: all that do, and by what the rows' columns are divided. */
  readonly smoothed: ReadonlyMap<string, { readonly weights: readonly string[]; readonly factors: readonly number[] }>;
}

const noneQuantised: Quantised = { forms: new Map(), weightBits: 8, smoothed: new Map() };

/** Weights as `quantiseOnnx` has them as inputs. */
function weightsOf(
  lowered: OnnxGraph,
  { forms, weightBits, smoothed }: Quantised,
  { weight }: Pick<TrainedModel, 'weight'>,
): Map<string, BakedTensor> {
  const uses = quantisableWeights(lowered);
  const weights = new Map<string, BakedTensor>();
  const factorsByName = new Map<string, readonly number[]>();
  for (const [leader, { weights: group, factors }] of smoothed) {
    for (const name of group) factorsByName.set(name, factors);
    weights.set(smoothingName(leader), { shape: [factors.length], data: Float32Array.from(factors, (s) => 1 / s) });
  }
  for (const [name, { elementType, shape }] of lowered.inputs) {
    const fixed = shape.filter((dim) => typeof dim === 'number');
    // Ids, masks and what else a batch brings have sizes that each run decides.
    if (elementType !== 'float32' || fixed.length < shape.length) continue;
    const [rows, columns] = fixed as [number, number];
    const form = forms.get(name);
    const factors = form && factorsByName.get(name);
    const values = factors ? weight(name).map((value, i) => value * factors[i % columns]!) : weight(name);
    if (form === undefined) {
      weights.set(name, { shape: fixed, data: values });
    } else if (form === 'blocks') {
      const { data, scales } = quantiseBlocks(values, rows);
      weights.set(name, { shape: [rows, data.length / rows / blockWidth, blockWidth], data });
      weights.set(scaleName(name), { shape: [scales.length], data: scales });
    } else if (uses.get(name) === 'table') {
      // Multiplied by nothing that could overflow.
      const { data, scales } = quantiseRows(values, rows);
      weights.set(name, { shape: fixed, data });
      weights.set(scaleName(name), { shape: [rows, 1], data: scales });
    } else {
      const { data, scales } = quantiseRows(values, rows, weightBits === 7 ? { largest: 63 } : {});
      weights.set(name, { shape: [columns, rows], data: transposeInt8(data, rows) });
      weights.set(scaleName(name), { shape: [rows], data: scales });
    }
  }
  return weights;
}
