import { writeFileSync } from 'node:fs';

// Loaded into a process that is measured (node --require): at its end it writes what it used of the machine, all threads together.

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const file = process.env.DFMR_USAGE;
  if (file)
    writeFileSync(
      file,
      JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMegabytes: maxRSS / 1024 }),
    );
});
