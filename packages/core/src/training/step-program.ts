/** One task's training step as a compiled graph: forward pass, loss and gradients in one go, in place in the parameter store. */
import { FieldcraftError } from '../foundation/index.js';
import { gradients, input, mul, output, type Graph, type Value } from '../graph/index.js';
import type { ModelConfig, SequenceBatch } from '../models/index.js';
import type { DropoutSite, Parameter } from '../nn/index.js';
import { int8ProductsOverflow, type Engine, type Tensor } from '../runtime/index.js';
import type { Adversarial } from '../tasks/index.js';
import { hardenedLoss, type PerturbedLoss } from './adversarial/graphs.js';
import { hardenStep, type PerturbableStep } from './adversarial/harden.js';
import { hardenJointStep } from './adversarial/harden-jointly.js';
import type { DropoutMasks } from './dropout-masks.js';
import { compileJointLoss, partsOf, passLoss, type JointRequest } from './joint-loss.js';
import {
  buildObjective,
  maskFeeds,
  sequenceFeeds,
  weightFeeds,
  type EncoderOptions,
  type Objective,
} from './objective.js';
import type { ParameterStore } from './parameter-store.js';
import type { ScorableFeature } from './scorer.js';

/** Which graph outputs hold the gradients of a step. */
export interface GradientPlan {
  /** Parameter -> output with its whole gradient. */
  readonly dense: ReadonlyMap<string, string>;
  /** Table -> the outputs with rows to add, and the inputs with their numbers. */
  readonly rows: ReadonlyMap<string, readonly { output: string; indices: string }[]>;
  /** Of a perturbation, the output with the gradient there; one of those with rows where they are the same numbers. */
  readonly perturbation?: string;
}

export interface StepProgram {
  readonly name: string;
  /** Every parameter of the graph. */
  readonly parameters: readonly Parameter[];
  /** Those that this step leaves a gradient for. */
  readonly trained: readonly string[];
  readonly dropouts: ReadonlyMap<string, DropoutSite>;
  readonly graph: Graph;
  readonly gradients: GradientPlan;
  compile(engine: Engine, options?: { profile?: string }): Promise<CompiledStep>;
}

export interface CompiledStep {
  /**
   * Runs forward and backward on one batch and returns `share` times its loss. The gradients of that land in the store; with `accumulate`
   * they are added to what is there.
   */
  run(request: StepRequest): Promise<number>;
  /** With arithmetic int8: makes the copies of weights that the step reads. To be called once weights have changed, before `run`. */
  readonly quantise?: (store: ParameterStore) => void;
  /** Of an objective across a batch: the same of all passes of a batch together, in place of `run`, which computes one for it. */
  readonly joint?: { run(request: JointRequest): Promise<number> };
  /** Times that the graph reads a pass: passes are so many times smaller. Default 1. */
  readonly readings?: number;
  release(): Promise<void>;
}

export interface StepRequest {
  readonly store: ParameterStore;
  readonly batch: SequenceBatch;
  /** The objective's own inputs: targets, and what was computed before. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly masks: DropoutMasks;
  /** Which dropout masks and noise to use: equal numbers give equal ones. */
  readonly maskNumber: number;
  /** What the batch was laid out from: adversarial training perturbs the tokens of their texts. */
  readonly windows?: readonly ScorableFeature[];
  /** The loss is multiplied by it. */
  readonly share: number;
  readonly accumulate: boolean;
}

export interface StepOptions extends EncoderOptions {
  /** Only parameters for which it holds get gradients, and nothing is differentiated that does not lead to one. Default: all. */
  readonly trainable?: ((parameter: Parameter) => boolean) | undefined;
  /** Learn from perturbed texts by this method. Default: from the texts as they are. */
  readonly adversarial?: Adversarial | undefined;
}

/**
 * Describes the step of an objective.
 * @throws FieldcraftError FC_CONFIG where none of its parameters is to be trained; for adversarial training behind frozen layers, or by what 8 bits
 * round away; and from `compile` for arithmetic int8 on anything but ONNX Runtime's CPU
 */
export function createStepProgram(objective: Objective, config: ModelConfig, options: StepOptions = {}): StepProgram {
  const { trainable = () => true, adversarial, ...encoder } = options;
  if (adversarial) requirePerturbable(objective, encoder, adversarial);
  const { graph, builder, loss: own, perturbation, readings } = buildLoss(objective, config, { encoder, adversarial });
  const loss = mul(own, input(graph, 'loss_share', []));
  output('loss', loss);
  const parameters = [...builder.parameters.values()];
  const plan = planGradients(loss, parameters.filter(trainable), perturbation);
  const trained = [...new Set([...plan.dense.keys(), ...plan.rows.keys()])];
  if (trained.length === 0) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `the task ${objective.name} has nothing to learn but the encoder, which is frozen`,
      fix: 'leave the task out, or train at least some layers of the encoder',
    });
  }

  async function compile(engine: Engine, profiling: { profile?: string } = {}): Promise<CompiledStep> {
    const quantise = parameters.some(({ int8 }) => int8) ? await createQuantise(engine, objective) : undefined;
    const program = await engine.compile(graph, profiling);
    const lossCell = new Float32Array(1);
    const step: PerturbableStep = {
      async run(request, look) {
        const feeds = {
          ...weightFeeds(program, builder, request.store),
          ...sequenceFeeds(request.batch),
          ...maskFeeds(builder, request),
          loss_share: { data: Float32Array.of(request.share), shape: [] },
          ...request.feeds,
        };
        const fetches: Record<string, Tensor | null> = { loss: { data: lossCell, shape: [] } };
        const partial: [name: string, into: Float32Array][] = [];
        for (const [name, gradientOutput] of plan.dense) {
          const { gradient, shape } = request.store.slot(name);
          const into = request.accumulate ? request.store.partial(name) : gradient;
          if (request.accumulate) partial.push([name, into]);
          fetches[gradientOutput] = { data: into, shape };
        }
        for (const { output: rowsOutput, width } of rowOutputs()) {
          const count = request.batch.tokens;
          fetches[rowsOutput] = { data: request.store.scratchFloats(count * width), shape: [count, width] };
        }
        const lookedAt = look && plan.perturbation;
        const inScratch = lookedAt === undefined ? undefined : fetches[lookedAt];
        if (look && lookedAt !== undefined)
          fetches[lookedAt] ??= { data: look, shape: [request.batch.tokens, config.hidden_size] };
        await program.run(feeds, fetches);
        if (inScratch) look?.set(inScratch.data as Float32Array);
        for (const [name, part] of partial) {
          const { gradient, count } = request.store.slot(name);
          request.store.kernels.addInto(gradient.byteOffset, part.byteOffset, count);
        }
        scatterRows(request);
        return lossCell[0] as number;
      },
      release: () => program.release(),
    };
    const copies = quantise && { quantise };
    if (adversarial) {
      const harden = objective.acrossBatch ? hardenJointStep : hardenStep;
      const hardened = await harden(step, { engine, objective, config, encoder, settings: adversarial });
      return { ...hardened, ...copies, readings };
    }
    if (!objective.acrossBatch) return { ...step, ...copies };
    const joint = await compileJointLoss(engine, partsOf(objective, config, encoder));
    return {
      ...step,
      ...copies,
      joint: {
        run: (request) =>
          joint.compute(request, {
            share: request.share,
            send: (pass, i) => step.run({ ...pass, share: 1, accumulate: request.accumulate || i > 0 }),
          }),
      },
      async release() {
        await step.release();
        await joint.release();
      },
    };
  }

  function rowOutputs(): { output: string; width: number }[] {
    const widths = new Map<string, number>();
    for (const [table, parts] of plan.rows) {
      const width = builder.parameters.get(table)?.shape[1] as number;
      for (const part of parts) widths.set(part.output, width);
    }
    if (widths.size > 1)
      throw new FieldcraftError('FC_INTERNAL', {
        what: 'tables are looked up in more than one place',
        got: [...widths.keys()].join(', '),
      });
    return [...widths].map(([name, width]) => ({ output: name, width }));
  }

  /** Adds the rows that the engine left in scratch memory to the tables' gradients. */
  function scatterRows({ store, batch }: StepRequest): void {
    for (const [table, parts] of plan.rows) {
      const { gradient, rowStates, shape } = store.slot(table);
      const width = shape[1] as number;
      // The padding row stays as it is, as PyTorch's `padding_idx` has it.
      const skipped = builder.parameters.get(table)?.paddingRow ?? -1;
      // Where the table is also a layer's weights (the tied words of a language model), every row has a gradient.
      if (plan.dense.has(table)) rowStates?.fill(1);
      for (const { indices } of parts) {
        const numbers = sequenceFeeds(batch)[indices]?.data;
        if (!rowStates || !(numbers instanceof BigInt64Array)) {
          throw new FieldcraftError('FC_INTERNAL', {
            what: `the rows of the table ${table} are not numbered by an input`,
            got: indices,
          });
        }
        const ids = store.scratchIds(numbers.length);
        ids.set(numbers);
        const rows = store.scratchFloats(numbers.length * width);
        store.kernels.scatterAddRows(
          gradient.byteOffset,
          rowStates.byteOffset,
          rows.byteOffset,
          ids.byteOffset,
          numbers.length,
          width,
          skipped,
        );
      }
    }
  }

  return { name: objective.name, parameters, trained, dropouts: builder.dropouts, graph, gradients: plan, compile };
}

/** Differentiates the loss and declares the gradients as outputs. */
function planGradients(loss: Value, parameters: readonly Parameter[], perturbation: Value | undefined): GradientPlan {
  const dense = new Map<string, string>();
  const rows = new Map<string, { output: string; indices: string }[]>();
  const rowOutputs = new Map<Value, string>();
  const found = gradients(loss, [...parameters.map(({ value }) => value), ...(perturbation ? [perturbation] : [])]);
  found.slice(0, parameters.length).forEach((gradient, i) => {
    const { name } = parameters[i] as Parameter;
    if (gradient?.dense) {
      dense.set(name, `gradient.${name}`);
      output(`gradient.${name}`, gradient.dense);
    }
    for (const { indices, values } of gradient?.rows ?? []) {
      let rowsOutput = rowOutputs.get(values);
      if (rowsOutput === undefined) {
        rowsOutput = `rows.${rowOutputs.size}`;
        rowOutputs.set(values, rowsOutput);
        output(rowsOutput, values);
      }
      rows.set(name, [...(rows.get(name) ?? []), { output: rowsOutput, indices: indices.name }]);
    }
  });
  const there = perturbation && found[parameters.length]?.dense;
  if (there === undefined) return { dense, rows };
  const name = rowOutputs.get(there) ?? 'gradient.perturbation';
  if (!rowOutputs.has(there)) output(name, there);
  return { dense, rows, perturbation: name };
}

/** The loss of the objective, plain or of perturbed texts. */
function buildLoss(
  objective: Objective,
  config: ModelConfig,
  { encoder, adversarial }: { encoder: EncoderOptions; adversarial: StepOptions['adversarial'] },
): Omit<PerturbedLoss, 'perturbation'> & Partial<Pick<PerturbedLoss, 'perturbation'>> {
  if (adversarial) return hardenedLoss(objective, config, adversarial, encoder);
  const { graph, builder, logits } = buildObjective(objective, config, { training: true, ...encoder });
  const loss = objective.acrossBatch ? passLoss([logits]) : objective.loss(builder, logits);
  return { graph, builder, loss, readings: 1 };
}

/**
 * How the copies in 8 bits are made on this machine.
 * @throws FieldcraftError FC_CONFIG where the engine has no such products
 */
async function createQuantise({ name, device }: Engine, objective: Objective): Promise<CompiledStep['quantise']> {
  if (name !== 'onnxruntime' || device !== 'cpu') {
    throw new FieldcraftError('FC_CONFIG', {
      what: `${objective.name} cannot be trained with products in INT8 there`,
      where: '--arithmetic int8',
      expected: 'the engine onnxruntime on cpu',
      got: `${name} on ${device}`,
      fix: 'leave out --arithmetic, or train with --device cpu',
    });
  }
  const largest = (await int8ProductsOverflow()) ? 63 : 127;
  return (store) => store.quantise(largest);
}

/** Methods that compare answers to texts that differ by less than 8 bits tell apart. */
const comparing: readonly Adversarial['method'][] = ['smart', 'r3f', 'vat'];

/**
 * @throws FieldcraftError FC_CONFIG where there are no word embeddings to perturb, or rounding hides what a perturbation changes
 */
function requirePerturbable(
  { name }: Objective,
  { frozenLayers = 0, arithmetic }: EncoderOptions,
  { method }: Adversarial,
): void {
  if (arithmetic === 'int8' && comparing.includes(method)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `adversarial training (${method}) of ${name} compares answers to texts that differ by less than INT8 tells apart`,
      where: '--arithmetic int8',
      expected: '--adversarial fgm, pgd or freelb',
      fix: 'leave out --arithmetic, or take another method',
    });
  }
  if (frozenLayers > 0) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `adversarial training (${method}) of ${name} perturbs what goes into the encoder, whose first layers are frozen and computed before`,
      fix: 'leave --adversarial out, or train all layers or their adapters: --tune full or lora',
    });
  }
}
