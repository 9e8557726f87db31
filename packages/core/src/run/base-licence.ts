/** What is known of the licence of a base: verticals state those of the encoders that they recommend. */
import type { Licence } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { defaultBase } from './base.js';
import type { RunEvent } from './events.js';
import type { TrainOptions } from './options.js';
import type { LoadedVertical } from './sources.js';

/** The licence of a base by its hub id; undefined where nobody states one. */
export function licenceOfBase(id: string, source: LoadedVertical | undefined): Licence | undefined {
  const stated = [...(source?.vertical.bases ?? []), { name: defaultBase, licence: 'Apache-2.0' }];
  const entry = stated.find(({ name }) => name === id);
  return entry && { name: entry.licence, commercial: permitsCommercialUse(entry.licence) };
}

function permitsCommercialUse(licence: string): boolean | 'unknown' {
  if (/(^|-)nc(-|$)|non-?commercial|research|academic/i.test(licence)) return false;
  return /^(apache-2\.0|mit|bsd|cc-by-4\.0|cc-by-sa-4\.0|cc0)/i.test(licence) ? true : 'unknown';
}

/**
 * With `--licence commercial`, warns of a base whose licence is not known.
 * @throws FieldcraftError FC_LICENCE for one whose licence does not permit commercial use.
 */
export function checkBaseLicence(
  id: string,
  { licence: wanted }: Pick<TrainOptions, 'licence'>,
  { source, emit }: { source: LoadedVertical | undefined; emit: (event: RunEvent) => void },
): void {
  if (wanted !== 'commercial') return;
  const licence = licenceOfBase(id, source);
  if (licence?.commercial === true) return;
  if (licence?.commercial === false) {
    throw new FieldcraftError('FC_LICENCE', {
      what: 'the licence of the base does not permit commercial use',
      where: id,
      got: licence.name,
      fix: `choose another --base, such as ${defaultBase}, or drop --licence commercial`,
    });
  }
  const known = licence === undefined ? 'is not known' : `(${licence.name}) may not permit it`;
  emit({
    kind: 'note',
    level: 'warning',
    text: `commercial use was asked for, and the licence of the base ${id} ${known}: read it before you use the model`,
  });
}
