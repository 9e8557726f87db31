/** In place of a part of a screen whose task the model lacks: that it is not trained, and what trains it; or that it is hidden, and why. */
import type { MissingTask, ModelInfo } from './api.js';
import { findTask } from './api.js';
import { notify, notifyError } from './toasts.js';

interface NotTrainedProps {
  /** What the part would do. */
  title: string;
  missing: Pick<MissingTask, 'name' | 'command' | 'reason'>;
}

export function NotTrained({ title, missing }: NotTrainedProps) {
  const { command = '', reason } = missing;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
      notify('Command copied.');
    } catch (error) {
      notifyError(error);
    }
  };
  if (reason !== undefined) {
    return (
      <div class="not-trained">
        <p>
          <strong>{title}: hidden.</strong> This server does not answer the task <code>{missing.name}</code>: {reason}.
        </p>
      </div>
    );
  }
  return (
    <div class="not-trained">
      <p>
        <strong>{title}: not trained.</strong> The loaded model has no task <code>{missing.name}</code>. This command
        trains it:
      </p>
      <div class="command">
        <code>{command}</code>
        <button type="button" class="quiet-button" onClick={() => void copy()}>
          Copy
        </button>
      </div>
    </div>
  );
}

/** The notices of those tasks that the model lacks. */
export function NotTrainedTasks({ model, tasks }: { model: ModelInfo; tasks: Readonly<Record<string, string>> }) {
  return (
    <>
      {Object.entries(tasks).map(([name, title]) => {
        const { missing } = findTask(model, name);
        return missing && <NotTrained key={name} title={title} missing={missing} />;
      })}
    </>
  );
}
