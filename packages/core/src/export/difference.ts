/**
 * A model as what differs from its base, in a small part of the size: low-rank factors for the layers that were tuned, and the heads, as bytes with a
 * scale a row. The encoder and the tokenizer are the base's, whose weights must be the very ones that were tuned.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  matchWeights,
  openCheckpoint,
  openSafetensors,
  resolveOwnModel,
  withFloatRows,
  type TensorFile,
  type TensorSource,
} from '../checkpoint/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { architectureOf, readModelConfig, type ModelConfig } from '../models/index.js';
import { adaptedModules, adapterParts, mergeAdapter } from '../nn/index.js';
import { headModule } from '../tasks/index.js';
import { encoderParameters } from '../training/index.js';
import { modelFileName, type ModelFile } from './model-file.js';

/** A [rank, inputs] and s B [outputs, rank] of each layer that was tuned, and the parameters of all heads, under their names in the model. */
export const differenceName = 'difference.safetensors';

/** Where the parts of a model lie. */
export interface ModelParts {
  /** Folder of the tokenizer. */
  readonly tokenizer: string;
  /** The weights under the names of the model; whoever calls closes them. */
  readonly open: () => TensorSource;
}

/**
 * The parts of the model in `folder`, of which `file` is the model.json: its own, or of a difference those of its base.
 * @throws FieldcraftError FC_NOT_FOUND for a base that is not on this machine; FC_WEIGHTS for one that has other weights than it had.
 */
export function partsOf(folder: string, { base, baseWeights, config }: ModelFile): ModelParts {
  if (baseWeights === undefined) return { tokenizer: folder, open: () => openCheckpoint(folder) };
  const { folder: from } = resolveOwnModel(base?.id ?? '');
  const got = hashWeights(from);
  if (got === baseWeights)
    return { tokenizer: from, open: () => openDifference(folder, { base: from, config: readModelConfig(config) }) };
  throw new FieldcraftError('FC_WEIGHTS', {
    what: `the model is kept as what differs from ${base?.id}, whose weights are others now`,
    where: from,
    expected: `weights of SHA-256 ${baseWeights}`,
    got,
    fix: 'bring the base back as it was, or train the model again',
  });
}

/** SHA-256 of the weights in a folder: that of their file, where there is one alone. */
export function hashWeights(folder: string): string {
  const source = openCheckpoint(folder);
  source.close();
  const hash = createHash('sha256');
  for (const file of source.files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Copies a difference into a folder that is there. @throws FieldcraftError FC_CONFIG for a model that is none */
export function copyDifference(from: string, to: string): void {
  if (!existsSync(join(from, differenceName))) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the model is not kept as a difference from its base',
      where: from,
    });
  }
  for (const name of [modelFileName, differenceName]) cpSync(join(from, name), join(to, name));
}

/**
 * The base's encoder with the factors merged into it, and the heads.
 * @throws FieldcraftError FC_WEIGHTS for factors that no layer of the base has, and as `openSafetensors`, `openCheckpoint` and `matchWeights`.
 */
function openDifference(folder: string, { base, config }: { base: string; config: ModelConfig }): TensorSource {
  const open: { close(): void }[] = [];
  const close = () => open.forEach((one) => one.close());
  try {
    const own = withFloatRows(openSafetensors(join(folder, differenceName)));
    open.push(own);
    const encoder = openCheckpoint(base);
    open.push(encoder);
    const wanted = encoderParameters(config).map(({ name, shape }) => ({ name, shape, required: true }));
    const { loaded } = matchWeights(encoder, wanted, { basePrefix: architectureOf(config).prefix });
    const tensorOf = new Map(loaded.map(({ param, tensor }) => [param, tensor]));
    const factors = new Map<string, { a: string; b: string; rank: number }>();
    for (const module of adaptedModules(own.tensors.keys())) {
      const weight = `${module}.weight`;
      const shape = encoder.info(tensorOf.get(weight) ?? '')?.shape;
      factors.set(weight, { ...adapterParts(module), rank: rankOf(module, own, shape) });
    }
    return {
      ...{ folder, files: [...encoder.files, own.path], close },
      names: () => [...tensorOf.keys(), ...[...own.tensors.keys()].filter((name) => name.startsWith(headModule('')))],
      info(name) {
        const tensor = tensorOf.get(name);
        if (tensor === undefined) return own.tensors.get(name);
        const known = encoder.info(tensor);
        // Places in two files: equal ones are not tied.
        return known && { ...known, name, storage: `base:${known.storage}` };
      },
      readFloat32(name, into) {
        const tensor = tensorOf.get(name);
        if (tensor === undefined) return own.readFloat32(name, into);
        const weight = encoder.readFloat32(tensor, into);
        const parts = factors.get(name);
        if (parts) {
          const [a, b] = [own.readFloat32(parts.a), own.readFloat32(parts.b)];
          weight.set(mergeAdapter(weight, { a, b, rank: parts.rank, scale: 1 }));
        }
        return weight;
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Of the factors of a layer whose weights are `shape` [outputs, inputs]. */
function rankOf(module: string, { path, tensors }: TensorFile, shape: readonly number[] | undefined): number {
  const { a, b } = adapterParts(module);
  const [down, up] = [tensors.get(a)?.shape ?? [], tensors.get(b)?.shape ?? []];
  const rank = down[0] ?? 0;
  if (down.join() === [rank, shape?.[1]].join() && up.join() === [shape?.[0], rank].join()) return rank;
  throw new FieldcraftError('FC_WEIGHTS', {
    what: 'what differs from the base does not fit it',
    where: `${path}, ${module}`,
    expected: shape === undefined ? 'a layer of the base' : `factors of [${shape.join(', ')}]`,
    got: `[${up.join(', ')}] times [${down.join(', ')}]`,
  });
}
