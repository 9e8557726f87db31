/** `npm run verify -- starter`: the encoder that comes with Fieldcraft is whole, is what its card says, and loads with every weight in place. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkpoint, foundation, models, text, training } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { createChecks } from './checks.js';

export const starterUsage = 'starter              the encoder that comes with Fieldcraft against its card';

/** The most bytes of a file that is committed. */
const largest = 16_000_000;

const factsSchema = z.looseObject({ bytes: z.int(), sha256: z.string(), parameters: z.int() });

/** @returns true if all holds, and where no starter was made yet */
export async function checkStarter(print: (line: string) => void): Promise<boolean> {
  const checks = createChecks(print);
  let folder: string;
  try {
    ({ folder } = await checkpoint.resolveModel(checkpoint.starterId));
  } catch (error) {
    if (!(error instanceof foundation.FieldcraftError) || error.code !== 'FC_NOT_FOUND') throw error;
    print(`skipped ${checkpoint.starterId}: none was made yet; npm run starter makes it`);
    return true;
  }
  const weights = join(folder, 'model.safetensors');
  const facts = factsSchema.parse(JSON.parse(readFileSync(join(folder, 'starter.json'), 'utf8')));
  const { size } = statSync(weights);
  const hash = await foundation.sha256File(weights);
  const unequal = (what: string, same: boolean) => ({ what, worst: same ? 0 : 1, bound: 0 });
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
  return checks.finish();
}
