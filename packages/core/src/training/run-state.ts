/** Everything a training run needs to go on exactly where it was: weights, moments and counters, in one atomically written file. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openSafetensors, writeSafetensors, type TensorToWrite } from '../checkpoint/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { restoreRowStates, type Optimizer } from './adamw.js';
import type { ParameterStore } from './parameter-store.js';
import { balanceStateSchema } from './task-balance.js';

const evaluationSchema = z.strictObject({
  update: z.number().int(),
  /** Main metric of each task with a dev part. */
  scores: z.record(z.string(), z.number()),
  /** Weighted by the tasks' weights. */
  mean: z.number(),
});

const scoredSchema = z.strictObject({ update: z.number().int(), mean: z.number() });

/** The counters of a run. Losses are means since the entry before. */
export const progressSchema = z.strictObject({
  update: z.number().int().min(0),
  /** Updates made for each task. */
  visits: z.record(z.string(), z.number().int()),
  evaluations: z.array(evaluationSchema),
  losses: z.array(z.strictObject({ update: z.number().int(), task: z.string(), loss: z.number() })),
  best: scoredSchema.nullable(),
  /** Checkpoints that a soup may be made of, the best first. */
  candidates: z.array(scoredSchema).default([]),
  /** The checkpoints that are in the soup, where one was made. */
  soup: z
    .strictObject({ updates: z.array(z.number().int()), mean: z.number() })
    .nullable()
    .default(null),
  /** Evaluations since the best. */
  waited: z.number().int(),
  tokens: z.number().int(),
  /** Those of each task. */
  taskTokens: z.record(z.string(), z.number().int()),
  seconds: z.number(),
  /** What the balance of losses has learnt of each task. */
  balance: z.record(z.string(), balanceStateSchema),
});

export type Progress = z.output<typeof progressSchema>;
export type Evaluation = z.output<typeof evaluationSchema>;

export const startOfRun = (): Progress => ({
  update: 0,
  visits: {},
  evaluations: [],
  losses: [],
  best: null,
  candidates: [],
  soup: null,
  waited: 0,
  tokens: 0,
  taskTokens: {},
  seconds: 0,
  balance: {},
});

const stateFile = (folder: string) => join(folder, 'state.safetensors');
const bestFile = (folder: string, update: number) => join(folder, `best-${update}.safetensors`);

/** Removes what a process that was killed while it wrote has left; large files each. Nobody else may be writing in the folder. */
export function dropUnfinishedWrites(folder: string): void {
  for (const file of readdirSync(folder)) if (file.endsWith('.tmp')) rmSync(join(folder, file));
}

/** Writes the state of a run, then drops the best weights that it no longer refers to. */
export function saveState(folder: string, store: ParameterStore, optimizer: Optimizer, progress: Progress): string {
  const tensors: TensorToWrite[] = [];
  for (const [name, { shape, weight, average, moment1, moment2, trainable }] of store.slots) {
    if (!trainable) continue;
    tensors.push({ name: `weight.${name}`, dtype: 'F32', shape, data: weight });
    if (average) tensors.push({ name: `average.${name}`, dtype: 'F32', shape, data: average });
    if (!optimizer.counts.has(name)) continue;
    tensors.push({ name: `moment1.${name}`, dtype: 'F32', shape, data: moment1 });
    tensors.push({ name: `moment2.${name}`, dtype: 'F32', shape, data: moment2 });
  }
  const metadata = { progress: JSON.stringify(progress), counts: JSON.stringify(Object.fromEntries(optimizer.counts)) };
  writeSafetensors(stateFile(folder), tensors, metadata);
  dropBest(
    folder,
    [progress.best, ...progress.candidates].flatMap((kept) => kept?.update ?? []),
  );
  return stateFile(folder);
}

/**
 * Reads a state back into the store and the optimizer.
 * @throws FieldcraftError FC_RUN_FOLDER if it belongs to another model; FC_FILE_FORMAT if it is damaged.
 */
export function loadState(folder: string, store: ParameterStore, optimizer: Optimizer): Progress {
  const path = stateFile(folder);
  const file = openSafetensors(path);
  try {
    const progress = progressSchema.parse(JSON.parse(file.metadata['progress'] ?? 'null'));
    const counts = z.record(z.string(), z.number()).parse(JSON.parse(file.metadata['counts'] ?? 'null'));
    for (const [name, slot] of store.slots) {
      if (!slot.trainable) continue;
      const tensor = file.tensors.get(`weight.${name}`);
      if (!tensor || tensor.shape.join() !== slot.shape.join()) {
        const got = tensor ? `[${tensor.shape.join(', ')}]` : 'no such weight';
        throw otherModel(path, { expected: `${name} [${slot.shape.join(', ')}]`, got });
      }
      file.readFloat32(`weight.${name}`, slot.weight);
      if (slot.average) file.readFloat32(`average.${name}`, slot.average);
      const count = counts[name];
      if (count === undefined) continue;
      file.readFloat32(`moment1.${name}`, slot.moment1);
      file.readFloat32(`moment2.${name}`, slot.moment2);
      optimizer.counts.set(name, count);
      restoreRowStates(slot);
    }
    const foreign = [...file.tensors.keys()].find((key) => key.startsWith('weight.') && !store.slots.has(key.slice(7)));
    if (foreign !== undefined) throw otherModel(path, { expected: 'no such weight', got: foreign.slice(7) });
    return progress;
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'the saved state cannot be read',
      where: path,
      got: String(cause),
      fix: 'start a new run',
      cause,
    });
  } finally {
    file.close();
  }
}

/** Removes the best weights but for those of `kept` updates. */
export function dropBest(folder: string, kept: readonly number[]): void {
  for (const file of readdirSync(folder)) {
    const [, update] = /^best-(\d+)\.safetensors$/.exec(file) ?? [];
    if (update !== undefined && !kept.includes(Number(update))) rmSync(join(folder, file));
  }
}

/** Keeps the weights as the best so far, or as one of the best. */
export function saveBest(folder: string, store: ParameterStore, update: number): void {
  saveWeights(bestFile(folder, update), store);
}

/** Brings the best weights back. */
export function restoreBest(folder: string, store: ParameterStore, update: number): void {
  loadWeights(bestFile(folder, update), store);
}

/** Writes the weights of these names to one file; default: all that are trained. */
export function saveWeights(path: string, store: ParameterStore, names = trainedNames(store)): void {
  writeSafetensors(
    path,
    names.map((name) => {
      const { shape, weight } = store.slot(name);
      return { name, dtype: 'F32', shape, data: weight };
    }),
  );
}

const otherModel = (where: string, parts: { expected: string; got: string }): FieldcraftError =>
  new FieldcraftError('FC_RUN_FOLDER', {
    what: 'the saved state belongs to another model',
    where,
    ...parts,
    fix: 'start a new run instead of resuming',
  });

/** Reads the weights that `saveWeights` wrote of the same names. @throws FieldcraftError FC_RUN_FOLDER where there are others too */
export function loadWeights(path: string, store: ParameterStore, names = trainedNames(store)): void {
  const file = openSafetensors(path);
  try {
    const foreign = [...file.tensors.keys()].find((name) => !store.slots.has(name));
    if (foreign !== undefined) throw otherModel(path, { expected: 'no such weight', got: foreign });
    for (const name of names) file.readFloat32(name, store.slot(name).weight);
  } finally {
    file.close();
  }
}

const trainedNames = ({ slots }: ParameterStore): readonly string[] =>
  [...slots].flatMap(([name, { trainable }]) => (trainable ? [name] : []));
