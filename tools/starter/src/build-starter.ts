/**
 * Makes the starter step by step, each of which is kept in a folder: the student as it begins, distilled, with a head for masked words, and as bytes. What
 * is finished is not done again, and what was stopped goes on to the same weights.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkpoint, data, exports, foundation, models, runtime, text, training } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { renderCard, starterFactsSchema, type StarterFacts } from './card.js';
import { once } from './once.js';
import { progressTeller } from './progress.js';
import type { Recipe } from './recipe.js';
import { chooseTexts, textsSchema, type StarterTexts } from './texts.js';

export interface BuildRequest {
  readonly recipe: Recipe;
  /** Folder of the teacher. */
  readonly teacher: string;
  /** Reads what the text is chosen from: asked for only where it was not chosen before. */
  readonly open: () => Promise<Sources>;
  /** Where steps are kept; `out` is written whole or not at all. */
  readonly work: string;
  readonly out: string;
  readonly threads?: number | undefined;
  readonly checkpointSeconds?: number;
  readonly stopRequested: () => boolean;
  readonly say: (line: string) => void;
}

export interface Sources {
  readonly corpora: readonly data.Corpus[];
  /** Whose words count when the vocabulary is chosen. */
  readonly alsoCounted: readonly data.Corpus[];
  /** What no text may overlap. */
  readonly evaluationTexts: readonly string[];
}

/** The largest that the file of weights may be. */
export const largestBytes = 16 * 1000 * 1000;

/**
 * @throws FieldcraftError FC_INTERRUPTED once a requested stop has saved the state; FC_DATA for weights larger than `largestBytes`
 */
export async function buildStarter(request: BuildRequest): Promise<StarterFacts> {
  const { recipe, work, out } = request;
  mkdirSync(work, { recursive: true });
  const { texts, student } = await openStudent(request);
  const engine = runtime.createOnnxRuntimeEngine(request.threads === undefined ? {} : { threads: request.threads });
  const distillation = await distilStep(request, { engine, texts, student });
  const maskedWords = await maskedWordsStep(request, { engine, texts });
  const folder = join(work, 'masked');
  exportBytes(folder, out, models.readModelConfig(request.teacher));
  const path = join(out, weightsFile);
  const bytes = statSync(path).size;
  if (bytes > largestBytes) {
    throw new foundation.FieldcraftError('FC_DATA', {
      what: 'the weights are too large to be committed',
      where: path,
      expected: `at most ${largestBytes} bytes`,
      got: `${bytes}`,
      fix: 'take fewer layers or a smaller vocabulary',
    });
  }
  const facts: StarterFacts = starterFactsSchema.parse({
    ...{ recipe, corpora: texts.corpora, evaluationTexts: texts.evaluationTexts, distillation, maskedWords, bytes },
    vocabulary: { pieces: student.kept.length, fertility: student.fertility },
    parameters: countParameters(folder),
    sha256: await foundation.sha256File(path),
  });
  foundation.writeFileAtomic(join(out, 'starter.json'), `${JSON.stringify(facts, null, 2)}\n`);
  foundation.writeFileAtomic(join(out, 'README.md'), renderCard(facts));
  return facts;
}

function* paragraphsOf(documents: readonly data.CorpusDocument[]): Iterable<string> {
  for (const { paragraphs } of documents) yield* paragraphs;
}

const weightsFile = 'model.safetensors';

const studentSchema = z.strictObject({
  kept: z.array(z.int()),
  fertility: z.strictObject({ before: z.number(), after: z.number() }),
});

/** The text, the student as it begins, and what its vocabulary is of the teacher's: chosen once, which takes long where there is much text. */
async function openStudent(
  request: BuildRequest,
): Promise<{ texts: StarterTexts; student: z.output<typeof studentSchema> }> {
  const { recipe, teacher, work, say } = request;
  const [path, textsPath] = [join(work, 'student.json'), join(work, 'texts.json')];
  const read = (from: string): unknown => JSON.parse(readFileSync(from, 'utf8'));
  if (existsSync(path)) return { texts: textsSchema.parse(read(textsPath)), student: studentSchema.parse(read(path)) };
  const { corpora, alsoCounted, evaluationTexts } = await request.open();
  say('choosing the text');
  const texts = await chooseTexts(corpora, { recipe, tokenizer: text.loadTokenizer(teacher), evaluationTexts });
  for (const { name, tokens, removedParagraphs } of texts.corpora)
    say(`  ${name}: ${tokens} tokens, ${removedParagraphs} paragraphs of evaluation data left out`);
  say('making the student');
  const counted = alsoCounted.flatMap(({ documents }) => documents);
  const { vocabulary } = await exports.createStudent(teacher, join(work, 'student'), {
    layers: recipe.layers,
    vocabulary: { texts: paragraphsOf([...texts.documents, ...counted]), size: recipe.vocabulary.pieces },
  });
  if (vocabulary === undefined)
    throw new foundation.FieldcraftError('FC_INTERNAL', { what: 'no vocabulary was chosen' });
  const student = { kept: [...vocabulary.kept], fertility: { ...vocabulary.fertility } };
  foundation.writeFileAtomic(textsPath, JSON.stringify(texts));
  foundation.writeFileAtomic(path, JSON.stringify(student));
  return { texts, student };
}

const learnt = z.strictObject({ before: z.number(), after: z.number(), updates: z.int(), tokens: z.int() });

interface StepParts {
  readonly engine: runtime.Engine;
  readonly texts: StarterTexts;
}

function distilStep(
  request: BuildRequest,
  { engine, texts, student }: StepParts & { student: z.output<typeof studentSchema> },
): Promise<z.output<typeof learnt>> {
  const { recipe, teacher, work, say, stopRequested } = request;
  const { passes, batchSize, learningRate, hidden, relations } = recipe.distillation;
  return once(join(work, 'distilled.json'), learnt, async () => {
    const from = join(work, 'student');
    const config = models.readModelConfig(from);
    const tokenizer = text.loadTokenizer(from);
    const windows = await windowsOf(texts.documents, tokenizer, recipe);
    const heldOut = await windowsOf(texts.heldOut, tokenizer, recipe);
    const updates = passes * Math.ceil(windows.length / batchSize);
    say(`distilling: ${windows.length} windows, ${updates} updates`);
    const told = progressTeller(say);
    const { store, parameters, progress, before, after } = await training.distill({
      ...{ engine, config, heldOut, stopRequested, windows: () => windows },
      teacher: { ...loadTeacher(teacher), tokens: Int32Array.from(student.kept) },
      settings: { hidden, relations },
      load: (into, of) =>
        training.loadPretrained(into, of, from, { architecture: models.architectureOf(config), seed: recipe.seed }),
      options: {
        ...{ seed: recipe.seed, batchSize, updates, learningRate, evaluations: 20, warmup: 0.05 },
        ...{ weightDecay: 0.01, clipNorm: 1, checkpointSeconds: request.checkpointSeconds ?? 300 },
      },
      folder: join(work, 'distilling'),
      onUpdate: ({ progress: now, updates: all, loss }) => told(now.update, all, loss, now.tokens / now.seconds),
      onEvaluation: ({ update, loss }) => say(`  update ${update}: held-out loss ${loss.toFixed(4)}`),
    });
    exports.saveEncoderFolder(join(work, 'distilled'), {
      ...{ config, tokenizer, from },
      tensors: parameters.map(({ name, shape }) => ({ name, shape, data: store.slot(name).weight })),
    });
    rmSync(join(work, 'distilling'), { recursive: true, force: true });
    say(`  held-out loss ${before.toFixed(4)} before, ${after.toFixed(4)} after`);
    return { before, after, updates: progress.update, tokens: progress.tokens };
  });
}

/** A short pretraining: a head on the encoder as it is, then both. */
function maskedWordsStep(request: BuildRequest, { engine, texts }: StepParts): Promise<z.output<typeof learnt>> {
  const { recipe, work, say, stopRequested } = request;
  const { tokens, batchSize, learningRate, headTokens, headPasses } = recipe.maskedWords;
  const { seed } = recipe;
  return once(join(work, 'masked.json'), learnt, async () => {
    const from = join(work, 'distilled');
    const config = models.readModelConfig(from);
    const tokenizer = text.loadTokenizer(from);
    const all = await encodingsOf(evenly(texts.documents, tokens / recipe.tokens), tokenizer, recipe);
    const heldOut = await encodingsOf(texts.heldOut, tokenizer, recipe);
    const mask = (encodings: readonly text.Encoding[], draw: number): training.MaskedWindow[] =>
      training.maskWindows(encodings, draw, { tokenizer, seed, wholeWords: true });
    const ofHead = mask(training.upToTokens(all, headTokens), training.headDraw);
    const updates = Math.ceil(all.length / batchSize);
    say(`masked words: ${all.length} windows, ${updates} updates after a new head`);
    const told = progressTeller(say);
    const trained = await training.pretrain({
      ...{ engine, config, stopRequested, windows: (epoch: number) => mask(all, epoch), headWindows: ofHead },
      heldOut: mask(heldOut, training.heldOutDraw),
      load: (into, of) =>
        training.loadPretrained(into, of, from, { architecture: models.architectureOf(config), seed, heads: true }),
      options: {
        ...{ seed, batchSize, updates, learningRate, evaluations: 5, warmup: 0.1, weightDecay: 0.01, clipNorm: 1 },
        headUpdates: headPasses * Math.ceil(ofHead.length / batchSize),
        ...{ headLearningRate: 1e-3, checkpointSeconds: request.checkpointSeconds ?? 300 },
      },
      folder: join(work, 'masking'),
      onUpdate: ({ phase, progress: now, updates: of, loss }) =>
        told(now.update, of, loss, now.tokens / now.seconds, phase),
      onEvaluation: ({ phase, update, loss }) =>
        say(`  ${phase}, update ${update}: held-out perplexity ${Math.exp(loss).toFixed(2)}`),
    });
    exports.saveEncoderFolder(join(work, 'masked'), {
      ...{ config, tokenizer, from, head: 'ForMaskedLM' },
      tensors: trained.parameters.map(({ name, shape }) => ({ name, shape, data: trained.store.slot(name).weight })),
    });
    rmSync(join(work, 'masking'), { recursive: true, force: true });
    const { encoder, before, after } = trained;
    return { before: before.heldOut, after: after.heldOut, updates: encoder.update, tokens: encoder.tokens };
  });
}

/** A teacher's encoder in memory. */
function loadTeacher(folder: string): { config: models.ModelConfig; store: training.ParameterStore } {
  const config = models.readModelConfig(folder);
  const parameters = training.encoderParameters(config);
  const store = training.createParameterStore(parameters.map((parameter) => ({ ...parameter, trainable: false })));
  training.loadPretrained(store, parameters, folder, { architecture: models.architectureOf(config), seed: 0 });
  return { config, store };
}

const encodingsOf = (
  documents: readonly data.CorpusDocument[],
  tokenizer: text.Tokenizer,
  { windowTokens }: Recipe,
): Promise<text.Encoding[]> => data.packDocuments(documents, tokenizer, { maxLength: windowTokens });

/** What a window needs to be read: of tens of millions of tokens nothing else is kept. */
async function windowsOf(
  documents: readonly data.CorpusDocument[],
  tokenizer: text.Tokenizer,
  recipe: Recipe,
): Promise<training.TextWindow[]> {
  const windows: training.TextWindow[] = [];
  for (let start = 0; start < documents.length; start += 500) {
    const some = await encodingsOf(documents.slice(start, start + 500), tokenizer, recipe);
    for (const { ids, typeIds } of some) windows.push({ ids: ids.slice(), typeIds: typeIds.slice() });
  }
  return windows;
}

/** Such a share of documents, spread over all. */
const evenly = <T>(documents: readonly T[], share: number): T[] =>
  documents.filter((_, i) => Math.floor((i + 1) * Math.min(1, share)) > Math.floor(i * Math.min(1, share)));

/** Takes a folder of floats to one of bytes; a text is read as the teacher reads it. */
function exportBytes(from: string, to: string, { classifier_pooling }: models.ModelConfig): void {
  const source = checkpoint.openCheckpoint(from);
  try {
    const tensors = source.names().map((name) => {
      return { name, shape: source.info(name)?.shape ?? [], data: source.readFloat32(name) };
    });
    const config = { ...models.readModelConfig(from), classifier_pooling };
    exports.saveEncoderFolder(to, {
      config,
      tokenizer: text.loadTokenizer(from),
      tensors,
      head: 'ForMaskedLM',
      bytes: true,
    });
  } finally {
    source.close();
  }
}

function countParameters(folder: string): number {
  const source = checkpoint.openCheckpoint(folder);
  const count = source
    .names()
    .reduce((sum, name) => sum + (source.info(name)?.shape ?? []).reduce((product, size) => product * size, 1), 0);
  source.close();
  return count;
}
