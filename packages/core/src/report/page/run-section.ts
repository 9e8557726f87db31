/** The end of the page: licences, the machine, and every option, so that the run can be repeated. */
import { html, type Markup } from '../markup.js';
import { formatBytes, formatCount, formatDuration, formatTime } from '../numbers.js';
import type { RunReport } from '../schema.js';
import { definitions, table } from './table.js';

const commercialUse = (commercial: boolean | 'unknown') =>
  ({ true: 'permitted', false: 'not permitted', unknown: 'unknown' })[
    String(commercial) as 'true' | 'false' | 'unknown'
  ];

export function runSection(report: RunReport): Markup {
  const { run, environment, base, licences, peakMemoryBytes } = report;
  const options = Object.entries(run.options).filter(([, value]) => value !== undefined);
  return html`<section id="run">
    <h2>How it was made</h2>
    <h3>Licences</h3>
    ${table({
      caption: 'Licences that went into the model',
      quietCaption: true,
      rows: licences,
      columns: [
        { head: 'Of', cell: (row) => row.of },
        { head: 'Licence', cell: (row) => row.name },
        { head: 'Commercial use', cell: (row) => commercialUse(row.commercial) },
      ],
    })}
    <h3>Run</h3>
    ${definitions([
      ['Command', html`<code>${run.command}</code>`],
      ['Run', run.name],
      ['Started', formatTime(run.started)],
      ['Finished', formatTime(run.finished)],
      ['Time spent', formatDuration(run.seconds)],
      ...(peakMemoryBytes === undefined ? [] : [['Peak memory', formatBytes(peakMemoryBytes)] as const]),
      [
        'Base',
        html`${base.id} (${base.architecture}, ${formatCount(base.parameters)} parameters), from
        ${baseSources[base.source]}`,
      ],
      ...(base.revision === undefined ? [] : [['Revision', html`<code>${base.revision}</code>`] as const]),
      ['Tokenizer', html`<code>${base.tokenizerHash}</code>`],
    ])}
    <h3>Environment</h3>
    ${definitions([
      ['Processor', `${environment.cpu}, ${environment.cores} cores, ${formatBytes(environment.memoryBytes)} memory`],
      ['System', `${environment.platform}, Node.js ${environment.node}`],
      ['Engine', `${environment.engine.name} ${environment.engine.version} on ${environment.device}`],
      ...(environment.threads === undefined ? [] : [['Threads', String(environment.threads)] as const]),
      ...(environment.commit === undefined ? [] : [['Commit', html`<code>${environment.commit}</code>`] as const]),
      [
        'Packages',
        Object.entries(environment.packages).map(
          ([name, version], i) => html`${i > 0 && ', '}<span class="whole">${name} ${version}</span>`,
        ),
      ],
    ])}
    <details>
      <summary>Every option (${String(options.length)})</summary>
      ${table({
        caption: 'Options as filled in',
        quietCaption: true,
        rows: options,
        columns: [
          { head: 'Option', cell: ([name]) => html`<code>${name}</code>` },
          { head: 'Value', cell: ([, value]) => html`<code>${JSON.stringify(value)}</code>` },
        ],
      })}
    </details>
  </section>`;
}

const baseSources: Readonly<Record<RunReport['base']['source'], string>> = {
  folder: 'a folder',
  own: 'what comes with Fieldcraft',
  mirror: 'a local mirror',
  cache: 'the download cache',
  hub: 'the hub',
  scratch: 'scratch (random weights)',
};
