/** What every command gets besides its arguments. */
import type { Screen, Streams } from './screen.js';

export interface CommandContext {
  readonly stdin: Streams['stdin'];
  /** Results. */
  readonly stdout: Screen;
  /** The work on the way to them. */
  readonly stderr: Screen;
  /** The command as a shell would take it, for whoever wants to repeat it. */
  readonly typed: string;
}
