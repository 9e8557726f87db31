/** Progress as one bar at the bottom of a terminal, with lines scrolling by above it. */
import { MultiBar, type SingleBar } from 'cli-progress';
import { percentOf, type Meter, type Movement } from './meter.js';
import type { Screen } from './screen.js';

/** A bar wider than this says no more. */
const widestBar = 30;
const narrowestBar = 10;

export function createBarMeter(screen: Screen): Meter {
  let active: { group: MultiBar; bar: SingleBar; label: string } | undefined;

  const begin = (movement: Movement) => {
    // A group of one: unlike a single bar, a group can print lines above itself when the screen scrolls.
    const group = new MultiBar({
      // The types ask for all of a Writable; only `write`, `isTTY` and `columns` are used.
      stream: screen.stream as NodeJS.WritableStream,
      // A terminal echoes ^C behind the bar: it must not reach the next line, where the bar would be lost.
      format: (_, __, latest: Movement) => formatBar(latest, screen.width() - 4),
      fps: 8,
      hideCursor: true,
      // True means that the line is cut to the screen's width, not that it wraps.
      linewrap: true,
      gracefulExit: false,
      // Lines printed above push the bar away: it is drawn again although it did not change.
      forceRedraw: true,
    });
    return { group, bar: group.create(movement.total, movement.done, movement), label: movement.label };
  };

  const end = () => {
    active?.group.stop();
    active = undefined;
  };

  return {
    move(movement) {
      if (active?.label !== movement.label) {
        end();
        active = begin(movement);
      }
      active.bar.setTotal(movement.total);
      active.bar.update(movement.done, movement);
    },
    print(...lines) {
      if (active === undefined) return lines.forEach((line) => screen.line(line));
      for (const line of lines) active.group.log(`${line}\n`);
      active.group.update();
    },
    end,
  };
}

/** `training  [======>     ]  34 %  340/1,000  2 min left  loss 0.231`, with as many figures as `width` columns hold. */
export function formatBar(movement: Movement, width: number): string {
  const { label, done, total, figures } = movement;
  const head = `${label}  `;
  const tail = `  ${percentOf(movement).padStart(5)}`;
  let shown = '';
  for (const figure of figures) {
    const longer = `${shown}  ${figure}`;
    if (head.length + narrowestBar + 2 + tail.length + longer.length > width) break;
    shown = longer;
  }
  const size = Math.min(widestBar, Math.max(narrowestBar, width - head.length - 2 - tail.length - shown.length));
  const full = Math.round(size * (total > 0 ? Math.min(1, done / total) : 0));
  return `${head}[${'='.repeat(full)}${' '.repeat(size - full)}]${tail}${shown}`;
}
