/**
 * The first layers of an encoder that learn no more, or all of it: what they say of a window is computed once and kept, in memory and on disk, so
 * that what lies behind them is trained and scored without them, forwards and backwards.
 */
import { createHash, type Hash } from 'node:crypto';
import { planEvalBatches } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { output, type Value } from '../graph/index.js';
import { architectureOf, createSequenceGraph, rowOf, sequenceInputs, type ModelConfig } from '../models/index.js';
import type { SequenceBatch } from '../models/index.js';
import { createBuilder, type Parameter } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import {
  defaultFolderBytes,
  readActivations,
  readStretch,
  writeActivations,
  type ActivationFile,
  type ActivationFolder,
} from './activation-file.js';
import type { ParameterStore } from './parameter-store.js';
import type { ScorableFeature } from './scorer.js';
import { batchOf, sequenceFeeds, weightFeeds } from './objective.js';

/** The output of the last frozen layer for a batch of windows: [length, batch, hidden]; what padding has means nothing. */
export type HiddenRows = (features: readonly ScorableFeature[], batch: SequenceBatch) => Promise<Tensor>;

export interface FrozenEncoder {
  /** Layers that learn no more. */
  readonly layers: number;
  readonly store: Pick<ParameterStore, 'slots' | 'slot'>;
  /** What was kept of windows, or is computed now. The same windows always give the same numbers, to the bit, whatever came before. */
  readonly hidden: HiddenRows;
  /** Announces windows that will be asked for more than once: they are computed in groups, when the first of a group is asked for. */
  keep(windows: readonly ScorableFeature[]): void;
  release(): Promise<void>;
}

export interface FrozenOptions {
  /** The first layers, with the embeddings. Default: all. */
  readonly layers?: number | undefined;
  /** Where what was computed is kept for later runs, and for this one where it does not fit the memory. Default: nowhere. */
  readonly cache?: ActivationFolder | undefined;
  /** Bytes of numbers that are kept in memory. Default 1 GiB. */
  readonly memory?: number | undefined;
}

/** Windows that are computed together: the rows of one after those of the other, [its tokens, hidden] each. */
interface Group {
  readonly members: readonly ScorableFeature[];
  /** Where the numbers of each begin. */
  readonly starts: ReadonlyMap<Window, number>;
  readonly file: ActivationFile | undefined;
  /** Kept in memory. */
  rows?: Promise<Float32Array>;
  /** Settled once the file is there. */
  stored?: Promise<unknown>;
}

/** What makes windows the same ones: copies that differ in what is learnt from them share their ids. */
type Window = ScorableFeature['ids'];

/** Windows of one group, padding included: as batches of predictions are. */
const tokensPerGroup = 2048;
const defaultMemory = 2 ** 30;

/** The graph of the first layers of an encoder, with their output as `hidden`. */
function prefixGraph(config: ModelConfig, layers: number) {
  const architecture = architectureOf(config);
  const graph = createSequenceGraph(`encoder.${layers}`);
  const builder = createBuilder(graph, { training: false });
  const encoded = architecture.encode(builder, config, sequenceInputs(graph), architecture.prefix);
  output('hidden', encoded.layers[layers - 1] as Value);
  return { graph, builder };
}

/** The parameters of the embeddings and of the first layers. */
export const frozenParameters = (config: ModelConfig, layers: number): Parameter[] =>
  [...prefixGraph(config, layers).builder.parameters.values()].filter(({ layer }) => layer <= layers);

/** @param store holds the weights of the frozen layers, which must stay as they are. */
export async function createFrozenEncoder(
  engine: Engine,
  config: ModelConfig,
  store: Pick<ParameterStore, 'slots' | 'slot'>,
  { layers = config.num_hidden_layers, cache, memory = defaultMemory }: FrozenOptions = {},
): Promise<FrozenEncoder> {
  const { graph, builder } = prefixGraph(config, layers);
  const program = await engine.compile(graph);
  const width = config.hidden_size;
  let groupOf: ReadonlyMap<Window, Group> = new Map();
  let inMemory = true;
  let weights: Hash | undefined;

  async function encode(batch: SequenceBatch): Promise<Float32Array> {
    const feeds = { ...weightFeeds(program, builder, store), ...sequenceFeeds(batch) };
    return (await program.run(feeds, { hidden: null }))['hidden']?.data as Float32Array;
  }

  async function encodeGroup({ members }: Group): Promise<Float32Array> {
    const batch = batchOf(members, config);
    const all = await encode(batch);
    const rows = new Float32Array(members.reduce((sum, { ids }) => sum + ids.length, 0) * width);
    let at = 0;
    for (const [sequence, { ids }] of members.entries()) {
      for (let position = 0; position < ids.length; position++, at += width) {
        const from = rowOf(position, sequence, batch.batch) * width;
        rows.set(all.subarray(from, from + width), at);
      }
    }
    return rows;
  }

  /** The rows of a group, from the disk where they are there; else computed, and left there. */
  async function loadGroup(group: Group): Promise<Float32Array> {
    const { file } = group;
    const known = file && readActivations(file);
    if (known) return known;
    const rows = await encodeGroup(group);
    try {
      if (file) writeActivations(file, rows);
    } catch (error) {
      // What fits the memory needs no file in this run.
      if (!inMemory || !(error instanceof FieldcraftError && error.code === 'FC_DISK')) throw error;
    }
    return rows;
  }

  /** The rows of one window of a group. */
  async function rowsOf(group: Group, { ids }: ScorableFeature): Promise<Float32Array> {
    const start = group.starts.get(ids) as number;
    const count = ids.length * width;
    if (inMemory || !group.file) return (await (group.rows ??= loadGroup(group))).subarray(start, start + count);
    await (group.stored ??= loadGroup(group).then(() => undefined));
    const stretch = readStretch(group.file, start, count);
    if (stretch) return stretch;
    // Another process has made room in the meantime.
    const rows = await loadGroup(group);
    return rows.subarray(start, start + count);
  }

  /** All that the numbers of a group depend on: the machine's arithmetic, the weights, and which windows are computed together. */
  function keyOf(members: readonly ScorableFeature[]): Buffer {
    if (!weights) {
      weights = createHash('sha256').update(JSON.stringify([engine.name, engine.device, layers, config]));
      for (const { name, layer } of builder.parameters.values()) {
        if (layer > layers) continue;
        const { weight } = store.slot(name);
        weights.update(name).update(new Uint8Array(weight.buffer, weight.byteOffset, weight.byteLength));
      }
    }
    const hash = weights.copy().update(members.map(({ ids }) => ids.length).join());
    for (const { ids, typeIds } of members) hash.update(ids).update(Uint8Array.from(typeIds));
    return hash.digest();
  }

  function groupFor(members: readonly ScorableFeature[]): Group {
    let count = 0;
    const starts = new Map<Window, number>();
    for (const { ids } of members) {
      starts.set(ids, count);
      count += ids.length * width;
    }
    return { members, starts, file: cache && { ...cache, key: keyOf(members), count } };
  }

  return {
    layers,
    store,
    keep(windows) {
      const known = windows.length === groupOf.size && windows.every(({ ids }) => groupOf.has(ids));
      if (known) return;
      const lengths = windows.map(({ ids }) => ids.length);
      const bytes = lengths.reduce((sum, length) => sum + 4 * width * length, 0);
      inMemory = bytes <= memory;
      const room = cache ? Math.max(memory, cache.maxBytes ?? defaultFolderBytes) : memory;
      // What is more than either holds is not kept, and the layers read each batch anew.
      const plan = bytes > room ? [] : planEvalBatches(lengths, { maxTokens: tokensPerGroup });
      const groups = plan.map((indices) => groupFor(Array.from(indices, (i) => windows[i] as ScorableFeature)));
      groupOf = new Map(groups.flatMap((group) => group.members.map(({ ids }) => [ids, group] as const)));
    },
    async hidden(features, batch) {
      const groups = features.map(({ ids }) => groupOf.get(ids));
      const shape = [batch.length, batch.batch, width];
      if (groups.includes(undefined)) return { data: await encode(batch), shape };
      const data = new Float32Array(batch.tokens * width);
      for (const [sequence, feature] of features.entries()) {
        const rows = await rowsOf(groups[sequence] as Group, feature);
        for (let position = 0; position < feature.ids.length; position++) {
          const from = position * width;
          data.set(rows.subarray(from, from + width), rowOf(position, sequence, batch.batch) * width);
        }
      }
      return { data, shape };
    },
    release: () => program.release(),
  };
}
