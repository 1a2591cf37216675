// A module of a user's: one of each that can be registered. Loaded by the test, by its threads, and by commands with --module.
const dfmr = require('dfmr');

/** Where most machines agree: the estimate with the least median distance, alone. */
dfmr.registerRule({
  name: 'median-machine',
  title: 'Median machine',
  colour: '#7F3C8D',
  async aggregate(mixtures, { distances }) {
    const matrix = await distances();
    const medians = mixtures.map((_, i) => {
      const row = mixtures.map((__, j) => matrix.at(i, j)).sort((a, b) => a - b);
      return row[Math.floor(row.length / 2)];
    });
    const centre = medians.indexOf(Math.min(...medians));
    return { mixture: mixtures[centre], kept: [centre] };
  },
});

dfmr.registerDistance({ name: 'wasserstein', between: (G, H) => dfmr.wasserstein1(G, H) });

/** All failed machines send the first one's estimate. */
dfmr.registerFailure({ name: 'clones', send: ({ own }) => own.map(() => own[0]) });

/** Maxwell's distribution of speeds: T(x) = x², A(θ) = −3/2 log(−2θ), h(x) = √(2/π) x². Its scale can fail. */
dfmr.registerFamily({
  ...dfmr.exponentialFamily({
    name: 'maxwell',
    ...dfmr.scalarParameter({ scale: 'positive' }),
    requireSupport: dfmr.oneColumn('maxwell', (x) => x > 0, 'speeds, above 0'),
    sampler: dfmr.numberSampler(({ scale }, random) => {
      const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return () => scale * Math.hypot(normal(), normal(), normal());
    }),
    toNatural: ({ scale }) => Float64Array.of(-0.5 / scale ** 2),
    fromNatural: ([theta]) => ({ scale: Math.sqrt(-0.5 / theta) }),
    statistics: ([x]) => [x * x],
    logCarrier: ([x]) => 0.5 * Math.log(2 / Math.PI) + 2 * Math.log(x),
    logPartition: ([theta]) => -1.5 * Math.log(-2 * theta),
    logSquarePartition: ([eta]) => Math.log(0.75 / Math.sqrt(Math.PI)) - 2.5 * Math.log(-eta),
    gradient: ([theta]) => Float64Array.of(-1.5 / theta),
    inverseGradient: ([mean]) => Float64Array.of(-1.5 / mean),
  }),
  failures: { scale: ({ scale }, random) => ({ scale: scale * (2 + random()) }) },
});
