/** An app without a screen, for specs of how apps start: its field has a task that no model of the specs knows. */
import { classification, multiLabel } from '@fieldcraft/core';
import { runApp } from './run-app.js';

const tasks = {
  clauses: classification({ data: 'none' }),
  'unfair-terms': multiLabel({ data: 'none' }),
  overruling: classification({ data: 'none' }),
};
await runApp({ name: 'spec-app', vertical: { name: 'legal', title: 'Legal', tasks } });
