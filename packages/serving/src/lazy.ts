/** A server for programs that mostly do other things: its libraries are loaded only when it is asked for. */
import type { Server, ServerOptions } from './server.js';

export { environmentName, readServingConfig, servingConfigSchema } from './config.js';

/** As `serveUntilSignal`. */
export async function serveLazily(options: ServerOptions): Promise<Server> {
  const { serveUntilSignal } = await import('./run-app.js');
  return serveUntilSignal(options);
}
