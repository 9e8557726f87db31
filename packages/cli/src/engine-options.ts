/** Settings of the engine that using a model shares with training one, and those that only predicting has. */
import { engineNames, runOptionsSchema } from '@fieldcraft/core';
import { z } from 'zod';

export const engineSchema = runOptionsSchema.pick({ device: true, threads: true });

export const predictorSchema = engineSchema.extend({
  engine: z
    .enum(engineNames)
    .default('onnxruntime')
    .describe('What computes: ONNX Runtime, as in training, or TensorFlow.js, the second engine that checks it'),
  base: z
    .string()
    .optional()
    .describe('Of an adapter: its base, a hub id or a folder. Default: the one that the adapter names'),
});
