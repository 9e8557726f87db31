/** A student before it has learnt anything: some layers of its teacher, its embeddings or a part of them, and its heads, as a folder to train from. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { matchWeights, openCheckpoint } from '../checkpoint/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { architectureOf, readModelConfig, type ModelConfig } from '../models/index.js';
import type { Parameter } from '../nn/index.js';
import { loadTokenizer, pruneVocabulary, type PrunedVocabulary, type Tokenizer } from '../text/index.js';
import { encoderParameters } from '../training/index.js';
import { saveEncoderFolder, type EncoderFolder } from './encoder-folder.js';
import { modelFileName, readModelFile } from './model-file.js';

export interface StudentOptions {
  /** The layers of the teacher that the student starts from, counted from 1; or how many, which are then taken evenly, the last among them. */
  readonly layers: number | readonly number[];
  /** How many pieces of the vocabulary to keep, and the texts that they are to cover best. Default all. */
  readonly vocabulary?: { readonly texts: Iterable<string>; readonly size: number } | undefined;
}

export interface Student {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  /** Those of the teacher that it has, from 1. */
  readonly layers: readonly number[];
  /** The teacher's number of each token, and what the smaller vocabulary costs; undefined where the vocabulary is the teacher's. */
  readonly vocabulary: Omit<PrunedVocabulary, 'tokenizer'> | undefined;
}

/**
 * Writes the student of the teacher in `teacher` to `folder`, whole or not at all. A teacher is a base as published, or the model folder of a
 * finished run, whose heads the student starts with too.
 * @throws FieldcraftError FC_CONFIG for layers that the teacher does not have; FC_WEIGHTS; and as `pruneVocabulary`
 */
export async function createStudent(teacher: string, folder: string, options: StudentOptions): Promise<Student> {
  const published = readModelConfig(existsSync(join(teacher, modelFileName)) ? readModelFile(teacher).config : teacher);
  const layers = chosenLayers(options.layers, published.num_hidden_layers);
  const pruned = options.vocabulary && (await pruneVocabulary(teacher, options.vocabulary));
  const tokenizer = pruned?.tokenizer ?? loadTokenizer(teacher);
  const config = readModelConfig({
    ...published,
    num_hidden_layers: layers.length,
    ...(pruned && { vocab_size: pruned.kept.length, pad_token_id: tokenizer.padId }),
  });
  const source = openCheckpoint(teacher);
  try {
    const { prefix, layerModule } = architectureOf(config);
    const own = encoderParameters(config);
    const wanted = encoderParameters(published).map(({ name, shape }) => ({ name, shape, required: true }));
    const { loaded } = matchWeights(source, wanted, { basePrefix: prefix });
    const tensorOf = new Map(loaded.map(({ param, tensor }) => [param, tensor]));
    const sourceName = (name: string): string => {
      const layer = layers.findIndex((_, i) => name.startsWith(`${prefix}.${layerModule(i)}.`));
      if (layer < 0) return name;
      const rest = name.slice(`${prefix}.${layerModule(layer)}`.length);
      return `${prefix}.${layerModule((layers[layer] as number) - 1)}${rest}`;
    };
    const tensors = own.map((parameter): EncoderFolder['tensors'][number] => {
      const data = source.readFloat32(tensorOf.get(sourceName(parameter.name)) as string);
      const rows = pruned && parameter.paddingRow !== undefined ? takeRows(data, pruned.kept, parameter) : data;
      return { name: parameter.name, shape: parameter.shape, data: rows };
    });
    const heads = source.names().filter((name) => name.startsWith('heads.'));
    saveEncoderFolder(folder, {
      ...{ config, tokenizer, from: teacher },
      tensors: [
        ...tensors,
        ...heads.map((name) => ({ name, shape: source.info(name)?.shape ?? [], data: source.readFloat32(name) })),
      ],
    });
  } finally {
    source.close();
  }
  return {
    ...{ config, tokenizer, layers },
    vocabulary: pruned && { kept: pruned.kept, fertility: pruned.fertility },
  };
}

function chosenLayers(layers: number | readonly number[], of: number): readonly number[] {
  const chosen =
    typeof layers === 'number'
      ? Array.from({ length: layers }, (_, i) => Math.round(((i + 1) * of) / layers))
      : [...layers];
  const sound =
    chosen.length > 0 &&
    chosen.every((layer, i) => Number.isInteger(layer) && layer > (chosen[i - 1] ?? 0) && layer <= of);
  if (sound) return chosen;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'a student has some layers of its teacher, in their order',
    expected: `a number from 1 to ${of}, or layers from 1 to ${of}, ascending`,
    got: String(layers),
  });
}

/** Of the table of words, the rows of those that are kept. */
function takeRows(data: Float32Array, kept: Int32Array, { shape }: Parameter): Float32Array {
  const width = shape[1] as number;
  const rows = new Float32Array(kept.length * width);
  kept.forEach((row, i) => rows.set(data.subarray(row * width, (row + 1) * width), i * width));
  return rows;
}
