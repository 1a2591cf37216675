import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dfmrComponents } from '../aggregate/components';
import { dfmr } from '../aggregate/dfmr';
import { NoCentre } from '../errors';
import type { Progress } from '../work/work';
import { readEstimates, type Screened, type ScreenOptions, screenEstimates } from './screen';

/** Two components in the plane, about the same on every honest machine. */
function estimate(i: number) {
  const shift = Math.sin(i) / 20;
  return {
    format: 'dfmr-estimate',
    version: 1,
    machine: `machine ${i}`,
    family: 'gaussian',
    order: 2,
    dimension: 2,
    weights: [0.25, 0.75],
    parameters: [
      { mean: [shift, 0], covariance: square(1, 0.5, 2) },
      { mean: [4, shift], covariance: square(2, 0, 1) },
    ],
    sampleSize: 500,
  };
}

function square(xx: number, xy: number, yy: number): number[][] {
  return [
    [xx, xy],
    [xy, yy],
  ];
}

const honest = (m: number) =>
  Array.from({ length: m }, (_, i) => ({ name: `honest-${i}.json`, text: JSON.stringify(estimate(i)) }));

const [first, second] = estimate(9).parameters;

/** The text of a lie: an honest estimate with something changed. */
const lie = (change: object) => JSON.stringify({ ...estimate(9), ...change });

/** The reason why a text is set aside among four honest estimates, with which dfmr then goes on. */
function reasonOf(text: string | Uint8Array, options?: ScreenOptions): string {
  const screened = screenEstimates([...honest(2), { name: 'bad', text }, ...honest(4).slice(2)], options);
  expect(screened.estimates.map(({ name }) => name)).toEqual(honest(4).map(({ name }) => name));
  expect(screened.notes).toContain('1 of 5 estimates were set aside.');
  expect(dfmr(screened.estimates).kept.length).toBeGreaterThan(1);
  const [{ name, reason }] = screened.refused;
  expect(name).toBe('bad');
  expect(reason.length).toBeLessThan(420);
  expect(reason).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  return reason;
}

describe('sets aside, with the reason, and goes on without', () => {
  const whole = lie({});
  const utf16 = Uint8Array.from(Buffer.from(whole, 'utf16le'));
  const digits = '9'.repeat(10_000);
  const mean = (text: string) => lie({ parameters: [{ ...first, mean: ['?', 0] }, second] }).replace('"?"', text);

  it.each<[what: string, text: string | Uint8Array, reason: RegExp]>([
    ['an empty text', '', /the text is empty: send the file again/],
    ['empty bytes', new Uint8Array(), /the text is empty/],
    ['blanks and a byte order mark', '\uFEFF \n', /the text is empty/],
    [
      'half a text',
      whole.slice(0, whole.length / 2),
      /the text is not JSON \(it ends too early\): send it again, whole/,
    ],
    [
      'two texts',
      whole + whole,
      new RegExp(`the text is not JSON \\(it is wrong from line 1, column ${whole.length + 1} on`),
    ],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), /the text is not UTF-8/],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, ...utf16), /the text is not UTF-8/],
    ['UTF-16 without a mark', utf16, /the text is not JSON/],
    ['a surrogate in three bytes', Buffer.from(whole.replace('machine 9', '\xed\xa0\x80'), 'latin1'), /not UTF-8/],
    ['Python’s NaN', mean('NaN'), /the text is not JSON.*without NaN or Infinity/],
    ['Python’s Infinity', mean('-Infinity'), /the text is not JSON/],
    ['a number beyond float64', mean('1e999'), /parameters\[0\]\.mean\[0\] is Infinity: it must be a finite number/],
    ['ten thousand digits', mean(digits), /parameters\[0\]\.mean\[0\] is Infinity: it must be a finite number/],
    ['a number as text', mean('"1.5"'), /parameters\[0\]\.mean\[0\] is "1.5": it must be a finite number/],
    ['null for a number', mean('null'), /parameters\[0\]\.mean\[0\] is null: it must be a finite number/],
    ['an object for a number', mean('{"valueOf":1}'), /mean\[0\] is \{ valueOf: 1 \}: it must be a finite number/],
    ['a number whose square is beyond float64', mean('1e200'), /mean\[0\] is 1e\+200: it must be a number of at most/],
    ['a million nested lists', '['.repeat(1e6), /the text is nested deeper than 16 lists/],
    ['nested objects', `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`, /the text is nested deeper than 16 lists/],
    ['a million empty objects', `[${'{},'.repeat(1e6)}{}]`, /the text has more than 200000 lists and fields/],
    ['a string that does not end', `"${'\\'.repeat(1e5)}`, /the text is not JSON/],
    ['a number', '7', /the estimate is 7: it must be an object \{ format, /],
    ['a list', '[]', /the estimate is \[\]: it must be an object \{ format, /],
    ['null', 'null', /the estimate is null: it must be an object/],
    ['__proto__', whole.replace('{', '{"__proto__":{"order":1},'), /the estimate has "__proto__", which the format/],
    ['__proto__ in a component', whole.replace('{"mean"', '{"__proto__":{},"mean"'), /parameters\[0\] has "__proto__"/],
    ['constructor', whole.replace('{', '{"constructor":{"prototype":{}},'), /the estimate has "constructor", which/],
    ['a key that a terminal obeys', whole.replace('{', '{"\\u001b[2J":1,'), /the estimate has "\\u001b\[2J", which/],
    ['a key that turns text', whole.replace('{', '{"a\u202eb":1,'), /the estimate has "a\\u\{202e\}b", which/],
    ['a name that a terminal obeys', lie({ machine: '\u009b31m' }), /machine is "\\u\{9b\}31m": it must be a name/],
    ['a name of half a megabyte', lie({ machine: 'x'.repeat(5e5) }), /machine is "x{119} …: it must be a name/],
    ['another version', lie({ version: 3 }), /version is 3: it must be 1 or 2, the version of the format/],
    [
      'another family',
      lie({ family: 'tied-gaussian', parameters: [second, second] }),
      /its family is tied-gaussian, but/,
    ],
    ['an unknown family', lie({ family: 'toString' }), /family is "toString": it must be the name of a family/],
    [
      'another order',
      lie({ order: 1, weights: [1], parameters: [first] }),
      /its order is 1, but that of the estimates is 2/,
    ],
    ['an order that is not so', lie({ order: 3 }), /weights has the length 2, but the order is 3/],
    [
      'another dimension',
      lie({ dimension: 1, parameters: [0, 1].map((x) => ({ mean: [x], covariance: [[1]] })) }),
      /its dimension is 1, but that of the estimates is 2/,
    ],
    ['negative weights', lie({ weights: [-0.5, 1.5] }), /weights\[0\] is -0.5: it must be a number between 0 and 1/],
    ['weights that sum to 2', lie({ weights: [1, 1] }), /the weights sum to 2, not to 1/],
    ['weights of 0', lie({ weights: [0, 0] }), /the weights sum to 0, not to 1/],
    ['a sample size of 0', lie({ sampleSize: 0 }), /sampleSize is 0: it must be n/],
    ['a negative sample size', lie({ sampleSize: -5 }), /sampleSize is -5: it must be n/],
    ['a sample size beyond integers', lie({ sampleSize: 1e300 }), /sampleSize is 1e\+300: it must be n/],
  ])('%s', (_, text, reason) => {
    expect(reasonOf(text)).toMatch(reason);
  });

  it.each<[what: string, covariance: unknown, reason: RegExp]>([
    ['is not symmetric', [[1, 0.5], [0.4, 1]], /the covariance is not symmetric: \[1\]\[0\] = 0.4, \[0\]\[1\] = 0.5/], // biome-ignore format: short
    ['has a negative variance', square(-1, 0, 1), /the covariance is not positive definite/],
    ['has a variance of 0', square(0, 0, 1), /the covariance is not positive definite/],
    ['is indefinite', square(1, 2, 1), /the covariance is not positive definite/],
    ['is singular', square(1, 1, 1), /the covariance is (singular|not positive definite)/],
    ['is ragged', [[1, 0], [0]], /covariance\[1\] has the length 1, but the dimension is 2/],
    ['is flat', [1, 0, 0, 1], /covariance\[0\] is 1: it must be a list of d numbers/],
    ['is tiny', square(1e-300, 0, 1e-300), /component 0, .* is too narrow beside those of most estimates/],
    ['is subnormal', square(5e-324, 0, 1), /the covariance is too small for float64/],
    ['is huge', square(1e300, 0, 1e300), /component 0, .* is too wide beside those of most estimates/],
    ['is beyond huge', square(1e301, 0, 1), /covariance\[0\]\[0\] is 1e\+301: it must be a number of at most/],
  ])('a covariance that %s', (_, covariance, reason) => {
    expect(reasonOf(lie({ parameters: [{ ...first, covariance }, second] }))).toMatch(reason);
  });

  it('components that are 1e150 apart, of whatever weight', () => {
    const far = { ...first, mean: [1e150, -1e150] };
    for (const weights of [[0.25, 0.75], [1e-9, 1 - 1e-9], [5e-324, 1]]) // biome-ignore format: short
      expect(reasonOf(lie({ weights, parameters: [far, second] }))).toMatch(
        /component 0, \{ mean: \[ 1e\+150, -1e\+150 \], .* is too far from those of most estimates for float64/,
      );
  });

  it('a text of more bytes than an estimate needs', () => {
    const long = `${whole}${' '.repeat(1e6)}`;
    expect(reasonOf(long, { maximumBytes: 1e6 })).toMatch(/it has 1000\d{3} bytes, more than 1000000/);
    expect(reasonOf(`${long}${long}`, { order: 2, dimension: 2 })).toMatch(/bytes, more than 1049728/);
  });
});

describe('lets pass', () => {
  const passes = (text: string): Screened => {
    const screened = screenEstimates([...honest(3), { name: 'odd', text }]);
    expect(screened.refused).toEqual([]);
    expect(dfmr(screened.estimates).coat.distances.every(Number.isFinite)).toBe(true);
    return screened;
  };

  it.each([
    ['−0', lie({}).replace('"mean":[4,', '"mean":[-0,')],
    ['a subnormal number', lie({}).replace('"mean":[4,', '"mean":[5e-324,')],
    ['ten thousand decimals', lie({}).replace('"mean":[4,', `"mean":[4.${'0'.repeat(1e4)}1,`)],
    [
      'a component of weight 0 that is anywhere',
      lie({ weights: [0, 1], parameters: [{ ...first, mean: [1e150, 0] }, second] }),
    ],
    ['a byte order mark, and blanks', `\uFEFF${JSON.stringify(estimate(9), null, 8)}\r\n`],
    ['keys that stand there twice, of which the last counts', lie({}).replace('{', '{"order":7,')],
    ['an honest machine that is far off', lie({ parameters: [{ ...first, mean: [1000, 0] }, second] })],
  ])('%s', (_, text) => {
    passes(text);
  });

  it('bytes as strings', () => {
    const bytes = honest(4).map(({ name, text }) => ({ name, text: Buffer.from(text) }));
    expect(screenEstimates(bytes)).toEqual(screenEstimates(honest(4)));
  });
});

describe('the family, order and dimension', () => {
  const one = { order: 1, weights: [1], parameters: [first] };
  const ofOrder1 = Array.from({ length: 3 }, (_, i) => ({ name: `one-${i}`, text: lie({ ...one, machine: `${i}` }) }));

  it('are those of the majority of all messages, unreadable ones included', () => {
    const { estimates, refused } = screenEstimates([...ofOrder1.slice(0, 2), ...honest(3)]);
    expect(estimates.map(({ mixture }) => mixture.order)).toEqual([2, 2, 2]);
    expect(refused.map(({ reason }) => reason)).toEqual(
      ['', ''].map(() => 'its order is 1, but that of the estimates is 2'),
    );
    const message =
      /of 6 estimates, no more than half have the same .* \(3 × gaussian, order 2, .*; 2 × gaussian, order 1/;
    expect(() => screenEstimates([...ofOrder1.slice(0, 2), ...honest(3), { name: 'x', text: '' }])).toThrow(message);
  });

  it('are what was asked for', () => {
    expect(screenEstimates([...ofOrder1, ...honest(2)], { order: 1 }).estimates).toHaveLength(3);
    expect(() => screenEstimates([...ofOrder1, ...honest(3)], { order: 1 })).toThrow(
      /3 of 6 estimates were set aside; when half or more are, .* "honest-0.json": its order is 2, but that of the/,
    );
    expect(() => screenEstimates(honest(3), { family: 'gamma' })).toThrow(/3 of 3 .* its family is gaussian/);
    expect(() => screenEstimates(honest(3), { dimension: 3 })).toThrow(/3 of 3 .* its dimension is 2/);
  });
});

describe('the name that a machine gives itself', () => {
  it('ousts nobody, whoever comes first', () => {
    const liar = { name: 'liar', text: lie({ machine: 'machine 1' }) };
    for (const messages of [[liar, ...honest(4)], [...honest(4), liar]]) // biome-ignore format: short
      expect(screenEstimates(messages)).toMatchObject({
        refused: [],
        notes: [
          /2 estimates say that they are of the machine "machine 1"; each counts as one of its own: "(honest-1.json|liar)", /,
        ].map((note) => expect.stringMatching(note)),
      });
  });

  it('is not needed to find copies, of which one counts', () => {
    const [, copied] = honest(4);
    const screened = screenEstimates([{ name: 'copy', text: ` ${copied.text}` }, ...honest(4)]);
    expect(screened.refused).toEqual([{ name: 'honest-1.json', reason: 'it is a copy of "copy"' }]);
    expect(screened.estimates.map(({ machine }) => machine)).toEqual([1, 0, 2, 3].map((i) => `machine ${i}`));
  });

  it('is not that of the message, which must be one of a kind', () => {
    expect(() => screenEstimates([...honest(2), ...honest(1)])).toThrow('"honest-0.json" is given twice');
  });
});

describe('sample sizes', () => {
  const messages = [100, 200, 250, 300, 1e15].map((sampleSize, i) => ({
    name: `${i}`,
    text: JSON.stringify({ ...estimate(i), sampleSize }),
  }));

  it('give no minority more than half of all, and a note says so', () => {
    // two of five: 275 + 275 = 100 + 200 + 250
    const { sampleSizes, estimates, notes } = screenEstimates(messages);
    expect(sampleSizes).toEqual(Float64Array.of(100, 200, 250, 275, 275));
    expect(estimates.map(({ sampleSize }) => sampleSize)).toEqual([...sampleSizes]);
    expect(estimates[4].claimedSampleSize).toBe(1e15);
    expect(notes).toEqual([
      'The sample sizes of 2 of 5 machines were capped at 275, at which no minority has more than half of all: "3" (300), "4" (1000000000000000).',
    ]);
    expect(dfmr(estimates, { inflationFactor: 9 }).sampleSize).toBe(1100);
  });

  it('are for dfmrComponents as claimed, unless they are ignored', () => {
    const { estimates } = screenEstimates(messages.slice(0, 4));
    expect(dfmrComponents(estimates).sampleSize).toBe(850);
    expect(dfmrComponents(screenEstimates(messages, { sampleSizes: 'ignored' }).estimates).sampleSize).toBeUndefined();
  });

  it('of four machines are those of three against one', () => {
    const four = [messages[0], messages[1], messages[3], messages[4]];
    expect(screenEstimates(four).sampleSizes).toEqual(Float64Array.of(100, 200, 300, 600));
  });

  it('count for up to as much as was asked', () => {
    expect(screenEstimates(messages, { sampleSizes: 1 }).sampleSizes).toEqual(Float64Array.of(100, 200, 250, 250, 250));
    const { notes } = screenEstimates(messages, { sampleSizes: 3 });
    expect(notes).toEqual([
      'The sample sizes of 1 of 5 machines were capped at 750, 3 times the median: "4" (1000000000000000).',
    ]);
  });

  it('are ignored', () => {
    const { sampleSizes, estimates, notes } = screenEstimates(messages, { sampleSizes: 'ignored' });
    expect(sampleSizes).toEqual(Float64Array.of(1, 1, 1, 1, 1));
    expect(notes).toEqual(['The sample sizes were ignored: every machine counts the same.']);
    expect(dfmr(estimates).sampleSize).toBeUndefined();
  });

  it('are trusted, which is told', () => {
    const { sampleSizes, notes } = screenEstimates(messages, { sampleSizes: 'trusted' });
    expect(sampleSizes[4]).toBe(1e15);
    expect(notes).toEqual([
      'The sample sizes were trusted, though these are above 275, at which no minority has more than half of all: "3" (300), "4" (1000000000000000).',
    ]);
  });
});

it('refuses where those that no reduction could hold tip it over half', () => {
  const huge = { name: 'huge', text: lie({ parameters: [{ ...first, mean: [1e140, 0] }, second] }) };
  const torn = { name: 'torn', text: '{' };
  const four = honest(4);
  expect(screenEstimates([...four, huge, torn, { ...torn, name: 'torn too' }]).refused.map(({ name }) => name)).toEqual(
    ['huge', 'torn', 'torn too'],
  );
  const tipped = () => screenEstimates([...honest(3), huge, torn, { ...torn, name: 'torn too' }]);
  expect(tipped).toThrow(NoCentre);
  expect(tipped).toThrow(/^3 of 6 estimates were set aside; .*"huge": component 0, .* too far from/);
  expect(screenEstimates([...honest(3), torn, { ...torn, name: 'torn too' }]).estimates).toHaveLength(3);
});

it('refuses where half or more are set aside, with counts and the first reasons', () => {
  const bad = Array.from({ length: 5 }, (_, i) => ({ name: `bad\u001b[2J-${i}`, text: '' }));
  const why = (i: number) => `"bad\\u{1b}[2J-${i}": the text is empty: send the file again`;
  expect(() => screenEstimates([...honest(5), ...bad])).toThrow(
    '5 of 10 estimates were set aside; when half or more are, the rest cannot be trusted. ' +
      `${why(0)}; ${why(1)}; ${why(2)}; and 2 more`,
  );
  expect(screenEstimates([...honest(6), ...bad]).estimates).toHaveLength(6);
  expect(screenEstimates(honest(1)).estimates).toHaveLength(1);
});

it.each<[ScreenOptions, RegExp]>([
  [{ order: 0 }, /order is 0: it must be a positive integer/],
  [{ dimension: 1.5 }, /dimension is 1.5/],
  [{ family: 'beta' as never }, /there is no family "beta"/],
  [{ maximumBytes: -1 }, /maximumBytes is -1/],
  [
    { sampleSizes: 0.5 },
    /sampleSizes is 0.5: it must be 'bounded', 'ignored', 'trusted', or a number of at least 1, which caps them at that many times their median/,
  ],
  [{ sampleSizes: 'capped' as never }, /sampleSizes is "capped"/],
])('refuses the options %j', (options, message) => {
  expect(() => screenEstimates(honest(3), options)).toThrow(message);
});

it('refuses an empty list', async () => {
  expect(() => screenEstimates([])).toThrow('there are no estimates to screen');
  await expect(readEstimates([])).rejects.toThrow('there are no estimates to screen');
});

describe('files', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string | Uint8Array) => {
    const full = path.join(folder, name);
    writeFileSync(full, text);
    return full;
  };
  const good = honest(6).map(({ name, text }) => file(name, text));

  it('are read as messages of their names', async () => {
    const messages = honest(6).map(({ text }, i) => ({ name: good[i], text }));
    expect(await readEstimates(good)).toEqual(screenEstimates(messages));
  });

  it('that cannot be read are set aside', async () => {
    mkdirSync(path.join(folder, 'directory'));
    const large = file('large', JSON.stringify(estimate(8)) + ' '.repeat(3e6));
    const bad = [path.join(folder, 'directory'), path.join(folder, 'missing'), large, '/dev/zero', file('empty', '')];
    const { estimates, refused } = await readEstimates([...bad, ...good], { order: 2, dimension: 2 });
    expect(estimates.map(({ name }) => name)).toEqual(good);
    expect(refused.map(({ name, reason }) => [name, reason])).toEqual([
      [bad[0], 'it is a directory, not a file'],
      [bad[1], 'there is no such file'],
      [bad[2], expect.stringMatching(/^it has 3000\d{3} bytes, more than 1049728: no estimate is that large$/)],
      [bad[3], 'it is a device or a pipe, not a file'],
      [bad[4], 'the text is empty: send the file again'],
    ]);
  });

  it('that are links show nothing of what they lead to', async () => {
    const secret = file('secret', 'root:x:0:0:a secret\n');
    const link = path.join(folder, 'link');
    symlinkSync(secret, link);
    const brace = file('brace', '{ secret');
    const { refused } = await readEstimates([link, brace, ...good]);
    expect(refused.map(({ name }) => name)).toEqual([link, brace]);
    for (const { reason } of refused)
      expect(reason).toMatch(/^the text is not JSON \(it is wrong from line 1, column \d+ on\): send it/);
    expect(JSON.stringify(refused)).not.toContain('root:');
    expect(refused.map(({ reason }) => reason).join()).not.toContain('secret');
  });

  it('that are pipes are refused without waiting for what comes', async () => {
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const { refused } = await readEstimates([pipe, ...good]);
    expect(refused).toEqual([{ name: pipe, reason: 'it is a device or a pipe, not a file' }]);
  });

  it('are reported as they are read, and not read on when the signal aborts', async () => {
    const reported: Progress[] = [];
    const controller = new AbortController();
    const onProgress = (progress: Progress) => {
      reported.push(progress);
      if (progress.done === 2) controller.abort(new Error('enough'));
    };
    await expect(readEstimates(good, { onProgress, signal: controller.signal })).rejects.toThrow(/^enough$/);
    expect(reported).toEqual([1, 2].map((done) => ({ stage: 'reading', done, total: 6 })));
    const aborted = AbortSignal.abort(new Error('before'));
    await expect(readEstimates(good, { signal: aborted })).rejects.toThrow(/^before$/);
  });

  it('are no longer screened when the signal aborts', async () => {
    const controller = new AbortController();
    const stages: string[] = [];
    const onProgress = ({ stage }: { stage: string }) => {
      stages.push(stage);
      if (stage === 'screening') controller.abort(new Error('enough'));
    };
    await expect(readEstimates(good, { onProgress, signal: controller.signal })).rejects.toThrow(/^enough$/);
    expect([...new Set(stages)]).toEqual(['reading', 'screening']);
  });

  it('are given once', async () => {
    await expect(readEstimates([...good, good[0]])).rejects.toThrow(/honest-0.json" is given twice: give each/);
  });

  describe('of a message in each line', () => {
    const lines = path.join(folder, 'estimates.jsonl');
    const texts = honest(7).map(({ text }) => String(text));
    const write = (...of: string[]) => writeFileSync(lines, of.join('\n'));

    it('are those of files', async () => {
      write(...texts.slice(0, 3), '', ...texts.slice(3), '');
      const found = await readEstimates([lines]);
      expect(found.estimates.map(({ name }) => name)).toEqual([1, 2, 3, 5, 6, 7, 8].map((n) => `${lines}:${n}`));
      const messages = texts.map((text, i) => ({ name: found.estimates[i].name, text }));
      expect(found).toEqual(screenEstimates(messages));
    });

    it('are refused one by one, by their numbers', async () => {
      write(texts[0], texts[1].slice(0, 200), ...texts.slice(2, 5), `{"a": "${'x'.repeat(2e6)}"}`, texts[0], texts[6]);
      const { estimates, refused } = await readEstimates([lines, good[3]], { order: 2, dimension: 2 });
      expect(estimates.map(({ name }) => name)).toEqual([...[1, 3, 4, 5, 8].map((n) => `${lines}:${n}`)]);
      expect(refused.map(({ name, reason }) => `${name.slice(folder.length)} ${reason}`)).toEqual([
        expect.stringMatching(/^.estimates.jsonl:2 the text is not JSON/),
        expect.stringMatching(/^.estimates.jsonl:6 it has 2000009 bytes, more than/),
        expect.stringMatching(/^.estimates.jsonl:7 it is a copy of ".*estimates.jsonl:1"$/),
        expect.stringMatching(/^.honest-3.json it is a copy of ".*estimates.jsonl:4"$/),
      ]);
    });

    it('count all beside the machines that are expected', async () => {
      write(...texts.slice(0, 5));
      const { notes } = await readEstimates([lines], { expected: 8 });
      expect(notes[0]).toBe('3 of 8 machines sent nothing.');
      await expect(readEstimates([lines], { expected: 4 })).rejects.toThrow('there are 5 estimates, but 4 machines');
    });

    it('are none: the file is refused', async () => {
      write('');
      const { refused } = await readEstimates([lines, path.join(folder, 'none.ndjson'), ...good]);
      expect(refused).toEqual([
        { name: lines, reason: 'the text is empty: send the file again' },
        { name: path.join(folder, 'none.ndjson'), reason: 'there is no such file' },
      ]);
    });
  });
});

it('reads both versions together, and tells of machines whose rows are weighted', () => {
  const weighted = { name: 'weighted', text: lie({ version: 2, effectiveSampleSize: 123.456789 }) };
  const { estimates, notes } = screenEstimates([...honest(2), weighted]);
  expect(estimates[2]).toMatchObject({ sampleSize: 500, effectiveSampleSize: 123.456789 });
  expect(notes).toEqual([
    'The rows of 1 of 3 machines are weighted: they count as 500 rows, and where weights are not counts, they say as much of a ' +
      'mean as 123.457 rows of one weight.',
  ]);
});

describe('with machines that are expected', () => {
  const torn = (m: number) => Array.from({ length: m }, (_, i) => ({ name: `torn-${i}`, text: '{' }));

  it('counts those that sent nothing against the majority, with those that are set aside', () => {
    const some = screenEstimates(honest(18), { expected: 20 });
    expect(some.estimates.length).toBe(18);
    expect(some.notes).toEqual(['2 of 20 machines sent nothing.']);
    expect(() => screenEstimates(honest(2), { expected: 20 })).toThrow(
      /^18 of 20 machines sent nothing; when half or more/,
    );
    expect(() => screenEstimates(honest(10), { expected: 20 })).toThrow(NoCentre);
    expect(screenEstimates(honest(11), { expected: 20 }).estimates.length).toBe(11);
    // 5 silent and 4 torn of 20 have failed, 5 and 5 are half
    expect(screenEstimates([...honest(11), ...torn(4)], { expected: 20 }).estimates.length).toBe(11);
    expect(() => screenEstimates([...honest(10), ...torn(5)], { expected: 20 })).toThrow(
      /^5 of 20 machines sent nothing, and 5 of 15 estimates were set aside; .* "torn-0": the text is not JSON/,
    );
    // nor may a minority of the machines say what the others should have sent
    const others = honest(9).map(({ name, text }) => ({ name: `k-${name}`, text: text.replace('gaussian', 'gamma') }));
    expect(() => screenEstimates([...honest(9), ...others], { expected: 20 })).toThrow(NoCentre);
  });

  it('refuses more messages than machines', () => {
    expect(() => screenEstimates(honest(4), { expected: 3 })).toThrow(
      'there are 4 estimates, but 3 machines are expected: leave out what no machine sent, or expect more',
    );
    expect(() => screenEstimates(honest(4), { expected: 0.5 })).toThrow(/expected is 0.5/);
  });
});
