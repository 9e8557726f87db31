/** What a run tells while it works. Core never prints: whoever draws progress listens to these. All events are plain data. */
import type { RunReport } from '../report/index.js';

export type RunEvent =
  /** A phase of work began: what a person would call it, such as `reading unfair-tos`. */
  | { kind: 'phase'; phase: string; detail?: string }
  /** A sentence for the reader, at most a line. */
  | { kind: 'note'; level: 'info' | 'warning'; text: string }
  /** Bytes of a download. */
  | { kind: 'download'; file: string; received: number; total: number }
  /** Data of one task as it will be used, and what the checks found. */
  | {
      kind: 'data';
      task: string;
      origin: string;
      train: number;
      dev: number;
      test: number;
      labels: number;
      findings: { severity: 'info' | 'warning' | 'stop'; what: string; count: number }[];
    }
  /** What the run will do, printed before it starts. `seconds` are estimates from the speed probe. */
  | { kind: 'plan'; steps: { name: string; amount: string; seconds: number }[]; totalSeconds: number; folder: string }
  /** One update was made. */
  | {
      kind: 'step';
      seed: number;
      step: number;
      steps: number;
      task: string;
      loss: number;
      learningRate: number;
      tokensPerSecond: number;
      secondsLeft: number;
    }
  /** The dev parts were scored. */
  | {
      kind: 'evaluation';
      seed: number;
      step: number;
      scores: Record<string, { metric: string; value: number }>;
      mean: number;
      best: boolean;
    }
  /** A checkpoint is safely on disk. */
  | { kind: 'checkpoint'; step: number; path: string }
  /** Progress of something countable that is no training step, such as scoring the test part. */
  | { kind: 'progress'; what: string; done: number; total: number }
  /** The run is complete. */
  | { kind: 'finished'; folder: string; report: RunReport; next: string[] }
  /** The run was stopped by a signal; its state is saved. */
  | { kind: 'stopped'; folder: string; step: number; resume: string };
