/** Engines that run graphs. */
export { createEngine, engineNames, type EngineName, type EngineOptions } from './create-engine.js';
export type { CompileOptions, Device, Engine, Program, Tensor, TensorArray, TfjsBackend } from './engine.js';
export { int8ProductsOverflow } from './int8-range.js';
export { openOnnxModel } from './onnx-model.js';
export { createOnnxRuntimeEngine, type OnnxRuntimeOptions } from './onnxruntime.js';
export { createTfjsEngine, type TfjsOptions } from './tfjs.js';
