// dfmr/notebook: what cells show, and reports.

export { interrupted } from './jupyter/show/interrupt';
export { progress, type ReportProgress } from './jupyter/show/progress';
export { reload } from './jupyter/show/reload';
export { show } from './jupyter/show/show';
export { table } from './jupyter/show/show-table';
export type { Frame, TableOptions } from './page/table-html';
export type { ExpertsReportOptions } from './report/experts-sections';
export type { MixtureReportOptions } from './report/mixture-sections';
export { type Reported, type ReportOptions, reportJson, reportPage } from './report/report';
export type { Converging, VerdictOptions } from './report/verdicts';
