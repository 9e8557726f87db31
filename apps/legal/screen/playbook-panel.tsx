/** The playbook: each statement, what the contract says of it, whether that is what was wanted, and where. */
import { LabelChip, NotTrained, findTask, percent, scoreOf, type ModelInfo } from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import { taskOfStatement, type CheckedStatement } from '../src/check-statements.js';
import { answers, meets, positions, statementTasks, wordsOf, type Position, type Statement } from '../src/playbook.js';

interface PlaybookPanelProps {
  model: ModelInfo;
  statements: readonly Statement[];
  checked: readonly CheckedStatement[];
  selected: string | undefined;
  onShow: (answer: CheckedStatement) => void;
  onPosition: (statement: Statement, position: Position) => void;
  onAdd: (text: string) => void;
  onRemove: (statement: Statement) => void;
  onAnswer: (statement: Statement, answer: CheckedStatement, corrected: string) => void;
}

export function PlaybookPanel(props: PlaybookPanelProps) {
  const { model, statements, checked, selected, onShow, onPosition, onAdd, onRemove, onAnswer } = props;
  const [own, setOwn] = useState('');
  const known = findTask(model, statementTasks.known);
  const free = findTask(model, statementTasks.own);
  const learnt = known.task?.statements ?? [];
  return (
    <>
      {known.missing && <NotTrained title="Statements of the playbook" missing={known.missing} />}
      {known.task && learnt.length === 0 && (
        <p class="quiet">This model does not tell which statements it learnt: it is asked your own alone.</p>
      )}
      <ScoreLine model={model} />
      <ul class="playbook">
        {statements.map((statement) => {
          const answer = checked.find(({ id }) => id === statement.id);
          const met = answer && meets(statement.position, answer.answer);
          const isOwn = taskOfStatement(statement, learnt) === statementTasks.own;
          return (
            <li key={statement.id} class={statement.id === selected ? 'selected' : undefined}>
              <div class="statement">
                <strong>{statement.title}</strong>
                {isOwn && <LabelChip label="your own statement" tone="hue-7" />}
                <label>
                  <span class="hidden">Position on {statement.title}</span>
                  <select
                    value={statement.position}
                    onChange={(event) => {
                      const position = positions.find((one) => one === event.currentTarget.value);
                      if (position) onPosition(statement, position);
                    }}
                  >
                    {positions.map((one) => (
                      <option key={one}>{one}</option>
                    ))}
                  </select>
                </label>
              </div>
              <p class="quiet">{statement.text}</p>
              {answer && (
                <p class="answer">
                  <LabelChip
                    label={`the contract ${wordsOf(answer.answer)}`}
                    tone={met === undefined ? 'hue-4' : met ? 'good' : 'bad'}
                    confidence={answer.confidence}
                    needsReview={answer.needsReview}
                  />
                  {answer.evidence && (
                    <button type="button" class="link" onClick={() => onShow(answer)}>
                      Show the passage
                    </button>
                  )}
                  <label>
                    <span class="hidden">Correct the answer on {statement.title}</span>
                    <select
                      value={answer.answer}
                      onChange={(event) => onAnswer(statement, answer, event.currentTarget.value)}
                    >
                      {Object.entries(answers).map(([one, words]) => (
                        <option key={one} value={one}>
                          {words}
                        </option>
                      ))}
                    </select>
                  </label>
                </p>
              )}
              {isOwn && (
                <button type="button" class="link" onClick={() => onRemove(statement)}>
                  Remove this statement
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {free.missing ? (
        <NotTrained title="Statements of your own" missing={free.missing} />
      ) : (
        <form
          class="own-statement"
          onSubmit={(event) => {
            event.preventDefault();
            if (own.trim() === '') return;
            onAdd(own.trim());
            setOwn('');
          }}
        >
          <label for="own-statement">A statement of your own</label>
          <div class="actions">
            <input id="own-statement" value={own} onInput={(event) => setOwn(event.currentTarget.value)} />
            <button type="submit" disabled={own.trim() === ''}>
              Check
            </button>
          </div>
        </form>
      )}
    </>
  );
}

/** How far answers can be trusted: measured on learnt statements, and on statements that were not learnt. */
function ScoreLine({ model }: { model: ModelInfo }) {
  const lines = [
    { task: statementTasks.known, of: 'the statements of the playbook' },
    { task: statementTasks.own, of: 'statements that were not learnt, such as your own' },
  ].flatMap(({ task, of }) => {
    const found = findTask(model, task).task;
    const score = found && scoreOf(found);
    return found
      ? [score ? `${of}: ${score.metric} ${percent(score.value)}` : `${of}: not recorded in this model`]
      : [];
  });
  return lines.length === 0 ? null : <p class="quiet small">Scores on other contracts, for {lines.join('; for ')}.</p>;
}
