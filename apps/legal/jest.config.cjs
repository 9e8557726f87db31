module.exports = { ...require('../../jest.preset.cjs'), displayName: 'legal-app' };
