/** Which colour and which words labels have on this screen. */
import { readable, type Tone } from '@fieldcraft/screen';
import { forwardLooking } from '../src/finance-tasks.js';
import { signOf } from '../src/leaning.js';

/** Good, bad, or neither. */
export const toneOfSentiment = (label: string): Tone =>
  signOf(label) > 0 ? 'good' : signOf(label) < 0 ? 'bad' : 'hue-4';

export const toneOfStance = (label: string): Tone =>
  signOf(label) > 0 ? 'hue-6' : signOf(label) < 0 ? 'hue-1' : 'hue-4';

export const toneOfClaim = (label: string): Tone => (label === forwardLooking ? 'hue-7' : 'hue-4');

export const toneOfCause = (label: string): Tone => (label === 'Cause' ? 'hue-2' : 'hue-0');

/** The classes of `numeric-claims` say little to who has not read its paper. */
export const nameOfClaim = (label: string): string =>
  label === forwardLooking ? 'Claim about the future' : label === 'out-of-claim' ? 'Reported figure' : readable(label);

/** With its sign: +0.42. */
export function signed(value: number): string {
  const digits = Math.abs(value).toFixed(2);
  return digits === '0.00' ? digits : `${value < 0 ? '−' : '+'}${digits}`;
}
