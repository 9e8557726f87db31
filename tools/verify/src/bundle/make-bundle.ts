/** The process that makes a bundle of a field: it trains on the samples that come with the vertical, and exports for serving and for other programs. */
import { join } from 'node:path';
import { exportRun, startRun } from '@fieldcraft/core';

export interface MakeRequest {
  readonly verticalModule: string;
  readonly base: string | undefined;
  /** Where the run and the bundle go. */
  readonly folder: string;
}

const { verticalModule, base, folder } = JSON.parse(process.argv[2] ?? '{}') as MakeRequest;
const run = join(folder, 'run');
const silent = () => undefined;
try {
  const options = { ...(base === undefined ? {} : { base }), profile: 'quick' as const, out: run };
  await startRun({ options, verticalModule }, silent).result;
  await exportRun({ folder: run, out: join(folder, 'bundle'), huggingFace: true, verticalModule }, silent);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
