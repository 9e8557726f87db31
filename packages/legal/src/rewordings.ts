/** What legal texts word otherwise without saying anything else: who the parties are, how dates and sections are written. */
import type { Rewording } from '@fieldcraft/core';

const months = 'January|February|March|April|May|June|July|August|September|October|November|December';

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

/** `5 May 2021`, and `May 5, 2021`. */
export const dates: Rewording = {
  name: 'dates',
  find: `\\b(\\d{1,2}) (${months}),? (\\d{4})\\b`,
  put: ['$2 $1, $3', '$1 $2, $3', '$1 $2 $3'],
};

export const datesAmerican: Rewording = {
  name: 'dates-american',
  find: `\\b(${months}) (\\d{1,2}), (\\d{4})\\b`,
  put: ['$2 $1 $3', '$1 $2 $3'],
};

export const sections: Rewording = {
  name: 'sections',
  find: /\b(?:Section|Sec\.|Article|Clause) (\d{1,3})/.source,
  put: ['Section $1', 'Sec. $1', '§ $1', 'Clause $1'],
};

export const rewordings: readonly Rewording[] = [parties, roles, dates, datesAmerican, sections];
