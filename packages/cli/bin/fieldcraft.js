#!/usr/bin/env node
/** The committed command: linked by `npm ci` before anything is built, it builds the workspace the first time it is used. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);

if (!existsSync(main)) {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  console.error('Building Fieldcraft for its first use; this takes about a minute.');
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  for (const step of [[tsc, '-b'], ['tools/build-kernels.mjs']]) {
    // stdout belongs to the command that was asked for, so the build's goes to stderr.
    const { status } = spawnSync(process.execPath, step, { cwd: root, stdio: ['ignore', 2, 2] });
    if (status !== 0) process.exit(status ?? 1);
  }
}

await import(main.href);
