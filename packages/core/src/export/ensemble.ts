/**
 * An ensemble on disk, a folder: ensemble.json (whose models answer together, and the tasks with what was tuned for them together) and a model folder
 * for each member.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { coreVersion, FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { writeFolderAtomic } from './atomic-folder.js';
import { issuesOf, readJsonFile } from './json-file.js';
import { followLatest } from './latest.js';
import { largestModelFile, savedTaskSchema, type SavedTask } from './model-file.js';
import { loadModelFolder, modelFiles, taskOf, type LoadedModel, type TrainedModel } from './model-folder.js';

const ensembleFileName = 'ensemble.json';

const ensembleSchema = z.strictObject({
  version: z.literal(1),
  /** The program that wrote it. */
  createdBy: z.string(),
  /** Their folders, beside this file. */
  members: z
    .array(z.string().regex(/^[\w-]+$/, 'a name of letters, digits, hyphens and underscores'))
    .min(2)
    .max(20)
    .refine((names) => new Set(names).size === names.length, 'two members have one name'),
  tasks: z.array(savedTaskSchema).min(1),
});

export interface EnsembleMember {
  readonly name: string;
  readonly model: TrainedModel;
}

/**
 * Writes an ensemble, whole or not at all; a folder of that name is replaced. Of `members`, two at least, each is written before the next is asked for.
 * @param tasks with what was tuned on the answers of all members together.
 * @throws FieldcraftError FC_CONFIG for a single member, or one named twice; and as `saveModelFolder`
 */
export function saveEnsemble(
  folder: string,
  { tasks, members }: { tasks: readonly SavedTask[]; members: Iterable<EnsembleMember> },
): void {
  writeFolderAtomic(folder, (temporary) => {
    const names: string[] = [];
    for (const { name, model } of members) {
      names.push(name);
      mkdirSync(join(temporary, name));
      modelFiles(model)(join(temporary, name));
    }
    const content = { version: 1, createdBy: `fieldcraft ${coreVersion()}`, members: names, tasks };
    const checked = ensembleSchema.safeParse(content);
    if (!checked.success)
      throw new FieldcraftError('FC_CONFIG', { what: 'an ensemble cannot be saved', got: issuesOf(checked.error) });
    writeFileAtomic(join(temporary, ensembleFileName), `${JSON.stringify(checked.data, null, 2)}\n`);
  });
}

/** The folder of the ensemble that a path means; undefined where it means none. */
export function findEnsemble(path: string): string | undefined {
  const given = resolve(path);
  const folder = followLatest(given) ?? given;
  return existsSync(join(folder, ensembleFileName)) ? folder : undefined;
}

/**
 * The members of an ensemble, each with the ensemble's folder and tasks in place of its own: they differ in their weights alone.
 * @throws FieldcraftError FC_FILE_FORMAT for an ensemble.json that cannot be read; FC_CONFIG for a kind whose answers have no mean, and where
 * members do not answer the same tasks with the same labels; FC_ARCHITECTURE and FC_TOKENIZER where they are of another shape or read other tokens; and as `loadModelFolder`.
 */
export function openEnsemble(folder: string): LoadedModel[] {
  const where = join(folder, ensembleFileName);
  const file = { most: largestModelFile, what: 'an ensemble.json cannot be read' };
  const { members, tasks } = readJsonFile(where, ensembleSchema, file);
  const without = tasks.find((task) => taskOf(task).mix === undefined);
  if (without) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `answers of several models have no mean in tasks of the kind ${without.kind}`,
      where: `${without.name} of ${where}`,
      fix: 'ask one of the models',
    });
  }
  const models: LoadedModel[] = [];
  for (const name of members) {
    const model = loadModelFolder(join(folder, name));
    assertMember(model, tasks, models[0]);
    models.push({ ...model, folder, tasks });
  }
  return models;
}

const together = 'keep models together that were trained in one run: `fieldcraft train` with --seeds and --ensemble';

function assertMember(
  { folder, tasks, config, tokenizer }: LoadedModel,
  wanted: readonly SavedTask[],
  first: LoadedModel | undefined,
): void {
  for (const task of wanted) {
    const own = tasks.find(({ name }) => name === task.name);
    if (own && comparable(own) === comparable(task)) continue;
    throw new FieldcraftError('FC_CONFIG', {
      what: own
        ? 'a member of an ensemble answers a task in another way than the ensemble'
        : 'a member of an ensemble does not know one of its tasks',
      where: `${task.name} of ${folder}`,
      expected: inShort(task),
      got: own ? inShort(own) : `the tasks ${tasks.map(({ name }) => name).join(', ')}`,
      fix: together,
    });
  }
  if (first === undefined) return;
  if (tokenizer.hash !== first.tokenizer.hash) {
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'the members of an ensemble read texts by different tokenizers',
      where: folder,
      expected: first.tokenizer.hash,
      got: tokenizer.hash,
      fix: together,
    });
  }
  if (JSON.stringify(config) !== JSON.stringify(first.config)) {
    throw new FieldcraftError('FC_ARCHITECTURE', {
      what: 'the members of an ensemble have encoders of different shapes',
      where: folder,
      expected: JSON.stringify(first.config),
      got: JSON.stringify(config),
      fix: together,
    });
  }
}

/** All that decides how a task is read and answered, but for what was tuned. */
const comparable = ({ name, kind, labels, settings, maxLength, stride }: SavedTask): string =>
  JSON.stringify([name, kind, labels, settings, maxLength, stride]);

const inShort = ({ kind, labels, maxLength }: SavedTask): string =>
  `${kind}, windows of ${maxLength} tokens: ${labels.slice(0, 10).join(', ')}${labels.length > 10 ? ' …' : ''}`;
