export { type AnalyseOptions, type Analysis, analyse } from './analysis/analyse';
export { type Bootstrap, type BootstrapOptions, bootstrap, type Intervals } from './analysis/bootstrap';
export * from './core';
export { type ComparisonFigureOptions, comparisonFigure, inflationFigure } from './figures/study-figures';
export {
  type EstimateJSON,
  type EstimateParts,
  type ExpertsEstimateJSON,
  estimateFromJSON,
  estimateToJSON,
  type Fitted,
  type LocalEstimate,
  type MessageOptions,
  type ReportedExperts,
  type ReportedFit,
} from './messages/estimate-file';
export type { ExpertsPart } from './messages/experts-estimate';
export { type MessageFiles, messageFiles } from './messages/message-files';
export {
  type Message,
  type ReadEstimatesOptions,
  readEstimates,
  type Screened,
  type ScreenedEstimate,
  type ScreenOptions,
  screenEstimates,
} from './messages/screen';
export { type SignatureOptions, type SignedMessages, verifySignatures } from './messages/signatures';
export { type ChooseExpertsOrderOptions, chooseExpertsOrder } from './protocol/choose-experts-order';
export { type ChooseOrderOptions, chooseOrder } from './protocol/choose-order';
export type { Criterion, OrderChoice, OrderScore } from './protocol/choose-order-protocol';
export { type FitAllOptions, fitAll } from './protocol/fit-all';
export { type ExpertsRows, type FitAllExpertsOptions, fitAllExperts } from './protocol/fit-all-experts';
export { converse, type Next, type Protocol, type Reply, type Runner } from './protocol/protocol';
export { machinesOf, type RoundMachine, type StepOptions, type TableMachine } from './protocol/round-machine';
export type { RoundReply } from './protocol/round-step';
export { dfmrRounds, type RoundOfHistory, type Rounds, type RoundsOptions, type RoundsPlan } from './protocol/rounds';
export type { ProposalKind, RoundRecord } from './protocol/rounds-state';
export { loadModule } from './registry/modules';
export {
  type ArenaDesign,
  type ArenaRepetition,
  type ArenaRow,
  type ArenaSummaryRow,
  runArena,
  summariseArena,
} from './study/arena';
export { arenaDesign, arenaPopulations } from './study/arena-designs';
export { expertsStudyDesigns } from './study/experts-designs';
export type { ExpertsRepetition, ExpertsSetting, ExpertsStudyDesign, ExpertsStudyRow } from './study/experts-setting';
export { runExpertsStudy } from './study/experts-study';
export { type ExpertsSummaryRow, summariseExperts } from './study/experts-summary';
export { type MergedStudy, mergeStudy } from './study/merge-study';
export type { Repetition } from './study/repetition';
export type { StudyOptions } from './study/repetitions';
export type { Results, Task } from './study/results-file';
export { runStudy } from './study/run-study';
export type { Method, Population, Setting, StudyDesign } from './study/study-design';
export { studyDesigns } from './study/study-designs';
export { readStudy, type Study } from './study/study-file';
export { type SummaryRow, summarise } from './study/study-summary';
export { type Coding, codingOf, readCoded } from './tables/categories';
export { registerTableFormat } from './tables/formats';
export { readNpy } from './tables/npy';
export { type FeatureTable, readTable, type TableOptions } from './tables/read-table';
export type { RowOptions } from './tables/rows';
export { type SplitOptions, splitTable, type TableSplit } from './tables/split-table';
export { type NpyPrecision, writeNpy } from './tables/write-npy';
