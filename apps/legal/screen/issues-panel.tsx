/** The list of issues, the gravest first, and its files. */
import { LabelChip, readable, TableExports, type Client } from '@fieldcraft/screen';
import type { Issue } from '../src/issues.js';
import { toneOfRisk } from './clause-view.js';

interface IssuesPanelProps {
  client: Client;
  /** Of the document, for the names of files. */
  name: string;
  issues: readonly Issue[];
  selected: string | undefined;
  onShow: (issue: Issue) => void;
}

export function IssuesPanel({ client, name, issues, selected, onShow }: IssuesPanelProps) {
  if (issues.length === 0) return <p class="quiet">No issues by the parts of the model that are trained.</p>;
  return (
    <>
      <TableExports
        client={client}
        fileName={`issues of ${name.replace(/\.[a-z]+$/i, '')}`}
        table={() => ({
          title: `Issues of ${name}`,
          columns: ['risk', 'kind', 'clause', 'finding', 'text', 'confidence', 'needs review'],
          rows: issues.map(({ risk, kind, where, finding, quote, confidence, needsReview }) => [
            risk,
            kind,
            where,
            readable(finding),
            quote,
            Math.round(confidence * 1000) / 1000,
            needsReview ? 'yes' : 'no',
          ]),
        })}
      />
      <ol class="issues">
        {issues.map((issue) => (
          <li key={issue.id} class={issue.id === selected ? 'selected' : undefined}>
            <div class="issue-head">
              <LabelChip label={issue.risk} tone={toneOfRisk[issue.risk]} />
              {issue.start === undefined ? (
                <strong>{readable(issue.finding)}</strong>
              ) : (
                <button type="button" class="link" onClick={() => onShow(issue)}>
                  {readable(issue.finding)}
                </button>
              )}
              <span class="where quiet small">
                {issue.kind}
                {issue.where && `, ${issue.where}`}
              </span>
              <LabelChip label="" confidence={issue.confidence} needsReview={issue.needsReview} />
            </div>
            {issue.quote && <q>{issue.quote}</q>}
          </li>
        ))}
      </ol>
    </>
  );
}
