/** Steps that learn mixed texts, of every kind that can be mixed: as they are, and hardened. */
import { tasks, training } from '@fieldcraft/core/internals';
import type { StageCase } from '../stages.js';
import { perturbed } from './adversarial-cases.js';
import { engine, gradientMeasure } from './step-cases.js';
import { kinds, taskPass, tinyEncoder } from './task-cases.js';

const { canMix, checkGradients, createStepProgram, mixingFeeds, withMixup } = training;

const mixedCase =
  (kind: (typeof kinds)[number]): StageCase =>
  async () => {
    const pass = await taskPass(kind);
    const { task, batch } = pass;
    const mixed = withMixup(task, 1);
    const feeds = { ...pass.feeds, ...mixingFeeds({ share: 0.3 }, [...pass.windows.keys()]) };
    const plain = createStepProgram(mixed, tinyEncoder);
    const adversarial = tasks.adversarialSchema.parse({ method: 'freelb' });
    const hardened = createStepProgram(mixed, tinyEncoder, { adversarial });
    const check = { engine, batch, probes: 1 };
    return [
      gradientMeasure(await checkGradients({ ...check, program: plain, feeds }), 'mixed'),
      gradientMeasure(
        await checkGradients({ ...check, program: hardened, feeds: { ...feeds, ...perturbed(pass) } }),
        'mixed, at a perturbation',
      ),
    ];
  };

export const mixupCases: Readonly<Record<string, StageCase>> = Object.fromEntries(
  kinds.filter(canMix).map((kind) => [`mixup/${kind}`, mixedCase(kind)]),
);
