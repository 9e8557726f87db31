/** The correction of a mark, by the kind of finding that it is. */
import { findTask, LabelsEditor, readable, SpanEditor, type ModelInfo, type Stretch } from '@fieldcraft/screen';
import { changeGold, changeMention, changeSentence, changeSpan, removeMention } from '../src/change-reading.js';
import { organisation, tasks } from '../src/finance-tasks.js';
import type { FinanceReading } from '../src/read-finance.js';
import type { Layer, Target } from './marks.js';
import { nameOfClaim } from './tones.js';
import type { useReading } from './use-reading.js';

interface CorrectionProps {
  model: ModelInfo;
  reading: FinanceReading;
  target: Target;
  state: ReturnType<typeof useReading>;
  onClose: () => void;
}

export function Correction({ model, reading, target, state, onClose }: CorrectionProps) {
  const labelsOf = (task: string) => findTask(model, task).task?.labels ?? [];
  const quote = ({ start, end }: Stretch) => reading.text.slice(start, end);
  const done = (run: () => void) => {
    run();
    onClose();
  };
  switch (target.what) {
    case 'sentence': {
      const { index, part } = target;
      const sentence = reading.sentences[index]!;
      return (
        <SpanEditor
          quote={quote(sentence)}
          labels={labelsOf({ sentiment: tasks.sentiment, stance: tasks.stance, claim: tasks.claims }[part])}
          label={sentence[part]?.label}
          nameOf={part === 'claim' ? nameOfClaim : readable}
          onLabel={(label) => state.change(changeSentence(reading, index, part, label))}
          onClose={onClose}
        />
      );
    }
    case 'gold': {
      const { gold = [], ...sentence } = reading.sentences[target.index]!;
      return (
        <LabelsEditor
          key={sentence.start}
          title="What does this headline say of gold?"
          quote={quote(sentence)}
          labels={labelsOf(tasks.gold)}
          chosen={gold.map(({ label }) => label)}
          onSave={(labels) => done(() => state.change(changeGold(reading, target.index, labels)))}
          onClose={onClose}
        />
      );
    }
    case 'mention': {
      const { mention } = target;
      const { text, task, sentiment } = mention;
      return (
        <SpanEditor
          quote={text}
          labels={task === undefined ? [organisation] : labelsOf(task)}
          label={sentiment?.label ?? organisation}
          onLabel={(label) => state.change(changeMention(reading, mention, label))}
          onRemove={() => done(() => state.change(removeMention(reading, mention)))}
          onClose={onClose}
        />
      );
    }
    case 'span': {
      const { span } = target;
      const change = (label?: string) =>
        state.change(
          changeSpan(reading, span.task, span, label === undefined ? undefined : { ...span, label, corrected: true }),
        );
      return (
        <SpanEditor
          quote={span.text}
          labels={labelsOf(span.task)}
          label={span.label}
          onLabel={change}
          onRemove={() => done(change)}
          onClose={onClose}
        />
      );
    }
  }
}

/** What marked words can become in each layer: the tasks that find such words, of those that the model has. */
function addingTask(model: ModelInfo, layer: Layer): string | undefined {
  const candidates = { entities: [tasks.named, tasks.judged], causes: [tasks.causes] }[layer as 'entities' | 'causes'];
  return candidates?.find((task) => findTask(model, task).task);
}

export const canMark = (model: ModelInfo, layer: Layer): boolean =>
  addingTask(model, layer) !== undefined || (layer === 'entities' && findTask(model, tasks.towards).task !== undefined);

interface AddingProps extends Omit<CorrectionProps, 'target'> {
  layer: Layer;
  marked: Stretch;
}

export function Adding({ model, reading, layer, marked, state, onClose }: AddingProps) {
  const task = addingTask(model, layer);
  return (
    <>
      {task !== undefined && (
        <SpanEditor
          quote={reading.text.slice(marked.start, marked.end)}
          labels={findTask(model, task).task?.labels ?? []}
          onLabel={(label) => {
            state.addSpan(marked, task, label);
            onClose();
          }}
          onClose={onClose}
        />
      )}
      {layer === 'entities' && findTask(model, tasks.towards).task && (
        <p class="actions">
          <button
            type="button"
            onClick={() => {
              state.askTowards(marked);
              onClose();
            }}
          >
            Ask the sentiment towards “{reading.text.slice(marked.start, marked.end)}”
          </button>
        </p>
      )}
    </>
  );
}
