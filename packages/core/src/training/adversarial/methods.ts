/** The methods of adversarial training as what they are: loops over a pass's graphs, which perturb, look at a gradient, and learn. */
import type { Adversarial, AdversarialMethod, AdversarialOf } from '../../tasks/index.js';
import type { Tensor } from '../../runtime/index.js';
import type { Perturbation } from './perturbation.js';

/** One pass of a batch, ready to be computed as often as a method likes. Dropout masks are the same each time. */
export interface Pass {
  /** Zero at the start. */
  readonly perturbation: Perturbation;
  noise(distribution: 'uniform' | 'normal'): Float32Array;
  /**
   * Computes the loss at the perturbation and leaves its gradient at the parameters: times `share`, and added to that of an earlier call where
   * `further`. With `look` the gradient at the perturbation is left there too. Returns `share` times the loss.
   */
  learn(options?: { share?: number; further?: boolean; look?: boolean; anchor?: Tensor | undefined }): Promise<number>;
  /** Leaves the gradient at the perturbation alone: of the loss, or of how far answers are from `reference`. */
  look(reference?: Tensor): Promise<void>;
  /** The logits of the unperturbed pass, by the weights or by their moving averages. */
  answers(by: 'weights' | 'averages'): Promise<Tensor>;
}

type Methods = { readonly [M in AdversarialMethod]: (settings: AdversarialOf<M>, pass: Pass) => Promise<number> };

/** How far from a text VAT looks for the direction in which answers move: far enough for single precision (Miyato et al.'s code for text has 0.1). */
const probe = 0.1;

const methods: Methods = {
  async fgm({ weight, ...ball }, { perturbation, learn }) {
    const clean = await learn({ look: true });
    perturbation.toEdge(ball);
    return clean + (await learn({ share: weight, further: true }));
  },

  async pgd({ steps, stepSize, ...ball }, { perturbation, noise, look, learn }) {
    perturbation.startUniform(noise('uniform'), ball);
    for (let step = 0; step < steps; step++) {
      await look();
      perturbation.ascend(ball, stepSize);
    }
    return learn();
  },

  async freelb({ steps, stepSize, ...ball }, { perturbation, noise, learn }) {
    perturbation.startUniform(noise('uniform'), ball);
    let loss = 0;
    for (let step = 0; step < steps; step++) {
      const last = step === steps - 1;
      loss += await learn({ share: 1 / steps, further: step > 0, look: !last });
      if (!last) perturbation.ascend(ball, stepSize);
    }
    return loss;
  },

  async smart({ steps, stepSize, proximal, ...ball }, { perturbation, noise, look, learn, answers }) {
    const clean = await answers('weights');
    perturbation.startScaled(noise('normal'), ball.radius);
    for (let step = 0; step < steps; step++) {
      await look(clean);
      perturbation.ascend(ball, stepSize);
    }
    return learn({ anchor: proximal > 0 ? await answers('averages') : undefined });
  },

  async r3f({ radius }, { perturbation, noise, learn }) {
    perturbation.startScaled(noise('uniform'), radius);
    return learn();
  },

  async vat({ steps, ...ball }, { perturbation, noise, look, learn, answers }) {
    const clean = await answers('weights');
    perturbation.startTowards(noise('normal'), probe);
    for (let step = 0; step < steps; step++) {
      await look(clean);
      perturbation.toEdge(step === steps - 1 ? ball : { norm: 'l2', radius: probe });
    }
    return learn();
  },
};

/** Learns from a pass by the method of the settings, and returns its loss. */
export function learnHardened(settings: Adversarial, pass: Pass): Promise<number> {
  switch (settings.method) {
    case 'fgm':
      return methods.fgm(settings, pass);
    case 'pgd':
      return methods.pgd(settings, pass);
    case 'freelb':
      return methods.freelb(settings, pass);
    case 'smart':
      return methods.smart(settings, pass);
    case 'r3f':
      return methods.r3f(settings, pass);
    case 'vat':
      return methods.vat(settings, pass);
  }
}
