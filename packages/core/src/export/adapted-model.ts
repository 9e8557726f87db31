/** A model that is a base and an adapter beside it: ours with its heads, or one of PEFT's for a class of sequences. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  isAdapterFolder,
  matchWeights,
  openCheckpoint,
  readAdapter,
  resolveModel,
  type AdapterTensor,
  type LoraAdapter,
} from '../checkpoint/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { architectureOf, labelsOf, readModelConfig, type ModelConfig } from '../models/index.js';
import { mergeAdapter, type Parameter } from '../nn/index.js';
import { publishedHeadName, headModule } from '../tasks/index.js';
import { loadTokenizer, requireSameTokenizer } from '../text/index.js';
import { createParameterStore, type ParameterStore } from '../training/index.js';
import { modelFileName, readModelFile, type ModelFile, type SavedTask } from './model-file.js';
import { loadModelFolder, taskOf, type LoadedModel } from './model-folder.js';
import { buildServedGraph } from './served-graph.js';

export interface AdaptedOptions {
  /** Hub id or folder of the base; default: the one that the adapter names. */
  readonly base?: string | undefined;
}

/** A model folder, or an adapter's folder merged into its base. Errors as of `loadModelFolder` and `loadAdaptedModel`. */
export const openModel = (folder: string, options: AdaptedOptions = {}): Promise<LoadedModel> =>
  isAdapterFolder(folder) ? loadAdaptedModel(folder, options) : Promise.resolve(loadModelFolder(folder));

/** An adapter with what it is for, and the base that it is beside. */
export interface OpenedAdapter {
  readonly folder: string;
  readonly adapter: LoraAdapter;
  readonly base: { readonly id: string; readonly folder: string; readonly revision?: string | undefined };
  readonly config: ModelConfig;
  readonly task: SavedTask;
  /** Of the tokenizer that it was trained with; PEFT does not say. */
  readonly tokenizerHash: string | undefined;
}

/**
 * Reads an adapter's folder and finds its base.
 * @throws FieldcraftError FC_CONFIG where nothing says what its base is, or what it is for; FC_NOT_FOUND or FC_DOWNLOAD for the base; and as `readAdapter`.
 */
export async function openAdapter(folder: string, { base: named }: AdaptedOptions = {}): Promise<OpenedAdapter> {
  const adapter = readAdapter(folder);
  const id = named ?? adapter.base;
  if (id === undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the adapter does not say which model it is for',
      where: folder,
      fix: 'name its base with --base',
    });
  }
  const { folder: place, revision } = await resolveModel(id, named === undefined ? { revision: adapter.revision } : {});
  const own = existsSync(join(folder, modelFileName)) ? readModelFile(folder) : undefined;
  // A class of transformers reads [CLS], whatever the base was trained for.
  const config = own ? readModelConfig(own.config) : { ...readModelConfig(place), classifier_pooling: 'cls' as const };
  const task = own?.tasks[0] ?? foreignTask(folder, adapter, config);
  return { folder, adapter, base: { id, folder: place, revision }, config, task, tokenizerHash: own?.tokenizerHash };
}

/** What PEFT's own folders hold beside the adapter is a class of transformers; the labels are the base's. */
function foreignTask(folder: string, { taskType, saved }: LoraAdapter, config: ModelConfig): SavedTask {
  const count = saved.get('classifier.weight')?.shape[0];
  if (taskType !== 'SEQ_CLS' || count === undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'what the adapter predicts is not known',
      where: folder,
      expected: 'task_type SEQ_CLS and the weights of a classifier',
      got: `task_type ${taskType ?? 'none'}, with ${[...saved.keys()].join(', ') || 'no head'}`,
      fix: 'start training from it with --adapter',
    });
  }
  const known = labelsOf(config);
  const labels = known.length === count ? known : Array.from({ length: count }, (_, i) => `LABEL_${i}`);
  const kind =
    config['problem_type' as keyof ModelConfig] === 'multi_label_classification' ? 'multi-label' : 'classification';
  const name = basename(folder).replace(/^[^A-Za-z0-9]+|[^\w.-]+/g, '') || 'adapter';
  const maxLength = Math.min(256, config.max_position_embeddings);
  const window = { maxLength, stride: Math.floor(maxLength / 4) };
  return {
    name,
    kind,
    labels: [...labels],
    ...window,
    mainMetric: kind === 'multi-label' ? 'microF1' : 'macroF1',
    tuning: {},
  };
}

/**
 * The base with the adapter merged into it, and its head.
 * @throws FieldcraftError as `openAdapter`; FC_WEIGHTS where the adapter does not fit the base; FC_TOKENIZER.
 */
export async function loadAdaptedModel(folder: string, options: AdaptedOptions = {}): Promise<LoadedModel> {
  const opened = await openAdapter(folder, options);
  const { adapter, base, config, task, tokenizerHash } = opened;
  const tokenizer = loadTokenizer(base.folder);
  if (tokenizerHash !== undefined) requireSameTokenizer(tokenizerHash, tokenizer);
  const { parameters } = buildServedGraph('model', config, [{ task: taskOf(task), output: task.name }]);
  const store = createParameterStore(parameters.map(({ name, shape }) => ({ name, shape, trainable: false })));
  loadBase(store, parameters, opened);
  if (mergeInto(store, adapter, config) < adapter.modules.size)
    throw misfit(folder, { expected: undefined, got: [...adapter.modules.keys()].slice(0, 3).join(', ') });
  loadHead(store, parameters, opened);
  const from: ModelFile['base'] = { id: base.id, ...(base.revision === undefined ? {} : { revision: base.revision }) };
  return { folder, config, base: from, tasks: [task], tokenizer, store, weight: (name) => store.slot(name).weight };
}

/** Fills the encoder, and poolers of heads, from the base. */
export function loadBase(
  store: Pick<ParameterStore, 'slot'>,
  parameters: readonly Parameter[],
  { base, config, task }: Pick<OpenedAdapter, 'base' | 'config' | 'task'>,
): void {
  const architecture = architectureOf(config);
  const source = openCheckpoint(base.folder);
  try {
    const wanted = parameters.map(({ name, shape, kind }) => ({
      ...{ own: name, shape, required: kind === 'base' },
      name: kind === 'head' ? publishedHeadName(name, { task: task.name, architecture }) : name,
    }));
    const options = { basePrefix: architecture.prefix, otherShapes: 'fresh' } as const;
    const found = new Map(matchWeights(source, wanted, options).loaded.map(({ param, tensor }) => [param, tensor]));
    for (const { own, name } of wanted) {
      const tensor = found.get(name);
      if (tensor !== undefined) source.readFloat32(tensor, store.slot(own).weight);
    }
  } finally {
    source.close();
  }
}

/** The names that the adapter's modules have in a task model. */
export function moduleName(module: string, config: ModelConfig): string {
  const { prefix } = architectureOf(config);
  return module.startsWith(`${prefix}.`) ? module : `${prefix}.${module}`;
}

/**
 * Adds s B A to the weights of those layers that are adapted which the store has; says how many it has.
 * @throws FieldcraftError FC_WEIGHTS for a layer of another shape
 */
export function mergeInto(
  store: Pick<ParameterStore, 'slots'>,
  { modules, rank, scale }: LoraAdapter,
  config: ModelConfig,
): number {
  let merged = 0;
  for (const [module, { a, b }] of modules) {
    const slot = store.slots.get(`${moduleName(module, config)}.weight`);
    if (slot === undefined) continue;
    const shape = [b.shape[0], a.shape[1]].join(' x ');
    if (slot.shape.join(' x ') !== shape) throw misfit(module, { expected: slot.shape.join(' x '), got: shape });
    slot.weight.set(mergeAdapter(slot.weight, { a: a.data, b: b.data, rank, scale }));
    merged++;
  }
  return merged;
}

/** Fills the head with what is saved with the adapter; a pooler that is not is the base's. */
export function loadHead(
  store: Pick<ParameterStore, 'slot'>,
  parameters: readonly Parameter[],
  { adapter, config, task }: Pick<OpenedAdapter, 'adapter' | 'config' | 'task'>,
): void {
  const architecture = architectureOf(config);
  for (const { name, shape } of parameters) {
    if (!name.startsWith(`${headModule(task.name)}.`)) continue;
    const published = publishedHeadName(name, { task: task.name, architecture });
    const tensor: AdapterTensor | undefined = adapter.saved.get(published);
    if (tensor?.shape.join() === shape.join()) store.slot(name).weight.set(tensor.data);
    else if (tensor || !published.startsWith(`${architecture.prefix}.`))
      throw misfit(published, { expected: shape.join(' x '), got: tensor?.shape.join(' x ') ?? 'nothing' });
  }
}

const misfit = (where: string, { expected, got }: { expected: string | undefined; got: string }) =>
  new FieldcraftError('FC_WEIGHTS', {
    what: 'the adapter does not fit the base',
    where,
    expected: expected ?? 'layers of the base',
    got,
    fix: 'name the base that the adapter was trained on with --base',
  });
