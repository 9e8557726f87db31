/** A stage of the curriculum as a line of a model card. */
import type { FinetuningReport, PretrainingReport, StageReport } from './curriculum-schema.js';
import { code } from './markdown.js';
import { formatCompact, formatDuration, formatScore, plural, threeDigits } from './numbers.js';
import { enumerate, metricName } from './words.js';

export function stageLine({ name, seconds, pretraining, finetuning }: StageReport): string {
  const stage = `Before the tasks, ${code(name)} (${formatDuration(seconds)})`;
  return [stage, pretraining && readText(pretraining), finetuning && learntTask(finetuning)].filter(Boolean).join(': ');
}

const learntTask = ({ task, examples, metric, test }: FinetuningReport): string =>
  `${plural(examples, 'example')} of ${code(task)}; ${metricName(metric)} ${formatScore(test)} on its test part`;

function readText(pretraining: PretrainingReport): string {
  const { corpora, encoder, before, after } = pretraining;
  const read = `${formatCompact(encoder.trainedTokens)} tokens of ${enumerate(corpora.map((corpus) => code(corpus.name)))}`;
  const [high, low] = [before, after].map(({ heldOut }) => threeDigits(Math.exp(heldOut)));
  return `masked words of ${read}; perplexity of held-out text ${high} before, ${low} after`;
}
