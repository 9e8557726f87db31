/** Requests that schemathesis makes from the OpenAPI document, valid and not: it must find nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interpreter, requirePython } from '../python.js';
import type { ServingCheck } from '../serving.js';
import { startServer } from './start-server.js';

/** The part needs what is not there. */
export class Skipped extends Error {}

/**
 * What is ours to decide: a body that fits its schema may still be one that cannot be answered (422: no pair where the task reads pairs, a PDF that is
 * none), too large in all (413), or of feedback on a task that the model has not (404).
 */
const settings = `[checks]
positive_data_acceptance.expected-statuses = ["2xx", 404, 413, 422, 503]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 413, 415, 422, 431, 503]
`;

export async function checkSchema({ bundle, work, seed }: ServingCheck): Promise<string> {
  const version = versionOf();
  const server = await startServer({ model: bundle, config: { dataFolder: join(work, 'data'), logLevel: 'error' } });
  try {
    const config = join(work, 'schemathesis.toml');
    writeFileSync(config, settings);
    const program = 'import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())';
    const options = [
      '--seed',
      String(seed),
      '--max-examples',
      '50',
      '--request-timeout',
      '60',
      '--suppress-health-check',
      'all',
      '--no-color',
    ];
    const args = ['--config-file', config, 'run', `${server.address}/openapi.json`, ...options];
    const child = spawn(interpreter(), ['-c', program, ...args], { cwd: work, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [status] = (await once(child, 'close')) as [number | null];
    const summary = /^ +\d+ generated.*$/m.exec(output)?.[0].trim() ?? 'no summary';
    if (status !== 0) throw new Error(`${version}: ${summary}\n${output.slice(-40_000)}`);
    return `${version}: ${summary}`;
  } finally {
    await server.stop();
  }
}

function versionOf(): string {
  try {
    return requirePython(['schemathesis'])[0]!;
  } catch (error) {
    throw new Skipped(`${error instanceof Error ? error.message : String(error)}`);
  }
}
