/** Where a text or a feed comes in, and whose sentiment the person wants to follow. */
import { DocumentInput } from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import type { FinanceSource, SourceKind } from '../src/read-finance.js';
import { examples } from './examples.js';

interface SourceInputProps {
  busy: boolean;
  onSubmit: (source: File | string, asked: Required<Pick<FinanceSource, 'kind' | 'follow'>>) => void;
}

const kinds = {
  document: {
    name: 'A document or a transcript',
    label: 'A call, a report, minutes or an article',
    hint: 'Paste it, drop a file here, or open one: text, PDF or Word. It is read by this server and goes nowhere else.',
    accept: ['.txt', '.md', '.pdf', '.docx', '.html'],
  },
  feed: {
    name: 'A feed of headlines',
    label: 'Headlines, one a line',
    hint: 'With a date before or behind each, or without: as lines, CSV or TSV.',
    accept: ['.txt', '.csv', '.tsv', '.md', '.docx'],
  },
} satisfies Record<SourceKind, object>;

export function SourceInput({ busy, onSubmit }: SourceInputProps) {
  const [kind, setKind] = useState<SourceKind>('document');
  const [drafts, setDrafts] = useState<Readonly<Record<SourceKind, string>>>({ document: '', feed: '' });
  const [names, setNames] = useState('');
  const { label, hint, accept } = kinds[kind];
  const follow = [...new Set(names.split(',').map((name) => name.trim()))].filter((name) => name !== '');

  return (
    <>
      <fieldset class="kinds">
        <legend class="hidden">What it is</legend>
        {(['document', 'feed'] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="kind" checked={one === kind} onChange={() => setKind(one)} /> {kinds[one].name}
          </label>
        ))}
      </fieldset>
      <p class="follow">
        <label for="follow">Names to follow</label>
        <input
          id="follow"
          type="text"
          value={names}
          aria-describedby="follow-hint"
          onInput={(event) => setNames(event.currentTarget.value)}
        />
        <span class="quiet small" id="follow-hint">
          With commas between them: a commodity, a ticker, a person. Sentiment is asked towards them wherever they
          stand.
        </span>
      </p>
      <DocumentInput
        {...{ label, hint, accept, busy }}
        action="Read"
        value={drafts[kind]}
        onInput={(text) => setDrafts({ ...drafts, [kind]: text })}
        onSubmit={(source) => onSubmit(source, { kind, follow })}
        examples={examples[kind]}
      />
    </>
  );
}
