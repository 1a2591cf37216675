import { describe, expect, it } from 'vitest';
import { finished, type Progress, pause, performed, type Steps } from './work';

/** Counts to `total`, one step each, and says how many steps were begun. */
function* counting(total: number, begun: { steps: number } = { steps: 0 }): Steps<number> {
  let sum = 0;
  for (let i = 1; i <= total; i++) {
    begun.steps++;
    sum += i;
    yield { stage: 'counting', done: i, total };
  }
  return sum;
}

/** Keeps this thread busy for some milliseconds. */
function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

it('steps have the same result at once and with pauses', async () => {
  expect(finished(counting(100))).toBe(5050);
  expect(await performed(counting(100))).toBe(5050);
  expect(finished(counting(0))).toBe(0);
  expect(await performed(counting(0))).toBe(0);
});

it('each step is reported, in order', async () => {
  const reported: Progress[] = [];
  await performed(counting(3), { onProgress: (progress) => reported.push(progress) });
  expect(reported).toEqual([1, 2, 3].map((done) => ({ stage: 'counting', done, total: 3 })));
});

describe('an abort', () => {
  it('before the work ends it before its first step, with the reason', async () => {
    const begun = { steps: 0 };
    const signal = AbortSignal.abort(new RangeError('enough'));
    const work = performed(counting(3, begun), { signal });
    await expect(work).rejects.toThrow(RangeError);
    await expect(work).rejects.toThrow(/^enough$/);
    expect(begun.steps).toBe(0);
  });

  it('of who watches the progress ends it at that step', async () => {
    const begun = { steps: 0 };
    const controller = new AbortController();
    const onProgress = ({ done }: Progress) => done === 3 && controller.abort('a word');
    const work = performed(counting(100, begun), { onProgress, signal: controller.signal });
    await expect(work).rejects.toBe('a word');
    expect(begun.steps).toBe(3);
  });

  it('of a timer has its turn while the work goes on', async () => {
    const controller = new AbortController();
    let steps = 0;
    function* endless(): Steps<never> {
      for (;;) {
        busy(5);
        if (++steps > 10_000) throw new Error('no timer had its turn');
        yield { stage: 'endless', done: 0, total: 1 };
      }
    }
    setTimeout(() => controller.abort(new Error('too long')), 0);
    await expect(performed(endless(), { signal: controller.signal })).rejects.toThrow(/^too long$/);
    expect(steps).toBeLessThan(40); // of 5 ms and more each: within 0.2 s
  });

  it('ends a pause', async () => {
    await expect(pause(AbortSignal.abort(new Error('enough')))).rejects.toThrow(/^enough$/);
    await expect(pause(new AbortController().signal)).resolves.toBeUndefined();
  });
});

it('what a step or the progress throws ends the work', async () => {
  function* broken(): Steps<void> {
    yield { stage: 'one', done: 0, total: 1 };
    throw new TypeError('broken');
  }
  await expect(performed(broken())).rejects.toThrow(TypeError);
  expect(() => finished(broken())).toThrow(TypeError);
  const onProgress = () => {
    throw new Error('no screen');
  };
  await expect(performed(counting(3), { onProgress })).rejects.toThrow(/^no screen$/);
});
