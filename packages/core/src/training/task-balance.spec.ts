/** Balances: fixed weights, learnt variances at their optimum, gradients of equal size, and states that are taken over. */
import { describe, expect, test } from '@jest/globals';
import { createTaskBalance, type BalanceState } from './task-balance.js';

const names = (...entries: [string, number][]) => new Map(entries);

test('fixed weights are what was given, whatever is seen', () => {
  const balance = createTaskBalance('fixed', names(['a', 2], ['b', 1]), {});
  balance.observe('a', { loss: 5, norm: 100 });
  expect([balance.factor('a'), balance.factor('b')]).toEqual([2, 1]);
});

test('uncertainty settles where the derivative is zero: a factor of 1 / (2 L)', () => {
  const balance = createTaskBalance('uncertainty', names(['easy', 1], ['hard', 3]), {});
  for (let i = 0; i < 3000; i++) {
    balance.observe('easy', { loss: 0.2, norm: 1 });
    balance.observe('hard', { loss: 2, norm: 1 });
  }
  expect(balance.factor('easy')).toBeCloseTo(1 / (2 * 0.2), 3);
  expect(balance.factor('hard')).toBeCloseTo(3 / (2 * 2), 3);
});

describe('gradnorm', () => {
  test('makes weighted gradients equal where losses fall alike', () => {
    const balance = createTaskBalance('gradnorm', names(['a', 1], ['b', 1]), {});
    for (let i = 0; i < 500; i++) {
      balance.observe('a', { loss: 1, norm: 4 });
      balance.observe('b', { loss: 1, norm: 1 });
    }
    expect((balance.factor('a') * 4) / balance.factor('b')).toBeCloseTo(1, 3);
    expect(balance.factor('a') * balance.factor('b')).toBeCloseTo(1, 6);
  });

  test('gives more to a task whose loss falls less', () => {
    const balance = createTaskBalance('gradnorm', names(['slow', 1], ['fast', 1]), {});
    for (let i = 0; i < 500; i++) {
      balance.observe('slow', { loss: 1, norm: 1 });
      balance.observe('fast', { loss: i < 10 ? 1 : Math.max(0.25, 1 - i / 100), norm: 1 });
    }
    expect(balance.factor('slow') / balance.factor('fast')).toBeCloseTo(2, 2);
  });

  test('leaves the weights alone until every task has begun', () => {
    const balance = createTaskBalance('gradnorm', names(['a', 1], ['b', 1]), {});
    for (let i = 0; i < 50; i++) balance.observe('a', { loss: 1, norm: 9 });
    expect(balance.factor('a')).toBe(1);
  });
});

test('goes on from a state that was saved', () => {
  const states: Record<string, BalanceState> = {};
  const first = createTaskBalance('uncertainty', names(['a', 1]), states);
  for (let i = 0; i < 20; i++) first.observe('a', { loss: 2, norm: 1 });
  const saved = JSON.parse(JSON.stringify(states)) as typeof states;
  const second = createTaskBalance('uncertainty', names(['a', 1]), saved);
  first.observe('a', { loss: 1, norm: 1 });
  second.observe('a', { loss: 1, norm: 1 });
  expect(second.factor('a')).toBe(first.factor('a'));
});
