/** What every project's Jest runs share: compiled specs (no transformation), and Node's own typed arrays. */
const { join } = require('node:path');

module.exports = {
  testEnvironment: join(__dirname, 'tools/testing/shared-realm-environment.cjs'),
  transform: {},
  testMatch: ['<rootDir>/dist/**/*.spec.js'],
  // For what hangs: a busy machine may take minutes for what a quiet one does in seconds.
  testTimeout: 300_000,
};
