/** Reads a call, a report or a feed of headlines: the text with its marks on one side, charts and tables on the other. */
import {
  count,
  createClient,
  findTask,
  Layout,
  NotTrainedTasks,
  Panel,
  Progress,
  TableExports,
  Tabs,
  useModel,
  useShortcuts,
  type ModelInfo,
  type Stretch,
} from '@fieldcraft/screen';
import { useMemo, useState } from 'preact/hooks';
import { entitiesOf } from '../src/entities.js';
import { forwardLooking, tasks } from '../src/finance-tasks.js';
import { axisOf } from '../src/series.js';
import { ClaimsPanel } from './claims-panel.js';
import { Adding, canMark, Correction } from './correction.js';
import { EntitiesPanel } from './entities-panel.js';
import { findingsTable } from './findings-table.js';
import { LeaningPanel } from './leaning-panel.js';
import { marksOf, shownMark, type Layer } from './marks.js';
import { AmountsPanel, CausesPanel, GoldPanel } from './other-panels.js';
import { ReadingText } from './reading-text.js';
import { SourceInput } from './source-input.js';
import { useReading, type OpenReading } from './use-reading.js';

const client = createClient();

export function NewsDesk() {
  const model = useModel(client);
  const state = useReading(client, model);
  const { open, doing } = state;
  useShortcuts(open ? [{ key: 'n', does: 'Read another text', run: state.close }] : []);

  return (
    <Layout field="Finance" title="Calls and headlines" model={model}>
      {doing !== undefined && <Progress label={doing} onCancel={state.cancel} />}
      {open && model ? (
        <OpenedReading key={open.name} {...{ model, open, state }} />
      ) : (
        <>
          <Panel title="What shall be read?">
            <SourceInput
              busy={doing !== undefined || !model}
              onSubmit={(source, asked) => void state.start(source, asked)}
            />
          </Panel>
          {model && (
            <NotTrainedTasks
              model={model}
              tasks={{
                [tasks.sentiment]: 'Sentiment of sentences',
                [tasks.towards]: 'Sentiment towards entities',
                [tasks.named]: 'Persons, places and organisations',
              }}
            />
          )}
        </>
      )}
    </Layout>
  );
}

interface OpenedReadingProps {
  model: ModelInfo;
  open: OpenReading;
  state: ReturnType<typeof useReading>;
}

function OpenedReading({ model, open: { name, reading }, state }: OpenedReadingProps) {
  const entities = useMemo(() => entitiesOf(reading.mentions), [reading.mentions]);
  const [layer, setLayer] = useState<Layer>('entities');
  const [selected, setSelected] = useState<string>();
  const [marked, setMarked] = useState<Stretch>();
  const marks = useMemo(() => marksOf(reading, layer), [reading, layer]);
  const one = reading.kind === 'feed' ? 'Headline' : 'Sentence';
  const axis = useMemo(() => axisOf(reading.sentences, one), [reading.sentences, one]);
  const where = (index: number) => {
    const { date, speaker } = reading.sentences[index]!;
    return date ?? (speaker === undefined ? `${one} ${index + 1}` : `${speaker}, ${one.toLowerCase()} ${index + 1}`);
  };
  const target = marks.find(({ id }) => id === selected)?.target;
  const drawn = selected === undefined || target ? marks : [...marks, shownMark(selected)];
  const close = () => {
    setSelected(undefined);
    setMarked(undefined);
  };
  const show = (id: string) => {
    setMarked(undefined);
    setSelected(id);
  };
  const go = (step: number) => {
    const all = [...marks].filter((mark) => mark.target).sort((a, b) => a.start - b.start);
    const at = all.findIndex(({ id }) => id === selected);
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
    if (next) show(next.id);
  };
  useShortcuts([
    { key: 'j', does: 'Next mark in the text', run: () => go(1) },
    { key: 'k', does: 'Mark before', run: () => go(-1) },
  ]);
  const panel = { client, model, reading, axis, where, onShow: show };
  const said = (part: 'sentiment' | 'stance') => reading.sentences.filter((sentence) => sentence[part]).length;
  const trained = (task: string, number: number) => (findTask(model, task).task ? number : undefined);

  return (
    <div class="columns">
      <Panel
        title={name}
        class="reading"
        aside={
          <>
            <span class="quiet small">{count(reading.sentences.length, one.toLowerCase())}</span>
            <button
              type="button"
              class="quiet-button to-findings"
              onClick={() => document.querySelector('.side')?.scrollIntoView()}
            >
              To the findings
            </button>
            <button type="button" class="quiet-button" onClick={state.close}>
              Another text
            </button>
          </>
        }
      >
        {reading.notes.map((note) => (
          <p key={note} class="quiet small">
            {note}
          </p>
        ))}
        <ReadingText
          {...{ reading, selected, marked }}
          marks={drawn}
          onSelect={show}
          onMark={
            canMark(model, layer)
              ? (stretch) => {
                  setSelected(undefined);
                  setMarked(stretch);
                }
              : undefined
          }
        >
          {target && <Correction {...{ model, reading, target, state }} onClose={close} />}
          {marked && <Adding {...{ model, reading, layer, marked, state }} onClose={close} />}
        </ReadingText>
        <p class="quiet small">
          Choose a mark to correct it{canMark(model, layer) && '; mark other words to add what was missed'}.
        </p>
      </Panel>
      <Panel
        title="Findings"
        class={`side ${reading.kind}`}
        aside={<TableExports client={client} fileName="findings" table={() => findingsTable(reading, where, name)} />}
      >
        <Tabs<Layer>
          label="Findings"
          current={layer}
          onChange={(next) => {
            close();
            setLayer(next);
          }}
          tabs={[
            { key: 'entities', title: 'Entities', count: entities.length },
            { key: 'tone', title: 'Tone', count: trained(tasks.sentiment, said('sentiment')) },
            {
              key: 'claims',
              title: 'Claims',
              count: trained(
                tasks.claims,
                reading.sentences.filter(({ claim }) => claim?.label === forwardLooking).length,
              ),
            },
            { key: 'causes', title: 'Causes', count: trained(tasks.causes, reading.causes.length) },
            { key: 'policy', title: 'Policy', count: trained(tasks.stance, said('stance')) },
            {
              key: 'gold',
              title: 'Gold',
              count: trained(tasks.gold, reading.sentences.filter(({ gold }) => gold).length),
            },
            { key: 'amounts', title: 'Amounts', count: reading.rules.length },
          ]}
        >
          {layer === 'entities' && <EntitiesPanel {...panel} entities={entities} />}
          {layer === 'tone' && <LeaningPanel {...panel} part="sentiment" />}
          {layer === 'claims' && <ClaimsPanel {...panel} />}
          {layer === 'causes' && <CausesPanel {...panel} />}
          {layer === 'policy' && <LeaningPanel {...panel} part="stance" />}
          {layer === 'gold' && <GoldPanel {...panel} />}
          {layer === 'amounts' && <AmountsPanel {...panel} />}
        </Tabs>
      </Panel>
    </div>
  );
}
