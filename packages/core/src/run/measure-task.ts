/** What advice on a task rests on: how much data there is, how long, how even, how far from general text, and how sure its labels are. */
import { checkQuality, labelsOf, type AnyDataset, type Example, type TaskKind } from '../data/index.js';
import { balanceOf, plainWords, type LabelBalance } from '../evaluation/index.js';
import { random } from '../foundation/index.js';
import { measureWords, withTextRules, type KnownWords, type Tokenizer } from '../text/index.js';
import type { GeneralText } from './general-text.js';
import { estimateNoise, type NoiseEstimate } from './label-noise.js';
import { measureLanguage, type Language } from './language.js';
import type { SourceTask } from './sources.js';

export interface TaskMeasures {
  readonly task: string;
  readonly kind: TaskKind;
  readonly origin: AnyDataset['origin'];
  readonly examples: {
    readonly train: number;
    /** Those of them with something to find, of kinds whose examples may hold nothing: labels, codes, entities, relations. */
    readonly bearing?: number;
    readonly dev: number;
    readonly test: number;
    /** Rounds of cross-validation, where data is too small for a test part. */
    readonly folds?: number;
  };
  /** Training examples that lengths and words were measured on. */
  readonly sampled: number;
  /** Of labels, or of the kinds of entities, relations and intents; undefined where there are none. */
  readonly balance?: LabelBalance;
  readonly lengths: Lengths;
  /** Undefined without a pretrained base, whose tokenizer it is about. */
  readonly vocabulary?: KnownWords;
  /** Or why it could not be measured. */
  readonly language: Language | { readonly why: string };
  readonly noise: NoiseEstimate | { readonly why: string };
  /** What the checks of the data found that bears on how to train. */
  readonly findings: readonly { readonly severity: 'info' | 'warning' | 'stop'; readonly what: string }[];
}

/** Tokens of what is read at once, special ones included: a text, a pair, a question with one of its choices. */
export interface Lengths {
  readonly median: number;
  readonly p95: number;
  readonly longest: number;
  /** Tokens of a window. */
  readonly window: number;
  /** Share of what is read that does not fit into one. */
  readonly longer: number;
}

export interface MeasureOptions {
  readonly tokenizer: Tokenizer;
  /** False for a vocabulary that was made from these very texts. */
  readonly pretrained: boolean;
  readonly window: number;
  readonly general: GeneralText | undefined;
  readonly seed: number;
}

/** Measured on so many texts and UTF-16 units at most: a few seconds a task. */
const mostExamples = 2_000;
const mostUnits = 2_000_000;

/** Looks at the training part alone, but for the checks that look for the same texts in other parts. */
export async function measureTask(source: SourceTask, options: MeasureOptions): Promise<TaskMeasures> {
  const { name, dataset, settings } = source;
  const { kind, origin, splits, folds } = dataset;
  const { seed, general, window, pretrained } = options;
  const train: readonly Example[] = splits.train;
  const sample = sampleOf(train, seed);
  const tokenizer = withTextRules(options.tokenizer, settings?.rules ?? []);
  const texts = [...new Set(sample.flatMap((example) => readingsOf(example, kind).flat()))];
  const encodings = await tokenizer.encodeMany(texts, { addSpecialTokens: false });
  const tokensOf = new Map(texts.map((text, i) => [text, encodings[i]?.ids.length ?? 0]));
  const quality = checkQuality(dataset);
  const counts = quality.parts.find(({ part }) => part === 'train')?.labels ?? {};
  const balance = balanceOf(counts);
  return {
    ...{ task: name, kind, origin, sampled: sample.length },
    examples: {
      ...{ train: train.length, dev: splits.dev.length, test: splits.test.length },
      ...(mayBeEmpty.has(kind) ? { bearing: train.filter((example) => labelsOf(example).length > 0).length } : {}),
      ...(folds === undefined ? {} : { folds: folds.length }),
    },
    ...(balance === undefined ? {} : { balance }),
    lengths: lengthsOf(
      sample.flatMap((example) => readingsOf(example, kind)),
      { tokensOf, window, tokenizer },
    ),
    ...(pretrained ? { vocabulary: measureWords(texts, encodings, tokenizer) } : {}),
    language: measureLanguage(wordsByDocument(sample, kind), general, seed),
    noise: estimateNoise(dataset, seed),
    findings: [
      ...(origin === 'samples' ? [samplesOnly] : []),
      ...quality.findings.filter(({ code }) => telling.has(code)).map(({ severity, what }) => ({ severity, what })),
    ],
  };
}

const mayBeEmpty: ReadonlySet<TaskKind> = new Set([
  'multi-label',
  'code-assignment',
  'token-classification',
  'relation-extraction',
  'joint-extraction',
]);

const samplesOnly = {
  severity: 'warning',
  what: 'these are hand-written samples: the data itself is not on this machine, and may be quite another',
} as const;

const telling: ReadonlySet<string> = new Set([
  'duplicates-across',
  'near-duplicates-across',
  'duplicates-within',
  'near-duplicates-within',
  'conflicting-labels',
  'unseen-label',
  'mojibake',
]);

/** Examples in random order until there are enough of them, or of their text. */
function sampleOf(examples: readonly Example[], seed: number): Example[] {
  const sample: Example[] = [];
  let units = 0;
  for (const example of random(seed, 'advice').shuffle(examples)) {
    units += JSON.stringify(example).length;
    if (sample.length > 0 && (sample.length >= mostExamples || units > mostUnits)) break;
    sample.push(example);
  }
  return sample;
}

/** The texts that a model reads of an example, each list at once. Neighbours of a sentence fill up what it leaves of its window. */
export function readingsOf(example: Example, kind: TaskKind): (readonly string[])[] {
  if ('choices' in example) {
    const { context, text, choices } = example;
    return choices.map((choice) => [...(context === undefined ? [] : [context]), text, choice]);
  }
  if (!('second' in example) || example.second === undefined) return [[example.text]];
  const apart = kind === 'similarity' || kind === 'retrieval';
  return apart ? [[example.text], [example.second]] : [[example.text, example.second]];
}

function lengthsOf(
  readings: readonly (readonly string[])[],
  { tokensOf, window, tokenizer }: { tokensOf: ReadonlyMap<string, number>; window: number; tokenizer: Tokenizer },
): Lengths {
  const sorted = Float64Array.from(
    readings,
    (texts) =>
      texts.reduce((sum, text) => sum + (tokensOf.get(text) ?? 0), 0) + tokenizer.specialTokenCount(texts.length > 1),
  ).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const longer = sorted.filter((length) => length > window).length / Math.max(1, sorted.length);
  return { median: at(0.5), p95: at(0.95), longest: at(1), window, longer };
}

/** The words of each document; a text that stands in several examples is read once. */
function wordsByDocument(examples: readonly Example[], kind: TaskKind): string[][] {
  const seen = new Set<string>();
  const documents = new Map<string, string[]>();
  for (const example of examples) {
    for (const text of readingsOf(example, kind).flat()) {
      if (seen.has(text)) continue;
      seen.add(text);
      const name = example.group ?? example.id;
      const words = documents.get(name) ?? [];
      // Not spread into one call's arguments: a contract has more words than a stack holds.
      for (const word of plainWords(text)) words.push(word);
      documents.set(name, words);
    }
  }
  return [...documents.values()];
}
