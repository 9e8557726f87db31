/** Scoring gives each window's logits in the order asked for, however they were batched. */
import { expect, test } from '@jest/globals';
import { initialise, createParameterStore, createScorer } from './index.js';
import { classifier, config, engine, sequences } from './spec-support.js';

test('logits come in order and equal those of each window alone; dropout is off', async () => {
  const scorer = await createScorer(engine, classifier('task'), config);
  const store = createParameterStore(scorer.parameters.map(({ name, shape }) => ({ name, shape, trainable: false })));
  initialise(store, scorer.parameters, 3);
  // More tokens than one batch takes, of mixed lengths.
  const features = sequences(300, 5);
  const done: number[] = [];
  const together = await scorer.score(store, features, (count) => done.push(count));
  expect(done.length).toBeGreaterThan(1);
  expect(done.at(-1)).toBe(300);
  expect([...done].sort((a, b) => a - b)).toEqual(done);
  expect(together.map((logits) => logits.length)).toEqual(features.map(() => 2));
  for (const index of [0, 1, 7, 150, 299]) {
    const [alone] = await scorer.score(store, [features[index] as (typeof features)[number]]);
    (together[index] as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(alone?.[i] as number, 5));
  }
  expect(new Set(together.map((logits) => logits.join())).size).toBeGreaterThan(290);
  expect(await scorer.score(store, features)).toEqual(together);
  expect(await scorer.score(store, [])).toEqual([]);
  await scorer.release();
});
