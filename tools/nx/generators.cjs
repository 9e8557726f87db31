/**
 * What Nx loads to generate. The generators read data as training does, with the core, so that it is built first where it is not; their own
 * sources are compiled in memory, as the plugin's are.
 */
const { spawnSync } = require('node:child_process');
const { resolve } = require('node:path');
const { createJiti } = require('jiti');

/** Compiled already, and large: Node loads them as they are. */
const libraries = ['@fieldcraft/core', '@fieldcraft/core/internals'];

/** @param {'vertical' | 'task'} name */
const generator = (name) => async (/** @type {unknown} */ tree, /** @type {unknown} */ options) => {
  const core = resolve(__dirname, '../../packages/core');
  const { status } = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b', core], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${core} could not be built, and generators read data with it`);
  const native = await Promise.all(libraries.map(async (library) => [library, await import(library)]));
  const jiti = createJiti(__filename, {
    nativeModules: ['@nx/devkit', 'typescript'],
    virtualModules: Object.fromEntries(native),
  });
  const generators = await jiti.import('./src/generators/index.ts');
  return generators[name](tree, options);
};

module.exports = { vertical: generator('vertical'), task: generator('task') };
