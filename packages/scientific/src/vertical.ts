/** The scientific vertical: what citations are for, roles of sentences in abstracts, entities of AI and of materials science. */
import {
  adaptToDomain,
  adaptToTask,
  classification,
  defineVertical,
  intermediate,
  jointExtraction,
  multiLabel,
  multipleChoice,
  pairClassification,
  relationExtraction,
  retrieval,
  sequentialClassification,
  tokenClassification,
} from '@fieldcraft/core';
import { rewordings } from './rewordings.js';

export default defineVertical({
  name: 'scientific',
  title: 'Scientific',
  base: 'sentence-transformers/all-MiniLM-L6-v2',
  bases: [
    {
      name: 'sentence-transformers/all-MiniLM-L6-v2',
      licence: 'Apache-2.0',
      note: 'general English; small and fast (22.7 million parameters)',
    },
    {
      name: 'allenai/scibert_scivocab_uncased',
      licence: 'unknown',
      note: 'full texts of 1.14 million papers, with a vocabulary of its own; the hub states no licence, the LICENSE of github.com/allenai/scibert is Apache-2.0',
    },
  ],
  fieldBase: 'allenai/scibert_scivocab_uncased',
  rewordings,
  // Not by default: a million tokens brought the field's tasks nothing (docs/domain-adaptation.md).
  curriculum: [
    adaptToDomain({ corpora: ['text-acl-abstracts', 'text-scitldr', 'text-oa-stm'], byDefault: false }),
    adaptToTask({ byDefault: false }),
    intermediate({ task: classification({ data: 'scicite', samples: 'citation-intent' }), byDefault: false }),
  ],
  // An encoder that loses to counted words has no business in front of a specialist. A task's own gates are what a quick run reaches
  // (docs/results/quick.md), less twice the half-width of its interval.
  gates: { beats: ['majority', 'tfidf'], calibrationError: 0.1 },
  tasks: {
    /** What a citation is for: background, method or result. */
    'citation-intent': classification({ data: 'scicite', samples: 'citation-intent', gates: { macroF1: 0.74 } }),
    /** The same in six classes, in computational linguistics. */
    'citation-frames': classification({ data: 'acl-arc' }),
    /** The same six classes, learnt from another corpus and tested on that one: what carries over. */
    'citation-shift': classification({ data: 'multicite-to-acl-arc', byDefault: false }),
    /** The same where several answers hold, with the cited work marked. */
    'citation-purposes': multiLabel({ data: 'multicite' }),
    /** The role of a sentence in its abstract, its neighbours in view. */
    'sentence-roles': sequentialClassification({ data: 'csabstruct', samples: 'sentence-roles' }),
    /** Tasks, methods, metrics and other terms in abstracts on artificial intelligence. */
    'term-entities': tokenClassification({ data: 'scierc', samples: 'entities', gates: { entityF1: 0.38 } }),
    /** Materials, their properties and how they were made and looked at. */
    'materials-entities': tokenClassification({ data: 'matscholar-ner', gates: { entityF1: 0.62 } }),
    /** Questions of science with four choices, and mostly the passage that they were written from. */
    'science-questions': multipleChoice({ data: 'sciq', gates: { accuracy: 0.63 } }),
    /** Whether the evidence of an abstract entails a claim. */
    'claim-evidence': pairClassification({ data: 'scifact-rte' }),
    /** What those terms are used for, evaluated with, part of: relations between entities that are given, or found by the task of the terms. */
    'term-relations': relationExtraction({ data: 'scierc-relations', entitiesFrom: 'term-entities' }),
    /** The same with the terms, both found at once. */
    'term-graph': jointExtraction({ data: 'scierc-joint' }),
    /** Abstracts of computational linguistics by their titles. */
    'paper-search': retrieval({ data: 'acl-titles' }),
  },
});
