/**
 * What Nx loads: the plugin's TypeScript sources, compiled in memory (and cached under node_modules/.cache).
 * Nx needs its plugins before anything is built, and Node 20 does not read TypeScript by itself.
 */
const { createJiti } = require('jiti');

module.exports = createJiti(__filename, { nativeModules: ['@nx/devkit'] })('./src/index.ts');
