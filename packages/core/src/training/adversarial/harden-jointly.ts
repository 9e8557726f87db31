/**
 * The training step of a loss across a batch that learns from perturbed texts: what `hardenStep` does of one pass, of all passes of a batch at once. The
 * perturbation is one of every window of the batch; its values and its gradient lie pass after pass.
 */
import { createPerturbation, textRows } from './perturbation.js';
import { compileJointLoss, joinRows, type JointRequest } from '../joint-loss.js';
import type { CompiledStep } from '../step-program.js';
import type { Tensor } from '../../runtime/index.js';
import { anchorInput, hardenedParts, lookParts, perturbationInput, referenceInput } from './graphs.js';
import { compileAnswers, compileLook, needed, type HardenParts, type PerturbableStep } from './harden.js';
import { learnHardened, type Pass } from './methods.js';

/** Compiles what the method needs besides the step, and puts its loop around all of it. */
export async function hardenJointStep(
  step: PerturbableStep,
  parts: HardenParts,
): Promise<Pick<CompiledStep, 'run' | 'joint' | 'release'>> {
  const { engine, objective, config, encoder, settings } = parts;
  const joint = await compileJointLoss(engine, hardenedParts(objective, config, settings, encoder));
  const look = lookParts(objective, config, settings, encoder);
  const lookedAt = look && (await compileJointLoss(engine, look));
  const looking = await compileLook(parts);
  const answers = await compileAnswers(parts);
  const width = config.hidden_size;

  function passOf(request: JointRequest): Pass {
    const { passes, masks } = request;
    let tokens = 0;
    const places = passes.map(({ batch }) => ({ from: tokens, to: (tokens += batch.tokens) }));
    const windows = passes.flatMap(({ windows, batch }, i) =>
      textRows(windows, batch).map((rows) => rows.map((row) => row + (places[i]?.from ?? 0))),
    );
    const perturbation = createPerturbation(windows, { tokens, width });
    const partOf = (values: Float32Array, pass: number): Float32Array =>
      values.subarray((places[pass]?.from ?? 0) * width, (places[pass]?.to ?? 0) * width);
    const passFeeds = (pass: number): Record<string, Tensor> => {
      const data = partOf(perturbation.values, pass);
      return { [perturbationInput]: { data, shape: [data.length / width, width] } };
    };
    return {
      perturbation,
      noise: (distribution) => masks.noise(distribution, tokens * width, passes[0]?.maskNumber ?? 0),
      learn: ({ share = 1, further = false, look = false, anchor } = {}) =>
        joint.compute(request, {
          share: request.share * share,
          lossFeeds: anchor ? { [anchorInput]: anchor } : {},
          passFeeds,
          send(pass, i) {
            const accumulate = request.accumulate || further || i > 0;
            return step.run({ ...pass, share: 1, accumulate }, look ? partOf(perturbation.gradient, i) : undefined);
          },
        }),
      async look(reference) {
        await needed(lookedAt).compute(request, {
          share: 1,
          lossFeeds: reference ? { [referenceInput]: reference } : {},
          passFeeds,
          send: (pass, i) => needed(looking).run(pass, partOf(perturbation.gradient, i)),
        });
      },
      async answers(by) {
        const rows: Tensor[] = [];
        for (const pass of passes) rows.push(await needed(answers).run({ ...request, ...pass }, by));
        return joinRows(passes, rows);
      },
    };
  }

  return {
    run: (request) => step.run(request),
    joint: { run: (request) => learnHardened(settings, passOf(request)) },
    async release() {
      for (const part of [step, joint, lookedAt, looking, answers]) await part?.release();
    },
  };
}
