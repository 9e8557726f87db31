/** Regimes: how much there is to learn from decides what is worth doing. */
import { formatCount } from '../report/index.js';
import type { TaskMeasures } from './measure-task.js';

export const regimeNames = ['few-shot', 'low', 'medium', 'large'] as const;
export type Regime = (typeof regimeNames)[number];

/** Training examples from which on a regime ends: few-shot below 100, low below 1,000, medium below 10,000. */
const ends: readonly [Regime, number][] = [
  ['few-shot', 100],
  ['low', 1_000],
  ['medium', 10_000],
];

/** Fewer training examples of the middle class are few shots, however many classes there are: where `data check` calls a label rare. */
const fewOfClass = 10;

/** Kinds whose examples are shared out among classes. */
const oneLabel: readonly TaskMeasures['kind'][] = [
  'classification',
  'pair-classification',
  'sequential-classification',
];

export interface RegimeOf {
  readonly regime: Regime;
  /** What it follows from, a phrase. */
  readonly why: string;
}

/** The regime of a task: by its training examples that hold something to learn; of folds, by those of one round. */
export function regimeOf({
  kind,
  examples: { train, bearing = train, folds },
  balance,
}: Pick<TaskMeasures, 'kind' | 'examples' | 'balance'>): RegimeOf {
  const share = folds === undefined ? 1 : (folds - 1) / folds;
  const learnt = Math.floor(share * bearing);
  const [regime] = ends.find(([, end]) => learnt < end) ?? (['large'] as const);
  const shown = `${formatCount(share * train)} training examples${bearing < train ? `, ${formatCount(learnt)} with something to find` : ''}`;
  const isThin = oneLabel.includes(kind) && balance !== undefined && balance.median < fewOfClass;
  if (!isThin || regime === 'few-shot') return { regime, why: shown };
  return {
    regime: 'few-shot',
    why: `${shown}, but half of the ${balance.classes} classes have ${balance.median} or fewer`,
  };
}
