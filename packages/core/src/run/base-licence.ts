/** What is known of the licence of a base: verticals state those of the encoders that they recommend. */
import { starterId } from '../checkpoint/index.js';
import type { Licence } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { defaultBase } from './base.js';
import type { RunEvent } from './events.js';
import type { TrainOptions } from './options.js';
import type { LoadedVertical } from './sources.js';

/** The licence of a base by its hub id; undefined where nobody states one. */
export function licenceOfBase(id: string, source: LoadedVertical | undefined): Licence | undefined {
  const known = [defaultBase, starterId].map((name) => ({ name, licence: 'Apache-2.0' }));
  const stated = [...(source?.vertical.bases ?? []), ...known];
  const entry = stated.find(({ name }) => name === id);
  return entry && { name: entry.licence, commercial: permitsCommercialUse(entry.licence) };
}

function permitsCommercialUse(licence: string): boolean | 'unknown' {
  if (/(^|-)nc(-|$)|non-?commercial|research|academic/i.test(licence)) return false;
  return /^(apache-2\.0|mit|bsd|cc-by-4\.0|cc-by-sa-4\.0|cc0)/i.test(licence) ? true : 'unknown';
}

/**
 * With `--licence commercial`, warns of a base of whose licence nothing is known, such as a folder of one's own.
 * @throws FieldcraftError FC_LICENCE for one whose licence does not permit commercial use, or is not stated: as for data.
 */
export function checkBaseLicence(
  id: string,
  { licence: wanted }: Pick<TrainOptions, 'licence'>,
  { source, emit }: { source: LoadedVertical | undefined; emit: (event: RunEvent) => void },
): void {
  if (wanted !== 'commercial') return;
  const licence = licenceOfBase(id, source);
  if (licence?.commercial === true) return;
  if (licence === undefined) {
    const text = `commercial use was asked for, and the licence of the base ${id} is not known: read it before you use the model`;
    emit({ kind: 'note', level: 'warning', text });
    return;
  }
  const permitted = (source?.vertical.bases ?? []).filter((base) => permitsCommercialUse(base.licence) === true);
  const others = permitted.map(({ name, licence }) => `${name} (${licence})`);
  throw new FieldcraftError('FC_LICENCE', {
    what:
      licence.commercial === false
        ? 'the licence of the base does not permit commercial use'
        : 'the licence of the base is not stated, which counts as not permitting commercial use',
    where: id,
    got: licence.name,
    fix: `choose another --base, such as ${others.length > 0 ? others.join(', ') : defaultBase}, or drop --licence commercial`,
  });
}
