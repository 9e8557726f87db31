/** Corrects the labels of a text: any number of them. */
import { useState } from 'preact/hooks';
import { useFocusInside } from './focus.js';
import { readable } from './words.js';

interface LabelsEditorProps {
  title: string;
  quote: string;
  labels: readonly string[];
  chosen: readonly string[];
  onSave: (labels: readonly string[]) => void;
  onClose: () => void;
}

export function LabelsEditor({ title, quote, labels, chosen, onSave, onClose }: LabelsEditorProps) {
  const [now, setNow] = useState(chosen);
  const form = useFocusInside<HTMLFormElement>(quote);
  return (
    <form
      ref={form}
      class="labels-editor"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(labels.filter((label) => now.includes(label)));
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <h3>{title}</h3>
      <p class="quiet small">{quote.length > 140 ? `${quote.slice(0, 140)}…` : quote}</p>
      <fieldset class="label-list" tabIndex={0}>
        <legend class="hidden">{title}</legend>
        {labels.map((label) => (
          <label key={label}>
            <input
              type="checkbox"
              checked={now.includes(label)}
              onChange={(event) =>
                setNow(event.currentTarget.checked ? [...now, label] : now.filter((one) => one !== label))
              }
            />{' '}
            {readable(label)}
          </label>
        ))}
      </fieldset>
      <div class="actions">
        <button type="submit" class="primary">
          Keep
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
