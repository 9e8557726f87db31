/** The legal app: its screen and its endpoints over a model of the legal field. */
import { fileURLToPath } from 'node:url';
import legal from '@fieldcraft/legal';
import { runApp } from '@fieldcraft/serving';
import { routes } from './routes.js';

const screen = fileURLToPath(new URL('./screen', import.meta.url));
await runApp({ name: 'legal-app', vertical: legal, screen, routes });
