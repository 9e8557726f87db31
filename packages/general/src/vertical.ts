/** The general vertical: what no field has data for, and what transfer and forgetting are measured on. It has no app. */
import {
  classification,
  defineVertical,
  pairClassification,
  regression,
  similarity,
  slotFilling,
  spanSelection,
  tokenClassification,
} from '@fieldcraft/core';

export default defineVertical({
  name: 'general',
  title: 'General',
  base: 'sentence-transformers/all-MiniLM-L6-v2',
  bases: [
    {
      name: 'sentence-transformers/all-MiniLM-L6-v2',
      licence: 'Apache-2.0',
      note: 'general English; small and fast (22.7 million parameters)',
    },
    {
      name: 'google-bert/bert-base-uncased',
      licence: 'Apache-2.0',
      note: 'books and Wikipedia, letter case aside (110 million parameters)',
    },
    {
      name: 'google-bert/bert-base-cased',
      licence: 'Apache-2.0',
      note: 'the same with letter case, which names depend on',
    },
  ],
  fieldBase: 'google-bert/bert-base-uncased',
  tasks: {
    /** 150 intents of an assistant's users, and what is none of them. */
    intents: classification({ data: 'clinc150', outOfScope: 'out of scope' }),
    /** 77 kinds of questions to a bank: routing of tickets. */
    'ticket-routing': classification({ data: 'banking77' }),
    'review-sentiment': classification({ data: 'sst2' }),
    'question-types': classification({ data: 'trec-qc' }),
    /** The same in fifty classes. */
    'exact-question-types': classification({ data: 'trec-fine' }),
    'news-topics': classification({ data: 'ag-news-test' }),
    /** What is asked of an assistant, and the particulars. */
    'assistant-requests': slotFilling({ data: 'snips' }),
    /** The same of a flight desk; several intents may meet in one question. */
    'flight-requests': slotFilling({ data: 'atis' }),
    /** Names that were new or rare, in user text. */
    'emerging-entities': tokenClassification({ data: 'wnut17' }),
    'wikipedia-entities': tokenClassification({ data: 'wikigold' }),
    /** Every word is an entity whose label is its part of speech. */
    'parts-of-speech': tokenClassification({ data: 'ud-english-ewt' }),
    /** Whether one caption entails another, contradicts it, or neither; and how related the two are, from 1 to 5. */
    'sentence-entailment': pairClassification({ data: 'sick-entailment' }),
    'sentence-relatedness': regression({ data: 'sick-relatedness' }),
    /** The same by vectors of each alone, which can be kept and searched. */
    'sentence-similarity': similarity({ data: 'sick-similarity' }),
    /** Half of the questions cannot be answered from their paragraph. */
    'wikipedia-questions': spanSelection({ data: 'squad2-dev-half' }),
    /** Few questions, all answered. */
    'encyclopedia-questions': spanSelection({ data: 'xquad-en' }),
  },
});
