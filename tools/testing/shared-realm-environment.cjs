/**
 * A Jest environment whose sandbox shares Node's own binary types.
 * Native addons (onnxruntime-node, tokenizers) check `instanceof Float32Array` and the like against the main realm; the sandbox has
 * copies of its own, which they refuse.
 */
const { TestEnvironment } = require('jest-environment-node');

module.exports = class SharedRealmEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const type of [
      ArrayBuffer,
      SharedArrayBuffer,
      DataView,
      Float32Array,
      Float64Array,
      Int8Array,
      Int16Array,
      Int32Array,
      BigInt64Array,
      Uint8Array,
      Uint8ClampedArray,
      Uint16Array,
      Uint32Array,
      BigUint64Array,
      Error,
      TypeError,
      RangeError,
    ]) {
      this.global[type.name] = type;
    }
  }
};
