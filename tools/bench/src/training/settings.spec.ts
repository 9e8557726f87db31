import { expect, test } from '@jest/globals';
import { settingsFromArguments, settingsToArguments, type Settings } from './settings.js';

const settings: Settings = {
  task: 'scicite',
  data: '/data/scicite',
  model: '/models/some model',
  epochs: 2.5,
  learningRate: 1e-4,
  batch: 16,
  seed: 3,
  maxLength: 256,
  threads: 2,
  maxSteps: 5,
  scored: false,
};

test.each([settings, { ...settings, maxSteps: undefined, scored: true }])(
  'settings survive the command line',
  (given) => {
    const args = settingsToArguments(given);
    expect(settingsFromArguments(args)).toEqual({ ...given, arithmetic: 'fp32' });
    expect(settingsFromArguments([...args, '--arithmetic', 'int8'])).toEqual({ ...given, arithmetic: 'int8' });
    expect(() => settingsFromArguments([...args, '--arithmetic', 'int4'])).toThrow('no such arithmetic');
  },
);
