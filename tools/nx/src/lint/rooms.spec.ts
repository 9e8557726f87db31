/** Every way of importing is held to the order of rooms. */
import { expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import typescript from 'typescript-eslint';
import { roomOrder } from './rooms.js';

const linter = new Linter();

function complaints(filename: string, code: string): string[] {
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: { parser: typescript.parser },
    plugins: { rooms: { rules: { order: roomOrder } } },
    rules: { 'rooms/order': 'error' },
  };
  return linter.verify(code, config, { filename: `packages/core/src/${filename}` }).map(({ message }) => message);
}

test.each([
  "import { train } from '../training/index.js';",
  "export { train } from '../training/index.js';",
  "export * from '../training/index.js';",
  "const training = await import('../training/index.js');",
  "type Train = import('../training/index.js').Train;",
])('a later room is refused: %s', (code) => {
  expect(complaints('graph/tensor.ts', code)).toEqual([expect.stringContaining("'graph' may not import 'training'")]);
});

test('an earlier room is entered through its index alone', () => {
  expect(complaints('nn/layer.ts', "import { sum } from '../graph/index.js';")).toEqual([]);
  expect(complaints('nn/layers/linear.ts', "import { sum } from '../../graph/ops/sum.js';")).toEqual([
    "Import 'graph' through its index: '../../graph/index.js'.",
  ]);
});

test("a room's own files import each other as they like, and core's index only indices", () => {
  expect(complaints('graph/ops/sum.ts', "import { tensor } from '../tensor.js';")).toEqual([]);
  expect(complaints('index.ts', "export * from './graph/index.js';")).toEqual([]);
  expect(complaints('index.ts', "export * from './graph/tensor.js';")).toHaveLength(1);
});

test('an engine stays in its room', () => {
  expect(complaints('training/step.ts', "import { Tensor } from 'onnxruntime-node';")).toEqual([
    "Only the room 'runtime' imports 'onnxruntime-node'.",
  ]);
  expect(complaints('runtime/onnx.ts', "import { Tensor } from 'onnxruntime-node';")).toEqual([]);
});

test('a spec may look at its room from above, but through the door', () => {
  expect(complaints('graph/ops.spec.ts', "import { run } from '../runtime/index.js';")).toEqual([]);
  expect(complaints('graph/ops.spec.ts', "import { run } from '../runtime/session.js';")).toHaveLength(1);
});

test('a folder that is not a listed room is named', () => {
  expect(complaints('cellar/barrel.ts', 'export {};')).toEqual([expect.stringContaining("'cellar' is not a room")]);
});
