/** An encoder as a folder that training starts from: Hugging Face's layout, with the head that its pretraining had. */
import { join } from 'node:path';
import { openCheckpoint, writeInt8Rows, writeSafetensors, type TensorToWrite } from '../checkpoint/index.js';
import { writeFileAtomic } from '../foundation/index.js';
import { architectureOf, type ModelConfig } from '../models/index.js';
import type { Tokenizer } from '../text/index.js';
import { writeFolderAtomic } from './atomic-folder.js';

export interface EncoderFolder {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  /** Under the names of a task model: the encoder's have its prefix. */
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }[];
  /** What follows the architecture's name in that of the class, such as `ForMaskedLM`; default `Model`. */
  readonly head?: string;
  /** The folder that training started from: its pooler, which pretraining does not touch, is taken over. */
  readonly from?: string | undefined;
  /** Matrices as bytes with a scale a row, in a quarter of the space. Default false. */
  readonly bytes?: boolean;
}

/**
 * Writes the folder, whole or not at all.
 * @throws FieldcraftError FC_DISK where it cannot write.
 */
export function saveEncoderFolder(folder: string, { bytes = false, ...encoder }: EncoderFolder) {
  const { config, tokenizer, tensors, head = 'Model', from } = encoder;
  const { prefix, className } = architectureOf(config);
  const own = new Set(tensors.map(({ name }) => name));
  const poolers = from === undefined ? [] : readPoolers(from, prefix).filter(({ name }) => !own.has(name));
  writeFolderAtomic(folder, (temporary) => {
    const [path, metadata] = [join(temporary, 'model.safetensors'), { format: 'pt' }];
    const all = [...tensors, ...poolers];
    if (bytes) writeInt8Rows(path, all, metadata);
    else {
      const written = all.map(({ name, shape, data }): TensorToWrite => ({ name, dtype: 'F32', shape, data }));
      writeSafetensors(path, written, metadata);
    }
    const description = { ...config, architectures: [`${className}${head}`], dtype: 'float32' };
    writeFileAtomic(join(temporary, 'config.json'), `${JSON.stringify(description, null, 2)}\n`);
    tokenizer.save(temporary);
  });
}

function readPoolers(folder: string, prefix: string): EncoderFolder['tensors'] {
  const source = openCheckpoint(folder);
  try {
    return source.names().flatMap((name) => {
      const bare = name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name;
      const info = source.info(name);
      if (!bare.startsWith('pooler.') || info === undefined) return [];
      return [{ name: `${prefix}.${bare}`, shape: info.shape, data: source.readFloat32(name) }];
    });
  } finally {
    source.close();
  }
}
