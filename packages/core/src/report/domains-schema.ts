/** What a run's report says of domain-adversarial training: the target domain, and how well it could be told from the tasks' own before and after. */
import { z } from 'zod';
import { ownLicenceSchema } from './licence-schema.js';

const count = z.int().nonnegative();

const probeSchema = z.strictObject({
  accuracy: z
    .number()
    .describe(
      'Share of unseen texts whose domain a linear probe tells by the encoder’s vectors, the mean of both domains; 0.5 is chance',
    ),
  distance: z.number().describe('The proxy A-distance, from 0 for domains that cannot be told apart to 2'),
});

export const domainSchema = z.strictObject({
  target: z
    .array(
      z.strictObject({
        name: z.string().describe('Name of the corpus, or of the dataset whose training texts were read'),
        licence: ownLicenceSchema.describe('Its licence'),
      }),
    )
    .describe('Text of the target domain'),
  texts: count.describe('Paragraphs of it that were drawn'),
  removed: count.describe('Paragraphs left out because they stand in evaluation data, or nearly so'),
  weight: z
    .number()
    .describe('How much of the discriminator’s gradient was turned round in the end; 0: none, for comparison'),
  probes: z
    .array(
      z.strictObject({
        seed: count.describe('The seed of the round'),
        before: probeSchema.describe('With the encoder that the tasks started from'),
        after: probeSchema.describe('With the trained one'),
      }),
    )
    .describe('One entry a round'),
});

export type DomainReport = z.output<typeof domainSchema>;
