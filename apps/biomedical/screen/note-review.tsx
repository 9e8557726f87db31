/** Reads a clinical note or an abstract, and lets a person check it: marks, relations, codes, answers. */
import {
  count,
  createClient,
  DataTable,
  DocumentInput,
  findTask,
  keepCorrection,
  Layout,
  NotTrained,
  NotTrainedTasks,
  Panel,
  percent,
  Progress,
  readable,
  TableExports,
  Tabs,
  useModel,
  useWork,
  type Stretch,
} from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import { CodesPanel, type CodeRow, type Decision } from './codes-panel.js';
import { examples } from './examples.js';
import { noteTable } from './exports.js';
import { tasks } from '../src/note-tasks.js';
import type { Note, NoteEntity } from '../src/read-note.js';
import { addEntity, entitiesOf, relabel, sentenceAt } from './note.js';
import { NoteText } from './note-text.js';
import { QuestionPanel } from './question-panel.js';
import { RelationsPanel, type Pair } from './relations-panel.js';

const client = createClient();

const notice = (
  <p>
    <strong>Not a medical device.</strong> For documentation and research only: it must not be used to diagnose, treat
    or monitor a patient. A trained person checks everything that is shown.
  </p>
);

type Tab = 'codes' | 'entities' | 'relations' | 'questions' | 'hallmarks';

export function NoteReview() {
  const model = useModel(client);
  const [draft, setDraft] = useState('');
  const [read, setRead] = useState<{ text: string; note: Note }>();
  const [tab, setTab] = useState<Tab>('codes');
  const [evidence, setEvidence] = useState<Stretch>();
  const [pair, setPair] = useState<Pair>({});
  const [added, setAdded] = useState<readonly CodeRow[]>([]);
  const [decisions, setDecisions] = useState<ReadonlyMap<string, Decision>>(new Map());
  const work = useWork();

  const open = (source: File | string) =>
    work.start('Reading', async (signal) => {
      const { text } = typeof source === 'string' ? { text: source } : await client.document(source, { signal });
      const note = await client.post<Note>('v1/biomedical/read', { text }, { signal });
      setDraft(text);
      setRead({ text, note });
      setEvidence(undefined);
      setPair({});
      setAdded([]);
      setDecisions(new Map());
    });

  const edit = (next: Note, of: Stretch, task: string) => {
    if (!read) return;
    const sentence = sentenceAt(read.note, of);
    setRead({ ...read, note: next });
    if (!sentence) return;
    const correction = {
      task,
      text: read.text.slice(sentence.start, sentence.end),
      prediction: { entities: entitiesOf(read.note, sentence, task) },
      correction: { entities: entitiesOf(next, sentence, task) },
    };
    void keepCorrection(client, correction, () => setRead(read));
  };
  const onRelabel = (entity: NoteEntity, label: string | undefined) => {
    if (read) edit(relabel(read.note, entity.id, label), entity, entity.task);
  };
  const onAdd = (stretch: Stretch, label: string, task: string) => {
    if (read) edit(addEntity(read.note, read.text, stretch, label, task), stretch, task);
  };

  const rows: readonly CodeRow[] = [...added, ...(read?.note.codes ?? [])];
  const onDecide = (code: string, decision: Decision | undefined) => {
    const next = new Map(decisions);
    if (decision) next.set(code, decision);
    else next.delete(code);
    setDecisions(next);
  };
  const onSave = () => {
    if (!read) return;
    const suggested = (read.note.codes ?? []).filter(({ from }) => from === 'assigned').map(({ code }) => code);
    const kept = rows
      .filter(({ code, from }) => decisions.get(code) === 'accepted' || (from === 'assigned' && !decisions.has(code)))
      .map(({ code }) => code);
    const correction = {
      task: tasks.codes,
      text: read.text,
      prediction: { codes: suggested },
      correction: { codes: kept },
    };
    void keepCorrection(client, correction, () => undefined);
  };

  const labels = Object.fromEntries(
    (model?.tasks ?? []).map(({ name, kind, labels: own }) => [name, kind === 'token-classification' ? own : []]),
  );
  const tagging = Object.fromEntries(Object.entries(labels).filter(([, own]) => own.length > 0));
  const codes = model && findTask(model, tasks.codes);
  const hallmarks = read?.note.sentences.filter(({ hallmarks: marks = [] }) => marks.length > 0) ?? [];

  return (
    <Layout field="Biomedical" title="Notes and abstracts" model={model} notice={notice}>
      <details class="input" open={!read}>
        <summary>{read ? 'Another text' : 'The text'}</summary>
        <DocumentInput
          label="A clinical note or an abstract"
          hint="Nothing leaves this server. Remove what names a patient before you keep corrections."
          action="Read"
          value={draft}
          onInput={setDraft}
          onSubmit={(source) => void open(source)}
          accept={['.txt', '.md', '.pdf', '.docx']}
          examples={examples}
          busy={work.doing !== undefined}
        />
      </details>
      {work.doing !== undefined && <Progress label={work.doing} onCancel={work.cancel} />}
      {model && !read && (
        <NotTrainedTasks
          model={model}
          tasks={{
            [tasks.entities]: 'Chemicals and diseases',
            [tasks.adverse]: 'Sentences that tell of an adverse effect',
            [tasks.codes]: 'Codes of diagnoses',
          }}
        />
      )}
      {model && read && (
        <div class="columns">
          <div>
            <NoteText
              text={read.text}
              note={read.note}
              labels={tagging}
              evidence={evidence}
              pair={pair}
              canPair={findTask(model, tasks.protein).task !== undefined}
              onRelabel={onRelabel}
              onAdd={onAdd}
              onPair={(part, stretch) => {
                setPair({ ...pair, [part]: stretch });
                setTab('relations');
              }}
            />
          </div>
          <Panel
            title="Findings"
            class="side"
            aside={
              <TableExports
                client={client}
                fileName="findings"
                table={() => noteTable(read.note, read.text, rows, decisions)}
              />
            }
          >
            <Tabs<Tab>
              label="Findings"
              current={tab}
              onChange={(next) => {
                setTab(next);
                setEvidence(undefined);
              }}
              tabs={[
                { key: 'codes', title: 'Codes', count: rows.length },
                { key: 'entities', title: 'Entities', count: read.note.entities.length },
                { key: 'relations', title: 'Relations', count: read.note.relations.length },
                { key: 'questions', title: 'Questions' },
                { key: 'hallmarks', title: 'Hallmarks', count: hallmarks.length },
              ]}
            >
              {tab === 'codes' &&
                (codes?.missing ? (
                  <NotTrained title="Codes of diagnoses (ICD-10-CM)" missing={codes.missing} />
                ) : (
                  <CodesPanel
                    {...{ client, rows, decisions, onDecide, onSave }}
                    onEvidence={setEvidence}
                    onAdd={(code, title) => {
                      setAdded([...added, { code, title, from: 'you' }]);
                      onDecide(code, 'accepted');
                    }}
                  />
                ))}
              {tab === 'entities' && (
                <>
                  <NotTrainedTasks
                    model={model}
                    tasks={{
                      [tasks.entities]: 'Chemicals and diseases',
                      [tasks.adverse]: 'Sentences that tell of an adverse effect',
                    }}
                  />
                  <DataTable
                    caption={count(read.note.entities.length, 'entity', 'entities')}
                    rows={read.note.entities}
                    keyOf={({ id }) => String(id)}
                    onSelect={setEvidence}
                    columns={[
                      { name: 'Text', value: ({ text }) => text },
                      { name: 'What', value: ({ label }) => readable(label) },
                      {
                        name: 'Sure',
                        numeric: true,
                        value: ({ confidence }) => confidence,
                        show: ({ confidence, corrected }) => (corrected === true ? 'you' : percent(confidence)),
                      },
                    ]}
                  />
                </>
              )}
              {tab === 'relations' && (
                <RelationsPanel
                  {...{ client, model, pair }}
                  text={read.text}
                  note={read.note}
                  onClearPair={() => setPair({})}
                  onShow={setEvidence}
                />
              )}
              {tab === 'questions' && <QuestionPanel {...{ client, model }} text={read.text} onShow={setEvidence} />}
              {tab === 'hallmarks' && (
                <>
                  <NotTrainedTasks model={model} tasks={{ [tasks.hallmarks]: 'Hallmarks of cancer' }} />
                  <DataTable
                    caption="Sentences that give evidence for a hallmark of cancer"
                    rows={hallmarks}
                    keyOf={({ start }) => String(start)}
                    onSelect={setEvidence}
                    columns={[
                      { name: 'Sentence', wide: true, value: ({ start, end }) => read.text.slice(start, end) },
                      { name: 'Hallmarks', value: ({ hallmarks: marks = [] }) => marks.map(readable).join(', ') },
                    ]}
                  />
                </>
              )}
            </Tabs>
          </Panel>
        </div>
      )}
    </Layout>
  );
}
