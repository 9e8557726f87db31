/** AdamW with decoupled weight decay (Loshchilov & Hutter 2019) and clipping of the global gradient norm, as PyTorch computes them. */
import { FieldcraftError } from '../foundation/index.js';
import type { AdamWStep } from './kernels.js';
import type { ParameterStore, Slot } from './parameter-store.js';

export interface AdamWOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** Decay of the parameters that have any. Default 0.01. */
  weightDecay?: number;
  /** Largest norm of the whole gradient; Infinity never clips. Default 1. */
  clipNorm?: number;
  /** Whether a parameter decays. Default: all. */
  decays?: (name: string) => boolean;
  /**
   * Strength of the penalty that holds parameters whose start is remembered: half of it times the squared distance from there. Its gradient
   * is clipped with the loss's, and takes the place of their decay (L2-SP: Li et al. 2018, "Explicit Inductive Bias for Transfer Learning
   * with Convolutional Networks", section 3.1). Default 0: they decay as others.
   */
  hold?: number;
  /** What the learning rate of a parameter is multiplied by. Default: 1 for all. */
  rateFactor?: (name: string) => number;
}

export interface Optimizer {
  /** Updates made to each parameter: those of an idle head are fewer. */
  readonly counts: Map<string, number>;
  /**
   * Updates the named parameters from their gradients, and returns the norm of all of them before clipping. Gradients of tables are cleared.
   * @throws FieldcraftError FC_NOT_FINITE if the norm is not finite; nothing is changed then.
   */
  step(names: readonly string[], learningRate: number): number;
}

export function createAdamW(store: ParameterStore, options: AdamWOptions = {}): Optimizer {
  const {
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    weightDecay = 0.01,
    clipNorm = 1,
    decays = () => true,
    hold = 0,
    rateFactor = () => 1,
  } = options;
  const { kernels } = store;
  const counts = new Map<string, number>();

  return {
    counts,
    step(names, learningRate) {
      const slots = names.map((name): [string, Slot] => [name, store.slot(name)]);
      for (const [, slot] of slots) if (isHeld(slot)) pullBack(slot);
      const norm = Math.sqrt(slots.reduce((sum, [, slot]) => sum + sumSquares(slot), 0));
      if (!Number.isFinite(norm)) {
        const culprit = slots.find(([, slot]) => !Number.isFinite(sumSquares(slot)));
        throw new FieldcraftError('FC_NOT_FINITE', {
          what: 'the gradient is not finite',
          where: culprit?.[0] ?? 'its norm overflows',
          fix: 'lower the learning rate, or look at the batch that was saved',
        });
      }
      // PyTorch's clip_grad_norm_ adds 1e-6 to the norm.
      const scale = Math.min(1, clipNorm / (norm + 1e-6));
      for (const [name, slot] of slots) {
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        const rate = learningRate * rateFactor(name);
        const step: AdamWStep = [
          scale,
          decays(name) && !isHeld(slot) ? 1 - rate * weightDecay : 1,
          rate / (1 - beta1 ** count),
          1 / Math.sqrt(1 - beta2 ** count),
          beta1,
          beta2,
          epsilon,
        ];
        update(slot, step);
      }
      return norm;
    },
  };

  function isHeld({ start }: Slot): boolean {
    return hold > 0 && start.length > 0;
  }

  function pullBack({ gradient, weight, start, rowStates, shape, count }: Slot): void {
    const at = [gradient.byteOffset, weight.byteOffset, start.byteOffset] as const;
    if (rowStates) kernels.pullBackRows(...at, rowStates.byteOffset, shape[0] as number, shape[1] as number, hold);
    else kernels.pullBack(...at, count, hold);
  }

  function sumSquares({ gradient, rowStates, shape, count }: Slot): number {
    return rowStates
      ? kernels.sumSquaresRows(gradient.byteOffset, rowStates.byteOffset, shape[0] as number, shape[1] as number)
      : kernels.sumSquares(gradient.byteOffset, count);
  }

  function update({ weight, gradient, moment1, moment2, rowStates, shape, count }: Slot, step: AdamWStep): void {
    const at = [weight.byteOffset, gradient.byteOffset, moment1.byteOffset, moment2.byteOffset] as const;
    if (rowStates) kernels.adamWRows(...at, rowStates.byteOffset, shape[0] as number, shape[1] as number, ...step);
    else kernels.adamW(...at, count, ...step);
  }
}

/** A table's row states after its moments were read from a checkpoint: rows with any moment are active. */
export function restoreRowStates({ rowStates, moment1, moment2, shape }: Slot): void {
  if (!rowStates) return;
  const width = shape[1] as number;
  for (let row = 0; row < rowStates.length; row++) {
    const live = (moment: Float32Array) => moment.subarray(row * width, (row + 1) * width).some((value) => value !== 0);
    rowStates[row] = live(moment2) || live(moment1) ? 2 : 0;
  }
}
