/** Requests cut into pieces: no request may hold a worker for much longer than a batch takes. */
import type { ModelInput } from '@fieldcraft/core';
import { estimateTokens } from './queue.js';

export interface Part {
  readonly inputs: readonly (string | ModelInput)[];
  readonly tokens: number;
  readonly longest: number;
}

/**
 * Runs of inputs, in order: each at most a worker's share of all and at most `budget` estimated tokens, or one input that has more by itself.
 */
export function cutInputs(
  inputs: readonly (string | ModelInput)[],
  { budget, workers }: { budget: number; workers: number },
): Part[] {
  const sized = inputs.map((input) => ({ input, tokens: estimateTokens(input) }));
  const total = sized.reduce((sum, { tokens }) => sum + tokens, 0);
  const share = Math.min(budget, Math.ceil(total / workers));
  const parts: { inputs: (string | ModelInput)[]; tokens: number; longest: number }[] = [];
  for (const { input, tokens } of sized) {
    const last = parts.at(-1);
    if (last !== undefined && last.tokens + tokens <= share) {
      last.inputs.push(input);
      last.tokens += tokens;
      last.longest = Math.max(last.longest, tokens);
    } else parts.push({ inputs: [input], tokens, longest: tokens });
  }
  return parts;
}
