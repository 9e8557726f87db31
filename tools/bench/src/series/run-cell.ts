/** One cell as a process of its own: `fieldcraft train` in a folder that is always the same, so that a cell that was cut short goes on. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flagsOf } from '@fieldcraft/core';
import { checkpoint, foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { hashOf, type Cell } from './definition.js';

const { workspaceRoot } = foundation;

/** Where a cell trains: another folder once anything that it asks for has changed. */
export const cellFolder = (series: string, cell: Cell, root = workspaceRoot()): string =>
  join(root, 'runs', 'series', series, nameOf({ key: cell.key, hash: hashOf(cell) }));

const nameOf = ({ key, hash }: NonNullable<Cell['teacher']>): string => `${key.replaceAll('/', '_')}_${hash}`;

const has = (folder: string, file: string): boolean => existsSync(join(folder, file));

export const isTrained = (folder: string): boolean => has(folder, 'report.json');
export const isBegun = (folder: string): boolean => has(folder, 'config.json');

/** The arguments of `fieldcraft` that bring a cell on, its training, then its attacks; undefined of one that is through. */
export function nextArguments(cell: Cell, folder: string): string[] | undefined {
  if (!isTrained(folder)) return trainArguments(cell, folder);
  if (cell.attack && !has(folder, 'robustness.json')) return ['attack', folder, ...flagsOf(cell.attack)];
  return undefined;
}

/** The arguments that begin a training, or go on with it. */
function trainArguments({ vertical, tasks, seed, base, options, teacher }: Cell, folder: string): string[] {
  if (isBegun(folder)) return ['train', vertical, '--resume', '--out', folder];
  return [
    ...['train', vertical, ...(tasks === null ? [] : ['--tasks', tasks.join(',')])],
    ...['--seed', String(seed), '--base', base],
    ...flagsOf(options),
    ...(teacher ? ['--teacher', join(dirname(folder), nameOf(teacher))] : []),
    ...['--out', folder],
  ];
}

export interface CellProcess {
  /** The exit status: 0, or 130 for one that saved its state and stopped. */
  readonly ended: Promise<number>;
  /** Asks it to save its state and stop. */
  stop(): void;
}

/** Starts `fieldcraft`, which draws its progress on this terminal. */
export function startProcess(args: readonly string[], root = workspaceRoot()): CellProcess {
  const bin = join(root, 'packages', 'cli', 'bin', 'fieldcraft.js');
  const child = spawn(process.execPath, [bin, ...args], { cwd: root, stdio: 'inherit' });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  return { ended, stop: () => void child.kill('SIGTERM') };
}

const weightFiles = (folder: string): string[] => {
  const model = join(folder, 'model');
  const names = existsSync(model) ? readdirSync(model) : [];
  return names.filter((name) => /\.(safetensors|onnx)$/.test(name)).map((name) => join(model, name));
};

export const hasWeights = (folder: string): boolean => weightFiles(folder).length > 0;

/** A run's weights are large, and of no use once nothing is to learn from them: what is needed to read its report and to compare it stays. */
export function dropWeights(folder: string): void {
  rmSync(join(folder, 'hf'), { recursive: true, force: true });
  for (const file of weightFiles(folder)) rmSync(file);
}

const planSchema = z.looseObject({ totalSeconds: z.number() });
const progressSchema = z.looseObject({ seconds: z.number() });

/** What is left of a cell by its own plan; undefined before there is one. */
export function plannedSeconds(folder: string): number | undefined {
  if (!has(folder, 'plan.json')) return undefined;
  const { totalSeconds } = planSchema.parse(JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')));
  const state = join(folder, 'checkpoints', 'round-0', 'state.safetensors');
  if (!existsSync(state)) return totalSeconds;
  const file = checkpoint.openSafetensors(state);
  try {
    return Math.max(0, totalSeconds - progressSchema.parse(JSON.parse(file.metadata['progress'] ?? 'null')).seconds);
  } finally {
    file.close();
  }
}
