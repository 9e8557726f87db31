/** Advice before a training: looks at the data of a vertical or of one's own files, and says how it would train, and why. */
import { z } from 'zod';
import type { DomainStage } from '../tasks/index.js';
import { openBase, preferredBases } from './base.js';
import { cardsFolder } from './card-places.js';
import type { RunEvent } from './events.js';
import { isCorpusHere, openGeneralText } from './general-text.js';
import { measureTask, type TaskMeasures } from './measure-task.js';
import { fileOptionsSchema, runOptionsSchema, type TrainOptionsInput } from './options.js';
import { recipeFor, type RecipeContext, type RecipeLine } from './recipe.js';
import { regimeOf, type RegimeOf } from './regimes.js';
import { windowOf } from './run-rounds.js';
import { parseOptions } from './saved-config.js';
import { loadSources, loadVertical } from './sources.js';

/** What `advise` takes for a vertical, besides its name. */
export const adviseRunSchema = z.strictObject({
  ...runOptionsSchema.pick({ base: true, tasks: true, maxLength: true, licence: true }).shape,
  general: z
    .string()
    .optional()
    .describe('General text to compare with: a corpus, or a path of your own. Default: a general corpus that is here'),
});

/** All that `advise` takes. `vertical` and the file options exclude one another. */
export const adviseOptionsSchema = z.strictObject({
  vertical: z.string().optional(),
  ...fileOptionsSchema.partial().shape,
  ...adviseRunSchema.shape,
});
export type AdviseOptions = z.input<typeof adviseOptionsSchema>;

export interface AdviseRequest {
  readonly options: AdviseOptions;
  /** File URL of the vertical's module, for a vertical. */
  readonly verticalModule?: string | undefined;
}

export interface Advice {
  /** `scratch` where no pretrained encoder can be reached. */
  readonly base: string;
  /** The general text that languages were compared with; null where none is on this machine. */
  readonly general: string | null;
  readonly tasks: readonly TaskAdvice[];
  /** One command for all tasks, where there are several; `left` names what they do not agree on. */
  readonly together?: { readonly command: string; readonly left: readonly string[] };
}

export interface TaskAdvice extends RegimeOf {
  readonly measures: TaskMeasures;
  readonly recipe: readonly RecipeLine[];
  /** What the recipe's lines come to. */
  readonly command: string;
}

/** Samples are drawn with it: the same data is advised the same. */
const seed = 1;

/**
 * Nothing is trained or written. Data that is not on this machine is fetched as training would.
 * @throws FieldcraftError as a run for options, data, or a base that cannot be had; FC_NOT_FOUND for general text that was asked for
 */
export async function advise(
  { options: given, verticalModule }: AdviseRequest,
  emit: (event: RunEvent) => void,
): Promise<Advice> {
  const { general: wanted, ...asked } = given;
  const options = parseOptions(asked);
  const source = verticalModule === undefined ? undefined : await loadVertical(verticalModule);
  const cards = cardsFolder();
  const sources = await loadSources(options, source, { cards, emit });
  const preferred = preferredBases(source);
  emit({ kind: 'phase', phase: 'opening the tokenizer of the base' });
  const base = await openBase({ options, preferred, datasets: sources.map(({ dataset }) => dataset), emit });
  emit({ kind: 'phase', phase: 'reading general text' });
  const general = await openGeneralText(wanted, { cards, seed });
  const pretrained = base.source !== 'scratch';
  const context: RecipeContext = {
    base: pretrained ? { id: base.id, positions: base.config.max_position_embeddings } : undefined,
    fieldBase: source?.vertical.bases.find(({ name }) => name === preferred.fieldBase),
    domainStage: source?.vertical.curriculum.find(
      (stage): stage is DomainStage =>
        stage.kind === 'domain' && stage.corpora.every((name) => isCorpusHere(name, cards)),
    ),
  };
  const tasks: TaskAdvice[] = [];
  for (const task of sources) {
    emit({ kind: 'phase', phase: `measuring ${task.name}` });
    const measures = await measureTask(task, {
      ...{ tokenizer: base.tokenizer, pretrained, window: windowOf(task, options, base), general, seed },
    });
    const recipe = recipeFor(measures, context);
    const command = commandOf(given, takenOptions(recipe), [task.name]);
    tasks.push({ ...regimeOf(measures), measures, recipe, command });
  }
  return {
    base: base.id,
    general: general?.name ?? null,
    tasks,
    ...(tasks.length > 1 ? { together: commandOfAll(given, tasks) } : {}),
  };
}

/** What the lines of a recipe that are taken are given to `train`. */
const takenOptions = (recipe: readonly RecipeLine[]): TrainOptionsInput =>
  Object.assign({}, ...recipe.filter(({ taken }) => taken).map(({ options }) => options)) as TrainOptionsInput;

/** Seeds are those of the task that needs the most; of everything else, what all tasks agree on. */
function commandOfAll(given: AdviseOptions, tasks: readonly TaskAdvice[]): NonNullable<Advice['together']> {
  const all = tasks.map(({ recipe }): Record<string, unknown> => takenOptions(recipe));
  const names = [...new Set(all.flatMap(Object.keys))].filter((name) => name !== 'seeds');
  const agreed = names.filter((name) =>
    all.every((one) => JSON.stringify(one[name]) === JSON.stringify(all[0]?.[name])),
  );
  const seeds = Math.max(...tasks.map(({ recipe }) => takenOptions(recipe).seeds ?? 1));
  const options = {
    ...Object.fromEntries(agreed.map((name) => [name, all[0]?.[name]])),
    ...(seeds > 1 ? { seeds } : {}),
  };
  const left = names.filter((name) => !agreed.includes(name)).map(flagOf);
  return { command: commandOf(given, options, given.tasks), left };
}

const flagOf = (option: string): string => `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The command of a training as a shell takes it; what was asked for of the advice goes before what is advised. */
function commandOf(given: AdviseOptions, advised: TrainOptionsInput, tasks: readonly string[] | undefined): string {
  const { vertical, general: _, tasks: __, ...rest } = given;
  const options = { ...advised, ...rest, ...(vertical === undefined || tasks === undefined ? {} : { tasks }) };
  return [
    vertical === undefined ? 'npx --no-install fieldcraft train' : `npx nx train ${vertical}`,
    ...flagsOf(options).map(quote),
  ].join(' ');
}

/** Options as the arguments of a command, not quoted. */
export const flagsOf = (options: object): string[] =>
  Object.entries(options as Record<string, TrainOptionsInput[keyof TrainOptionsInput]>).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (typeof value === 'boolean') return [value ? flagOf(name) : flagOf(name).replace('--', '--no-')];
    return [flagOf(name), Array.isArray(value) ? value.join(',') : String(value)];
  });

const quote = (text: string): string => (/^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
