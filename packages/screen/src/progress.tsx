/** How far something is; without a `value`, that it goes on. */
interface ProgressProps {
  label: string;
  value?: number;
  max?: number;
  onCancel?: () => void;
}

export function Progress({ label, value, max = 1, onCancel }: ProgressProps) {
  return (
    <div class="progress" role="status">
      <span>{label}</span>
      <progress aria-label={label} {...(value !== undefined && { value, max })} />
      {onCancel && (
        <button type="button" class="quiet-button" onClick={onCancel}>
          Cancel
        </button>
      )}
    </div>
  );
}
