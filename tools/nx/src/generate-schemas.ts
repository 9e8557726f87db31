/** `npm run schemas`: writes the executors' schema.json files anew after core's options have changed. */
import { writeFileSync } from 'node:fs';
import { executorSchemas } from './executor-schemas.js';

for (const [executor, schema] of Object.entries(executorSchemas())) {
  writeFileSync(new URL(`../schemas/${executor}.json`, import.meta.url), schema);
}
