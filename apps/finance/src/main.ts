/** Starts the finance app. */
import { fileURLToPath } from 'node:url';
import vertical from '@fieldcraft/finance';
import { runApp } from '@fieldcraft/serving';
import { routes } from './routes.js';

await runApp({ vertical, screen: fileURLToPath(new URL('screen', import.meta.url)), routes, name: 'finance-app' });
