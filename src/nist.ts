export { type DownloadOptions, download, type Patience } from './examples/nist/download';
export {
  type ExtractedFeatures,
  extractFeatures,
  loadNetwork,
  type Network,
  saveNetwork,
  type TrainOptions,
  trainNetwork,
} from './examples/nist/network';
export { type NistFeatures, readNistFeatures } from './examples/nist/nist-features';
export { classCounts, classMeans, className, type Images, selectImages } from './examples/nist/nist-images';
export { nistSources, type Source } from './examples/nist/nist-sources';
export {
  type NistDesign,
  type NistRepetition,
  type NistRow,
  nistDesign,
  runNistStudy,
} from './examples/nist/nist-study';
export { type NistSummaryRow, summariseNist } from './examples/nist/nist-summary';
export { readNistImages } from './examples/nist/read-images';
export { type FeaturesReport, writeFeatures } from './examples/nist/write-features';
