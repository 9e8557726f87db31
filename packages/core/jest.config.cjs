// Jest leaves a core free and would run on a machine of two without workers: one after the other, in memory that only grows.
module.exports = { ...require('../../jest.preset.cjs'), displayName: 'core', maxWorkers: '100%' };
