/** What a person says of a prediction: checked against the kind of its task before it is kept. */
import { randomUUID } from 'node:crypto';
import { FieldcraftError, sha256, type PredictableTask } from '@fieldcraft/core';
import { z } from 'zod';

const words = (most: number) => z.string().max(most);
const span = z.object({ start: z.int().min(0), end: z.int().min(1) });
const labelled = span.extend({ label: words(300) });
const related = z.object({ head: z.int().min(0), tail: z.int().min(0), label: words(300) });

/** What is right, by the kind of task. Other fields, such as confidences, are left out. */
export const corrections = {
  classification: z.object({ label: words(300) }),
  'pair-classification': z.object({ label: words(300) }),
  'sequential-classification': z.object({ label: words(300) }),
  'multi-label': z.object({ labels: z.array(words(300)).max(1_000) }),
  'token-classification': z.object({ entities: z.array(labelled).max(20_000) }),
  'slot-filling': z.object({ intents: z.array(words(300)).max(100), entities: z.array(labelled).max(20_000) }),
  'relation-extraction': z.object({ entities: z.array(labelled).max(20_000), relations: z.array(related).max(20_000) }),
  'joint-extraction': z.object({ entities: z.array(labelled).max(20_000), relations: z.array(related).max(20_000) }),
  'span-selection': z.object({ answers: z.array(span).max(100) }),
  'multiple-choice': z.object({ choice: z.int().min(0) }),
  regression: z.object({ value: z.number() }),
  similarity: z.object({ value: z.number() }),
  retrieval: z.object({ document: words(1_000_000) }),
  'code-assignment': z.object({ codes: z.array(words(100)).max(1_000) }),
} satisfies Record<PredictableTask['kind'], z.ZodType>;

export type TaskKind = keyof typeof corrections;
const taskKinds = Object.keys(corrections) as [TaskKind, ...TaskKind[]];

const inputShape = {
  text: words(1_000_000).min(1),
  second: words(1_000_000).exactOptional().describe('the other text of a pair; of a text that is asked, the question'),
  context: words(1_000_000).exactOptional(),
  choices: z.array(words(10_000)).max(100).exactOptional(),
};

/** Whether PostgreSQL can hold it: no string in it has U+0000, or half of a surrogate pair. As JSON, both are escapes. */
export const canBeKept = (value: unknown): boolean =>
  !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/.test(JSON.stringify(value));

/** The body of a request. */
export const feedbackBodySchema = z.strictObject({
  task: words(200).min(1),
  ...inputShape,
  group: words(300).exactOptional().describe('the document that the text was cut from'),
  position: z.int().min(0).exactOptional().describe('of sentences: which of their document, from 0'),
  prediction: z.unknown().optional().describe('what the model said'),
  correction: z.record(z.string(), z.unknown()).describe('what is right, by the kind of task'),
  note: words(10_000).exactOptional(),
  model: words(300).exactOptional().describe('id of the model; by default the one that is served'),
});

/** One thing a person said, as it is kept. */
export const entrySchema = z.object({
  id: z.uuid(),
  created: z.iso.datetime(),
  task: z.string(),
  kind: z.enum(taskKinds),
  input: z.object({ ...inputShape, group: z.string().exactOptional(), position: z.int().exactOptional() }),
  /** SHA-256 of what a model reads, after redaction: equal for equal questions. */
  hash: z.string(),
  prediction: z.unknown(),
  correction: z.record(z.string(), z.unknown()),
  note: z.string().exactOptional(),
  model: z.string(),
  version: z.string(),
  author: z.string().exactOptional(),
});
export type Entry = z.output<typeof entrySchema>;

export interface EntryContext {
  tasks: readonly Pick<PredictableTask, 'name' | 'kind' | 'labels'>[];
  /** Id of the model that is served. */
  model: string;
  /** Of the application. */
  version: string;
  author?: string | undefined;
}

/** @throws FieldcraftError FC_NOT_FOUND for a task that the model has not; FC_DATA for a correction that does not fit its kind or its text */
export function makeEntry(body: z.output<typeof feedbackBodySchema>, context: EntryContext): Entry {
  const { task: name, prediction, correction: given, note, model, group, position, ...read } = body;
  const task = context.tasks.find((one) => one.name === name);
  if (task === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `the model has no task "${name}"`,
      expected: context.tasks.map((one) => one.name).join(', '),
    });
  }
  if (!canBeKept(body)) throw unfit(task.kind, 'the character U+0000, or half of a surrogate pair');
  const checked = corrections[task.kind].safeParse(given);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw unfit(task.kind, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const correction: Places = checked.data;
  checkPlaces(task.kind, correction, body);
  checkLabels(task, correction);
  const input = { ...read, ...(group === undefined ? {} : { group }), ...(position === undefined ? {} : { position }) };
  return {
    id: randomUUID(),
    created: new Date().toISOString(),
    task: name,
    kind: task.kind,
    input,
    hash: hashOf(input),
    prediction: prediction ?? null,
    correction: { ...correction },
    ...(note === undefined ? {} : { note }),
    model: model ?? context.model,
    version: context.version,
    ...(context.author === undefined ? {} : { author: context.author }),
  };
}

export const hashOf = ({ text, second, context, choices, group, position }: Entry['input']): string =>
  sha256(
    JSON.stringify([
      text,
      second ?? null,
      context ?? null,
      choices ?? null,
      // A sentence may stand twice in a document, and in another with another role.
      position === undefined ? null : [group, position],
    ]),
  );

const unfit = (kind: string, got: string): FieldcraftError =>
  new FieldcraftError('FC_DATA', { what: `what is said does not fit a task of the kind ${kind}`, got });

/** Fields of corrections that point at something, or name labels. */
interface Places {
  readonly [field: string]: unknown;
  label?: string;
  labels?: readonly string[];
  entities?: readonly z.output<typeof labelled>[];
  answers?: readonly z.output<typeof span>[];
  relations?: readonly z.output<typeof related>[];
  choice?: number;
}

function checkPlaces(kind: TaskKind, correction: Places, { text, second, choices }: Entry['input']): void {
  for (const { start, end } of [...(correction.entities ?? []), ...(correction.answers ?? [])])
    if (start >= end || end > text.length)
      throw unfit(kind, `${start} to ${end} in a text of ${text.length} UTF-16 units`);
  const count = correction.entities?.length ?? 0;
  for (const { head, tail } of correction.relations ?? [])
    if (head === tail || head >= count || tail >= count)
      throw unfit(kind, `a relation of ${head} and ${tail} of ${count} entities`);
  if (correction.choice !== undefined && correction.choice >= (choices?.length ?? 0))
    throw unfit(kind, `choice ${correction.choice} of ${choices?.length ?? 0}`);
  if (['pair-classification', 'similarity', 'span-selection'].includes(kind) && second === undefined)
    throw unfit(kind, 'no second text');
}

/** Labels that the head knows: another would make the next training set one for another head. Codes are open. */
function checkLabels({ kind, labels }: EntryContext['tasks'][number], correction: Places): void {
  if (kind === 'code-assignment' || labels.length === 0) return;
  const { label, labels: several = [], relations = [], entities = [] } = correction;
  const said = [...(label === undefined ? [] : [label]), ...several, ...relations.map((one) => one.label)];
  if (kind === 'token-classification') said.push(...entities.map((one) => one.label));
  const known = new Set(labels);
  const strange = said.find((one) => !known.has(one));
  if (strange !== undefined)
    throw unfit(kind, `the label ${JSON.stringify(strange)}, which is none of ${labels.slice(0, 30).join(', ')}`);
}
