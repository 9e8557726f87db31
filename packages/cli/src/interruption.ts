/** Ctrl-C and its kin: the first asks the run to save its state and stop, later ones must not get in the way of that. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` at the first signal and `again` at each later one, of which Nx alone sends several; none ends the process.
 * Returns a function that gives the signals their usual effect back.
 */
export function onInterruption(stop: () => void, again: () => void): () => void {
  let stopping = false;
  const listener = () => {
    if (stopping) return again();
    stopping = true;
    stop();
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
