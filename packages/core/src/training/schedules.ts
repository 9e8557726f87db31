/** Learning-rate schedules: the factor, from 0 to 1, by which the peak rate is multiplied at each update. */

export type ScheduleName = 'linear' | 'cosine' | 'constant' | 'polynomial';

export interface ScheduleOptions {
  /** Updates over which the rate rises linearly from 0. */
  warmup: number;
  /** Updates of the whole run. */
  total: number;
  /** Polynomial only. Default 1: the rate falls as (1 - progress)^power. */
  power?: number;
  /** Polynomial only: the factor that remains at the end. Default 0. */
  end?: number;
}

/** The factor for update `step`, counted from 0. Definitions as in Hugging Face transformers' `optimization` module. */
export function scheduleFactor(
  name: ScheduleName,
  step: number,
  { warmup, total, power = 1, end = 0 }: ScheduleOptions,
): number {
  if (step < warmup) return step / Math.max(1, warmup);
  const progress = Math.min(1, (step - warmup) / Math.max(1, total - warmup));
  switch (name) {
    case 'constant':
      return 1;
    case 'linear':
      return 1 - progress;
    case 'cosine':
      return 0.5 * (1 + Math.cos(Math.PI * progress));
    case 'polynomial':
      return end + (1 - end) * (1 - progress) ** power;
  }
}
