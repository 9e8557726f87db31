/** Figures that others published for a dataset, each with why this run does not stand beside it, where it does not. */
import type { AnyDataset } from '../data/index.js';
import type { PublishedFigure, TaskReport } from '../report/index.js';

/** Above this share of test examples that stand in train or dev, a score is not one of unseen texts. */
const leakShare = 0.01;

export interface FigureParts {
  readonly dataset: AnyDataset;
  /** Sizes as the run used them. */
  readonly parts: TaskReport['data']['parts'];
  readonly trainedOn: 'cleaned' | 'published';
}

/** What the data card lists; undefined where it lists nothing, or where the data is not that of the card. */
export function publishedFigures(run: FigureParts): PublishedFigure[] | undefined {
  const { card, origin } = run.dataset;
  if (!card || card.published.length === 0 || origin === 'samples') return undefined;
  return card.published.map(({ comparable, value, ...figure }) => {
    const why = comparable === true ? differenceOf(run) : comparable;
    return {
      ...figure,
      // Figures above 1 are in percent; rounding takes what the division adds.
      value: value > 1 ? Number((value / 100).toPrecision(6)) : value,
      ...(why === undefined ? {} : { notComparable: why }),
    };
  });
}

/** What sets this run apart from one on the published split. */
function differenceOf({ dataset, parts, trainedOn }: FigureParts): string | undefined {
  const sizes = (part: string) => parts.find((row) => row.part === part);
  const [train, test] = [sizes('train'), sizes('test')];
  const seen = dataset.seen?.length ?? 0;
  const all = dataset.splits.test.length;
  if (test && test.used < test.available) return `tested on ${test.used} of ${test.available} test examples here`;
  if (train && train.used < train.available)
    return `learnt from ${train.used} of ${train.available} training examples here`;
  if (trainedOn === 'cleaned' && seen > leakShare * all)
    return `of a model that learnt with the leak: ${seen} of ${all} test examples stand in train or dev as published`;
  return undefined;
}
