/** A base with a larger vocabulary: field words that its tokenizer shatters become pieces, each with the mean of its pieces' embeddings to start from. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { openCheckpoint, writeSafetensors, type TensorToWrite } from '../checkpoint/index.js';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { extendWordPiece, type AddedWord } from '../text/index.js';

export interface ExtendedBase {
  readonly folder: string;
  readonly added: readonly AddedWord[];
  /** Rows of the embedding table now. */
  readonly vocabularySize: number;
}

/** Tables with a row, and biases with a value, for each piece of the vocabulary. */
const rowsOfPieces =
  /(?:^|\.)(?:word_embeddings\.weight|predictions\.(?:decoder\.(?:weight|bias)|bias)|vocab_projector\.(?:weight|bias))$/;
/** Written anew here. */
const replaced =
  /^(?:model\.safetensors.*|model-\d+-of-\d+\.safetensors|pytorch_model.*\.bin.*|config\.json|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|vocab\.txt|added_tokens\.json)$/;

/**
 * Writes the model of `folder` with `words` in its vocabulary to `target`, whole or not at all: tokenizer, configuration and weights as Hugging Face's folders have them.
 * New rows are the means of the rows of their former pieces.
 * @param words as `shatteredWords` finds them; those that are one piece already are left out
 * @throws FieldcraftError FC_CONFIG for a tokenizer that is not WordPiece, or a target that is there already; FC_WEIGHTS where a table does not fit the vocabulary; as
 * `openCheckpoint` and `loadTokenizer`
 */
export async function extendVocabulary(
  folder: string,
  words: readonly string[],
  target: string,
): Promise<ExtendedBase> {
  const path = resolve(target);
  if (existsSync(path)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the folder for an extended base is there already',
      where: target,
      fix: 'name another, or remove it',
    });
  }
  const { tokenizer, added } = await extendWordPiece(folder, words);
  mkdirSync(dirname(path), { recursive: true });
  const partial = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      // Sentence encoders keep their pooling beside the weights.
      if (!replaced.test(entry.name) && (entry.isDirectory() || /\.(?:json|md|txt)$|^LICENSE/i.test(entry.name)))
        if (entry.name !== 'onnx' && entry.name !== 'openvino')
          cpSync(join(folder, entry.name), join(partial, entry.name), { recursive: true, dereference: true });
    }
    const vocabularySize = writeWeights(folder, partial, added, tokenizer.vocabularySize);
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    writeFileAtomic(
      join(partial, 'config.json'),
      `${JSON.stringify({ ...config, vocab_size: vocabularySize }, null, 2)}\n`,
    );
    tokenizer.save(partial);
    renameSync(partial, path);
    return { folder: path, added, vocabularySize };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** All tensors in float32, the tables with their new rows. Returns how many rows they have. */
function writeWeights(folder: string, target: string, added: readonly AddedWord[], size: number): number {
  const source = openCheckpoint(folder);
  try {
    let rows: number | undefined;
    const tensors = source.names().flatMap((name): TensorToWrite[] => {
      const info = source.info(name);
      if (info === undefined) return [];
      const data = source.readFloat32(name);
      if (!rowsOfPieces.test(name)) return [{ name, dtype: 'F32', shape: info.shape, data }];
      const [before = 0, ...width] = info.shape;
      // Some tables are padded to a round number of rows: the new ones take the place of the padding.
      const after = Math.max(before, size);
      if (rows !== undefined && rows !== after) throw disagree(folder, name, rows, after);
      rows = after;
      return [{ name, dtype: 'F32', shape: [after, ...width], data: extended(data, added, { before, after }) }];
    });
    if (rows === undefined) {
      throw new FieldcraftError('FC_WEIGHTS', {
        what: 'the weights have no table of word embeddings',
        where: folder,
        expected: 'a tensor whose name ends in word_embeddings.weight',
      });
    }
    writeSafetensors(join(target, 'model.safetensors'), tensors, { format: 'pt' });
    return rows;
  } finally {
    source.close();
  }
}

function extended(
  data: Float32Array,
  added: readonly AddedWord[],
  rows: { before: number; after: number },
): Float32Array {
  const width = data.length / rows.before;
  const out = new Float32Array(rows.after * width);
  out.set(data);
  for (const { id, pieces } of added) {
    for (let k = 0; k < width; k++) {
      let sum = 0;
      for (const piece of pieces) sum += data[piece * width + k] ?? 0;
      out[id * width + k] = sum / pieces.length;
    }
  }
  return out;
}

function disagree(where: string, name: string, expected: number, got: number): FieldcraftError {
  return new FieldcraftError('FC_WEIGHTS', {
    what: `the tables of a base disagree about its vocabulary at ${name}`,
    where,
    expected: `${expected} rows`,
    got: `${got} rows`,
  });
}
