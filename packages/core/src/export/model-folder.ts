/**
 * Our own model format, a folder: model.json (what it is), model.safetensors (the encoder and every head, float32, under Hugging Face's names and
 * `heads.<task>....`), the tokenizer's files, and model.onnx, one graph with every head, whose weights are those of model.safetensors in place. Or what
 * differs from its base alone: see difference.ts.
 */
import { join } from 'node:path';
import { matchWeights, writeSafetensors } from '../checkpoint/index.js';
import { coreVersion, FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { architectureOf, readModelConfig, type ModelConfig } from '../models/index.js';
import { encodeOnnx, lowerGraph } from '../onnx/index.js';
import { createTask, type AnyTask } from '../tasks/index.js';
import { loadTokenizer, requireSameTokenizer, type Tokenizer } from '../text/index.js';
import { createParameterStore, type ParameterStore } from '../training/index.js';
import { writeFolderAtomic } from './atomic-folder.js';
import { partsOf } from './difference.js';
import { formatModelFile, modelFileName, readModelFile, type ModelFile, type SavedTask } from './model-file.js';
import { buildServedGraph, portableTarget, servedInputs } from './served-graph.js';

/** A trained model in memory. */
export interface TrainedModel {
  readonly config: ModelConfig;
  /** The pretrained model that training started from; null for one trained from scratch. */
  readonly base: ModelFile['base'];
  readonly tasks: readonly SavedTask[];
  readonly tokenizer: Tokenizer;
  /** The numbers of a parameter, row-major, such as a parameter store's. */
  weight(name: string): Float32Array;
}

/** A trained model in its folder. */
export interface StoredModel extends TrainedModel {
  readonly folder: string;
}

export interface LoadedModel extends StoredModel {
  /** Holds every weight; nothing in it can be trained. */
  readonly store: ParameterStore;
}

/** A saved task with its head, labels and decoding. */
export const taskOf = ({ kind, name, labels, settings }: SavedTask): AnyTask =>
  createTask(kind, { name, labels, settings });

/**
 * Writes a model folder, whole or not at all; one of that name is replaced.
 * @throws FieldcraftError FC_CONFIG for a task whose name does not do as a name of a graph's output; FC_DISK where it cannot write.
 */
export function saveModelFolder(folder: string, model: TrainedModel): void {
  writeFolderAtomic(folder, modelFiles(model));
}

/** The model.json of a model. */
export const describeModel = ({ config, base, tasks, tokenizer }: TrainedModel): ModelFile => ({
  version: 1,
  createdBy: `fieldcraft ${coreVersion()}`,
  base,
  config: { ...config },
  tasks: [...tasks],
  tokenizerHash: tokenizer.hash,
});

/** What writes the files of a model folder into a folder that is there; errors as of `saveModelFolder`. */
export function modelFiles(model: TrainedModel): (folder: string) => void {
  const { config, tasks, tokenizer } = model;
  const taken = tasks.find(({ name }) => servedInputs.some((input) => input === name));
  if (taken) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a task has the name of an input of the model',
      got: taken.name,
      fix: 'give the task another name',
    });
  }
  const description = formatModelFile(describeModel(model));
  const heads = tasks.map((task) => ({ task: taskOf(task), output: task.name }));
  const { graph, parameters } = buildServedGraph('model', config, heads);
  return (temporary) => {
    const file = 'model.safetensors';
    const places = writeSafetensors(
      join(temporary, file),
      parameters.map(({ name, shape }) => ({ name, shape, dtype: 'F32', data: model.weight(name) })),
      { format: 'pt' },
    );
    const weights = new Map(
      parameters.map(({ name, shape }) => [name, { shape, data: { file, ...placeOf(places, name) } }]),
    );
    writeFileAtomic(join(temporary, 'model.onnx'), encodeOnnx(lowerGraph(graph, portableTarget), { weights }));
    tokenizer.save(temporary);
    writeFileAtomic(join(temporary, modelFileName), description);
  };
}

/**
 * Reads a model folder and checks that its parts belong together.
 * @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT, FC_CONFIG or FC_ARCHITECTURE for files that are missing, damaged or not understood;
 * FC_TOKENIZER for a tokenizer that is not the one the model was trained with; FC_WEIGHTS for weights that are missing or have another shape, and for a
 * difference from a base that has changed.
 */
export function loadModelFolder(folder: string): LoadedModel {
  const { source, open: _, parameters, tensors, ...model } = checkModelFolder(folder);
  try {
    const store = createParameterStore(parameters.map(({ name, shape }) => ({ name, shape, trainable: false })));
    for (const [param, tensor] of tensors) source.readFloat32(tensor, store.slot(param).weight);
    return { ...model, store, weight: (name) => store.slot(name).weight };
  } finally {
    source.close();
  }
}

/**
 * As `loadModelFolder`, but a weight is read each time that it is asked for: for graphs that hold nearly all of them themselves.
 * @throws FieldcraftError as `loadModelFolder`
 */
export function openModelFolder(folder: string): StoredModel {
  const { source, open, parameters: _, tensors, ...model } = checkModelFolder(folder);
  source.close();
  return {
    ...model,
    weight(name) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new FieldcraftError('FC_INTERNAL', { what: `the model has no weights ${name}` });
      const opened = open();
      try {
        return opened.readFloat32(tensor);
      } finally {
        opened.close();
      }
    },
  };
}

/** What a model folder says of itself, and its weights, of which none was read; whoever calls closes `source`. */
function checkModelFolder(folder: string) {
  const file = readModelFile(folder);
  const { base, tasks, tokenizerHash } = file;
  const config = readModelConfig(file.config);
  const { tokenizer: tokenizerFolder, open } = partsOf(folder, file);
  const tokenizer = loadTokenizer(tokenizerFolder);
  requireSameTokenizer(tokenizerHash, tokenizer);
  const heads = tasks.map((task) => ({ task: taskOf(task), output: task.name }));
  const { parameters } = buildServedGraph('model', config, heads);
  const source = open();
  try {
    // Matched before any memory is taken: a config may claim any size, but tensors must lie in their file.
    const wanted = parameters.map(({ name, shape }) => ({ name, shape, required: true }));
    const { loaded } = matchWeights(source, wanted, { basePrefix: architectureOf(config).prefix });
    const tensors = new Map(loaded.map(({ param, tensor }) => [param, tensor]));
    return { folder, config, base, tasks, tokenizer, source, open, parameters, tensors };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** The place of a tensor that was just written. */
export function placeOf<P>(places: ReadonlyMap<string, P>, name: string): P {
  const place = places.get(name);
  if (place === undefined) throw new FieldcraftError('FC_INTERNAL', { what: `the weights ${name} were not written` });
  return place;
}
