/** A licence as reports tell it. */
import { z } from 'zod';

export const commercialUseSchema = z
  .union([z.boolean(), z.literal('unknown')])
  .describe('Whether it permits commercial use');

/** Of one thing that the report names. */
export const ownLicenceSchema = z.strictObject({
  name: z.string().describe('Its name'),
  commercial: commercialUseSchema,
});
