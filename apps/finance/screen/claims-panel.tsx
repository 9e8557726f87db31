/** Sentences with figures or with words of the future: what the model takes them for, and what rules find in them. */
import { DataTable, LabelChip, percent, type Column } from '@fieldcraft/screen';
import { forwardLooking, tasks } from '../src/finance-tasks.js';
import type { FinanceSentence } from '../src/read-finance.js';
import type { PanelProps } from './entities-panel.js';
import { idOf } from './marks.js';
import { nameOfClaim, toneOfClaim } from './tones.js';
import { TrainedTasks } from './trained-tasks.js';

export function ClaimsPanel({ client, model, reading, where, onShow }: Omit<PanelProps, 'axis'>) {
  const inside = ({ start, end }: { start: number; end: number }, all: readonly { start: number; end: number }[]) =>
    all.filter((one) => one.start >= start && one.end <= end).map((one) => reading.text.slice(one.start, one.end));
  const amounts = reading.rules.filter(({ kind }) => kind === 'money' || kind === 'percentage');
  const rows = reading.sentences.flatMap((sentence, index) => {
    const [figures, forward] = [inside(sentence, amounts), inside(sentence, reading.forward)];
    return sentence.claim || figures.length > 0 || forward.length > 0 ? [{ sentence, index, figures, forward }] : [];
  });
  const claims = rows.filter(({ sentence }) => sentence.claim?.label === forwardLooking);

  return (
    <>
      <TrainedTasks model={model} tasks={{ [tasks.claims]: 'Claims about the future with a figure' }} />
      <p class="quiet small">
        {claims.length > 0 && `${claims.length} of ${rows.length} claim something about the future with a figure. `}
        The model is asked about sentences with a figure; figures and words of the future are found by rules.
      </p>
      <DataTable
        caption="Claims and figures"
        fileName="claims"
        client={client}
        rows={rows}
        keyOf={({ index }) => String(index)}
        empty="No sentence has a figure or speaks of the future."
        onSelect={({ sentence }) => onShow(idOf('claims', sentence))}
        columns={[
          { name: 'Text', wide: true, value: ({ sentence: { start, end } }) => reading.text.slice(start, end) },
          ...(rows.some(({ sentence }) => sentence.claim) ? claimColumns : []),
          { name: 'Figures (rule)', value: ({ figures }) => figures.join(', ') },
          { name: 'Future (rule)', value: ({ forward }) => forward.join(', ') },
          { name: 'Where', value: ({ index }) => where(index) },
        ]}
      />
    </>
  );
}

const claimColumns: readonly Column<{ sentence: FinanceSentence }>[] = [
  {
    name: 'Claim',
    value: ({ sentence: { claim } }) => claim && nameOfClaim(claim.label),
    show: ({ sentence: { claim } }) =>
      claim && (
        <LabelChip
          label={nameOfClaim(claim.label)}
          tone={toneOfClaim(claim.label)}
          needsReview={claim.needsReview}
          from={claim.corrected && 'you'}
        />
      ),
  },
  {
    name: 'Sure',
    numeric: true,
    value: ({ sentence }) => sentence.claim?.confidence,
    show: ({ sentence: { claim } }) => claim && (claim.corrected ? 'you' : percent(claim.confidence)),
  },
];
