/** Running a Python script with the libraries that a check compares with. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { foundation } from '@fieldcraft/core/internals';

/** The Python of `FIELDCRAFT_PYTHON`, or python3. */
export const interpreter = (): string => process.env['FIELDCRAFT_PYTHON'] || 'python3';

/** Nothing is fetched, and warnings do not drown the results. */
const environment = () => ({ ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error', TQDM_DISABLE: '1' });

/**
 * The versions of `libraries`, as `name version`.
 * @throws FieldcraftError FC_NOT_FOUND where Python, or one of them, is missing.
 */
export function requirePython(libraries: readonly string[]): string[] {
  const program = `import ${libraries.join(', ')}\n${libraries.map((name) => `print('${name}', ${name}.__version__)`).join('\n')}`;
  const { status, stdout, stderr, error } = spawnSync(interpreter(), ['-c', program], {
    encoding: 'utf8',
    env: environment(),
  });
  if (status === 0) return stdout.trim().split('\n');
  throw new foundation.FieldcraftError('FC_NOT_FOUND', {
    what: `this check needs Python with ${libraries.join(', ')}`,
    where: interpreter(),
    got: error?.message ?? stderr.trim().split('\n').at(-1) ?? `status ${status}`,
    fix: `pip install ${libraries.join(' ')} safetensors, or set FIELDCRAFT_PYTHON to a Python that has them`,
  });
}

/**
 * Runs python/`script`, which reads `request` from one file and writes its answer to another.
 * @throws FieldcraftError FC_ENGINE with the script's last words if it fails.
 */
export function runPython(script: string, request: unknown): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-python-'));
  try {
    const [asked, answered] = [join(folder, 'request.json'), join(folder, 'answer.json')];
    writeFileSync(asked, JSON.stringify(request));
    const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url));
    const { status, stderr } = spawnSync(interpreter(), [path, asked, answered], {
      encoding: 'utf8',
      env: environment(),
    });
    if (status === 0) return JSON.parse(readFileSync(answered, 'utf8'));
    throw new foundation.FieldcraftError('FC_ENGINE', {
      what: `${script} failed`,
      got: stderr.trim().split('\n').slice(-12).join('\n'),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
