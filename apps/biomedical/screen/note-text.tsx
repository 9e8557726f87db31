/** The note with what was found in it, and the correction of a mark. */
import { AnnotatedText, Panel, readable, SpanEditor, type Stretch, type TextSpan, type Tone } from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import { noEffect, tasks } from '../src/note-tasks.js';
import type { Note, NoteEntity } from '../src/read-note.js';

/** What can be shown or hidden, and its colour. */
const kinds: Readonly<Record<string, Tone>> = {
  Chemical: 'hue-0',
  Disease: 'hue-1',
  Drug: 'hue-5',
  AdverseEffect: 'hue-3',
  Dose: 'hue-7',
};
const toneOf = (label: string): Tone => kinds[label] ?? 'hue-4';

interface NoteTextProps {
  text: string;
  note: Note;
  /** Labels by the task that gives them, of those that the model has. */
  labels: Readonly<Record<string, readonly string[]>>;
  /** Evidence of a code, an answer: shown above all else. */
  evidence: Stretch | undefined;
  pair: { chemical?: Stretch; protein?: Stretch };
  canPair: boolean;
  onRelabel: (entity: NoteEntity, label: string | undefined) => void;
  onAdd: (stretch: Stretch, label: string, task: string) => void;
  onPair: (part: 'chemical' | 'protein', stretch: Stretch) => void;
}

export function NoteText(props: NoteTextProps) {
  const { text, note, labels, evidence, pair, canPair, onRelabel, onAdd, onPair } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<string>();
  const [marked, setMarked] = useState<Stretch>();
  const entity = note.entities.find(({ id }) => `entity-${id}` === selected);
  const chosen: Stretch | undefined = marked ?? entity;
  const close = () => {
    setSelected(undefined);
    setMarked(undefined);
  };

  const counts = new Map<string, number>();
  for (const { label } of note.entities) counts.set(label, (counts.get(label) ?? 0) + 1);
  const toggle = (kind: string) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    setHidden(next);
  };
  const adverse = note.sentences.filter((one) => one.adverse !== undefined && one.adverse.label !== noEffect);

  const spans: TextSpan[] = [
    ...(hidden.has('sentence') ? [] : adverse).map(({ start, end, adverse: told }): TextSpan => ({
      ...{ id: `sentence-${start}`, start, end, label: 'Tells of an adverse effect', tone: 'even', still: true },
      needsReview: told?.needsReview,
    })),
    ...note.entities
      .filter(({ label }) => !hidden.has(label))
      .map((one): TextSpan => ({
        ...{ id: `entity-${one.id}`, start: one.start, end: one.end, label: one.label, tone: toneOf(one.label) },
        needsReview: one.needsReview === true && one.corrected !== true,
      })),
    ...Object.entries(pair).map(([part, { start, end }]): TextSpan => ({
      ...{ id: part, start, end, label: part, tone: part === 'chemical' ? 'hue-6' : 'hue-7', tag: part, still: true },
    })),
    ...(evidence ? [{ ...evidence, id: 'evidence', label: 'Evidence', tone: 'good', still: true } as const] : []),
  ];
  const tagTask = labels[tasks.entities] ? tasks.entities : tasks.diseases;

  return (
    <Panel title="Text">
      <div class="layers" role="group" aria-label="What is marked">
        {[...counts.keys()].sort().map((kind) => (
          <button
            key={kind}
            type="button"
            class={`chip ${toneOf(kind)}`}
            aria-pressed={!hidden.has(kind)}
            onClick={() => toggle(kind)}
          >
            {readable(kind)} <span>{counts.get(kind)}</span>
          </button>
        ))}
        {adverse.length > 0 && (
          <button
            type="button"
            class="chip even"
            aria-pressed={!hidden.has('sentence')}
            onClick={() => toggle('sentence')}
          >
            Adverse effect told of <span>{adverse.length}</span>
          </button>
        )}
      </div>
      {entity && (
        <SpanEditor
          quote={entity.text}
          labels={
            labels[entity.task] ?? [
              ...new Set(note.entities.filter((one) => one.task === entity.task).map(({ label }) => label)),
            ]
          }
          label={entity.label}
          onLabel={(label) => onRelabel(entity, label)}
          onRemove={() => {
            onRelabel(entity, undefined);
            close();
          }}
          onClose={close}
        />
      )}
      {marked && labels[tagTask] && (
        <SpanEditor
          quote={text.slice(marked.start, marked.end)}
          labels={labels[tagTask]}
          onLabel={(label) => {
            onAdd(marked, label, tagTask);
            close();
          }}
          onClose={close}
        />
      )}
      {chosen && canPair && (
        <p class="actions">
          Or ask how a chemical acts on a protein:
          {(['chemical', 'protein'] as const).map((part) => (
            <button
              key={part}
              type="button"
              class="quiet-button"
              onClick={() => {
                onPair(part, { start: chosen.start, end: chosen.end });
                close();
              }}
            >
              This is the {part}
            </button>
          ))}
        </p>
      )}
      <AnnotatedText
        text={text}
        spans={spans}
        label="Text with findings"
        selected={selected}
        onSelect={({ id }) => {
          setMarked(undefined);
          setSelected(id);
        }}
        onMark={(stretch) => {
          setSelected(undefined);
          setMarked(stretch);
        }}
      />
      <p class="quiet small">Choose a mark to correct it; mark other words to add what was missed.</p>
    </Panel>
  );
}
