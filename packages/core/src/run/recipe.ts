/** The recipe for a task: what to train with, each line with its reason, the figure behind it and whom it follows. */
import { formatCount, formatPercent } from '../report/index.js';
import type { TrainOptionsInput } from './options.js';
import { profileTable, updatesOf } from './profiles.js';
import { adaptationRules } from './recipe-adaptation.js';
import { regimeOf, type Regime } from './regimes.js';
import { distanceOf, type Distance } from './language.js';
import type { TaskMeasures } from './measure-task.js';

export interface RecipeLine {
  /** What it is about, in a word or two. */
  readonly about: string;
  readonly advice: string;
  /** What `train` is given for it; empty where its defaults do so, or nothing can be given. */
  readonly options: TrainOptionsInput;
  /** With the figure behind it. */
  readonly why: string;
  /** The paper, or the page of this repository, that it follows. */
  readonly source: string;
  /** False: worth a try beside the recipe, and not in its command, since what is published is of two minds or of other data. */
  readonly taken: boolean;
}

export interface RecipeContext {
  /** Undefined for an encoder from scratch. */
  readonly base: { readonly id: string; readonly positions: number } | undefined;
  /** The encoder that the vertical recommends for its field. */
  readonly fieldBase?: { readonly name: string; readonly licence: string } | undefined;
  /** The stage of the vertical that reads text of its field, where that text is on this machine. */
  readonly domainStage?: { readonly name: string; readonly corpora: readonly string[] } | undefined;
}

/** A line of the recipe, where it applies. */
export type Rule = (measures: TaskMeasures, context: RecipeContext, regime: Regime) => RecipeLine | undefined;

/** Windows of a batch: the default of `train`. */
const batchSize = 16;

/** The lines that apply, in the order in which a run meets them. */
export function recipeFor(measures: TaskMeasures, context: RecipeContext): RecipeLine[] {
  const { regime } = regimeOf(measures);
  return rules.map((rule) => rule(measures, context, regime)).filter((line) => line !== undefined);
}

const { standard } = profileTable;

/** Examples that an epoch of the profile standard reads. */
const readInEpoch = ({ examples: { train, folds }, lengths }: TaskMeasures): number => {
  const learnt = folds === undefined ? train : Math.floor((train * (folds - 1)) / folds);
  return Math.min(learnt, Math.floor(standard.maxTokens / Math.max(1, lengths.median)));
};

const passes: Rule = (measures) => {
  const read = readInEpoch(measures);
  const perEpoch = Math.max(1, Math.ceil(read / batchSize));
  const updates = updatesOf(standard, perEpoch);
  const repeats = Math.round(updates / perEpoch);
  const isSmall = updates > standard.epochs * perEpoch;
  const few = formatCount(standard.epochs * perEpoch);
  return {
    about: 'passes',
    advice: `about ${formatCount(updates)} updates (${repeats} passes), as the profile standard makes them; the best of ${standard.evaluations} evaluations on dev is kept`,
    options: { profile: 'standard' },
    why: isSmall
      ? `${standard.epochs} passes over ${formatCount(read)} examples would be ${few} updates: small data fails by too few updates, not by too many passes`
      : `${standard.epochs} passes over ${formatCount(read)} examples are enough`,
    source: isSmall
      ? 'Mosbach, Andriushchenko and Klakow 2021; Zhang et al. 2021'
      : 'Devlin et al. 2019 (2 to 4 passes)',
    taken: true,
  };
};

const whole: Rule = (measures) => {
  const { examples, lengths } = measures;
  const read = readInEpoch(measures);
  if (examples.folds !== undefined || read >= examples.train) return undefined;
  return {
    about: 'passes',
    advice: 'read every example in every pass',
    options: { profile: 'thorough' },
    why: `the profile standard draws about ${formatCount(read)} of ${formatCount(examples.train)} examples anew for each pass (${formatCount(standard.maxTokens)} tokens, at ${lengths.median} a text)`,
    source: 'docs/advise.md',
    taken: false,
  };
};

const seedsOfRegime: Record<Regime, number> = { 'few-shot': 5, low: 3, medium: 3, large: 1 };

const rounds: Rule = ({ examples: { train, test, folds } }, _, regime) => {
  if (folds !== undefined) {
    return {
      about: 'rounds',
      advice: `cross-validation in ${folds} rounds, which takes place by itself; one seed each`,
      options: {},
      why: `of ${formatCount(train)} examples a test part would be too small to say anything`,
      source: 'docs/advise.md',
      taken: true,
    };
  }
  const seeds = seedsOfRegime[regime];
  if (seeds === 1) {
    return {
      about: 'seeds',
      advice: 'one seed; three before a figure is published',
      options: {},
      why: `with ${formatCount(train)} examples the time of further seeds is better spent on passes, and ${formatCount(test)} test examples give the interval`,
      source: 'Dodge et al. 2020 (seeds matter most on small data)',
      taken: true,
    };
  }
  return {
    about: 'seeds',
    advice: `${seeds} seeds, mean and spread`,
    options: { seeds },
    why: `runs on ${formatCount(train)} examples that differ by their seed alone differ by points`,
    source: 'Dodge et al. 2020; Mosbach, Andriushchenko and Klakow 2021',
    taken: true,
  };
};

const fieldEncoder: Rule = ({ vocabulary, language }, { base, fieldBase }) => {
  if (base === undefined) {
    return {
      about: 'base',
      advice: 'a pretrained encoder: none can be reached',
      options: {},
      why: 'from scratch nothing is known of the language',
      source: 'README.md',
      taken: true,
    };
  }
  if (fieldBase === undefined || fieldBase.name === base.id || 'why' in language || vocabulary === undefined)
    return undefined;
  if (distanceOf(language) === 'near') return undefined;
  return {
    about: 'base',
    advice: `compare with ${fieldBase.name}, which has read the field (${fieldBase.licence})`,
    options: { base: 'field' },
    why: `the language is ${spoken[distanceOf(language)]} general text, and ${base.id} cuts ${formatPercent(1 - vocabulary.whole)} of the words into pieces`,
    source: 'Gu et al. 2021 (a vocabulary of the field); larger, so that each update takes longer',
    taken: false,
  };
};

const spoken: Record<Distance, string> = { near: 'near', 'some way': 'some way from', far: 'far from' };

/** A share of texts that do not fit, from which on it matters. */
const manyLonger = 0.1;

const windows: Rule = ({ kind, lengths: { p95, longer, window } }, { base }) => {
  if (longer < manyLonger || base === undefined) return undefined;
  const needed = Math.min(base.positions, Math.ceil(p95 / 64) * 64);
  const isWhole = kind === 'classification' || kind === 'multi-label' || kind === 'regression';
  const fits = needed > window;
  return {
    about: 'window',
    advice: fits
      ? `windows of ${needed} tokens instead of ${window}`
      : `overlapping windows of ${window} tokens, as they are`,
    options: fits ? { maxLength: needed } : {},
    why: `${formatPercent(longer)} of the texts are longer than ${window} tokens, one in twenty longer than ${formatCount(p95)}${isWhole ? '; a label of a whole text may rest on what another window says' : ''}`,
    source: 'docs/advise.md; attention takes four times as long on twice the length',
    taken: fits && isWhole,
  };
};

/** The commonest class over the rarest, from which on balancing is worth a try. */
const unevenRatio = 10;

const classWeights: Rule = ({ kind, balance }) => {
  if (balance === undefined || balance.ratio < unevenRatio || !weighable.includes(kind)) return undefined;
  const { commonest, rarest, ratio, evenness } = balance;
  return {
    about: 'classes',
    advice: 'weigh classes by the inverse of their frequency',
    options: { classWeights: 'balanced' },
    why: `${commonest.label} has ${formatCount(commonest.count)} examples and ${rarest.label} ${formatCount(rarest.count)} (${Math.round(ratio)} times fewer; evenness ${evenness.toFixed(2)}), while macro F1 counts both alike`,
    source: 'Cui et al. 2019; often at the cost of accuracy and of calibration',
    taken: false,
  };
};

const weighable: readonly TaskMeasures['kind'][] = [
  'classification',
  'pair-classification',
  'sequential-classification',
];

/** A share of labels contradicted by a model that is this often right, from which on labels deserve a look. */
const muchNoise = 0.05;
const sureModel = 0.85;

const labels: Rule = ({ noise }) => {
  if ('why' in noise || noise.share < muchNoise || noise.accuracy < sureModel) return undefined;
  return {
    about: 'labels',
    advice: 'read the suspicious examples and mend what is wrong; until then label smoothing of 0.1',
    options: { labelSmoothing: 0.1 },
    why: `a model of words alone, right on ${formatPercent(noise.accuracy)}, contradicts up to ${formatPercent(noise.share)} of the labels with confidence`,
    source: 'Northcutt, Jiang and Chuang 2021; Lukasik et al. 2020',
    taken: false,
  };
};

const rules: readonly Rule[] = [fieldEncoder, ...adaptationRules, passes, whole, rounds, windows, classWeights, labels];
