import { expect, test } from '@jest/globals';
import { createReader } from './reader.js';

test('many texts are asked about in small requests, and answered in order', async () => {
  const sizes: number[] = [];
  const server = {
    predict(_task: string, inputs: readonly unknown[]) {
      sizes.push(inputs.length);
      return Promise.resolve(inputs.map((input) => `about ${String(input)}`));
    },
    model: () => ({ tasks: [{ name: 'roles' }] }),
  };
  const reader = createReader(server);
  const inputs = Array.from({ length: 70 }, (_, i) => String(i));
  expect(await reader.ask<string>('roles', inputs)).toEqual(inputs.map((input) => `about ${input}`));
  expect(sizes).toEqual([32, 32, 6]);
  expect([reader.has('roles'), reader.has('other')]).toEqual([true, false]);
});

test('a request that the person gave up goes no further', async () => {
  const gone = new AbortController();
  let asked = 0;
  const server = {
    predict(_task: string, inputs: readonly unknown[], options?: { readonly signal?: AbortSignal }) {
      asked++;
      gone.abort();
      return options?.signal?.aborted === true ? Promise.reject(new Error('gone')) : Promise.resolve(inputs);
    },
    model: () => ({ tasks: [] }),
  };
  const texts = Array.from({ length: 100 }, () => 'text');
  await expect(createReader(server, gone.signal).ask('roles', texts)).rejects.toThrow('gone');
  expect(asked).toBe(1);
});
