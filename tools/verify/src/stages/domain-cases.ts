/**
 * Domain-adversarial training: turned round by -1, the gradient is that of telling domains apart, and held against differences; turned round by
 * 0.5, the discriminator's is the same and the encoder's is -0.5 times it.
 */
import { training } from '@fieldcraft/core/internals';
import { largest, worstDifference, type Measure } from '../checks.js';
import type { StageCase } from '../stages.js';
import { engine, gradientMeasure } from './step-cases.js';
import { taskPass, tinyEncoder } from './task-cases.js';

const { domainObjective, domainFeeds } = training;

async function check(): Promise<Measure[]> {
  const { windows, batch } = await taskPass('classification');
  const members = windows.map((window, domain) => ({ ...window, target: Int32Array.of(domain) }));
  const program = training.createStepProgram(domainObjective, tinyEncoder);
  const errors = await training.checkGradients({ engine, program, batch, feeds: domainFeeds(members, -1), probes: 1 });

  const scratch = { floats: batch.tokens * tinyEncoder.hidden_size, ids: batch.tokens };
  const store = training.createParameterStore(program.parameters, scratch);
  training.initialise(store, program.parameters, 3);
  const step = await program.compile(engine);
  const masks = training.createDropoutMasks(1);
  const gradients = async (reversal: number): Promise<Float32Array[]> => {
    for (const name of program.trained) store.slot(name).gradient.fill(0);
    const feeds = domainFeeds(members, reversal);
    await step.run({ store, batch, feeds, masks, maskNumber: 0, share: 1, accumulate: false });
    return program.trained.map((name) => store.slot(name).gradient.slice());
  };
  const [plain, turned] = [await gradients(-1), await gradients(0.5)];
  await step.release();
  const worst = program.trained.map((name, i) => {
    const factor = name.startsWith('discriminators.') ? 1 : -0.5;
    const wanted = (plain[i] ?? new Float32Array()).map((x) => factor * x);
    return worstDifference(turned[i] ?? [], wanted) / Math.max(1e-3, largest(wanted));
  });
  return [gradientMeasure(errors), { what: 'turned round', worst: Math.max(...worst), bound: 1e-4 }];
}

export const domainCases: Readonly<Record<string, StageCase>> = { 'dann/domains': check };
