/**
 * An encoder that has learnt nothing of a task says how alike two texts are, and which words are near one another. It is the same for every model that
 * is attacked, so that all are measured by one rule.
 */
import { resolveModel } from '../checkpoint/index.js';
import { applyEdits, wordsIn, wordsOf, type Edit, type RankWords, type Word } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { readModelConfig } from '../models/index.js';
import type { Engine } from '../runtime/index.js';
import { dot } from '../tasks/index.js';
import { loadTokenizer } from '../text/index.js';
import { asUnit, loadTextEncoder } from './text-encoder.js';

export const defaultJudge = 'sentence-transformers/all-MiniLM-L6-v2';

export interface SimilarityJudge {
  /** As it was asked for, such as a hub id. */
  readonly id: string;
  /**
   * Cosine of the means of token states (Reimers & Gurevych 2019) of a text before and after edits. Of a long text only what stands around the
   * edits is read: the rest is the same, and would make anything look alike.
   */
  similarity(text: string, edits: readonly Edit[]): Promise<number>;
  /** By the cosine of word embeddings, the means of those of their tokens. */
  readonly rank: RankWords;
  release(): Promise<void>;
}

/** Words to each side of the edits that are read with them. */
const around = 25;

/** @throws FieldcraftError as `resolveModel`, with what to do; FC_WEIGHTS for a model of which not all is there. */
export async function loadJudge(
  engine: Engine,
  id: string,
  { onProgress }: { onProgress: (file: string, received: number, total: number) => void },
): Promise<SimilarityJudge> {
  const { folder } = await find(id, onProgress);
  const config = readModelConfig(folder);
  const tokenizer = loadTokenizer(folder);
  const encoder = await loadTextEncoder(engine, { folder, config, tokenizer });
  const { words: table } = encoder;
  const width = config.hidden_size;

  return {
    id,
    async similarity(text, edits) {
      const { before, after } = neighbourhood(text, edits);
      const [a, b] = await encoder.vectorsOf([before, after]);
      return dot(a!, b!);
    },
    async rank(word, others) {
      if (others.length < 2) return others;
      const encodings = await tokenizer.encodeMany([word, ...others], { addSpecialTokens: false });
      const [own, ...rest] = encodings.map(({ ids }) => {
        const sum = new Float32Array(width);
        for (const id of ids)
          for (let column = 0; column < width; column++) sum[column]! += table[id * width + column]!;
        return asUnit(sum);
      });
      const near = rest.map((vector) => dot(own!, vector));
      return [...others.keys()].sort((a, b) => near[b]! - near[a]! || a - b).map((i) => others[i]!);
    },
    release: () => encoder.release(),
  };
}

async function find(id: string, onProgress: (file: string, received: number, total: number) => void) {
  try {
    return await resolveModel(id, { onProgress: ({ file, received, total }) => onProgress(file, received, total) });
  } catch (error) {
    if (!(error instanceof FieldcraftError)) throw error;
    throw new FieldcraftError(error.code, {
      ...error.parts,
      what: `the encoder that says how alike texts are: ${error.parts.what}`,
      fix: `${error.parts.fix ?? ''}; --judge names another one`.replace(/^; /, ''),
      cause: error,
    });
  }
}

/** What of a text stands around edits, before and after them. */
export function neighbourhood(text: string, edits: readonly Edit[]): { before: string; after: string } {
  const words: readonly Word[] = wordsOf(text);
  const changed = {
    start: Math.min(...edits.map(({ start }) => start)),
    end: Math.max(...edits.map(({ end }) => end)),
  };
  const touched = wordsIn(words, changed);
  const [first, last] = [touched[0], touched.at(-1)].map((word) => (word === undefined ? 0 : words.indexOf(word)));
  const start = Math.min(changed.start, words[Math.max(0, first! - around)]?.start ?? 0);
  const end = Math.max(changed.end, words[Math.min(words.length - 1, last! + around)]?.end ?? text.length);
  // Punctuation at the edges of the text belongs to what is read.
  const stretch = { start: first! <= around ? 0 : start, end: last! + around >= words.length - 1 ? text.length : end };
  const edited = applyEdits(text, edits);
  const now = edited.move(stretch);
  return { before: text.slice(stretch.start, stretch.end), after: edited.text.slice(now.start, now.end) };
}
