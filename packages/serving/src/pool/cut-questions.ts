/** Requests cut into pieces: no request may hold a worker for much longer than a batch takes. */
import type { ModelInput } from '@fieldcraft/core';
import { estimateTokens } from './queue.js';

export interface Part {
  readonly inputs: readonly (string | ModelInput)[];
  readonly tokens: number;
  readonly longest: number;
}

/** Runs of inputs of at most `budget` estimated tokens, or of one input that has more by itself; in order. */
export function cutInputs(inputs: readonly (string | ModelInput)[], budget: number): Part[] {
  const parts: { inputs: (string | ModelInput)[]; tokens: number; longest: number }[] = [];
  for (const input of inputs) {
    const tokens = estimateTokens(input);
    const last = parts.at(-1);
    if (last !== undefined && last.tokens + tokens <= budget) {
      last.inputs.push(input);
      last.tokens += tokens;
      last.longest = Math.max(last.longest, tokens);
    } else parts.push({ inputs: [input], tokens, longest: tokens });
  }
  return parts;
}
