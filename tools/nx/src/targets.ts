/** Infers the targets of a project from the files it has: tsconfig.json, jest.config.cjs, src/vertical.ts. */
import { basename, dirname } from 'node:path';
import { createNodesFromFiles, type CreateNodes, type TargetConfiguration } from '@nx/devkit';

/** The targets that each file brings to the project it lies in. */
const targetsByFile: Record<string, Record<string, TargetConfiguration>> = {
  'tsconfig.json': { build: build() },
  'jest.config.cjs': { test: test() },
  'vertical.ts': {
    advise: advise(),
    train: train(),
    evaluate: useModel('evaluate'),
    predict: useModel('predict'),
    attack: useModel('attack'),
  },
};

export const createNodes: CreateNodes = [
  '{packages,apps,tools}/*/{tsconfig.json,jest.config.cjs,src/vertical.ts}',
  (files, options, context) =>
    createNodesFromFiles(
      (file) => {
        const folder = dirname(file);
        const root = basename(folder) === 'src' ? dirname(folder) : folder;
        return { projects: { [root]: { targets: targetsByFile[basename(file)] ?? {} } } };
      },
      files,
      options,
      context,
    ),
];

/** TypeScript to `dist`, then the WebAssembly kernels where a project has some. */
function build(): TargetConfiguration {
  return {
    executor: 'nx:run-commands',
    options: {
      commands: ['tsc -b', 'node ../../tools/build-kernels.mjs .'],
      cwd: '{projectRoot}',
      parallel: false,
    },
    dependsOn: ['^build'],
    inputs: ['default', '^production', '{workspaceRoot}/tools/build-kernels.mjs'],
    outputs: ['{projectRoot}/dist'],
    cache: true,
    metadata: { description: 'Compiles the project to dist' },
  };
}

/** Jest over the compiled specs; the result stays as a file, so that a cached run can be counted too. */
function test(): TargetConfiguration {
  return {
    executor: 'nx:run-commands',
    options: {
      command: 'jest --config jest.config.cjs --json --outputFile test-results.json',
      cwd: '{projectRoot}',
      env: { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
    },
    dependsOn: ['build'],
    inputs: [
      'default',
      '^production',
      '{workspaceRoot}/jest.preset.cjs',
      '{workspaceRoot}/eslint.config.ts',
      '{workspaceRoot}/tools/testing/**/*',
      '{workspaceRoot}/data-cards/**/*',
      '{workspaceRoot}/docs/**/*',
      '{workspaceRoot}/*.md',
      '{workspaceRoot}/package.json',
      '{workspaceRoot}/tsconfig.json',
      { env: 'FIELDCRAFT_MIRROR' },
    ],
    outputs: ['{projectRoot}/test-results.json'],
    cache: true,
    metadata: { description: 'Runs the compiled specs' },
  };
}

/**
 * One folder of its own is the cached output: a cache hit replaces that folder, so it is never `runs/`, where checkpoints and other runs lie.
 * What lies outside the workspace (weights, data, options that name files) is hashed by `hashTraining`.
 */
function train(): TargetConfiguration {
  return {
    executor: '@fieldcraft/nx:train',
    dependsOn: builds(),
    inputs: ['production', '^production', '{workspaceRoot}/data-cards/**/*'],
    outputs: ['{workspaceRoot}/dist/models/{projectName}'],
    cache: true,
    parallelism: false,
    metadata: { description: 'Trains the vertical; the finished model goes to dist/models' },
  };
}

function advise(): TargetConfiguration {
  return {
    executor: '@fieldcraft/nx:advise',
    dependsOn: builds(),
    cache: false,
    parallelism: false,
    metadata: { description: 'Looks at the data of the vertical and says how to train on it' },
  };
}

function useModel(command: 'evaluate' | 'predict' | 'attack'): TargetConfiguration {
  return {
    executor: `@fieldcraft/nx:${command}`,
    dependsOn: builds(),
    cache: false,
    parallelism: false,
    metadata: { description: `Runs fieldcraft ${command} on the model in dist/models` },
  };
}

/** The vertical itself and the command that runs it. */
function builds(): NonNullable<TargetConfiguration['dependsOn']> {
  return ['build', { projects: ['cli'], target: 'build' }];
}
