/** Ctrl-C and its kin: the first asks the run to save its state and stop, later ones must not get in the way of that. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Signals that follow one another within this many milliseconds are one key press, which Nx and the terminal both pass on. */
const onePress = 1000;

/**
 * Calls `stop` at the first signal and `again` when a person insists; none ends the process.
 * Returns a function that gives the signals their usual effect back.
 */
export function onInterruption(stop: () => void, again: () => void): () => void {
  let last: number | undefined;
  const listener = () => {
    const now = performance.now();
    if (last === undefined) stop();
    else if (now - last > onePress) again();
    last = now;
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
