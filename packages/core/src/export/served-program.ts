/**
 * A served graph as it runs: windows in, and out of one pass of the encoder the logits of every task that asks about them, as its own decoding reads
 * them. Heads that no class of transformers has run behind it, on the states of tokens that the graph gives.
 */
import { planEvalBatches } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { Engine, Program, Tensor } from '../runtime/index.js';
import { mixWindows, type AnyTask, type Feature } from '../tasks/index.js';
import type { TrainedModel } from './model-folder.js';
import { servedInputs } from './served-graph.js';
import { createServedHead, type ServedHeadReader } from './served-heads.js';

/** What a task asks about. */
export interface AskedWindows {
  readonly task: string;
  readonly features: readonly Feature[];
}

export interface ScoreOptions {
  /** Called as windows are done; those that several tasks ask about count once for each. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Asked before each batch. */
  signal?: AbortSignal | undefined;
}

export interface ServedProgram {
  /**
   * The logits of each window for the task that asks, in order. Windows of the same tokens are encoded once, whoever asks; batches are of
   * similar length.
   */
  score(asked: readonly AskedWindows[], options?: ScoreOptions): Promise<Float32Array[][]>;
  release(): Promise<void>;
}

export interface ServedProgramOptions {
  /** Runs a graph of `buildServedGraph`. Released with what stands on it. */
  readonly encoder: Program;
  /** What the encoder's program is fed besides its inputs: the weights, where they do not lie in it. Default nothing. */
  readonly weights?: Readonly<Record<string, Tensor>> | undefined;
  /** Runs the heads behind the graph. */
  readonly engine: Engine;
  /** Its weights are asked for those of heads behind the graph alone. */
  readonly model: Pick<TrainedModel, 'config' | 'tasks' | 'weight'>;
}

/** Tokens whose states are remembered: what a head asks further about a text follows at once, and need not be encoded again. */
const rememberedTokens = 16_384;

/**
 * Tokens of a batch, padding among them, whether a server asks or a gate. What a layer makes of more no longer fits the cache of a core: batches of 2,048
 * answer a tenth to a fifth fewer texts a second.
 */
const tokensPerBatch = 512;

/**
 * Padding of a text that is computed to save a pass. A pass costs little beside its tokens, and where nothing is padded attention needs no mask, so that
 * nearly equal lengths are best: 2 answers a sixth (fp32) to a quarter (INT8) more texts of mixed lengths than 16.
 */
const mostPadding = 2;

export async function createServedProgram(options: ServedProgramOptions): Promise<ServedProgram> {
  const { encoder, weights = {}, model, engine } = options;
  const heads = new Map<string, ServedHeadReader>();
  for (const saved of model.tasks) heads.set(saved.name, await createServedHead(saved, engine, model));

  const memory = createMemory(model.config.hidden_size);

  /** What heads read of a batch, from the graph, or where they read states alone and these are known, from memory. */
  async function encode(windows: readonly Window[], length: number, asked: ReadonlySet<string>) {
    const heads = [...asked].map(headOf);
    const known = heads.every(({ readsStates }) => readsStates) ? memory.find(windows, length) : undefined;
    const names = heads.flatMap(({ outputs }) => outputs);
    if (known) return Object.fromEntries(names.map((name) => [name, known]));
    const feeds = { ...weights, ...batchFirst(windows, length, model.config.pad_token_id) };
    const outputs = await encoder.run(feeds, Object.fromEntries(names.map((name) => [name, null])));
    const states = heads.find(({ readsStates }) => readsStates)?.outputs[0];
    if (states !== undefined) memory.keep(windows, length, outputs[states]!);
    return outputs;
  }

  async function scoreBatch(windows: readonly Window[], results: Float32Array[][]): Promise<void> {
    const length = windows.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
    const asked = new Set(windows.flatMap(({ wanted }) => wanted.map(({ task }) => task)));
    const outputs = await encode(windows, length, asked);
    for (const task of asked) {
      const wanted = windows.flatMap((window, row) =>
        window.wanted.filter((one) => one.task === task).map((one) => ({ ...one, row })),
      );
      const logits = await headOf(task).read(outputs, { windows: wanted, length });
      wanted.forEach(({ request, index }, i) => (results[request]![index] = logits[i]!));
    }
  }

  const headOf = (task: string): ServedHeadReader => {
    const head = heads.get(task);
    if (head) return head;
    throw new FieldcraftError('FC_INTERNAL', { what: `the served graph has no head of ${task}` });
  };

  return {
    async score(asked, { onProgress, signal } = {}) {
      const results = asked.map(({ features }) => new Array<Float32Array>(features.length));
      const total = asked.reduce((sum, { features }) => sum + features.length, 0);
      const windows = distinctWindows(asked);
      let done = 0;
      const lengths = windows.map(({ ids }) => ids.length);
      for (const indices of planEvalBatches(lengths, { maxTokens: tokensPerBatch, maxPadding: mostPadding })) {
        signal?.throwIfAborted();
        const batch = Array.from(indices, (index) => windows[index]!);
        await scoreBatch(batch, results);
        done += batch.reduce((sum, { wanted }) => sum + wanted.length, 0);
        onProgress?.(done, total);
      }
      return results;
    },
    async release() {
      await encoder.release();
      for (const { release } of heads.values()) await release?.();
    },
  };
}

/** The programs of an ensemble's members as one, which gives the logits of all of them together; that of one model is itself. */
export function programsTogether(members: readonly ServedProgram[], tasks: readonly AnyTask[]): ServedProgram {
  const [first] = members as [ServedProgram];
  if (members.length === 1) return first;
  const byName = new Map(tasks.map((task) => [task.name, task]));
  return {
    async score(asked, { onProgress, signal } = {}) {
      let together: Float32Array[][] = [];
      for (const [i, member] of members.entries()) {
        const logits = await member.score(asked, {
          signal,
          onProgress: (done, total) => onProgress?.(Math.floor((i * total + done) / members.length), total),
        });
        together =
          i === 0
            ? logits
            : asked.map(({ task, features }, request) => {
                const [a, b] = [together[request]!, logits[request]!];
                return mixWindows(byName.get(task)!, features, { a, b, share: 1 / (i + 1) });
              });
      }
      return together;
    },
    async release() {
      for (const member of members) await member.release();
    },
  };
}

/** Who wants a window: the request, which of its features, and its task. */
interface Wanted {
  readonly request: number;
  readonly index: number;
  readonly task: string;
  readonly feature: Feature;
}

interface Window extends Pick<Feature, 'ids' | 'typeIds'> {
  readonly key: string;
  readonly wanted: Wanted[];
}

/** Equal for windows of the same tokens. */
export const windowKey = ({ ids, typeIds }: Pick<Feature, 'ids' | 'typeIds'>): string =>
  `${ids.join()}|${Array.from(typeIds).join('')}`;

/** The states [tokens, width] of the windows that were encoded last. */
function createMemory(width: number) {
  const kept = new Map<string, Float32Array>();
  let tokens = 0;
  return {
    /** [batch, length, width], zero behind the end of a window; undefined where one of them is not known. */
    find(windows: readonly Window[], length: number): Tensor | undefined {
      const rows = windows.flatMap((window) => kept.get(window.key) ?? []);
      if (rows.length < windows.length) return undefined;
      const data = new Float32Array(windows.length * length * width);
      rows.forEach((row, i) => data.set(row, i * length * width));
      return { data, shape: [windows.length, length, width] };
    },
    keep(windows: readonly Window[], length: number, { data }: Tensor): void {
      if (!(data instanceof Float32Array)) return;
      windows.forEach((window, i) => {
        const { key } = window;
        const from = i * length * width;
        tokens += window.ids.length - (kept.get(key)?.length ?? 0) / width;
        kept.delete(key);
        kept.set(key, data.slice(from, from + window.ids.length * width));
      });
      for (const [key, { length: numbers }] of kept) {
        if (tokens <= rememberedTokens) break;
        kept.delete(key);
        tokens -= numbers / width;
      }
    },
  };
}

function distinctWindows(asked: readonly AskedWindows[]): Window[] {
  const windows = new Map<string, Window>();
  asked.forEach(({ task, features }, request) => {
    features.forEach((feature, index) => {
      const { ids, typeIds } = feature;
      const key = windowKey(feature);
      let window = windows.get(key);
      if (window === undefined) windows.set(key, (window = { key, ids, typeIds, wanted: [] }));
      window.wanted.push({ request, index, task, feature });
    });
  });
  return [...windows.values()];
}

/** What the graph takes, [batch, length] each, padded to the longest window. */
function batchFirst(windows: readonly Window[], length: number, padId: number): Record<string, Tensor> {
  const size = windows.length * length;
  const [ids, mask, types] = [
    new BigInt64Array(size).fill(BigInt(padId)),
    new BigInt64Array(size),
    new BigInt64Array(size),
  ];
  windows.forEach((window, row) => {
    for (let position = 0; position < window.ids.length; position++) {
      const at = row * length + position;
      ids[at] = BigInt(window.ids[position]!);
      mask[at] = 1n;
      types[at] = BigInt(window.typeIds[position] ?? 0);
    }
  });
  const shape = [windows.length, length];
  const columns = [ids, mask, types];
  return Object.fromEntries(servedInputs.map((name, i) => [name, { data: columns[i]!, shape }]));
}
