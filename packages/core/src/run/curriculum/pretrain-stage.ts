/** A stage on unlabelled text: windows are masked anew in each pass, and the encoder that tells held-out words best is what it leaves behind. */
import { saveEncoderFolder } from '../../export/index.js';
import { architectureOf } from '../../models/index.js';
import type { StageReport } from '../../report/index.js';
import type { Engine } from '../../runtime/index.js';
import type { DomainStage, TaskTextStage } from '../../tasks/index.js';
import type { Encoding, PreferredTerms } from '../../text/index.js';
import {
  headDraw,
  heldOutCurve,
  heldOutDraw,
  initialise,
  loadPretrained,
  maskWindows,
  pretrain,
  upToTokens,
  type MaskedWindow,
  type PretrainOptions,
} from '../../training/index.js';
import type { Base } from '../base.js';
import type { RunContext } from '../run-context.js';
import { createSpeedMeter } from '../speed-meter.js';
import type { StagePlace } from './stage-folder.js';
import type { StageText } from './stage-text.js';

export interface PretrainStageParts {
  readonly stage: DomainStage | TaskTextStage;
  readonly text: StageText;
  readonly base: Base;
  readonly engine: Engine;
  readonly place: StagePlace;
  readonly seed: number;
  readonly checkpointSeconds: number;
}

/** Evaluations of the held-out text. */
const evaluations = 8;
const headLearningRate = 1e-3;
/** Tokens that a new head learns from, masked in two ways: what the encoder says of them is kept in memory. */
const headTokens = 200_000;
const headMaskings = 2;
/** Passes over them: a new head is on its plateau before. */
const headPasses = 8;
/** Wide encoders forget what they know at rates that narrow ones need. */
const learningRateOf = ({ source, config }: Base): number =>
  source === 'scratch' ? 5e-4 : config.hidden_size <= 512 ? 2e-4 : 5e-5;

/** Trains the stage, or goes on with it, and leaves the encoder in the stage's place. */
export async function runPretrainStage(context: RunContext, parts: PretrainStageParts): Promise<StageReport> {
  const { stage, text, base, engine, place, seed, checkpointSeconds } = parts;
  const { emit, stopRequested } = context;
  const { config } = base;
  const { tokenizer } = text;
  const { masking: probability, wholeWords } = stage;
  // Text that is measured on is hidden evenly, whatever words are learnt more.
  const mask = (encodings: readonly Encoding[], draw: number, terms?: PreferredTerms): MaskedWindow[] =>
    maskWindows(encodings, draw, { tokenizer, seed, probability, wholeWords, ...(terms && { terms }) });
  const forHead = upToTokens(text.windows, headTokens);
  const headWindows = Array.from({ length: headMaskings }, (_, i) => mask(forHead, headDraw + i)).flat();
  const updatesPerPass = Math.max(1, Math.ceil(text.windows.length / stage.batchSize));
  const options: PretrainOptions = {
    seed,
    batchSize: stage.batchSize,
    updates: Math.max(1, Math.round(stage.passes * updatesPerPass)),
    evaluations,
    learningRate: stage.learningRate ?? learningRateOf(base),
    warmup: 0.06,
    weightDecay: context.options.weightDecay,
    clipNorm: context.options.clipNorm,
    headUpdates: headPasses * Math.ceil(headWindows.length / stage.batchSize),
    headLearningRate,
    arithmetic: context.options.arithmetic,
    checkpointSeconds,
  };
  const started = performance.now();
  const speedOf = createSpeedMeter();
  const trained = await pretrain({
    engine,
    config: { ...config, vocab_size: text.vocabularySize },
    load: (store, parameters) =>
      text.folder === undefined
        ? initialise(store, parameters, seed)
        : loadPretrained(store, parameters, text.folder, { architecture: architectureOf(config), seed, heads: true }),
    windows: (epoch) => mask(text.windows, epoch, text.terms),
    headWindows,
    heldOut: mask(text.heldOut, heldOutDraw),
    others: new Map([...text.others].map(([name, windows], i) => [name, mask(windows, heldOutDraw + 1 + i)])),
    options,
    folder: place.work,
    stopRequested,
    onUpdate({ phase, progress, updates, loss, learningRate }) {
      emit({
        kind: 'step',
        ...{ seed, step: progress.update, steps: updates, loss, learningRate },
        task: phase === 'head' ? 'masked words (new head)' : 'masked words',
        tokensPerSecond: speedOf(progress),
        secondsLeft: ((updates - progress.update) * progress.seconds) / progress.update,
      });
    },
    onEvaluation: ({ update, loss, best }) =>
      emit({
        kind: 'evaluation',
        ...{ seed, step: update, mean: Math.exp(loss), best },
        scores: { 'held-out text': { metric: 'perplexity', value: Math.exp(loss) } },
      }),
    onCheckpoint: ({ update }, path) => emit({ kind: 'checkpoint', step: update, path }),
  });
  saveEncoderFolder(place.model, {
    config: { ...config, vocab_size: text.vocabularySize },
    tokenizer,
    tensors: trained.parameters.map(({ name, shape }) => ({ name, shape, data: trained.store.slot(name).weight })),
    head: 'ForMaskedLM',
    from: text.folder,
  });
  const { head, encoder, before, after } = trained;
  const report: StageReport = {
    name: stage.name,
    kind: stage.kind,
    key: place.key,
    cached: false,
    // Of a stage that was gone on with, what its parts took.
    seconds: Math.max((performance.now() - started) / 1000, encoder.seconds + (head?.seconds ?? 0)),
    pretraining: {
      ...text.report,
      head: head && { updates: head.update, curve: heldOutCurve(head) },
      encoder: {
        updates: encoder.update,
        trainedTokens: encoder.tokens,
        best: encoder.best?.update ?? encoder.update,
        curve: heldOutCurve(encoder),
      },
      before,
      after,
    },
  };
  return report;
}
