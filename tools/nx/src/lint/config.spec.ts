/** The repository's own lint configuration catches what it is there for, shown on real files with other contents. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../../..');

/** The rules that complain about `code` as if it were the contents of the file at `path`. */
function rulesAgainst(path: string, code: string): string[] {
  const { stdout, stderr } = spawnSync('npx', ['eslint', '--stdin', '--stdin-filename', path, '--format', 'json'], {
    cwd: repository,
    input: code,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', NX_DAEMON: 'false' },
  });
  if (stdout === '') throw new Error(stderr);
  const [file] = JSON.parse(stdout) as { messages: { ruleId: string }[] }[];
  return (file?.messages ?? []).map(({ ruleId }) => ruleId);
}

test('core imports no other project', () => {
  const code = "import '@fieldcraft/cli';\nimport '@fieldcraft/legal';\n";
  const boundary = '@nx/enforce-module-boundaries';
  expect(rulesAgainst('packages/core/src/index.ts', code)).toEqual([boundary, boundary]);
});

test('promises, any and double casts are not let through', () => {
  const code = [
    'async function save(): Promise<void> {}',
    'export function go(x: string): number { save(); return x as unknown as number; }',
    'export const value: any = 1;',
    "export { random } from './foundation/random.js';",
  ].join('\n');
  expect(rulesAgainst('packages/core/src/index.ts', code).sort()).toEqual([
    '@typescript-eslint/no-explicit-any',
    '@typescript-eslint/no-floating-promises',
    'no-restricted-syntax',
    'rooms/order',
  ]);
});
