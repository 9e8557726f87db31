/** The open paper: its sentences with their roles in the margin, citations with what they are for, and terms. */
import { AnnotatedText, hueOf, LabelChip, readable, SpanEditor, type Stretch, type TextSpan } from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import type { PaperReading, PaperSentence } from '../src/read-paper.js';
import { toneOf } from './terms-panel.js';

export type Layer = 'roles' | 'citations' | 'terms';

interface PaperTextProps {
  text: string;
  reading: PaperReading;
  layer: Layer;
  roles: readonly string[];
  intents: readonly string[];
  shown: Stretch | undefined;
  onRole: (sentence: PaperSentence, label: string) => void;
  onIntent: (sentence: PaperSentence, label: string) => void;
}

export function PaperText({ text, reading, layer, roles, intents, shown, onRole, onIntent }: PaperTextProps) {
  const [selected, setSelected] = useState<string>();
  const sentence = reading.sentences.find(({ start }) => `sentence-${start}` === selected);
  const shownSpan: TextSpan[] = shown ? [{ ...shown, id: 'shown', label: 'Shown', tone: 'good', still: true }] : [];
  const spans: TextSpan[] =
    layer === 'terms'
      ? reading.terms.map(({ start, end, label }): TextSpan => {
          return { id: `term-${start}-${end}-${label}`, start, end, label, tone: toneOf(label), still: true };
        })
      : reading.sentences.flatMap((one): TextSpan[] => {
          const judged = layer === 'roles' ? one.role : one.intent;
          if (!judged) return [];
          const tone = hueOf(layer === 'roles' ? roles : intents, judged.label);
          const { start, end } = one;
          return [
            {
              ...{ id: `sentence-${start}`, start, end, label: judged.label, tone, tag: readable(judged.label) },
              needsReview: judged.needsReview === true && judged.corrected !== true,
            },
          ];
        });
  const judged = layer === 'roles' ? sentence?.role : sentence?.intent;

  return (
    <>
      {sentence && judged && (
        <>
          <SpanEditor
            quote={text.slice(sentence.start, sentence.end)}
            labels={layer === 'roles' ? roles : intents}
            label={judged.label}
            onLabel={(label) => (layer === 'roles' ? onRole : onIntent)(sentence, label)}
            onClose={() => setSelected(undefined)}
          />
          {layer === 'citations' && (sentence.frame ?? sentence.purposes) && (
            <p class="small">
              Other views:{' '}
              {sentence.frame && <LabelChip label={sentence.frame.label} confidence={sentence.frame.confidence} />}{' '}
              {sentence.purposes?.map((purpose) => (
                <LabelChip key={purpose} label={purpose} />
              ))}
            </p>
          )}
        </>
      )}
      <AnnotatedText
        text={text}
        spans={[...spans, ...shownSpan]}
        label="Text of the paper"
        selected={selected}
        onSelect={({ id }) => setSelected(id)}
      />
    </>
  );
}
