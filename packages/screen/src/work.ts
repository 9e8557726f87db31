/** What a screen waits for. */
import { useRef, useState } from 'preact/hooks';
import { notifyError } from './toasts.js';

export interface Work {
  /** What is being done; undefined while nothing is. */
  readonly doing: string | undefined;
  /** One piece of work at a time: a new one ends the one before. What goes wrong is told to the person. `say` tells what is being done now. */
  start(doing: string, run: (signal: AbortSignal, say: (doing: string) => void) => Promise<void>): Promise<void>;
  cancel(): void;
}

export function useWork(): Work {
  const [doing, setDoing] = useState<string>();
  const running = useRef<AbortController>(undefined);
  return {
    doing,
    async start(first, run) {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const say = (now: string | undefined) => {
        if (running.current === controller) setDoing(now);
      };
      say(first);
      try {
        await run(controller.signal, say);
      } catch (error) {
        notifyError(error);
      } finally {
        say(undefined);
      }
    },
    cancel: () => running.current?.abort(),
  };
}
