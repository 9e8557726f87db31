/** Choosing an engine by name. */
import { FieldcraftError } from '../foundation/index.js';
import type { Device, Engine, TfjsBackend } from './engine.js';
import { createOnnxRuntimeEngine } from './onnxruntime.js';
import { createTfjsEngine } from './tfjs.js';

export const engineNames = ['onnxruntime', 'tfjs'] as const;
export type EngineName = (typeof engineNames)[number];

export interface EngineOptions {
  /** Default onnxruntime. */
  engine?: EngineName;
  /** Default cpu for onnxruntime; for tfjs the best backend that is installed. */
  device?: Device;
  /** Threads inside an operator, for onnxruntime; default: one a physical core. */
  threads?: number;
}

/** The TensorFlow.js backends that compute on a device. */
const tfjsDevices: Partial<Record<Device, readonly TfjsBackend[]>> = {
  cpu: ['node', 'wasm', 'cpu'],
  cuda: ['node-gpu'],
};

/**
 * An engine on a device.
 * @throws FieldcraftError FC_DEVICE if the engine is not installed, or does not have the device; FC_CONFIG for threads that it cannot be given.
 */
export async function createEngine({ engine = 'onnxruntime', device, threads }: EngineOptions = {}): Promise<Engine> {
  if (engine === 'onnxruntime') {
    return createOnnxRuntimeEngine({
      ...(device === undefined ? {} : { device }),
      ...(threads === undefined ? {} : { threads }),
    });
  }
  if (threads !== undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the engine tfjs cannot be told how many threads to use',
      where: '--threads',
      got: String(threads),
      fix: 'leave out --threads, or use the engine onnxruntime',
    });
  }
  if (device === undefined) return createTfjsEngine();
  const backend = tfjsDevices[device];
  if (backend) return createTfjsEngine({ backend });
  throw new FieldcraftError('FC_DEVICE', {
    what: `the engine tfjs does not run on ${device}`,
    expected: `one of ${Object.keys(tfjsDevices).join(', ')}`,
    got: device,
    fix: 'choose another --device, or the engine onnxruntime',
  });
}
