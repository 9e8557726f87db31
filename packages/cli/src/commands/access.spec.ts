import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { runCommandLine } from '../program.js';
import { memoryStream, runHere } from '../test-streams.js';

test('a key is printed with the entry that knows it', async () => {
  const { status, stdout } = await runHere(['access', 'key', 'crm', '--scopes', 'feedback,predict']);
  expect(status).toBe(0);
  const [, key = '', entry] = /^key {4}(fc_\S{43})\nentry {2}(\S+)\n$/.exec(stdout) ?? [];
  expect(entry).toBe(`crm:predict+feedback:${createHash('sha256').update(key).digest('hex')}`);
  const json = await runHere(['access', 'key', 'crm', '--json']);
  expect(JSON.parse(json.stdout)).toEqual({
    key: expect.stringMatching(/^fc_/),
    entry: expect.stringMatching(/^crm:predict:[0-9a-f]{64}$/),
  });
});

test('a login is made of what standard input says', async () => {
  const { status, stdout, stderr } = await runHere(['access', 'login', 'anna'], { input: 'correct horse battery\n' });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^anna:scrypt\.[\w-]{22}\.[\w-]{43}\n$/);
});

test.each([
  ['correct horse battery\rcorrect horse battery\r', 0, /^Password: \nOnce more: \n$/],
  ['correct horse battery\rcorrect horse batter\r', 2, /the two are not the same/],
  ['correct horse battery\r\u0003', 2, /no password was given/],
])('a person types it twice, unseen: %j', async (typed, expected, message) => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const [stdout, stderr] = [memoryStream(), memoryStream()];
  const done = runCommandLine(['access', 'login', 'anna'], { stdin, stdout, stderr, env: {} });
  // As a keyboard gives it: a terminal hands over what is typed while nobody asks, too.
  for (const line of typed.split(/(?<=\r)/)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    stdin.write(line);
  }
  expect(await done).toBe(expected);
  expect(stderr.text()).toMatch(message);
  expect(stderr.text() + stdout.text()).not.toContain('horse');
});

test.each([
  [['access', 'key', 'a', '--scopes', 'all'], 2, 'Scopes are predict, feedback, admin.'],
  [['access', 'key', 'a:b'], 1, 'the name of a key'],
  [['access', 'login', 'anna'], 1, 'the password is too short'],
])('%j is refused', async (args, status, message) => {
  const result = await runHere(args);
  expect([result.status, result.stdout]).toEqual([status, '']);
  expect(result.stderr).toContain(message);
});
