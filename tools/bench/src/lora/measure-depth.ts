/** Measures training steps of several depths of tuning in alternation, on the same batches. */
import { foundation, models, nn, training, type runtime } from '@fieldcraft/core/internals';
import type { Workload } from '../step/workloads.js';
import { classes, classifier } from '../step/classifier.js';
import { median } from '../table.js';

export interface DepthRequest {
  readonly engine: runtime.Engine;
  readonly config: models.ModelConfig;
  readonly workload: Workload;
  readonly rounds: number;
  readonly depths: readonly { readonly name: string; readonly depth: training.Depth }[];
  /** For what frozen layers say. */
  readonly folder: string;
}

export interface DepthMeasurement {
  readonly name: string;
  readonly trained: number;
  /** Of the encoder and the head. */
  readonly parameters: number;
  /** Of gradients and both moments. */
  readonly stateBytes: number;
  /** Milliseconds of a step and its update, over an average batch. */
  readonly step: number;
  /** Seconds of the workload's batches, each once: the first time, when frozen layers read them, and later. */
  readonly firstEpoch: number;
  readonly laterEpoch: number;
}

/** The pooler belongs to the task, as in a run. */
const kindOf = ({ name, kind }: nn.Parameter): nn.ParameterKind => (name.includes('.pooler.') ? 'head' : kind);

export async function measureDepth(request: DepthRequest): Promise<DepthMeasurement[]> {
  const { workload, rounds, depths } = request;
  const draws = foundation.random(1, 'bench tokens');
  const windows = workload.batches.map((lengths) =>
    lengths.map((length): training.ScorableFeature => {
      const ids = Int32Array.from({ length }, () => 1 + draws.integer(request.config.vocab_size - 1));
      return { ids, typeIds: new Int32Array(length), target: Int32Array.of(draws.integer(classes)) };
    }),
  );
  const compiled = [];
  for (const one of depths) compiled.push({ ...one, run: await compile(request, one, windows) });
  const times = new Map(depths.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, run } of compiled) {
      const started = performance.now();
      for (const members of windows) await run.update(members);
      times.get(name)?.push((performance.now() - started) / 1000);
    }
  }
  const measured = compiled.map(({ name, run }): DepthMeasurement => {
    const [firstEpoch = NaN, ...later] = times.get(name) ?? [];
    const laterEpoch = median(later);
    const { trained, parameters } = run;
    const stateBytes = 12 * trained;
    return {
      name,
      trained,
      parameters,
      stateBytes,
      step: (1000 * laterEpoch) / windows.length,
      firstEpoch,
      laterEpoch,
    };
  });
  for (const { run } of compiled) await run.release();
  return measured;
}

/** One depth, ready to make updates. */
async function compile(
  { engine, config, folder }: DepthRequest,
  { depth }: DepthRequest['depths'][number],
  windows: readonly (readonly training.ScorableFeature[])[],
) {
  const { frozenLayers: layers, adapters } = depth;
  const trainable = (parameter: nn.Parameter) => depth.learns({ ...parameter, kind: kindOf(parameter) });
  const program = training.createStepProgram(classifier, config, { frozenLayers: layers, adapters, trainable });
  const tokens = Math.max(
    ...windows.map((members) => members.length * Math.max(...members.map(({ ids }) => ids.length))),
  );
  const stored = program.parameters.map((one) => ({ ...one, trainable: trainable(one) }));
  const store = training.createParameterStore(stored, { floats: tokens * config.hidden_size, ids: tokens });
  training.initialise(store, program.parameters, 1);
  const below = layers === 0 ? [] : training.frozenParameters(config, layers);
  const frozenStore = training.createParameterStore(
    below.map(({ name, shape }) => ({ name, shape, trainable: false })),
  );
  training.initialise(frozenStore, below, 1);
  const frozen =
    layers === 0
      ? undefined
      : await training.createFrozenEncoder(engine, config, frozenStore, { layers, cache: { folder } });
  frozen?.keep(windows.flat());
  const step = await program.compile(engine);
  const optimizer = training.createAdamW(store);
  const masks = training.createDropoutMasks(1);
  const task: training.BatchTask = {
    step,
    hidden: frozen?.hidden,
    targetFeeds: (features) => {
      const labels = BigInt64Array.from(features, ({ target = [0] }) => BigInt(target[0] ?? 0));
      return { labels: { data: labels, shape: [labels.length] } };
    },
  };
  const slots = [...store.slots.values()];
  const count = (list: readonly training.Slot[]) => list.reduce((sum, slot) => sum + slot.count, 0);
  const ofAdapters = program.parameters.filter(({ kind }) => kind === 'adapter').map(({ name }) => store.slot(name));
  let batchNumber = 0;
  return {
    trained: count(slots.filter((slot) => slot.trainable)),
    parameters: count(slots) - count(ofAdapters) + count([...frozenStore.slots.values()]),
    async update(members: readonly training.ScorableFeature[]) {
      const batch = { batchNumber: batchNumber++, batchSize: members.length, share: 1, accumulate: false };
      await training.runBatch({ task, members, config, store, masks, ...batch });
      // A rate so small that random weights stay what they are: the work of an update does not depend on it.
      optimizer.step(program.trained, 1e-9);
    },
    async release() {
      await step.release();
      await frozen?.release();
    },
  };
}
