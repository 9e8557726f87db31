/** Infers the targets of a project from the files it has: tsconfig.json, screen/index.html, jest.config.cjs, src/vertical.ts, an app's src/main.ts. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createNodesFromFiles, type CreateNodes, type TargetConfiguration } from '@nx/devkit';

/** Where a project lies, and its folder on disk. */
interface Place {
  root: string;
  folder: string;
  workspace: string;
}

/** The targets that each file brings to the project it lies in. */
const targetsByFile: Record<string, (place: Place) => Record<string, TargetConfiguration>> = {
  'tsconfig.json': ({ folder }) => ({ build: build(existsSync(join(folder, 'screen', 'index.html'))) }),
  'jest.config.cjs': () => ({ test: test() }),
  'vertical.ts': ({ root, workspace }) => ({
    advise: advise(),
    train: train(),
    evaluate: useModel('evaluate'),
    predict: useModel('predict'),
    attack: useModel('attack'),
    export: exportBundle(),
    gate: gate(),
    serve: serve(existsSync(join(workspace, 'apps', basename(root), 'src', 'main.ts')) && `${basename(root)}-app`),
  }),
  'main.ts': ({ root }) => (dirname(root) === 'apps' ? { serve: serveApp() } : {}),
};

export const createNodes: CreateNodes = [
  '{packages,apps,tools}/*/{tsconfig.json,jest.config.cjs,src/vertical.ts,src/main.ts}',
  (files, options, context) =>
    createNodesFromFiles(
      (file) => {
        const folder = dirname(file);
        const root = basename(folder) === 'src' ? dirname(folder) : folder;
        const place = { root, folder: join(context.workspaceRoot, root), workspace: context.workspaceRoot };
        return { projects: { [root]: { targets: targetsByFile[basename(file)]?.(place) ?? {} } } };
      },
      files,
      options,
      context,
    ),
];

/** TypeScript to `dist`, then what else a project has: the WebAssembly kernels, the screen of an app. */
function build(hasScreen: boolean): TargetConfiguration {
  return {
    executor: 'nx:run-commands',
    options: {
      commands: [
        'tsc -b',
        'node ../../tools/build-kernels.mjs .',
        ...(hasScreen ? ['node ../../packages/screen/build-screen.mjs .'] : []),
      ],
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
    // The heads that come with a vertical are served, and nothing is trained from them.
    inputs: ['production', '!{projectRoot}/models/**/*', '^production', '{workspaceRoot}/data-cards/**/*'],
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

/** The app's own server, from the workspace root, where `dist/models` lies. */
function serveApp(): TargetConfiguration {
  return {
    executor: '@fieldcraft/nx:serve',
    dependsOn: ['build'],
    cache: false,
    continuous: true,
    metadata: {
      description:
        'Runs the app on the model in dist/models, else on the heads that come with its field, or on the one that --model names',
    },
  };
}

/** A vertical is served by its app; one without an app by the command, without a screen. */
function serve(app: string | false): TargetConfiguration {
  return {
    executor: '@fieldcraft/nx:serve',
    dependsOn: app === false ? builds() : [{ projects: [app], target: 'build' }],
    cache: false,
    continuous: true,
    metadata: { description: app === false ? 'Serves the model in dist/models over HTTP' : `Runs ${app}:serve` },
  };
}

/** What is in dist/models is exported as it is: whoever trained with options of their own shall not train again. */
function exportBundle(): TargetConfiguration {
  return {
    executor: '@fieldcraft/nx:export',
    dependsOn: builds(),
    cache: false,
    parallelism: false,
    metadata: { description: 'Writes the model in dist/models as a bundle to bundles' },
  };
}

/** Behind `train`, so that `nx affected -t train,gate` trains anew, from the cache where nothing changed, and judges what came out. */
function gate(): TargetConfiguration {
  return {
    executor: '@fieldcraft/nx:gate',
    dependsOn: [...builds(), 'train'],
    cache: false,
    parallelism: false,
    metadata: { description: 'Whether the model in dist/models is good enough to ship, by the gates of the vertical' },
  };
}

/** The vertical itself and the command that runs it. */
function builds(): NonNullable<TargetConfiguration['dependsOn']> {
  return ['build', { projects: ['cli'], target: 'build' }];
}
