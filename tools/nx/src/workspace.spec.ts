/** What keeps the workspace whole: every project is built by `npx tsc -b`, has a name and a layer, and its libraries are explained. */
import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Manifest {
  name: string;
  nx?: { name?: string; tags?: string[] };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const repository = resolve(import.meta.dirname, '../../..');
const projects = ['packages', 'apps', 'tools']
  .flatMap((group) => readdirSync(join(repository, group)).map((name) => `${group}/${name}`))
  .filter((project) => existsSync(join(repository, project, 'package.json')));

function readText(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

function manifestOf(project: string): Manifest {
  return JSON.parse(readText(join(project, 'package.json'))) as Manifest;
}

test('tsc -b at the root builds every project', () => {
  const { references } = JSON.parse(readText('tsconfig.json')) as { references: { path: string }[] };
  const compiled = projects.filter((project) => existsSync(join(repository, project, 'tsconfig.json')));
  expect(references.map(({ path }) => path).sort()).toEqual(compiled.sort());
});

test.each(projects)('%s has a name for Nx and one layer', (project) => {
  const { nx } = manifestOf(project);
  expect(nx?.name).toMatch(/^[a-z][a-z0-9-]*$/);
  expect((nx?.tags ?? []).filter((tag) => tag.startsWith('layer:'))).toHaveLength(1);
});

test('every dependency has its line in docs/decisions, and all of Nx is at one version', () => {
  const decisions = readText('docs/decisions/0001-dependencies.md');
  const versions = new Set<string>();
  const unexplained: string[] = [];
  for (const project of ['.', ...projects]) {
    const { dependencies, devDependencies } = manifestOf(project);
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (name === 'nx' || name.startsWith('@nx/')) versions.add(version);
      if (name.startsWith('@fieldcraft/') || name.startsWith('@types/') || name.startsWith('@tensorflow/')) continue;
      if (!decisions.includes(`\`${name}\``)) unexplained.push(name);
    }
  }
  expect(unexplained).toEqual([]);
  expect([...versions]).toEqual(['23.2.1']);
});
