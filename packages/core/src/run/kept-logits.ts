/** What a round's model says of the dev and test part of a task as numbers, kept in its folder so that models can be scored together without reading again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openSafetensors, writeSafetensors, type TensorToWrite } from '../checkpoint/index.js';

const parts = ['dev', 'test'] as const;
export type ScoredPart = (typeof parts)[number];

/** Of each window, in order. */
type Logits = readonly Float32Array[];

const logitsFile = (round: string, task: string): string => join(round, 'logits', `${task}.safetensors`);

/** @throws FieldcraftError FC_DISK */
export function keepLogits(
  round: string,
  task: string,
  logits: { readonly dev: Logits | undefined; readonly test: Logits },
): void {
  const tensors = parts.flatMap((part): TensorToWrite[] => {
    const rows = logits[part];
    if (rows === undefined) return [];
    const lengths = Int32Array.from(rows, ({ length }) => length);
    const data = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (const row of rows) {
      data.set(row, at);
      at += row.length;
    }
    return [
      { name: part, dtype: 'F32', shape: [data.length], data },
      { name: `${part}.lengths`, dtype: 'I32', shape: [lengths.length], data: lengths },
    ];
  });
  writeSafetensors(logitsFile(round, task), tensors);
}

/** Whether a round kept any; one that an earlier version finished did not. */
export const hasLogits = (round: string, task: string): boolean => existsSync(logitsFile(round, task));

/** @throws FieldcraftError FC_NOT_FOUND where none of this part were kept; FC_FILE_FORMAT */
export function readLogits(round: string, task: string, part: ScoredPart): Float32Array[] {
  const file = openSafetensors(logitsFile(round, task));
  try {
    const data = file.readFloat32(part);
    const lengths = new Int32Array(file.readRaw(`${part}.lengths`).buffer);
    let at = 0;
    return Array.from(lengths, (length) => data.subarray(at, (at += length)));
  } finally {
    file.close();
  }
}
