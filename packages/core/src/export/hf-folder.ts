/**
 * A trained model as Hugging Face folders, one a task: what transformers (Python) and @huggingface/transformers (JavaScript) open. The encoder is on
 * disk once: one file is, by hard links, the first shard of every task's safetensors and the external data of every task's ONNX graph. A head that
 * reads the mean of the tokens is in the graph alone: the class of that name computes something else, and safetensors would let it.
 */
import { COPYFILE_FICLONE } from 'node:constants';
import { copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/index.js';
import { writeFileAtomic } from '../foundation/index.js';
import { architectureOf, type ModelConfig } from '../models/index.js';
import { encodeOnnx, lowerGraph, type BakedTensor } from '../onnx/index.js';
import { hasPublishedClass, headModule, publishedHeadName, taskTypes } from '../tasks/index.js';
import { writeFolderAtomic } from './atomic-folder.js';
import type { SavedTask } from './model-file.js';
import { placeOf, taskOf, type TrainedModel } from './model-folder.js';
import { buildServedGraph, portableTarget } from './served-graph.js';

export interface HuggingFaceOptions {
  /** The README.md of a task's folder; default: a few lines that say what it is. */
  readme?: (task: SavedTask) => string;
}

const encoderShard = 'model-00001-of-00002.safetensors';
const headShard = 'model-00002-of-00002.safetensors';
/** The name that @huggingface/transformers looks for beside `model.onnx`. */
const onnxData = 'model.onnx_data';

/**
 * Writes `folder`/<task>/ for every task, all or nothing; an older `folder` is replaced.
 * @throws FieldcraftError FC_DISK where it cannot write.
 */
export function saveHuggingFaceFolders(folder: string, model: TrainedModel, options: HuggingFaceOptions = {}): void {
  const { readme = placeholder } = options;
  writeFolderAtomic(folder, (temporary) => {
    let encoder: WrittenEncoder | undefined;
    for (const task of model.tasks) {
      const own = join(temporary, task.name);
      mkdirSync(join(own, 'onnx'), { recursive: true });
      encoder = writeWeights(own, model, task, encoder);
      const config = publishedConfig(model.config, task);
      writeFileAtomic(join(own, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
      if (taskTypes[task.kind].published.vectors) writeSentenceModules(own, task, model.config.hidden_size);
      model.tokenizer.save(own);
      writeFileAtomic(join(own, 'README.md'), readme(task));
    }
  });
}

/** The encoder's shard, as the first task's folder has it. */
interface WrittenEncoder {
  readonly path: string;
  readonly places: ReadonlyMap<string, { offset: number; length: number }>;
}

/** The graph, and where there is a class for them both shards with their index. */
function writeWeights(
  folder: string,
  model: TrainedModel,
  saved: SavedTask,
  written: WrittenEncoder | undefined,
): WrittenEncoder {
  const task = taskOf(saved);
  const { graph, parameters } = buildServedGraph(saved.name, model.config, [{ task, output: 'logits' }]);
  const weightOf = (name: string) => task.publishedWeight?.(name, model.weight(name)) ?? model.weight(name);
  const ofHead = ({ name }: { name: string }) => name.startsWith(`${headModule(saved.name)}.`);
  const tensor = ({ name, shape }: { name: string; shape: readonly number[] }): TensorToWrite => {
    return { name, shape, dtype: 'F32', data: weightOf(name) };
  };
  const architecture = architectureOf(model.config);
  const published = (name: string) => publishedHeadName(name, { task: saved.name, architecture });
  const shared = parameters.filter((parameter) => !ofHead(parameter)).map(tensor);
  const head = parameters.filter(ofHead).map(tensor);

  const path = join(folder, 'onnx', onnxData);
  const format = { format: 'pt' };
  if (written) linkFile(written.path, path);
  const encoder = written ?? { path, places: writeSafetensors(path, shared, format) };
  if (hasPublishedClass(model.config.classifier_pooling, saved.kind)) {
    linkFile(path, join(folder, encoderShard));
    // A bare encoder has no head.
    if (head.length > 0) {
      const named = head.map((one) => ({ ...one, name: published(one.name) }));
      writeSafetensors(join(folder, headShard), named, format);
    }
    const index = {
      metadata: { total_size: [...shared, ...head].reduce((sum, { data }) => sum + data.byteLength, 0) },
      weight_map: {
        ...Object.fromEntries(shared.map(({ name }) => [name, encoderShard])),
        ...Object.fromEntries(head.map(({ name }) => [published(name), headShard])),
      },
    };
    writeFileAtomic(join(folder, 'model.safetensors.index.json'), `${JSON.stringify(index, null, 2)}\n`);
  }

  const weights = new Map<string, BakedTensor>([
    ...shared.map(({ name, shape }): [string, BakedTensor] => {
      return [name, { shape, data: { file: onnxData, ...placeOf(encoder.places, name) } }];
    }),
    ...head.map(({ name, shape }): [string, BakedTensor] => [name, { shape, data: weightOf(name) }]),
  ]);
  writeFileAtomic(join(folder, 'onnx', 'model.onnx'), encodeOnnx(lowerGraph(graph, portableTarget), { weights }));
  return encoder;
}

/** The base's config with what transformers must know of the head. */
function publishedConfig(config: ModelConfig, saved: SavedTask): Record<string, unknown> {
  const { head, problem } = taskTypes[saved.kind].published;
  const classes = taskOf(saved).outputs;
  const rules = saved.settings?.rules;
  const named = {
    id2label: Object.fromEntries(classes.map((label, id) => [id, label])),
    label2id: Object.fromEntries(classes.map((label, id) => [label, id])),
  };
  return {
    ...config,
    architectures: [`${architectureOf(config).className}${head}`],
    dtype: 'float32',
    ...(classes.length > 0 && named),
    ...(problem && { problem_type: problem }),
    ...(rules && { fieldcraft_text_rules: rules }),
    'transformers.js_config': { dtype: 'fp32', use_external_data_format: { 'model.onnx': 1 } },
  };
}

/**
 * What makes the folder one that sentence-transformers opens: the encoder, the mean of its tokens, length 1. Longer texts are cut there, where we read
 * them to their end.
 */
function writeSentenceModules(folder: string, { maxLength }: SavedTask, width: number): void {
  const write = (name: string, content: unknown) =>
    writeFileAtomic(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  const modules = [
    { path: '', type: 'Transformer' },
    { path: '1_Pooling', type: 'Pooling' },
    { path: '2_Normalize', type: 'Normalize' },
  ];
  write(
    'modules.json',
    modules.map(({ path, type }, i) => ({ idx: i, name: `${i}`, path, type: `sentence_transformers.models.${type}` })),
  );
  write('sentence_bert_config.json', { max_seq_length: maxLength, do_lower_case: false });
  write('config_sentence_transformers.json', { similarity_fn_name: 'cosine' });
  mkdirSync(join(folder, '1_Pooling'));
  write(join('1_Pooling', 'config.json'), {
    word_embedding_dimension: width,
    pooling_mode_cls_token: false,
    pooling_mode_mean_tokens: true,
    pooling_mode_max_tokens: false,
    pooling_mode_mean_sqrt_len_tokens: false,
  });
}

/** The same file under a second name, or where the file system has no hard links a copy. */
function linkFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, COPYFILE_FICLONE);
  }
}

const placeholder = ({ name, kind, labels }: SavedTask): string => `---
library_name: transformers
pipeline_tag: ${taskTypes[kind].published.pipeline}
---

# ${name}

A ${kind} model fine-tuned with Fieldcraft.${labels.length > 0 ? ` Labels: ${labels.join(', ')}.` : ''}
`;
