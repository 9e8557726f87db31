/** What every step of a run is given. */
import type { TrainOptions } from './options.js';
import type { RunEvent } from './events.js';
import type { RunFolder } from './run-folder.js';
import type { SavedConfig } from './saved-config.js';
import type { LoadedVertical } from './sources.js';

export interface RunContext {
  readonly folder: RunFolder;
  readonly options: TrainOptions;
  readonly config: SavedConfig;
  readonly source: LoadedVertical | undefined;
  readonly name: string;
  readonly startedAt: number;
  readonly emit: (event: RunEvent) => void;
  /** Begins a phase, or stops the run before it where that was asked for: everything so far is saved. */
  readonly enter: (phase: string, detail?: string) => void;
  /** Warnings so far: they go into the report too. */
  readonly warnings: readonly string[];
  readonly stopRequested: () => boolean;
  /** Aborted soon after a stop was asked for: ends downloads. */
  readonly signal: AbortSignal;
}
