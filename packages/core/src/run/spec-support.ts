/** What the specs of runs share: a temporary workspace with cards, a tiny base to start from, and small files to train on. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUntrainedModel, saveHuggingFaceFolders } from '../export/index.js';
import { FieldcraftError, random, workspaceRoot } from '../foundation/index.js';
import { readModelConfig } from '../models/index.js';
import { trainWordPiece } from '../text/index.js';
import type { RunEvent } from './events.js';
import { executeRun } from './execute.js';
import type { RunOutcome } from './finish-run.js';
import type { TrainOptionsInput } from './options.js';

export interface TestWorkspace {
  readonly root: string;
  /** A folder with a tiny encoder whose weights are random. */
  readonly base: string;
  /** Writes a file of the workspace and returns its path. */
  file(name: string, content: string): string;
  /** Goes back to where the process was, and removes everything. */
  close(): void;
}

const hidden = ['FIELDCRAFT_MIRROR', 'FIELDCRAFT_CACHE', 'FIELDCRAFT_CHECKPOINT_SECONDS', 'HF_HOME', 'HF_HUB_CACHE'];

/** Makes the workspace and moves the process into it; mirror, caches and hub are out of reach. The base has one layer, or so many. */
export function openWorkspace({ layers = 1 }: { layers?: number } = {}): TestWorkspace {
  const repository = workspaceRoot();
  const before = process.cwd();
  const environment = { ...process.env };
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'fieldcraft-run-')));
  writeFileSync(join(root, 'nx.json'), '{}');
  cpSync(join(repository, 'data-cards'), join(root, 'data-cards'), { recursive: true });
  const base = writeBase(join(root, 'base'), layers);
  process.chdir(root);
  for (const name of hidden) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, { HF_HUB_OFFLINE: '1', FIELDCRAFT_CACHE: join(root, 'cache'), HF_HOME: join(root, 'hf') });
  return {
    root,
    base,
    file(name, content) {
      const path = join(root, name);
      writeFileSync(path, content);
      return path;
    },
    close() {
      process.chdir(before);
      Object.assign(process.env, environment);
      rmSync(root, { recursive: true });
    },
  };
}

const nouns = 'cat dog court judge bank river tree engine paper window garden teacher letter market bridge road'.split(
  ' ',
);
const verbs = 'sees follows paints sells moves finds holds reads carries opens leaves counts'.split(' ');
const adjectives = 'red old quiet large broken early heavy strange narrow bright'.split(' ');
const names = 'Anna Bert Carla David Elena Frank Greta Hugo'.split(' ');

/** `count` different sentences; label `yes` where an adjective stands before the verb. */
export function sentences(count: number, seed = 1): { text: string; label: 'yes' | 'no' }[] {
  const rng = random(seed, 'sentences');
  const pick = (words: readonly string[]) => words[rng.integer(words.length)] as string;
  const seen = new Set<string>();
  while (seen.size < count) {
    const adjective = rng.integer(2) === 0 ? '' : `${pick(adjectives)} `;
    const end = Array.from({ length: 2 + rng.integer(4) }, () => pick(nouns)).join(' and the ');
    seen.add(`the ${adjective}${pick(nouns)} ${pick(verbs)} the ${end}`);
  }
  return [...seen].map((text) => ({
    text,
    label: adjectives.some((adjective) => text.startsWith(`the ${adjective} `)) ? 'yes' : 'no',
  }));
}

/** `the old cat sees the dog`: the first thing does something to the second one, unless an adjective stands before it. */
export const relatedRows = (count: number) =>
  sentences(count, 5).map(({ text, label }) => {
    const words = text.split(' ');
    const place = (word: number, type: string) => {
      const start = words.slice(0, word).join(' ').length + 1;
      return { start, end: start + (words[word] ?? '').length, label: type };
    };
    const [doer, thing] = label === 'yes' ? [2, 5] : [1, 4];
    const mentions = [place(doer, 'Doer'), place(thing, 'Thing')];
    return { text, mentions, relations: label === 'yes' ? [] : [{ head: 0, tail: 1, label: 'acts on' }] };
  });

export const asCsv = (rows: readonly { text: string; label: string }[]): string =>
  `text,label\n${rows.map(({ text, label }) => `"${text}",${label}\n`).join('')}`;

/** CoNLL lines: names are persons. */
export function conll(count: number, seed: number): string {
  const rng = random(seed, 'names');
  return sentences(count, seed)
    .map(({ text }) => {
      const name = names[rng.integer(names.length)] as string;
      const words = [...text.split(' ').map((word) => `${word} O`), 'for O', `${name} B-PER`];
      if (rng.integer(2) === 0) words.push(`${names[rng.integer(names.length)] as string} I-PER`);
      return `${words.join('\n')}\n`;
    })
    .join('\n');
}

function writeBase(folder: string, layers: number): string {
  const tokenizer = trainWordPiece(
    [...nouns, ...verbs, ...adjectives, ...names, 'the and for'].map((words) => `${words} ${words}`),
    { vocabularySize: 300 },
  );
  const config = readModelConfig({
    model_type: 'bert',
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 32,
    num_hidden_layers: layers,
    num_attention_heads: 2,
    intermediate_size: 64,
    max_position_embeddings: 64,
  });
  const task = {
    name: 'head',
    kind: 'classification' as const,
    labels: ['a', 'b'],
    mainMetric: 'macroF1',
    maxLength: 64,
    stride: 16,
    tuning: {},
  };
  mkdirSync(folder);
  saveHuggingFaceFolders(folder, createUntrainedModel({ config, tasks: [task], tokenizer, seed: 2 }));
  return join(folder, 'head');
}

export interface FinishedRun extends RunOutcome {
  readonly events: readonly RunEvent[];
}

interface RunSettings {
  verticalModule?: string;
  stopRequested?: () => boolean;
  onEvent?: (event: RunEvent) => void;
}

/** Runs in this thread, with one engine thread. */
export async function run(
  options: TrainOptionsInput,
  { verticalModule, stopRequested = () => false, onEvent }: RunSettings = {},
): Promise<FinishedRun> {
  const events: RunEvent[] = [];
  const request = { options: { threads: 1, ...options }, verticalModule };
  const outcome = await executeRun(request, {
    stopRequested,
    emit(event) {
      events.push(event);
      onEvent?.(event);
    },
  });
  return { ...outcome, events };
}

/** The error of a run that must fail. */
export async function refusal(attempt: Promise<unknown>): Promise<FieldcraftError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
