/** What a vertical declares: its tasks, the data each learns from, and the encoders it may start from. Plain data, checked and frozen. */
import { z } from 'zod';
import type { TaskKind } from '../data/index.js';
import { rewordingSchema } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { adversarialSchema, type AdversarialMethod, type AdversarialOf } from './adversarial-settings.js';
import { stageSchema } from './curriculum.js';
import { kebabCase, taskSchema, type TaskDefinition } from './task-definition.js';

type Declared<K extends TaskKind> = Omit<Extract<z.input<typeof taskSchema>, { kind: K }>, 'kind'>;

/** One label a text. @throws FieldcraftError FC_CONFIG, as all below */
export const classification = (options: Declared<'classification'>): TaskDefinition<'classification'> =>
  define('classification', options);

/** One label a pair of texts. */
export const pairClassification = (options: Declared<'pair-classification'>): TaskDefinition<'pair-classification'> =>
  define('pair-classification', options);

/** One label a sentence of a document, read with its neighbours. */
export const sequentialClassification = (
  options: Declared<'sequential-classification'>,
): TaskDefinition<'sequential-classification'> => define('sequential-classification', options);

/** Any number of labels a text. */
export const multiLabel = (options: Declared<'multi-label'>): TaskDefinition<'multi-label'> =>
  define('multi-label', options);

/** Labelled stretches of text. */
export const tokenClassification = (
  options: Declared<'token-classification'>,
): TaskDefinition<'token-classification'> => define('token-classification', options);

/** A number a text, or a pair of texts. */
export const regression = (options: Declared<'regression'>): TaskDefinition<'regression'> =>
  define('regression', options);

/** How alike two texts are, by their vectors. */
export const similarity = (options: Declared<'similarity'>): TaskDefinition<'similarity'> =>
  define('similarity', options);

/** The documents that a query should find, by their vectors. */
export const retrieval = (options: Declared<'retrieval'>): TaskDefinition<'retrieval'> => define('retrieval', options);

/** One of the choices of a question. */
export const multipleChoice = (options: Declared<'multiple-choice'>): TaskDefinition<'multiple-choice'> =>
  define('multiple-choice', options);

/** Directed relations between the entities of a text. */
export const relationExtraction = (options: Declared<'relation-extraction'>): TaskDefinition<'relation-extraction'> =>
  define('relation-extraction', options);

/** What a text asks for, and the stretches of it that say the particulars. */
export const slotFilling = (options: Declared<'slot-filling'>): TaskDefinition<'slot-filling'> =>
  define('slot-filling', options);

/** The entities of a text and the directed relations between them. */
export const jointExtraction = (options: Declared<'joint-extraction'>): TaskDefinition<'joint-extraction'> =>
  define('joint-extraction', options);

/** Any of very many codes a document, by the segments that it is read in and by the titles of codes. */
export const codeAssignment = (options: Declared<'code-assignment'>): TaskDefinition<'code-assignment'> =>
  define('code-assignment', options);

/** The stretch of a text that answers a question about it. */
export const spanSelection = (options: Declared<'span-selection'>): TaskDefinition<'span-selection'> =>
  define('span-selection', options);

const define = <K extends TaskKind>(kind: K, options: Declared<K>): TaskDefinition<K> =>
  parse(taskSchema, { ...options, kind }, `a task of kind ${kind}`) as TaskDefinition<K>;

type Hardened<M extends AdversarialMethod> = Omit<Extract<z.input<typeof adversarialSchema>, { method: M }>, 'method'>;

const hardened = <M extends AdversarialMethod>(method: M, settings: Hardened<M>): AdversarialOf<M> =>
  parse(adversarialSchema, { ...settings, method }, `adversarial training by ${method}`) as AdversarialOf<M>;

/** Adversarial training by the fast gradient method. Settings that are left out are the papers': see `adversarialSchema`. */
export const fgm = (settings: Hardened<'fgm'> = {}): AdversarialOf<'fgm'> => hardened('fgm', settings);
/** By projected gradient steps. */
export const pgd = (settings: Hardened<'pgd'> = {}): AdversarialOf<'pgd'> => hardened('pgd', settings);
/** By all steps of a projected ascent at once. */
export const freelb = (settings: Hardened<'freelb'> = {}): AdversarialOf<'freelb'> => hardened('freelb', settings);
/** By smoothness and a proximal point. */
export const smart = (settings: Hardened<'smart'> = {}): AdversarialOf<'smart'> => hardened('smart', settings);
/** By noise. */
export const r3f = (settings: Hardened<'r3f'> = {}): AdversarialOf<'r3f'> => hardened('r3f', settings);
/** By virtual adversarial directions, which need no label. */
export const vat = (settings: Hardened<'vat'> = {}): AdversarialOf<'vat'> => hardened('vat', settings);

const verticalSchema = z
  .strictObject({
    name: kebabCase,
    /** What the heading of a page says. */
    title: z.string().min(1),
    /** The encoder that training starts from unless told otherwise: a hub id. */
    base: z.string().min(1),
    /** Encoders that suit the field, the default among them, with their licences. */
    bases: z
      .array(
        z.strictObject({ name: z.string().min(1), licence: z.string().min(1), note: z.string().min(1).optional() }),
      )
      .min(1),
    /** How its tasks are hardened against small changes of their texts, unless a run says otherwise: `freelb({ radius: 0.6 })`. Default not. */
    adversarial: adversarialSchema.optional(),
    /** The one among them that is recommended for the field: what `--base field` takes. */
    fieldBase: z.string().min(1).optional(),
    /** What of its texts may be worded otherwise without another answer: `fieldcraft attack` tries whether a model knows. */
    rewordings: z.array(rewordingSchema).max(50).readonly().optional(),
    /** What the encoder goes through before the tasks are learnt, in this order. Default: nothing. */
    curriculum: z
      .array(stageSchema)
      .refine((stages) => new Set(stages.map(({ name }) => name)).size === stages.length, 'names that differ')
      .default([]),
    /** What a bundle must pass to be released: `fieldcraft gate`. Those of single scores stand with the tasks. */
    gates: z
      .strictObject({
        /** The simple methods that the main score of each task must reach, where they were measured. */
        beats: z.array(z.string().min(1)).readonly().default(['majority']),
        /** The most that confidence and truth may lie apart in the mean (ECE). */
        calibrationError: z.number().min(0).max(1).default(0.15),
        /** The most of right answers that attacks may make wrong, where attacks were tried. Default: any. */
        attackSuccess: z.number().min(0).max(1).optional(),
        /** How much lower than that of the bundle in use the main score of a task may be. */
        regression: z.number().min(0).max(1).default(0.01),
      })
      .prefault({}),
    tasks: z
      .record(kebabCase, taskSchema)
      .refine((tasks) => Object.keys(tasks).length > 0, 'a vertical has at least one task'),
  })
  .refine(({ base, bases }) => bases.some(({ name }) => name === base), {
    path: ['bases'],
    message: 'the default base is not among them, so that nothing states its licence',
  })
  .refine(({ fieldBase, bases }) => fieldBase === undefined || bases.some(({ name }) => name === fieldBase), {
    path: ['fieldBase'],
    message: 'the base recommended for the field is not among bases, so that nothing states its licence',
  })
  .superRefine(({ tasks, rewordings = [] }, { addIssue }) => {
    for (const { name, notFor = [] } of rewordings)
      for (const task of notFor.filter((task) => !Object.hasOwn(tasks, task)))
        addIssue({ code: 'custom', path: ['rewordings', name], message: `${task} is no task of the vertical` });
    for (const [name, task] of Object.entries(tasks)) {
      if (task.kind !== 'relation-extraction' || task.entitiesFrom === undefined) continue;
      const kind = Object.hasOwn(tasks, task.entitiesFrom) ? tasks[task.entitiesFrom]?.kind : undefined;
      if (kind === 'token-classification' || kind === 'joint-extraction') continue;
      addIssue({
        ...{ code: 'custom', path: ['tasks', name, 'entitiesFrom'] },
        message: `${task.entitiesFrom} is no task of the vertical that finds entities`,
      });
    }
  });

/** A vertical as its package declares it. */
export type Vertical = Readonly<z.output<typeof verticalSchema>>;

/**
 * Checks a vertical and freezes it, every level.
 * @throws FieldcraftError FC_CONFIG naming each field that does not fit.
 */
export const defineVertical = (declaration: z.input<typeof verticalSchema>): Vertical =>
  parse(verticalSchema, declaration, `vertical ${declaration.name}`);

function parse<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return freezeDeeply(parsed.data);
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  throw new FieldcraftError('FC_CONFIG', { what: 'a definition is not valid', where, got: issues.join('; ') });
}

function freezeDeeply<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(freezeDeeply);
  return Object.freeze(value);
}
