/** Keys that do something on a screen, and their list for the help. */
import { useEffect } from 'preact/hooks';

export interface Shortcut {
  /** As `KeyboardEvent.key`; `Mod+Enter` with Ctrl or, on a Mac, Command. */
  readonly key: string;
  readonly does: string;
  readonly run: () => void;
}

/** Listens while the component stands. Plain keys are left alone where a person types; those with Mod work there too. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]')) return;
      const mod = event.ctrlKey || event.metaKey;
      const pressed = mod ? `Mod+${event.key}` : event.key;
      const shortcut = shortcuts.find(({ key }) => key === pressed);
      if (!shortcut || (!mod && isTyping(event.target))) return;
      event.preventDefault();
      shortcut.run();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}
