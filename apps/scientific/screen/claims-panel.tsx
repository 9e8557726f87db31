/** A claim against evidence that the person gives: supported, or not shown by it. */
import {
  findTask,
  keepCorrection,
  LabelChip,
  NotTrained,
  notifyError,
  type Classified,
  type Client,
  type ModelInfo,
} from '@fieldcraft/screen';
import { useEffect, useState } from 'preact/hooks';
import type { claimData } from '../src/claim-data.js';
import { tasks } from '../src/paper-tasks.js';

interface Checked {
  claim: string;
  evidence: string;
  answer: Classified;
}

const supported = 'entailed';

export function ClaimsPanel({
  client,
  model,
  abstract,
}: {
  client: Client;
  model: ModelInfo;
  abstract?: string | undefined;
}) {
  const [claim, setClaim] = useState('');
  const [evidence, setEvidence] = useState('');
  const [checked, setChecked] = useState<readonly Checked[]>([]);
  const [data, setData] = useState<typeof claimData>();
  const { task, missing } = findTask(model, tasks.claims);
  useEffect(() => {
    if (task) client.get<typeof claimData>('v1/scientific/claims').then(setData, notifyError);
  }, [client, task]);

  if (missing) return <NotTrained title="Claims against evidence" missing={missing} />;
  const check = () => {
    client.predict<Classified>(tasks.claims, [{ text: evidence, second: claim }]).then(([answer]) => {
      if (answer) setChecked([{ claim, evidence, answer }, ...checked]);
    }, notifyError);
  };
  const correct = ({ claim: said, evidence: shown, answer }: Checked) => {
    const label = answer.label === supported ? 'not entailed' : supported;
    const correction = { task: tasks.claims, text: shown, second: said, prediction: answer, correction: { label } };
    void keepCorrection(client, correction, () => undefined);
  };

  return (
    <form
      class="claims"
      onSubmit={(event) => {
        event.preventDefault();
        check();
      }}
    >
      {data && (
        <p class="caution">
          A smoke-size model: it learnt from {data.trainingPairs} pairs. Licence of its data: {data.licence}
          {!data.commercial && '; not for commercial use'}. Read the evidence yourself.
        </p>
      )}
      <label for="claim">A claim</label>
      <input id="claim" type="text" value={claim} onInput={(event) => setClaim(event.currentTarget.value)} />
      <label for="evidence">Evidence: sentences that speak for or against it</label>
      <textarea id="evidence" rows={5} value={evidence} onInput={(event) => setEvidence(event.currentTarget.value)} />
      <p class="actions">
        <button type="submit" class="primary" disabled={claim.trim() === '' || evidence.trim() === ''}>
          Check
        </button>
        {abstract !== undefined && (
          <button type="button" class="quiet-button" onClick={() => setEvidence(abstract)}>
            Take the open paper’s text
          </button>
        )}
      </p>
      <ul class="checked" aria-live="polite">
        {checked.map((one, i) => (
          <li key={checked.length - i}>
            <LabelChip
              label={one.answer.label === supported ? 'Supported' : 'Not shown'}
              tone={one.answer.label === supported ? 'good' : 'even'}
              confidence={Math.max(...one.answer.probabilities)}
              needsReview={one.answer.needsReview}
            />{' '}
            {one.claim}
            {one.answer.evidence && <blockquote>{one.answer.evidence.text}</blockquote>}
            <button type="button" class="quiet-button" onClick={() => correct(one)}>
              That is wrong
            </button>
          </li>
        ))}
      </ul>
    </form>
  );
}
