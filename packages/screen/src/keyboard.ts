/** Keys that do something on a screen, and their list for the help: each component says its own, and one listener knows them all. */
import { useEffect, useRef } from 'preact/hooks';

export interface Shortcut {
  /** As `KeyboardEvent.key`; `Mod+Enter` with Ctrl or, on a Mac, Command. */
  readonly key: string;
  readonly does: string;
  readonly run: () => void;
}

/** As each component that stands has them now; of equal keys the one that came last counts. */
const standing = new Set<{ current: readonly Shortcut[] }>();

/** Those of the whole screen, as they are at this moment. */
export const currentShortcuts = (): Shortcut[] => [...standing].flatMap(({ current }) => current);

/** Keys that work while the component stands. Plain keys are left alone where a person types; those with Mod work there too. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const own = useRef(shortcuts);
  own.current = shortcuts;
  useEffect(() => {
    if (standing.size === 0) document.addEventListener('keydown', listen);
    standing.add(own);
    return () => {
      standing.delete(own);
      if (standing.size === 0) document.removeEventListener('keydown', listen);
    };
  }, []);
}

function listen(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]')) return;
  const mod = event.ctrlKey || event.metaKey;
  const pressed = mod ? `Mod+${event.key}` : event.key;
  const shortcut = currentShortcuts().findLast(({ key }) => key === pressed);
  if (!shortcut || (!mod && isTyping(event.target))) return;
  event.preventDefault();
  shortcut.run();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}
