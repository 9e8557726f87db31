/** Starts the scientific app. */
import { fileURLToPath } from 'node:url';
import vertical from '@fieldcraft/scientific';
import { runApp } from '@fieldcraft/serving';
import { routes } from './routes.js';

await runApp({ vertical, screen: fileURLToPath(new URL('screen', import.meta.url)), routes, name: 'scientific-app' });
