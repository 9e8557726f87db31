/** A label with how sure the model is of it, and whether a person should look. */
import type { ComponentChildren } from 'preact';
import { percent, readable } from './words.js';

/** `hue` colours kinds; `good`, `even` and `bad` judge. */
export type Tone = 'good' | 'even' | 'bad' | `hue-${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`;

interface LabelChipProps {
  label: string;
  tone?: Tone;
  /** A calibrated share of 1. */
  confidence?: number | undefined;
  needsReview?: boolean | undefined;
  /** Said by a rule, or by the person, instead of the model. */
  from?: 'rule' | 'you' | undefined;
  children?: ComponentChildren;
}

export function LabelChip({ label, tone, confidence, needsReview, from, children }: LabelChipProps) {
  return (
    <span class={`chip ${tone ?? ''}`}>
      {readable(label)}
      {confidence !== undefined && <span class="confidence">{percent(confidence)}</span>}
      {from && <span class="from">{from === 'rule' ? 'rule' : 'corrected'}</span>}
      {needsReview === true && from !== 'you' && <span class="review">needs review</span>}
      {children}
    </span>
  );
}

const hues = 8;

/** The same colour for the same place in a list of labels. */
export function hueOf(labels: readonly string[], label: string): Tone {
  const index = Math.max(0, labels.indexOf(label)) % hues;
  return `hue-${index as 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`;
}
