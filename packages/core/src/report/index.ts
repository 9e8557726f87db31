/** A run's result as data, as a page, as a model card and as rows for a terminal. */
export { reportSchemaVersion, runReportSchema, type LicenceReport, type RunReport } from './schema.js';
export type { DomainReport } from './domains-schema.js';
export { stageReportSchema, type PretrainingReport, type StageReport } from './curriculum-schema.js';
export { distillationSchema, type DistillationReport } from './distillation-schema.js';
export type { ErrorExample } from './error-schema.js';
export { robustnessSchema, type RobustnessReport } from './robustness-schema.js';
export type {
  AloneReport,
  CurvePoint,
  EnsembleReport,
  PublishedFigure,
  SeedReport,
  TaskReport,
} from './task-schema.js';
export { taskReportSchema } from './task-schema.js';
export { describeReportSchema } from './describe-schema.js';
export { loadReport, saveComparison, saveReport } from './report-file.js';
export { renderComparison, verdictOn, type RunComparison, type TaskComparison } from './comparison.js';
export { renderReport } from './html.js';
export { renderModelCard, type CardOptions, type CardSection } from './model-card.js';
export {
  formatBytes,
  formatCompact,
  formatCount,
  formatDifference,
  formatDuration,
  formatInterval,
  formatPValue,
  formatPercent,
  formatScore,
} from './numbers.js';
export { bullets, code, markdownTable, text } from './markdown.js';
export { baselineName, capitalise, kindName, isLessBetter, metricName, recipeName, title } from './words.js';
export { summarise, type ReportSummary, type SummaryColumn } from './summary.js';
export { downsampleCurve } from './seeds.js';
export { verdictOf, type Verdict } from './verdict.js';
