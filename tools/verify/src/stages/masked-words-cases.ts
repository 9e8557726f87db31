/** Masked language modelling: encoder and head together, and a new head alone on an encoder that stays as it is. */
import { training, type nn } from '@fieldcraft/core/internals';
import type { StageCase } from '../stages.js';
import { engine, gradientMeasure } from './step-cases.js';
import { tinyEncoder } from './task-cases.js';

/** Two words hidden in the first window, one in the second. */
const windows: readonly training.MaskedWindow[] = [
  { ids: [2, 5, 7, 11, 3], target: [-100, 6, -100, 12, -100] },
  { ids: [2, 9, 3], target: [-100, 9, -100] },
].map(({ ids, target }) => ({
  ids: Int32Array.from(ids),
  typeIds: ids.map(() => 0),
  target: Int32Array.from(target),
}));

const maskedWordsStep =
  (trainable: (parameter: nn.Parameter) => boolean, arithmetic: nn.Arithmetic = 'fp32'): StageCase =>
  async () => {
    const batch = training.batchOf(windows, tinyEncoder);
    const program = training.createStepProgram(training.maskedWords, tinyEncoder, { trainable, arithmetic });
    const feeds = { ...training.maskedRowFeeds(windows, batch), ...training.maskedLabelFeeds(windows) };
    return [gradientMeasure(await training.checkGradients({ engine, program, batch, feeds }))];
  };

export const maskedWordsCases: Readonly<Record<string, StageCase>> = {
  'masked-words/encoder': maskedWordsStep(() => true),
  'masked-words/int8': maskedWordsStep(() => true, 'int8'),
  'masked-words/head': maskedWordsStep(({ kind }) => kind === 'head'),
};
