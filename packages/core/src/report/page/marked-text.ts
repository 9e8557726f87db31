/** A text with stretches of it marked: underlined what is true, shaded what was predicted, and in grey where both agree. */
import { html, type Content, type Markup } from '../markup.js';

export interface Mark {
  /** UTF-16 indices, `end` exclusive. */
  start: number;
  end: number;
  /** Named behind the stretch, where it has a name. */
  label?: string;
  kind: 'true' | 'predicted' | 'right' | 'given' | 'evidence' | 'changed';
}

interface Span {
  start: number;
  end: number;
  label: string;
}

const key = ({ start, end, label }: Span): string => `${start} ${end} ${label}`;

/** Spans that are true of a text and those that were predicted, told apart by whether they agree. */
export function compareSpans(gold: readonly Span[], predicted: readonly Span[]) {
  const [truth, found] = [new Set(gold.map(key)), new Set(predicted.map(key))];
  return {
    right: gold.filter((span) => found.has(key(span))),
    missed: gold.filter((span) => !found.has(key(span))),
    wrong: predicted.filter((span) => !truth.has(key(span))),
  };
}

/** Marks may cross and lie within each other. Those outside the text are left out. */
export function markedText(text: string, marks: readonly Mark[]): Markup {
  const inside = marks.filter(({ start, end }) => start < end && end <= text.length);
  const cuts = [...new Set([0, text.length, ...inside.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  const pieces: Content[] = cuts.slice(0, -1).map((from, i) => {
    const to = cuts[i + 1] ?? text.length;
    const over = inside.filter(({ start, end }) => start <= from && end >= to);
    const words = text.slice(from, to);
    if (over.length === 0) return words;
    const kinds = [...new Set(over.map(({ kind }) => kind))];
    const ending = over.filter(({ end, label }) => end === to && label !== undefined);
    const names = ending.map(
      ({ kind, label }) =>
        html`<span class="kind ${kind}"><span class="hidden"> ${spoken[kind]}</span> ${label}</span>`,
    );
    return html`<mark class="${kinds.join(' ')}">${words}</mark>${names}`;
  });
  return html`${pieces}`;
}

/** For those who hear the page. */
const spoken: Readonly<Record<Mark['kind'], string>> = {
  true: 'true, missed:',
  predicted: 'wrongly predicted:',
  right: 'true and predicted:',
  given: 'given:',
  evidence: 'evidence:',
  changed: 'in the place of:',
};
