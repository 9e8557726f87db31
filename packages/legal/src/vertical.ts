/** The legal vertical: terms of service, contracts and what they say of a statement, privacy policies, leases, opinions, entities. */
import {
  adaptToDomain,
  adaptToTask,
  classification,
  defineVertical,
  intermediate,
  multiLabel,
  pairClassification,
  spanSelection,
  tokenClassification,
} from '@fieldcraft/core';
import { rewordings } from './rewordings.js';

export default defineVertical({
  name: 'legal',
  title: 'Legal',
  base: 'sentence-transformers/all-MiniLM-L6-v2',
  bases: [
    {
      name: 'sentence-transformers/all-MiniLM-L6-v2',
      licence: 'Apache-2.0',
      note: 'general English; small and fast (22.7 million parameters)',
    },
    {
      name: 'nlpaueb/legal-bert-base-uncased',
      licence: 'CC-BY-SA-4.0',
      note: 'legislation, court cases and contracts; a fine-tuned model must be shared under the same licence',
    },
    {
      name: 'nlpaueb/legal-bert-small-uncased',
      licence: 'CC-BY-SA-4.0',
      note: 'the same corpora at a third of the size; a fine-tuned model must be shared under the same licence',
    },
  ],
  fieldBase: 'nlpaueb/legal-bert-base-uncased',
  rewordings,
  // Not by default: a million tokens brought the field's tasks nothing (docs/domain-adaptation.md).
  curriculum: [
    adaptToDomain({ corpora: ['contracts-unlabelled'], byDefault: false }),
    adaptToTask({ byDefault: false }),
    intermediate({ task: pairClassification({ data: 'contract-nli' }), byDefault: false }),
  ],
  // An encoder that loses to counted words has no business in front of a specialist. A task's own gates are what a quick run reaches
  // (docs/results/quick.md), less twice the half-width of its interval.
  gates: { beats: ['majority', 'tfidf'], calibrationError: 0.1 },
  tasks: {
    /** Which sentences of consumer terms are unfair, and in what way. */
    'unfair-terms': multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }),
    /**
     * What a paragraph of a contract provides for. Each kind is learnt from its own Yes and No rows; that nobody asked for a kind counts a little
     * against it (docs/decisions/0002-unknown-labels.md).
     */
    'clause-kinds': multiLabel({
      data: 'cuad-clauses',
      samples: 'clause-kinds',
      gates: { microF1: 0.84 },
      loss: { unknownAsAbsent: 0.05 },
      falseAlarms: 'evaluation/clause-kinds-negatives.json',
    }),
    /** Parties, courts, laws and named documents in SEC filings. */
    'filing-entities': tokenClassification({ data: 'e-ner', samples: 'entities' }),
    /** Persons, organisations and places in loan agreements: another label set than that of the filings, hence a task of its own. */
    'agreement-entities': tokenClassification({ data: 'sec-filings-ner' }),
    /** Whether a sentence of an opinion overrules an earlier case. */
    overruling: classification({ data: 'overruling', gates: { macroF1: 0.89 } }),
    /** Whether a non-disclosure agreement entails a statement, contradicts it, or does not mention it; the passage that says so is shown. */
    'contract-statements': pairClassification({ data: 'contract-nli', keepStatements: true }),
    /** The same for statements that were not learnt: the figure for those that a user writes. */
    'new-statements': pairClassification({ data: 'contract-nli-held-out' }),
    /** Which practices a paragraph of a privacy policy speaks of. */
    'privacy-practices': multiLabel({ data: 'opp115-majority', gates: { microF1: 0.73 } }),
    /** What a sentence of a lease obliges, entitles, permits or forbids the party before it to do. */
    'lease-duties': multiLabel({ data: 'lexdemod' }),
    /** The title of a provision: half of a thousand to learn from, about five a title. */
    'provision-titles': classification({ data: 'ledgar-1k' }),
    /** What a privacy policy says about a practice, or that a paragraph does not say it. */
    'policy-questions': spanSelection({ data: 'policyqa' }),
  },
});
