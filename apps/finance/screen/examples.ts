/** Texts to try, written for this screen: the companies and persons are made up. */
import type { ExampleText } from '@fieldcraft/screen';
import type { SourceKind } from '../src/read-finance.js';

export const examples: Readonly<Record<SourceKind, readonly ExampleText[]>> = {
  document: [
    {
      name: 'a results call',
      text: `Tarnbrook Foods: results of the third quarter

Operator: Good morning, and welcome to the third quarter call of Tarnbrook Foods. I hand over to Ada Berg.

Ada Berg, Chief Executive: Thank you. Tarnbrook had a strong quarter. Net sales rose by 9 % to EUR 412 million because bakeries in Ostrava and Leeds ran at full capacity. Our largest customer, Quillmark Stores, renewed its contract until 31 December 2027. Norvale Grain, on the other hand, delivered late again, and that cost us EUR 4 million.

Tom Okoro, Chief Financial Officer: Operating profit fell to EUR 31 million from EUR 36 million a year earlier, as freight and energy cost more. As a result, the operating margin shrank to 7.5 %. We expect net sales of EUR 1.62 billion for the full year, and we will cut capital spending by EUR 20 million in 2026. Interest rates stay high, and inflation in wages has not slowed down. Net debt was unchanged at EUR 190 million.

Operator: The first question comes from Mia Lindqvist.

Mia Lindqvist (Brightwater Bank): What do you expect of Norvale next year? And will Quillmark accept higher prices?

Ada Berg: We have found a second supplier, so Norvale will matter less. Quillmark accepted an increase of 3 % in September, which shows that the brand is strong.

Tom Okoro: We see no reason to change our guidance. The dividend should grow by 5 % next year, thanks to lower spending.`,
    },
    {
      name: 'a statement on monetary policy',
      text: `Statement of the committee

Economic activity expanded at a solid pace in the second quarter. Job gains have slowed, and the unemployment rate edged up to 4.2 percent but remains low. Inflation has eased over the past year but is still above our goal of 2 percent.

The committee decided to keep the policy rate at 4.5 percent. It judges that the risks to employment and to price stability are moving into better balance. Further increases of the interest rate will be considered if inflation does not come down. Tighter credit weighs on investment, and that will reduce demand in the coming months.

Two members would have preferred to lower the interest rate by 25 basis points, because unemployment is likely to rise. The committee will go on reducing its holdings of securities.`,
    },
  ],
  feed: [
    {
      name: 'headlines of two weeks',
      text: `date,headline
2025-03-03,Gold rises to three-week high as dollar weakens
2025-03-03,Tarnbrook Foods lifts outlook after strong bakery sales
2025-03-04,"Norvale Grain misses deliveries, shares drop 8 %"
2025-03-04,Quillmark Stores renews contract with Tarnbrook until 2027
2025-03-05,Gold steady ahead of central bank meeting
2025-03-05,Norvale Grain chief resigns after audit
2025-03-06,"Gold slips, silver holds near USD 31 an ounce"
2025-03-06,Brightwater Bank cuts Norvale to sell
2025-03-07,Quillmark Stores opens twenty shops in Ostrava
2025-03-10,Tarnbrook Foods finds second supplier for wheat
2025-03-10,Gold falls for third day as bond yields climb
2025-03-11,Norvale Grain sells mill to repay EUR 60 million of debt
2025-03-12,Quillmark Stores warns of weaker spring as shoppers save
2025-03-12,Gold likely to test USD 3,000 this year: Brightwater Bank
2025-03-13,Central bank keeps interest rate at 4.5 percent
2025-03-14,Norvale Grain shares jump 12 % on talk of a buyer`,
    },
  ],
};
