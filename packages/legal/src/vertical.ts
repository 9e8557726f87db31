/** The legal vertical: unfair terms of service, contract clause kinds, and entities of filings and of loan agreements. */
import { defineVertical, multiLabel, spanSelection, tokenClassification } from '@fieldcraft/core';

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
      loss: { unknownAsAbsent: 0.05 },
      falseAlarms: 'evaluation/clause-kinds-negatives.json',
    }),
    /** Parties, courts, laws and named documents in SEC filings. */
    'filing-entities': tokenClassification({ data: 'e-ner', samples: 'entities' }),
    /** Persons, organisations and places in loan agreements: another label set than that of the filings, hence a task of its own. */
    'agreement-entities': tokenClassification({ data: 'sec-filings-ner' }),
    /** What a privacy policy says about a practice, or that a paragraph does not say it. */
    'policy-questions': spanSelection({ data: 'policyqa' }),
  },
});
