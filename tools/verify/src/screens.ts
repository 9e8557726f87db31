/** `npm run verify -- screens [FIELD=MODEL ...]`: each app's screen used in a browser, on the heads that come with Fieldcraft and on models that were trained. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { createChecks } from './checks.js';
import { fields, given } from './own-workspace.js';

export const screensUsage =
  'screens [FIELD=MODEL ...] [--pictures FOLDER]   the screens of all apps in Chromium, also on these models: run folders or bundles';

/** What Jest writes of its tests. */
const resultSchema = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

/** By field. @throws FieldcraftError as `checkScreens` */
function modelsOf(args: readonly string[]): Map<string, string> {
  const models = new Map<string, string>();
  for (const arg of args) {
    const cut = arg.indexOf('=');
    const [field, path] = [arg.slice(0, cut), arg.slice(cut + 1)];
    const refuse = {
      where: arg,
      fix: `name a model of a field once: ${fields.map((one) => `${one}=<folder>`).join(' ')}`,
    };
    if (!fields.includes(field) || path === '' || models.has(field))
      throw new foundation.FieldcraftError('FC_CONFIG', { what: 'this names no model of a field', ...refuse });
    if (!existsSync(given(path)))
      throw new foundation.FieldcraftError('FC_NOT_FOUND', { what: 'there is no model', ...refuse });
    models.set(field, given(path));
  }
  return models;
}

/**
 * Runs the screens' specs, which on trained models only ask that a person can work with what such a model says; true if all passed.
 * @throws FieldcraftError FC_CONFIG for what names no model of a field, FC_NOT_FOUND for a model that is not there
 */
export async function checkScreens(args: readonly string[], print: (line: string) => void): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { pictures: { type: 'string' } },
  });
  const root = foundation.workspaceRoot();
  const work = mkdtempSync(join(tmpdir(), 'fieldcraft-screens-'));
  const checks = createChecks(print);
  try {
    for (const [field, model] of modelsOf(positionals)) symlinkSync(model, join(work, field));
    const pictures = values.pictures === undefined ? {} : { FIELDCRAFT_SCREENSHOTS: given(values.pictures) };
    if (values.pictures !== undefined) mkdirSync(given(values.pictures), { recursive: true });
    for (const field of fields) {
      const result = join(work, `${field}.json`);
      const { signal } = spawnSync(
        process.execPath,
        [
          ...['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules', 'jest', 'bin', 'jest.js')],
          ...['--config', 'jest.config.cjs', '--json', '--outputFile', result, 'dist/screen.spec.js'],
        ],
        {
          ...{ cwd: join(root, 'apps', field), stdio: 'ignore' },
          env: { ...process.env, FIELDCRAFT_SCREEN_MODELS: work, ...pictures },
        },
      );
      if (signal !== null) checks.fail(field, `Jest was ended by ${signal}`);
      else if (!existsSync(result))
        checks.fail(field, 'Jest wrote no result: build the apps first, with npm run build');
      else report(result, field, checks);
    }
    return checks.finish();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function report(result: string, field: string, checks: ReturnType<typeof createChecks>): void {
  for (const { message, assertionResults } of resultSchema.parse(JSON.parse(readFileSync(result, 'utf8')))
    .testResults) {
    if (assertionResults.length === 0) checks.fail(field, message);
    for (const { fullName, status, failureMessages } of assertionResults) {
      if (status === 'passed') checks.pass(field, fullName);
      else if (status === 'failed') checks.fail(field, `${fullName}: ${failureMessages.join('\n')}`);
      else checks.skip(field, fullName);
    }
  }
}
