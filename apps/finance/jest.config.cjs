module.exports = { ...require('../../jest.preset.cjs'), displayName: 'finance-app' };
