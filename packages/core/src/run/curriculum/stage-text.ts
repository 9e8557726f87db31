/** The text of a pretraining stage: corpora without what stands in evaluation data, cut into windows, a part of them held out. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  decontaminate,
  findCorpusCard,
  findFieldTerms,
  listCorpusCards,
  loadCorpus,
  packDocuments,
  sizeInTokens,
  splitCorpus,
  takeTokens,
  type AnyDataset,
  type Corpus,
  type CorpusCard,
  type CorpusDocument,
} from '../../data/index.js';
import { FieldcraftError } from '../../foundation/index.js';
import type { PretrainingReport } from '../../report/index.js';
import type { DomainStage, TaskTextStage } from '../../tasks/index.js';
import { loadTokenizer, measureFertility, preferTerms, shatteredWords } from '../../text/index.js';
import type { Encoding, PreferredTerms, Tokenizer } from '../../text/index.js';
import { extendVocabulary, selectNeighbours } from '../../training/index.js';
import type { Base } from '../base.js';
import type { RunContext } from '../run-context.js';
import { corpusOfTask, openCorpora } from './open-corpora.js';

/** What a stage learns from. */
export interface StageText {
  readonly windows: readonly Encoding[];
  readonly heldOut: readonly Encoding[];
  /** Of other corpora, by their fields. */
  readonly others: ReadonlyMap<string, readonly Encoding[]>;
  readonly tokenizer: Tokenizer;
  readonly vocabularySize: number;
  /** The weights to start from; undefined for random ones. */
  readonly folder: string | undefined;
  /** Words to hide more often. */
  readonly terms?: PreferredTerms;
  readonly report: Omit<PretrainingReport, 'head' | 'encoder' | 'before' | 'after'>;
}

export interface TextRequest {
  readonly base: Base;
  /** Folder of the data cards. */
  readonly cards: string;
  /** The field whose text it is; empty for files of one's own. */
  readonly field: string;
  /** The tasks whose training texts a stage on them reads. */
  readonly tasks: readonly { readonly name: string; readonly dataset: AnyDataset }[];
  /** Texts of the dev and test parts that must not be learnt from. */
  readonly evaluationTexts: () => Promise<readonly string[]>;
  readonly seed: number;
  /** Where a base with more words is put. */
  readonly work: string;
}

/** Tokens of held-out text: enough for a perplexity that differs by less than one in a hundred from that of other text of the corpora. */
const heldOutTokens = 40_000;
/** Tokens of each other corpus. */
const otherTokens = 15_000;
/** Words of the field that are hidden more often: beyond, they are hardly of the field. */
const mostTerms = 2_000;
/** A twentieth of the texts of tasks, which are few, is held out. */
const heldOutShare = 0.05;

/** What a stage reads from: a corpus without evaluation texts, or the training texts of a task. */
interface TextSource {
  readonly corpus: Corpus;
  readonly removedDocuments: number;
  readonly removedParagraphs: number;
}

/**
 * Reads the text of a stage, takes out what stands in evaluation data, and cuts it into windows.
 * @throws FieldcraftError FC_NOT_FOUND for a corpus that is nowhere; FC_DATA where too little text is left to learn from and to hold out
 */
export async function readStageText(
  context: RunContext,
  stage: DomainStage | TaskTextStage,
  request: TextRequest,
): Promise<StageText> {
  const { base, tasks, seed, field } = request;
  const maxLength = Math.min(stage.maxLength, base.config.max_position_embeddings);
  const opened = await openCorpora(context, stage.corpora, request.cards);
  const evaluated = await request.evaluationTexts();
  context.enter('leaving out evaluation texts');
  const clean = (corpora: readonly Corpus[]) => corpora.map((corpus) => withoutEvaluated(corpus, evaluated));
  const sources =
    stage.kind === 'domain' ? clean(opened) : await besideTasks(stage, clean(tasks.map(corpusOfTask)), clean(opened));
  context.enter('tokenising');
  const sizes = sizeInTokens(base.tokenizer);
  const held = Math.min(heldOutTokens, Math.ceil(stage.tokens * heldOutShare));
  const splits = await Promise.all(
    sources
      .filter(({ corpus }) => corpus.documents.length > 0)
      .map(({ corpus }) => splitCorpus(corpus, { heldOut: held / sources.length, sizes, seed })),
  );
  const drawn = await takeTokens(
    splits.map(({ train }) => train),
    { budget: stage.tokens, sizes, seed },
  );
  const text = drawn.flatMap(({ corpus }) => corpus.documents);
  const { tokenizer, ...vocabulary } = await vocabularyOf(stage, request, text);
  const pack = (corpora: readonly Corpus[]) =>
    packDocuments(
      corpora.flatMap(({ documents }) => documents),
      tokenizer,
      { maxLength },
    );
  const windows = await pack(drawn.map(({ corpus }) => corpus));
  const heldOut = await pack(splits.map((split) => split.heldOut));
  const replayed = await replayOf(context, stage, request, { clean, tokens: countTokens(windows) });
  const again = await pack(replayed.map(({ drawn: { corpus } }) => corpus));
  if (windows.length === 0 || heldOut.length === 0) {
    throw new FieldcraftError('FC_DATA', {
      what: 'too little text is left to learn from and to hold some out',
      where: sources.map(({ corpus }) => corpus.name).join(', ') || 'no corpus is left',
      got: `${countTokens(windows) + countTokens(heldOut)} tokens, evaluation texts left out`,
      fix: 'name more text with --corpus, or leave the stage out with --stages',
    });
  }
  const { words, terms } = await termsOf(context, stage, request, { documents: text, tokenizer });
  return {
    ...{ heldOut, tokenizer, vocabularySize: vocabulary.size, folder: vocabulary.folder },
    windows: [...windows, ...again],
    ...(terms && { terms }),
    others: await readOthers(request, { maxLength, field, tokenizer, learnt: stage.replay?.corpora ?? [] }),
    report: {
      corpora: sources.map(describeSource),
      evaluationTexts: evaluated.length,
      tokens: countTokens(windows),
      ...(stage.replay && {
        replay: { corpora: replayed.map(({ source }) => describeSource(source)), tokens: countTokens(again) },
      }),
      heldOutTokens: countTokens(heldOut),
      ...vocabulary.report,
      ...(terms && { fieldTerms: words }),
    },
  };
}

const describeSource = ({ corpus, ...removed }: TextSource) => ({
  ...{ name: corpus.name, documents: corpus.documents.length, ...removed },
  ...(corpus.card && { licence: corpus.licence }),
});

/** Of the corpora that are replayed, without evaluation texts, as much as makes up the stage's share of all that is read. */
async function replayOf(
  context: RunContext,
  { replay }: DomainStage | TaskTextStage,
  { base, cards, seed }: TextRequest,
  { clean, tokens }: { clean: (corpora: readonly Corpus[]) => TextSource[]; tokens: number },
) {
  if (replay === undefined) return [];
  const sources = clean(await openCorpora(context, replay.corpora, cards)).filter(
    ({ corpus }) => corpus.documents.length > 0,
  );
  const drawn = await takeTokens(
    sources.map(({ corpus }) => corpus),
    { budget: Math.round((tokens * replay.share) / (1 - replay.share)), sizes: sizeInTokens(base.tokenizer), seed },
  );
  return sources.map((source, i) => ({ source, drawn: drawn[i] as (typeof drawn)[number] }));
}

/** The tasks' texts, and of the corpora beside them the paragraphs nearest to those, or all. */
async function besideTasks(
  { neighbours: k }: TaskTextStage,
  tasks: readonly TextSource[],
  corpora: readonly TextSource[],
): Promise<TextSource[]> {
  if (k === 0) return [...tasks, ...corpora];
  const texts = tasks.flatMap(({ corpus }) => corpus.documents.map(({ paragraphs }) => paragraphs.join(' ')));
  const nearest: TextSource[] = [];
  for (const source of corpora)
    nearest.push({ ...source, corpus: (await selectNeighbours(source.corpus, texts, { k })).corpus });
  return [...tasks, ...nearest];
}

interface Vocabulary {
  readonly tokenizer: Tokenizer;
  readonly size: number;
  /** The weights that go with it. */
  readonly folder: string | undefined;
  readonly report: Pick<StageText['report'], 'newWords' | 'fertility'>;
}

/** The base's own vocabulary, or with entries for the words of the text that it shatters. */
async function vocabularyOf(
  stage: DomainStage | TaskTextStage,
  { base, work }: TextRequest,
  documents: readonly CorpusDocument[],
): Promise<Vocabulary> {
  const { tokenizer, folder, config } = base;
  const own = { tokenizer, size: config.vocab_size, folder, report: {} };
  if (stage.kind !== 'domain' || stage.newWords === 0) return own;
  if (folder === undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'an encoder from scratch has the vocabulary of its own data: there is none to extend',
      where: `newWords of the stage ${stage.name}`,
      fix: 'leave newWords out, or name a pretrained base',
    });
  }
  const texts = documents.flatMap(({ paragraphs }) => paragraphs);
  const shattered = await shatteredWords(texts, tokenizer, { limit: stage.newWords });
  const target = join(work, 'vocabulary');
  // What a stopped stage left is made again: it takes a moment, and may be half there.
  rmSync(target, { recursive: true, force: true });
  const words = shattered.map(({ word }) => word);
  const { added, vocabularySize } = await extendVocabulary(folder, words, target);
  const extended = loadTokenizer(target);
  const fertility = {
    before: await measureFertility(texts, tokenizer),
    after: await measureFertility(texts, extended),
  };
  return { tokenizer: extended, size: vocabularySize, folder: target, report: { newWords: added.length, fertility } };
}

/** Words that tell the text from general text, where such text is on this machine. */
async function termsOf(
  { emit }: RunContext,
  stage: DomainStage | TaskTextStage,
  { cards }: TextRequest,
  { documents, tokenizer }: { documents: readonly CorpusDocument[]; tokenizer: Tokenizer },
): Promise<{ words: number; terms: PreferredTerms | undefined }> {
  if (stage.kind !== 'domain' || !stage.fieldTerms) return { words: 0, terms: undefined };
  const general: CorpusDocument[] = [];
  for (const name of listCorpusCards(cards)) {
    const card = findCorpusCard(name, cards);
    if (card.field === 'general') general.push(...((await openIfHere(card))?.documents ?? []));
  }
  const words = general.length === 0 ? [] : findFieldTerms({ documents }, { documents: general }, { limit: mostTerms });
  if (words.length === 0) {
    const text = `${stage.name}: no words of the field were found to hide more often: general text to compare with is not on this machine, or says the same`;
    emit({ kind: 'note', level: 'warning', text });
    return { words: 0, terms: undefined };
  }
  const terms = await preferTerms(
    words.map(({ word }) => word),
    tokenizer,
  );
  return { words: words.length, terms };
}

/** A corpus that is on this machine. */
async function openIfHere(card: CorpusCard): Promise<Corpus | undefined> {
  try {
    return await loadCorpus(card, { download: false });
  } catch (error) {
    if (error instanceof FieldcraftError && error.code === 'FC_NOT_FOUND') return undefined;
    throw error;
  }
}

function withoutEvaluated(whole: Corpus, evaluated: readonly string[]): TextSource {
  const { corpus, removed } = decontaminate(whole, evaluated);
  const { documents: removedDocuments, same, sharedRun, nearDuplicate, remainder } = removed;
  const removedParagraphs = [same, sharedRun, nearDuplicate, remainder].reduce(
    (sum, { paragraphs }) => sum + paragraphs,
    0,
  );
  return { corpus, removedDocuments, removedParagraphs };
}

/**
 * Text of other fields and of none, where it is on this machine: what a stage takes from the encoder shows there, but not on corpora that it has
 * learnt from again.
 */
async function readOthers(
  { cards }: TextRequest,
  {
    maxLength,
    field,
    tokenizer,
    learnt,
  }: { maxLength: number; field: string; tokenizer: Tokenizer; learnt: readonly string[] },
): Promise<Map<string, Encoding[]>> {
  const others = new Map<string, Encoding[]>();
  for (const name of listCorpusCards(cards)) {
    const card = findCorpusCard(name, cards);
    if (card.field === field || others.has(card.field) || learnt.includes(name)) continue;
    const corpus = await openIfHere(card);
    if (corpus === undefined) continue;
    const [some] = await takeTokens([corpus], { budget: otherTokens, sizes: sizeInTokens(tokenizer) });
    others.set(card.field, await packDocuments(some?.corpus.documents ?? [], tokenizer, { maxLength }));
  }
  return others;
}

/** Special tokens left out. */
const countTokens = (windows: readonly Encoding[]): number =>
  windows.reduce((sum, { specialMask }) => sum + specialMask.filter((special) => special === 0).length, 0);
