import { describe, expect, test } from '@jest/globals';
import { trainOptionsSchema } from '@fieldcraft/core';
import { Command } from 'commander';
import { z } from 'zod';
import { kebabCase, optionsFromSchema, pickFields } from './options-from-schema.js';

const schema = z.strictObject({
  base: z.string().optional().describe('An encoder'),
  profile: z.enum(['quick', 'standard']).default('standard').describe('How much'),
  timeBudget: z
    .string()
    .regex(/^\d+m$/, 'minutes such as 20m')
    .transform((text) => Number(text.slice(0, -1)) * 60)
    .optional(),
  seeds: z.number().int().min(1).max(20).default(1).describe('How often'),
  warmup: z.number().min(0).max(1).default(0.1),
  resume: z.boolean().default(false).describe('Go on'),
  allow: z.array(z.enum(['leakage', 'imbalance'])).default([]),
  tasks: z.array(z.string()).min(1).optional(),
});

function parse(...args: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const option of optionsFromSchema(schema, { group: 'Options:' })) command.addOption(option);
  return pickFields(schema, command.parse(args, { from: 'user' }).opts());
}

describe('options from a schema', () => {
  test('nothing given is nothing taken: defaults stay with the schema', () => {
    expect(parse()).toEqual({});
  });

  test('values have the types that the schema takes in, before it transforms them', () => {
    expect(
      parse(
        '--base',
        'x/y',
        '--profile',
        'quick',
        '--time-budget',
        '20m',
        '--seeds',
        '3',
        '--warmup',
        '.2',
        '--resume',
      ),
    ).toEqual({ base: 'x/y', profile: 'quick', timeBudget: '20m', seeds: 3, warmup: 0.2, resume: true });
  });

  test('lists take commas and repetition', () => {
    expect(parse('--tasks', 'a,b', '--tasks', 'c')).toEqual({ tasks: ['a', 'b', 'c'] });
    expect(parse('--allow', 'leakage, imbalance')).toEqual({ allow: ['leakage', 'imbalance'] });
  });

  test('a flag can be switched off, as a configuration does', () => {
    expect(parse('--no-resume')).toEqual({ resume: false });
  });

  test.each([
    [['--profile', 'quik'], 'It is none of quick, standard. Did you mean quick?'],
    [['--seeds', 'three'], 'It is not a number.'],
    [['--seeds', ''], 'It is not a number.'],
    [['--seeds', '0'], 'Too small'],
    [['--seeds', '1.5'], 'expected int'],
    [['--warmup', '2'], 'Too big'],
    [['--time-budget', '20'], 'minutes such as 20m'],
    [['--allow', 'leakage,imbalanc'], 'Did you mean imbalance?'],
    [['--seed', '3'], 'Did you mean --seeds?'],
  ])('%j is refused: %s', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });

  test('help names choices and defaults once', () => {
    const described = (name: string, shape: z.ZodRawShape) =>
      optionsFromSchema(z.object(shape), { group: '' }).find((option) => option.attributeName() === name)?.description;
    expect(described('profile', schema.shape)).toBe('How much (quick, standard; default: standard)');
    expect(described('seeds', schema.shape)).toBe('How often (default: 1)');
    expect(described('resume', schema.shape)).toBe('Go on');
    expect(described('x', { x: z.enum(['a1', 'b1']).default('a1').describe('a1 or b1') })).toBe(
      'a1 or b1 (default: a1)',
    );
  });

  test('every option of training has a flag, and help says what it does', () => {
    const options = optionsFromSchema(trainOptionsSchema, { group: 'Options:' }).filter(({ negate }) => !negate);
    expect(options.map(({ long }) => long)).toEqual(
      Object.keys(trainOptionsSchema.shape).map((name) => `--${kebabCase(name)}`),
    );
    for (const { long, description } of options)
      expect([long, description]).toEqual([long, expect.stringMatching(/\w/)]);
  });
});
