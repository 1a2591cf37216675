import type { EmComponents, EmSums, Rows } from './em';

/** A responsibility below this is lost in the rounding of every sum over the rows, and counts as 0. */
export const NEGLIGIBLE: number = 2 ** -70;

/** What the kernel em.assembly.ts computes, row by row: the readable reference, and the fallback. */
export function plainPass({ data, rows, columns: d }: Rows, components: EmComponents): EmSums {
  const { means, whitenings, logs } = components;
  const K = logs.length;
  const masses = new Float64Array(K);
  const moments = new Float64Array(K * d);
  const scatters = new Float64Array(K * d * d);
  const shares = new Float64Array(K);
  const centred = new Float64Array(K * d);
  let logLikelihood = 0;
  for (let j = 0; j < rows; j++) {
    // E-step: log w f(x) = log − ½ |W (x − μ)|²
    let most = -Infinity;
    for (let k = 0; k < K; k++) {
      const W = whitenings[k];
      const y = centred.subarray(k * d, (k + 1) * d);
      for (let i = 0; i < d; i++) y[i] = data[j * d + i] - means[k * d + i];
      let squared = 0;
      for (let i = 0; i < d; i++) {
        let z = 0;
        for (let c = 0; c <= i; c++) z += W[i * d + c] * y[c];
        squared += z * z;
      }
      shares[k] = logs[k] - 0.5 * squared;
      if (shares[k] > most) most = shares[k];
    }
    let sum = 0;
    for (let k = 0; k < K; k++) {
      shares[k] = Math.exp(shares[k] - most);
      sum += shares[k];
    }
    logLikelihood += most + Math.log(sum);

    // what the M-step needs: Σ r, Σ r y and Σ r y yᵀ
    for (let k = 0; k < K; k++) {
      const share = shares[k] / sum;
      if (!(share > NEGLIGIBLE)) continue;
      masses[k] += share;
      const y = centred.subarray(k * d, (k + 1) * d);
      for (let i = 0; i < d; i++) {
        const weighted = share * y[i];
        moments[k * d + i] += weighted;
        for (let c = 0; c <= i; c++) scatters[(k * d + i) * d + c] += weighted * y[c];
      }
    }
  }
  return { logLikelihood, masses, moments, scatters };
}
