/**
 * How training is hardened against small changes of its texts: which method perturbs the word embeddings, how far, and what is learnt from it.
 * Perturbations lie in a ball around the sum of a token's embeddings: L2, the Frobenius norm over all tokens of a window, as FreeLB has it (Zhu et
 * al. 2020, algorithm 1); or L-infinity, each number by itself. Radii are in the units of the embeddings, whose rows have a length between 1 and
 * 1.5 in the BERT family. Special tokens and padding are never perturbed.
 */
import { z } from 'zod';

export const adversarialMethods = ['fgm', 'pgd', 'freelb', 'smart', 'r3f', 'vat'] as const;
export type AdversarialMethod = (typeof adversarialMethods)[number];

export const norms = ['l2', 'linf'] as const;

const norm = z.enum(norms);
const length = z.number().positive().max(1e3);
const steps = z.int().min(1).max(100);
const weight = z.number().min(0).max(1e3);

/** By their methods. Defaults are the papers'; of PGD and FreeLB those of FreeLB's authors for SST-2. */
export const adversarialSchema = z.discriminatedUnion('method', [
  /** Learns the text as it is and its worst direction (Miyato, Dai & Goodfellow 2017): L + weight * L at radius * g / |g|. */
  z.strictObject({
    method: z.literal('fgm'),
    ...{ norm: norm.default('l2'), radius: length.default(1), weight: weight.default(1) },
  }),
  /** Learns only the worst that projected steps find (Madry et al. 2018), from a random start. */
  z.strictObject({
    method: z.literal('pgd'),
    ...{
      norm: norm.default('l2'),
      radius: length.default(0.6),
      steps: steps.default(3),
      stepSize: length.default(0.1),
    },
  }),
  /** Learns the mean of the gradients of all steps (Zhu et al. 2020), each of which costs as much as a plain update. */
  z.strictObject({
    method: z.literal('freelb'),
    ...{
      norm: norm.default('l2'),
      radius: length.default(0.6),
      steps: steps.default(3),
      stepSize: length.default(0.1),
    },
  }),
  /**
   * Answers may not change near a text, nor weights move far from their average (Jiang et al. 2020): L + weight * the symmetric divergence of clean
   * and perturbed answers + proximal * that of answers by the weights and by their moving average, which keeps `momentum` of itself at each update.
   */
  z.strictObject({
    method: z.literal('smart'),
    ...{ norm: norm.default('linf'), radius: length.default(1e-5), steps: steps.default(1) },
    ...{ stepSize: length.default(1e-3), weight: weight.default(1), proximal: weight.default(1) },
    momentum: z.number().min(0).lt(1).default(0.99),
  }),
  /** Answers may not change under uniform noise of this radius (R3F, Aghajanyan et al. 2021): nothing is searched. */
  z.strictObject({ method: z.literal('r3f'), radius: length.default(1e-5), weight: weight.default(1) }),
  /** Answers may not move away from the clean ones in the direction where they move most (Miyato et al. 2018), which takes no label to find. */
  z.strictObject({
    method: z.literal('vat'),
    ...{ norm: norm.default('l2'), radius: length.default(1), steps: steps.default(1), weight: weight.default(1) },
  }),
]);

/** A method with all of its settings. */
export type Adversarial = Readonly<z.output<typeof adversarialSchema>>;
export type AdversarialOf<M extends AdversarialMethod> = Extract<Adversarial, { method: M }>;
