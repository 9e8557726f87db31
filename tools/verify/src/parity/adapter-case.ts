/** A LoRA adapter of PEFT's on a BERT: its logits and loss from the merged weights, and its gradients from those of the merged weights. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { models } from '@fieldcraft/core/internals';
import { largest, worstDifference, type Measure } from '../checks.js';
import { openFixture } from './fixture-file.js';
import { compareOutputs } from './model-case.js';
import { createOneHeadModel, headOf } from './one-head-model.js';

/**
 * With W' = W + s B A (Hu et al. 2021), s = alpha / r: dA = s B' dW' and dB = s dW' A'. So parity of the merged model's weight gradients is parity
 * of the adapter's.
 */
export async function checkAdapter(folder: string): Promise<Measure[]> {
  const config = models.readModelConfig(join(folder, 'base'));
  const settings = JSON.parse(readFileSync(join(folder, 'adapter', 'adapter_config.json'), 'utf8')) as {
    r: number;
    lora_alpha: number;
  };
  const scale = settings.lora_alpha / settings.r;
  const expected = openFixture(join(folder, 'expected.safetensors'));
  const base = openFixture(join(folder, 'base', 'model.safetensors'));
  const adapter = openFixture(join(folder, 'adapter', 'adapter_model.safetensors'));
  try {
    const model = await createOneHeadModel(config, headOf(expected, config), expected);
    for (const { name } of model.parameters) model.store.slot(name).weight.set(expected.numbers(`merged.${name}`));
    const outputs = await compareOutputs(model, expected);
    const loss = (await model.step?.()) ?? NaN;
    const gradientOf = (name: string) => model.store.slot(name).gradient;

    let gradients = 0;
    let merged = 0;
    const relative = (got: ArrayLike<number>, name: string) => {
      const wanted = expected.numbers(`grad.base_model.model.${name}`);
      gradients = Math.max(gradients, worstDifference(got, wanted) / largest(wanted));
    };
    const trained = [
      ...new Set(
        expected
          .names('grad.base_model.model.')
          .map((name) => name.replace(/\.(lora_[AB]|modules_to_save)\.default.*/, '')),
      ),
    ];
    for (const module of trained) {
      const [a, b] = ['A', 'B'].map((side) => `base_model.model.${module}.lora_${side}.weight`) as [string, string];
      if (!adapter.has(a)) {
        for (const part of ['weight', 'bias'])
          relative(gradientOf(`${module}.${part}`), `${module}.modules_to_save.default.${part}`);
        continue;
      }
      const [A, B] = [adapter.numbers(a), adapter.numbers(b)];
      const [rank, inputs] = adapter.shape(a) as [number, number];
      const outputs = B.length / rank;
      const dW = gradientOf(`${module}.weight`);
      const dA = product(rank, inputs, outputs, (i, j, k) => scale * B[k * rank + i]! * dW[k * inputs + j]!);
      const dB = product(outputs, rank, inputs, (i, j, k) => scale * dW[i * inputs + k]! * A[j * inputs + k]!);
      relative(dA, `${module}.lora_A.default.weight`);
      relative(dB, `${module}.lora_B.default.weight`);
      const low = product(outputs, inputs, rank, (i, j, k) => scale * B[i * rank + k]! * A[k * inputs + j]!);
      const sum = base.numbers(`${module}.weight`).map((w, i) => w + low[i]!);
      merged = Math.max(merged, worstDifference(sum, expected.numbers(`merged.${module}.weight`)));
    }
    await model.release();
    return [
      outputs,
      { what: 'loss', worst: worstDifference([loss], expected.numbers('out.loss')), bound: 1e-5 },
      { what: 'gradients', worst: gradients, bound: 1e-4 },
      { what: 'merged weights', worst: merged, bound: 1e-5 },
    ];
  } finally {
    for (const file of [expected, base, adapter]) file.close();
  }
}

/** [rows, columns] of sums over k < inner. */
function product(
  rows: number,
  columns: number,
  inner: number,
  term: (i: number, j: number, k: number) => number,
): number[] {
  return Array.from({ length: rows * columns }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += term(Math.floor(at / columns), at % columns, k);
    return sum;
  });
}
