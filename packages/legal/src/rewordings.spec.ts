/** What the legal field words otherwise, on lines of terms of service and of agreements. */
import { describeRewordings } from '@fieldcraft/core/testing';
import { rewordings } from './rewordings.js';

describeRewordings(rewordings, {
  cases: [
    {
      name: 'parties',
      line: 'These terms are between you and Rovio Entertainment Ltd.',
      becomes: ['Norvale', 'Quillmark', 'Tarnbrook', 'Ostrava'].map(
        (name) => `These terms are between you and Rovio ${name} Ltd.`,
      ),
    },
    {
      name: 'roles',
      line: 'To the extent permitted, the Company is not liable.',
      becomes: ['Provider', 'Vendor', 'Supplier'].map((role) => `To the extent permitted, the ${role} is not liable.`),
    },
    { name: 'dates', line: 'Effective 5 May 2021', becomes: ['Effective May 5, 2021', 'Effective 5 May, 2021'] },
    {
      name: 'dates-american',
      line: 'dated as of June 30, 2009',
      becomes: ['dated as of 30 June 2009', 'dated as of June 30 2009'],
    },
    {
      name: 'sections',
      line: 'under Section 12 hereof',
      becomes: ['under Sec. 12 hereof', 'under § 12 hereof', 'under Clause 12 hereof'],
    },
  ],
  unchanged: ['You may terminate your account at any time.', 'the company you keep', 'in 2021, May said'],
});
