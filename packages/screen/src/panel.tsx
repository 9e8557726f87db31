/** A titled part of a screen, and tabs between several. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  title: string;
  /** After the title: a count, buttons. */
  aside?: ComponentChildren;
  class?: string;
  children?: ComponentChildren;
}

export function Panel({ title, aside, class: className = '', children }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${className}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

interface TabsProps<K extends string> {
  label: string;
  tabs: readonly { readonly key: K; readonly title: string; readonly count?: number | undefined }[];
  current: K;
  onChange: (key: K) => void;
  /** The open tab's content. */
  children?: ComponentChildren;
}

/** Tabs by the pattern of the ARIA authoring practices: arrows change the tab, Tab goes into it. */
export function Tabs<K extends string>({ label, tabs, current, onChange, children }: TabsProps<K>) {
  const id = useId();
  const step = (event: KeyboardEvent, index: number) => {
    const change = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const target = change && tabs[(index + change + tabs.length) % tabs.length];
    if (!target) return;
    event.preventDefault();
    onChange(target.key);
    document.getElementById(`${id}-${target.key}`)?.focus();
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label}>
        {tabs.map(({ key, title, count }, i) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-${key}`}
            aria-selected={key === current}
            aria-controls={`${id}-panel`}
            tabIndex={key === current ? 0 : -1}
            onClick={() => onChange(key)}
            onKeyDown={(event) => step(event, i)}
          >
            {title}
            {count !== undefined && <span class="count">{count}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current}`} tabIndex={0}>
        {children}
      </div>
    </div>
  );
}
