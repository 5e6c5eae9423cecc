"""Packs the 1797 handwritten digits into crates/ebm-data/src/standin/digits.bin.

    python3 datasets/digits/make.py PATH/digits.csv.gz

The table is the file sklearn/datasets/data/digits.csv.gz of the Python package scikit-learn: 64 brightnesses 0..16 and
the class in every line. A digit becomes 41 bytes: each of its 8 rows is a little-endian number of 5 bytes with
brightness k in the bits 5k..5k+5, and then comes the class.
"""

import gzip
import hashlib
import pathlib
import sys

TABLE_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
PACKED = pathlib.Path(__file__).resolve().parents[2] / "crates/ebm-data/src/standin/digits.bin"

table = pathlib.Path(sys.argv[1]).read_bytes()
found = hashlib.sha256(table).hexdigest()
if found != TABLE_SHA256:
    sys.exit(f"{sys.argv[1]} has the SHA-256 {found}, not {TABLE_SHA256}")

packed = bytearray()
for line in gzip.decompress(table).decode("ascii").splitlines():
    *brightness, digit = map(int, line.split(","))
    assert len(brightness) == 64 and all(0 <= value <= 16 for value in brightness) and 0 <= digit <= 9
    for row in range(8):
        bits = sum(value << 5 * k for k, value in enumerate(brightness[8 * row : 8 * row + 8]))
        packed += bits.to_bytes(5, "little")
    packed.append(digit)
assert len(packed) == 1797 * 41

PACKED.write_bytes(packed)
print(len(packed), "bytes, SHA-256", hashlib.sha256(packed).hexdigest())
