/** How far something has come, as a terminal shows it: a bar that moves, or now and then a line where nothing can be redrawn. */
import type { Screen } from './screen.js';
import { createBarMeter } from './bar-meter.js';
import { createLineMeter } from './line-meter.js';

export interface Movement {
  /** What moves; a new name begins a new bar. */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Figures beside the bar, the most important first; those that do not fit are left out. */
  readonly figures: readonly string[];
}

export interface Meter {
  move(movement: Movement): void;
  /** Prints lines; they stay above whatever moves. */
  print(...lines: string[]): void;
  /** What moved has come to its end, done or not. */
  end(): void;
}

/** `now` gives milliseconds; specs have a clock of their own. */
export const createMeter = (screen: Screen, now: () => number): Meter =>
  screen.isTTY ? createBarMeter(screen) : createLineMeter(screen, now);

export const percentOf = ({ done, total }: Movement): string =>
  `${total > 0 ? Math.floor((100 * Math.min(done, total)) / total) : 0} %`;
