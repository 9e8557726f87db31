/** The table of task types. A new one is its file and a row in each table here. */
import type { ExampleBase, ExampleOf, TaskKind } from '../data/index.js';
import type { ModelConfig } from '../models/index.js';
import { rewriteText, withTextRules, type TextRule, type WordList } from '../text/index.js';
import { classificationType } from './classification.js';
import { codeAssignmentType } from './code-assignment.js';
import { jointExtractionType } from './joint-extraction.js';
import { multiLabelType } from './multi-label.js';
import { multipleChoiceType } from './multiple-choice.js';
import { pairClassificationType } from './pair-classification.js';
import { regressionType } from './regression.js';
import { relationExtractionType } from './relation-extraction.js';
import { retrievalType } from './retrieval.js';
import { similarityType } from './similarity.js';
import { slotFillingType } from './slot-filling.js';
import { spanSelectionType } from './span-selection.js';
import type {
  ChoicePrediction,
  ClassificationPrediction,
  CodePrediction,
  EntityPrediction,
  JointPrediction,
  MultiLabelPrediction,
  RegressionPrediction,
  RelationPrediction,
  RetrievalPrediction,
  SimilarityPrediction,
  SlotPrediction,
  SpanPrediction,
  Task,
} from './task.js';
import { markTokensOf } from './marked-tokens.js';
import type { TaskOptions, TaskSettings } from './task-options.js';
import type { TaskType } from './task-type.js';
import { sequentialClassificationType } from './sequential-classification.js';
import { tokenClassificationType } from './token-classification.js';

interface Predictions {
  classification: ClassificationPrediction;
  'pair-classification': ClassificationPrediction;
  'sequential-classification': ClassificationPrediction;
  'multi-label': MultiLabelPrediction;
  'token-classification': EntityPrediction;
  regression: RegressionPrediction;
  similarity: SimilarityPrediction;
  retrieval: RetrievalPrediction;
  'multiple-choice': ChoicePrediction;
  'span-selection': SpanPrediction;
  'relation-extraction': RelationPrediction;
  'slot-filling': SlotPrediction;
  'joint-extraction': JointPrediction;
  'code-assignment': CodePrediction;
}

export const taskTypes: { readonly [K in TaskKind]: TaskType<K, Predictions[K]> } = {
  classification: classificationType,
  'pair-classification': pairClassificationType,
  'sequential-classification': sequentialClassificationType,
  'multi-label': multiLabelType,
  'token-classification': tokenClassificationType,
  regression: regressionType,
  similarity: similarityType,
  retrieval: retrievalType,
  'multiple-choice': multipleChoiceType,
  'span-selection': spanSelectionType,
  'relation-extraction': relationExtractionType,
  'slot-filling': slotFillingType,
  'joint-extraction': jointExtractionType,
  'code-assignment': codeAssignmentType,
};

/** Whether a class of PyTorch's BERT computes what heads of a kind do: none reads the mean of the tokens. */
export const hasPublishedClass = (pooling: ModelConfig['classifier_pooling'], kind: TaskKind): boolean =>
  pooling !== 'mean' || !['ForSequenceClassification', 'ForMultipleChoice'].includes(taskTypes[kind].published.head);

/**
 * The settings of a task whose head is to be learnt, with what the head reads: it is kept with its weights, which are of nothing else. Of a head that was
 * learnt the settings are as they were.
 */
export async function newHeadSettings(
  kind: TaskKind,
  settings: TaskSettings | undefined,
  tokenizer: Parameters<typeof markTokensOf>[1],
): Promise<TaskSettings | undefined> {
  const { marks: ofKind, ownTokens } = taskTypes[kind];
  if (ownTokens) return { ...settings, ownTokens };
  const marks = settings?.marks ?? ofKind;
  return marks ? { ...settings, ...(await markTokensOf(marks, tokenizer)) } : settings;
}

/** What a task of a kind says about a text. */
export type PredictionOf<K extends TaskKind> = Predictions[K];
export type Prediction = PredictionOf<TaskKind>;

/** A task of a kind. */
export type TaskOf<K extends TaskKind> = Task<ExampleOf<K>, PredictionOf<K>>;
export type AnyTask = TaskOf<TaskKind>;

/**
 * A task bound to its name, labels and loss.
 * @throws FieldcraftError FC_CONFIG for labels or loss options that do not make sense; FC_DATA for a training example with a foreign label.
 */
export function createTask<K extends TaskKind>(kind: K, options: TaskOptions<ExampleOf<K>>): TaskOf<K> {
  const task = taskTypes[kind].create(options);
  const { rules = [], vocabulary } = options.settings ?? {};
  return rules.length === 0 && vocabulary === undefined ? task : withRules(task, rules, vocabulary);
}

/** The task with its texts read by rules: by whoever makes features of them, to learn, to score or to serve. */
function withRules<E extends ExampleBase, P>(
  task: Task<E, P>,
  rules: readonly TextRule[],
  vocabulary: WordList | undefined,
): Task<E, P> {
  return {
    ...task,
    settings: { ...task.settings, ...(rules.length > 0 && { rules }), ...(vocabulary && { vocabulary }) },
    features: (examples, tokenizer, options) =>
      task.features(examples, withTextRules(tokenizer, rules, vocabulary), options),
    notes: (examples, features) => [...task.notes(examples, features), ...ruleNotes(examples, rules)],
  };
}

function ruleNotes(examples: readonly ExampleBase[], rules: readonly TextRule[]): string[] {
  const changed = rules.map((rule) => {
    const count = examples.filter(({ text }) => rewriteText(text, [rule]) !== undefined).length;
    return `${rule.name} (${count} of ${examples.length} training texts)`;
  });
  if (rules.length === 0) return [];
  return [
    `texts are rewritten before they are tokenised, by Fieldcraft itself, and by other programs as fieldcraft_text_rules in the folder's config.json says: ${changed.join(', ')}`,
  ];
}

/** What `fieldcraft predict` is told besides the task, with `text` for each text. */
export function predictArguments(kind: TaskKind, text: string): string {
  switch (taskTypes[kind].published.reads) {
    case 'pairs':
      return `"${text}" --second "${text}"`;
    case 'segments':
      return '--document --file report.txt';
    case 'entities':
      return '--file texts.jsonl';
    case 'questions':
      return `"${text}" --second "Your question"`;
    case 'candidates':
      return `"${text}" --candidates texts.txt`;
    case 'choices':
      return `"${text}" --choice "${text}" --choice "${text}"`;
    default:
      return `"${text}"`;
  }
}
