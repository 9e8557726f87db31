/**
 * An encoder that learns no more: what it computes of a window is computed once and kept, so that a head on top of it is trained and scored
 * without it, forwards and backwards.
 */
import { planEvalBatches } from '../data/index.js';
import { output } from '../graph/index.js';
import { architectureOf, createSequenceGraph, rowOf, sequenceInputs, type ModelConfig } from '../models/index.js';
import type { SequenceBatch } from '../models/index.js';
import { createBuilder } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import type { ParameterStore } from './parameter-store.js';
import type { ScorableFeature } from './scorer.js';
import { batchOf, sequenceFeeds, weightFeeds } from './objective.js';

/** The output of an encoder's last layer for a batch of windows: [length, batch, hidden]; what padding has means nothing. */
export type HiddenRows = (features: readonly ScorableFeature[], batch: SequenceBatch) => Promise<Tensor>;

export interface FrozenEncoder {
  /** What was kept of windows, or is computed now. The same windows always give the same numbers, to the bit, whatever came before. */
  readonly hidden: HiddenRows;
  /** Announces windows that will be asked for more than once: they are computed in groups, when the first of a group is asked for. */
  keep(windows: readonly ScorableFeature[]): void;
  release(): Promise<void>;
}

/** Windows that are computed together, and what came out: [its tokens, hidden] a window. */
interface Group {
  readonly members: readonly ScorableFeature[];
  rows?: Promise<ReadonlyMap<Window, Float32Array>>;
}

/** What makes windows the same ones: copies that differ in what is learnt from them share their ids. */
type Window = ScorableFeature['ids'];

/** Windows of one group, padding included: as batches of predictions are. */
const tokensPerGroup = 2048;
/** Bytes of kept numbers; what is more is not kept, and the encoder reads each batch anew. */
const defaultLimit = 2 ** 30;

/** @param store holds the encoder's weights, which must stay as they are. */
export async function createFrozenEncoder(
  engine: Engine,
  config: ModelConfig,
  store: ParameterStore,
  { limit = defaultLimit }: { limit?: number } = {},
): Promise<FrozenEncoder> {
  const architecture = architectureOf(config);
  const graph = createSequenceGraph('encoder');
  const builder = createBuilder(graph, { training: false });
  output('hidden', architecture.encode(builder, config, sequenceInputs(graph), architecture.prefix).hidden);
  const program = await engine.compile(graph);
  const width = config.hidden_size;
  let groupOf: ReadonlyMap<Window, Group> = new Map();

  async function encode(batch: SequenceBatch): Promise<Float32Array> {
    const feeds = { ...weightFeeds(program, builder, store), ...sequenceFeeds(batch) };
    return (await program.run(feeds, { hidden: null }))['hidden']?.data as Float32Array;
  }

  async function encodeGroup(members: readonly ScorableFeature[]): Promise<Map<Window, Float32Array>> {
    const batch = batchOf(members, config);
    const all = await encode(batch);
    return new Map(
      members.map((member, sequence) => [member.ids, rowsOf(all, member, { sequence, batch: batch.batch })]),
    );
  }

  /** The rows of one window, in reading order. */
  function rowsOf(
    all: Float32Array,
    { ids }: ScorableFeature,
    { sequence, batch }: { sequence: number; batch: number },
  ) {
    const rows = new Float32Array(ids.length * width);
    for (let position = 0; position < ids.length; position++) {
      const from = rowOf(position, sequence, batch) * width;
      rows.set(all.subarray(from, from + width), position * width);
    }
    return rows;
  }

  return {
    keep(windows) {
      const known = windows.length === groupOf.size && windows.every(({ ids }) => groupOf.has(ids));
      if (known) return;
      const lengths = windows.map(({ ids }) => ids.length);
      const bytes = lengths.reduce((sum, length) => sum + 4 * width * length, 0);
      const plan = bytes > limit ? [] : planEvalBatches(lengths, { maxTokens: tokensPerGroup });
      const groups = plan.map((indices): Group => ({ members: Array.from(indices, (i) => windows[i]!) }));
      groupOf = new Map(groups.flatMap((group) => group.members.map(({ ids }) => [ids, group] as const)));
    },
    async hidden(features, batch) {
      const groups = features.map(({ ids }) => groupOf.get(ids));
      const shape = [batch.length, batch.batch, width];
      if (groups.includes(undefined)) return { data: await encode(batch), shape };
      const data = new Float32Array(batch.tokens * width);
      for (const [sequence, feature] of features.entries()) {
        const group = groups[sequence] as Group;
        const rows = (await (group.rows ??= encodeGroup(group.members))).get(feature.ids) as Float32Array;
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
