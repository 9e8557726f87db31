/** Names that people give to fields and tasks, and the functions of core that declare tasks. */
import * as core from '@fieldcraft/core';
import { names } from '@nx/devkit';

/** @throws FieldcraftError FC_CONFIG proposing the same name in kebab-case */
export function checkName(name: string, option: string): void {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) return;
  const proposal = kebab(name);
  throw new core.FieldcraftError('FC_CONFIG', {
    what: `the name "${name}" is not in kebab-case`,
    where: option,
    expected: 'lower-case letters and digits, beginning with a letter, words joined by single hyphens',
    ...(proposal === '' ? {} : { fix: `for example ${proposal}` }),
  });
}

/** The nearest name in kebab-case; empty where there is none. */
export function kebab(name: string): string {
  return names(name)
    .fileName.replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
}

/** `multiLabel` for `multi-label`. @throws FieldcraftError FC_CONFIG for a kind that verticals cannot declare */
export function helperOf(kind: string): string {
  const helper = names(kind).propertyName;
  if (Object.hasOwn(core, helper)) return helper;
  throw new core.FieldcraftError('FC_CONFIG', {
    what: `a vertical cannot declare tasks of the kind ${kind} yet`,
    where: '--kind',
  });
}
