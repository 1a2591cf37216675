export { interrupted } from './interrupt';
export { progress, type ReportProgress } from './progress';
export { reload } from './reload';
export { type ReportOptions, reportJson, reportPage } from './report';
export { show } from './show';
export { type Frame, type TableOptions, table } from './table';
