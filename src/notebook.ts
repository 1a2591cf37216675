export { interrupted } from './notebook/interrupt';
export { progress, type ReportProgress } from './notebook/progress';
export { reload } from './notebook/reload';
export { type ReportOptions, reportJson, reportPage } from './notebook/report';
export { show } from './notebook/show';
export { type Frame, type TableOptions, table } from './notebook/table';
