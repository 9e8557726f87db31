/** False alarms: what a multi-label model claims about paragraphs of running documents, most of which bear no label at all. */
import { z } from 'zod';
import { readPassages, readTextFile, type MultiLabelExample } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { MultiLabelPrediction } from './task.js';

const setSchema = z
  .strictObject({
    /** The dataset whose files the paragraphs are in. */
    dataset: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a kebab-case name'),
    /** The labels that each paragraph was read for. */
    kinds: z.array(z.string().min(1)).min(1),
    /** How the paragraphs were drawn and labelled. */
    rule: z.string().min(1),
    /** Their places, never their words: UTF-16 indices, `end` exclusive; the hash is of the words as UTF-8. */
    paragraphs: z
      .array(
        z.strictObject({
          file: z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]+$/, 'a path inside the dataset'),
          start: z.int().nonnegative(),
          end: z.int().positive(),
          sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal'),
          labels: z.array(z.string()),
        }),
      )
      .min(1)
      .max(100_000),
  })
  .refine(({ kinds, paragraphs }) => paragraphs.every(({ labels }) => labels.every((label) => kinds.includes(label))), {
    path: ['paragraphs'],
    message: 'a paragraph bears a label that is not among the kinds',
  });

/** Labelled paragraphs of a dataset that may not be copied. */
export type FalseAlarmSet = z.output<typeof setSchema>;

/** Reads a committed list of labelled paragraphs. @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT */
export function readFalseAlarmSet(path: string): FalseAlarmSet {
  const text = readTextFile(path);
  const invalid = (got: string) =>
    new FieldcraftError('FC_FILE_FORMAT', { what: 'a list of labelled paragraphs is not valid', where: path, got });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = setSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

/**
 * The paragraphs with their words, out of the dataset's folder. Labels that the task does not have are left out, and labels of the task
 * that nobody looked for are masked.
 * @throws FieldcraftError FC_CHECKSUM where the words are not those that were labelled; FC_NOT_FOUND
 */
export function loadFalseAlarmSet(
  { kinds, paragraphs }: FalseAlarmSet,
  { folder, labels }: { folder: string; labels: readonly string[] },
): MultiLabelExample[] {
  const masked = labels.filter((label) => !kinds.includes(label));
  return readPassages(paragraphs, folder).map((example) => ({
    ...example,
    labels: example.labels.filter((label) => labels.includes(label)),
    ...(masked.length === 0 ? {} : { masked }),
  }));
}

export interface FalseAlarms {
  paragraphs: number;
  /** Paragraphs for which at least one label was predicted that they do not bear. */
  alarmed: number;
  /** alarmed / paragraphs */
  rate: number;
  /** False labels of all paragraphs together. */
  falseLabels: number;
  /** True labels, and how many of them were predicted. */
  trueLabels: number;
  found: number;
  /** Labels that were falsely predicted, the most frequent first. */
  perLabel: { label: string; count: number }[];
}

/** Counts false alarms; masked labels are none. */
export function countFalseAlarms(
  examples: readonly MultiLabelExample[],
  predictions: readonly Pick<MultiLabelPrediction, 'labels'>[],
): FalseAlarms {
  const counts = new Map<string, number>();
  let [alarmed, trueLabels, found] = [0, 0, 0];
  for (const [i, { labels, masked = [] }] of examples.entries()) {
    const predicted = predictions[i]?.labels ?? [];
    const wrong = predicted.filter((label) => !labels.includes(label) && !masked.includes(label));
    if (wrong.length > 0) alarmed += 1;
    for (const label of wrong) counts.set(label, (counts.get(label) ?? 0) + 1);
    trueLabels += labels.length;
    found += labels.filter((label) => predicted.includes(label)).length;
  }
  const perLabel = [...counts].map(([label, count]) => ({ label, count })).sort((a, b) => b.count - a.count);
  return {
    paragraphs: examples.length,
    alarmed,
    rate: examples.length === 0 ? 0 : alarmed / examples.length,
    falseLabels: perLabel.reduce((sum, { count }) => sum + count, 0),
    trueLabels,
    found,
    perLabel,
  };
}
