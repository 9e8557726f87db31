/** The client of an app's HTTP interface, as the screen uses it. Addresses are relative, so that an app may stand under any path. */

/** What a model reads. */
export interface ModelInput {
  text: string;
  second?: string;
  context?: string;
  before?: readonly string[];
  after?: readonly string[];
  mentions?: readonly { start: number; end: number; label: string }[];
}

/** UTF-16 indices, `end` exclusive. */
export interface Entity {
  start: number;
  end: number;
  label: string;
  text: string;
  confidence: number;
}

export interface Evidence {
  of: 'text' | 'second';
  start: number;
  end: number;
  text: string;
}

/** What serving adds to each prediction. */
export interface Certainty {
  confidence?: number;
  predictionSet?: readonly string[];
  needsReview?: boolean;
}

export type Classified = Certainty & { label: string; probabilities: readonly number[]; evidence?: Evidence };
export type MultiLabelled = Certainty & { labels: readonly string[]; probabilities: readonly number[] };
export type Tagged = Certainty & { entities: readonly Entity[] };
export type Scored = Certainty & { value: number };
export type Answered = Certainty & {
  answer?: { start: number; end: number; text: string };
  candidates: readonly { start: number; end: number; text: string; probability: number }[];
  noAnswer: number;
};
export type Related = Certainty & {
  relations: readonly { head: number; tail: number; label: string; confidence: number }[];
  entities?: readonly Entity[];
};
export type Coded = Certainty & {
  codes: readonly { code: string; probability: number; evidence?: Evidence }[];
  ranking: readonly { code: string; probability: number; evidence?: Evidence }[];
  unseen: readonly { code: string; probability: number; evidence?: Evidence }[];
};

export interface TaskInfo {
  name: string;
  kind: string;
  labels: readonly string[];
  titles?: Readonly<Record<string, string>>;
  /** Of pairs: the second texts that were learnt, where they are a few that are always the same. */
  statements?: readonly string[];
  mainMetric?: string;
  scores?: Readonly<Record<string, { value: number; interval?: [number, number] }>>;
}

export interface MissingTask {
  name: string;
  kind: string;
  /** What trains it, of a task that the model lacks. */
  command?: string;
  /** Why it is not served, of a task that the model has. */
  reason?: string;
}

export interface ModelInfo {
  id: string;
  vertical: string;
  precision: string;
  created?: string;
  /** The pretrained model that training started from. */
  base?: string;
  tasks: readonly TaskInfo[];
  missing: readonly MissingTask[];
  licences?: readonly { name: string; of: string; commercial: boolean | 'unknown' }[];
}

/** A part of a document; a clause is a numbered paragraph, an item one of a list, a row one of a table. */
export interface Segment {
  start: number;
  end: number;
  kind: 'heading' | 'clause' | 'item' | 'paragraph' | 'row';
  level: number;
  number?: string;
  title?: string;
  /** Index of the segment that it stands under. */
  parent?: number;
  page?: number;
}

export interface ReadDocument {
  name: string;
  mediaType: string;
  text: string;
  pages?: number;
  segments: readonly Segment[];
  /** What was decided or left out while reading. */
  notes: readonly string[];
}

/** What a person says was right. */
export interface Correction {
  task: string;
  text: string;
  /** What else the task read: see `ModelInput`. */
  second?: string;
  /** Of a sentence whose neighbours count: its document, and which of its sentences it is, from 0. */
  group?: string;
  position?: number;
  prediction?: unknown;
  /** By kind of task: `{label}`, `{labels}`, `{entities}`, `{entities, relations}`, `{answers}`, `{value}`, `{codes}`. */
  correction: unknown;
  note?: string;
  model?: string;
}

/** Problem details (RFC 9457), with our code and what to do. */
export interface ProblemDetails {
  title: string;
  status: number;
  detail?: string;
  code?: string;
  fix?: string;
}

/** An answer that was no success; its message is for the person at the screen. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(readonly problem: ProblemDetails) {
    super([problem.detail ?? problem.title, problem.fix].filter((part) => part !== undefined).join(' '));
  }
}

export interface RequestOptions {
  signal?: AbortSignal;
}

export interface Client {
  model(): Promise<ModelInfo>;
  predict<P>(task: string, inputs: readonly (string | ModelInput)[], options?: RequestOptions): Promise<P[]>;
  /** The text of a file or of what was pasted, and its parts. */
  document(source: File | string, options?: RequestOptions): Promise<ReadDocument>;
  correct(correction: Correction): Promise<{ id: string }>;
  withdraw(id: string): Promise<void>;
  /** An endpoint of the app's own. */
  post<R>(path: string, body: unknown, options?: RequestOptions): Promise<R>;
  get<R>(path: string, options?: RequestOptions): Promise<R>;
  /** A file that the server makes of `body`. */
  file(path: string, body: unknown, options?: RequestOptions): Promise<Blob>;
}

/**
 * A client of the app at `base`, by default of the page's own.
 * @throws ApiProblem from every method, where the answer is no success or there is none.
 */
export function createClient(base = './'): Client {
  async function send(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, { credentials: 'same-origin', ...init });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiProblem({
        title: 'No answer',
        status: 0,
        detail: 'The server does not answer.',
        fix: 'Check that the app is running, then try again.',
      });
    }
    if (!response.ok) throw new ApiProblem(await problemOf(response));
    return response;
  }

  const json = async <R>(path: string, init: RequestInit) => (await (await send(path, init)).json()) as R;
  const post = <R>(path: string, body: unknown, options: RequestOptions = {}) =>
    json<R>(path, { ...posted(body), ...options });

  return {
    model: () => json('v1/model', {}),
    predict: async <P>(task: string, inputs: readonly (string | ModelInput)[], options?: RequestOptions) =>
      (await post<{ predictions: P[] }>(`v1/predict/${encodeURIComponent(task)}`, { inputs }, options)).predictions,
    document(source, options = {}) {
      if (typeof source === 'string') {
        const headers = { 'content-type': 'text/plain; charset=utf-8' };
        return json('v1/documents', { method: 'POST', headers, body: source, ...options });
      }
      const body = new FormData();
      body.append('file', source, source.name);
      return json('v1/documents', { method: 'POST', body, ...options });
    },
    correct: (correction) => post('v1/feedback', correction),
    async withdraw(id) {
      await send(`v1/feedback/${encodeURIComponent(id)}`, { method: 'DELETE' });
    },
    post,
    get: (path, options = {}) => json(path, options),
    file: async (path, body, options = {}) => (await send(path, { ...posted(body), ...options })).blob(),
  };
}

function posted(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A proxy on the way may answer with a page of its own: then its status is all that is known. */
async function problemOf(response: Response): Promise<ProblemDetails> {
  const known = { title: response.statusText || 'The request failed', status: response.status };
  if (response.headers.get('content-type')?.includes('json') !== true) {
    return { ...known, detail: `The server answered ${response.status}.` };
  }
  try {
    return { ...known, ...((await response.json()) as Partial<ProblemDetails>) };
  } catch {
    return known;
  }
}

/** The score of a task on its test part, where the model says it. */
export function scoreOf({ mainMetric, scores }: TaskInfo): { metric: string; value: number } | undefined {
  const score = mainMetric === undefined ? undefined : scores?.[mainMetric];
  return mainMetric !== undefined && score ? { metric: mainMetric, value: score.value } : undefined;
}

/** The task of a model, or the command that trains it; neither where the field does not know it. */
export function findTask(model: ModelInfo, name: string): { task?: TaskInfo; missing?: MissingTask } {
  const task = model.tasks.find((one) => one.name === name);
  const missing = model.missing.find((one) => one.name === name);
  return { ...(task && { task }), ...(missing && { missing }) };
}
