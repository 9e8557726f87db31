/** A task's folder in @huggingface/transformers: the logits of its class, and what the pipeline says where the library has one. */
import {
  AutoModel,
  AutoModelForQuestionAnswering,
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
  AutoTokenizer,
  env,
  pipeline,
  Tensor,
} from '@huggingface/transformers';
import type { ClientRow } from './inputs.js';

/** Multiple choice has no class there: its graph gives one number a sequence, which the class of sequences reads. */
const classes: Readonly<Record<string, Pick<typeof AutoModel, 'from_pretrained'>>> = {
  Model: AutoModel,
  ForSequenceClassification: AutoModelForSequenceClassification,
  ForMultipleChoice: AutoModelForSequenceClassification,
  ForTokenClassification: AutoModelForTokenClassification,
  ForQuestionAnswering: AutoModelForQuestionAnswering,
};

export interface ScriptAnswer {
  readonly ids: number[][];
  /** By the names of the graph's outputs. */
  readonly outputs: Readonly<Record<string, number[][] | number[][][]>>;
}

/** What the library's class makes of rows; undefined where it has no class for the head. */
export async function scoreScript(
  folder: string,
  head: string,
  rows: readonly ClientRow[],
): Promise<ScriptAnswer | undefined> {
  env.allowRemoteModels = false;
  const auto = classes[head];
  if (auto === undefined) return undefined;
  const tokenizer = await AutoTokenizer.from_pretrained(folder);
  const network = await auto.from_pretrained(folder);
  const inputs = rows[0]?.before === undefined ? encodeTexts(tokenizer, rows) : encodeNeighbours(tokenizer, rows);
  const results = (await network(inputs)) as Record<string, Tensor | undefined>;
  const outputs = Object.fromEntries(
    ['logits', 'start_logits', 'end_logits', 'last_hidden_state'].flatMap((name) => {
      const tensor = results[name];
      return tensor === undefined ? [] : [[name, tensor.tolist() as number[][]] as const];
    }),
  );
  await network.dispose();
  return { ids: (inputs.input_ids.tolist() as bigint[][]).map((row) => row.map(Number)), outputs };
}

type Loaded = Awaited<ReturnType<typeof AutoTokenizer.from_pretrained>>;
interface Encoded {
  readonly input_ids: Tensor;
}

function encodeTexts(tokenizer: Loaded, rows: readonly ClientRow[]): Encoded {
  const pairs = rows.flatMap(({ pair }) => pair ?? []);
  return tokenizer(
    rows.map(({ text }) => text),
    { padding: true, ...(pairs.length > 0 ? { text_pair: pairs } : {}) },
  );
}

/** [CLS] before [SEP] the sentence [SEP] after [SEP], the sentence in a segment of its own. */
function encodeNeighbours(tokenizer: Loaded, rows: readonly ClientRow[]): Encoded {
  const plain = (text: string) => tokenizer.encode(text, { add_special_tokens: false });
  const [cls = 0, sep = 0] = tokenizer.encode('');
  const sequences = rows.map(({ text, before = [], after = [] }) => {
    const [left, own, right] = [before.flatMap(plain), plain(text), after.flatMap(plain)];
    return {
      ids: [cls, ...left, sep, ...own, sep, ...right, sep],
      types: [0, ...left.map(() => 0), 0, ...own.map(() => 1), 0, ...right.map(() => 0), 0],
    };
  });
  const length = Math.max(...sequences.map(({ ids }) => ids.length));
  const padded = (values: (row: (typeof sequences)[number]) => number[]) => {
    const flat = sequences.flatMap((row) => [...values(row), ...Array<number>(length - row.ids.length).fill(0)]);
    return new Tensor('int64', BigInt64Array.from(flat, BigInt), [sequences.length, length]);
  };
  const inputs = {
    input_ids: padded(({ ids }) => ids),
    attention_mask: padded(({ ids }) => ids.map(() => 1)),
    token_type_ids: padded(({ types }) => types),
  };
  return inputs;
}

/** One label with its probability a row. */
export interface Labelled {
  readonly label: string;
  readonly score: number;
}

/** What the text-classification pipeline says of single texts. */
export async function classifyScript(folder: string, rows: readonly ClientRow[]): Promise<Labelled[]> {
  env.allowRemoteModels = false;
  const classify = await pipeline('text-classification', folder, { dtype: 'fp32' });
  const said = (await classify(rows.map(({ text }) => text))) as Labelled[];
  await classify.dispose();
  return said;
}

/** The tags that the token-classification pipeline gives the tokens of each text. */
export async function tagScript(folder: string, rows: readonly ClientRow[]): Promise<string[][]> {
  env.allowRemoteModels = false;
  const tag = await pipeline('token-classification', folder, { dtype: 'fp32' });
  const said: string[][] = [];
  for (const { text } of rows) said.push((await tag(text, { ignore_labels: [] })).map(({ entity }) => entity ?? ''));
  await tag.dispose();
  return said;
}

/** What the question-answering pipeline answers, with its score. */
export async function answerScript(folder: string, rows: readonly ClientRow[]): Promise<number[]> {
  env.allowRemoteModels = false;
  const answer = await pipeline('question-answering', folder, { dtype: 'fp32' });
  const scores: number[] = [];
  for (const { text, pair = '' } of rows) scores.push((await answer(text, pair)).score);
  await answer.dispose();
  return scores;
}
