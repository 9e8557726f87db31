/** Reviews a contract or terms of service: the text with its marks on one side, what follows from them on the other. */
import {
  count,
  createClient,
  DataTable,
  DocumentInput,
  findTask,
  hueOf,
  LabelChip,
  LabelsEditor,
  Layout,
  NotTrainedTasks,
  Panel,
  percent,
  Progress,
  readable,
  ruleColumns,
  SpanEditor,
  spansByPart,
  Tabs,
  useModel,
  useShortcuts,
  type TextSpan,
} from '@fieldcraft/screen';
import { useMemo, useState } from 'preact/hooks';
import { issuesOf, nameOfClause, type Issue } from '../src/issues.js';
import { reviewTasks } from '../src/review-tasks.js';
import type { FoundEntity, ReviewedClause } from '../src/review.js';
import { ClauseView } from './clause-view.js';
import { example } from './example.js';
import { IssuesPanel } from './issues-panel.js';
import { PlaybookPanel } from './playbook-panel.js';
import { useReview, type OpenReview } from './use-review.js';

const client = createClient();

const layers = {
  unfair: 'Unfair terms',
  entities: 'Entities',
  rules: 'Dates and amounts',
  evidence: 'Evidence',
} as const;
type Layer = keyof typeof layers;

/** What is being corrected. */
type Editing =
  | { what: 'kinds'; clause: ReviewedClause }
  | { what: 'unfair'; clause: ReviewedClause; start: number; end: number }
  | { what: 'entity'; clause: ReviewedClause; task: string; entity?: FoundEntity; start: number; end: number };

type Tab = 'issues' | 'playbook' | 'entities' | 'rules';

export function Review() {
  const model = useModel(client);
  const [text, setText] = useState('');
  const review = useReview(client, model);
  const { open, doing } = review;
  useShortcuts(open ? [{ key: 'n', does: 'Start a new review', run: review.close }] : []);

  return (
    <Layout field="Legal" title="Contract review" model={model}>
      {doing !== undefined && <Progress label={doing} onCancel={review.cancel} />}
      {open && model ? (
        <OpenedReview model={model} open={open} state={review} />
      ) : (
        <Panel title="What shall be reviewed?">
          <DocumentInput
            label="A contract or terms of service"
            hint="Paste it, drop a file here, or open one: text, PDF or Word. It is read by this server and goes nowhere else."
            action="Review"
            value={text}
            onInput={setText}
            onSubmit={(source) => void review.start(source)}
            accept={['.txt', '.md', '.pdf', '.docx', '.html']}
            examples={[{ name: 'a short non-disclosure agreement', text: example }]}
            busy={doing !== undefined || !model}
          />
        </Panel>
      )}
    </Layout>
  );
}

interface OpenedReviewProps {
  model: NonNullable<ReturnType<typeof useModel>>;
  open: OpenReview;
  state: ReturnType<typeof useReview>;
}

function OpenedReview({ model, open, state }: OpenedReviewProps) {
  const { document, review, checked } = open;
  const [shown, setShown] = useState<Record<Layer, boolean>>({
    unfair: true,
    entities: true,
    rules: true,
    evidence: true,
  });
  const [tab, setTab] = useState<Tab>('issues');
  const [selected, setSelected] = useState<string>();
  const [editing, setEditing] = useState<Editing>();
  const { text } = document;
  const issues = issuesOf({ text, clauses: review.clauses, statements: state.statements, checked: checked ?? [] });
  const clauseFrom = useMemo(() => {
    const marks = spansByPart(review.clauses, spansOf(open, shown, selected));
    return new Map(review.clauses.map((clause, i) => [clause.start, { clause, spans: marks[i]! }]));
  }, [open, shown, selected]);
  const clauseAt = (place: number) => review.clauses.find(({ start, end }) => start <= place && place < end);
  const entityTask = reviewTasks.entities.find((task) => findTask(model, task).task);
  const labelsOfTask = (task: string) => findTask(model, task).task?.labels ?? [];

  const show = (id: string, start: number) => {
    setSelected(id);
    const clause = clauseAt(start);
    if (clause) window.document.getElementById(`clause-${clause.start}`)?.scrollIntoView({ block: 'center' });
  };
  const choose = (span: TextSpan) => {
    setSelected(span.id);
    const entity = review.entities.find((one) => idOfEntity(one) === span.id);
    if (entity) {
      const clause = clauseAt(entity.start);
      if (clause)
        setEditing({ what: 'entity', clause, task: entity.task, entity, start: entity.start, end: entity.end });
      return;
    }
    for (const clause of review.clauses) {
      const sentence = clause.unfair.find(({ start }) => span.id === `unfair ${start}`);
      if (sentence) setEditing({ what: 'unfair', clause, start: sentence.start, end: sentence.end });
    }
  };
  const mark = (span: { start: number; end: number }) => {
    const clause = clauseAt(span.start);
    if (clause && entityTask && span.end <= clause.end)
      setEditing({ what: 'entity', clause, task: entityTask, ...span });
  };

  return (
    <div class="columns">
      <Panel
        title={document.name}
        class="contract-panel"
        aside={
          <>
            <span class="quiet small">
              {count(review.clauses.length, 'clause')}
              {document.pages !== undefined && `, ${count(document.pages, 'page')}`}
            </span>
            <button type="button" class="quiet-button" onClick={state.close}>
              New review
            </button>
          </>
        }
      >
        <div class="layers" role="group" aria-label="Marks shown in the text">
          {(Object.keys(layers) as Layer[]).map((layer) => (
            <label key={layer}>
              <input
                type="checkbox"
                checked={shown[layer]}
                onChange={(event) => setShown({ ...shown, [layer]: event.currentTarget.checked })}
              />{' '}
              {layers[layer]}
            </label>
          ))}
        </div>
        {document.notes.map((note) => (
          <p key={note} class="quiet small">
            {note}
          </p>
        ))}
        <div class="contract">
          {document.segments.map((segment) => {
            if (segment.kind === 'heading')
              return <h3 key={segment.start}>{text.slice(segment.start, segment.end)}</h3>;
            const marked = clauseFrom.get(segment.start);
            if (!marked) return null;
            const { clause } = marked;
            return (
              <ClauseView
                key={segment.start}
                text={text}
                {...marked}
                selected={selected}
                onSelect={choose}
                onMark={mark}
                onEditKinds={
                  review.tasks.includes(reviewTasks.kinds) ? () => setEditing({ what: 'kinds', clause }) : undefined
                }
              />
            );
          })}
        </div>
      </Panel>
      <Panel title="Findings" class="side">
        {editing && (
          <Editor
            editing={editing}
            text={text}
            labels={labelsOfTask(
              editing.what === 'entity' ? editing.task : reviewTasks[editing.what === 'kinds' ? 'kinds' : 'unfair'],
            )}
            state={state}
            onClose={() => setEditing(undefined)}
          />
        )}
        <Tabs
          label="Findings"
          current={tab}
          onChange={setTab}
          tabs={[
            { key: 'issues', title: 'Issues', count: issues.length },
            { key: 'playbook', title: 'Playbook', count: checked?.length },
            { key: 'entities', title: 'Entities', count: review.entities.length },
            { key: 'rules', title: 'Dates and amounts', count: review.rules.length },
          ]}
        >
          {tab === 'issues' && (
            <>
              <NotTrainedTasks
                model={model}
                tasks={{ [reviewTasks.unfair]: 'Unfair terms', [reviewTasks.kinds]: 'Kinds of clauses' }}
              />
              <IssuesPanel
                client={client}
                name={document.name}
                issues={issues}
                selected={selected}
                onShow={(issue: Issue) =>
                  show(issue.kind === 'unfair term' ? `unfair ${issue.start}` : issue.id, issue.start ?? 0)
                }
              />
            </>
          )}
          {tab === 'playbook' && (
            <PlaybookPanel
              model={model}
              statements={state.statements}
              checked={checked ?? []}
              selected={selected}
              onShow={({ id, evidence }) => show(id, evidence?.start ?? 0)}
              onPosition={state.setPosition}
              onAdd={(statement) => void state.addStatement(statement)}
              onRemove={state.removeStatement}
              onAnswer={state.setAnswer}
            />
          )}
          {tab === 'entities' && (
            <>
              <NotTrainedTasks
                model={model}
                tasks={{
                  'filing-entities': 'Parties, courts, laws',
                  'agreement-entities': 'Persons, organisations, places',
                }}
              />
              <DataTable
                caption={`Entities of ${document.name}`}
                fileName="entities"
                client={client}
                rows={review.entities}
                keyOf={idOfEntity}
                selected={selected}
                onSelect={(entity) => show(idOfEntity(entity), entity.start)}
                columns={[
                  { name: 'Text', value: ({ text }) => text },
                  {
                    name: 'Label',
                    value: ({ label }) => readable(label),
                    show: ({ label, task }) => <LabelChip label={label} tone={hueOf(labelsOfTask(task), label)} />,
                  },
                  { name: 'Clause', value: ({ start }) => nameOfClause(clauseAt(start) ?? {}) },
                  {
                    name: 'Confidence',
                    numeric: true,
                    value: ({ confidence }) => confidence,
                    show: (one) => percent(one.confidence),
                  },
                ]}
              />
            </>
          )}
          {tab === 'rules' && (
            <>
              <p class="quiet small">Found by rules of spelling, not by a model.</p>
              <DataTable
                caption={`Dates and amounts of ${document.name}`}
                fileName="dates and amounts"
                client={client}
                rows={review.rules}
                keyOf={({ start }) => `rule ${start}`}
                selected={selected}
                onSelect={({ start }) => show(`rule ${start}`, start)}
                columns={[
                  ...ruleColumns,
                  { name: 'Clause', value: ({ start }) => nameOfClause(clauseAt(start) ?? {}) },
                ]}
              />
            </>
          )}
        </Tabs>
      </Panel>
    </div>
  );
}

interface EditorProps {
  editing: Editing;
  text: string;
  labels: readonly string[];
  state: ReturnType<typeof useReview>;
  onClose: () => void;
}

function Editor({ editing, text, labels, state, onClose }: EditorProps) {
  const { clause } = editing;
  const done = (run: () => void) => {
    run();
    onClose();
  };
  switch (editing.what) {
    case 'kinds':
      return (
        <LabelsEditor
          key={clause.start}
          title="What does this clause provide for?"
          quote={text.slice(clause.start, clause.end)}
          labels={labels}
          chosen={clause.kinds.map(({ label }) => label)}
          onSave={(chosen) => done(() => state.setLabels(clause, chosen))}
          onClose={onClose}
        />
      );
    case 'unfair': {
      const { start, end } = editing;
      return (
        <LabelsEditor
          key={start}
          title="In what way is this sentence unfair?"
          quote={text.slice(start, end)}
          labels={labels}
          chosen={(clause.unfair.find((one) => one.start === start)?.labels ?? []).map(({ label }) => label)}
          onSave={(chosen) => done(() => state.setLabels(clause, chosen, { start, end }))}
          onClose={onClose}
        />
      );
    }
    case 'entity': {
      const { task, entity, start, end } = editing;
      const quote = text.slice(start, end);
      const labelled = (label: string): FoundEntity => ({ task, start, end, label, text: quote, confidence: 1 });
      return (
        <SpanEditor
          quote={quote}
          labels={labels}
          label={entity?.label}
          onLabel={(label) => done(() => state.setEntity(clause, task, entity, labelled(label)))}
          {...(entity && { onRemove: () => done(() => state.setEntity(clause, task, entity)) })}
          onClose={onClose}
        />
      );
    }
  }
}

const idOfEntity = ({ task, start, end }: FoundEntity) => `${task} ${start} ${end}`;

function spansOf(open: OpenReview, shown: Record<Layer, boolean>, selected: string | undefined): TextSpan[] {
  const { review, checked = [] } = open;
  const evidence = checked.find(({ id }) => id === selected || `playbook ${id}` === selected)?.evidence;
  const kinds = [...new Set(review.entities.map(({ label }) => label))].sort();
  return [
    ...(shown.evidence && evidence
      ? [{ id: 'evidence', label: 'evidence', tone: 'hue-5' as const, still: true, ...evidence }]
      : []),
    ...(shown.unfair
      ? review.clauses.flatMap(({ unfair }) =>
          unfair.map(({ start, end, labels }) => ({
            id: `unfair ${start}`,
            label: labels.map(({ label }) => label).join(', '),
            tone: 'bad' as const,
            needsReview: labels.some(({ needsReview }) => needsReview),
            tag: labels.map(({ label }) => label).join(', '),
            start,
            end,
          })),
        )
      : []),
    ...(shown.entities
      ? review.entities.map((entity) => ({
          id: idOfEntity(entity),
          label: entity.label,
          tone: hueOf(kinds, entity.label),
          start: entity.start,
          end: entity.end,
        }))
      : []),
    ...(shown.rules
      ? review.rules.map(({ start, end, kind }) => ({
          id: `rule ${start}`,
          label: `${kind}, by a rule`,
          tone: 'hue-4' as const,
          start,
          end,
        }))
      : []),
  ];
}
