/** Pairs a model's parameters with a checkpoint's tensors: both ways, every shape, nothing silently left out. */
import { FieldcraftError } from '../foundation/index.js';
import { quote } from './bounded-file.js';
import { isFloat } from './dtypes.js';
import type { TensorSource } from './folder.js';

/** A parameter that wants weights. */
export interface WantedParam {
  readonly name: string;
  readonly shape: readonly number[];
  /** True where the model makes no sense without these weights; false for a head that may start fresh. */
  readonly required: boolean;
}

/** How a checkpoint fits a model. */
export interface WeightMatch {
  /** Parameters with the name of the tensor that `TensorSource.readFloat32` takes for each, in the parameters' order. */
  readonly loaded: readonly { readonly param: string; readonly tensor: string }[];
  /** Parameters (not required ones) without a tensor. */
  readonly missing: readonly string[];
  /** Parameters (not required ones) whose tensor has another shape. Empty unless `otherShapes` is 'fresh'. */
  readonly mismatched: readonly string[];
  /** Tensors without a parameter. */
  readonly unexpected: readonly string[];
}

export interface MatchOptions {
  /**
   * What a task model calls its encoder, such as `bert` (transformers' `base_model_prefix`). A checkpoint of the encoder alone then fits a
   * task model, and the other way round. Default: names must be equal.
   */
  readonly basePrefix?: string;
  /** Whether a parameter that is not required may start fresh where its tensor has another shape (another label set). Default: 'refuse'. */
  readonly otherShapes?: 'refuse' | 'fresh';
}

/** Problems that a message lists before it says how many more there are. */
const mostListed = 8;

/**
 * Matches `params` with the tensors of `source`. Nothing is read.
 * @throws FieldcraftError FC_WEIGHTS, listing the first of them, where shapes differ, required parameters have no tensor, or a tensor
 * holds no floating-point numbers.
 */
export function matchWeights(
  source: Pick<TensorSource, 'folder' | 'names' | 'info'>,
  params: readonly WantedParam[],
  { basePrefix, otherShapes = 'refuse' }: MatchOptions = {},
): WeightMatch {
  const names = source.names();
  const tensorOf = translate(names, params, basePrefix);
  const loaded: { param: string; tensor: string }[] = [];
  const missing: string[] = [];
  const mismatched: string[] = [];
  const problems: string[] = [];
  const used = new Set<string>();

  for (const { name, shape, required } of params) {
    const tensor = tensorOf.get(name);
    const info = tensor === undefined ? undefined : source.info(tensor);
    if (tensor === undefined || info === undefined) {
      if (required) problems.push(`${name} [${shape.join(', ')}] has no tensor`);
      else missing.push(name);
      continue;
    }
    used.add(tensor);
    if (!isFloat(info.dtype)) {
      problems.push(`${name} has a tensor of ${info.dtype}, which is no floating-point type`);
    } else if (info.shape.length === shape.length && info.shape.every((size, axis) => size === shape[axis])) {
      loaded.push({ param: name, tensor });
    } else if (!required && otherShapes === 'fresh') {
      mismatched.push(name);
    } else {
      problems.push(`${name} [${shape.join(', ')}] has a tensor of shape [${info.shape.join(', ')}]`);
    }
  }
  const unexpected = names.filter((name) => !used.has(name));

  if (problems.length > 0) {
    const shown = problems.slice(0, mostListed);
    if (problems.length > mostListed) shown.push(`and ${problems.length - mostListed} more`);
    const strangers = unexpected.slice(0, mostListed).map(quote).join(', ');
    throw new FieldcraftError('FC_WEIGHTS', {
      what: 'the weights do not fit the model',
      where: source.folder,
      expected: `a tensor of the same shape for each of ${params.length} parameters`,
      got: `${shown.join('; ')}${strangers === '' ? '' : `; tensors that no parameter has: ${strangers}`}`,
      fix: 'check that config.json and the weights belong to the same model, and that its architecture is the one asked for',
    });
  }
  return { loaded, missing, mismatched, unexpected };
}

/** From parameter to tensor name. As in transformers, the prefix is added or taken off where only one of both sides has it. */
function translate(
  names: readonly string[],
  params: readonly WantedParam[],
  basePrefix: string | undefined,
): ReadonlyMap<string, string> {
  const same = new Map(names.map((name) => [name, name]));
  if (basePrefix === undefined) return same;
  const prefix = `${basePrefix}.`;
  const wants = params.some(({ name }) => name.startsWith(prefix));
  const has = names.some((name) => name.startsWith(prefix));
  if (wants === has) return same;
  if (has) return new Map(names.map((name) => [name.startsWith(prefix) ? name.slice(prefix.length) : name, name]));
  // The encoder's tensors are bare; a head's tensor beside them (transformers never writes that) keeps its own name.
  const wanted = new Set(params.map(({ name }) => name));
  return new Map(names.map((name) => [wanted.has(name) ? name : `${prefix}${name}`, name]));
}
