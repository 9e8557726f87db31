/** A server and its parts for programs that mostly do other things: libraries are loaded only when they are asked for. */
import type { Server, ServerOptions } from './server.js';

export type { Entry, FeedbackStore } from './feedback/index.js';
export { environmentName, readServingConfig, servingConfigSchema } from './config.js';

/** As `serveUntilSignal`. */
export async function serveLazily(options: ServerOptions): Promise<Server> {
  const { serveUntilSignal } = await import('./run-app.js');
  return serveUntilSignal(options);
}

/** What keeps feedback and makes training sets of it. */
export const loadFeedback = () => import('./feedback/index.js');
