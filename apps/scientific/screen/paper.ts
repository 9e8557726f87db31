/** Papers as the app's own endpoints give them. */

export interface Paper {
  id: string;
  title?: string;
  text: string;
  authors?: string;
  year?: string;
  venue?: string;
  doi?: string;
}

export interface Papers {
  format: string;
  papers: readonly Paper[];
  notes: readonly string[];
}

interface Judged {
  label: string;
  confidence: number;
  needsReview?: boolean;
  /** Said by the person. */
  corrected?: boolean;
}

export interface PaperSentence {
  start: number;
  end: number;
  inAbstract: boolean;
  role?: Judged;
  citations: readonly { start: number; end: number; text: string }[];
  intent?: Judged;
  frame?: Judged;
  purposes?: readonly string[];
}

export interface Term {
  start: number;
  end: number;
  text: string;
  label: string;
  confidence: number;
  task: string;
}

export interface PaperReading {
  sentences: readonly PaperSentence[];
  terms: readonly Term[];
  relations: readonly { head: number; tail: number; label: string; confidence: number; sentence: number }[];
  graph: {
    nodes: readonly { id: string; text: string; label: string; mentions: readonly Term[] }[];
    edges: readonly { from: string; to: string; label: string; confidence: number; count: number }[];
    leftOut: number;
  };
  notes: readonly string[];
}

export const tasks = {
  roles: 'sentence-roles',
  intent: 'citation-intent',
  frames: 'citation-frames',
  graph: 'term-graph',
  terms: 'term-entities',
  materials: 'materials-entities',
  claims: 'claim-evidence',
  search: 'paper-search',
} as const;

export const nameOf = ({ title, text, id }: Paper): string =>
  title ?? (text.length > 90 ? `${text.slice(0, 90).trimEnd()}…` : text === '' ? id : text);
