/** Drawing test examples anew: by example, or by group where examples of one document belong together. */
import { requireLength } from './checks.js';
import type { Random } from '../foundation/index.js';

/** The examples of each unit that is drawn as a whole: one example each, or the members of one group. */
export function resamplingUnits(examples: number, groups?: readonly string[]): number[][] {
  if (groups === undefined) return Array.from({ length: examples }, (_, i) => [i]);
  requireLength('intervals: groups', examples, groups.length);
  const members = new Map<string, number[]>();
  groups.forEach((group, i) => {
    const known = members.get(group);
    if (known) known.push(i);
    else members.set(group, [i]);
  });
  return [...members.values()];
}

/** As many units as there are, drawn with replacement; returns their examples. */
export function drawUnits(units: readonly (readonly number[])[], rng: Random): number[] {
  const indices: number[] = [];
  for (let k = 0; k < units.length; k++) for (const i of units[rng.integer(units.length)]!) indices.push(i);
  return indices;
}

/** The `share` quantile of ascending `sorted`, interpolated linearly (Hyndman and Fan's type 7, numpy's default). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
