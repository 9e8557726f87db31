/** The text of a pretraining stage: corpora without what stands in evaluation data, cut into windows, a part of them held out. */
import { existsSync } from 'node:fs';
import {
  contentOf,
  decontaminate,
  findCorpusCard,
  listCorpusCards,
  loadCorpus,
  loadOwnCorpus,
  packDocuments,
  sizeInTokens,
  splitCorpus,
  takeTokens,
  type AnyDataset,
  type Corpus,
  type Example,
} from '../../data/index.js';
import { FieldcraftError, sha256 } from '../../foundation/index.js';
import type { StageReport } from '../../report/index.js';
import type { DomainStage, TaskTextStage } from '../../tasks/index.js';
import type { Encoding, Tokenizer } from '../../text/index.js';
import type { Base } from '../base.js';
import type { RunContext } from '../run-context.js';

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
  readonly report: Pick<StageReport['pretraining'], 'corpora' | 'evaluationTexts' | 'tokens' | 'heldOutTokens'>;
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
}

/** Tokens of held-out text: enough for a perplexity that differs by less than one in a hundred from that of other text of the corpora. */
const heldOutTokens = 40_000;
/** Tokens of each other corpus. */
const otherTokens = 15_000;
/** A twentieth of the texts of tasks, which are few, is held out. */
const heldOutShare = 0.05;

/** What tells a corpus from others: the checksums that its card promises, or those of one's own files. */
export async function corpusFingerprint(name: string, cards: string): Promise<unknown> {
  if (listCorpusCards(cards).includes(name)) {
    const { files, layout } = findCorpusCard(name, cards);
    return [name, layout, files.map(({ sha256: checksum }) => checksum)];
  }
  const { documents } = await openOwn(name, cards);
  return sha256(JSON.stringify(documents));
}

/** The corpora of a stage that the licence asked for permits. */
async function openCorpora(context: RunContext, names: readonly string[], { cards }: TextRequest): Promise<Corpus[]> {
  const { options, emit, signal } = context;
  const corpora: Corpus[] = [];
  for (const name of names) {
    emit({ kind: 'phase', phase: `reading ${name}` });
    const corpus = listCorpusCards(cards).includes(name)
      ? await loadCorpus(findCorpusCard(name, cards), {
          ...{ download: process.env['HF_HUB_OFFLINE'] !== '1', signal },
          onProgress: ({ file, bytesDone, bytes }) =>
            emit({ kind: 'download', file, received: bytesDone, total: bytes }),
        })
      : await openOwn(name, cards);
    if (options.licence === 'commercial' && corpus.licence.commercial === false) {
      const text = `the corpus ${name} is left out: its licence (${corpus.licence.name}) does not permit commercial use`;
      emit({ kind: 'note', level: 'warning', text });
    } else corpora.push(corpus);
  }
  return corpora;
}

async function openOwn(path: string, cards: string): Promise<Corpus> {
  if (existsSync(path)) return loadOwnCorpus(path);
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: `there is no corpus ${path}`,
    expected: `a file or folder, or one of ${listCorpusCards(cards).join(', ')}`,
    fix: 'see what there is with `fieldcraft data`',
  });
}

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
  const { tokenizer } = base;
  const maxLength = Math.min(stage.maxLength, base.config.max_position_embeddings);
  const opened = await openCorpora(context, stage.corpora, request);
  const evaluated = await request.evaluationTexts();
  context.enter('leaving out evaluation texts');
  const sources = [
    ...(stage.kind === 'task' ? tasks.map(ofTask) : []),
    ...opened.map((corpus) => ofCorpus(corpus, evaluated)),
  ];
  context.enter('tokenising');
  const sizes = sizeInTokens(tokenizer);
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
  const pack = (corpora: readonly Corpus[]) =>
    packDocuments(
      corpora.flatMap(({ documents }) => documents),
      tokenizer,
      { maxLength },
    );
  const windows = await pack(drawn.map(({ corpus }) => corpus));
  const heldOut = await pack(splits.map((split) => split.heldOut));
  if (windows.length === 0 || heldOut.length === 0) {
    throw new FieldcraftError('FC_DATA', {
      what: 'too little text is left to learn from and to hold some out',
      where: sources.map(({ corpus }) => corpus.name).join(', ') || 'no corpus is left',
      got: `${countTokens(windows) + countTokens(heldOut)} tokens, evaluation texts left out`,
      fix: 'name more text with --corpus, or leave the stage out with --stages',
    });
  }
  return {
    ...{ windows, heldOut, tokenizer, vocabularySize: base.config.vocab_size, folder: base.folder },
    others: await readOthers(request, { maxLength, field }),
    report: {
      corpora: sources.map(({ corpus, ...removed }) => ({
        ...{ name: corpus.name, documents: corpus.documents.length, ...removed },
        ...(corpus.card && { licence: corpus.licence }),
      })),
      evaluationTexts: evaluated.length,
      tokens: countTokens(windows),
      heldOutTokens: countTokens(heldOut),
    },
  };
}

function ofCorpus(whole: Corpus, evaluated: readonly string[]): TextSource {
  const { corpus, removed } = decontaminate(whole, evaluated);
  const { documents: removedDocuments, same, sharedRun, nearDuplicate, remainder } = removed;
  const removedParagraphs = [same, sharedRun, nearDuplicate, remainder].reduce(
    (sum, { paragraphs }) => sum + paragraphs,
    0,
  );
  return { corpus, removedDocuments, removedParagraphs };
}

/** A document a training text. Of data that is cross-validated there is none that is not tested on. */
function ofTask({ name, dataset }: TextRequest['tasks'][number]): TextSource {
  const { licence, origin, folds, splits } = dataset;
  const texts = folds ? [] : [...new Set(splits.train.map((example: Example) => contentOf(example)))];
  const documents = texts.map((text, i) => ({ id: `${i}`, paragraphs: text.split('\n') }));
  const corpus: Corpus = { name, title: name, field: '', licence, origin, card: undefined, documents };
  return { corpus, removedDocuments: 0, removedParagraphs: 0 };
}

/** Text of other fields and of none, where it is on this machine: what a stage takes from the encoder shows there. */
async function readOthers(
  { cards, base: { tokenizer } }: TextRequest,
  { maxLength, field }: { maxLength: number; field: string },
): Promise<Map<string, Encoding[]>> {
  const others = new Map<string, Encoding[]>();
  for (const name of listCorpusCards(cards)) {
    const card = findCorpusCard(name, cards);
    if (card.field === field || others.has(card.field)) continue;
    try {
      const corpus = await loadCorpus(card, { download: false });
      const [some] = await takeTokens([corpus], { budget: otherTokens, sizes: sizeInTokens(tokenizer) });
      others.set(card.field, await packDocuments(some?.corpus.documents ?? [], tokenizer, { maxLength }));
    } catch (error) {
      if (!(error instanceof FieldcraftError) || error.code !== 'FC_NOT_FOUND') throw error;
    }
  }
  return others;
}

/** Special tokens left out. */
const countTokens = (windows: readonly Encoding[]): number =>
  windows.reduce((sum, { specialMask }) => sum + specialMask.filter((special) => special === 0).length, 0);
