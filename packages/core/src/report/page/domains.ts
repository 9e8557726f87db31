/** Domain-adversarial training: whether the target domain became harder to tell from the tasks' own. */
import { html, type Markup } from '../markup.js';
import { formatCount, formatPercent, threeDigits } from '../numbers.js';
import type { RunReport } from '../schema.js';
import { enumerate } from '../words.js';
import { table } from './table.js';

export function domainsSection({ domains }: RunReport): Markup | false {
  if (domains === undefined) return false;
  const { target, texts, removed, weight, probes } = domains;
  return html`<section id="domains">
    <h2>Source and target domain</h2>
    <p>
      Beside the tasks a discriminator learnt to tell their texts from ${formatCount(texts)} paragraphs of
      ${enumerate(target.map(({ name }) => name))} (${formatCount(removed)} more were left out because they overlap
      evaluation data), and the encoder, with a weight that rose to ${threeDigits(weight)}, to keep it from doing so. A
      linear probe says how well the domains can be told apart by the encoder’s vectors of texts that were not learnt
      from: chance is 50 %.
    </p>
    ${table({
      caption: 'Texts whose domain a probe tells rightly',
      rows: probes,
      columns: [
        { head: 'Seed', kind: 'number', cell: ({ seed }) => `${seed}` },
        { head: 'Before', kind: 'number', cell: ({ before }) => formatPercent(before.accuracy) },
        { head: 'After', kind: 'number', cell: ({ after }) => formatPercent(after.accuracy) },
        { head: 'Distance before', kind: 'number', cell: ({ before }) => threeDigits(before.distance) },
        { head: 'Distance after', kind: 'number', cell: ({ after }) => threeDigits(after.distance) },
      ],
    })}
  </section>`;
}
