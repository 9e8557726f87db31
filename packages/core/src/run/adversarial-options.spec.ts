/** Options of adversarial training: filled in from the vertical and the papers, and refused where they make no sense. */
import { expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { defineVertical, freelb, type Adversarial } from '../tasks/index.js';
import { adversarialOf, describeAdversarial, fillAdversarial } from './adversarial-options.js';
import { parseOptions } from './saved-config.js';

/** The code of what is thrown, and what it says it got. */
function refused(attempt: () => unknown): [code: string, got: string | undefined] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof FieldcraftError) return [error.code, error.parts.got];
    throw error;
  }
  throw new Error('nothing was refused');
}

const fill = (options: object, declared?: Adversarial) => fillAdversarial(parseOptions(options), declared);

test('nothing is hardened unless somebody says so', () => {
  const options = fill({});
  expect(options.adversarial).toBe('none');
  expect(adversarialOf(options)).toBeUndefined();
  expect(describeAdversarial(undefined)).toBe('');
});

test('settings are filled in, so that a configuration says all of them and gives the same again', () => {
  const options = fill({ adversarial: 'freelb', adversarialSteps: 2 });
  expect(options).toMatchObject({
    ...{ adversarial: 'freelb', adversarialNorm: 'l2', adversarialRadius: 0.6 },
    ...{ adversarialSteps: 2, adversarialStepSize: 0.1 },
  });
  expect(adversarialOf(parseOptions(JSON.parse(JSON.stringify(options)) as object))).toEqual(freelb({ steps: 2 }));
  expect(describeAdversarial(adversarialOf(options))).toBe(', hardened by freelb, 2 steps each');
});

test('options go before what the vertical declares, whose other settings stay where the method is the same', () => {
  const declared = freelb({ radius: 2, steps: 5 });
  expect(adversarialOf(fill({}, declared))).toEqual(declared);
  expect(adversarialOf(fill({ adversarialSteps: 2 }, declared))).toEqual(freelb({ radius: 2, steps: 2 }));
  expect(adversarialOf(fill({ adversarial: 'freelb', adversarialStepSize: 1 }, declared))).toEqual(
    freelb({ radius: 2, steps: 5, stepSize: 1 }),
  );
  expect(adversarialOf(fill({ adversarial: 'fgm' }, declared))).toEqual({
    ...{ method: 'fgm', norm: 'l2', radius: 1, weight: 1 },
  });
  expect(adversarialOf(fill({ adversarial: 'none' }, declared))).toBeUndefined();
  // Heads on a frozen encoder have nothing to perturb.
  expect(adversarialOf(fill({ addTo: 'some-run' }, declared))).toBeUndefined();
});

test('a setting without a method, and one that the method does not have, are refused', () => {
  expect(refused(() => fill({ adversarialRadius: 1 }))).toEqual(['FC_CONFIG', 'radius without a method']);
  const foreign = refused(() => fill({ adversarial: 'r3f', adversarialSteps: 2 }));
  expect(foreign).toEqual(['FC_CONFIG', expect.stringContaining('steps')]);
});

test('a vertical declares a method with the settings that differ from the papers’', () => {
  const vertical = {
    ...{ name: 'x', title: 'X', base: 'b', bases: [{ name: 'b', licence: 'MIT' }] },
    tasks: { kinds: { kind: 'classification' as const, data: 'd' } },
  };
  expect(defineVertical({ ...vertical, adversarial: freelb({ radius: 1.5 }) }).adversarial).toEqual({
    ...{ method: 'freelb', norm: 'l2', radius: 1.5, steps: 3, stepSize: 0.1 },
  });
  expect(refused(() => freelb({ radius: -1 }))[0]).toBe('FC_CONFIG');
});
