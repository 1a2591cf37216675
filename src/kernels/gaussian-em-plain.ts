/** n rows of d features, flat and row-major. */
export interface Rows {
  readonly data: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** how often each row counts, n numbers above 0; once, if absent */
  readonly weights?: Float64Array;
}

/** The K Gaussian components of a pass. */
export interface EmComponents {
  /** μ, K × d */
  readonly means: Float64Array;
  /** W with Σ⁻¹ = Wᵀ W, lower triangles, d × d and row-major, one for each component */
  readonly whitenings: readonly Float64Array[];
  /** log w − ½ (d log 2π + log det Σ), K */
  readonly logs: Float64Array;
}

/** What an M-step needs of the rows. Each counts as often as its weight says. */
export interface EmMoments {
  /** n_k = Σ_j r_jk, K */
  readonly masses: Float64Array;
  /** Σ_j r_jk (x_j − μ_k), K × d */
  readonly moments: Float64Array;
  /** Σ_j r_jk (x_j − μ_k)(x_j − μ_k)ᵀ, K × d × d, lower triangles */
  readonly scatters: Float64Array;
}

/** What one pass over the rows finds. */
export interface EmSums extends EmMoments {
  /** Σ_j log f_G(x_j); not finite if a row is too far from every component */
  readonly logLikelihood: number;
}

/** A responsibility below this is lost in the rounding of every sum over the rows, and counts as 0. */
export const NEGLIGIBLE: number = 2 ** -70;

/** What the kernel em.assembly.ts computes, row by row: the readable reference, and the fallback. */
export function plainPass({ data, rows, columns: d, weights }: Rows, components: EmComponents): EmSums {
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
    const weight = weights?.[j] ?? 1;
    logLikelihood += weight * (most + Math.log(sum));

    // what the M-step needs: Σ r, Σ r y and Σ r y yᵀ
    for (let k = 0; k < K; k++) {
      if (!(shares[k] / sum > NEGLIGIBLE)) continue;
      const share = weight * (shares[k] / sum);
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

/** What the kernel collects of responsibilities that are given, K × n: the readable reference, and the fallback. */
export function plainMoments({ data, rows, columns: d }: Rows, shares: Float64Array, means: Float64Array): EmMoments {
  const K = means.length / d;
  const masses = new Float64Array(K);
  const moments = new Float64Array(K * d);
  const scatters = new Float64Array(K * d * d);
  const centred = new Float64Array(d);
  for (let k = 0; k < K; k++) {
    for (let j = 0; j < rows; j++) {
      const share = shares[k * rows + j];
      if (share === 0) continue;
      masses[k] += share;
      for (let i = 0; i < d; i++) centred[i] = data[j * d + i] - means[k * d + i];
      for (let i = 0; i < d; i++) {
        const weighted = share * centred[i];
        moments[k * d + i] += weighted;
        for (let c = 0; c <= i; c++) scatters[(k * d + i) * d + c] += weighted * centred[c];
      }
    }
  }
  return { masses, moments, scatters };
}
