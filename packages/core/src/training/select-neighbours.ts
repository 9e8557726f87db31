/** Which paragraphs of a corpus are nearest to a task's texts: the document selection of task-adaptive pretraining (kNN-TAPT; Gururangan et al. 2020, "Don't stop pretraining", section 5.2). */
import type { Corpus, CorpusDocument } from '../data/index.js';
import { fitTfidf, productsWith } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';

/** Vectors of texts, rows of length `width` one after another: an encoder's, say. They need not have length 1. */
export type Vectorise = (
  texts: readonly string[],
) => Promise<{ readonly values: Float32Array; readonly width: number }>;

export interface NeighbourOptions {
  /** Paragraphs a task text (50, 150 and 500 in the paper). */
  readonly k: number;
  /** Default: TF-IDF over the corpus, the words of which are counted alone and in pairs. */
  readonly vectors?: Vectorise;
}

export interface Neighbours {
  /** The corpus with the chosen paragraphs alone, in their order. */
  readonly corpus: Corpus;
  readonly paragraphs: number;
}

/** The `k` paragraphs nearest to each text by cosine, each paragraph once; what shares nothing with a text is no neighbour of it. @throws FieldcraftError FC_CONFIG unless k is a positive integer */
export async function selectNeighbours(
  corpus: Corpus,
  taskTexts: readonly string[],
  { k, vectors }: NeighbourOptions,
): Promise<Neighbours> {
  if (!Number.isInteger(k) || k < 1) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the number of neighbours is not one',
      expected: 'a positive integer',
      got: String(k),
    });
  }
  const paragraphs = corpus.documents.flatMap((document) => document.paragraphs);
  const texts = [...new Set(taskTexts)];
  const cosinesOf =
    vectors === undefined ? sparseCosines(paragraphs, texts) : await denseCosines(paragraphs, texts, vectors);
  const chosen = new Uint8Array(paragraphs.length);
  for (let text = 0; text < texts.length; text++) for (const i of largest(cosinesOf(text), k)) chosen[i] = 1;
  let at = 0;
  const documents = corpus.documents.flatMap((document): CorpusDocument[] => {
    const kept = document.paragraphs.filter(() => chosen[at++] === 1);
    return kept.length === 0 ? [] : [{ ...document, paragraphs: kept }];
  });
  return { corpus: { ...corpus, documents }, paragraphs: chosen.reduce((sum, one) => sum + one, 0) };
}

function sparseCosines(paragraphs: readonly string[], texts: readonly string[]): (text: number) => Float64Array {
  const tfidf = fitTfidf(paragraphs);
  const products = productsWith(tfidf.transform(paragraphs));
  const rows = tfidf.transform(texts);
  return (text) => products(rows, text);
}

async function denseCosines(
  paragraphs: readonly string[],
  texts: readonly string[],
  vectors: Vectorise,
): Promise<(text: number) => Float64Array> {
  const [corpus, task] = [await vectors(paragraphs), await vectors(texts)];
  const { width } = corpus;
  const [a, b] = [unitRows(corpus.values, width), unitRows(task.values, width)];
  return (text) =>
    Float64Array.from(paragraphs, (_, i) => {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += (a[i * width + k] ?? 0) * (b[text * width + k] ?? 0);
      return sum;
    });
}

function unitRows(values: Float32Array, width: number): Float32Array {
  const out = values.slice();
  for (let start = 0; start < out.length; start += width) {
    const row = out.subarray(start, start + width);
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    if (norm > 0) for (let k = 0; k < width; k++) row[k] = (row[k] ?? 0) / norm;
  }
  return out;
}

/** Indices of the `k` largest positive values; of equal ones the first. */
function largest(values: Float64Array, k: number): number[] {
  const positive: number[] = [];
  values.forEach((value, i) => {
    if (value > 0) positive.push(i);
  });
  return positive.sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b).slice(0, k);
}
