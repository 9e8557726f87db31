/** The terms of a paper and how they are related: a picture, and the same as tables. */
import {
  count,
  DataTable,
  findTask,
  GraphView,
  hueOf,
  LabelChip,
  NotTrained,
  percent,
  readable,
  type Client,
  type ModelInfo,
} from '@fieldcraft/screen';
import { useMemo, useState } from 'preact/hooks';
import { tasks } from '../src/paper-tasks.js';
import type { PaperReading } from '../src/read-paper.js';

const termKinds = ['Task', 'Method', 'Metric', 'Material', 'OtherScientificTerm', 'Generic'];
export const toneOf = (label: string) => hueOf(termKinds, label);

interface TermsPanelProps {
  client: Client;
  model: ModelInfo;
  reading: PaperReading;
  onShow: (stretch: { start: number; end: number }) => void;
}

export function TermsPanel({ client, model, reading, onShow }: TermsPanelProps) {
  const [selected, setSelected] = useState<string>();
  const { graph } = reading;
  const nodes = useMemo(() => graph.nodes.map((node) => ({ ...node, tone: toneOf(node.label) })), [graph]);
  const name = (id: string) => graph.nodes.find((node) => node.id === id)?.text ?? id;
  const { missing } = findTask(model, tasks.graph);
  const kinds = [...new Set(graph.nodes.map(({ label }) => label))];
  const chosen = graph.nodes.find(({ id }) => id === selected);
  const edges =
    selected === undefined ? graph.edges : graph.edges.filter(({ from, to }) => from === selected || to === selected);

  return (
    <>
      {missing && <NotTrained title="Terms and their relations" missing={missing} />}
      {nodes.length > 0 && (
        <>
          <p class="legend">
            {kinds.map((kind) => (
              <LabelChip key={kind} label={kind} tone={toneOf(kind)} />
            ))}
            {graph.leftOut > 0 && (
              <span class="quiet small">{count(graph.leftOut, 'term')} without a relation not drawn</span>
            )}
          </p>
          <GraphView
            nodes={nodes}
            edges={graph.edges}
            label={`${count(nodes.length, 'term')} and ${count(graph.edges.length, 'relation')}; the tables below say the same`}
            selected={selected}
            onSelect={(id) => {
              setSelected(id);
              const [mention] = graph.nodes.find((node) => node.id === id)?.mentions ?? [];
              if (mention) onShow(mention);
            }}
          />
        </>
      )}
      <h3>Relations{chosen && ` of ${chosen.text}`}</h3>
      <DataTable
        caption="Relations of terms"
        fileName="relations"
        client={client}
        rows={edges}
        keyOf={({ from, label, to }) => `${from} ${label} ${to}`}
        empty="No relation was found."
        onSelect={({ from }) => setSelected(from === selected ? undefined : from)}
        columns={[
          { name: 'Term', value: ({ from }) => name(from) },
          { name: 'Relation', value: ({ label }) => readable(label) },
          { name: 'Other term', value: ({ to }) => name(to) },
          { name: 'Times', value: ({ count: times }) => times, numeric: true },
          {
            name: 'Sure',
            value: ({ confidence }) => confidence,
            show: ({ confidence }) => percent(confidence),
            numeric: true,
          },
        ]}
      />
      <h3>Terms</h3>
      <DataTable
        caption="Terms"
        fileName="terms"
        client={client}
        rows={reading.terms}
        keyOf={({ start, end, label }) => `${start}-${end}-${label}`}
        empty="No term was found."
        onSelect={onShow}
        columns={[
          { name: 'Term', value: ({ text }) => text },
          { name: 'What', value: ({ label }) => readable(label) },
          {
            name: 'Sure',
            value: ({ confidence }) => confidence,
            show: ({ confidence }) => percent(confidence),
            numeric: true,
          },
        ]}
      />
    </>
  );
}
