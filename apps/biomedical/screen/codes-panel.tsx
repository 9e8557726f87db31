/** ICD-10-CM categories for the note: suggestions with evidence, a search, and the coder's decision on each. */
import { LabelChip, notifyError, percent, useShortcuts, type Client, type Stretch } from '@fieldcraft/screen';
import { useEffect, useState } from 'preact/hooks';
import type { CodeSuggestion } from '../src/code-review.js';

export type Decision = 'accepted' | 'rejected';
export interface CodeRow extends Omit<CodeSuggestion, 'from' | 'probability'> {
  from: CodeSuggestion['from'] | 'you';
  probability?: number;
}

interface CodesPanelProps {
  client: Client;
  rows: readonly CodeRow[];
  decisions: ReadonlyMap<string, Decision>;
  onDecide: (code: string, decision: Decision | undefined) => void;
  onAdd: (code: string, title: string) => void;
  onEvidence: (evidence: Stretch | undefined) => void;
  onSave: () => void;
}

const reasons = {
  assigned: 'suggested',
  likely: 'less likely',
  title: 'by title alone',
  you: 'added by you',
} satisfies Record<CodeRow['from'], string>;

export function CodesPanel({ client, rows, decisions, onDecide, onAdd, onEvidence, onSave }: CodesPanelProps) {
  const [at, setAt] = useState(0);
  const current = rows[Math.min(at, rows.length - 1)];
  const go = (step: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + step));
    setAt(next);
    onEvidence(rows[next]?.evidence);
    document.getElementById(`code-${rows[next]?.code}`)?.scrollIntoView({ block: 'nearest' });
  };
  const decide = (decision: Decision) => {
    if (!current) return;
    onDecide(current.code, decisions.get(current.code) === decision ? undefined : decision);
    go(1);
  };
  useShortcuts([
    { key: 'j', does: 'Next code', run: () => go(1) },
    { key: 'k', does: 'Code before', run: () => go(-1) },
    { key: 'a', does: 'Accept the code', run: () => decide('accepted') },
    { key: 'r', does: 'Reject the code', run: () => decide('rejected') },
  ]);

  return (
    <div class="codes">
      <CodeFinder client={client} onAdd={onAdd} taken={rows.map(({ code }) => code)} />
      {rows.length === 0 && <p class="quiet">No code is suggested for this text.</p>}
      <ol class="code-list">
        {rows.map((row, i) => {
          const { code, title, probability, evidence, from } = row;
          const decision = decisions.get(code);
          return (
            <li key={code} id={`code-${code}`} class={`${decision ?? ''} ${row === current ? 'current' : ''}`}>
              <div class="code-head">
                <strong class="code">{code}</strong>
                <span>{title ?? 'No title known'}</span>
                {probability !== undefined && <span class="number quiet">{percent(probability)}</span>}
              </div>
              <div class="code-foot">
                <LabelChip label={reasons[from]} {...(from === 'assigned' && { tone: 'hue-0' })} />
                <span class="decide" role="group" aria-label={`Decide on ${code}`}>
                  {(['accepted', 'rejected'] as const).map((choice) => (
                    <button
                      key={choice}
                      type="button"
                      class={decision === choice ? (choice === 'accepted' ? 'good' : 'bad') : ''}
                      aria-pressed={decision === choice}
                      onClick={() => {
                        setAt(i);
                        onDecide(code, decision === choice ? undefined : choice);
                      }}
                    >
                      {choice === 'accepted' ? 'Accept' : 'Reject'}
                    </button>
                  ))}
                </span>
                {evidence && (
                  <button
                    type="button"
                    class="link evidence-quote"
                    onClick={() => {
                      setAt(i);
                      onEvidence(evidence);
                    }}
                  >
                    <span class="hidden">Evidence of {code}: </span>“
                    {evidence.text.length > 140 ? `${evidence.text.slice(0, 140).trimEnd()}…` : evidence.text}”
                  </button>
                )}
              </div>
            </li>
          );
        })}
      </ol>
      {rows.length > 0 && (
        <p class="actions">
          <button type="button" class="primary" disabled={decisions.size === 0} onClick={onSave}>
            Keep {decisions.size} {decisions.size === 1 ? 'decision' : 'decisions'}
          </button>
          <span class="quiet small">
            Categories of three characters: complete them in your coding system. The evidence is the passage that the
            model looked at most; it was not evaluated.
          </span>
        </p>
      )}
    </div>
  );
}

interface FoundCode {
  code: string;
  title: string;
}

function CodeFinder({
  client,
  taken,
  onAdd,
}: {
  client: Client;
  taken: readonly string[];
  onAdd: (code: string, title: string) => void;
}) {
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<readonly FoundCode[]>();
  useEffect(() => {
    if (query.trim() === '') return setFound(undefined);
    const asked = new AbortController();
    const wait = setTimeout(() => {
      client
        .get<{ codes: FoundCode[] }>(`v1/biomedical/codes?limit=8&query=${encodeURIComponent(query)}`, asked)
        .then(({ codes }) => setFound(codes), notifyError);
    }, 150);
    return () => {
      clearTimeout(wait);
      asked.abort();
    };
  }, [client, query]);

  return (
    <form class="code-finder" role="search" onSubmit={(event) => event.preventDefault()}>
      <label for="code-query">Find a code</label>
      <input
        id="code-query"
        type="search"
        placeholder="E11, or words of its title"
        autocomplete="off"
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      <div aria-live="polite">
        {found?.length === 0 && <p class="quiet">No code of the model matches.</p>}
        {found && found.length > 0 && (
          <ul>
            {found.map(({ code, title }) => (
              <li key={code}>
                <button
                  type="button"
                  class="link"
                  disabled={taken.includes(code)}
                  onClick={() => {
                    onAdd(code, title);
                    setQuery('');
                  }}
                >
                  <strong class="code">{code}</strong> {title}
                  {taken.includes(code) && <span class="quiet"> (in the list)</span>}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </form>
  );
}
