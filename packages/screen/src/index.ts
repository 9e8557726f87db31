/** What the screens of the apps share. */
export { AnnotatedText, type TextSpan } from './annotated-text.js';
export {
  ApiProblem,
  createClient,
  findTask,
  scoreOf,
  type Answered,
  type Certainty,
  type Classified,
  type Client,
  type Coded,
  type Correction,
  type Entity,
  type Evidence,
  type MissingTask,
  type ModelInfo,
  type ModelInput,
  type MultiLabelled,
  type ProblemDetails,
  type ReadDocument,
  type Related,
  type Scored,
  type Segment,
  type Tagged,
  type TaskInfo,
} from './api.js';
export { keepCorrection } from './corrections.js';
export { DataTable, TableExports, type Column } from './data-table.js';
export { DocumentInput, type ExampleText } from './document-input.js';
export { useFocusInside } from './focus.js';
export { layoutGraph, type GraphLayout } from './graph-layout.js';
export { GraphView, type GraphEdge, type GraphNode } from './graph-view.js';
export { useShortcuts, type Shortcut } from './keyboard.js';
export { hueOf, LabelChip, type Tone } from './label-chip.js';
export { LabelsEditor } from './labels-editor.js';
export { Layout } from './layout.js';
export { NotTrained, NotTrainedTasks } from './not-trained.js';
export { Panel, Tabs } from './panel.js';
export { Progress } from './progress.js';
export { ruleColumns } from './rule-columns.js';
export { SpanEditor } from './span-editor.js';
export { cutText, spansByPart, type Stretch } from './spans.js';
export { startScreen, useModel } from './start.js';
export type { Cell, TableData } from './table-files.js';
export { notify, notifyError } from './toasts.js';
export { count, percent, readable } from './words.js';
export { useWork, type Work } from './work.js';
