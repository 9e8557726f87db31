/** Label Studio exports: JSON (tasks with annotations) and JSON-MIN (flat), with text labels or choices. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import type { EntitySpan } from '../examples.js';
import { suggestNames } from '../suggest.js';
import { checkTextSize, readTextFile } from '../text-file.js';
import { count, defineReader, type RawExample, type Tally } from './reader.js';
import { readEntities } from './records.js';

const region = z.object({
  start: z.number(),
  end: z.number(),
  text: z.string().optional(),
  labels: z.array(z.string()).optional(),
});
const result = z.object({
  value: z.union([region, z.object({ choices: z.array(z.string()) }), z.record(z.string(), z.unknown())]).optional(),
});
const annotation = z.object({ result: z.array(result).default([]), was_cancelled: z.boolean().optional() });
const task = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  data: z.record(z.string(), z.unknown()),
  annotations: z.array(annotation).optional(),
  completions: z.array(annotation).optional(),
});

export const labelStudio = defineReader({
  options: z.strictObject({
    text: z.string().default('text').describe('the name of the text in the task data'),
    label: z.string().default('label').describe('JSON-MIN only: the name of the labelling control'),
    group: z.string().optional().describe('the name of the document in the task data'),
  }),
  async *read({ files, kind, options, tally }) {
    for (const file of files) {
      for (const [i, item] of readJsonList(file.path, file.name).entries()) {
        const where = `${file.name}:task ${i + 1}`;
        const full = task.safeParse(item);
        const data = full.data?.data ?? z.record(z.string(), z.unknown()).parse(item);
        const text = data[options.text];
        if (typeof text !== 'string') {
          throw new FieldcraftError('FC_DATA', {
            what: `a task has no text "${options.text}"`,
            where,
            fix: suggestNames(options.text, Object.keys(data)),
          });
        }
        checkTextSize(text, where);
        const truth = full.success ? fromTask(full.data, tally) : fromFlat(data[options.label], where);
        if (truth === undefined) continue;
        const raw: RawExample = { where, text };
        if (kind === 'token-classification') raw.entities = checkRegions(truth.regions, text, where);
        else raw.labels = truth.choices;
        const group = options.group === undefined ? undefined : data[options.group];
        if (typeof group === 'string' || typeof group === 'number') raw.group = String(group);
        if (file.part !== undefined) raw.part = file.part;
        yield raw;
      }
    }
  },
});

interface Truth {
  regions: z.output<typeof region>[];
  choices: string[];
}

/** The first annotation that was not skipped; undefined where the task has none. */
function fromTask({ annotations, completions }: z.output<typeof task>, tally: Tally): Truth | undefined {
  const kept = (annotations ?? completions ?? []).filter((one) => one.was_cancelled !== true);
  const first = kept[0];
  if (first === undefined) {
    count(tally, 'tasks without a finished annotation (left out)');
    return undefined;
  }
  if (kept.length > 1) count(tally, 'tasks with several annotations (the first was taken)');
  const truth: Truth = { regions: [], choices: [] };
  for (const { value } of first.result) {
    const span = region.safeParse(value);
    const choice = z.object({ choices: z.array(z.string()) }).safeParse(value);
    if (span.success) truth.regions.push(span.data);
    else if (choice.success) for (const one of choice.data.choices) truth.choices.push(one);
  }
  return truth;
}

const flatValue = z.union([
  z.string().transform((choice): Truth => ({ regions: [], choices: [choice] })),
  z.object({ choices: z.array(z.string()) }).transform(({ choices }): Truth => ({ regions: [], choices })),
  z.array(z.string()).transform((choices): Truth => ({ regions: [], choices })),
  z.array(region).transform((regions): Truth => ({ regions, choices: [] })),
]);

function fromFlat(value: unknown, where: string): Truth {
  const parsed = flatValue.safeParse(value ?? []);
  if (parsed.success) return parsed.data;
  throw new FieldcraftError('FC_DATA', {
    what: 'a task is neither a Label Studio task nor a JSON-MIN row',
    where,
    expected: '{"data": {...}, "annotations": [...]}, or a flat row with choices or regions',
    fix: 'export as JSON or JSON-MIN, and name the labelling control if it is not "label"',
  });
}

/** Regions as entities. Label Studio counts UTF-16 units; the text that it keeps with each region proves it. */
function checkRegions(regions: Truth['regions'], text: string, where: string): EntitySpan[] {
  return regions.flatMap(({ start, end, text: kept, labels }) => {
    if (kept !== undefined && text.slice(start, end) !== kept) {
      throw new FieldcraftError('FC_DATA', {
        what: 'a region does not stand where it says',
        where,
        expected: JSON.stringify(kept),
        got: `${JSON.stringify(text.slice(start, end))} at ${start} to ${end}`,
        fix: 'was the text changed after it was labelled?',
      });
    }
    const spans = (labels ?? []).map((label) => ({ start, end, label }));
    return readEntities(spans, text, { unit: 'utf-16', column: 'annotations', where });
  });
}

/** A file that is one JSON list. @throws FieldcraftError FC_FILE_FORMAT */
export function readJsonList(path: string, name: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(path));
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a file is not JSON',
      where: name,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'for one object a line, name the file .jsonl',
      cause,
    });
  }
  if (Array.isArray(value)) return value as unknown[];
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: 'a JSON file is not a list',
    where: name,
    expected: '[{...}, ...]',
  });
}
