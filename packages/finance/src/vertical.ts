/** The finance vertical: sentiment of sentences and towards entities, stance of monetary policy, gold headlines, entities, claims, causes. */
import {
  adaptToDomain,
  adaptToTask,
  classification,
  defineVertical,
  intermediate,
  multiLabel,
  regression,
  tokenClassification,
} from '@fieldcraft/core';
import { rewordings } from './rewordings.js';
import { postRules } from './text-rules.js';

export default defineVertical({
  name: 'finance',
  title: 'Finance',
  base: 'sentence-transformers/all-MiniLM-L6-v2',
  bases: [
    {
      name: 'sentence-transformers/all-MiniLM-L6-v2',
      licence: 'Apache-2.0',
      note: 'general English; small and fast (22.7 million parameters)',
    },
    {
      name: 'yiyanghkust/finbert-pretrain',
      licence: 'unknown',
      note: 'annual reports, earnings calls and analysts’ reports; the hub states no licence, the repository github.com/yya518/FinBERT is Apache-2.0',
    },
    {
      name: 'ProsusAI/finbert',
      licence: 'unknown',
      note: 'financial news, then fine-tuned on the Financial PhraseBank: it has seen sentences on which sentence-sentiment is tested; the hub states no licence',
    },
  ],
  fieldBase: 'yiyanghkust/finbert-pretrain',
  rewordings,
  // Not by default: a million tokens brought the field's tasks nothing (docs/domain-adaptation.md).
  curriculum: [
    adaptToDomain({ corpora: ['earnings-calls-unlabelled', 'fed-speeches-unlabelled'], byDefault: false }),
    adaptToTask({ byDefault: false }),
    intermediate({ task: classification({ data: 'sentfin', marks: [['«', '»']] }), byDefault: false }),
  ],
  // An encoder that loses to counted words has no business in front of a specialist.
  gates: { beats: ['majority', 'tfidf'], calibrationError: 0.1 },
  tasks: {
    /** Whether a sentence of news is good or bad for an investor in the company it speaks of. */
    'sentence-sentiment': classification({
      ...{ data: 'financial-phrasebank', samples: 'sentence-sentiment' },
      // 0.816 in docs/results/standard.md, less twice the half-width of its interval.
      gates: { macroF1: 0.75 },
    }),
    /** The same, learnt from headlines and tested on those sentences: what carries over to another kind of text. */
    'sentiment-shift': classification({ data: 'sentfin-to-phrasebank', byDefault: false }),
    /** The same for each entity of a headline: the one that is asked about stands between « and ». */
    'entity-sentiment': classification({ data: 'sentfin', marks: [['«', '»']] }),
    /** Whether the Federal Reserve leans to tighter or to looser policy. */
    'policy-stance': classification({ data: 'fomc-stance' }),
    /** What a headline says of the price of gold, of other assets, of the past and of the future. */
    'gold-headlines': multiLabel({ data: 'gold-headlines', samples: 'gold-headlines' }),
    /** Whether a figure in an analyst's report is a claim about the future. */
    'numeric-claims': classification({ data: 'num-claim' }),
    /** Persons, places and organisations in financial news. */
    'news-entities': tokenClassification({ data: 'finer-ord', samples: 'news-entities' }),
    /** Parties of loan agreements: roles such as Lender are persons there, hence a task of its own. */
    'agreement-entities': tokenClassification({ data: 'sec-filings-ner' }),
    /** Companies and markets in news, labelled with the sentiment towards each. */
    'sentiment-entities': tokenClassification({ data: 'finentity' }),
    /** The words that state a cause, and those that state its effect. */
    'cause-effect': tokenClassification({ data: 'fincausal-2020-task2' }),
    /** How good news is for a company or a ticker, from -1 to 1. */
    'sentiment-scores': regression({ data: 'fiqa-semeval17', rules: postRules }),
  },
});
