/** Whether INT8 products are exact on this machine. */
import { createGraph, gemm, input, output } from '../graph/index.js';
import { encodeOnnx, lowerGraph, quantiseOnnx, scaleName } from '../onnx/index.js';
import { openOnnxModel } from './onnx-model.js';

const [width, outputs] = [64, 16];

/**
 * CPUs without dot products of 8-bit numbers (VNNI, or those of ARM) add two products of an unsigned and a signed one in 16 bits, which overflow is
 * cut to. Weights of 7 bits cannot reach it. Asked by multiplying the largest numbers there are, not by the CPU's name.
 */
export async function int8ProductsOverflow(): Promise<boolean> {
  const graph = createGraph('largest');
  const weight = input(graph, 'weight', [outputs, width]);
  output('y', gemm(input(graph, 'x', ['rows', width]), weight, { transposeB: true }));
  const lowered = lowerGraph(graph, { precision: 'float32', provider: 'cpu' });
  const weights = new Map([
    ['weight', { shape: [width, outputs], data: new Int8Array(width * outputs).fill(127) }],
    [scaleName('weight'), { shape: [outputs], data: new Float32Array(outputs).fill(1 / 127) }],
  ]);
  const model = encodeOnnx(quantiseOnnx(lowered, new Map([['weight', 'int8']])), { weights });
  const program = await openOnnxModel(model, { threads: 1 });
  const x = { data: new Float32Array(width).fill(1), shape: [1, width] };
  const { y } = await program.run({ x }, { y: null });
  await program.release();
  return Array.from(y!.data, Number).some((sum) => Math.abs(sum - width) > 0.01 * width);
}
