import { describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { matchWeights, type MatchOptions, type WantedParam } from './match-weights.js';
import type { TensorInfo } from './tensor-file.js';

function sourceOf(tensors: Record<string, number[]>, dtype: TensorInfo['dtype'] = 'F32') {
  const infos = new Map(
    Object.entries(tensors).map(([name, shape]): [string, TensorInfo] => [name, { name, dtype, shape, storage: name }]),
  );
  return { folder: 'a/folder', names: () => [...infos.keys()], info: (name: string) => infos.get(name) };
}

const need = (name: string, ...shape: number[]): WantedParam => ({ name, shape, required: true });
const may = (name: string, ...shape: number[]): WantedParam => ({ name, shape, required: false });

function refusal(tensors: Record<string, number[]>, params: WantedParam[], options?: MatchOptions): string {
  try {
    matchWeights(sourceOf(tensors), params, options);
  } catch (error) {
    if (error instanceof FieldcraftError && error.code === 'FC_WEIGHTS') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('tells what is loaded, missing and unexpected', () => {
  const source = sourceOf({ 'a.weight': [2, 3], 'a.bias': [2], 'old.head': [5] });
  expect(matchWeights(source, [need('a.bias', 2), need('a.weight', 2, 3), may('head.weight', 4)])).toEqual({
    loaded: [
      { param: 'a.bias', tensor: 'a.bias' },
      { param: 'a.weight', tensor: 'a.weight' },
    ],
    missing: ['head.weight'],
    mismatched: [],
    unexpected: ['old.head'],
  });
});

test('lists the first problems and counts the rest', () => {
  const params = Array.from({ length: 12 }, (_, i) => need(`layer.${i}`, 3));
  const message = refusal({ 'layer.0': [4], 'layer.1': [3, 1], stranger: [1] }, params);
  expect(message).toContain('layer.0 [3] has a tensor of shape [4]');
  expect(message).toContain('layer.1 [3] has a tensor of shape [3, 1]');
  expect(message).toContain('layer.2 [3] has no tensor');
  expect(message).toContain('and 4 more');
  expect(message).toContain('"stranger"');
  expect(message).toContain('a/folder');
});

test('a tensor without floating-point numbers fits nothing', () => {
  expect(() => matchWeights(sourceOf({ a: [1] }, 'I64'), [need('a', 1)])).toThrow('a has a tensor of I64');
});

test('a head of another shape is refused, or starts fresh where that is wanted; an encoder never does', () => {
  const tensors = { 'bert.w': [2], 'classifier.weight': [3, 2] };
  const params = [need('bert.w', 2), may('classifier.weight', 5, 2)];
  expect(refusal(tensors, params)).toContain('classifier.weight [5, 2] has a tensor of shape [3, 2]');
  expect(matchWeights(sourceOf(tensors), params, { otherShapes: 'fresh' })).toEqual({
    loaded: [{ param: 'bert.w', tensor: 'bert.w' }],
    missing: [],
    mismatched: ['classifier.weight'],
    unexpected: [],
  });
  expect(refusal(tensors, [need('bert.w', 3)], { otherShapes: 'fresh' })).toContain('bert.w [3]');
});

describe('with a base prefix', () => {
  const options = { basePrefix: 'bert' };

  test('a bare encoder fits a task model', () => {
    const source = sourceOf({ 'embeddings.w': [2], 'pooler.w': [2] });
    const match = matchWeights(source, [need('bert.embeddings.w', 2), may('classifier.w', 2)], options);
    expect(match).toMatchObject({
      loaded: [{ param: 'bert.embeddings.w', tensor: 'embeddings.w' }],
      missing: ['classifier.w'],
      unexpected: ['pooler.w'],
    });
  });

  test('a bare encoder beside a head fits a task model', () => {
    const source = sourceOf({ 'embeddings.w': [2], 'classifier.w': [3] });
    const match = matchWeights(source, [need('bert.embeddings.w', 2), need('classifier.w', 3)], options);
    expect(match.loaded.map(({ tensor }) => tensor)).toEqual(['embeddings.w', 'classifier.w']);
  });

  test('a task checkpoint fits a bare encoder', () => {
    const source = sourceOf({ 'bert.embeddings.w': [2], 'cls.predictions.bias': [9] });
    expect(matchWeights(source, [need('embeddings.w', 2)], options)).toMatchObject({
      loaded: [{ param: 'embeddings.w', tensor: 'bert.embeddings.w' }],
      unexpected: ['cls.predictions.bias'],
    });
  });

  test('equal layouts stay as they are', () => {
    const source = sourceOf({ 'bert.w': [1], 'head.w': [1] });
    const match = matchWeights(source, [need('bert.w', 1), need('head.w', 1)], options);
    expect(match.loaded.every(({ param, tensor }) => param === tensor)).toBe(true);
  });
});
