/** The Python that runs what we compare with. */
import { spawnSync } from 'node:child_process';
import { foundation } from '@fieldcraft/core/internals';

export interface PythonNeeds {
  readonly modules: readonly string[];
  /** What it is needed for, a sentence. */
  readonly what: string;
  /** What `pip install` is given. */
  readonly install: string;
}

/** `FIELDCRAFT_PYTHON`, or `python3`. @throws FieldcraftError FC_NOT_FOUND without it, or without the packages that the peer needs */
export function findPython({ modules, what, install }: PythonNeeds): string {
  const python = process.env['FIELDCRAFT_PYTHON'] || 'python3';
  const check = `import importlib.util as u; print(*[m for m in ${JSON.stringify(modules)} if not u.find_spec(m)])`;
  const { status, stdout } = spawnSync(python, ['-c', check], { encoding: 'utf8' });
  const missing = status === 0 ? stdout.trim() : undefined;
  if (missing === '') return python;
  throw new foundation.FieldcraftError('FC_NOT_FOUND', {
    what,
    where: python,
    got: missing === undefined ? 'no such program, or it does not start' : `these packages are missing: ${missing}`,
    fix: `pip install ${install}, and name that Python in FIELDCRAFT_PYTHON`,
  });
}
