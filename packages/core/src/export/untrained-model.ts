/** A model as it is before training: what checks of the export and of other programs start from. */
import type { ModelConfig } from '../models/index.js';
import { architectureOf } from '../models/index.js';
import type { Tokenizer } from '../text/index.js';
import { createParameterStore, initialise, loadPretrained } from '../training/index.js';
import type { SavedTask } from './model-file.js';
import { taskOf, type TrainedModel } from './model-folder.js';
import { buildServedGraph } from './served-graph.js';

export interface UntrainedOptions {
  readonly config: ModelConfig;
  readonly tasks: readonly SavedTask[];
  readonly tokenizer: Tokenizer;
  readonly seed: number;
  /** Folder of a checkpoint for the encoder; default: it starts from the seed, as heads always do. */
  readonly checkpoint?: string;
}

/** @throws FieldcraftError as `loadPretrained` where the checkpoint does not fit the config. */
export function createUntrainedModel({ config, tasks, tokenizer, seed, checkpoint }: UntrainedOptions): TrainedModel {
  const heads = tasks.map((task) => ({ task: taskOf(task), output: task.name }));
  const { parameters } = buildServedGraph('model', config, heads);
  const store = createParameterStore(parameters.map(({ name, shape }) => ({ name, shape, trainable: false })));
  if (checkpoint === undefined) initialise(store, parameters, seed);
  else loadPretrained(store, parameters, checkpoint, { architecture: architectureOf(config), seed });
  const base = checkpoint === undefined ? null : { id: checkpoint };
  return { config, base, tasks, tokenizer, weight: (name) => store.slot(name).weight };
}
