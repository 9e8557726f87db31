/** Corrects a marked stretch of a text: another label, or none. */
import { useFocusInside } from './focus.js';
import { readable } from './words.js';

interface SpanEditorProps {
  /** What is being corrected, in its own words. */
  quote: string;
  labels: readonly string[];
  /** Absent for what the person has just marked. */
  label?: string | undefined;
  /** What a label is called; default: its own words. */
  nameOf?: (label: string) => string;
  onLabel: (label: string) => void;
  onRemove?: () => void;
  onClose: () => void;
}

export function SpanEditor(props: SpanEditorProps) {
  const { quote, labels, label, nameOf = readable, onLabel, onRemove, onClose } = props;
  const form = useFocusInside<HTMLFormElement>(quote);
  return (
    <form
      ref={form}
      class="span-editor"
      aria-label="Correct the mark"
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <q>{quote}</q>
      <label>
        Label{' '}
        <select value={label ?? ''} onChange={(event) => onLabel(event.currentTarget.value)}>
          {label === undefined && <option value="">Choose…</option>}
          {labels.map((one) => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      </label>
      {onRemove && (
        <button type="button" class="quiet-button" onClick={onRemove}>
          Not one of these
        </button>
      )}
      <button type="button" class="quiet-button" onClick={onClose}>
        Close
      </button>
    </form>
  );
}
