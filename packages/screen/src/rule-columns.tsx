/** What every table says of what rules found: dates, amounts, periods, references. */
import type { Column } from './data-table.js';
import { LabelChip } from './label-chip.js';
import { readable } from './words.js';

interface RuleFound {
  readonly text: string;
  readonly kind: string;
  /** As it was read, by parts. */
  readonly value: object;
}

export const ruleColumns: readonly Column<RuleFound>[] = [
  { name: 'Text', value: ({ text }) => text },
  { name: 'Kind', value: ({ kind }) => readable(kind), show: ({ kind }) => <LabelChip label={kind} from="rule" /> },
  { name: 'Read as', value: ({ value }) => Object.values(value).map(String).join(' ') },
];
