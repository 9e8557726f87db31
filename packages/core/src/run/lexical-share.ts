/** How much words count beside the encoder: the dev part decides the share of what was learnt of them on the training part. */
import { z } from 'zod';
import type { Reading, Scores, SharedWords, Tuning } from '../tasks/index.js';
import { plannedEpochs, type Plan } from './plan.js';
import type { PreparedTask } from './prepared-task.js';

/** Shares that are tried, and 0, which leaves the words out. */
const shares = [0, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20];

/** What became of it: the main metric on the dev part, by the encoder alone and together. */
export const lexicalSchema = z.strictObject({ share: z.number(), alone: z.number(), together: z.number() });
export type LexicalShare = z.output<typeof lexicalSchema>;

export interface TunedReading {
  readonly dev: Reading;
  readonly tuning: Tuning;
  readonly scores: Scores;
}

/** Tunes a task on its dev part as `dev` reads it, with as much of the words as makes it best. */
export function tuneWithWords(
  task: PreparedTask,
  dev: Reading,
  plan: { readonly tasks: readonly Pick<Plan['tasks'][number], 'name' | 'updates' | 'updatesPerEpoch'>[] },
): TunedReading & { readonly lexical?: LexicalShare } {
  const tuned = (words?: SharedWords): TunedReading => {
    const tuning = task.tune(dev, words);
    return { dev, tuning, scores: task.scoreDev(dev, tuning) };
  };
  const alone = tuned();
  const planned = plan.tasks.find(({ name }) => name === task.name);
  if (task.learnWords === undefined || planned === undefined) return alone;
  const model = task.learnWords(plannedEpochs(planned));
  const scoreOf = ({ scores }: TunedReading) => scores.metrics[task.mainMetric] ?? 0;
  const tried = shares.map((share) => (share === 0 ? alone : tuned({ share, model })));
  const scores = tried.map(scoreOf);
  const best = steadiest(scores, {
    resolution: resolutionOf(Math.max(...scores), task.dev.examples),
    losses: tried.map(({ scores }) => scores.metrics['brier']),
  });
  const read = tried[best]!;
  return { ...read, lexical: { share: shares[best]!, alone: scoreOf(alone), together: scoreOf(read) } };
}

/**
 * What tells scores on a dev part apart: one standard error of a share of so many examples, and no less than one of them. On 75 examples that is 0.06,
 * which the best of thirteen shares exceeds by luck (the rule of one standard error: Breiman et al. 1984, section 3.4.3).
 */
export function resolutionOf(score: number, examples: number): number {
  const share = Math.min(1, Math.max(0, score));
  const n = Math.max(1, examples);
  return Math.max(1 / n, Math.sqrt((share * (1 - share)) / n));
}

export interface Steadiness {
  /** Scores that are no further apart say nothing. Default 0. */
  readonly resolution?: number;
  /** What decides among such scores, the least the best, where all are known: the Brier score, which sees how sure answers are too. */
  readonly losses?: readonly (number | undefined)[];
}

/**
 * Where scores are best together with their neighbours, of equals that with the least loss, else the first: dev parts are small, and one score alone may
 * be luck. The first of all where none is better, in score or of equals in loss.
 */
export function steadiest(scores: readonly number[], { resolution = 0, losses = [] }: Steadiness = {}): number {
  const means = scores.map((_, i) => {
    const near = scores.slice(Math.max(0, i - 1), i + 2);
    return near.reduce((sum, score) => sum + score, 0) / near.length;
  });
  const top = Math.max(...means);
  const first = means.indexOf(top);
  const known = losses.filter((loss) => loss !== undefined);
  if (known.length < scores.length || known.length === 0) return scores[first]! > scores[0]! ? first : 0;
  const equals = scores.flatMap((score, i) =>
    means[i]! >= top - resolution - 1e-12 && score >= scores[0]! ? [i] : [],
  );
  return equals.reduce((best, i) => (known[i]! < known[best]! ? i : best), equals[0] ?? 0);
}

/** What a reader of results should know of it; nothing where words could not count. */
export function describeShares(
  results: readonly { readonly result: { readonly lexical?: LexicalShare | undefined } }[],
  metric: string,
): string[] {
  const found = results.flatMap(({ result }) => result.lexical ?? []);
  if (found.length === 0) return [];
  const mean = (of: (share: LexicalShare) => number) => found.reduce((sum, one) => sum + of(one), 0) / found.length;
  const used = [...new Set(found.map(({ share }) => share))].sort((a, b) => a - b).join(', ');
  const score = (of: (share: LexicalShare) => number) => mean(of).toFixed(3);
  return [
    `words count beside the encoder, with a share of ${used}, but not in the folders for other programs: ${metric} on the dev part is ${score(({ together }) => together)} with them and ${score(({ alone }) => alone)} without`,
  ];
}
