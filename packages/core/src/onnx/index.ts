/** From graphs to ONNX models. */
export { lowerGraph, type ElementType, type OnnxGraph, type OnnxTensorType } from './lower.js';
export { encodeOnnx, opset, type BakedTensor, type OnnxModelOptions } from './model.js';
export { quantisableWeights, quantiseOnnx, scaleName, transposeInt8, type WeightUse } from './quantise.js';
