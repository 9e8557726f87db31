/** What attacks on a model came to, a line each, in `robustness/<task>.jsonl` of its folder: written as they end, so that a killed command goes on. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { constraintNames, recipeNames } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';

/** All that an attack depends on besides the text, the recipe and the set. */
const headSchema = z.strictObject({
  version: z.literal(1),
  /** SHA-256 of the model's weights, and of the data. */
  model: z.string(),
  data: z.string(),
  judge: z.string(),
  seed: z.int(),
  queries: z.int(),
});
export type AttackHead = z.output<typeof headSchema>;

const lineSchema = z.strictObject({
  id: z.string(),
  recipe: z.enum(recipeNames),
  set: z.enum(constraintNames),
  units: z.int(),
  before: z.int(),
  after: z.int(),
  queries: z.int(),
  words: z.int(),
  changed: z.int().optional(),
  similarity: z.number().optional(),
  edits: z.array(z.strictObject({ start: z.int(), end: z.int(), put: z.string() })).optional(),
  said: z.array(z.string()).optional(),
});
/** One attack: `edits` and what the model `said` then are those of a success. */
export type AttackLine = z.output<typeof lineSchema>;

export interface AttackFile {
  find(key: Pick<AttackLine, 'id' | 'recipe' | 'set'>): AttackLine | undefined;
  /** @throws FieldcraftError FC_DISK */
  append(line: AttackLine): void;
}

/** The largest file that is read, in bytes. */
const largest = 512_000_000;

const keyOf = ({ id, recipe, set }: Pick<AttackLine, 'id' | 'recipe' | 'set'>): string => `${recipe} ${set} ${id}`;

/**
 * Opens the file of a task. What stands in it is kept where it is of the same model, data, judge, seed and number of queries; else it begins anew. A
 * last line that a killed process had not finished is dropped.
 * @throws FieldcraftError FC_DISK
 */
export function openAttackFile(folder: string, task: string, head: AttackHead): AttackFile {
  const path = join(folder, 'robustness', `${task}.jsonl`);
  const known = new Map(readLines(path, head).map((line) => [keyOf(line), line]));
  writing(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, [head, ...known.values()].map((line) => `${JSON.stringify(line)}\n`).join(''));
  });
  return {
    find: (key) => known.get(keyOf(key)),
    append(line) {
      known.set(keyOf(line), line);
      writing(path, () => appendFileSync(path, `${JSON.stringify(line)}\n`));
    },
  };
}

function readLines(path: string, head: AttackHead): AttackLine[] {
  if (!existsSync(path) || statSync(path).size > largest) return [];
  const [first = '', ...lines] = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const own = headSchema.safeParse(parse(first));
  if (!own.success || JSON.stringify(own.data) !== JSON.stringify(head)) return [];
  return lines.flatMap((line) => lineSchema.safeParse(parse(line)).data ?? []);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function writing(where: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new FieldcraftError('FC_DISK', {
      what: 'the results of attacks could not be written',
      where,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'free some space, and start the command again: it goes on where it was',
      cause,
    });
  }
}
