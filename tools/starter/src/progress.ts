/** Lines about work that takes long. */

/** A line now and then. */
export function progressTeller(say: (line: string) => void) {
  let last = 0;
  return (update: number, updates: number, loss: number, speed: number, phase?: string): void => {
    if (performance.now() - last < 30_000) return;
    last = performance.now();
    const of = phase === undefined ? '' : `${phase}, `;
    say(`  ${of}update ${update} of ${updates}: loss ${loss.toFixed(4)}, ${Math.round(speed)} tokens a second`);
  };
}
