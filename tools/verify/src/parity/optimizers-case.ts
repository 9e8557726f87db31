/** AdamW with clipping step by step against PyTorch's, and schedules against Hugging Face's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { training } from '@fieldcraft/core/internals';
import { worstDifference, type Measure } from '../checks.js';
import { openFixture } from './fixture-file.js';

/** The settings that the file was written with. */
const rate = 1e-2;
const settings = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1, clipNorm: 1 };

export function checkAdamW(folder: string): Measure[] {
  const fixture = openFixture(join(folder, 'adamw.safetensors'));
  const store = training.createParameterStore([{ name: 'p', shape: fixture.shape('p0') }]);
  const { weight, gradient } = store.slot('p');
  weight.set(fixture.numbers('p0'));
  const optimizer = training.createAdamW(store, settings);
  const steps = fixture.names('g').length;
  let worst = 0;
  for (let i = 0; i < steps; i++) {
    gradient.set(fixture.numbers(`g${i}`));
    optimizer.step(['p'], rate);
    worst = Math.max(worst, worstDifference(weight, fixture.numbers(`p${i + 1}`)));
  }
  fixture.close();
  return [{ what: `${steps} updates`, worst, bound: 1e-6 }];
}

/** One measure a schedule: the factors of all updates. */
export function checkSchedules(folder: string): Measure[] {
  const { warmup, total, multipliers } = JSON.parse(readFileSync(join(folder, 'schedules.json'), 'utf8')) as {
    warmup: number;
    total: number;
    multipliers: Record<training.ScheduleName, number[]>;
  };
  return Object.entries(multipliers).map(([name, expected]) => {
    // Hugging Face's polynomial of the file has power 2 and ends at 1e-7.
    const options = { warmup, total, power: 2, end: 1e-7 };
    const got = expected.map((_, step) => training.scheduleFactor(name as training.ScheduleName, step, options));
    return { what: name, worst: worstDifference(got, expected), bound: 1e-9 };
  });
}
