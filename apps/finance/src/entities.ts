/** The entities of a text: mentions under several forms of one name are one, with the sentiment of all. The screen reads this file too. */
import { meanOf, signOf, type Leaning } from './leaning.js';

export interface Mention {
  /** UTF-16 indices in the text, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Of its sentence. */
  readonly sentence: number;
  /** The task that found it; `name` where a name that the person follows stands there, `you` where the person marked it. */
  readonly from: string;
  readonly sentiment?: Leaning;
  /** The task that said so. */
  readonly task?: string;
  /** From -1 to 1, by the task of scores. */
  readonly score?: number;
}

export interface Entity {
  readonly id: string;
  /** As it is written most often; of equally common forms the longest. */
  readonly name: string;
  /** The other forms. */
  readonly forms: readonly string[];
  /** In the order of the text. */
  readonly mentions: readonly Mention[];
  readonly positive: number;
  readonly neutral: number;
  readonly negative: number;
  /** Of mentions whose sentiment is known; undefined without any. */
  readonly mean?: number;
}

/** Those with the most mentions first. */
export function entitiesOf(mentions: readonly Mention[]): Entity[] {
  const byKey = new Map<string, Mention[]>();
  for (const mention of mentions) add(byKey, entityKey(mention.text), [mention]);
  const keys = [...byKey.keys()];
  const groups = new Map<string, Mention[]>();
  for (const [key, found] of byKey) add(groups, fullForm(key, keys), found);
  return [...groups]
    .map(([id, found]) => describe(id, found))
    .sort((a, b) => b.mentions.length - a.mentions.length || a.mentions[0]!.start - b.mentions[0]!.start);
}

function add(groups: Map<string, Mention[]>, key: string, mentions: readonly Mention[]): void {
  const group = groups.get(key);
  if (group) group.push(...mentions);
  else groups.set(key, [...mentions]);
}

function describe(id: string, found: readonly Mention[]): Entity {
  const counts = new Map<string, number>();
  for (const { text } of found) counts.set(text, (counts.get(text) ?? 0) + 1);
  const forms = [...counts].sort((a, b) => b[1] - a[1] || b[0].length - a[0].length).map(([form]) => form);
  const leanings = found.flatMap(({ sentiment }) => sentiment ?? []);
  const leaning = (sign: number) => leanings.filter(({ label }) => signOf(label) === sign).length;
  return {
    ...{ id, name: forms[0]!, forms: forms.slice(1) },
    mentions: [...found].sort((a, b) => a.start - b.start),
    ...{ positive: leaning(1), neutral: leaning(0), negative: leaning(-1) },
    ...(leanings.length > 0 && { mean: meanOf(leanings.map(({ value }) => value)) }),
  };
}

const legalForm =
  /(?:,?\s+|\.)(?:inc|incorporated|corp|corporation|co|company|ltd|limited|plc|llc|lp|oyj|abp|ab|asa|ag|se|sa|spa|nv|bv|gmbh|kgaa|group|holdings?)\.?$/;

/** Letter case, articles, possessives, a ticker's sign and the form of a company do not make another entity. */
export function entityKey(name: string): string {
  let key = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^(?:the |\$)/, '')
    .replace(/[’']s$/, '')
    .trim();
  for (let next = key.replace(legalForm, ''); next !== key && next !== ''; next = key.replace(legalForm, ''))
    key = next;
  return key;
}

/** Words that many names begin with: alone they are no short form of one of them. */
const generic = new Set(
  'bank board central city committee commission department east federal first fund general global great international ministry national new north royal south united west world'.split(
    ' ',
  ),
);

/** "northwind" for "northwind instruments", where that is the only longer name that begins so. */
function fullForm(key: string, keys: readonly string[]): string {
  if (generic.has(key)) return key;
  const longer = keys.filter((other) => other.startsWith(`${key} `));
  return longer.length === 1 ? longer[0]! : key;
}
