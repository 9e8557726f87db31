/** Options of a project's configuration become the flags that the command knows. */
import { expect, test } from '@jest/globals';
import { asFlags } from './executors.js';

test.each([
  ['timeBudget', '2m', ['--time-budget', '2m']],
  ['learningRate', 0.0001, ['--learning-rate', '0.0001']],
  ['resume', true, ['--resume']],
  ['resume', false, []],
  ['tasks', ['unfair-terms', 'clause-kinds'], ['--tasks', 'unfair-terms', '--tasks', 'clause-kinds']],
])('%s: %j', (option, value, flags) => {
  expect(asFlags(option, value)).toEqual(flags);
});
