/** Where a tokenizer puts its special tokens around a text or a pair, and the putting. */
import { FieldcraftError } from '../foundation/index.js';
import type { Encoding, TextTokens } from './encoding.js';
import type { PostProcessor, TokenizerLayout } from './layout.js';

/** One step of a template: added tokens, or all tokens of the text (sequence 0) or of its pair (1). */
type Step = { ids: readonly number[]; typeId: number } | { sequence: 0 | 1; typeId: number };

/** How one text, and how a pair, is laid out. */
export interface Template {
  single: readonly Step[];
  pair: readonly Step[];
}

/** Reads the template out of a layout's post-processor. Without one, a text is its tokens, and a pair follows with type 1. */
export function readTemplate(layout: TokenizerLayout, where: string): Template {
  const part = layout.post_processor;
  const parts = part == null ? [] : part.type === 'Sequence' ? part.processors : [part];
  const templates = parts.filter((candidate) => candidate.type !== 'ByteLevel');
  if (templates.length > 1) {
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'the tokenizer adds special tokens in more than one way',
      where: `${where}, post_processor`,
      expected: 'at most one template, BERT or RoBERTa post-processor',
      got: templates.map((candidate) => candidate.type).join(', '),
    });
  }
  return templates[0] === undefined ? plain : templateOf(templates[0], where);
}

const plain: Template = {
  single: [{ sequence: 0, typeId: 0 }],
  pair: [
    { sequence: 0, typeId: 0 },
    { sequence: 1, typeId: 1 },
  ],
};

function templateOf(part: PostProcessor, where: string): Template {
  switch (part.type) {
    case 'TemplateProcessing': {
      const read = (steps: typeof part.single): Step[] =>
        steps.map((step) => {
          if ('Sequence' in step) return { sequence: step.Sequence.id === 'A' ? 0 : 1, typeId: step.Sequence.type_id };
          const token = Object.hasOwn(part.special_tokens, step.SpecialToken.id)
            ? part.special_tokens[step.SpecialToken.id]
            : undefined;
          if (token === undefined) {
            throw new FieldcraftError('FC_TOKENIZER', {
              what: `the template names a special token that it does not define: ${step.SpecialToken.id}`,
              where: `${where}, post_processor`,
            });
          }
          return { ids: token.ids, typeId: step.SpecialToken.type_id };
        });
      return { single: read(part.single), pair: read(part.pair) };
    }
    case 'BertProcessing': {
      const cls = { ids: [part.cls[1]], typeId: 0 };
      const sep = (typeId: number): Step => ({ ids: [part.sep[1]], typeId });
      const single: Step[] = [cls, { sequence: 0, typeId: 0 }, sep(0)];
      return { single, pair: [...single, { sequence: 1, typeId: 1 }, sep(1)] };
    }
    case 'RobertaProcessing': {
      // RoBERTa has one segment, and two separators between the texts of a pair.
      const cls = { ids: [part.cls[1]], typeId: 0 };
      const sep = { ids: [part.sep[1]], typeId: 0 };
      const single: Step[] = [cls, { sequence: 0, typeId: 0 }, sep];
      return { single, pair: [...single, sep, { sequence: 1, typeId: 0 }, sep] };
    }
    case 'ByteLevel':
      return plain;
  }
}

/** How many special tokens a text, or a pair, is given. */
export function countSpecialTokens(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + ('ids' in step ? step.ids.length : 0), 0);
}

/** Lays out a text, or a text and its pair, with the special tokens of the template (or, if not wanted, without). */
export function assemble(template: Template, sequences: readonly TextTokens[], addSpecialTokens: boolean): Encoding {
  const steps = (sequences.length > 1 ? template.pair : template.single).filter(
    (step) => 'sequence' in step || addSpecialTokens,
  );
  const total = steps.reduce(
    (sum, step) => sum + ('ids' in step ? step.ids.length : (sequences[step.sequence]?.ids.length ?? 0)),
    0,
  );
  const encoding = {
    ids: new Int32Array(total),
    typeIds: new Uint8Array(total),
    starts: new Int32Array(total),
    ends: new Int32Array(total),
    specialMask: new Uint8Array(total),
    wordIds: new Int32Array(total).fill(-1),
    sequenceIds: new Int8Array(total).fill(-1),
  };
  let at = 0;
  for (const step of steps) {
    const begin = at;
    if ('ids' in step) {
      encoding.ids.set(step.ids, at);
      at += step.ids.length;
      encoding.specialMask.fill(1, begin, at);
    } else {
      const tokens = sequences[step.sequence];
      if (tokens === undefined) continue;
      encoding.ids.set(tokens.ids, at);
      encoding.starts.set(tokens.starts, at);
      encoding.ends.set(tokens.ends, at);
      encoding.wordIds.set(tokens.wordIds, at);
      at += tokens.ids.length;
      encoding.sequenceIds.fill(step.sequence, begin, at);
    }
    encoding.typeIds.fill(step.typeId, begin, at);
  }
  return encoding;
}
