/** Progress as plain lines, for logs and pipes: one when something begins, one every few seconds, one at its end. */
import { percentOf, type Meter, type Movement } from './meter.js';
import type { Screen } from './screen.js';

/** Milliseconds between two lines: a run of an hour leaves 360. */
const interval = 10_000;

export function createLineMeter(screen: Screen, now: () => number): Meter {
  let latest: Movement | undefined;
  let shown: Movement | undefined;
  let shownAt = 0;

  const show = (movement: Movement) => {
    screen.line(`${movement.label}: ${[percentOf(movement), ...movement.figures].join(', ')}`);
    shown = movement;
    shownAt = now();
  };
  const end = () => {
    if (latest !== undefined && latest !== shown) show(latest);
    latest = undefined;
  };

  return {
    move(movement) {
      const isNew = latest?.label !== movement.label;
      if (isNew) end();
      latest = movement;
      if (isNew || now() - shownAt >= interval) show(movement);
    },
    print: (...lines) => lines.forEach((line) => screen.line(line)),
    end,
  };
}
