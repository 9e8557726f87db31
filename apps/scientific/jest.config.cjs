module.exports = { ...require('../../jest.preset.cjs'), displayName: 'scientific-app' };
