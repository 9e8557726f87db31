/** What a head answers in training, without gradients: the logits of a pass, dropout among it. */
import { output, type Shape } from '../graph/index.js';
import type { ModelConfig, SequenceBatch } from '../models/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import type { DropoutMasks } from './dropout-masks.js';
import {
  buildObjective,
  maskFeeds,
  sequenceFeeds,
  weightFeeds,
  type EncoderOptions,
  type Objective,
} from './objective.js';
import type { ParameterStore } from './parameter-store.js';

export interface LogitsProgram {
  readonly shape: Shape;
  /** By the weights, or by their moving averages where they have any. */
  run(pass: LogitsPass, by?: 'weights' | 'averages'): Promise<Tensor>;
  release(): Promise<void>;
}

export interface LogitsPass {
  readonly store: ParameterStore;
  readonly batch: SequenceBatch;
  readonly masks: DropoutMasks;
  readonly maskNumber: number;
  /** What the head reads besides the encoder's output, and what layers computed before say. */
  readonly feeds?: Readonly<Record<string, Tensor>>;
}

export async function compileLogits(
  engine: Engine,
  objective: Objective,
  config: ModelConfig,
  options: EncoderOptions = {},
): Promise<LogitsProgram> {
  const { graph, builder, logits } = buildObjective(objective, config, { training: true, ...options });
  output('logits', logits);
  const program = await engine.compile(graph);
  return {
    shape: logits.shape,
    async run(pass, by = 'weights') {
      const feeds = {
        ...weightFeeds(program, builder, pass.store, by),
        ...sequenceFeeds(pass.batch),
        ...maskFeeds(builder, pass),
        ...pass.feeds,
      };
      return (await program.run(feeds, { logits: null }))['logits'] as Tensor;
    },
    release: () => program.release(),
  };
}
