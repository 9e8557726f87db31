/** The state of a review: the document, what was found in it, and what the person changed. */
import { findTask, keepCorrection, useWork, type Client, type ModelInfo, type ReadDocument } from '@fieldcraft/screen';
import { useMemo, useState } from 'preact/hooks';
import type { CheckedStatement } from '../src/check-statements.js';
import { ownStatement, playbookOf, statementTasks, type Position, type Statement } from '../src/playbook.js';
import type { FoundEntity, Review, ReviewedClause } from '../src/review.js';
import { changeEntity, changeLabels } from './change-review.js';

export interface OpenReview {
  document: ReadDocument;
  review: Review;
  /** Undefined until they are checked. */
  checked: readonly CheckedStatement[] | undefined;
}

const asked = (statements: readonly Statement[]) => statements.map(({ id, text }) => ({ id, text }));

export function useReview(client: Client, model: ModelInfo | undefined) {
  const [open, setOpen] = useState<OpenReview>();
  const [changed, setChanged] = useState<readonly Statement[]>();
  const learnt = model && findTask(model, statementTasks.known).task?.statements;
  const playbook = useMemo(() => playbookOf(learnt ?? []), [learnt]);
  const statements = changed ?? playbook;
  const changeStatements = (edit: (all: readonly Statement[]) => readonly Statement[]) =>
    setChanged((now = playbook) => edit(now));
  const work = useWork();

  const check = async (text: string, wanted: readonly Statement[], signal: AbortSignal) =>
    (
      await client.post<{ statements: CheckedStatement[] }>(
        'v1/statements',
        { text, statements: asked(wanted) },
        { signal },
      )
    ).statements;

  const start = (source: File | string) =>
    work.start('Reading the document…', async (signal, say) => {
      const document = await client.document(source, { signal });
      say('Reviewing the clauses…');
      const { text, segments } = document;
      const review = await client.post<Review>('v1/review', { text, segments }, { signal });
      setOpen({ document, review, checked: undefined });
      say('Checking the playbook…');
      const checked = statements.length > 0 ? await check(text, statements, signal) : [];
      setOpen((now) => now && { ...now, checked });
    });

  const addStatement = (text: string) =>
    work.start('Checking your statement…', async (signal) => {
      if (!open || statements.some((one) => one.text === text)) return;
      const statement = ownStatement(text);
      const found = await check(open.document.text, [statement], signal);
      changeStatements((all) => [...all, statement]);
      setOpen((now) => now && { ...now, checked: [...(now.checked ?? []), ...found] });
    });

  /** The screen shows a change at once, and goes back where it could not be kept. */
  function change({ review, correction }: ReturnType<typeof changeLabels>): void {
    const before = open;
    if (!before || !model) return;
    setOpen({ ...before, review });
    void keepCorrection(client, { ...correction, model: model.id }, () => setOpen(before));
  }

  return {
    open,
    statements,
    doing: work.doing,
    start,
    addStatement,
    cancel: work.cancel,
    close: () => setOpen(undefined),
    setPosition: (statement: Statement, position: Position) =>
      changeStatements((all) => all.map((one) => (one.id === statement.id ? { ...one, position } : one))),
    removeStatement: (statement: Statement) => changeStatements((all) => all.filter(({ id }) => id !== statement.id)),
    setLabels(clause: ReviewedClause, labels: readonly string[], sentence?: { start: number; end: number }) {
      if (open) change(changeLabels(open.review, open.document.text, clause, labels, sentence));
    },
    setEntity(clause: ReviewedClause, task: string, before?: FoundEntity, after?: FoundEntity) {
      if (open) change(changeEntity(open.review, open.document.text, clause, task, before, after));
    },
    setAnswer(statement: Statement, answer: CheckedStatement, corrected: string) {
      const before = open;
      if (!before || !model) return;
      const { evidence: _, ...rest } = answer;
      const now: CheckedStatement = { ...rest, answer: corrected, confidence: 1, needsReview: false };
      setOpen({ ...before, checked: (before.checked ?? []).map((one) => (one.id === answer.id ? now : one)) });
      void keepCorrection(
        client,
        {
          task: answer.task,
          text: before.document.text,
          second: statement.text,
          prediction: { label: answer.answer },
          correction: { label: corrected },
          model: model.id,
        },
        () => setOpen(before),
      );
    },
  };
}
