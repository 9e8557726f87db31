/** What people said as a training set: JSON Lines of the form that Fieldcraft reads for the kind of task. */
import { FieldcraftError, unitsToCodePoints } from '@fieldcraft/core';
import { corrections, type Entry, type TaskKind } from './entry.js';
import type { FeedbackStore } from './store.js';

/** A question that was answered in different ways; the last answer counts. */
export interface Conflict {
  readonly text: string;
  /** In the order in which they were given. */
  readonly versions: readonly {
    readonly id: string;
    readonly created: string;
    readonly author?: string;
    readonly correction: unknown;
  }[];
}

export interface FeedbackExport {
  readonly kind: TaskKind;
  /** Each a line of the file. */
  readonly lines: readonly Record<string, unknown>[];
  /** Entries that say again what a later one says. */
  readonly repeated: number;
  readonly conflicts: readonly Conflict[];
  /** What whoever trains on it should know. */
  readonly notes: readonly string[];
}

/** All entries of a task. @throws FieldcraftError FC_BUSY while the database is away; FC_NOT_FOUND where there are none */
export async function exportFeedback(store: FeedbackStore, task: string): Promise<FeedbackExport> {
  const entries: Entry[] = [];
  for (let before: string | undefined, more = true; more; more = before !== undefined) {
    const page = await store.list({ task, limit: 1_000, before });
    entries.push(...page.items);
    before = page.next;
  }
  if (entries.length === 0)
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `there is no feedback of the task "${task}"`,
      fix: 'fieldcraft feedback list says what there is',
    });
  return trainingSet(entries.reverse());
}

/** Entries of one task, the oldest first, as examples: of one question the last answer. @throws FieldcraftError FC_DATA for tasks of several kinds */
export function trainingSet(entries: readonly Entry[]): FeedbackExport {
  const kind = entries.at(-1)?.kind ?? 'classification';
  if (entries.some((entry) => entry.kind !== kind)) {
    throw new FieldcraftError('FC_DATA', {
      what: 'the feedback of the task is of several kinds',
      got: [...new Set(entries.map((entry) => entry.kind))].join(', '),
      fix: 'delete what was said before the task changed its kind: fieldcraft feedback delete',
    });
  }
  const questions = new Map<string, Entry[]>();
  for (const entry of entries) {
    const same = questions.get(entry.hash);
    if (same) same.push(entry);
    else questions.set(entry.hash, [entry]);
  }
  const conflicts: Conflict[] = [];
  const last: Entry[] = [];
  for (const versions of questions.values()) {
    last.push(versions.at(-1)!);
    if (new Set(versions.map(truthOf)).size === 1) continue;
    conflicts.push({
      text: versions[0]!.input.text,
      versions: versions.map(({ id, created, author, correction }) => ({
        id,
        created,
        correction,
        ...(author === undefined ? {} : { author }),
      })),
    });
  }
  const sentences = kind === 'sequential-classification' ? inDocuments(last) : { entries: last, notes: [] };
  return {
    kind,
    lines: sentences.entries.map(lineOf),
    repeated: entries.length - last.length,
    conflicts,
    notes: sentences.notes,
  };
}

/** Equal for two answers that say the same, whatever their order. */
function truthOf({ correction }: Entry): string {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value) &&
    value.every((one) => typeof one === 'string' || (typeof one === 'object' && one !== null && 'start' in one))
      ? value.map((one) => JSON.stringify(one)).sort()
      : value;
  // Relations count entities by their order: with them the order stays.
  const entries = Object.entries(correction);
  const ordered = 'relations' in correction ? entries : entries.map(([key, value]) => [key, sorted(value)] as const);
  return JSON.stringify(ordered.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Sentences in the order of their documents; those whose neighbours nobody answered for know fewer of them. */
function inDocuments(entries: readonly Entry[]): { entries: Entry[]; notes: string[] } {
  const placed = entries.filter(({ input }) => input.group !== undefined && input.position !== undefined);
  const key = ({ input }: Entry): string => input.group ?? '';
  placed.sort((a, b) =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : (a.input.position ?? 0) - (b.input.position ?? 0),
  );
  const documents = new Map<string, number[]>();
  for (const entry of placed) {
    const positions = documents.get(key(entry));
    if (positions) positions.push(entry.input.position ?? 0);
    else documents.set(key(entry), [entry.input.position ?? 0]);
  }
  const gaps = [...documents.values()].filter((positions) => positions.some((position, i) => position !== i)).length;
  const notes = [
    ...(placed.length < entries.length
      ? [
          `${entries.length - placed.length} sentences were left out: it is not known where in which document they stand`,
        ]
      : []),
    ...(gaps > 0
      ? [`${gaps} documents have sentences that nobody answered for: their neighbours are not all there`]
      : []),
    'the column "group" names the document: --group-column group',
  ];
  return { entries: placed, notes };
}

/** Places in code points, as files count them. */
function lineOf({ id, created, kind, input, correction }: Entry): Record<string, unknown> {
  const { text, second, context, choices, group } = input;
  const spans = <S extends { start: number; end: number }>(list: readonly S[]): S[] => {
    const points = unitsToCodePoints(
      text,
      list.flatMap(({ start, end }) => [start, end]),
    );
    return list.map((one, i) => ({ ...one, start: points[2 * i]!, end: points[2 * i + 1]! }));
  };
  const base = {
    id,
    date: created,
    ...(group === undefined ? {} : { group }),
    text,
    ...(second === undefined ? {} : { second }),
    ...(context === undefined ? {} : { context }),
    ...(choices === undefined ? {} : { choices }),
  };
  switch (kind) {
    case 'token-classification':
      return { ...base, entities: spans(corrections[kind].parse(correction).entities) };
    case 'slot-filling': {
      const { intents, entities } = corrections[kind].parse(correction);
      return { ...base, intents, entities: spans(entities) };
    }
    case 'relation-extraction':
    case 'joint-extraction': {
      const { entities, relations } = corrections[kind].parse(correction);
      return { ...base, mentions: spans(entities), relations };
    }
    case 'span-selection': {
      const { answers } = corrections[kind].parse(correction);
      const words = answers.map(({ start, end }) => text.slice(start, end));
      return { ...base, answers: spans(answers).map(({ start }, i) => ({ text: words[i]!, start })) };
    }
    case 'multiple-choice':
      return { ...base, answer: choices?.[corrections[kind].parse(correction).choice] };
    case 'retrieval':
      return { ...base, second: corrections[kind].parse(correction).document };
    default:
      return { ...base, ...correction };
  }
}
