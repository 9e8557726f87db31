/** The machine and the software of a run, for its report. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { workspaceRoot, coreVersion } from '../foundation/index.js';
import type { RunReport } from '../report/index.js';
import type { TrainOptions } from './options.js';

/** Packages whose version may change a result. */
const packages = ['onnxruntime-node', 'tokenizers'];

export function describeEnvironment({
  device,
  threads,
}: Pick<TrainOptions, 'device' | 'threads'>): RunReport['environment'] {
  const commit = gitCommit();
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    engine: { name: 'onnxruntime', version: versionOf('onnxruntime-node') },
    device,
    ...(threads === undefined ? {} : { threads }),
    packages: Object.fromEntries([
      ...packages.map((name): [string, string] => [name, versionOf(name)]),
      ['@fieldcraft/core', coreVersion()],
    ]),
    ...(commit === undefined ? {} : { commit }),
  };
}

function versionOf(name: string): string {
  // A package's entry point lies somewhere below its folder; its package.json need not be exported.
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (manifest.name === name && manifest.version !== undefined) return manifest.version;
    } catch {
      // No package.json here: look further up.
    }
  }
  return 'unknown';
}

/** Results that a series appends between its runs are no change of what was run. */
const results = ':(top,exclude)docs/results';

/** The commit of the workspace, `+` behind it where files differ; undefined outside a repository. */
function gitCommit(): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: workspaceRoot(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return (
      git('rev-parse', 'HEAD') +
      (git('status', '--porcelain', '--untracked-files=no', '--', ':/', results) === '' ? '' : '+')
    );
  } catch {
    return undefined;
  }
}
