/** Activation functions by the names that Hugging Face configs give them. */
import { add, constant, erfGate, mul, relu, sigmoid, tanh, type Value } from '../graph/index.js';

/** `f(x) = after * gate(before * x)`: the factors cost nothing inside the matrix products around it. */
export interface Activation {
  readonly before: number;
  readonly gate: (x: Value) => Value;
  readonly after: number;
}

const plain = (gate: (x: Value) => Value): Activation => ({ before: 1, gate, after: 1 });

/** x/2 (1 + erf(x/sqrt 2)) (Hendrycks & Gimpel 2016). */
const gelu: Activation = { before: Math.SQRT1_2, gate: erfGate, after: Math.SQRT1_2 };

/** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), the approximation in the same paper, as x (1 + tanh(u x (1 + v x^2))) / 2. */
const geluOfTanh: Activation = {
  before: 1,
  gate: (x) => {
    const scalar = (value: number) => constant(x.graph, value);
    const slope = Math.sqrt(2 / Math.PI);
    const inner = mul(x, add(scalar(slope), mul(scalar(0.044715 * slope), mul(x, x))));
    return mul(x, add(scalar(1), tanh(inner)));
  },
  after: 0.5,
};

/** x sigmoid(x) (Elfwing, Uchibe & Doya 2018). */
const silu = plain((x) => mul(x, sigmoid(x)));

export const activations = {
  gelu,
  gelu_python: gelu,
  gelu_new: geluOfTanh,
  gelu_fast: geluOfTanh,
  gelu_pytorch_tanh: geluOfTanh,
  relu: plain(relu),
  tanh: plain(tanh),
  silu,
  swish: silu,
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;
