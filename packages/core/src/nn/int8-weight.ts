/** Weights of linear layers that are also there in 8 bits: which, and what a graph calls their copies. */
import { input, type Int8Copies, type Value } from '../graph/index.js';
import type { Builder } from './builder.js';

/** How the products of the encoder's layers are computed in training: in single precision, or forward and input gradient in 8 bits. */
export const arithmetics = ['fp32', 'int8'] as const;
export type Arithmetic = (typeof arithmetics)[number];

/**
 * Graph inputs with the copies of a weight [outputs, inputs]: `byOutput` has a scale for each output and numbers [inputs, outputs], which rows of
 * activations are multiplied with; `byInput` has a scale for each input and numbers [outputs, inputs], for gradients.
 */
export const int8Names = (weight: string) =>
  ({
    byOutput: { numbers: `${weight}.int8_by_output`, scales: `${weight}.scale_by_output` },
    byInput: { numbers: `${weight}.int8_by_input`, scales: `${weight}.scale_by_input` },
  }) as const;

/** The copies of `weight` [outputs, inputs], for a product with its transpose. */
export function int8Copies({ graph }: Pick<Builder, 'graph'>, weight: Value): Int8Copies {
  const [outputs, inputs] = weight.shape as readonly [number, number];
  const { byOutput, byInput } = int8Names(weight.name);
  return {
    forward: {
      numbers: input(graph, byOutput.numbers, [inputs, outputs], 'int8'),
      scales: input(graph, byOutput.scales, [outputs]),
    },
    backward: {
      numbers: input(graph, byInput.numbers, [outputs, inputs], 'int8'),
      scales: input(graph, byInput.scales, [inputs]),
    },
  };
}
