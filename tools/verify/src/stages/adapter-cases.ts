/** Steps of which a part is frozen: adapters beside frozen layers, and the last layers alone. */
import { nn, tasks, training } from '@fieldcraft/core/internals';
import type { StageCase } from '../stages.js';
import { engine, gradientMeasures, tinyEncoder, tinyWindows } from './step-cases.js';

const task = tasks.createTask('token-classification', { name: 'entities', labels: ['drug'] });
const windows = tinyWindows([
  [-100, 1, 2, 0, -100],
  [-100, 0, -100],
]);

const frozenStep =
  (options: training.DepthOptions): StageCase =>
  async () => {
    const { adapters, learns } = training.depthOf(options, tinyEncoder.num_hidden_layers);
    const batch = training.batchOf(windows, tinyEncoder);
    const program = training.createStepProgram(task, tinyEncoder, { adapters, trainable: learns });
    const feeds = task.targetFeeds(windows, batch);
    return gradientMeasures(await training.checkGradients({ engine, program, batch, feeds }));
  };

const adapters = { rank: 2, alpha: 3, dropout: 0.2 };

export const adapterCases: Readonly<Record<string, StageCase>> = {
  'lora/query-value': frozenStep({ name: 'lora', adapters: { ...adapters, roles: nn.defaultRoles } }),
  'lora/all': frozenStep({ name: 'lora', adapters: { ...adapters, roles: nn.linearRoles } }),
  'lora/last-layer': frozenStep({ name: 'lora', layers: 1, adapters: { ...adapters, roles: nn.linearRoles } }),
  'frozen/last-layer': frozenStep({ name: 'top', layers: 1 }),
  'frozen/head': frozenStep({ name: 'head' }),
};
