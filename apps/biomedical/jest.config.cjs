module.exports = { ...require('../../jest.preset.cjs'), displayName: 'biomedical-app' };
