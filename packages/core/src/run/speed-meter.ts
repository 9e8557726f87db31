/** Tokens a second over the last stretch of about a second: evaluations and checkpoints between updates are left out by its being short. */
import type { Progress } from '../training/index.js';

/**
 * Given the counters after each update, the speed now. Until a stretch is over it is the one expected, or that since the start. Counters that begin anew are those of
 * another training.
 */
export function createSpeedMeter(expected?: number): (now: Pick<Progress, 'update' | 'tokens' | 'seconds'>) => number {
  let [lastTokens, lastSeconds] = [0, 0];
  let speed = expected;
  return ({ update, tokens, seconds }) => {
    if (seconds < lastSeconds) [lastTokens, lastSeconds, speed] = [0, 0, expected];
    if (seconds - lastSeconds > 1 || update === 1) {
      if (lastSeconds > 0) speed = (tokens - lastTokens) / (seconds - lastSeconds);
      [lastTokens, lastSeconds] = [tokens, seconds];
    }
    return speed ?? tokens / seconds;
  };
}
