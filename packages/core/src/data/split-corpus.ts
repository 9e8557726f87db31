/** Corpora divided: held-out text to measure perplexity on, and as much text as a budget of tokens allows, drawn evenly. Both by the documents' content, so that the same seed draws the same. */
import { FieldcraftError, sha256 } from '../foundation/index.js';
import type { Tokenizer } from '../text/index.js';
import type { Corpus } from './corpus.js';
import { findNearDuplicates } from './near-duplicates.js';
import type { CorpusDocument } from './read-corpus.js';

/** How much each of some paragraphs counts. */
export type ParagraphSizes = (paragraphs: readonly string[]) => readonly number[] | Promise<readonly number[]>;

/** UTF-8 bytes. */
export const sizeInBytes: ParagraphSizes = (paragraphs) => paragraphs.map((text) => Buffer.byteLength(text, 'utf8'));

/** Tokens, special tokens not counted. */
export const sizeInTokens =
  (tokenizer: Pick<Tokenizer, 'encodeMany'>): ParagraphSizes =>
  async (paragraphs) =>
    (await tokenizer.encodeMany(paragraphs, { addSpecialTokens: false })).map(({ ids }) => ids.length);

export interface SplitCorpusOptions {
  /** How much to hold out, in the unit of `sizes`; less where a tenth of the documents has less. */
  readonly heldOut: number;
  readonly sizes: ParagraphSizes;
  /** Default 0. */
  readonly seed?: number;
}

export interface CorpusSplit {
  readonly train: Corpus;
  readonly heldOut: Corpus;
  /** Size of the held-out text, in the unit that was asked for. */
  readonly heldOutSize: number;
  /** Paragraphs of held-out documents that also stand in other documents (boilerplate, headings): left out of the held-out text. */
  readonly repeated: number;
}

/** Below this many documents, those there are come apart into runs of paragraphs, which are then divided like documents. */
const leastDocuments = 20;
/** No document gives more than such a share of the held-out text: one long one would be all of it. */
const largestShare = 1 / 8;

/**
 * Holds out whole documents, near duplicates of which go with them, in an order that the content and the seed decide: at most a tenth of the documents, but one at least.
 * Of a long one only the beginning is measured on; its rest is in neither part. What also stands in other documents is taken out, lest boilerplate flatter the perplexity.
 * @throws FieldcraftError FC_DATA where there are not two different paragraphs
 */
export async function splitCorpus(
  corpus: Corpus,
  { heldOut: wanted, sizes, seed = 0 }: SplitCorpusOptions,
): Promise<CorpusSplit> {
  const documents = inParts(corpus.documents);
  const clusters = findNearDuplicates(documents.map(({ paragraphs }) => paragraphs.join('\n')));
  if (new Set(clusters).size < 2) {
    throw new FieldcraftError('FC_DATA', {
      what: 'a corpus is too small to hold out any of it',
      where: corpus.name,
      expected: 'two paragraphs or more that are not the same',
      fix: 'give more text, or none',
    });
  }
  const members = new Map<number, CorpusDocument[]>();
  for (const [i, document] of documents.entries()) {
    const cluster = clusters[i] ?? i;
    const group = members.get(cluster);
    if (group === undefined) members.set(cluster, [document]);
    else group.push(document);
  }
  const groups = inOrder([...members.values()], ([first]) => first, seed);
  const isRepeated = repeatsAcross(groups);
  const most = Math.max(1, Math.floor(documents.length / 10));
  const fitting = groups.filter((group) => group.length <= most);
  const smallest = [...groups].sort((a, b) => a.length - b.length).slice(0, 1);
  const held: CorpusDocument[] = [];
  const outside = new Set<CorpusDocument>();
  let [heldOutSize, repeated] = [0, 0];
  for (const group of fitting.length > 0 ? fitting : smallest) {
    if (heldOutSize >= wanted) break;
    if (outside.size > 0 && outside.size + group.length > most) continue;
    for (const document of group) outside.add(document);
    // Of near duplicates one says what all say.
    const [first] = group;
    if (first === undefined) continue;
    const own = first.paragraphs.filter((text) => !isRepeated(text));
    repeated += first.paragraphs.length - own.length;
    const room = Math.min(wanted - heldOutSize, wanted * largestShare);
    const { paragraphs, size } = await beginning(own, { room, least: 1 }, sizes);
    if (paragraphs.length > 0) held.push({ ...first, paragraphs });
    heldOutSize += size;
  }
  return {
    train: { ...corpus, documents: documents.filter((document) => !outside.has(document)) },
    heldOut: { ...corpus, documents: held },
    heldOutSize,
    repeated,
  };
}

/** Whether a paragraph, letter case aside, stands in more than one of the groups. */
function repeatsAcross(groups: readonly (readonly CorpusDocument[])[]): (paragraph: string) => boolean {
  const groupOf = new Map<string, number>();
  const several = -1;
  for (const [group, documents] of groups.entries()) {
    for (const { paragraphs } of documents) {
      for (const text of paragraphs) {
        const key = text.toLowerCase();
        groupOf.set(key, (groupOf.get(key) ?? group) === group ? group : several);
      }
    }
  }
  return (paragraph) => groupOf.get(paragraph.toLowerCase()) === several;
}

export interface TakeOptions {
  /** Most of all corpora together, in the unit of `sizes`. */
  readonly budget: number;
  readonly sizes: ParagraphSizes;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * Draws documents from several corpora until the budget is used up, the next always from the corpus that has given least: so each gives the same, and
 * one that is used up leaves its share to the others. The document that would go over the budget is cut after a paragraph.
 * @returns the corpora with the documents drawn, in the order of drawing, and how much each gives
 */
export async function takeTokens(
  corpora: readonly Corpus[],
  { budget, sizes, seed = 0 }: TakeOptions,
): Promise<{ corpus: Corpus; size: number }[]> {
  const draws = corpora.map((corpus) => ({
    corpus,
    waiting: inOrder(corpus.documents, (document) => document, seed),
    documents: [] as CorpusDocument[],
    size: 0,
  }));
  for (let left = budget; left > 0;) {
    const open = draws.filter(({ waiting, documents }) => documents.length < waiting.length);
    const [first] = open.sort((a, b) => a.size - b.size);
    const document = first?.waiting[first.documents.length];
    if (first === undefined || document === undefined) break;
    const { paragraphs, size } = await beginning(document.paragraphs, { room: left, least: 0 }, sizes);
    first.documents.push({ ...document, paragraphs });
    first.size += size;
    left -= size;
    // Its next paragraph was too large for what is left.
    if (paragraphs.length < document.paragraphs.length) break;
  }
  return draws.map(({ corpus, documents, size }) => ({
    corpus: { ...corpus, documents: documents.filter(({ paragraphs }) => paragraphs.length > 0) },
    size,
  }));
}

/** The first paragraphs of a document that fit into `room`, but at least so many. */
async function beginning(
  paragraphs: readonly string[],
  { room, least }: { room: number; least: number },
  sizes: ParagraphSizes,
): Promise<{ paragraphs: readonly string[]; size: number }> {
  const each = await sizes(paragraphs);
  let [count, size] = [0, 0];
  while (count < paragraphs.length && (count < least || size + (each[count] ?? 0) <= room)) size += each[count++] ?? 0;
  return { paragraphs: paragraphs.slice(0, count), size };
}

/** Items in the order of a hash of their document's content and the seed. */
function inOrder<T>(items: readonly T[], documentOf: (item: T) => CorpusDocument | undefined, seed: number): T[] {
  return items
    .map((item, i) => ({ item, i, key: sha256(`${seed}\n${documentOf(item)?.paragraphs.join('\n') ?? ''}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.i - b.i))
    .map(({ item }) => item);
}

/** Enough documents to divide: few ones are cut into runs of paragraphs of about equal number. */
function inParts(documents: readonly CorpusDocument[]): readonly CorpusDocument[] {
  if (documents.length >= leastDocuments) return documents;
  const all = documents.reduce((sum, { paragraphs }) => sum + paragraphs.length, 0);
  const length = Math.max(1, Math.floor(all / leastDocuments));
  return documents.flatMap(({ id, paragraphs }) =>
    Array.from({ length: Math.ceil(paragraphs.length / length) }, (_, part) => ({
      id: `${id}, part ${part + 1}`,
      paragraphs: paragraphs.slice(part * length, (part + 1) * length),
    })),
  );
}
