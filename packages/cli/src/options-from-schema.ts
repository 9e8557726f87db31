/** Command-line options derived from a zod schema, so that flags, checks, defaults and help never drift from what core takes. */
import { nearestNames } from '@fieldcraft/core';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

/** What help and parsing need of a field, as JSON Schema says it. */
const fieldSchema = z.object({
  type: z.enum(['string', 'number', 'integer', 'boolean', 'array']),
  description: z.string().optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  items: z.object({ enum: z.array(z.string()).optional() }).optional(),
});
type Field = z.output<typeof fieldSchema>;

export interface DeriveOptions {
  /** Heading in the help under which the options stand. */
  readonly group: string;
  /** Fields that are given in another way. */
  readonly omit?: readonly string[];
}

/**
 * One option a field: `batchSize` becomes `--batch-size <number>`, a boolean a flag, a list takes commas and repetition. A value is checked by
 * its field, but not replaced: core fills in defaults, and can tell what was given from what was not.
 */
export function optionsFromSchema(schema: z.ZodObject, { group, omit = [] }: DeriveOptions): Option[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(schema.shape)
    .filter(([name]) => !omit.includes(name))
    .flatMap(([name, check]) => optionsOf(name, fieldSchema.parse(properties[name]), check as z.ZodType))
    .map((option) => option.helpGroup(group));
}

/** What was given of a schema's fields; never undefined. */
export type Given<T extends z.ZodObject> = { [K in keyof z.input<T>]?: Exclude<z.input<T>[K], undefined> };

/** The values of a schema's fields among a command's parsed options. */
export function pickFields<T extends z.ZodObject>(schema: T, values: Readonly<Record<string, unknown>>): Given<T> {
  const given = Object.keys(schema.shape).filter((name) => values[name] !== undefined);
  // Each was checked by its own field when it was parsed.
  return Object.fromEntries(given.map((name) => [name, values[name]])) as Given<T>;
}

/** `batchSize` -> `batch-size` */
export const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function optionsOf(name: string, field: Field, check: z.ZodType): Option[] {
  const flag = `--${kebabCase(name)}`;
  const description = describe(field);
  // The form that switches a flag off is for configurations, which may hold `resume: false`.
  if (field.type === 'boolean')
    return [new Option(flag, description), new Option(flag.replace('--', '--no-')).hideHelp()];
  const option = new Option(`${flag} <${placeholder(field)}>`, description);
  return [option.argParser((text: string, before: unknown) => checked(read(text, field, before), field, check))];
}

function describe(field: Field): string {
  const choices = field.enum ?? field.items?.enum;
  const named = choices?.every((choice) => field.description?.includes(choice) === true) === true;
  const notes = [
    choices === undefined || named ? undefined : choices.join(', '),
    field.type === 'boolean' || field.default === undefined || Array.isArray(field.default)
      ? undefined
      : `default: ${field.default}`,
  ].filter((note) => note !== undefined);
  return [field.description, notes.length === 0 ? undefined : `(${notes.join('; ')})`].filter(Boolean).join(' ');
}

function placeholder(field: Field): string {
  if (field.type === 'integer' || field.type === 'number') return 'number';
  if (field.type === 'array') return 'list';
  return field.enum === undefined ? 'value' : 'choice';
}

function read(text: string, { type }: Field, before: unknown): unknown {
  if (type === 'integer' || type === 'number') {
    if (text.trim() === '' || Number.isNaN(Number(text))) throw new InvalidArgumentError('It is not a number.');
    return Number(text);
  }
  if (type !== 'array') return text;
  const parts = text.split(',').map((part) => part.trim());
  return [...(Array.isArray(before) ? (before as unknown[]) : []), ...parts.filter((part) => part !== '')];
}

function checked(value: unknown, field: Field, check: z.ZodType): unknown {
  const result = check.safeParse(value);
  if (result.success) return value;
  const choices = field.enum ?? field.items?.enum;
  if (choices === undefined) throw new InvalidArgumentError(`${result.error.issues[0]?.message ?? 'It is not valid'}.`);
  const wrong = (Array.isArray(value) ? (value as unknown[]) : [value]).map(String).find((v) => !choices.includes(v));
  const near = nearestNames(wrong ?? '', choices)[0];
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new InvalidArgumentError(`It is none of ${choices.join(', ')}.${hint}`);
}
