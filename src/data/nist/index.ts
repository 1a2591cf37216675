export { type DownloadOptions, download } from './download';
export { type NistFeatures, readNistFeatures } from './features';
export { classCounts, classMeans, className, type Images, selectImages } from './images';
export { loadNetwork, type Network, type Seen, saveNetwork, see, type TrainOptions, trainNetwork } from './network';
export { readNistImages } from './read-images';
export { nistSources, type Source } from './sources';
export {
  type NistDesign,
  type NistRepetition,
  type NistRow,
  nistDesign,
  runNistStudy,
} from './study';
export { type NistSummaryRow, summariseNist } from './summary';
export { type FeaturesReport, writeFeatures } from './write-features';
