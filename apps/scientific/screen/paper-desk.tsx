/** Reads one paper or many abstracts: roles, terms, citations, claims, and which of many are near to a question. */
import {
  createClient,
  DataTable,
  DocumentInput,
  findTask,
  hueOf,
  keepCorrection,
  LabelChip,
  Layout,
  NotTrainedTasks,
  notify,
  Panel,
  percent,
  Progress,
  readable,
  Tabs,
  useModel,
  useWork,
  type Stretch,
} from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import { tasks } from '../src/paper-tasks.js';
import type { Paper, Papers } from '../src/papers.js';
import type { PaperLabel, PaperReading, PaperSentence } from '../src/read-paper.js';
import { ClaimsPanel } from './claims-panel.js';
import { examples } from './examples.js';
import { nameOf } from './paper.js';
import { PaperList } from './paper-list.js';
import { PaperText, type Layer } from './paper-text.js';
import { TermsPanel } from './terms-panel.js';

const client = createClient();

type Tab = Layer | 'claims';
const fields = { 'artificial-intelligence': 'Terms of AI', 'materials-science': 'Terms of materials science' } as const;
type Field = keyof typeof fields;

interface Opened {
  paper: Paper;
  reading: PaperReading;
}

export function PaperDesk() {
  const model = useModel(client);
  const [draft, setDraft] = useState('');
  const [papers, setPapers] = useState<readonly Paper[]>([]);
  const [opened, setOpened] = useState<Opened>();
  const [tab, setTab] = useState<Tab>('roles');
  const [field, setField] = useState<Field>('artificial-intelligence');
  const [shown, setShown] = useState<Stretch>();
  const work = useWork();

  const readPaper = async (paper: Paper, of: Field, signal: AbortSignal) => {
    const reading = await client.post<PaperReading>('v1/scientific/read', { text: paper.text, field: of }, { signal });
    setOpened({ paper, reading });
    setShown(undefined);
  };
  const open = (paper: Paper, of = field) => void work.start('Reading', (signal) => readPaper(paper, of, signal));
  const onSubmit = (source: File | string) =>
    void work.start('Reading', async (signal) => {
      const plain = typeof source === 'string' || /\.(bib|ris|jsonl?|txt|md)$/i.test(source.name);
      const text =
        typeof source === 'string'
          ? source
          : plain
            ? await source.text()
            : (await client.document(source, { signal })).text;
      // A document is one paper, however its lines lie.
      const found = plain
        ? await client.post<Papers>('v1/scientific/papers', { text }, { signal })
        : { papers: [{ id: '1', text, title: source.name }], notes: [] };
      setPapers(found.papers);
      for (const note of found.notes) notify(note, { tone: 'bad' });
      if (plain) setDraft(text);
      const [first] = found.papers;
      if (first) await readPaper(first, field, signal);
    });

  const labelsOf = (task: string) => (model && findTask(model, task).task?.labels) ?? [];
  const [roles, intents] = [labelsOf(tasks.roles), labelsOf(tasks.intent)];

  const change = (sentence: PaperSentence, part: 'role' | 'intent', label: string) => {
    if (!opened) return;
    const { paper, reading } = opened;
    const sentences = reading.sentences.map((one) =>
      one === sentence ? { ...one, [part]: { label, confidence: 1, corrected: true } } : one,
    );
    setOpened({ paper, reading: { ...reading, sentences } });
    const words = ({ start, end }: Stretch) => paper.text.slice(start, end);
    // A role is learnt in view of its neighbours: the sentence's document and its place in it lead to them.
    const position = reading.sentences.filter((one) => one.inAbstract).indexOf(sentence);
    const place = part === 'role' ? { group: nameOf(paper).slice(0, 300), position } : {};
    const task = part === 'role' ? tasks.roles : tasks.intent;
    const prediction = { label: sentence[part]?.label };
    void keepCorrection(client, { task, text: words(sentence), ...place, prediction, correction: { label } }, () =>
      setOpened(opened),
    );
  };

  const missing = (task: string) => model && findTask(model, task).missing;
  const claims = model && (findTask(model, tasks.claims).task ?? missing(tasks.claims)) !== undefined;
  const sentences = opened?.reading.sentences ?? [];
  const quote = ({ start, end }: Stretch) => opened?.paper.text.slice(start, end) ?? '';

  return (
    <Layout field="Scientific" title="Papers and abstracts" model={model}>
      <details class="input" open={papers.length === 0}>
        <summary>{papers.length === 0 ? 'Papers' : 'Other papers'}</summary>
        <DocumentInput
          label="A paper, abstracts, or a bibliography"
          hint="Text, BibTeX, RIS or JSON Lines; two empty lines between abstracts. PDF and Word files are one paper each."
          action="Read"
          value={draft}
          onInput={setDraft}
          onSubmit={onSubmit}
          accept={['.txt', '.md', '.bib', '.ris', '.json', '.jsonl', '.pdf', '.docx']}
          examples={examples}
          busy={work.doing !== undefined}
        />
      </details>
      {work.doing !== undefined && <Progress label={work.doing} onCancel={work.cancel} />}
      {model && papers.length === 0 && (
        <NotTrainedTasks
          model={model}
          tasks={{
            [tasks.roles]: 'Roles of sentences',
            [tasks.graph]: 'Terms and their relations',
            [tasks.intent]: 'What citations are for',
            [tasks.search]: 'Ranking by relevance',
          }}
        />
      )}
      {model && papers.length > 1 && (
        <Panel title={`${papers.length} papers`}>
          <PaperList {...{ client, model, papers }} open={opened?.paper.id} onOpen={open} />
        </Panel>
      )}
      {model && opened && (
        <div class="columns">
          <Panel title={nameOf(opened.paper)} class="paper">
            <p class="quiet small">
              {[opened.paper.authors, opened.paper.venue, opened.paper.year, opened.paper.doi]
                .filter((part) => part !== undefined)
                .join(' · ')}
            </p>
            {opened.reading.notes.map((note) => (
              <p key={note} class="caution">
                {note}
              </p>
            ))}
            <PaperText
              {...{ roles, intents, shown }}
              text={opened.paper.text}
              reading={opened.reading}
              layer={tab === 'claims' ? 'roles' : tab}
              onRole={(sentence, label) => change(sentence, 'role', label)}
              onIntent={(sentence, label) => change(sentence, 'intent', label)}
            />
          </Panel>
          <Panel
            title="What it says"
            class="side"
            aside={
              <label class="small">
                <span class="hidden">Terms of which field</span>
                <select
                  value={field}
                  onChange={(event) => {
                    const next: Field =
                      event.currentTarget.value === 'materials-science'
                        ? 'materials-science'
                        : 'artificial-intelligence';
                    setField(next);
                    open(opened.paper, next);
                  }}
                >
                  {Object.entries(fields).map(([key, title]) => (
                    <option key={key} value={key}>
                      {title}
                    </option>
                  ))}
                </select>
              </label>
            }
          >
            <Tabs<Tab>
              label="What it says"
              current={tab}
              onChange={setTab}
              tabs={[
                { key: 'roles', title: 'Roles', count: sentences.filter(({ role }) => role).length },
                { key: 'terms', title: 'Terms', count: opened.reading.terms.length },
                {
                  key: 'citations',
                  title: 'Citations',
                  count: sentences.filter((one) => one.citations.length > 0).length,
                },
                ...(claims === true ? [{ key: 'claims', title: 'Claims' } as const] : []),
              ]}
            >
              {tab === 'roles' &&
                (missing(tasks.roles) ? (
                  <NotTrainedTasks model={model} tasks={{ [tasks.roles]: 'Roles of sentences' }} />
                ) : (
                  <DataTable
                    caption="Roles of sentences"
                    fileName="roles"
                    client={client}
                    rows={sentences.filter(({ role }) => role)}
                    keyOf={({ start }) => String(start)}
                    empty="No abstract, no roles."
                    onSelect={setShown}
                    columns={[
                      { name: 'Sentence', wide: true, value: quote },
                      {
                        name: 'Role',
                        value: ({ role }) => role && readable(role.label),
                        show: ({ role }) => role && <RoleChip role={role} roles={roles} />,
                      },
                      {
                        name: 'Sure',
                        numeric: true,
                        value: ({ role }) => role?.confidence,
                        show: ({ role }) => role && (role.corrected === true ? 'you' : percent(role.confidence)),
                      },
                    ]}
                  />
                ))}
              {tab === 'terms' &&
                (field === 'materials-science' && missing(tasks.materials) ? (
                  <NotTrainedTasks model={model} tasks={{ [tasks.materials]: 'Terms of materials science' }} />
                ) : (
                  <TermsPanel client={client} model={model} reading={opened.reading} onShow={setShown} />
                ))}
              {tab === 'citations' && (
                <>
                  <NotTrainedTasks model={model} tasks={{ [tasks.intent]: 'What citations are for' }} />
                  <DataTable
                    caption="Citing sentences"
                    fileName="citations"
                    client={client}
                    rows={sentences.filter((one) => one.citations.length > 0)}
                    keyOf={({ start }) => String(start)}
                    empty="No citation was found in the text."
                    onSelect={setShown}
                    columns={[
                      { name: 'Cited', value: ({ citations }) => citations.map(({ text }) => text).join(' ') },
                      {
                        name: 'For',
                        value: ({ intent }) => intent && readable(intent.label),
                        show: ({ intent }) => intent && <RoleChip role={intent} roles={intents} />,
                      },
                      { name: 'Frame', value: ({ frame }) => frame && readable(frame.label) },
                      { name: 'Sentence', wide: true, value: quote },
                    ]}
                  />
                </>
              )}
              {tab === 'claims' && (
                <ClaimsPanel
                  {...{ client, model }}
                  abstract={opened.paper.text.length < 6_000 ? opened.paper.text : undefined}
                />
              )}
            </Tabs>
          </Panel>
        </div>
      )}
    </Layout>
  );
}

function RoleChip({ role, roles }: { role: PaperLabel; roles: readonly string[] }) {
  return (
    <LabelChip
      label={role.label}
      tone={hueOf(roles, role.label)}
      needsReview={role.needsReview}
      from={role.corrected === true ? 'you' : undefined}
    />
  );
}
