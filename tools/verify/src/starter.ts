/**
 * `npm run verify -- starter`: the encoder that comes with Fieldcraft is whole, is what its card says, and loads with every weight in place; the heads of
 * fields that come with it fit it, and predict; with --train all fields are trained on it.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBundle } from '@fieldcraft/core';
import { checkpoint, foundation, models, text, training } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { createChecks, type Checks } from './checks.js';
import { fields } from './own-workspace.js';
import { checkSamples } from './starter/samples.js';

export const starterUsage =
  'starter [--train]    the encoder that comes with Fieldcraft against its card, and heads of fields on it; with --train [--seeds 3] [--field NAME]\n' +
  '                       every field trained on its samples from it, without a mirror, against its baselines';

/** The most bytes of a file that is committed, and of the heads of a field together. */
const largest = 16_000_000;
const largestHeads = 2_000_000;

const factsSchema = z.looseObject({ bytes: z.int(), sha256: z.string(), parameters: z.int() });

/** @returns true if all holds, and where nothing was made yet */
export async function checkStarter(args: readonly string[], print: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      train: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '3' },
      field: { type: 'string', multiple: true, default: fields },
    },
  });
  const seeds = z.coerce.number().int().min(1).max(20).parse(values.seeds);
  const checks = createChecks(print);
  const root = foundation.workspaceRoot();
  const packages = join(root, 'packages');
  const made = await checkEncoder(checks);
  const heads = fields.filter((field) => existsSync(join(packages, field, headsFolder)));
  // Heads are for apps: a vertical without one needs none.
  for (const field of fields) {
    if (!heads.includes(field)) checks.skip(`heads/${field}`, `none were made yet; npm run starter -- heads ${field}`);
    else await checkHeads(join(packages, field, headsFolder), field, checks);
  }
  if (values.train) await checkSamples(values.field, seeds, checks);
  const held = checks.finish();
  return held || (!made && heads.length === 0 && !values.train);
}

const headsFolder = join('models', 'starter');

const unequal = (what: string, same: boolean) => ({ what, worst: same ? 0 : 1, bound: 0 });

/** Whether there is one. */
async function checkEncoder(checks: Checks): Promise<boolean> {
  let folder: string;
  try {
    ({ folder } = checkpoint.resolveOwnModel(checkpoint.starterId));
  } catch (error) {
    if (!(error instanceof foundation.FieldcraftError) || error.code !== 'FC_NOT_FOUND') throw error;
    checks.skip(checkpoint.starterId, 'none was made yet; npm run starter makes it');
    return false;
  }
  const weights = join(folder, 'model.safetensors');
  const facts = factsSchema.parse(JSON.parse(readFileSync(join(folder, 'starter.json'), 'utf8')));
  const { size } = statSync(weights);
  const hash = await foundation.sha256File(weights);
  checks.report('starter/file', [
    unequal('size', size === facts.bytes && size <= largest),
    unequal('checksum', hash === facts.sha256),
    unequal('card', readFileSync(join(folder, 'README.md'), 'utf8').includes(hash)),
  ]);
  const config = models.readModelConfig(folder);
  const { builder } = models.buildTaskModel({ config, head: 'masked-lm', training: false });
  const parameters = [...builder.parameters.values()];
  const store = training.createParameterStore(parameters.map((parameter) => ({ ...parameter, trainable: false })));
  const options = { architecture: models.architectureOf(config), seed: 0, heads: true };
  const { fresh } = training.loadPretrained(store, parameters, folder, options);
  const finite = parameters.every(({ name }) => store.slot(name).weight.every(Number.isFinite));
  checks.report('starter/weights', [unequal('parameters', fresh.length === 0), unequal('numbers', finite)]);
  const tokenizer = text.loadTokenizer(folder);
  checks.report('starter/tokenizer', [unequal('vocabulary', tokenizer.vocabularySize === config.vocab_size)]);
  return true;
}

/** What any of the tasks reads. */
const input = {
  text: 'The supplier shall pay 200 USD to Acme Inc. in New York.',
  second: 'Who pays whom?',
  before: ['These are the terms.'],
  after: ['Nothing else is owed.'],
};

/** Loading checks every file's hash, that the encoder is the one that the heads were trained on, and that every weight is there. */
async function checkHeads(folder: string, field: string, checks: Checks): Promise<void> {
  try {
    const model = await loadBundle(folder);
    const { manifest, vertical, scores, lineage } = model.bundle;
    const files = Object.values(manifest?.files ?? {});
    const bytes = files.reduce((sum, file) => sum + file.bytes, statSync(join(folder, 'manifest.json')).size);
    const answers: unknown[] = [];
    for (const { name, kind } of model.tasks) {
      const ofVectors = kind === 'retrieval' || kind === 'similarity';
      answers.push(...(ofVectors ? await model.embed(name, [input.text]) : await model.predict(name, [input])));
    }
    await model.release();
    const open = scores?.licences.every(({ commercial }) => commercial === true) ?? false;
    checks.report(`heads/${field}`, [
      unequal('size', bytes <= largestHeads),
      unequal('field', vertical === field),
      unequal('base', lineage?.base?.id === checkpoint.starterId),
      unequal('licences', open),
      unequal('answers', answers.length === model.tasks.length && answers.every((one) => isFinite(numbersOf(one)))),
    ]);
  } catch (error) {
    if (!(error instanceof foundation.FieldcraftError)) throw error;
    checks.fail(`heads/${field}`, error.message);
  }
}

/** The sum of all numbers in an answer. */
function numbersOf(answer: unknown): number {
  if (typeof answer === 'number') return answer;
  if (typeof answer !== 'object' || answer === null) return 0;
  const parts: readonly unknown[] = ArrayBuffer.isView(answer) ? [...(answer as Float32Array)] : Object.values(answer);
  return parts.reduce<number>((sum, part) => sum + numbersOf(part), 0);
}
