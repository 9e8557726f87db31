/** The biomedical vertical: chemicals and diseases, adverse drug effects, hallmarks of cancer, and how chemicals act on proteins. */
import {
  adaptToDomain,
  adaptToTask,
  classification,
  codeAssignment,
  defineVertical,
  intermediate,
  jointExtraction,
  multiLabel,
  pairClassification,
  relationExtraction,
  spanSelection,
  tokenClassification,
} from '@fieldcraft/core';
import { rewordings } from './rewordings.js';

export default defineVertical({
  name: 'biomedical',
  title: 'Biomedical',
  base: 'sentence-transformers/all-MiniLM-L6-v2',
  bases: [
    {
      name: 'sentence-transformers/all-MiniLM-L6-v2',
      licence: 'Apache-2.0',
      note: 'general English; small and fast (22.7 million parameters)',
    },
    {
      name: 'microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext',
      licence: 'MIT',
      note: 'PubMedBERT: PubMed abstracts and full texts alone, with a vocabulary of its own',
    },
    {
      name: 'dmis-lab/biobert-v1.1',
      licence: 'unknown',
      note: 'BERT taught further on PubMed abstracts, cased; the hub states no licence, the LICENSE of github.com/dmis-lab/biobert is Apache-2.0',
    },
  ],
  fieldBase: 'microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext',
  rewordings,
  // Not by default: a million tokens brought the field's tasks nothing (docs/domain-adaptation.md).
  curriculum: [
    adaptToDomain({
      corpora: ['text-pubmed-sentences', 'text-clinical-cases', 'text-craft', 'text-medquad'],
      byDefault: false,
    }),
    adaptToTask({ byDefault: false }),
    intermediate({ task: tokenClassification({ data: 'bc5cdr-ner', samples: 'entities' }), byDefault: false }),
  ],
  // An encoder that loses to counted words has no business in front of a specialist. A task's own gates are what a quick run reaches
  // (docs/results/quick.md), less twice the half-width of its interval.
  gates: { beats: ['majority', 'tfidf'], calibrationError: 0.1 },
  tasks: {
    /** Chemicals and diseases in abstracts. */
    'chemical-disease-entities': tokenClassification({
      data: 'bc5cdr-ner',
      samples: 'entities',
      gates: { entityF1: 0.68 },
    }),
    /** Diseases of a corpus that counts modifiers too: another idea of a disease, hence a task of its own. */
    'disease-entities': tokenClassification({ data: 'ncbi-disease-ner', gates: { entityF1: 0.64 } }),
    /** The diseases of the first corpus, tested on the second: what carries over. */
    'disease-shift': tokenClassification({ data: 'bc5cdr-to-ncbi', byDefault: false }),
    /** Whether a sentence of a case report says that a drug did harm. */
    'adverse-effects': classification({ data: 'ade-corpus-v2', samples: 'adverse-effects', gates: { macroF1: 0.75 } }),
    /** For which hallmarks of cancer a sentence gives evidence. */
    hallmarks: multiLabel({ data: 'hoc', samples: 'hallmarks' }),
    /** What the marked chemical does to the marked protein, of pairs that are known to be related. */
    'chemical-protein': classification({
      data: 'chemprot',
      marks: [
        ['<', '>'],
        ['[', ']'],
      ],
    }),
    /** Whether a study answers the question of its title with yes, no or maybe. */
    'abstract-questions': pairClassification({ data: 'pubmedqa' }),
    /** Questions about whole articles: of each the windows are read that are most like the question. */
    'article-questions': spanSelection({ data: 'covid-qa', maxLength: 384, windows: 4, readWindows: 8 }),
    /** Which drug of a sentence caused which effect, or was taken in which dose; both are given, or found by the next task. */
    'drug-effects': relationExtraction({ data: 'ade-relations', entitiesFrom: 'drug-effect-graph' }),
    /** The same where neither is given: drugs, effects and doses are found with what relates them. */
    'drug-effect-graph': jointExtraction({ data: 'ade-joint', gates: { relationF1: 0.31 } }),
    /** Diagnoses of case reports as ICD-10-CM categories; those that training does not have are suggested by their titles. */
    'diagnosis-codes': codeAssignment({ data: 'codiesp-diagnoses', maxLength: 128, gates: { microF1: 0.42 } }),
  },
});
