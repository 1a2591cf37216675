/**
 * The largest cap of claimed sample sizes at which no minority of the machines has more than half of all: if nine of twenty claim more
 * than the others, who claim the same, 11/9 of what those claim.
 * @param claims positive
 * @returns the cap; Infinity if none is needed
 */
export function claimCap(claims: Float64Array): number {
  const m = claims.length;
  const minority = Math.ceil(m / 2) - 1;
  if (minority < 1) return Infinity;
  const ascending = claims.slice().sort();
  // if only the j smallest are not capped, `rest` is what those of the majority have over those of the minority
  let rest = 0;
  for (let j = 1; j < m; j++) {
    const inMajority = j <= m - minority;
    rest += inMajority ? ascending[j - 1] : -ascending[j - 1];
    const capped = inMajority ? 2 * minority - (m - j) : m - j; // those of the minority less those of the majority
    if (capped > 0 && rest <= capped * ascending[j]) return rest / capped;
  }
  return Infinity;
}

/** The claims, none above `claimCap`. */
export function cappedClaims(claims: Float64Array): Float64Array {
  const most = claimCap(claims);
  return claims.map((claim) => Math.min(claim, most));
}
