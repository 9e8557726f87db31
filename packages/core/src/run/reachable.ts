/** Whether a server answers at all: asked briefly, before downloads that a run can do without. */
import type { DataCard } from '../data/index.js';

/** True as soon as the server of `url` answers anything; false after `patience` milliseconds. */
export async function isReachable(url: string, patience = 4_000): Promise<boolean> {
  try {
    await fetch(new URL(url).origin, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    return true;
  } catch {
    return false;
  }
}

/** Whether a card's data can be downloaded now. */
export const canDownload = async ({ download }: DataCard): Promise<boolean> =>
  process.env['HF_HUB_OFFLINE'] !== '1' && download !== undefined && (await isReachable(download));
