/**
 * Adapters kept apart from the model that they were merged into: a folder a task, which PEFT (Python) opens on the untouched base, with the task's head
 * in it and a model.json that says what our own predictions need.
 */
import { join } from 'node:path';
import { writeAdapter, type AdapterTensor } from '../checkpoint/index.js';
import { coreVersion, writeFileAtomic } from '../foundation/index.js';
import { architectureOf } from '../models/index.js';
import { adapterParts, adapterScale, type Adapters } from '../nn/index.js';
import { hasPublishedClass, headModule, publishedHeadName, taskTypes } from '../tasks/index.js';
import { writeFolderAtomic } from './atomic-folder.js';
import { formatModelFile, modelFileName, type SavedTask } from './model-file.js';
import { taskOf, type TrainedModel } from './model-folder.js';
import { buildServedGraph } from './served-graph.js';

/** What PEFT calls the tasks that it has classes for. */
const taskTypeOf: Partial<Record<string, string>> = {
  ForSequenceClassification: 'SEQ_CLS',
  ForTokenClassification: 'TOKEN_CLS',
  ForQuestionAnswering: 'QUESTION_ANS',
  Model: 'FEATURE_EXTRACTION',
};

export interface AdapterExport {
  readonly adapters: Adapters;
  /** The modules that are adapted, `bert.encoder.layer.0.attention.self.query` and so on. */
  readonly modules: readonly string[];
  /** The numbers of A and B. */
  weight(name: string): Float32Array;
  /** The README.md of a task's folder. */
  readonly readme: (task: SavedTask) => string;
}

/**
 * Writes `folder`/<task>/ for every task, all or nothing; an older `folder` is replaced.
 * @throws FieldcraftError FC_DISK where it cannot write.
 */
export function saveAdapterFolders(folder: string, model: TrainedModel, adapter: AdapterExport): void {
  writeFolderAtomic(folder, (temporary) => {
    for (const task of model.tasks) writeTask(join(temporary, task.name), model, task, adapter);
  });
}

function writeTask(
  folder: string,
  model: TrainedModel,
  saved: SavedTask,
  { adapters, modules, ...rest }: AdapterExport,
): void {
  const { config, base, tokenizer } = model;
  const architecture = architectureOf(config);
  const task = taskOf(saved);
  const head = hasPublishedClass(config.classifier_pooling, saved.kind)
    ? taskTypes[saved.kind].published.head
    : 'Model';
  // The class of an encoder alone has no prefix in its names.
  const nameOf = (module: string) => (head === 'Model' ? module.replace(`${architecture.prefix}.`, '') : module);
  const tensor = (name: string, shape: readonly number[]): AdapterTensor => ({ shape, data: rest.weight(name) });
  const { rank, dropout } = adapters;
  const pairs = modules.map((module) => {
    const { a, b } = adapterParts(module);
    const [inputs, outputs] = [rest.weight(a).length / rank, rest.weight(b).length / rank];
    return [nameOf(module), { a: tensor(a, [rank, inputs]), b: tensor(b, [outputs, rank]) }] as const;
  });
  const { parameters } = buildServedGraph(saved.name, config, [{ task, output: 'logits' }]);
  const heads = parameters.filter(({ name }) => name.startsWith(`${headModule(saved.name)}.`));
  const tensors = heads.map(({ name, shape }) => {
    const data = model.weight(name);
    const published = publishedHeadName(name, { task: saved.name, architecture });
    return [published, { shape, data: task.publishedWeight?.(name, data) ?? data }] as const;
  });
  const headModules = [...new Set(tensors.map(([name]) => name.slice(0, name.lastIndexOf('.'))))];
  const short = adapters.roles.every((role) => ['query', 'key', 'value'].includes(role)) && !adapters.skippedLayers;
  writeAdapter(folder, {
    ...{ rank, dropout, base: base?.id, revision: base?.revision },
    scale: adapterScale(adapters),
    taskType: taskTypeOf[head],
    modules: new Map(pairs),
    saved: new Map(tensors),
    savedModules: head === 'Model' ? [] : headModules,
    // `output.dense` would name two layers, and the last layers alone have no name: then every module is named.
    targetModules: short ? adapters.roles : pairs.map(([name]) => name),
  });
  const description = formatModelFile({
    version: 1,
    createdBy: `fieldcraft ${coreVersion()}`,
    base,
    config: { ...config },
    tasks: [asPublished(saved)],
    tokenizerHash: tokenizer.hash,
  });
  writeFileAtomic(join(folder, modelFileName), description);
  writeFileAtomic(join(folder, 'README.md'), rest.readme(saved));
}

/** Numbers are published as they are, not in deviations from their mean: a head that is read back needs no more of that. */
function asPublished(saved: SavedTask): SavedTask {
  if (saved.kind !== 'regression' || saved.settings === undefined) return saved;
  return { ...saved, settings: { ...saved.settings, mean: 0, deviation: 1 } };
}
