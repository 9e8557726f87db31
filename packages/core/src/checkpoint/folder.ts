/** A model folder's weights as one source of tensors, whatever files hold them, under the names that today's models use. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError } from '../foundation/index.js';
import { formatError, openBoundedFile, quote } from './bounded-file.js';
import { isFloat } from './dtypes.js';
import { withFloatRows } from './int8-rows.js';
import { openPytorchBin } from './pytorch-bin.js';
import { openSafetensors } from './safetensors.js';
import type { TensorFile, TensorInfo } from './tensor-file.js';

/** All tensors of a checkpoint. Names are today's Hugging Face ones; nothing is read before it is asked for. */
export interface TensorSource {
  readonly folder: string;
  /** The files that hold the tensors, absolute or relative as `folder` is. */
  readonly files: readonly string[];
  names(): string[];
  /** Undefined for a name that the source does not have. */
  info(name: string): TensorInfo | undefined;
  /** As `TensorFile.readFloat32`. */
  readFloat32(name: string, into?: Float32Array): Float32Array;
  close(): void;
}

/** Where weights may be, in the order in which they are looked for (as transformers does). */
export const weightFiles = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const;

/** Bytes of a shard index: 100 times that of the largest published models. */
const largestIndex = 100_000_000;

/**
 * Opens the weights in `folder`: `model.safetensors`, its shards, `pytorch_model.bin` or its shards. `LayerNorm.gamma` and
 * `LayerNorm.beta` are called `weight` and `bias`; `position_ids` buffers, which hold no weights, are left out; tied tensors stay under
 * each of their names; matrices of bytes with a scale a row (see int8-rows.ts) read as floats.
 * @throws FieldcraftError FC_NOT_FOUND where there are no weights; FC_FILE_FORMAT and FC_UNSAFE_FILE as the readers say, and where an
 * index and its shards disagree.
 */
export function openCheckpoint(folder: string): TensorSource {
  const found = weightFiles.find((name) => existsSync(join(folder, name)));
  if (found === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'there are no weights in a model folder',
      where: folder,
      expected: `one of ${weightFiles.join(', ')}`,
      fix: 'weights of TensorFlow, Flax or Rust alone must be converted with the tools of the model’s publisher first',
    });
  }
  const path = join(folder, found);
  const shards = found.endsWith('.index.json') ? readShardIndex(path) : undefined;
  const open = found.startsWith('model.safetensors') ? openSafetensors : openPytorchBin;
  const files: TensorFile[] = [];
  const close = () => files.forEach((file) => file.close());
  try {
    for (const shard of shards?.files ?? [found]) files.push(withFloatRows(open(join(folder, shard))));
    if (shards !== undefined) checkIndex(path, shards.weights, files);
    const entries = nameTensors(files);
    const find = (name: string) => {
      const entry = entries.get(name);
      if (entry !== undefined) return entry;
      throw new FieldcraftError('FC_NOT_FOUND', { what: `there is no tensor ${quote(name)}`, where: folder });
    };
    return {
      folder,
      files: files.map((file) => file.path),
      names: () => [...entries.keys()],
      info: (name) => entries.get(name)?.info,
      readFloat32: (name, into) => {
        const { file, stored } = find(name);
        return file.readFloat32(stored, into);
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

interface SourceEntry {
  readonly file: TensorFile;
  /** The name in the file. */
  readonly stored: string;
  readonly info: TensorInfo;
}

function nameTensors(files: readonly TensorFile[]): Map<string, SourceEntry> {
  const entries = new Map<string, SourceEntry>();
  for (const file of files) {
    for (const [stored, tensor] of file.tensors) {
      if (/(^|\.)position_ids$/.test(stored) && !isFloat(tensor.dtype)) continue;
      const name = modernName(stored);
      const other = entries.get(name);
      if (other !== undefined) {
        throw formatError(file.path, 'two tensors have the same name', {
          where: `${quote(other.stored)} and ${quote(stored)}`,
        });
      }
      const storage = files.length === 1 ? tensor.storage : `${basename(file.path)}:${tensor.storage}`;
      entries.set(name, { file, stored, info: { ...tensor, name, storage } });
    }
  }
  return entries;
}

/** TensorFlow called a norm's scale and shift gamma and beta, and so did PyTorch's first BERTs. */
function modernName(name: string): string {
  return name.replace(
    /(layer_?norm\.)(gamma|beta)$/i,
    (_, norm: string, old: string) => norm + (old.toLowerCase() === 'gamma' ? 'weight' : 'bias'),
  );
}

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

interface ShardIndex {
  /** The shard of each tensor. */
  readonly weights: ReadonlyMap<string, string>;
  readonly files: readonly string[];
}

/**
 * Reads a `*.index.json`. @throws FieldcraftError FC_FILE_FORMAT where it is not one; FC_UNSAFE_FILE where it names a file outside its
 * folder.
 */
export function readShardIndex(path: string): ShardIndex {
  const file = openBoundedFile(path);
  let parsed: z.infer<typeof shardIndex>;
  try {
    if (file.size > largestIndex) throw new RangeError(`longer than ${largestIndex} bytes`);
    parsed = shardIndex.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.read(0, file.size))));
  } catch (cause) {
    throw formatError(path, 'an index of shards is not valid', { expected: '{"weight_map": {tensor: file}}', cause });
  } finally {
    file.close();
  }
  const weights = new Map(Object.entries(parsed.weight_map));
  const files = [...new Set(weights.values())].sort();
  for (const name of files) {
    if (/^[\w-][\w.-]*$/.test(name)) continue;
    throw new FieldcraftError('FC_UNSAFE_FILE', {
      what: 'an index of shards names a file that may lie outside its folder',
      where: path,
      expected: 'a plain file name',
      got: quote(name),
    });
  }
  return { weights, files };
}

/** Every tensor must be where the index says. Shards may hold more: as in transformers, what they hold counts. */
function checkIndex(path: string, weights: ShardIndex['weights'], files: readonly TensorFile[]): void {
  const shards = new Map(files.map((file) => [basename(file.path), file]));
  for (const [name, shard] of weights) {
    if (shards.get(shard)?.tensors.has(name) === true) continue;
    throw formatError(path, 'an index of shards and a shard disagree', {
      where: `tensor ${quote(name)}`,
      expected: `in ${shard}`,
      got: 'not there',
    });
  }
}
