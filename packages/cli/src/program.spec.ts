import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '@fieldcraft/core';
import { UsageError, printError, statusOf } from './errors.js';
import { memoryScreen, runHere } from './test-streams.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command line', () => {
  test.each([
    ['train'],
    ['ablate'],
    ['evaluate'],
    ['attack'],
    ['compare'],
    ['predict'],
    ['inspect'],
    ['access', 'key'],
    ['access', 'login'],
    ['feedback', 'export'],
    ['feedback', 'list'],
    ['feedback', 'delete'],
    ['feedback', 'purge'],
    ['data', 'list'],
    ['data', 'check'],
  ])('%s %s has help with examples', async (...args) => {
    const command = args.filter((arg) => typeof arg === 'string');
    const { status, stdout } = await runHere([...command, '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain(`Usage: fieldcraft ${command.join(' ')}`);
    expect(stdout).toMatch(/Examples?:\n {2}\$ fieldcraft /);
    expect(stdout).toContain('--debug');
  });

  test('prints its version', async () => {
    const { status, stdout } = await runHere(['--version']);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });

  test.each([
    [['trian'], 'Did you mean train?'],
    [['train', '--profil', 'quick'], 'Did you mean --profile?'],
    [['train', 'x', '--profile', 'quik'], 'Did you mean quick?'],
    [['data', 'chek'], 'Did you mean check?'],
    [['predict'], "missing required argument 'run'"],
    [['feedback', 'list'], 'where is it kept?'],
    [['comprae'], 'Did you mean compare?'],
    [['ablate', 'legal'], '--out is missing'],
    [['compare', 'runs/legal/latest'], "missing required argument 'runB'"],
    [['train'], 'what should be trained?'],
    [['train', 'legal', '--data', 'a.csv'], 'a vertical brings its own data'],
    [['train', '--data', 'a.csv'], '--task is missing'],
    [['train', '--task', 'classification'], 'the training data is missing'],
    [['data', 'check'], 'what should be checked?'],
    [['data', 'check', '--corpus'], 'which corpus?'],
    [['data', 'check', '--data', 'a.csv'], '--task is missing'],
  ])('%j makes no sense (status 2): %s', async (args, message) => {
    const { status, stdout, stderr } = await runHere(args);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
  });

  test('options may be written as Nx shows them', async () => {
    const { stderr } = await runHere(['train', 'x', '--timeBudget', '20']);
    expect(stderr).toContain("option '--time-budget <value>' argument '20' is invalid");
  });

  test.each([
    [['inspect', './nothing-here'], './nothing-here'],
    [['predict', './nothing-here', 'text'], 'there is no model'],
    [['data', 'check', 'unfair-tsos'], 'did you mean "unfair-tos"?'],
    [['data', 'check', '--corpus', 'text-medqad'], 'did you mean "text-medquad"?'],
    [['evaluate', './nothing-here'], 'nothing-here'],
    [['compare', './nothing-here', './nor-here'], 'there is no such run folder'],
    [['compare', '.', '.'], 'the folder is no run'],
  ])('%j fails (status 1) with a message and no stack', async (args, message) => {
    const { status, stderr } = await runHere(args);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(1);
  });

  test('--debug shows where an error comes from', async () => {
    const { status, stderr } = await runHere(['predict', './nothing-here', 'text', '--debug']);
    expect(stderr).toContain('    at ');
    expect(status).toBe(1);
  });

  test('checks of one’s own file: a table, and status 1 where training would refuse it', async () => {
    const row = (i: number) =>
      `The parcel of customer number ${i} arrived ${i % 7} days late,${i % 2 ? 'praise' : 'complaint'}\n`;
    const rows = Array.from({ length: 400 }, (_, i) => row(i * 7919));
    const good = join(folder, 'good.csv');
    writeFileSync(good, `body,topic\n${rows.join('')}`);
    const columns = ['--text-column', 'body', '--label-column', 'topic'];
    const checked = await runHere([
      'data',
      'check',
      good,
      '--task',
      'classification',
      ...columns,
      '--json',
      '--allow',
      'leakage',
    ]);
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({ kind: 'classification', labels: ['complaint', 'praise'] });

    const typo = await runHere([
      'data',
      'check',
      good,
      '--task',
      'classification',
      '--text-column',
      'bodi',
      '--label-column',
      'topic',
    ]);
    expect(typo.stderr).toContain('"body"');
    const leaking = ['--train', good, '--test', good, '--task', 'classification', ...columns];
    const refused = await runHere(['data', 'check', ...leaking]);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toMatch(/Part +Examples\n/);
    expect(refused.stderr).toContain('--allow leakage');
    expect((await runHere(['data', 'check', ...leaking, '--allow', 'leakage'])).status).toBe(0);
  });

  test('every card is listed with where its data is', async () => {
    const { status, stdout } = await runHere(['data', 'list', '--json']);
    const listed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; places: string[] });
    expect(status).toBe(0);
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['unfair-tos', 'text-medquad']));
    expect((await runHere(['data', 'list'])).stdout).toMatch(/unfair-tos +legal +multi-label/);
  });
});

describe('errors', () => {
  const printed = (error: unknown, debug = false) => {
    const { screen, text } = memoryScreen();
    printError(screen, error, { debug, command: 'train' });
    return text();
  };
  const disk = new FieldcraftError('FC_DISK', {
    what: 'a file could not be written',
    where: '/x',
    fix: 'free some space',
  });

  test('a failure of ours is its message', () => {
    expect(printed(disk)).toBe('error: a file could not be written\n  where:    /x\n  fix:      free some space\n');
    expect(statusOf(disk)).toBe(1);
  });

  test('a stop that was asked for is no error', () => {
    const stopped = new FieldcraftError('FC_INTERRUPTED', { what: 'stopped after update 3', fix: 'go on with: x' });
    expect(printed(stopped)).toBe('stopped after update 3\n  fix:      go on with: x\n');
    expect(statusOf(stopped)).toBe(130);
  });

  test('a misuse points at the help', () => {
    expect(printed(new UsageError('what?'))).toBe('error: what?\n  help:     fieldcraft train --help\n');
    expect(statusOf(new UsageError('what?'))).toBe(2);
  });

  test('anything else is a fault, whose stack and causes --debug shows', () => {
    const fault = new Error('boom', { cause: new Error('spark') });
    expect(printed(fault)).toBe('error: boom\n  This is a fault of Fieldcraft; --debug shows where it happened.\n');
    expect(printed(fault, true)).toMatch(/^error: Error: boom\n {4}at [^]*caused by: Error: spark\n {4}at /);
    expect(statusOf(fault)).toBe(1);
  });
});
