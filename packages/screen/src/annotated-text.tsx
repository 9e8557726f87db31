/** A text with marked stretches: each can be chosen by pointer or keyboard, and a selection of the person can become a new one. */
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Tone } from './label-chip.js';
import { cutText, type Stretch } from './spans.js';
import { readable } from './words.js';

export interface TextSpan extends Stretch {
  readonly id: string;
  readonly label: string;
  readonly tone?: Tone;
  readonly needsReview?: boolean | undefined;
  /** Shown in small letters after the stretch. */
  readonly tag?: string;
  /** A mark that cannot be chosen, such as the evidence of something else. */
  readonly still?: boolean;
}

interface AnnotatedTextProps {
  text: string;
  spans: readonly TextSpan[];
  /** What the text is, for screen readers. */
  label: string;
  selected?: string | undefined;
  onSelect?: (span: TextSpan) => void;
  /** Called with what the person has marked in the text. */
  onMark?: (stretch: Stretch) => void;
}

export function AnnotatedText({ text, spans, label, selected, onSelect, onMark }: AnnotatedTextProps) {
  const root = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const { pieces, choosable, placeOf } = useMemo(() => {
    const pieces = cutText(text, spans).map((piece) => ({
      ...piece,
      chosen: piece.spans.findLast(({ still }) => still !== true),
    }));
    // One that begins under another, inner one is chosen by what of it is to be seen first.
    const firstPieces = new Map<TextSpan, number>();
    for (const { start, chosen } of pieces) if (chosen && !firstPieces.has(chosen)) firstPieces.set(chosen, start);
    const choosable = [...firstPieces.keys()];
    return {
      pieces: pieces.map((piece) => ({
        ...piece,
        isFirst: piece.chosen !== undefined && firstPieces.get(piece.chosen) === piece.start,
      })),
      choosable,
      placeOf: new Map(choosable.map((span, i) => [span, i])),
    };
  }, [text, spans]);
  const current = Math.min(at, Math.max(0, choosable.length - 1));

  /** Arrows go from mark to mark, so that a text with a hundred of them is one stop of the Tab key. */
  const walk = (event: KeyboardEvent, span: TextSpan) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const target =
      event.key === 'Home' ? 0 : event.key === 'End' ? choosable.length - 1 : step && placeOf.get(span)! + step;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onSelect?.(span);
    } else if (target !== undefined && choosable[target]) {
      event.preventDefault();
      setAt(target);
      root.current?.querySelector<HTMLElement>(`[data-span="${CSS.escape(choosable[target].id)}"]`)?.focus();
    }
  };

  const mark = () => {
    const stretch = root.current && selectedStretch(root.current);
    if (stretch && onMark) onMark(stretch);
  };

  return (
    <div class="annotated" role="group" aria-label={label} ref={root} onMouseUp={mark} onKeyUp={mark}>
      {pieces.map((piece) => {
        const inner = piece.spans.at(-1);
        if (!inner) return <span key={piece.start}>{piece.text}</span>;
        const { chosen, isFirst } = piece;
        const classes = [
          'mark',
          inner.tone,
          inner.needsReview && 'unsure',
          chosen?.id === selected && chosen && 'selected',
        ];
        const className = classes.filter((one) => typeof one === 'string').join(' ');
        if (!chosen || !onSelect) {
          return (
            <mark key={piece.start} class={className}>
              {piece.text}
            </mark>
          );
        }
        return (
          <mark
            key={piece.start}
            class={className}
            // Words marked within a mark are a new mark, and do not choose the old one.
            onClick={() => document.getSelection()?.isCollapsed !== false && onSelect(chosen)}
            {...(isFirst && {
              role: 'button',
              tabIndex: placeOf.get(chosen) === current ? 0 : -1,
              'data-span': chosen.id,
              'aria-pressed': chosen.id === selected,
              onFocus: () => setAt(placeOf.get(chosen)!),
              onKeyDown: (event: KeyboardEvent) => walk(event, chosen),
            })}
          >
            {isFirst && (
              <span class="hidden unread" data-tag>
                {readable(chosen.label)}:{' '}
              </span>
            )}
            {piece.text}
            {piece.end === inner.end && inner.tag !== undefined && <TagOf text={inner.tag} />}
          </mark>
        );
      })}
    </div>
  );
}

/** Not part of the text, of what is copied of it, nor of the mark's name, which says it already: its words are the style sheet's. */
function TagOf({ text }: { text: string }) {
  return <span class="tag" data-tag={text} aria-hidden="true" />;
}

/** What of the text inside `root` is selected, in UTF-16 indices of the text, without white space at its ends. */
function selectedStretch(root: HTMLElement): Stretch | undefined {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.commonAncestorContainer)) return undefined;
  const start = textBefore(root, range.startContainer, range.startOffset);
  const raw = textBefore(root, range.endContainer, range.endOffset).slice(start.length);
  const text = raw.trim();
  if (text === '') return undefined;
  const begin = start.length + raw.indexOf(text);
  return { start: begin, end: begin + text.length };
}

function textBefore(root: HTMLElement, container: Node, offset: number): string {
  const range = document.createRange();
  range.setStart(root, 0);
  range.setEnd(container, offset);
  const part = range.cloneContents();
  for (const tag of part.querySelectorAll('[data-tag]')) tag.remove();
  return part.textContent ?? '';
}
