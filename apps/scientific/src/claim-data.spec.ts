import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findDataCard, workspaceRoot } from '@fieldcraft/core';
import vertical from '@fieldcraft/scientific';
import { claimData } from './claim-data.js';

test('what the screen says of the data of claims is what its card says', () => {
  const { data } = vertical.tasks['claim-evidence']!;
  const card = findDataCard(data, join(workspaceRoot(), 'data-cards'));
  const { counts, licence } = card;
  expect(claimData).toEqual({
    trainingPairs: counts?.examples.train,
    licence: licence.name,
    commercial: licence.commercial,
  });
});
