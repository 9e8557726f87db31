/** Two stretches of a text marked as ChemProt marks them, in the sentences that hold both: the task is about pairs that a person knows to be related. */
import { FieldcraftError } from '@fieldcraft/core';
import { sentencesOf, type Span } from '@fieldcraft/serving';

interface MarkedPair {
  /** What the model reads. */
  readonly text: string;
  /** The sentences of the original text that it was made of. */
  readonly start: number;
  readonly end: number;
}

/**
 * `<< first >>` and `[[ second ]]`, in the order of the text: which mark holds the chemical is not fixed in the data.
 * @throws FieldcraftError FC_DATA for stretches that are empty, overlap, or lie outside the text
 */
export function markPair(text: string, one: Span, other: Span): MarkedPair {
  const [first, second] = one.start <= other.start ? [one, other] : [other, one];
  for (const { start, end } of [first, second]) {
    if (start < 0 || end > text.length || start >= end) {
      throw new FieldcraftError('FC_DATA', {
        what: 'a marked stretch does not lie in the text',
        expected: `0 <= start < end <= ${text.length}`,
        got: `${start} to ${end}`,
      });
    }
  }
  if (second.start < first.end) {
    throw new FieldcraftError('FC_DATA', {
      what: 'the two marked stretches overlap',
      got: `"${text.slice(first.start, first.end)}" and "${text.slice(second.start, second.end)}"`,
      fix: 'mark the chemical and the protein apart',
    });
  }
  const around = sentencesOf(text).filter(({ start, end }) => start < second.end && end > first.start);
  const start = Math.min(first.start, ...around.map((sentence) => sentence.start));
  const end = Math.max(second.end, ...around.map((sentence) => sentence.end));
  const inner = ({ start: from, end: to }: Span) => text.slice(from, to).trim();
  const marked = [
    text.slice(start, first.start),
    `<< ${inner(first)} >>`,
    text.slice(first.end, second.start),
    `[[ ${inner(second)} ]]`,
    text.slice(second.end, end),
  ];
  return { text: marked.join(''), start, end };
}
