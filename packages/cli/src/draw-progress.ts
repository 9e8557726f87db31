/** Draws a run as it goes: its events become tables, notes, and one thing that moves. */
import { formatBytes, formatCount, formatDuration, formatScore, metricName, type RunEvent } from '@fieldcraft/core';
import { createMeter } from './meter.js';
import { drawData, drawPlan } from './run-tables.js';
import type { Screen } from './screen.js';
import { wrap } from './tables.js';

export interface ProgressDrawing {
  show(event: RunEvent): void;
  /** Prints a line among the progress. */
  say(text: string): void;
  /** Ends what moves and prints what is still held back; to be called once, whatever happened. */
  close(): void;
}

type EventOf<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;

/** A single batch's loss jumps about: what is shown forgets slowly. */
const lossMemory = 0.95;

export function drawProgress(screen: Screen, { now = Date.now }: { now?: () => number } = {}): ProgressDrawing {
  const meter = createMeter(screen, now);
  let data: EventOf<'data'>[] = [];
  let training: { seed: number; loss: number; dev: string } | undefined;

  // One table for all tasks: it is drawn when the next phase begins.
  const flushData = () => {
    if (data.length > 0) meter.print(...drawData(screen, data));
    data = [];
  };

  const showStep = ({ seed, step, steps, loss, tokensPerSecond, secondsLeft }: EventOf<'step'>) => {
    if (training?.seed !== seed) training = { seed, loss, dev: '' };
    training.loss = lossMemory * training.loss + (1 - lossMemory) * loss;
    meter.move({
      label: `training, seed ${seed}`,
      done: step,
      total: steps,
      figures: [
        `${formatCount(step)}/${formatCount(steps)}`,
        `${formatDuration(secondsLeft)} left`,
        `loss ${formatScore(training.loss)}`,
        ...(training.dev === '' ? [] : [training.dev]),
        `${formatCount(tokensPerSecond)} tokens/s`,
      ],
    });
  };

  const showEvaluation = ({ seed, step, scores, mean, best }: EventOf<'evaluation'>) => {
    const each = Object.entries(scores).map(
      ([task, { metric, value }]) => `${task} ${metricName(metric)} ${formatScore(value)}`,
    );
    const verdict = best ? screen.style('green', ', the best so far') : '';
    meter.print(`  dev after ${formatCount(step)} updates: ${each.join(', ')}${verdict}`);
    if (training?.seed === seed) training.dev = `dev ${formatScore(mean)}`;
  };

  const show = (event: RunEvent): void => {
    switch (event.kind) {
      case 'phase':
        meter.end();
        flushData();
        return meter.print(screen.style('dim', [event.phase, event.detail].filter(Boolean).join(': ')));
      case 'note': {
        const lines = wrap(event.level === 'warning' ? `warning: ${event.text}` : event.text, screen.width());
        return meter.print(...(event.level === 'warning' ? lines.map((line) => screen.style('yellow', line)) : lines));
      }
      case 'download': {
        const figures = [`${formatBytes(event.received)} of ${formatBytes(event.total)}`];
        return meter.move({ label: `download ${event.file}`, done: event.received, total: event.total, figures });
      }
      case 'data':
        data.push(event);
        return;
      case 'plan':
        meter.end();
        flushData();
        return meter.print(...drawPlan(screen, event));
      case 'step':
        return showStep(event);
      case 'evaluation':
        return showEvaluation(event);
      case 'progress': {
        const figures = [`${formatCount(event.done)}/${formatCount(event.total)}`];
        return meter.move({ label: event.what, done: event.done, total: event.total, figures });
      }
      case 'checkpoint':
        return;
      case 'finished':
      case 'stopped':
        return meter.end();
    }
  };

  return {
    show,
    say: (text) => meter.print(text),
    close() {
      meter.end();
      flushData();
    },
  };
}
