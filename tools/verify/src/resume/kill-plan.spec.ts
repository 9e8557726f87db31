/** Kills are drawn from the seed alone, hit every part of a run, and come in an order in which they can be reached. */
import { expect, test } from '@jest/globals';
import { planKills } from './kill-plan.js';

test('twenty kills hit starts, updates, checkpoint writes, scoring, baselines and export', () => {
  const plan = planKills(20, 1);
  expect(new Set(plan.map(({ after }) => after)).size).toBe(6);
  expect(plan.filter(({ after }) => after === 'write').length).toBe(6);
  expect(plan.slice(-3).map(({ after }) => after)).toEqual(['scoring', 'baselines', 'exporting']);
  expect(plan.every(({ delay }) => Number.isInteger(delay) && delay >= 0 && delay < 3_000)).toBe(true);
});

test('a seed gives the same kills each time, another seed others', () => {
  expect(planKills(33, 7)).toEqual(planKills(33, 7));
  expect(planKills(33, 8)).not.toEqual(planKills(33, 7));
  expect(planKills(33, 7).length).toBe(33);
  expect(planKills(0, 7)).toEqual([]);
});
