/** A task is added to a vertical that is written as all are; any other is left alone. */
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { addTask } from './add-task.js';

const task = {
  name: 'new-in-this-spec',
  helper: 'multiLabel',
  data: 'insurance-new-in-this-spec',
  summary: 'Any of 3 labels.',
};
const add = (source: string) => addTask(source, task, 'vertical.ts');
const entry = "/** Any of 3 labels. */\n    'new-in-this-spec': multiLabel({ data: 'insurance-new-in-this-spec' }),";

const packages = resolve(import.meta.dirname, '../../../../packages');
const verticals = readdirSync(packages)
  .map((name) => join(packages, name, 'src', 'vertical.ts'))
  .filter((path) => existsSync(path));

test.each(verticals)('%s gets a task at its end, and nothing else of it changes', (path) => {
  const source = readFileSync(path, 'utf8');
  const added = add(source);
  expect(added).toContain(`${entry}\n  },\n});\n`);
  const without = added.replace(`  ${entry}\n  `, '');
  expect(without.replace(/^import \{[^}]*\}/m, '')).toBe(source.replace(/^import \{[^}]*\}/m, ''));
  expect(/^import \{[^}]*\bmultiLabel\b[^}]*\} from '@fieldcraft\/core'/m.test(added)).toBe(true);
});

test('the first task, with its import in alphabetical order', () => {
  expect(
    add(
      "import { classification, tokenClassification } from '@fieldcraft/core';\nexport default defineVertical({ tasks: {} });\n",
    ),
  ).toBe(
    `import { classification, multiLabel, tokenClassification } from '@fieldcraft/core';\nexport default defineVertical({ tasks: {\n    ${entry}\n  } });\n`,
  );
});

test('behind a task without a comma, and behind a comment', () => {
  const source = `import { multiLabel } from '@fieldcraft/core';
export default defineVertical({
  tasks: {
    'fraud': multiLabel({ data: 'fraud' }) // the last
  },
});
`;
  expect(add(source)).toBe(source.replace('}) // the last\n  }', `}), // the last\n    ${entry}\n  }`));
});

test('a function that is imported under another name is called by it', () => {
  const source =
    "import { multiLabel as several } from '@fieldcraft/core';\nexport default defineVertical({ tasks: {} });\n";
  expect(add(source)).toContain("'new-in-this-spec': several({ data: 'insurance-new-in-this-spec' })");
  expect(add(source)).toContain('import { multiLabel as several } from');
});

const core = "import { defineVertical } from '@fieldcraft/core';\n";
test.each([
  [
    'a name that is there',
    `${core}export default defineVertical({ tasks: { 'new-in-this-spec': x } });`,
    /a task "new-in-this-spec" already/,
  ],
  ['a spread', `${core}export default defineVertical({ tasks: { ...others } });`, /`\.\.\.others` among the tasks/],
  [
    'a computed name',
    `${core}export default defineVertical({ tasks: { [name]: x } });`,
    /`\[name\]: x` among the tasks/,
  ],
  ['tasks from elsewhere', `${core}export default defineVertical({ tasks: make() });`, /tasks that are made elsewhere/],
  ['no tasks', `${core}export default defineVertical({ name: 'x' });`, /no property `tasks`/],
  [
    'a declaration from elsewhere',
    `${core}export default defineVertical(declaration);`,
    /a declaration made elsewhere/,
  ],
  ['another call', `${core}export default make({ tasks: {} });`, /not a call of defineVertical/],
  ['no export', `${core}defineVertical({ tasks: {} });`, /no default export/],
  ['no import', 'export default defineVertical({ tasks: {} });', /no `import/],
  [
    'a type import alone',
    "import type { Vertical } from '@fieldcraft/core';\nexport default defineVertical({ tasks: {} });",
    /no `import/,
  ],
  ['a syntax error', `${core}export default defineVertical({ tasks: { });`, /a syntax error/],
])('%s is refused', (_, source, message) => {
  expect(() => add(source)).toThrow(
    expect.objectContaining({ code: 'FC_CONFIG', message: expect.stringMatching(message) }),
  );
});
