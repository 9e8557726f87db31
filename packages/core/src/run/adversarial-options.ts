/** Which adversarial training a run does: what its options say, over what its vertical declares. */
import { FieldcraftError } from '../foundation/index.js';
import { adversarialSchema, type Adversarial } from '../tasks/index.js';
import { freezesLayers } from './how-deep.js';
import type { TrainOptions } from './options.js';

/** The option that holds each setting. */
const optionOf = {
  norm: 'adversarialNorm',
  radius: 'adversarialRadius',
  steps: 'adversarialSteps',
  stepSize: 'adversarialStepSize',
  weight: 'adversarialWeight',
  proximal: 'adversarialProximal',
  momentum: 'adversarialMomentum',
} as const satisfies Record<string, keyof TrainOptions>;

type Setting = keyof typeof optionOf;
const settings = Object.keys(optionOf) as Setting[];

/** The settings that the options give. */
const given = (options: TrainOptions): Record<string, unknown> =>
  Object.fromEntries(
    settings.flatMap((setting) => {
      const value = options[optionOf[setting]];
      return value === undefined ? [] : [[setting, value]];
    }),
  );

/** The method with its settings, defaults filled in; undefined where texts are learnt from as they are. @throws as `fillAdversarial` */
export function adversarialOf(options: TrainOptions): Adversarial | undefined {
  const { adversarial = 'none' } = options;
  const own = given(options);
  if (adversarial === 'none') {
    const [first] = Object.keys(own);
    if (first === undefined) return undefined;
    throw invalid(`${first} without a method`, 'name the method with --adversarial');
  }
  const parsed = adversarialSchema.safeParse({ method: adversarial, ...own });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw invalid(`${adversarial}: ${issues.join('; ')}`, 'leave out the settings that the method does not have');
}

const invalid = (got: string, fix: string): FieldcraftError =>
  new FieldcraftError('FC_CONFIG', { what: 'the options of adversarial training do not make sense', got, fix });

/**
 * The options with the method and every setting of it filled in, so that a run's configuration and report say what was done and a resume does the
 * same. Options go before what the vertical declares; of the same method its other settings stay. What lies
 * behind frozen layers, such as heads that are added, is not hardened unless the options ask for it.
 * @throws FieldcraftError FC_CONFIG for a setting without a method, or one that the method does not have
 */
export function fillAdversarial(options: TrainOptions, declared: Adversarial | undefined): TrainOptions {
  const ofVertical = options.addTo === undefined && !freezesLayers(options.tune) ? declared : undefined;
  const method = options.adversarial ?? ofVertical?.method ?? 'none';
  const inherited = ofVertical?.method === method ? asOptions(ofVertical) : {};
  const chosen: TrainOptions = { ...inherited, ...withoutUndefined(options), adversarial: method };
  const filled = adversarialOf(chosen);
  return filled ? { ...chosen, ...asOptions(filled) } : chosen;
}

/** The settings as options. */
function asOptions(adversarial: Adversarial): Partial<TrainOptions> {
  const values: Readonly<Record<string, unknown>> = adversarial;
  return Object.fromEntries(
    settings.flatMap((setting) => (setting in values ? [[optionOf[setting], values[setting]]] : [])),
  );
}

const withoutUndefined = (options: TrainOptions): TrainOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as TrainOptions;

/** As the plan says it. */
export function describeAdversarial(adversarial: Adversarial | undefined): string {
  if (adversarial === undefined) return '';
  const steps =
    'steps' in adversarial ? `, ${adversarial.steps} ${adversarial.steps === 1 ? 'step' : 'steps'} each` : '';
  return `, hardened by ${adversarial.method}${steps}`;
}
