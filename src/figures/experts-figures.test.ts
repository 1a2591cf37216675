import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import { type ExpertsModel, expertsModel, type VectorExperts } from '../experts/model';
import { sampleExperts } from '../experts/sample-experts';
import { expertCoefficientsFigure } from './expert-coefficients-figure';
import { expertsFigure } from './experts-figure';
import { expertsMachinesFigure } from './experts-machines-figure';
import { componentColour, failedColour, quietColour } from './palette';

/** A trace as far as tests read it. */
interface Trace {
  x: (number | null)[];
  y: (number | null)[];
  name?: string;
  mode?: string;
  fill?: string;
  yaxis?: string;
  showlegend?: boolean;
  line?: { color: string; dash?: string; width: number };
  marker?: { color: string; opacity: number[]; symbol?: string };
  error_x?: { array: number[] };
  hovertemplate?: string;
}

/** Two lines that cross at 0; the first expert is on the right. */
const crossed = expertsModel({
  gates: [
    [0, 10],
    [0, 0],
  ],
  coefficients: [
    [1, 3],
    [1, -3],
  ],
  variances: [0.01, 0.04],
});

const tracesOf = ({ data }: { data: unknown[] }) => data as Trace[];
const bold = (traces: Trace[], k: number) =>
  traces.find(({ line, showlegend }) => showlegend && line?.color === componentColour(k)) as Trace;

describe('the figure of experts', () => {
  const x = Array.from({ length: 41 }, (_, j) => -1 + j / 20);
  const y = sampleExperts(crossed, x, 'rows of a figure').data;

  it('draws lines where their experts are seen, dots elsewhere, and gates below', () => {
    const traces = tracesOf(expertsFigure(crossed, x, y, { names: ['right', 'left'] }));
    const { name, x: places, y: line } = bold(traces, 0);
    expect(name).toBe('right');
    // softmax(10 x) ≥ 0.05 from x = −0.294 on
    for (const [j, at] of places.entries()) {
      if ((at as number) < -0.3) expect(line[j]).toBeNull();
      if ((at as number) > -0.29) expect(line[j]).toBeCloseTo(1 + 3 * (at as number), 3);
    }
    const dotted = traces.find(({ line: look }) => look?.color === componentColour(0) && look.dash === 'dot') as Trace;
    expect(dotted.y[0]).toBeCloseTo(-2, 6);
    const gates = traces.filter(({ yaxis }) => yaxis === 'y2');
    expect(gates).toHaveLength(2);
    gates[0].y.forEach((gate, j) => {
      expect(gate).toBeCloseTo(1 / (1 + Math.exp(-10 * (places[j] as number))), 3);
    });
  });

  it('has bands of two standard deviations, where experts are seen', () => {
    const [band] = tracesOf(expertsFigure(crossed, x, y)).filter(({ fill }) => fill === 'toself');
    const half = band.x.length / 2;
    for (let j = 0; j < half; j++) {
      expect(band.x[band.x.length - 1 - j]).toBe(band.x[j]);
      expect((band.y[j] as number) - (band.y[band.y.length - 1 - j] as number)).toBeCloseTo(4 * 0.1, 3);
    }
    expect(Math.min(...(band.x as number[]))).toBeGreaterThan(-0.3);
  });

  it('shows rows in the colour of their most probable expert, pale where it is in doubt', () => {
    const points = tracesOf(expertsFigure(crossed, [0.5, -0.5, 0], [2.5, 2.5, 1])).filter(
      ({ mode }) => mode === 'markers',
    );
    expect(points[1]).toMatchObject({ x: [-0.5], y: [2.5], marker: { color: componentColour(1), opacity: [0.7] } });
    expect(points[0].x).toEqual([0.5, 0]);
    // at the crossing the narrower expert has 2/3 of the density: 0.15 + 0.55 (2/3 − 1/2) / (1/2)
    expect(points[0].marker?.opacity).toEqual([0.7, 0.33]);
  });

  it('moves one covariate of several by its name, and rows to the means of the others', () => {
    const plane = expertsModel({ gates: [[0, 0, 0]], coefficients: [[1, 2, 5]], variances: [1] });
    const rows = [
      [0, 0],
      [2, 10],
    ];
    const figure = expertsFigure(plane, rows, [1, 56], { covariate: 'b', covariates: ['a', 'b'], responses: ['c'] });
    const [points, ...lines] = tracesOf(figure);
    // c − 2 (a − 1): 1 + 2, 56 − 2
    expect(points).toMatchObject({ x: [0, 10], y: [3, 54] });
    const line = bold(lines, 0);
    expect([line.y[0], line.y.at(-1)]).toEqual([3, 53]);
    expect(figure.layout.xaxis?.title).toEqual({
      text: 'b<br><span style="font-size:12px">others at their means</span>',
    });
  });

  it('counts rows by their weights in these means, and leaves out what lacks a value', () => {
    const plane = expertsModel({ gates: [[0, 0, 0]], coefficients: [[1, 2, 5]], variances: [1] });
    const counted = { data: Float64Array.of(0, 0, 4, 10), rows: 2, columns: 2, weights: [3, 1] };
    const line = bold(tracesOf(expertsFigure(plane, counted, [1, 59], { covariate: 1 })), 0);
    // 1 + 2 (3 · 0 + 4) / 4
    expect(line.y[0]).toBe(3);
    const gaps = [
      [0, 0],
      [Number.NaN, 3],
      [2, 10],
      [3, 7],
    ];
    const [points] = tracesOf(expertsFigure(plane, gaps, [1, 2, 56, Number.NaN], { covariate: 1, missing: 'drop' }));
    expect(points).toMatchObject({ x: [0, 10], y: [3, 54] });
    expect(() => expertsFigure(plane, gaps, [1, 2, 56, 3])).toThrow(InvalidInput);
    expect(() => expertsFigure(plane, gaps.slice(0, 1), [1, 2])).toThrow('1 rows of covariates and 2 of responses');
  });

  it('shows one response of several, counts from 0 on, and probabilities without bands', () => {
    const two = expertsModel<VectorExperts>({
      gates: [[0, 0]],
      coefficients: [
        [
          [0, 1],
          [5, -1],
        ],
      ],
      variances: [
        [
          [1, 0],
          [0, 4],
        ],
      ],
    });
    const [band] = tracesOf(expertsFigure(two, undefined, undefined, { response: 1, range: [0, 1] }));
    expect([band.y[0], band.y.at(-1)]).toEqual([9, 1]);
    const counts = expertsModel({ gates: [[0, 0]], coefficients: [[0, 1]], law: 'poisson' });
    const ofCounts = tracesOf(expertsFigure(counts, undefined, undefined, { range: [-1, 1] }));
    expect(Math.min(...(ofCounts[0].y as number[]))).toBe(0);
    expect(bold(ofCounts, 0).y.at(-1)).toBeCloseTo(Math.E, 3);
    const coin = expertsModel({ gates: [[0, 0]], coefficients: [[0, 1]], law: 'logistic' });
    const ofCoin = tracesOf(expertsFigure(coin, undefined, undefined, { range: [-1, 1] }));
    expect(ofCoin.some(({ fill }) => fill === 'toself')).toBe(false);
  });

  it('has no gates of one expert', () => {
    const line = expertsModel({ gates: [[0, 0]], coefficients: [[1, 2]], variances: [1] });
    const { data, layout } = expertsFigure(line, x, y);
    expect(tracesOf({ data }).some(({ yaxis }) => yaxis === 'y2')).toBe(false);
    expect(layout).not.toHaveProperty('yaxis2');
  });

  it('says what is missing', () => {
    expect(() => expertsFigure(crossed)).toThrow('give the range in which lines are drawn');
    expect(() => expertsFigure(crossed, x)).toThrow('give both, or neither and a range');
    expect(() => expertsFigure(crossed, x, y, { covariate: 'age' })).toThrow(
      'there is no covariate "age": there are x',
    );
    expect(() => expertsFigure(crossed, x, y, { names: ['one'] })).toThrow('1 names are given for 2 experts');
  });
});

describe('the figure of the machines’ lines', () => {
  const machine = (slope: number) =>
    expertsModel({
      ...crossed,
      coefficients: [
        [1, slope],
        [1, -3],
      ],
    });
  const estimates = [machine(3), machine(3.1), machine(2.9), machine(-40)];
  const rows = [-1, -0.5, 0, 0.5, 1];
  const looks = (traces: Trace[], colour: string) =>
    traces.filter(({ line, yaxis, showlegend }) => line?.color === colour && yaxis !== 'y2' && showlegend === false);

  it('tells machines that were used from those set aside, and shows the aggregate over them', () => {
    const result = { model: crossed, kept: Int32Array.of(0, 1, 2), setAside: [{ machine: 3 }] };
    const figure = expertsMachinesFigure(estimates, result, rows, { machines: ['a', 'b', 'c', 'd'], truth: crossed });
    const traces = tracesOf(figure);
    expect(looks(traces, quietColour)).toHaveLength(3);
    const [aside, ...more] = looks(traces, failedColour);
    expect(more).toEqual([]);
    expect(aside.hovertemplate).toContain('d');
    expect(traces.filter(({ name, showlegend }) => name === 'truth' && showlegend)).toHaveLength(1);
    expect(traces.filter(({ line }) => line?.width === 4).map(({ name }) => name)).toEqual([
      'expert 0',
      'expert 0',
      'expert 1',
      'expert 1',
    ]);
    // the liar's line, down to −39, does not squeeze the others
    const [least, most] = (figure.layout.yaxis as { range: [number, number] }).range;
    expect(least).toBeGreaterThan(-3);
    expect(most).toBeLessThan(7);
  });

  it('shows one expert of a machine that was not used apart from its others', () => {
    const result = { model: crossed, kept: [0, 1, 2, 3], setAside: [{ machine: 3, component: 0 }] };
    const traces = tracesOf(expertsMachinesFigure(estimates, result, rows));
    expect(looks(traces, quietColour)).toHaveLength(4);
    const [aside] = looks(traces, failedColour);
    expect(aside.y[30]).toBeCloseTo(1 - 40, 6);
    // its other line: 31 places and a gap
    expect(looks(traces, quietColour)[3].y).toHaveLength(32);
  });

  it('has no orange if nothing was set aside, and refuses machines that differ', () => {
    const result = { model: crossed, kept: [0, 1], setAside: [] };
    const traces = tracesOf(expertsMachinesFigure(estimates.slice(0, 2), result, rows));
    expect(traces.some(({ line }) => line?.color === failedColour)).toBe(false);
    const plane = expertsModel({ gates: [[0, 0, 0]], coefficients: [[1, 2, 5]], variances: [1] });
    expect(() => expertsMachinesFigure([machine(3), plane], result, rows)).toThrow('machine 1 has other covariates');
  });
});

describe('the figure of coefficients', () => {
  it('has a panel for each coefficient, on a scale of its own, with intervals', () => {
    const standardErrors = {
      coefficients: [
        [0.1, 0.2],
        [0.3, 0.4],
      ],
    };
    const figure = expertCoefficientsFigure(crossed, {
      standardErrors,
      names: ['up', 'down'],
      covariates: ['time'],
      truth: crossed,
    });
    const points = tracesOf(figure).filter(({ error_x }) => error_x);
    expect(points.map(({ x }) => x[0])).toEqual([1, 1, 3, -3]);
    expect(points.map(({ error_x }) => error_x?.array[0])).toEqual([0.196, 0.588, 0.392, 0.784]);
    expect(points[3].hovertemplate).toBe('down: -3 ± 0.78<extra></extra>');
    expect(figure.layout.annotations?.map(({ text }) => text)).toEqual(['<b>constant</b>', '<b>time</b>']);
    // 0 is in view of the slopes only
    expect(figure.layout.shapes).toHaveLength(1);
    const tops = ['yaxis', 'yaxis2'].map(
      (axis) => (figure.layout as unknown as Record<string, { domain: number[] }>)[axis].domain,
    );
    expect(tops[0][0]).toBeGreaterThan(tops[1][1]);
  });

  it('refuses errors of another shape', () => {
    const model: ExpertsModel = crossed;
    expect(() => expertCoefficientsFigure(model, { standardErrors: { coefficients: [[1], [1]] } })).toThrow(
      'the standard errors of expert 0 are not 2 numbers',
    );
    expect(() => expertCoefficientsFigure(model, { level: 95 })).toThrow('level is 95');
  });
});
