/** A clause of the contract as it stands, with its kinds, its risk, and the marks of the layers that are switched on. */
import { AnnotatedText, LabelChip, type TextSpan, type Tone } from '@fieldcraft/screen';
import { nameOfClause } from '../src/issues.js';
import type { ReviewedClause } from '../src/review.js';
import type { Risk } from '../src/risks.js';

export const toneOfRisk = { high: 'bad', medium: 'even', low: 'hue-4' } satisfies Record<Risk, Tone>;

interface ClauseViewProps {
  text: string;
  clause: ReviewedClause;
  /** At places in the clause. */
  spans: readonly TextSpan[];
  selected: string | undefined;
  onSelect: (span: TextSpan) => void;
  onMark: (span: { start: number; end: number }) => void;
  /** Absent where the model does not type clauses. */
  onEditKinds?: (() => void) | undefined;
}

export function ClauseView({ text, clause, spans, selected, onSelect, onMark, onEditKinds }: ClauseViewProps) {
  const { start, end, kinds, risk } = clause;
  const name = nameOfClause(clause) || 'Clause';
  return (
    <article class={`clause ${risk ?? ''}`} id={`clause-${start}`} aria-label={name}>
      {(kinds.length > 0 || risk || onEditKinds) && (
        <div class="clause-head">
          {risk && <LabelChip label={`${risk} risk`} tone={toneOfRisk[risk]} />}
          {kinds.map(({ label, confidence, needsReview, corrected }) => (
            <LabelChip
              key={label}
              label={label}
              confidence={corrected ? undefined : confidence}
              needsReview={needsReview}
              from={corrected && 'you'}
            />
          ))}
          {onEditKinds && (
            <button type="button" class="link edit" onClick={onEditKinds}>
              {kinds.length > 0 ? 'Correct' : 'Add a kind'}
              <span class="hidden">
                {kinds.length > 0 ? ' the kinds of ' : ' to '}
                {name}
              </span>
            </button>
          )}
        </div>
      )}
      <AnnotatedText
        text={text.slice(start, end)}
        spans={spans}
        label={`Text of ${name}`}
        selected={selected}
        onSelect={onSelect}
        onMark={(mark) => onMark({ start: mark.start + start, end: mark.end + start })}
      />
    </article>
  );
}
