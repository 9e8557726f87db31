/** Every trap that the sources of the mirror name, and the test that shows what became of it. */

/** A test of the core's data room, by its title; or why there is nothing to show. */
type Shown = { readonly test: string } | { readonly limit: string };

const by = (test: string): Shown => ({ test });
/** What no handling changes: it is written on the card, and printed with results from there. */
const limit = (what: string): Shown => ({ limit: what });

/** Duplicates, conflicts and what was dropped are counted when a dataset is loaded, and stand on its card. */
const counted = by('%s is as its card says');
const sized = by('%s has %i, %i and %i examples as published');
const apart = by('%s: no text of a held-out part stands in a part that is learnt from');
const cleaned = by('%s: %i test texts stand in train as published, and none as loaded');
const repeated = by('%s as published: texts that repeat in train, and those of dev and test that stand in it');
const onePartEach = by('%s: files are those of the mirror; no pair or question is on two sides');
const asPublished = by('%s has the published number of examples a part');
const noDocuments = limit('tokens and no offsets: no document can be told');
const ourSplit = limit('no official split: ours is seeded, its rule on the card; published figures are not comparable');
const notThere = limit('not in the mirror: the card says which part of the source this is');

/** By the folder of the dataset: the beginning or a stretch of each trap as its SOURCE.json words it. */
export const trapTable: Readonly<Record<string, Readonly<Record<string, Shown>>>> = {
  'ade-corpus-v2': {
    'are 4,271 distinct sentences': by(
      'ade-corpus-v2: one example for each sentence of an article; no article in two parts; none on both sides',
    ),
    'have positive and negative sentences': by(
      'ade-corpus-v2: one example for each sentence of an article; no article in two parts; none on both sides',
    ),
    'offsets are document-level': by(
      'ADE: one example a sentence, mentions at the places that are as far apart as published',
    ),
  },
  'bc5cdr-ner': { '7 duplicate sentences': repeated, 'character offsets of the original': noDocuments },
  chemprot: {
    'positive pairs only': limit('all pairs are related: the card says why BLURB is another task'),
    'three classes have under 15': by(
      'chemprot: every text marks two entities, and the rare classes are missing where the source says',
    ),
    '25 train texts occur twice': by('conflicting labels are where the sources say'),
  },
  'codiesp-en': {
    '439 of the 1,143 test codes': by(
      'codiesp: 809, 625 and 597 categories, 99 of test and 111 of dev not in train; every one has a title',
    ),
    'translation is rough English': limit('read as it is: scores are of the translation, as the card says'),
    'documents have procedure codes': limit('diagnoses alone are read'),
    'the X files': notThere,
  },
  'icd10cm-2026': {
    'the full code list': by(
      'icd10cm: 1,918 categories of three characters, their codes the ids, 22 chapters; nothing else is read',
    ),
    'eindex has 6671': by(
      'icd10cm: 1,918 categories of three characters, their codes the ids, 22 chapters; nothing else is read',
    ),
    'no published split or score': limit('a table of codes, not a benchmark'),
  },
  'covid-qa': {
    'this is the last release': notThere,
    '234 of 1,380 answers': by('covid-qa: offsets put right, articles in one part each'),
    '1,360 distinct questions': counted,
  },
  hoc: {
    'label index -> name': by(
      'hoc: labels have names, most sentences none, and the abstracts of a part are those of the published list',
    ),
    'about 75% of sentences': by(
      'hoc: labels have names, most sentences none, and the abstracts of a part are those of the published list',
    ),
    '7 repeated sentences': repeated,
    'the original labels files are irregular': limit('they are not read'),
  },
  'ncbi-disease-ner': { '24 duplicate sentences': repeated, 'character offsets of the original': noDocuments },
  pubmedqa: {
    'only 500 training questions': by(
      'pubmedqa: test is the published list with its answers, and no conclusion is read',
    ),
    'majority class gives 55.2%': limit('the majority baseline stands beside each result'),
  },
  'financial-phrasebank': {
    'Accented letters are broken': by(
      'financial-phrasebank: accented letters are whole, labels are the published ones',
    ),
    'agreement subsets were not to be had': notThere,
    duplicates: counted,
    'one public repository has a synthetic file': by(
      'financial-phrasebank: accented letters are whole, labels are the published ones',
    ),
    'no official split': ourSplit,
  },
  'fincausal-2020-task2': {
    'every row matches its span': by('a semicolon too many, and a span that is somewhere else, are refused'),
    'a text with several cause-effect pairs': by('the pairs of one passage are one example'),
    '19 trial rows': cleaned,
    'test labels were never published': notThere,
    'task 1': notThere,
  },
  finentity: {
    '70 annotations': by('finentity: every entity but three that overlap stands at the words it quotes'),
    '3 overlapping spans': by('finentity: every entity but three that overlap stands at the words it quotes'),
    duplicates: counted,
    'no official split': ourSplit,
  },
  'finer-ord': {
    'boilerplate sentences repeat': cleaned,
    'one tokenisation slip': limit('one word of one sentence'),
    'doc_idx restarts': by('finer-ord: entities are the published ones; documents of different files are different'),
  },
  'fiqa-semeval17': {
    'headlines part is missing': notThere,
    'a title repeats once per company': by(
      'fiqa-semeval17: signs are the published ones, targets are second texts, no title is on two sides',
    ),
    small: limit('363 test texts: intervals say so'),
  },
  'fomc-stance': {
    per_seed_duplicates: cleaned,
    're-split the SAME sentences': sized,
    'no dev split': ourSplit,
  },
  'gold-headlines': {
    'this is the smaller public release': sized,
    'third-party copy': sized,
    duplicates: counted,
    'split by date': by('gold-headlines: later parts are later, and headlines whose year is broken are in train'),
    'are rare': limit('scores a label stand in the report'),
  },
  'num-claim': {
    test_rows_also_in_train: cleaned,
    'earnings-call part is small': limit('left out: 14 claims are too few to test on'),
    're-split the same sentences': sized,
    'label 1 is 19%': limit('divided by label; macro F1 is what models are chosen by'),
  },
  'sec-filings-ner': {
    'tiny: 8 agreements': limit('three agreements to test on: intervals draw documents'),
    'PER covers roles': limit('a task of its own, not joined with other persons'),
    'are one token': by('entities stand where their words are'),
    duplicates: by('no text of a held-out part stands in a part that is learnt from'),
  },
  sentfin: {
    'unescaped apostrophe': by(
      'an unescaped apostrophe in a name; a name in a longer one; a name in other letters; a name that is not there',
    ),
    duplicates: by('sentfin: one entity is marked in every text, and no headline is on two sides'),
    'not a literal substring': by(
      'an unescaped apostrophe in a name; a name in a longer one; a name in other letters; a name that is not there',
    ),
    'no official split': ourSplit,
  },
  'ag-news-test': {
    'test rows only': ourSplit,
    'left-over HTML entities': by('ag-news-test: no remains of HTML, no backslashes, no control characters'),
    rows_with_html_entity_remains: by('ag-news-test: no remains of HTML, no backslashes, no control characters'),
    'md5 d52ea96a': sized,
    duplicates: counted,
  },
  atis: {
    'parallel line by line': by('another number of tags than words is refused by its line'),
    'two intents joined by': by(
      'atis: two intents are two labels; slots and intents that training does not have are no labels',
    ),
    token_count_differs_from_tag_count: by('another number of tags than words is refused by its line'),
    intents_in_valid_or_test_never_in_train: by(
      'atis: two intents are two labels; slots and intents that training does not have are no labels',
    ),
    slot_tags_in_valid_or_test_never_in_train: by(
      'atis: two intents are two labels; slots and intents that training does not have are no labels',
    ),
    intent_duplicates: cleaned,
    two_different_slot_taggings: counted,
  },
  banking77: {
    'no dev split': ourSplit,
    'line break inside the quoted field': by('quotes, line breaks in cells, and the line each row begins on'),
    'leading or trailing white space': counted,
    'train is unbalanced': limit('macro F1 is what models are chosen by'),
    'labels not in lower case': counted,
    duplicates: cleaned,
  },
  clinc150: {
    'lie under their own keys': by('clinc150: what is out of scope is read from its own lists'),
    'report in-scope accuracy and oos recall apart': by('clinc150: what is out of scope is read from its own lists'),
    domains_json: limit('domains are not read'),
    text_form: limit('lower case as published: a real user writes otherwise'),
    duplicates: cleaned,
  },
  sick: {
    'original labelling': by(
      'sick: labels and scores are the published ones, and a pair seen the other way round is not tested',
    ),
    'cross-check with praguna': sized,
    'mean over raters': by(
      'sick: labels and scores are the published ones, and a pair seen the other way round is not tested',
    ),
    sentence_overlap: limit('pairs are made from the same sentences: the card says so'),
    same_pair_either_order: by(
      'sick: labels and scores are the published ones, and a pair seen the other way round is not tested',
    ),
    pair_duplicates: onePartEach,
  },
  snips: {
    'parallel line by line': by('another number of tags than words is refused by its line'),
    lines_with_edge_space: by('snips: slots are the published ones, blanks are no words'),
    intents_in_valid_or_test_never_in_train: counted,
    slot_tags_in_valid_or_test_never_in_train: counted,
    intent_duplicates: cleaned,
    two_different_slot_taggings: counted,
  },
  'squad2-dev-half': {
    'NOT the whole official dev set': ourSplit,
    'several reference answers': by('squad2-dev-half: plausible answers are none; each accepted place once'),
    'plausible_answers of an unanswerable': by('squad2-dev-half: plausible answers are none; each accepted place once'),
    measured: by('as many questions as published, and answers that are words of their text without space around them'),
    'question ids are NOT the official': limit('predictions are compared within this copy alone'),
    check_against_published_text: by('xquad-en: no paragraph of it stands in squad2-dev-half'),
    'are also in xquad-en': by('xquad-en: no paragraph of it stands in squad2-dev-half'),
    duplicates: counted,
  },
  sst2: {
    'whole sentences only': limit('figures of models that learnt phrases are not comparable: none is printed'),
    'Penn-Treebank tokens': limit('as published: lower case, words apart'),
    'have lost every hyphen': sized,
    measured: counted,
    duplicates: cleaned,
  },
  'trec-qc': {
    'the sha256 of both files': sized,
    'no dev split': ourSplit,
    'have other sizes': sized,
    fine_labels_in_test_not_in_train: by(
      'trec-fine: fifty classes, each with its coarse one; those that test lacks are known',
    ),
    measured: by('trec-qc: ISO 8859-1 is read as such, six coarse classes'),
    duplicates_coarse_labels: cleaned,
    texts_with_conflicting_fine_labels: by(
      'trec-fine: fifty classes, each with its coarse one; those that test lacks are known',
    ),
  },
  'ud-english-ewt': {
    'was put together from': sized,
    'skip lines whose id is a range': by(
      'ud-english-ewt: every word has its part of speech and nothing else, ranges and empty nodes none',
    ),
    'names of persons, e-mail': limit('names of real people: the card says so'),
    measured: by('ud-english-ewt: every word has its part of speech and nothing else, ranges and empty nodes none'),
    sentence_duplicates: cleaned,
  },
  wikigold: {
    'never B-': by('wikigold: runs of one type are one entity; no document is on two sides'),
    'maximal runs of one type': by('wikigold: runs of one type are one entity; no document is on two sides'),
    'no official split': by('wikigold: runs of one type are one entity; no document is on two sides'),
    '-DOCSTART-': sized,
    sentence_duplicates: counted,
  },
  wnut17: {
    'differ in source on purpose': limit('that is the task'),
    'sentence breaks are a line that holds only a TAB': by(
      'wnut17: sentences do not run together, the byte-order mark is gone',
    ),
    'emerging.test.conll': sized,
    'byte order mark': by('wnut17: sentences do not run together, the byte-order mark is gone'),
    entity_surfaces_seen_in_train: limit('that is the task'),
    measured: by('wnut17: sentences do not run together, the byte-order mark is gone'),
    sentence_duplicates: counted,
  },
  'xquad-en': {
    'no unanswerable questions': by('foreign questions are of the source, in the same part, about another document'),
    'one reference answer': by(
      'as many questions as published, and answers that are words of their text without space around them',
    ),
    measured: by('as many questions as published, and answers that are words of their text without space around them'),
    duplicates: counted,
  },
  'contract-nli': {
    'the official train.json': by(
      'contract-nli: contracts, pairs and labels are the published ones; one contract twice in test; statements are long texts’ second',
    ),
    'come from a fork': by(
      'contract-nli: contracts, pairs and labels are the published ones; one contract twice in test; statements are long texts’ second',
    ),
    'documents are long': by('the window that speaks most for the label is its evidence'),
    duplicates: by(
      'contract-nli: contracts, pairs and labels are the published ones; one contract twice in test; statements are long texts’ second',
    ),
    'NotMentioned has no evidence': limit('evidence is shown, not learnt from'),
  },
  'contracts-unlabelled': {
    'subset rule': counted,
    'amendments of one contract': counted,
    'some CUAD contracts': by('the labelled paragraphs are the words that were labelled'),
  },
  'cuad-clauses': {
    'repeated inside a category': by('cuad-clauses: a kind is known or masked, every text is there once'),
    'No rows are random clauses': by('merged by text; unanswered and contradicted kinds are masked'),
    'no contract ids': ourSplit,
    'no official split': ourSplit,
    'very unequal classes': by('cuad-clauses: a kind is known or masked, every text is there once'),
  },
  'e-ner': {
    'broken tags': counted,
    '4-class variant': notThere,
    'long lines': limit('read in overlapping windows'),
    duplicates: by('no text of a held-out part stands in a part that is learnt from'),
    'split by document': counted,
  },
  'ledgar-1k': {
    'no training part': by(
      'ledgar-1k: provisions without the question around them; every title of dev and test is in train',
    ),
    'lightly changed by the prompt builder': by(
      'ledgar-1k: provisions without the question around them; every title of dev and test is in train',
    ),
    'drawn from the 10,000': limit('published figures are of 100 labels and 60,000 examples: none is printed'),
    duplicates: apart,
  },
  lexdemod: {
    duplicates: by(
      'lexdemod: vectors are the published labels, None is none; no sentence is on two sides, whoever the agent',
    ),
    'once per agent': by(
      'lexdemod: vectors are the published labels, None is none; no sentence is on two sides, whoever the agent',
    ),
  },
  'opp115-majority': {
    '#NAME?': by(
      'opp115-majority: rows of one segment are one example, the spreadsheet’s error is none, the published leaks are found',
    ),
    overlap: by(
      'opp115-majority: rows of one segment are one example, the spreadsheet’s error is none, the published leaks are found',
    ),
    'Do Not Track has 3': limit('micro F1 is what models are chosen by; scores a label stand in the report'),
    'same policy is on both sides': limit('policies are not named in the files: the card says so'),
  },
  overruling: {
    '890 of the 2,394': by(
      'overruling: repeats are left out before the division, doubled quotation marks put right, prompts not read',
    ),
    duplicates: apart,
    'no official split': ourSplit,
    'near-ceiling': limit('the TF-IDF baseline stands beside each result'),
  },
  policyqa: {
    'the official train.json': by(
      'policyqa: repeated rows, sites apart, and several answers where its source speaks of one',
    ),
    'sites are disjoint': by(
      'policyqa: repeated rows, sites apart, and several answers where its source speaks of one',
    ),
    duplicates: by('policyqa: repeated rows, sites apart, and several answers where its source speaks of one'),
    'questions are templated': limit('scores are low for people, too: the card says so'),
  },
  'unfair-tos': {
    countrym: by('graded tags, ignored tags, parts by document'),
    'have 5 words or fewer': limit('kept: they are in the documents that users paste'),
    'split by document': by('unfair-tos: the published fold, with the leaks its card speaks of'),
    fold_0_duplicates: by('unfair-tos: the published fold, with the leaks its card speaks of'),
    'strongly imbalanced': limit('F1 of the labels is what models are chosen by'),
  },
  'acl-arc': {
    LEAK: repeated,
    '418 of 1,688': by('conflicting labels are where the sources say'),
    '139 test examples': limit('the interval stands beside each result'),
  },
  csabstruct: {
    '26 of the 226': by('csabstruct: whole abstracts of test stand in train, and some of dev in test; afterwards none'),
  },
  'matscholar-ner': {
    '32 lines of dev.txt': by('matscholar-ner: lines without a tag or a word are counted, words may hold spaces'),
    'no duplicate sentences': repeated,
  },
  multicite: {
    '47 repeated texts': repeated,
    'future_work is rare': limit('scores a label stand in the report'),
    'two or more labels': by('multicite: labels are sets in our order of names, documents lie in one part'),
    'over 4 MiB': notThere,
  },
  scicite: { 'counts differ from the original release': asPublished, '1 duplicate inside train': repeated },
  scierc: {
    'nested or overlapping entities': by('scierc: types that touch stay two entities, brackets are brackets'),
    'no overlap of documents between splits': counted,
  },
  'scifact-rte': {
    'no test split': by('scifact-rte: labels are the published ones, the header is no row, dev is cut by evidence'),
  },
  sciq: {
    'answer offsets are not given': limit('a multiple choice: no offsets are needed'),
    'text-extraction faults': limit('as published'),
    '70 repeated questions': by(
      'sciq: a tenth without a passage; answers in no fixed place; equal choices once; no question on two sides',
    ),
    'without the passage': by(
      'sciq: a tenth without a passage; answers in no fixed place; equal choices once; no question on two sides',
    ),
  },
  'text-acl-abstracts': {
    'one field only': limit('what is found in one field says nothing of others: the card says so'),
    'SciERC, SciCite and MultiCite use papers': by(
      'no abstract is the paper of a text that another task of the field is tested on',
    ),
  },
};
