/** A stage of the curriculum as a line of a model card. */
import type { StageReport } from './curriculum-schema.js';
import { code } from './markdown.js';
import { formatCompact, formatDuration, threeDigits } from './numbers.js';
import { enumerate } from './words.js';

export function stageLine({ name, seconds, pretraining }: StageReport): string {
  const { corpora, encoder, before, after } = pretraining;
  const read = `${formatCompact(encoder.trainedTokens)} tokens of ${enumerate(corpora.map((corpus) => code(corpus.name)))}`;
  const [high, low] = [before, after].map(({ heldOut }) => threeDigits(Math.exp(heldOut)));
  return `Before the tasks, ${code(name)} (${formatDuration(seconds)}): masked words of ${read}; perplexity of held-out text ${high} before, ${low} after`;
}
