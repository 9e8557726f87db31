/** What legal texts word otherwise without saying anything else: who the parties are, how dates and sections are written. */
import { dateRewordings, type Rewording } from '@fieldcraft/core';

/** Of a company any other: names are made up. */
export const parties: Rewording = {
  name: 'parties',
  find: /\b[A-Z][A-Za-z]{1,20},? (Inc\.|LLC|L\.L\.C\.|Ltd\.|Limited|Corp\.|Corporation|GmbH|N\.V\.)/.source,
  put: ['Norvale $1', 'Quillmark $1', 'Tarnbrook $1', 'Ostrava $1'],
};

/** By which word an agreement calls its parties. */
export const roles: Rewording = {
  name: 'roles',
  find: /\bthe (?:Company|Provider|Vendor|Supplier)\b/.source,
  put: ['the Company', 'the Provider', 'the Vendor', 'the Supplier'],
};

export const sections: Rewording = {
  name: 'sections',
  find: /\b(?:Section|Sec\.|Article|Clause) (\d{1,3})/.source,
  put: ['Section $1', 'Sec. $1', '§ $1', 'Clause $1'],
};

export const rewordings: readonly Rewording[] = [parties, roles, ...dateRewordings, sections];
