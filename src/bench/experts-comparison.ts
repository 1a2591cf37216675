import { fitExperts } from '../experts/fit-experts';
import { expertsModel } from '../experts/model';
import { sampleExperts } from '../experts/sample-experts';
import { randomStream } from '../math/random';
import { inputFile, normalNumbers } from './bench-inputs';
import type { LazyComparison } from './comparison';

/** Iterations of EM for a mixture of experts with softmax gates, from the truth, the preparation of the rows among them. */
export const expertsComparison: LazyComparison = {
  work: '20 EM iterations of experts, n = 10 000, d = 10, K = 4',
  make() {
    const [n, d, K, iterations] = [10_000, 10, 4, 20];
    const normal = normalNumbers(randomStream(1, 'experts bench'));
    const rows = (count: number) =>
      Array.from({ length: count }, () => Array.from({ length: 1 + d }, () => normal() / 2));
    const start = expertsModel({ gates: rows(K), coefficients: rows(K), variances: new Array(K).fill(1) });
    const x = { rows: n, columns: d, data: Float64Array.from({ length: n * d }, normal) };
    const y = sampleExperts(start, x, 1).data;
    const numbers = (name: string, list: readonly (readonly number[])[]) =>
      inputFile(`experts.${name}`, Float64Array.from(list.flat()));
    const files = { x: inputFile('experts.x', x.data), y: inputFile('experts.y', y.data) };
    const lines = { gates: numbers('gates', start.gates), coefficients: numbers('coefficients', start.coefficients) };
    return {
      peer: 'NumPy, vectorised, 1 thread',
      goal: '≥ 0.5',
      run: () => fitExperts(x, y, { start, maxIterations: iterations, tolerance: 0 }),
      tasks: [{ task: 'experts', ...files, ...lines, n, d, K, iterations }],
    };
  },
};
