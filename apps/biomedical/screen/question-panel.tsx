/** A question answered from the text: the stretch that answers it, and whether a study says yes, no or maybe. */
import {
  findTask,
  keepCorrection,
  LabelChip,
  NotTrained,
  percent,
  Progress,
  useWork,
  type Answered,
  type Classified,
  type Client,
  type ModelInfo,
  type Stretch,
} from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import { tasks } from '../src/note-tasks.js';

interface QuestionPanelProps {
  client: Client;
  model: ModelInfo;
  text: string;
  onShow: (stretch: Stretch | undefined) => void;
}

export function QuestionPanel({ client, model, text, onShow }: QuestionPanelProps) {
  const [question, setQuestion] = useState('');
  const { doing, start } = useWork();
  const busy = doing !== undefined;
  const [answered, setAnswered] = useState<{ question: string; answer?: Answered; verdict?: Classified }>();
  const span = findTask(model, tasks.questions);
  const verdict = findTask(model, tasks.verdict);

  const ask = () =>
    start('Reading the text for an answer', async (signal) => {
      const [answers, verdicts] = await Promise.all([
        span.task ? client.predict<Answered>(tasks.questions, [{ text, second: question }], { signal }) : [],
        verdict.task ? client.predict<Classified>(tasks.verdict, [{ text: question, second: text }], { signal }) : [],
      ]);
      const [answer, says] = [answers[0], verdicts[0]];
      setAnswered({ question, ...(answer && { answer }), ...(says && { verdict: says }) });
      onShow(answer?.answer);
    });
  const judge = (given: Answered, correction: { answers: Stretch[] }) =>
    void keepCorrection(
      client,
      { task: tasks.questions, text, second: answered?.question ?? question, prediction: given, correction },
      () => undefined,
    );

  return (
    <>
      {(span.task ?? verdict.task) && (
        <form
          class="ask"
          onSubmit={(event) => {
            event.preventDefault();
            if (question.trim() !== '' && !busy) void ask();
          }}
        >
          <label for="question">A question about the text</label>
          <input
            id="question"
            type="text"
            value={question}
            onInput={(event) => setQuestion(event.currentTarget.value)}
          />
          <button type="submit" class="primary" disabled={busy || question.trim() === ''}>
            Answer
          </button>
        </form>
      )}
      {busy && <Progress label={doing} />}
      <div aria-live="polite">
        {answered?.answer && (
          <Answer
            answer={answered.answer}
            onShow={onShow}
            onJudge={(answers) => answered.answer && judge(answered.answer, { answers })}
          />
        )}
        {answered?.verdict && (
          <p>
            Does the study say so?{' '}
            <LabelChip
              label={answered.verdict.label}
              tone={answered.verdict.label === 'yes' ? 'good' : answered.verdict.label === 'no' ? 'bad' : 'even'}
              confidence={Math.max(...answered.verdict.probabilities)}
              needsReview={answered.verdict.needsReview}
            />
          </p>
        )}
      </div>
      {span.missing && <NotTrained title="Answers in the words of the text" missing={span.missing} />}
      {verdict.missing && <NotTrained title="Yes, no or maybe, by a study" missing={verdict.missing} />}
    </>
  );
}

interface AnswerProps {
  answer: Answered;
  onShow: (stretch: Stretch) => void;
  onJudge: (answers: Stretch[]) => void;
}

function Answer({ answer: { answer, candidates, noAnswer }, onShow, onJudge }: AnswerProps) {
  return (
    <>
      {answer ? (
        <blockquote>{answer.text}</blockquote>
      ) : (
        <p>
          <strong>The text does not seem to answer this</strong> <span class="quiet">({percent(noAnswer)}).</span>
        </p>
      )}
      <h3>Passages that came nearest</h3>
      <ul class="candidates">
        {candidates.slice(0, 4).map(({ start, end, text, probability }) => (
          <li key={`${start}-${end}`}>
            <button type="button" class="link" onClick={() => onShow({ start, end })}>
              {text}
            </button>{' '}
            <span class="quiet">{percent(probability)}</span>{' '}
            <button type="button" class="quiet-button" onClick={() => onJudge([{ start, end }])}>
              This is right
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="quiet-button" onClick={() => onJudge([])}>
        The text has no answer
      </button>
    </>
  );
}
