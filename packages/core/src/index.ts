/** The public API of the training core: what verticals, apps and the command line may use. */
export {
  classification,
  defineVertical,
  multiLabel,
  tokenClassification,
  type TaskDefinition,
  type Vertical,
} from './tasks/index.js';
