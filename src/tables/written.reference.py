"""The entries of written.reference.json that NumPy wrote; those of polars, which written.reference.cjs makes, stay.

Run with NumPy 2: python3 src/tables/written.reference.py
"""

import base64
import io
import json
import pathlib

import numpy as np

FILE = pathlib.Path(__file__).with_suffix('.json')


def written(save, *args, **kwargs):
    out = io.BytesIO()
    save(out, *args, **kwargs)
    return base64.b64encode(out.getvalue()).decode()


table = np.array([[1, 2, 3], [4, 5, 6]], dtype='<f8')
numbers = np.array([[0.1, -2], [65504, 1e-7]])

entries = {
    'one.npz': written(np.savez, table=table, y=np.array([0, 1], dtype='<i8')),
    'packed.npz': written(
        np.savez_compressed,
        table=table,
        other=np.array([[7], [8]], dtype='<i2'),
        names=np.array(['a', 'b']),
    ),
    'half.npy': written(np.save, numbers.astype('<f2')),
    'single.npy': written(np.save, numbers.astype('<f4')),
    'double.npy': written(np.save, numbers),
    'labels.npy': written(np.save, np.array([3, -1, 0], dtype='<i4')),
    'big.npy': written(np.save, np.asfortranarray(np.array([[1.5, 2, 3], [4, 5, -6.25]], dtype='>f8'))),
}

all_entries = json.loads(FILE.read_text()) | entries
FILE.write_text(json.dumps(all_entries, indent=1) + '\n')
