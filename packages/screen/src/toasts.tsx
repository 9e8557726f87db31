/** Short notices at the edge of the screen: what was kept, what went wrong. */
import { signal } from '@preact/signals';

interface Toast {
  id: number;
  message: string;
  tone: 'good' | 'bad';
  action?: { label: string; run: () => void };
}

const toasts = signal<readonly Toast[]>([]);
let next = 0;

/** Good news goes by itself, later where there is something to do about it; bad news stays until it is dismissed. */
export function notify(message: string, { tone = 'good', action }: Partial<Pick<Toast, 'tone' | 'action'>> = {}): void {
  const toast: Toast = { id: next++, message, tone, ...(action && { action }) };
  toasts.value = [...toasts.value.slice(-3), toast];
  if (tone === 'good') setTimeout(() => dismiss(toast.id), action ? 30_000 : 8_000);
}

/** Says what an error says; a request that the person gave up is none. */
export function notifyError(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  notify(error instanceof Error ? error.message : String(error), { tone: 'bad' });
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <section class="toasts" role="region" aria-label="Notices" aria-live="polite">
      {toasts.value.map(({ id, message, tone, action }) => (
        <div key={id} class={`toast ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
          <p>{message}</p>
          {action && (
            <button
              type="button"
              class="link"
              onClick={() => {
                action.run();
                dismiss(id);
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" class="icon" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </section>
  );
}
