/** Where a text comes in: pasted, typed, opened or dropped as a file, or an example to try. */
import { useRef, useState } from 'preact/hooks';
import { useShortcuts } from './keyboard.js';

export interface ExampleText {
  readonly name: string;
  readonly text: string;
}

interface DocumentInputProps {
  /** What is asked for: "A contract or terms of service". */
  label: string;
  /** What the button does: "Review". */
  action: string;
  hint?: string;
  value: string;
  onInput: (text: string) => void;
  /** The text as it stands, or a file. */
  onSubmit: (source: File | string) => void;
  /** File name extensions, such as `.pdf`; without them no files are taken. */
  accept?: readonly string[];
  examples?: readonly ExampleText[];
  busy?: boolean;
}

export function DocumentInput(props: DocumentInputProps) {
  const { label, action, hint, value, onInput, onSubmit, accept = [], examples = [], busy = false } = props;
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const submit = () => {
    if (!busy && value.trim() !== '') onSubmit(value);
  };
  useShortcuts([
    { key: 'Mod+Enter', does: action, run: submit },
    ...(accept.length > 0 ? [{ key: 'o', does: 'Open a file', run: () => picker.current?.click() }] : []),
  ]);

  return (
    <form
      class={`document-input ${over ? 'over' : ''}`}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onDragOver={(event) => {
        if (accept.length === 0) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (accept.length === 0 || !file) return;
        event.preventDefault();
        if (!busy) onSubmit(file);
      }}
    >
      <label for="document-text">{label}</label>
      {hint !== undefined && (
        <p class="quiet" id="document-hint">
          {hint}
        </p>
      )}
      <textarea
        id="document-text"
        rows={12}
        value={value}
        aria-describedby={hint === undefined ? undefined : 'document-hint'}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <div class="actions">
        <button type="submit" class="primary" disabled={busy || value.trim() === ''}>
          {action}
        </button>
        {accept.length > 0 && (
          <>
            <button type="button" disabled={busy} onClick={() => picker.current?.click()}>
              Open a file…
            </button>
            <input
              ref={picker}
              class="hidden"
              type="file"
              tabIndex={-1}
              aria-label="Open a file"
              accept={accept.join(',')}
              onChange={(event) => {
                const file = event.currentTarget.files?.[0];
                event.currentTarget.value = '';
                if (file) onSubmit(file);
              }}
            />
          </>
        )}
        {examples.map(({ name, text }) => (
          <button key={name} type="button" class="quiet-button" disabled={busy} onClick={() => onInput(text)}>
            Try: {name}
          </button>
        ))}
      </div>
    </form>
  );
}
