/** What the scientific field words otherwise, on lines of papers. */
import { describeRewordings } from '@fieldcraft/core/testing';
import { rewordings } from './rewordings.js';

describeRewordings(rewordings, {
  cases: [
    {
      name: 'cited-names',
      line: 'We follow (Collins et al., 2005) here.',
      becomes: ['(Meyer et al., 2014)', '(Okafor et al. 2009)', '[12]'].map((cited) => `We follow ${cited} here.`),
    },
    { name: 'cited-numbers', line: 'as in [12]', becomes: ['as in [7]', 'as in (Meyer et al., 2014)'] },
    { name: 'figures', line: 'see Figure 3', becomes: ['see Fig. 3', 'see fig. 3'] },
    { name: 'spelling', line: 'we optimise it', becomes: ['we optimize it'] },
    { name: 'colours', line: 'the behavior of cells', becomes: ['the behaviour of cells'] },
    { name: 'percentages', line: 'by 5%', becomes: ['by 5 %', 'by 5 percent'] },
  ],
  unchanged: ['We propose a model.', 'the columns of a matrix', 'a sequence [a, b]'],
});
