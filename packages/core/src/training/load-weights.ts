/** Fills a parameter store: from a pretrained checkpoint where it has a tensor, from the seed where it has none. */
import { matchWeights, openCheckpoint } from '../checkpoint/index.js';
import type { Architecture } from '../models/index.js';
import { initialValues, type Parameter } from '../nn/index.js';
import type { ParameterStore } from './parameter-store.js';

export interface LoadedWeights {
  /** Parameters that started from the seed. */
  readonly fresh: readonly string[];
  /** Tensors of the checkpoint that the model has no place for. */
  readonly unused: readonly string[];
}

/**
 * Loads the weights of a model folder. Encoder parameters must all be there; heads start fresh, except that a head's pooler starts from
 * the checkpoint's own where that has one (each task tunes a copy), and that with `heads` a head is read that the checkpoint has by the same name.
 * @throws FieldcraftError FC_WEIGHTS listing what does not fit.
 */
export function loadPretrained(
  store: ParameterStore,
  parameters: readonly Parameter[],
  folder: string,
  { architecture, seed, heads = false }: { architecture: Architecture; seed: number; heads?: boolean },
): LoadedWeights {
  const source = openCheckpoint(folder);
  try {
    const wanted = parameters
      .filter(({ kind }) => heads || kind === 'base')
      .map(({ name, shape, kind }) => ({ name, shape, required: kind === 'base' }));
    const poolers = parameters.filter(({ name, kind }) => kind === 'head' && name.includes('.pooler.'));
    const poolerName = (name: string) => `${architecture.prefix}${name.slice(name.indexOf('.pooler.'))}`;
    const poolerParts = new Map(poolers.map(({ name, shape }) => [poolerName(name), shape]));
    const match = matchWeights(
      source,
      [...wanted, ...[...poolerParts].map(([name, shape]) => ({ name, shape, required: false }))],
      { basePrefix: architecture.prefix },
    );
    const tensorOf = new Map(match.loaded.map(({ param, tensor }) => [param, tensor]));
    const fresh: string[] = [];
    for (const parameter of parameters) {
      const { weight } = store.slot(parameter.name);
      const tensor =
        tensorOf.get(parameter.name) ?? tensorOf.get(poolers.includes(parameter) ? poolerName(parameter.name) : '');
      if (tensor !== undefined) source.readFloat32(tensor, weight);
      else {
        weight.set(initialValues(parameter, seed));
        fresh.push(parameter.name);
      }
    }
    return { fresh, unused: match.unexpected };
  } finally {
    source.close();
  }
}

/** Starts every parameter from the seed: a model from scratch. */
export function initialise(store: ParameterStore, parameters: readonly Parameter[], seed: number): LoadedWeights {
  for (const parameter of parameters) store.slot(parameter.name).weight.set(initialValues(parameter, seed));
  return { fresh: parameters.map(({ name }) => name), unused: [] };
}
