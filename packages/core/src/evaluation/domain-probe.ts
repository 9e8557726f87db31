/** How well two domains can still be told apart by the vectors of their texts: a linear probe on texts that it has not seen. */
import { random } from '../foundation/index.js';
import { proxyDistance } from './domain-distance.js';
import { fitLogisticRegression } from './logistic-regression.js';
import { denseRows } from './sparse-rows.js';

export interface DomainProbe {
  /** The mean of the shares of each domain's unseen texts that are told rightly: 0.5 is chance. */
  readonly accuracy: number;
  /** The proxy A-distance 2 (1 - 2 error), from 0, indistinguishable, to 2 (Ben-David et al. 2007). */
  readonly distance: number;
}

/** Fits on a seeded half of each domain's vectors, one a text and all of one length, and looks at the other half. */
export function probeDomains(
  source: readonly Float32Array[],
  target: readonly Float32Array[],
  { seed }: { seed: number },
): DomainProbe {
  const halves = [source, target].map((vectors, domain) => {
    const drawn = random(seed, 'domain probe', domain).shuffle(vectors);
    const half = Math.ceil(drawn.length / 2);
    return { fitted: drawn.slice(0, half), unseen: drawn.slice(half) };
  });
  const fitted = halves.flatMap(({ fitted: own }) => own);
  const domains = Int32Array.from(halves.flatMap(({ fitted: own }, domain) => own.map(() => domain)));
  const model = fitLogisticRegression(denseRows(fitted), domains, { classes: 2 });
  const shares = halves.map(({ unseen }, domain) => {
    const probabilities = model(denseRows(unseen));
    const right = unseen.filter((_, i) => probabilities[2 * i + domain]! > 0.5).length;
    return right / Math.max(1, unseen.length);
  });
  const accuracy = (shares[0]! + shares[1]!) / 2;
  return { accuracy, distance: proxyDistance(1 - accuracy) };
}
