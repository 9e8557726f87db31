/** That something goes on. */
interface ProgressProps {
  label: string;
  onCancel?: () => void;
}

export function Progress({ label, onCancel }: ProgressProps) {
  return (
    <div class="progress" role="status">
      <span>{label}</span>
      <progress aria-label={label} />
      {onCancel && (
        <button type="button" class="quiet-button" onClick={onCancel}>
          Cancel
        </button>
      )}
    </div>
  );
}
