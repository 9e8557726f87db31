/** Steps of which a part is frozen: adapters beside frozen layers under every kind of head, perturbed texts too, and the last layers alone. */
import { nn, tasks, training, type data } from '@fieldcraft/core/internals';
import type { Measure } from '../checks.js';
import type { StageCase } from '../stages.js';
import { engine, gradientMeasure } from './step-cases.js';
import { kinds, taskPass, tinyEncoder } from './task-cases.js';

const { perturbationInput } = training;

async function check(
  kind: data.TaskKind,
  options: training.DepthOptions,
  method?: tasks.AdversarialMethod,
): Promise<Measure[]> {
  const { adapters, learns } = training.depthOf(options, tinyEncoder.num_hidden_layers);
  const { task, batch, feeds } = await taskPass(kind);
  const adversarial = method && tasks.adversarialSchema.parse({ method });
  const program = training.createStepProgram(task, tinyEncoder, { adapters, trainable: learns, adversarial });
  const shape = [batch.tokens, tinyEncoder.hidden_size];
  const data = Float64Array.from({ length: batch.tokens * tinyEncoder.hidden_size }, (_, i) => 0.3 * Math.sin(i));
  const fed = { ...feeds, ...(adversarial && { [perturbationInput]: { data, shape } }) };
  return [gradientMeasure(await training.checkGradients({ engine, program, batch, feeds: fed, probes: 1 }))];
}

const adapters = { rank: 2, alpha: 3, dropout: 0.2, roles: nn.linearRoles };
const lora = { name: 'lora', adapters } as const;

export const adapterCases: Readonly<Record<string, StageCase>> = {
  ...Object.fromEntries(kinds.map((kind) => [`lora/${kind}`, () => check(kind, lora)])),
  'lora/query-value': () => check('classification', { ...lora, adapters: { ...adapters, roles: nn.defaultRoles } }),
  'lora/last-layer': () => check('token-classification', { ...lora, layers: 1 }),
  'lora/perturbed': () => check('token-classification', lora, 'freelb'),
  'frozen/last-layer': () => check('classification', { name: 'top', layers: 1 }),
  'frozen/head': () => check('classification', { name: 'head' }),
};
