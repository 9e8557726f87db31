/** What a recipe says beyond plain fine-tuning: text without labels, how deep, averaged weights, examples in other forms or mixed, perturbed embeddings. */
import { canAugment, type Augmentation } from '../evaluation/index.js';
import { formatCount, formatPercent } from '../report/index.js';
import { distanceOf } from './language.js';
import type { TaskMeasures } from './measure-task.js';
import type { Rule } from './recipe.js';
import { canMix } from '../training/index.js';

/** With fewer training texts there is too little to read of the task's own: the smallest task of Gururangan et al. has 515. */
const fewTexts = 500;

const whyOf = (language: Exclude<TaskMeasures['language'], { why: string }>): string =>
  `${formatPercent(language.overlap)} of the frequent words are frequent in general text, where ${formatPercent(language.ceiling)} would be nearness itself${language.domain === undefined ? '' : `; A-distance ${language.domain.distance.toFixed(2)}`}`;

/** Pretraining on masked words of the field's text and of the task's own. */
const stages: Rule = ({ language, examples }, { base, fieldBase, domainStage }) => {
  if (base === undefined || 'why' in language || distanceOf(language) === 'near') return undefined;
  // An encoder of the field has read its text already.
  const domain = base.id === fieldBase?.name ? undefined : domainStage;
  const names = [...(domain === undefined ? [] : [domain.name]), ...(examples.train < fewTexts ? [] : ['task'])];
  if (names.length === 0) return undefined;
  const read = [
    ...(domain === undefined ? [] : [domain.corpora.join(', ')]),
    ...(examples.train < fewTexts ? [] : ['the task’s own texts']),
  ];
  return {
    about: 'stages',
    advice: `adapt the encoder to ${read.join(', then to ')} before the labels`,
    options: { stages: names },
    why: whyOf(language),
    source:
      'Gururangan et al. 2020 (gains in all of four fields, larger the farther); a million tokens brought tasks of these fields nothing here (docs/domain-adaptation.md): fieldcraft ablate says what yours brings',
    taken: false,
  };
};

/** Beyond so many examples changed ones add next to nothing (Wei and Zou 2019, section 3). */
const enoughExamples = 500;

const augmentation: Rule = ({ kind, examples: { train } }) => {
  if (train >= enoughExamples || !canAugment(kind)) return undefined;
  const ways: Augmentation[] = kind === 'token-classification' ? ['swaps', 'synonyms'] : ['synonyms', 'deletions'];
  return {
    about: 'other forms',
    advice: `learn from changed examples too: ${ways.join(' and ')}`,
    options: { augment: ways },
    why: `${formatCount(train)} examples are few; beyond ${enoughExamples} it brings next to nothing`,
    source: 'Wei and Zou 2019; little on pretrained encoders: Longpre, Wang and DuBois 2020',
    taken: false,
  };
};

/** The share of a mixed text is drawn from Beta(this, this): of what Zhang et al. found to be good for images (0.1 to 0.4) the most mixing. */
const mixupAlpha = 0.4;

const mixing: Rule = ({ kind, examples: { train } }) => {
  if (train >= enoughExamples || !canMix(kind)) return undefined;
  return {
    about: 'mixed texts',
    advice: 'learn texts mixed in pairs, and their truths with them (mixup)',
    options: { mixup: mixupAlpha },
    why: `${formatCount(train)} examples are few: mixed ones say how answers change between them`,
    source: 'Sun et al. 2020 (BERT on GLUE, and on less of it); Zhang et al. 2018; not measured here',
    taken: false,
  };
};

/** How far each layer may move from what the base knows. */
const depth: Rule = ({ examples: { train } }, { base }, regime) => {
  if (base === undefined || regime === 'medium' || regime === 'large') return undefined;
  return {
    about: 'depth',
    advice: 'tune all layers, the lower ones more slowly (layer decay 0.9)',
    options: { layerDecay: 0.9 },
    why: `${formatCount(train)} examples should not undo what lower layers know of the language`,
    source: 'Howard and Ruder 2018; Zhang et al. 2021; on a machine with little memory --tune lora, see README.md',
    taken: false,
  };
};

/** So many dev examples tell evaluations apart. */
const manyDev = 500;

/** Which weights are kept. */
const averaging: Rule = ({ examples: { dev, folds } }, _, regime) => {
  if (regime === 'large' || dev >= manyDev) return undefined;
  return {
    about: 'averaging',
    advice: 'keep the moving average of the weights',
    options: { average: 'ema' },
    why: `${folds === undefined ? `${formatCount(dev)} dev examples` : 'the dev part of a fold'} say little about which of ten evaluations is the best`,
    source: 'Izmailov et al. 2018; Wortsman et al. 2022 (--average soup)',
    taken: false,
  };
};

/** Against attacks: as measured where the kind has texts that can be changed. */
const hardening: Rule = ({ kind, examples: { train } }, _, regime) => {
  if (regime === 'few-shot' || regime === 'large') return undefined;
  const changes = canAugment(kind);
  return {
    about: 'hardening',
    advice: `where texts are misspelt, scanned or written to deceive: learn from perturbed word embeddings too (FreeLB)${changes ? ', and from synonyms, and read misspelt words as those that were meant' : ''}`,
    options: {
      adversarial: 'freelb',
      ...(changes && { recogniseWords: true, augment: ['synonyms'], augmentRate: 0.3 }),
    },
    why: `${formatCount(train)} examples leave room to fit what does not matter${changes ? '; attacks turned 27 instead of 51 in 100 right answers of two classifiers, for a point of macro F1, and next to no fewer of a tagger' : ''}; FreeLB takes about three times as long as plain updates`,
    source: `Zhu et al. 2020; ${changes ? 'Pruthi et al. 2019; docs/results/robustness.md' : 'docs/adversarial-training.md'}`,
    taken: false,
  };
};

export const adaptationRules: readonly Rule[] = [stages, depth, averaging, augmentation, mixing, hardening];
