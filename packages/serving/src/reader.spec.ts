import { expect, test } from '@jest/globals';
import type { ModelInput } from '@fieldcraft/core';
import { createReader, type ReadingServer } from './reader.js';

const wordsOf = (input: string | ModelInput) => (typeof input === 'string' ? input : input.text);

/** Answers with what it was asked, and keeps the sizes of requests. */
function serverOf(tasks: readonly string[]): ReadingServer & { sizes: number[] } {
  const sizes: number[] = [];
  return {
    sizes,
    predict(_task, inputs) {
      sizes.push(inputs.length);
      return Promise.resolve(inputs.map((input) => `about ${wordsOf(input)}`));
    },
    analyze(inputs, { tasks: asked }) {
      sizes.push(inputs.length);
      return Promise.resolve(
        inputs.map((input) => Object.fromEntries(asked.map((task) => [task, `${task} of ${wordsOf(input)}`]))),
      );
    },
    model: () => ({ tasks: tasks.map((name) => ({ name, labels: ['a', 'b'] })) }),
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

test('many texts are asked about in small requests, and answered in order', async () => {
  const server = serverOf(['roles']);
  const reader = createReader(server);
  const inputs = numbers(70);
  expect(await reader.ask<string>('roles', inputs)).toEqual(inputs.map((input) => `about ${input}`));
  expect(server.sizes).toEqual([32, 32, 6]);
  expect([reader.has('roles'), reader.has('other')]).toEqual([true, false]);
  expect([reader.labels('roles'), reader.labels('other')]).toEqual([['a', 'b'], []]);
});

test('long texts make smaller requests; one that is too long by itself is asked alone', async () => {
  const server = serverOf(['roles']);
  const long = { text: 'a'.repeat(20_000), second: 'b'.repeat(4_000), before: ['c'.repeat(1_000)] };
  const inputs = [long, long, 'short', 'd'.repeat(60_000), 'short', long];
  expect(await createReader(server).ask('roles', inputs)).toHaveLength(6);
  expect(server.sizes).toEqual([2, 1, 1, 2]);
});

test('tasks that the model has are asked together in the same small requests, the others not at all', async () => {
  const server = serverOf(['roles', 'kinds']);
  const reader = createReader(server);
  const inputs = numbers(33);
  expect(await reader.askAll<Record<'roles' | 'other' | 'kinds', string>>(['roles', 'other', 'kinds'], inputs)).toEqual(
    {
      roles: inputs.map((input) => `roles of ${input}`),
      kinds: inputs.map((input) => `kinds of ${input}`),
    },
  );
  expect(server.sizes).toEqual([32, 1]);
  expect(await reader.askAll(['other'], inputs)).toEqual({});
  expect(await reader.askAll<{ roles: string }>(['roles'], [])).toEqual({ roles: [] });
  expect(server.sizes).toEqual([32, 1]);
});

test('a request that the person gave up goes no further', async () => {
  const gone = new AbortController();
  let asked = 0;
  const answer = (inputs: readonly unknown[], signal: AbortSignal | undefined) => {
    asked++;
    gone.abort();
    return signal?.aborted === true ? Promise.reject(new Error('gone')) : Promise.resolve(inputs as []);
  };
  const server: ReadingServer = {
    predict: (_task, inputs, options) => answer(inputs, options?.signal),
    analyze: (inputs, { signal }) => answer(inputs, signal),
    model: () => ({ tasks: [{ name: 'roles', labels: [] }] }),
  };
  const texts = Array.from({ length: 100 }, () => 'text');
  await expect(createReader(server, gone.signal).ask('roles', texts)).rejects.toThrow('gone');
  expect(asked).toBe(1);
  await expect(createReader(server, gone.signal).askAll(['roles'], texts)).rejects.toThrow('gone');
  expect(asked).toBe(2);
});
