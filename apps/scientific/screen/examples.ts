/** Texts to try, written for this screen. */
import type { ExampleText } from '@fieldcraft/screen';

export const examples: readonly ExampleText[] = [
  {
    name: 'an abstract',
    text: `A small parser for long sentences
Long sentences are still hard for dependency parsers (Lee and Wu, 2018). We present a parser that reads a sentence in chunks with a recurrent neural network. It extends the chart parser of Novak et al. (2020) with an attention mechanism. We evaluate it on the Penn Treebank and on a corpus of patents. Our parser reaches an F1 score of 94.1 and is twice as fast as the baseline. The code is public.`,
  },
  {
    name: 'a bibliography of four',
    text: `@inproceedings{park2021, title={Finding drug names in tweets}, author={Park, Mina}, year={2021}, booktitle={Workshop on Social Text},
  abstract={Tweets name drugs in unusual ways. We train a conditional random field with character embeddings to find drug names. It beats a dictionary by 12 points of F1.}}
@article{okafor2019, title={Translating without parallel text}, author={Okafor, Chidi and Lind, Eva}, year={2019}, journal={Journal of Translation},
  abstract={Most language pairs have no parallel text. We learn translation from two monolingual corpora by back-translation. BLEU rises from 9 to 21 on a low-resource pair.}}
@inproceedings{silva2022, title={What do readers look at?}, author={Silva, Rui}, year={2022}, booktitle={Reading and Machines},
  abstract={We compare the attention of language models with eye movements of readers. Attention in middle layers agrees best with reading times. The agreement is weak for long words.}}
@article{berg2020, title={A corpus of clinical questions}, author={Berg, Ida}, year={2020}, journal={Data in Medicine},
  abstract={Doctors ask questions that records could answer. We collect 3,000 questions with their answers in clinical notes. A span selection model answers 58 \\% of them.}}`,
  },
];
