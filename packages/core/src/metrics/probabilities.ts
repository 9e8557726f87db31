/** From logits to probabilities to decisions. All matrices are row-major. */

/** Softmax of each row of `logits / temperature`; `[rows, classes]` in float64. */
export function softmaxRows(logits: ArrayLike<number>, classes: number, temperature = 1): Float64Array {
  const out = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    let top = -Infinity;
    for (let c = 0; c < classes; c++) top = Math.max(top, logits[start + c]! / temperature);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += out[start + c] = Math.exp(logits[start + c]! / temperature - top);
    for (let c = 0; c < classes; c++) out[start + c]! /= sum;
  }
  return out;
}

/** Logistic function of each element of `logits / temperature`, in float64. */
export function sigmoidEach(logits: ArrayLike<number>, temperature = 1): Float64Array {
  return Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit / temperature)));
}

/** The column of the largest value of each row, the first of equals: `[rows]`. */
export function argmaxRows(values: ArrayLike<number>, classes: number): Int32Array {
  const out = new Int32Array(values.length / classes);
  for (let row = 0; row < out.length; row++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (values[row * classes + c]! > values[row * classes + best]!) best = c;
    out[row] = best;
  }
  return out;
}
