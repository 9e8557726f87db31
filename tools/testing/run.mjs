/**
 * `npm test`: builds, runs the specs of all projects through Nx, and counts them over all projects; answers from the cache count too, and a project
 * without a result counts as a failure. With `--count`, only counts what the last run left.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const projects = ['packages', 'apps', 'tools']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))
  .filter((project) => existsSync(join(root, project, 'jest.config.cjs')));
const resultOf = (project) => join(root, project, 'test-results.json');

/** Jest's result of a project; undefined where there is none, or half of one. */
function readResult(project) {
  try {
    return JSON.parse(readFileSync(resultOf(project), 'utf8'));
  } catch {
    return undefined;
  }
}

let status = 0;
if (!process.argv.includes('--count')) {
  for (const project of projects) rmSync(resultOf(project), { force: true });
  const nx = join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  const run = spawnSync(process.execPath, [nx, 'run-many', '-t', 'test'], { cwd: root, stdio: 'inherit' });
  status = run.status ?? 1;
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const project of projects) {
  const result = readResult(project);
  if (result === undefined) {
    console.log(`${project}: no test result; it did not build, or Jest did not start or end.`);
    total.failed += 1;
    continue;
  }
  total.passed += result.numPassedTests;
  total.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  total.skipped += result.numPendingTests + result.numTodoTests;
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : status;
