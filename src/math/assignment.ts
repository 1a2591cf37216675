/**
 * The assignment of n agents to n tasks of least total cost, by shortest augmenting paths (the Hungarian method), O(n³).
 * @param cost n × n, row-major, finite; row i is agent i
 * @returns the task of each agent
 * @example
 * leastAssignment(Float64Array.of(4, 1, 2, 3), 2); // [1, 0]
 */
export function leastAssignment(cost: Float64Array, n: number): Int32Array {
  const NOBODY = n; // column n stands for the agent that is being placed
  const agentOf = new Int32Array(n + 1).fill(-1); // of each task
  const rowPrice = new Float64Array(n);
  const columnPrice = new Float64Array(n + 1);
  for (let agent = 0; agent < n; agent++) {
    agentOf[NOBODY] = agent;
    const slack = new Float64Array(n).fill(Infinity); // of each task, the least reduced cost from the tree of reached agents
    const from = new Int32Array(n).fill(NOBODY); // the task before it on the path
    const reached = new Uint8Array(n + 1);
    let task = NOBODY;
    do {
      reached[task] = 1;
      const row = agentOf[task];
      let next = -1;
      for (let j = 0; j < n; j++) {
        if (reached[j]) continue;
        const reduced = cost[row * n + j] - rowPrice[row] - columnPrice[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          from[j] = task;
        }
        if (next < 0 || slack[j] < slack[next]) next = j;
      }
      const step = slack[next];
      for (let j = 0; j <= n; j++) {
        if (reached[j]) {
          rowPrice[agentOf[j]] += step;
          columnPrice[j] -= step;
        } else slack[j] -= step;
      }
      task = next;
    } while (agentOf[task] >= 0);
    while (task !== NOBODY) {
      agentOf[task] = agentOf[from[task]];
      task = from[task];
    }
  }
  const taskOf = new Int32Array(n);
  for (let j = 0; j < n; j++) taskOf[agentOf[j]] = j;
  return taskOf;
}
