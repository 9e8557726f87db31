/** Settings of the engine that using a model shares with training one. */
import { runOptionsSchema } from '@fieldcraft/core';

export const engineSchema = runOptionsSchema.pick({ device: true, threads: true });
