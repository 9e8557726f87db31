/** Gives a training that is interrupted through Nx the time to save its state. */

/**
 * Runs in Nx before its tasks. On Ctrl-C Nx signals the whole tree of processes, and kills after five seconds what is still there: too soon for a
 * checkpoint of a large model. And its pseudo-terminal ends at the first Ctrl-C without waiting; without it the task also sees the real terminal.
 * Values that the user has set are left alone.
 */
export function preTasksExecution(): void {
  process.env['NX_PROCESS_KILL_GRACE_PERIOD'] ??= String(10 * 60 * 1000);
  process.env['NX_NATIVE_COMMAND_RUNNER'] ??= 'false';
}
