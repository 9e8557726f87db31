/** One cell as a process of its own: `fieldcraft train` in a folder that is always the same, so that a cell that was cut short goes on. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkpoint, foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { hashOf, type Cell } from './definition.js';

const { workspaceRoot } = foundation;

/** Where a cell trains: another folder once anything that it asks for has changed. */
export const cellFolder = (series: string, cell: Cell, root = workspaceRoot()): string =>
  join(root, 'runs', 'series', series, `${cell.key.replaceAll('/', '_')}_${hashOf(cell)}`);

const has = (folder: string, file: string): boolean => existsSync(join(folder, file));

export const isTrained = (folder: string): boolean => has(folder, 'report.json');
export const isBegun = (folder: string): boolean => has(folder, 'config.json') && !isTrained(folder);

/** The arguments of `fieldcraft` that begin a cell, or go on with it. */
export function trainArguments({ vertical, tasks, seed, base, options }: Cell, folder: string): string[] {
  if (isBegun(folder)) return ['train', vertical, '--resume', '--out', folder];
  return [
    ...['train', vertical, ...(tasks === null ? [] : ['--tasks', tasks.join(',')])],
    ...['--seed', String(seed), '--base', base],
    ...Object.entries(options).flatMap(([name, value]) => asFlags(name, value)),
    ...['--out', folder],
  ];
}

function asFlags(name: string, value: Cell['options'][string]): string[] {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`];
  return [`--${flag}`, Array.isArray(value) ? value.join(',') : String(value)];
}

export interface CellProcess {
  /** The exit status: 0, or 130 for one that saved its state and stopped. */
  readonly ended: Promise<number>;
  /** Asks it to save its state and stop. */
  stop(): void;
}

/** Starts or resumes a cell; it draws its progress on this terminal. */
export function startCell(cell: Cell, folder: string, root = workspaceRoot()): CellProcess {
  const bin = join(root, 'packages', 'cli', 'bin', 'fieldcraft.js');
  const child = spawn(process.execPath, [bin, ...trainArguments(cell, folder)], { cwd: root, stdio: 'inherit' });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  return { ended, stop: () => void child.kill('SIGTERM') };
}

/** A run's weights are of no use to a series, and large: what is needed to read its report and to compare it stays. */
export function dropWeights(folder: string): void {
  rmSync(join(folder, 'hf'), { recursive: true, force: true });
  const model = join(folder, 'model');
  for (const name of existsSync(model) ? readdirSync(model) : [])
    if (/\.(safetensors|onnx)$/.test(name)) rmSync(join(model, name));
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
