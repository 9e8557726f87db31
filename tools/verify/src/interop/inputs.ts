/** What a task of each kind is shown when it is checked: examples for us, and the same as other programs' tokenizers are given it. */
import type { ModelInput } from '@fieldcraft/core';
import { exports, tasks } from '@fieldcraft/core/internals';
import { texts } from './models.js';

/** One sequence as a person who has only the folder would write it. */
export interface ClientRow {
  readonly text: string;
  /** The second text of a pair. */
  readonly pair?: string;
  /** Sentences around the text: each is laid out by the recipe of the folder's README. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

export interface Inputs {
  readonly examples: readonly (ModelInput & { readonly id: string })[];
  /** One for each of our features, in their order. */
  readonly rows: readonly ClientRow[];
  /** Rows that belong together, where a class wants them so. */
  readonly choices?: number;
}

const questions = [
  'Who delivers the goods?',
  'May the account be terminated?',
  'Which parties agreed, Müller & Söhne or Acme?',
  'Are there refunds 😀?',
  'By how much did EBITDA fall?',
  'What is said?',
];
const choices = ['the supplier', 'at any time, for any reason', 'nobody (5 May 2021)'];

/** Examples of a task's kind with the rows that stand for them. */
export function inputsOf({ kind, settings = {} }: exports.SavedTask): Inputs {
  const { reads } = tasks.taskTypes[kind].published;
  const numbered = (inputs: readonly ModelInput[]) => inputs.map((input, i) => ({ id: `text ${i}`, ...input }));
  const asked = texts.map((text, i) => ({ text, second: questions[i] ?? '' }));
  switch (reads ?? (settings.pairs === true ? 'pairs' : undefined)) {
    case 'pairs':
      return { examples: numbered(asked), rows: asked.map(({ text, second }) => ({ text, pair: second })) };
    case 'questions': {
      // An empty second text is none to @huggingface/transformers.
      const said = asked.filter(({ text }) => text !== '');
      return { examples: numbered(said), rows: said.map(({ text, second }) => ({ text: second, pair: text })) };
    }
    case 'choices': {
      // With a passage, and without one.
      const examples = numbered(
        asked.map(({ text, second }, i) => ({ text: second, choices, ...(i % 2 === 0 ? { context: text } : {}) })),
      );
      const rows = examples.flatMap(({ text, context }) =>
        choices.map((choice) => {
          return context === undefined ? { text, pair: choice } : { text: context, pair: `${text} ${choice}` };
        }),
      );
      return { examples, rows, choices: choices.length };
    }
    case 'neighbours': {
      const examples = numbered(
        texts.map((text, i) => ({
          text,
          before: texts.slice(Math.max(0, i - 2), i),
          after: texts.slice(i + 1, i + 3),
        })),
      );
      return { examples, rows: examples };
    }
    case 'entities': {
      const examples = numbered(texts.filter((text) => text.includes(' ')).map((text) => withMentions(text, settings)));
      const rows = examples.flatMap(({ text, mentions = [] }) =>
        tasks.candidatePairs(mentions, settings.typePairs).map((pair) => ({
          text: tasks.markPair(text, mentions, pair).text,
        })),
      );
      return { examples, rows };
    }
    default:
      return { examples: numbered(texts.map((text) => ({ text }))), rows: texts.map((text) => ({ text })) };
  }
}

/** The first and the last word as entities, of types that the task knows a relation between. */
function withMentions(text: string, { typePairs = ['party\tTheirParty'] }: tasks.TaskSettings): ModelInput {
  const [head = '', tail = ''] = typePairs[0]?.split('\t') ?? [];
  const [first, last] = [text.indexOf(' '), text.lastIndexOf(' ') + 1];
  return {
    text,
    mentions: [
      { start: 0, end: first, label: head },
      { start: last, end: text.length, label: tail },
    ],
  };
}
