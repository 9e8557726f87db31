/** Takes the keyboard to what has just opened, and back to where it was. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const controls = 'input, select, textarea, button';
const openers = ':is(input, select, textarea, button, a, [role="button"]):not([role="tab"])';

/**
 * The first control inside the element of the reference is focused now and whenever `about` changes; what was focused before, when it closes. Where
 * no control has the focus it stays so: whoever goes through a list by single keys goes on. A tab opens nothing of this kind, so that with the
 * focus on one it was such a key too.
 */
export function useFocusInside<E extends HTMLElement>(about: string): RefObject<E | null> {
  const element = useRef<E>(null);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    before.current = document.activeElement;
    return () => {
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
    };
  }, []);
  useEffect(() => {
    if (document.activeElement?.matches(openers) !== true) return;
    element.current?.querySelector<HTMLElement>(controls)?.focus();
  }, [about]);
  return element;
}
