/** The speed that is shown: of the last stretch, not of the whole. */
import { expect, test } from '@jest/globals';
import { createSpeedMeter } from './speed-meter.js';

test('is what is expected until a stretch is over, then that of the stretch, and begins anew with the counters', () => {
  const speedOf = createSpeedMeter(700);
  expect(speedOf({ update: 1, tokens: 100, seconds: 0.5 })).toBe(700);
  expect(speedOf({ update: 2, tokens: 200, seconds: 1 })).toBe(700);
  expect(speedOf({ update: 3, tokens: 500, seconds: 2.5 })).toBe(200);
  expect(speedOf({ update: 4, tokens: 900, seconds: 3 })).toBe(200);
  expect(speedOf({ update: 1, tokens: 50, seconds: 0.2 })).toBe(700);
  expect(createSpeedMeter()({ update: 1, tokens: 100, seconds: 0.5 })).toBe(200);
});
