/** When a run is killed: moments drawn from a seed, spread over everything that a run does. */
import { foundation } from '@fieldcraft/core/internals';

/** What is waited for, and the milliseconds after it. */
export interface Kill {
  readonly after: 'start' | 'first update' | 'write' | 'scoring' | 'baselines' | 'exporting';
  readonly delay: number;
}

/** The longest delay after each, in milliseconds. Training kills leave time for a few updates, so that runs advance between them. */
const longest: Readonly<Record<Kill['after'], number>> = {
  start: 3_000,
  'first update': 2_500,
  write: 60,
  scoring: 300,
  baselines: 300,
  exporting: 500,
};

/** How often each is drawn; the last three wait for the end of training, which is a run's last stretch. */
const shares: readonly [Kill['after'], number][] = [
  ['start', 2],
  ['first update', 9],
  ['write', 6],
  ['scoring', 1],
  ['baselines', 1],
  ['exporting', 1],
];

/** `count` kills. What happens late in a run comes last, in the order in which it happens. */
export function planKills(count: number, seed: number): Kill[] {
  const rng = foundation.random(seed, 'kills');
  const deck = shares.flatMap(([after, share]) => Array<Kill['after']>(share).fill(after));
  const drawn = Array.from({ length: Math.ceil(count / deck.length) }, () => rng.shuffle(deck)).flat();
  const isLate = (after: Kill['after']) => after === 'scoring' || after === 'baselines' || after === 'exporting';
  const order = drawn.slice(0, count);
  const late = shares
    .map(([after]) => after)
    .filter(isLate)
    .flatMap((after) => order.filter((one) => one === after));
  return [...order.filter((after) => !isLate(after)), ...late].map((after) => ({
    after,
    delay: Math.floor(rng.uniform() * longest[after]),
  }));
}
