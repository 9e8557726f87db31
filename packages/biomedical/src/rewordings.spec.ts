/** What the biomedical field words otherwise, on lines of abstracts. */
import { describeRewordings } from '@fieldcraft/core/testing';
import { rewordings } from './rewordings.js';

describeRewordings(rewordings, {
  cases: [
    {
      name: 'milligrams',
      line: 'received 40 mg of it',
      becomes: ['received 40mg of it', 'received 40 milligrams of it'],
    },
    { name: 'micrograms', line: 'at 5 µg.', becomes: ['at 5 mcg.', 'at 5 micrograms.'] },
    { name: 'doses', line: 'a dose of 2 mg/kg', becomes: ['a dose of 2 mg per kg', 'a dose of 2mg/kg'] },
    { name: 'milliliters', line: 'in 10 ml of saline', becomes: ['in 10 mL of saline', 'in 10mL of saline'] },
    {
      name: 'intravenous',
      line: 'after i.v. injection',
      becomes: ['after intravenous injection', 'after IV injection'],
    },
    { name: 'twice-daily', line: 'given twice daily', becomes: ['given twice a day', 'given b.i.d.'] },
    { name: 'percentages', line: 'in 12% of them', becomes: ['in 12 % of them', 'in 12 percent of them'] },
    { name: 'p-values', line: 'fell (p<0.05)', becomes: ['fell (p < 0.05)', 'fell (P < .05)'] },
  ],
  unchanged: ['Two patients died.', 'stage IV disease', 'protein p53'],
});
