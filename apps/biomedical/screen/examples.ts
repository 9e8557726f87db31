/** Texts to try, written for this screen. */
import type { ExampleText } from '@fieldcraft/screen';

export const examples: readonly ExampleText[] = [
  {
    name: 'a discharge note',
    text: `Discharge summary

Reason for admission
A 67-year-old woman with type 2 diabetes and hypertension came in with chest pain and shortness of breath. She had taken metformin 850 mg twice a day and lisinopril for six years.

Course
An electrocardiogram showed atrial fibrillation. Treatment with amiodarone was started. On the fourth day she developed hypothyroidism after amiodarone, and the drug was stopped. A urinary tract infection was treated with nitrofurantoin; two days later a rash appeared, which we took to be caused by nitrofurantoin.

Discharge
She went home on metformin, bisoprolol and apixaban. Chronic kidney disease, stage 3, is to be checked in four weeks.`,
  },
  {
    name: 'an abstract',
    text: `Severe lactic acidosis after linezolid: does the duration of treatment matter?

Linezolid is used against resistant infections, and its use beyond four weeks has been linked to lactic acidosis. We looked back at 84 patients with tuberculosis who were given linezolid 600 mg a day. Lactic acidosis occurred in six patients, in all of them after the fifth week. Gefitinib, which one patient took as well, inhibits EGFR and was not involved. Lactate returned to normal within two weeks after linezolid was withdrawn. We conclude that lactate should be measured weekly when linezolid is given for longer than a month.`,
  },
];
