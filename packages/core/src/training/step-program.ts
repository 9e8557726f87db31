/** One task's training step as a compiled graph: forward pass, loss and gradients in one go, in place in the parameter store. */
import { FieldcraftError } from '../foundation/index.js';
import { gradients, input, mul, output, type Graph, type Value } from '../graph/index.js';
import type { ModelConfig, SequenceBatch } from '../models/index.js';
import type { DropoutSite, Parameter } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import type { DropoutMasks } from './dropout-masks.js';
import { compileJointLoss, passLoss, type CompiledJointLoss } from './joint-loss.js';
import {
  buildObjective,
  maskFeeds,
  sequenceFeeds,
  weightFeeds,
  type EncoderOptions,
  type Objective,
} from './objective.js';
import type { ParameterStore } from './parameter-store.js';

/** Which graph outputs hold the gradients of a step. */
export interface GradientPlan {
  /** Parameter -> output with its whole gradient. */
  readonly dense: ReadonlyMap<string, string>;
  /** Table -> the outputs with rows to add, and the inputs with their numbers. */
  readonly rows: ReadonlyMap<string, readonly { output: string; indices: string }[]>;
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
  /** Of an objective across a batch: its loss, whose gradient at the logits `run` is then fed pass by pass. */
  readonly joint?: CompiledJointLoss;
  release(): Promise<void>;
}

export interface StepRequest {
  readonly store: ParameterStore;
  readonly batch: SequenceBatch;
  /** The objective's own inputs: targets, and what was computed before. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly masks: DropoutMasks;
  /** Which dropout masks to use: equal numbers give equal masks. */
  readonly maskNumber: number;
  /** The loss is multiplied by it. */
  readonly share: number;
  readonly accumulate: boolean;
}

export interface StepOptions extends EncoderOptions {
  /** Only parameters for which it holds get gradients, and nothing is differentiated that does not lead to one. Default: all. */
  readonly trainable?: ((parameter: Parameter) => boolean) | undefined;
}

/**
 * Describes the step of an objective.
 * @throws FieldcraftError FC_CONFIG where none of its parameters is to be trained.
 */
export function createStepProgram(
  objective: Objective,
  config: ModelConfig,
  { trainable = () => true, ...options }: StepOptions = {},
): StepProgram {
  const { graph, builder, logits } = buildObjective(objective, config, { training: true, ...options });
  const own = objective.acrossBatch ? passLoss(logits) : objective.loss(builder, logits);
  const loss = mul(own, input(graph, 'loss_share', []));
  output('loss', loss);
  const parameters = [...builder.parameters.values()];
  const plan = planGradients(loss, parameters.filter(trainable));
  const trained = [...new Set([...plan.dense.keys(), ...plan.rows.keys()])];
  if (trained.length === 0) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `the task ${objective.name} has nothing to learn but the encoder, which is frozen`,
      fix: 'leave the task out, or train at least some layers of the encoder',
    });
  }

  async function compile(engine: Engine, profiling: { profile?: string } = {}): Promise<CompiledStep> {
    const program = await engine.compile(graph, profiling);
    const lossCell = new Float32Array(1);
    const joint = objective.acrossBatch ? await compileJointLoss(objective, config, engine, options) : undefined;
    return {
      ...(joint && { joint }),
      async run(request) {
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
        await program.run(feeds, fetches);
        for (const [name, part] of partial) {
          const { gradient, count } = request.store.slot(name);
          request.store.kernels.addInto(gradient.byteOffset, part.byteOffset, count);
        }
        scatterRows(request);
        return lossCell[0] as number;
      },
      async release() {
        await program.release();
        await joint?.release();
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
function planGradients(loss: Value, parameters: readonly Parameter[]): GradientPlan {
  const dense = new Map<string, string>();
  const rows = new Map<string, { output: string; indices: string }[]>();
  const rowOutputs = new Map<Value, string>();
  gradients(
    loss,
    parameters.map(({ value }) => value),
  ).forEach((gradient, i) => {
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
  return { dense, rows };
}
