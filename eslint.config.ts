/** What the linter demands: type-aware rules everywhere, layers between projects, rooms inside core. */
import javascript from '@eslint/js';
import nx from '@nx/eslint-plugin';
import { createProjectGraphAsync } from '@nx/devkit';
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';
import { roomOrder } from './tools/nx/src/lint/rooms.js';

// Without a project graph the rule for layers would pass everything in silence.
await createProjectGraphAsync();

/** Which layers a layer may import. */
const layers: Record<string, string[]> = {
  core: [],
  vertical: ['core', 'general'],
  general: ['core'],
  serving: ['core'],
  screen: [],
  cli: ['core', 'serving'],
  app: ['vertical', 'general', 'serving', 'screen', 'core'],
  tool: ['cli', 'core', 'serving'],
};

const doubleCast = {
  selector: "TSAsExpression > TSAsExpression[typeAnnotation.type='TSUnknownKeyword']",
  message: 'A double cast hides a mistake: narrow the value, or correct the type it comes from.',
};

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', '.nx/', 'runs/', '**/*.as.ts'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [javascript.configs.recommended, typescript.configs.recommendedTypeChecked],
    plugins: { '@nx': nx, rooms: { rules: { order: roomOrder } } },
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.ts'], defaultProject: 'tsconfig.base.json' },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      // Objects here are records of functions that close over what they need: they use no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Published constants keep the digits they were published with.
      'no-loss-of-precision': 'off',
      // An interface may be asynchronous where one of its implementations is not.
      '@typescript-eslint/require-await': 'off',
      'no-restricted-syntax': ['error', doubleCast],
      'rooms/order': 'error',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          depConstraints: Object.entries(layers).map(([layer, onlyDependOn]) => ({
            sourceTag: `layer:${layer}`,
            onlyDependOnLibsWithTags: onlyDependOn.map((other) => `layer:${other}`),
          })),
        },
      ],
    },
  },
);
