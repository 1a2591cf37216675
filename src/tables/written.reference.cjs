// The entries of written.reference.json that polars wrote; those of NumPy, which written.reference.py makes, stay. It needs polars 0.26:
// npm install --prefix polars nodejs-polars@0.26.0 nodejs-polars-linux-x64-gnu@0.26.0
// NODE_PATH=polars/node_modules node src/tables/written.reference.cjs

const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const pl = require('nodejs-polars');

const FILE = path.join(__dirname, 'written.reference.json');

const frame = pl.DataFrame({
  x: [1.5, -2, null, 4],
  n: pl.Series('n', [7, -3, 2 ** 40, 4], pl.Int64),
  ok: [true, false, true, true],
  t: ['u', 'v', 'u', 'v'],
  day: [0, 1, 2, 3].map((milliseconds) => new Date(milliseconds)),
});

const entries = JSON.parse(readFileSync(FILE, 'utf8'));
for (const compression of ['uncompressed', 'lz4', 'zstd'])
  entries[`${compression}.arrow`] = frame.writeIPC({ compression }).toString('base64');
entries['stream.arrow'] = frame.writeIPCStream({ compression: 'lz4' }).toString('base64');
for (const compression of ['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli'])
  entries[`${compression}.parquet`] = frame.writeParquet({ compression }).toString('base64');
writeFileSync(FILE, `${JSON.stringify(entries, undefined, 1)}\n`);
