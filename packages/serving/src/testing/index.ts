/** What the specs of apps share. Needs Jest; nothing else imports it. */
export { createAnsweringReader, type AnsweringReader } from './answering-reader.js';
export {
  chooseMark,
  describeScreen,
  expectGoodLooks,
  exported,
  type ExportedFile,
  type ScreenApp,
} from './describe-screen.js';
export { describeRealScreens } from './real-screens.js';
