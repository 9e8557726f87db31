import { expect, test } from '@jest/globals';
import { loadByChance, loadFully, quantile } from './load.js';

const texts = ['a', 'b', 'c'];

test('a quantile is the smallest value that enough values do not exceed', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
  expect(quantile([4, 1, 3, 2], 0.51)).toBe(3);
  expect(quantile([1, 2, 3], 0.99)).toBe(3);
  expect(quantile([7], 0)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});

test('under full load as many requests are in flight as there are clients, and texts are asked about in turn', async () => {
  let [now, most] = [0, 0];
  const asked: string[] = [];
  const load = await loadFully({
    ...{ texts, seconds: 0.05, inFlight: 3 },
    async ask(text) {
      asked.push(text);
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      now--;
    },
  });
  expect(most).toBe(3);
  expect(asked.slice(0, 3)).toEqual(texts);
  expect(load.latencies).toHaveLength(asked.length);
  expect(load).toMatchObject({ errors: 0, firstError: undefined });
});

test('requests by chance do not wait for those before, and failures are counted apart', async () => {
  let [asked, now, most] = [0, 0, 0];
  const load = await loadByChance({
    ...{ texts, seconds: 0.1, rate: 1000, seed: 1 },
    async ask() {
      const failing = ++asked % 2 === 0;
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 50));
      now--;
      if (failing) throw new Error('503: busy');
    },
  });
  // About 100 arrivals, of which about half are in flight at a time.
  expect(asked).toBeGreaterThan(50);
  expect(asked).toBeLessThan(150);
  expect(most).toBeGreaterThan(10);
  expect(load.latencies.length + load.errors).toBe(asked);
  expect(load.errors).toBe(Math.floor(asked / 2));
  expect(load.firstError).toBe('Error: 503: busy');
  expect(quantile(load.latencies, 0)).toBeGreaterThan(40);
});
