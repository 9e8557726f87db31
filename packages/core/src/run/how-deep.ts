/** How deep a run tunes its encoder: what the options say, what makes no sense together, and what it comes to in numbers. */
import { FieldcraftError } from '../foundation/index.js';
import { mergeInto, moduleName } from '../export/index.js';
import { architectureOf, rolesAndLayers } from '../models/index.js';
import { defaultRoles, linearRoles, type LinearRole } from '../nn/index.js';
import { formatBytes, formatCompact, formatPercent } from '../report/index.js';
import {
  createParameterStore,
  depthOf,
  frozenParameters,
  loadPretrained,
  soupCandidates,
  type Depth,
  type DepthName,
  type ParameterStore,
  type Slot,
} from '../training/index.js';
import type { Base } from './base.js';
import type { CompiledModel } from './compiled-model.js';
import type { TrainOptions } from './options.js';
import type { PreparedTask } from './prepared-task.js';
import type { RoundResult } from './round.js';

/** The defaults of LoRA: rank and scale of Hu et al. 2022 for encoders (table 9). */
export const defaultLora = { rank: 8, scale: 2, dropout: 0.1 };

const refuse = (where: string, what: string, fix: string) => new FieldcraftError('FC_CONFIG', { what, where, fix });

/** `top:2` is `top` and 2. */
export function parseTune(tune: string): { name: DepthName; layers: number | undefined } {
  const [name, layers] = tune.split(':');
  return { name: name as DepthName, layers: layers === undefined ? undefined : Number(layers) };
}

/** Whether the first layers never learn, and are computed before the rest. */
export const freezesLayers = (tune: string): boolean => /^(head|top|lora:)/.test(tune);

/**
 * How deep a run tunes. A run that adds heads to a finished one trains those alone.
 * @throws FieldcraftError FC_CONFIG for options that make no sense together
 */
export function depthOfRun(options: TrainOptions, base: Base): Depth {
  const { tune, addTo, teacher, headPasses, arithmetic, reinitLayers, layerDecay, l2Start } = options;
  const { loraRank, loraAlpha, loraDropout, loraTargets } = options;
  const { name, layers } = addTo === undefined ? parseTune(tune) : { name: 'head' as const, layers: undefined };
  const total = base.config.num_hidden_layers;
  if (addTo !== undefined && tune !== 'full' && tune !== 'head')
    throw refuse('--tune with --add-to', 'heads that are added to a run learn alone', 'leave --tune out');
  if (name !== 'full' && addTo === undefined && base.source === 'scratch') {
    const what = 'an encoder of random weights has nothing to keep';
    throw refuse(`--tune ${tune}`, what, 'name a pretrained encoder with --base, or leave --tune out');
  }
  if (name !== 'lora' && [loraRank, loraAlpha, loraDropout, loraTargets].some((given) => given !== undefined))
    throw refuse('--lora-…', 'there are no adapters to set up', 'add --tune lora, or leave the options out');
  const learning = name === 'head' || name === 'lora' ? 0 : (layers ?? total);
  if (reinitLayers > learning) {
    const what = `${reinitLayers} layers cannot start anew where ${learning === 0 ? 'none learns' : `${learning} learn`}`;
    throw refuse('--reinit-layers', what, 'let as many layers learn, or start fewer anew');
  }
  if (l2Start > 0 && base.source === 'scratch')
    throw refuse('--l2-start', 'random weights are nothing to be held to', 'leave --l2-start out');
  if (headPasses && (name !== 'full' || base.source === 'scratch' || (teacher ?? addTo) !== undefined)) {
    const what = 'heads learn alone at first only before a pretrained encoder that is then tuned whole';
    throw refuse('--head-passes', what, 'leave --head-passes out');
  }
  if (layerDecay !== 1 && name === 'head')
    throw refuse('--layer-decay', 'no layer of the encoder learns', 'leave --layer-decay out');
  if (arithmetic !== 'fp32' && name === 'head') {
    const what = 'the encoder learns nothing: each text goes through it once, in single precision';
    throw refuse(`--arithmetic ${arithmetic}`, what, 'leave --arithmetic out');
  }
  if (l2Start > 0 && learning === 0) {
    const what = 'the encoder stays as it started without being held there';
    throw refuse('--l2-start', what, 'leave --l2-start out, or train layers of the encoder');
  }
  if (base.adapter && base.source === 'scratch')
    throw refuse('--adapter', 'random weights are not what it was trained on', 'name its base with --base');
  if (base.adapter && addTo !== undefined)
    throw refuse('--adapter with --add-to', 'heads that are added to a run learn alone', 'leave --adapter out');
  if (base.adapter && name === 'lora') {
    if (layers !== undefined || [loraRank, loraAlpha, loraTargets].some((given) => given !== undefined)) {
      const fix = 'leave the number of layers and --lora-rank, --lora-alpha and --lora-targets out';
      throw refuse('--adapter', 'an adapter that is trained on keeps its shape', fix);
    }
    const { modules, rank, scale } = base.adapter;
    const names = [...modules.keys()].map((module) => moduleName(module, base.config));
    const { roles, skippedLayers } = rolesAndLayers(names, base.config);
    const adapters = { rank, alpha: scale * rank, dropout: loraDropout ?? defaultLora.dropout, roles };
    return depthOf({ name, layers: total - skippedLayers, adapters }, total);
  }
  const rank = loraRank ?? defaultLora.rank;
  const adapters = {
    rank,
    alpha: loraAlpha ?? defaultLora.scale * rank,
    dropout: loraDropout ?? defaultLora.dropout,
    roles: rolesOf(loraTargets),
  };
  return depthOf({ name, layers, adapters }, total);
}

/** @throws FieldcraftError FC_CONFIG for a soup where no dev part can choose what is in it */
export function checkAveraging({ average }: TrainOptions, tasks: readonly Pick<PreparedTask, 'dev'>[]): void {
  if (average !== 'soup' || tasks.some(({ dev }) => dev.examples > 0)) return;
  const what = 'a soup is made of the checkpoints that score best on a dev part, and there is none';
  throw refuse('--average soup', what, 'give one with --dev, or take --average ema');
}

/** One sentence on the weights that were kept; undefined where they are those of one update. */
export function describeAveraging({ average }: TrainOptions, rounds: readonly RoundResult[]): string | undefined {
  if (average === 'none') return undefined;
  if (average === 'ema') return 'weights are moving averages over the updates of their round';
  const sizes = rounds.map(({ progress }) => progress.soup?.updates.length ?? 1);
  return `weights are a greedy soup of the best checkpoints of their round: ${sizes.join(', ')} of at most ${soupCandidates}`;
}

function rolesOf(targets: TrainOptions['loraTargets']): readonly LinearRole[] {
  if (targets === undefined) return defaultRoles;
  return linearRoles.filter((role) => targets.includes(role) || targets.includes('all'));
}

/** The embeddings and the first layers of a base, to be read from alone. */
export function openFrozenLayers({ folder, config, adapter }: Base, layers: number): ParameterStore {
  if (folder === undefined)
    throw new FieldcraftError('FC_INTERNAL', { what: 'layers without weights cannot be frozen' });
  const parameters = frozenParameters(config, layers);
  const store = createParameterStore(parameters.map(({ name, shape }) => ({ name, shape, trainable: false })));
  loadPretrained(store, parameters, folder, { architecture: architectureOf(config), seed: 0 });
  if (adapter) mergeInto(store, adapter, config);
  return store;
}

/** What learns of a model, and the memory that this takes for gradients and their moments. */
export interface Learning {
  /** Numbers that learn, and numbers in the encoder and all heads. */
  readonly trained: number;
  readonly parameters: number;
  /** Bytes of gradients and both moments, and what they would be if everything learnt. */
  readonly stateBytes: number;
  readonly fullStateBytes: number;
}

/** Gradient, first and second moment. */
const bytesOfState = 3 * 4;

export function learningOf({ store, frozen, parameters }: CompiledModel): Learning {
  const slots = [...store.slots, ...(frozen?.store.slots ?? [])];
  const countOf = (wanted: (name: string, slot: Slot) => boolean) =>
    slots.reduce((sum, [name, slot]) => sum + (wanted(name, slot) ? slot.count : 0), 0);
  const trained = countOf((_, { trainable }) => trainable);
  const whole = countOf((name) => parameters.get(name)?.kind !== 'adapter');
  return { trained, parameters: whole, stateBytes: trained * bytesOfState, fullStateBytes: whole * bytesOfState };
}

/** Numbers of the encoder alone. */
export function encoderParameters({ store, frozen, kindOf }: CompiledModel): number {
  const slots = [...store.slots, ...(frozen?.store.slots ?? [])];
  const own = slots.filter(([name]) => !name.startsWith('heads.') && kindOf(name) !== 'adapter');
  return own.reduce((sum, [, { count }]) => sum + count, 0);
}

/** One sentence on it; undefined where everything learns. */
export function describeLearning({ trained, parameters, stateBytes, fullStateBytes }: Learning): string | undefined {
  if (trained === parameters) return undefined;
  const share = formatPercent(trained / parameters);
  return `${formatCompact(trained)} of ${formatCompact(parameters)} parameters learn (${share}); gradients and moments take ${formatBytes(stateBytes)} instead of ${formatBytes(fullStateBytes)}`;
}
