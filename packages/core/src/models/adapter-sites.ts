/** Where adapters can be in an encoder, by the names of its modules. */
import { FieldcraftError } from '../foundation/index.js';
import {
  adaptedModules,
  adapterParts,
  createBuilder,
  linearRoles,
  type Adapters,
  type LinearRole,
} from '../nn/index.js';
import type { ModelConfig } from './architecture.js';
import { architectureOf } from './config.js';
import { createSequenceGraph, sequenceInputs } from './inputs.js';

export interface AdapterSite {
  readonly role: LinearRole;
  readonly layer: number;
}

/** Every linear layer of the encoder that may be given an adapter, by the name of its module in a task model. */
export function adapterSites(config: ModelConfig): Map<string, AdapterSite> {
  const { encode, prefix } = architectureOf(config);
  const sites = new Map<string, AdapterSite>();
  for (const role of linearRoles) {
    const graph = createSequenceGraph(role);
    const adapters = { rank: 1, alpha: 1, dropout: 0, roles: [role] };
    const b = createBuilder(graph, { training: false, adapters });
    encode(b, config, sequenceInputs(graph), prefix);
    for (const module of adaptedModules(b.parameters.keys()))
      sites.set(module, { role, layer: b.parameters.get(adapterParts(module).a)?.layer ?? 0 });
  }
  return sites;
}

/**
 * The roles and layers that `modules` make up.
 * @throws FieldcraftError FC_WEIGHTS where the encoder has no such module, or they are not the same roles in all or the last layers
 */
export function rolesAndLayers(
  modules: readonly string[],
  config: ModelConfig,
): Pick<Adapters, 'roles'> & { skippedLayers: number } {
  const sites = adapterSites(config);
  const found = modules.map((module) => sites.get(module));
  const refuse = (what: string, got: string) =>
    new FieldcraftError('FC_WEIGHTS', { what, got, fix: 'merge the adapter into its base first' });
  const unknown = modules.find((_, i) => found[i] === undefined);
  if (unknown !== undefined) throw refuse('the base has no layer for a part of the adapter', unknown);
  const roles = linearRoles.filter((role) => found.some((site) => site?.role === role));
  const lowest = Math.min(...found.map((site) => site?.layer ?? Infinity));
  const wanted = [...sites].filter(([, { role, layer }]) => roles.includes(role) && layer >= lowest);
  const missing = wanted.find(([module]) => !modules.includes(module));
  if (missing)
    throw refuse('an adapter that differs from layer to layer cannot be trained on', `none at ${missing[0]}`);
  return { roles, skippedLayers: lowest - 1 };
}
