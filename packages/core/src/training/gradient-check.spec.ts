/** The check of gradients: it passes those of a step, and does not pass one that is wrong. */
import { expect, test } from '@jest/globals';
import { batchOf, checkGradients, createStepProgram } from './index.js';
import { classifier, config, engine, sequences } from './spec-support.js';

test('finds the gradients of a step right, and one that is taken for another wrong', async () => {
  const task = classifier('task');
  const program = createStepProgram(task, config);
  const members = sequences(3, 1, 5);
  const batch = batchOf(members, config);
  const check = { engine, program, batch, feeds: task.targetFeeds(members, batch), probes: 1 };
  const right = await checkGradients(check);
  expect(right.tensors).toBe(program.trained.length);
  expect(right.worst).toBeLessThan(1e-6);
  expect(right.largest).toBeGreaterThan(0.01);

  const [one, other] = ['heads.task.pooler.dense.bias', 'bert.encoder.layer.0.output.dense.bias'];
  const dense = new Map([...program.gradients.dense, [one, program.gradients.dense.get(other) as string]]);
  const wrong = await checkGradients({ ...check, program: { ...program, gradients: { ...program.gradients, dense } } });
  expect(wrong.worst).toBeGreaterThan(1e-3);
  expect(wrong.where).toContain(one);
});
