/** The model of a run: its graphs, compiled once and used by every round, and the memory that they work on. */
import type { LoraAdapter } from '../checkpoint/index.js';
import { architectureOf, type ModelConfig } from '../models/index.js';
import {
  adaptedModules,
  adapterParts,
  adapterScale,
  initialValues,
  mergeAdapter,
  type Parameter,
  type ParameterKind,
} from '../nn/index.js';
import { mergeInto, moduleName } from '../export/index.js';
import type { Engine } from '../runtime/index.js';
import type { Feature } from '../tasks/index.js';
import {
  createMeanEncoder,
  createParameterStore,
  createScorer,
  createStepProgram,
  defaultTokensPerPass,
  domainObjective,
  initialise,
  learnsFrom,
  loadPretrained,
  rateFactor,
  withMixup,
  type BatchTask,
  type CompiledStep,
  type Depth,
  type FrozenEncoder,
  type LoadedWeights,
  type ParameterStore,
  type Rates,
  type Scorer,
  type StepProgram,
  type Teacher,
} from '../training/index.js';
import { adversarialOf } from './adversarial-options.js';
import type { Base } from './base.js';
import type { TrainOptions } from './options.js';
import type { PreparedTask } from './prepared-task.js';
import { teachTask, type Teaching } from './teacher.js';

export interface CompiledModel {
  readonly engine: Engine;
  readonly config: ModelConfig;
  readonly depth: Depth;
  /** Of all but frozen layers. */
  readonly store: ParameterStore;
  /** Every parameter that is in the store, by its name. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly tasks: readonly CompiledTask[];
  /** The encoder's first layers, where they learn no more: their weights lie in a store of their own. */
  readonly frozen: FrozenEncoder | undefined;
  /** Whether a parameter decays. */
  decays(name: string): boolean;
  kindOf(name: string): ParameterKind | undefined;
  /** What its learning rate is multiplied by. */
  rateOf(name: string, rates: Rates): number;
  /** Of the encoder alone; only where a head starts from what the encoder says. */
  readonly encoder: Scorer<Feature> | undefined;
  /** Of domain-adversarial training: the discriminator's step, and the encoder that a probe asks. */
  readonly domains: CompiledDomains | undefined;
  /** The modules that have adapters. */
  readonly adapted: readonly string[];
  /** The numbers of a parameter as it is served: with what its adapter adds. */
  weight(name: string): Float32Array;
  release(): Promise<void>;
}

export interface CompiledTask {
  readonly name: string;
  readonly program: StepProgram;
  readonly step: CompiledStep;
  /** Of gradual unfreezing: the step at this share of the run's updates. */
  readonly phase?: ((share: number) => Promise<TrainedStep>) | undefined;
  readonly scorer: Scorer<Feature>;
  /** Whom the task is learnt from besides its labels. */
  readonly teacher: Teacher<Feature> | undefined;
}

export interface CompiledDomains {
  readonly program: StepProgram;
  readonly step: CompiledStep;
  readonly encoder: Scorer<Feature>;
}

/** A step, and what it leaves gradients for. */
export interface TrainedStep {
  readonly step: CompiledStep;
  readonly trained: readonly string[];
}

export interface CompileOptions {
  readonly options: TrainOptions;
  readonly depth: Depth;
  readonly frozen?: FrozenEncoder | undefined;
  readonly teacher?: Teaching | undefined;
}

/** Compiles training and prediction graphs of all tasks, without frozen layers, and lays out their parameters in one store. */
export async function compileModel(
  engine: Engine,
  config: ModelConfig,
  tasks: readonly PreparedTask[],
  { options, depth, frozen, teacher: run }: CompileOptions,
): Promise<CompiledModel> {
  const { arithmetic, batchSize, average, l2Start, reinitLayers } = options;
  const adversarial = adversarialOf(options);
  const { adapters, learns } = depth;
  const scoring = { frozen, adapters };
  const compiled: CompiledTask[] = [];
  const phased: PhasedStep[] = [];
  for (const { name, objective, task, mixup } of tasks) {
    const taught = run && (await teachTask(engine, run, task));
    const learnt = withMixup(taught?.objective ?? objective, mixup);
    const parts = { frozenLayers: frozen?.layers, adapters, arithmetic, adversarial };
    const programOf = (trainable: typeof learns) => createStepProgram(learnt, config, { ...parts, trainable });
    const program = programOf(learns);
    const step = await program.compile(engine);
    const scorer = await createScorer(engine, objective, config, scoring);
    const whole = { step, trained: program.trained };
    const steps = depth.phases.length === 1 ? undefined : createPhases(engine, depth, { program, programOf, whole });
    if (steps) phased.push(steps);
    compiled.push({ name, program, step, scorer, phase: steps?.at, teacher: taught?.teacher });
  }
  const encoder = tasks.some(({ startingWeights }) => startingWeights)
    ? await createMeanEncoder<Feature>(engine, config, scoring)
    : undefined;
  const domains = options.dann && (await compileDomains(engine, config, { adapters, arithmetic, learns }));
  const programs = [...compiled.map(({ program }) => program), ...(domains ? [domains.program] : [])];
  const parameters = new Map(
    programs.flatMap((program) => program.parameters).map((parameter) => [parameter.name, parameter]),
  );
  // Of a pass; passes of larger batches than the run's are no larger than others.
  const tokens = Math.max(
    defaultTokensPerPass,
    ...tasks.map(({ maxLength, largestGroup }) => Math.max(batchSize, largestGroup) * maxLength),
  );
  const stored = [...parameters.values()].map((parameter) => ({
    ...parameter,
    trainable: learns(parameter),
    averaged: average !== 'none' || (adversarial?.method === 'smart' && adversarial.proximal > 0),
    // What starts from random weights has nothing to be held to.
    held: l2Start > 0 && parameter.kind === 'base' && parameter.layer <= config.num_hidden_layers - reinitLayers,
  }));
  const store = createParameterStore(stored, { floats: tokens * config.hidden_size, ids: tokens });
  return {
    ...{ engine, config, depth, store, parameters, tasks: compiled, encoder, domains, frozen },
    adapted: adaptedModules(parameters.keys()),
    decays: (name) => parameters.get(name)?.decay ?? false,
    kindOf: (name) => parameters.get(name)?.kind,
    rateOf(name, rates) {
      const parameter = parameters.get(name);
      return parameter ? rateFactor(parameter, rates, config.num_hidden_layers) : 1;
    },
    weight(name) {
      if (!store.slots.has(name) && frozen) return frozen.store.slot(name).weight;
      const { weight } = store.slot(name);
      const names = adapterParts(name.replace(/\.weight$/, ''));
      if (!adapters || !store.slots.has(names.a)) return weight;
      const [a, b] = [store.slot(names.a).weight, store.slot(names.b).weight];
      return mergeAdapter(weight, { a, b, rank: adapters.rank, scale: adapterScale(adapters) });
    },
    async release() {
      for (const { step, scorer, teacher } of compiled) {
        await step.release();
        await scorer.release();
        await teacher?.release();
      }
      for (const steps of phased) await steps.release();
      await encoder?.release();
      await domains?.step.release();
      await domains?.encoder.release();
    },
  };
}

async function compileDomains(
  engine: Engine,
  config: ModelConfig,
  { adapters, arithmetic, learns }: Pick<Depth, 'adapters' | 'learns'> & Pick<TrainOptions, 'arithmetic'>,
): Promise<CompiledDomains> {
  const program = createStepProgram(domainObjective, config, { adapters, arithmetic, trainable: learns });
  const encoder = await createMeanEncoder<Feature>(engine, config, { adapters });
  return { program, step: await program.compile(engine), encoder };
}

interface PhasedStep {
  at(share: number): Promise<TrainedStep>;
  release(): Promise<void>;
}

interface PhaseParts {
  readonly program: StepProgram;
  readonly programOf: (trainable: Depth['learns']) => StepProgram;
  /** The last phase, in which everything learns. */
  readonly whole: TrainedStep;
}

/** The steps of gradual unfreezing, each compiled when its phase begins and released when the next does. */
function createPhases(engine: Engine, { phases }: Depth, { program, programOf, whole }: PhaseParts): PhasedStep {
  // A task without a head of its own has nothing to learn before layers of the encoder do.
  const own = phases.filter(({ lowest }) => program.parameters.some(learnsFrom(lowest)));
  let open: { phase: (typeof own)[number]; step: TrainedStep } | undefined;
  const close = async () => {
    await open?.step.step.release();
    open = undefined;
  };
  return {
    release: close,
    async at(share) {
      const phase = own.findLast(({ from }) => from <= share) ?? own[0];
      if (phase === undefined || phase === phases.at(-1)) {
        await close();
        return whole;
      }
      if (open?.phase === phase) return open.step;
      await close();
      const partial = programOf(learnsFrom(phase.lowest));
      const step = { step: await partial.compile(engine), trained: partial.trained };
      open = { phase, step };
      return step;
    },
  };
}

/** What a task brings to its training batches. */
export function batchTaskOf(task: PreparedTask, { tasks, frozen }: CompiledModel): BatchTask {
  const { step, teacher } = tasks.find(({ name }) => name === task.name) as CompiledTask;
  return {
    step,
    targetFeeds: (features, layout) => task.targetFeeds(features as readonly Feature[], layout),
    headFeeds: (features, batch, config) =>
      task.objective.headFeeds?.(features as readonly Feature[], batch, config) ?? {},
    hidden: frozen?.hidden,
    mixup: task.mixup,
    teacher: teacher && { answers: (features, batch) => teacher.answers(features as readonly Feature[], batch) },
  };
}

export interface StartOptions {
  readonly seed: number;
  /** The last layers that start from the seed all the same. */
  readonly reinitLayers: number;
}

/** Fills the store for the start of a round; a base without a folder starts from random weights. A student's folder has heads too. */
export function startWeights(
  { store, parameters, config, depth }: CompiledModel,
  { folder, adapter }: Pick<Base, 'folder' | 'adapter'>,
  { seed, reinitLayers }: StartOptions,
): LoadedWeights {
  store.clear();
  const list = [...parameters.values()];
  if (folder === undefined) return initialise(store, list, seed);
  const loaded = loadPretrained(store, list, folder, { architecture: architectureOf(config), seed, heads: true });
  if (adapter && depth.adapters) loadParts(store, adapter, config);
  else if (adapter) mergeInto(store, adapter, config);
  // Zhang et al. 2021, "Revisiting Few-sample BERT Fine-tuning", section 5: the pooler too, which lies behind the layers.
  const restarted =
    reinitLayers === 0 ? [] : list.filter(({ layer }) => layer > config.num_hidden_layers - reinitLayers);
  for (const parameter of restarted) store.slot(parameter.name).weight.set(initialValues(parameter, seed));
  return loaded;
}

/** Lets adapters start from those of another training, of the same layers and rank. */
function loadParts(store: ParameterStore, { modules }: LoraAdapter, config: ModelConfig): void {
  for (const [module, { a, b }] of modules) {
    const names = adapterParts(moduleName(module, config));
    store.slot(names.a).weight.set(a.data);
    store.slot(names.b).weight.set(b.data);
  }
}
