/** Ends a download whose connection is open but brings nothing: a slow one may take as long as it needs. */

export interface StallSignal {
  /** Fires with the caller's signal, or when `restart` was not called for too long. */
  readonly signal: AbortSignal;
  /** To be called with every piece that arrives. */
  restart(): void;
  clear(): void;
}

/** `stallTimeout`: milliseconds without a byte after which a connection counts as dead. Default 30,000. */
export function stallSignal({
  signal,
  stallTimeout = 30_000,
}: {
  readonly signal?: AbortSignal | undefined;
  readonly stallTimeout?: number | undefined;
}): StallSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`no byte for ${stallTimeout / 1000} s`)), stallTimeout);
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    restart: () => void timer.refresh(),
    clear: () => clearTimeout(timer),
  };
}
