/** From graphs to ONNX models. */
export { lowerGraph, type ElementType, type OnnxGraph, type OnnxTensorType } from './lower.js';
export { encodeOnnx, opset, type BakedTensor, type OnnxModelOptions } from './model.js';
export {
  productGroups,
  quantisableWeights,
  quantiseOnnx,
  scaleName,
  smoothingName,
  statisticsOf,
  transposeInt8,
  withColumnStatistics,
  type WeightUse,
} from './quantise.js';
