/** A training step that learns from perturbed texts: each pass by the method's own loop, over graphs that are compiled once. */
import { FieldcraftError } from '../../foundation/index.js';
import type { ModelConfig } from '../../models/index.js';
import type { Engine, Tensor } from '../../runtime/index.js';
import type { Adversarial } from '../../tasks/index.js';
import type { PassRequest } from '../joint-loss.js';
import { compileLogits, type LogitsProgram } from '../logits-program.js';
import { maskFeeds, sequenceFeeds, weightFeeds, type EncoderOptions, type Objective } from '../objective.js';
import type { CompiledStep, StepRequest } from '../step-program.js';
import { anchorInput, lookGraph, perturbationInput, referenceInput } from './graphs.js';
import { learnHardened, type Pass } from './methods.js';
import { createPerturbation, textRows } from './perturbation.js';

/** A step whose graph has a perturbation. With `look` its gradient there [tokens, hidden] is left in it. */
export interface PerturbableStep {
  run(request: StepRequest, look?: Float32Array): Promise<number>;
  release(): Promise<void>;
}

export interface HardenParts {
  readonly engine: Engine;
  readonly objective: Objective;
  readonly config: ModelConfig;
  readonly encoder: EncoderOptions;
  readonly settings: Adversarial;
}

/** Compiles what the method needs besides the step, and puts its loop around all of it. */
export async function hardenStep(
  step: PerturbableStep,
  { engine, objective, config, encoder, settings }: HardenParts,
): Promise<Pick<CompiledStep, 'run' | 'release'>> {
  const looking = await compileLook({ engine, objective, config, encoder, settings });
  const answers = await compileAnswers({ engine, objective, config, encoder, settings });
  const width = config.hidden_size;

  return {
    run(request) {
      const { batch, masks, maskNumber, windows = [] } = request;
      const { tokens } = batch;
      const perturbation = createPerturbation(textRows(windows, batch), { tokens, width });
      const feeds = { ...request.feeds, [perturbationInput]: { data: perturbation.values, shape: [tokens, width] } };
      const pass: Pass = {
        perturbation,
        noise: (distribution) => masks.noise(distribution, tokens * width, maskNumber),
        learn({ share = 1, further = false, look = false, anchor } = {}) {
          const own = {
            feeds: anchor ? { ...feeds, [anchorInput]: anchor } : feeds,
            share: request.share * share,
            accumulate: request.accumulate || further,
          };
          return step.run({ ...request, ...own }, look ? perturbation.gradient : undefined);
        },
        async look(reference) {
          const own = reference ? { ...feeds, [referenceInput]: reference } : feeds;
          await needed(looking).run({ ...request, feeds: own }, perturbation.gradient);
        },
        answers: (by) => needed(answers).run(request, by),
      };
      return learnHardened(settings, pass);
    },
    async release() {
      await step.release();
      await looking?.release();
      await answers?.release();
    },
  };
}

/** What the head answers of the text as it is, for methods that ask for it. */
export async function compileAnswers(parts: HardenParts): Promise<LogitsProgram | undefined> {
  const { engine, objective, config, encoder, settings } = parts;
  const asks = settings.method === 'smart' || settings.method === 'vat';
  return asks ? compileLogits(engine, objective, config, encoder) : undefined;
}

export function needed<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new FieldcraftError('FC_INTERNAL', {
    what: 'a method of adversarial training asks for what it did not announce',
  });
}

interface CompiledLook {
  /** Leaves the gradient at the perturbation of a pass [tokens, hidden] in `into`. */
  run(request: PassRequest, into: Float32Array): Promise<void>;
  release(): Promise<void>;
}

export async function compileLook(parts: HardenParts): Promise<CompiledLook | undefined> {
  const { engine, objective, config, encoder, settings } = parts;
  const look = lookGraph(objective, config, settings, encoder);
  if (look === undefined) return undefined;
  const { graph, builder } = look;
  const program = await engine.compile(graph);
  return {
    async run(request, into) {
      const feeds: Record<string, Tensor> = {
        ...weightFeeds(program, builder, request.store),
        ...sequenceFeeds(request.batch),
        ...maskFeeds(builder, request),
        ...request.feeds,
      };
      await program.run(feeds, { gradient: { data: into, shape: [request.batch.tokens, config.hidden_size] } });
    },
    release: () => program.release(),
  };
}
