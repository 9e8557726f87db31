/** The text with the marks of what is looked at, in paragraphs or headlines, and the correction right below what is corrected. */
import { AnnotatedText, type Stretch } from '@fieldcraft/screen';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { FinanceReading } from '../src/read-finance.js';
import type { Mark } from './marks.js';

interface ReadingTextProps {
  reading: FinanceReading;
  marks: readonly Mark[];
  /** Id of a mark. */
  selected: string | undefined;
  /** What the person has marked. */
  marked: Stretch | undefined;
  onSelect: (id: string) => void;
  /** Absent where nothing can be added. */
  onMark?: ((stretch: Stretch) => void) | undefined;
  /** The correction of what is selected or marked. */
  children?: ComponentChildren;
}

export function ReadingText({ reading, marks, selected, marked, onSelect, onMark, children }: ReadingTextProps) {
  const root = useRef<HTMLDivElement>(null);
  const parts = useMemo(() => partsOf(reading), [reading.kind, reading.text]);
  const open = marked ?? marks.find(({ id }) => id === selected);
  useEffect(() => {
    if (selected === undefined) return;
    const mark =
      root.current?.querySelector(`[data-span="${CSS.escape(selected)}"]`) ?? root.current?.querySelector('.open');
    mark?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  return (
    <div class={reading.kind} ref={root}>
      {parts.map(({ start, end, date }, i) => {
        const own = marks
          .filter((mark) => mark.start < end && mark.end > start)
          .map((mark) => ({
            ...mark,
            start: Math.max(mark.start, start) - start,
            end: Math.min(mark.end, end) - start,
          }));
        const isOpen = open !== undefined && open.start >= start && open.start < end;
        return (
          <div key={start} class={`part ${isOpen ? 'open' : ''}`}>
            {date !== undefined && <time dateTime={date}>{date}</time>}
            <AnnotatedText
              text={reading.text.slice(start, end)}
              spans={own}
              label={`${reading.kind === 'feed' ? 'Headline' : 'Paragraph'} ${i + 1}`}
              selected={selected}
              onSelect={({ id }) => onSelect(id)}
              {...(onMark && {
                onMark: (stretch: Stretch) => onMark({ start: stretch.start + start, end: stretch.end + start }),
              })}
            />
            {isOpen && children}
          </div>
        );
      })}
    </div>
  );
}

interface Part extends Stretch {
  readonly date?: string;
}

function partsOf({ kind, text, sentences }: FinanceReading): readonly Part[] {
  if (kind === 'feed') return sentences;
  return [...text.matchAll(/\S[^\n]*(?:\n(?![^\S\n]*\n)[^\n]+)*/g)].map(({ 0: { length }, index }) => {
    return { start: index, end: index + length };
  });
}
