/** How many labels of a task are probably wrong, as far as a model of words alone can tell. */
import { normaliseText, type AnyDataset, type TaskKind } from '../data/index.js';
import {
  balanceOf,
  confidentLearning,
  outOfFold,
  tfidfClass,
  tfidfPairClass,
  type LabelledPair,
  type LabelledText,
} from '../evaluation/index.js';
import { random } from '../foundation/index.js';
import { formatPercent } from '../report/index.js';

export interface NoiseEstimate {
  /** Share of labels that the model contradicts with confidence: at most about so many are wrong, since some of it are its own mistakes. */
  readonly share: number;
  /** How often the model is right on examples that it did not learn from. */
  readonly accuracy: number;
  /** Training examples that were looked at. */
  readonly examples: number;
  /** The most suspicious ones. */
  readonly suspects: readonly { readonly id: string; readonly given: string; readonly likelier: string }[];
}

/** Most examples, and words times classes: some seconds. */
const mostExamples = 2_000;
const mostWork = 1_000_000;
/** Fewer examples, or fewer of the middle class, teach a model of words too little to contradict anybody. */
const fewestExamples = 100;
const fewestOfClass = 10;
const listed = 10;
/** A model that is wrong more often says more of itself than of the labels. */
const leastAccuracy = 0.75;

const judgedKinds: ReadonlySet<TaskKind> = new Set([
  'classification',
  'pair-classification',
  'sequential-classification',
]);

interface Judged {
  readonly id: string;
  readonly label: string;
  readonly group: string;
  readonly text: string;
  readonly second?: string;
}

/** By confident learning on out-of-fold probabilities of TF-IDF and logistic regression; kinds with one label an example, all others say why not. */
export function estimateNoise(dataset: AnyDataset, seed: number): NoiseEstimate | { readonly why: string } {
  const judged = judgedOf(dataset);
  if (judged === undefined)
    return { why: `not estimated for ${dataset.kind}: only for tasks with one label an example` };
  const drawn = draw(judged, seed);
  const counts: Record<string, number> = {};
  for (const { label } of drawn) counts[label] = (counts[label] ?? 0) + 1;
  const balance = balanceOf(counts);
  if (drawn.length < fewestExamples || balance === undefined || balance.classes < 2 || balance.median < fewestOfClass) {
    return { why: 'not estimated: too few examples, or too few of each class' };
  }
  const labels = Object.keys(counts).sort();
  const gold = drawn.map(({ label }) => labels.indexOf(label));
  const options = { classes: labels.length, gold, seed, groups: drawn.map(({ group }) => group) };
  const pairs = drawn.flatMap(({ text, second, label }): LabelledPair[] =>
    second === undefined ? [] : [{ text, second, label }],
  );
  const probabilities =
    pairs.length === drawn.length
      ? outOfFold<LabelledPair>(pairs, { ...options, baseline: tfidfPairClass(labels) })
      : outOfFold<LabelledText>(drawn, { ...options, baseline: tfidfClass(labels) });
  const right = gold.filter((label, i) => {
    const row = probabilities.subarray(i * labels.length, (i + 1) * labels.length);
    return row.every((p) => p <= (row[label] ?? 0));
  });
  const accuracy = right.length / drawn.length;
  if (accuracy < leastAccuracy)
    return {
      why: `not estimated: a model of words is right on ${formatPercent(accuracy)} only, and would doubt right labels`,
    };
  const { noise, suspects } = confidentLearning(probabilities, gold, labels.length);
  return {
    share: noise,
    accuracy,
    examples: drawn.length,
    suspects: suspects.slice(0, listed).map(({ example, given, likelier }) => ({
      id: drawn[example]?.id ?? '',
      given: labels[given] ?? '',
      likelier: labels[likelier] ?? '',
    })),
  };
}

/** With what stays on one side of a division: the document, or where there is none the text. Undefined for kinds without one label an example. */
function judgedOf({ kind, splits }: AnyDataset): Judged[] | undefined {
  if (!judgedKinds.has(kind)) return undefined;
  return splits.train.flatMap((example) =>
    'label' in example ? [{ ...example, group: example.group ?? normaliseText(example.text) }] : [],
  );
}

function draw(examples: readonly Judged[], seed: number): Judged[] {
  const classes = new Set(examples.map(({ label }) => label)).size;
  const drawn: Judged[] = [];
  let work = 0;
  for (const example of random(seed, 'noise').shuffle(examples)) {
    work += ((example.text.length + (example.second?.length ?? 0)) / 6) * (classes === 2 ? 1 : classes);
    if (drawn.length >= mostExamples || work > mostWork) break;
    drawn.push(example);
  }
  return drawn;
}
