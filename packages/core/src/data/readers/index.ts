/** Every file format by its name. A new one is a file of its own and a row here. */
import { abstractQuestions } from './abstract-questions.js';
import { adeCorpus } from './ade-corpus.js';
import { adeRelations } from './ade-relations.js';
import { alignedLines } from './aligned-lines.js';
import { brat } from './brat.js';
import { causeEffectRows } from './cause-effect-rows.js';
import { classFlags } from './class-flags.js';
import { codedDocuments } from './coded-documents.js';
import { conll } from './conll.js';
import { conllu } from './conllu.js';
import { delimited } from './delimited.js';
import { doccano } from './doccano.js';
import { documents } from './documents.js';
import { entitySentiments } from './entity-sentiments.js';
import { hypotheses } from './hypotheses.js';
import { jsonArray } from './json-array.js';
import { jsonLines } from './json-lines.js';
import { jsonParts } from './json-parts.js';
import { labelStudio } from './label-studio.js';
import { labelledLines } from './labelled-lines.js';
import { parallelLines } from './parallel-lines.js';
import { parquet } from './parquet.js';
import { quotedSpans } from './quoted-spans.js';
import { sciercRelations } from './scierc-relations.js';
import { sentenceLists } from './sentence-lists.js';
import { squad } from './squad.js';
import { spreadsheet } from './spreadsheet.js';
import { targetScores } from './target-scores.js';
import { titledDocuments } from './titled-documents.js';
import { tokenRows } from './token-rows.js';
import { yesNoFolders } from './yes-no-folders.js';

export const readers = {
  'json-lines': jsonLines,
  delimited,
  conll,
  parquet,
  'label-studio': labelStudio,
  doccano,
  brat,
  'aligned-lines': alignedLines,
  'yes-no-folders': yesNoFolders,
  documents,
  'coded-documents': codedDocuments,
  'json-array': jsonArray,
  'class-flags': classFlags,
  'sentence-lists': sentenceLists,
  'ade-corpus': adeCorpus,
  'abstract-questions': abstractQuestions,
  hypotheses,
  'target-scores': targetScores,
  'cause-effect-rows': causeEffectRows,
  conllu,
  'entity-sentiments': entitySentiments,
  'json-parts': jsonParts,
  'labelled-lines': labelledLines,
  'parallel-lines': parallelLines,
  'quoted-spans': quotedSpans,
  spreadsheet,
  squad,
  'ade-relations': adeRelations,
  'scierc-relations': sciercRelations,
  'titled-documents': titledDocuments,
  'token-rows': tokenRows,
};

export type FormatName = keyof typeof readers;
export const formatNames = Object.keys(readers) as FormatName[];
