/** Vectors of texts by the encoder whose weights are in a store: the means of their token rows. */
import type { ModelConfig } from '../models/index.js';
import { meanPooling } from '../nn/index.js';
import type { Engine } from '../runtime/index.js';
import { createScorer, type ScorableFeature, type Scorer, type ScorerOptions } from './scorer.js';

/** Compiles the encoder alone; `score` gives one vector [hidden] a window. */
export const createMeanEncoder = <F extends ScorableFeature>(
  engine: Engine,
  config: ModelConfig,
  options?: ScorerOptions,
): Promise<Scorer<F>> =>
  createScorer<F>(
    engine,
    {
      name: 'mean',
      head: (_, { hidden, bias }) => meanPooling(hidden, bias),
      loss: (_, vectors) => vectors,
      splitLogits: (vectors, features) => {
        const width = vectors.length / features.length;
        return features.map((_, row) => vectors.slice(row * width, (row + 1) * width));
      },
    },
    config,
    options,
  );
