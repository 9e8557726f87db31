/** Engines that run graphs. */
export type { CompileOptions, Device, Engine, Program, Tensor, TensorArray } from './engine.js';
export { createOnnxRuntimeEngine, type OnnxRuntimeOptions } from './onnxruntime.js';
