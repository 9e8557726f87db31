/** The rules of the legal field on lines of terms of service and of contracts. */
import { describeTextRules } from '@fieldcraft/core/testing';
import { blanks, definedTerms, redactions, sectionSigns } from './text-rules.js';

describeTextRules(
  [
    {
      shows: 'section signs are the word',
      rules: [sectionSigns],
      line: 'The Federal Arbitration Act, 9 U.S.C. §§ 1-16, fully applies.',
      becomes: 'The Federal Arbitration Act, 9 U.S.C. section 1-16, fully applies.',
      before: '... u . s . c . § § 1 - 16 , ...',
      after: '... u . s . c . section 1 - 16 , ...',
    },
    {
      shows: 'what was blacked out is one word',
      rules: [redactions],
      line: 'Such audits may be conducted for [***] thereafter, and [* * *] pounds per Year.',
      becomes: 'Such audits may be conducted for [removed] thereafter, and [removed] pounds per Year.',
      before: '... for [ * * * ] thereafter ...',
      after: '... for [ removed ] thereafter , and [ removed ] pounds ...',
    },
    {
      shows: 'lines to fill in are short',
      rules: [blanks],
      line: '— Ordered on, _____________________________',
      becomes: '— Ordered on, __',
      before: '— ordered on , _ _ _ _ _ _ _ _ _ _ ...',
      after: '— ordered on , _ _',
    },
    {
      shows: 'rules across a page are short',
      rules: [blanks],
      line: 'made in the -------------- state of Washington',
      becomes: 'made in the __ state of Washington',
      before: 'made in the - - - - - - - ...',
      after: 'made in the _ _ state of washington',
    },
    {
      shows: 'a term says where it is defined',
      rules: [definedTerms],
      line: 'shall have thirty (30) days (the "Inspection Period") upon receipt of each shipment',
      becomes: 'shall have thirty (30) days (defined as the Inspection Period) upon receipt of each shipment',
      before: '... days ( the " inspection period " ) upon ...',
      after: '... days ( defined as the inspection period ) upon ...',
    },
  ],
  [
    'Provider shall not terminate this Agreement under Section 4.2(a)(iii) - except for cause.',
    'a well-known e-mail address; see “Terms” below...',
  ],
);
