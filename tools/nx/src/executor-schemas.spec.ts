/** The committed schemas of the executors are those that core's options give. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { executorSchemas } from './executor-schemas.js';

test.each(Object.entries(executorSchemas()))(
  'schemas/%s.json is up to date; npm run schemas writes it anew',
  (executor, schema) => {
    expect(readFileSync(new URL(`../schemas/${executor}.json`, import.meta.url), 'utf8')).toBe(schema);
  },
);

test('no option has a default that Nx would pass on', () => {
  for (const schema of Object.values(executorSchemas())) {
    const { properties } = JSON.parse(schema) as { properties: Record<string, object> };
    expect(Object.keys(properties).length).toBeGreaterThan(1);
    for (const property of Object.values(properties)) expect(property).not.toHaveProperty('default');
  }
});
