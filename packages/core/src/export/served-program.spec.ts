/** A served graph encodes a window once, for what a head asks about it at first and for what it asks further. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEngine, openOnnxModel, type Program } from '../runtime/index.js';
import type { Feature } from '../tasks/index.js';
import { encodeServed } from './encode-served.js';
import { taskOf } from './model-folder.js';
import { createServedProgram, type ServedProgram } from './served-program.js';
import { createEveryKindModel, texts } from './test-model.js';

const all = createEveryKindModel();
const model = { ...all, tasks: all.tasks.filter(({ name }) => ['joint', 'clauses'].includes(name)) };
const heads = model.tasks.map((saved) => ({ task: taskOf(saved), output: saved.name }));
let encoded = 0;
let program: ServedProgram;

beforeAll(async () => {
  const encoder = await openOnnxModel(encodeServed(model, { heads, precision: 'fp32' }), { threads: 1 });
  const counting: Program = {
    ...encoder,
    run(feeds, fetches) {
      encoded += 1;
      return encoder.run(feeds, fetches);
    },
  };
  program = await createServedProgram({ encoder: counting, engine: await createEngine({ threads: 1 }), model });
});
afterAll(() => program.release());

const featuresOf = (name: string): Promise<Feature[]> => {
  const saved = model.tasks.find((task) => task.name === name)!;
  const examples = texts.map((text, i) => ({ id: `${i}`, text }));
  const { maxLength, stride } = saved;
  return taskOf(saved).features(examples, model.tokenizer, { maxLength, stride, targets: false });
};

test('states of tokens are remembered for the heads that read them, and for no others', async () => {
  const [joint, clauses] = [await featuresOf('joint'), await featuresOf('clauses')];
  const ask = async (task: string, features: readonly Feature[]) => (await program.score([{ task, features }]))[0]!;
  const first = await ask('joint', joint);
  const once = encoded;
  expect(once).toBeGreaterThan(0);
  expect(await ask('joint', joint)).toEqual(first);
  // One of them, in a batch of its own.
  const [alone] = await ask('joint', joint.slice(0, 1));
  alone!.forEach((value, i) => expect(value).toBeCloseTo(first[0]![i]!, 5));
  expect(encoded).toBe(once);
  await ask('clauses', clauses);
  expect(encoded).toBeGreaterThan(once);
});
