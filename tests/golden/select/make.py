"""Records cases.json: frames picked by the published sampling rule, in NumPy and Python sets.

The rule: arXiv 2505.23747, section 3.3, with the numbers of its released code: threshold at the 50th percentile of the
confidences of all frames, voxel edge = shortest side of the box around the points that pass, by 20, in 32-bit floats,
then greedy coverage, ascending, strictly greater gain wins. Run by hand: python make.py; NumPy 2.4.6.
"""

import json
from pathlib import Path

import numpy as np


def pick(points, confidence, count):
    every = np.concatenate(confidence)
    least = np.percentile(every, 50)
    passing = [(c >= least) & (c > 0.1) for c in confidence]
    counted = np.concatenate([p[m] for p, m in zip(points, passing)])
    low, high = counted.min(0), counted.max(0)
    edge = np.float32((high - low).min() / np.float32(20))
    sets = []
    for p, m in zip(points, passing):
        cells = np.floor((p[m] - low) / edge).astype(np.int64)
        sets.append(set(map(tuple, cells.tolist())))
    covered, left, picks = set(), set(range(len(sets))), []
    for _ in range(count):
        best, gain = None, 0
        for frame in sorted(left):
            new = len(sets[frame] - covered)
            if new > gain:
                best, gain = frame, new
        if best is None:
            break
        picks.append(best)
        left.discard(best)
        covered |= sets[best]
    return float(edge), [len(s) for s in sets], picks


def main():
    rng = np.random.default_rng(20)
    cases = []
    for name, frames, pixels, count, size in [
        ("a room", 12, 60, 4, (5, 4, 2.5)),
        ("an odd number of points", 7, 33, 3, (3, 9, 2)),
        ("a corridor", 9, 50, 5, (20, 1.5, 2.5)),
        ("more wanted than there are", 4, 40, 6, (2, 2, 2)),
        ("the same frame again and again", 6, 30, 3, (4, 4, 2)),
        ("far from the origin", 8, 45, 4, (6, 5, 3)),
        ("one frame", 1, 25, 1, (1, 2, 3)),
    ]:
        size = np.array(size)
        points, confidence = [], []
        for frame in range(frames):
            centre = rng.random(3) * size
            p = np.clip(centre + rng.normal(size=(pixels, 3)) * size * 0.15, 0, size)
            points.append((p + (1000 if "far" in name else 0)).astype(np.float32))
            confidence.append((1 + np.exp(rng.normal(size=pixels))).astype(np.float32))
        if "again" in name:
            points, confidence = [points[0]] * frames, [confidence[0]] * frames
        edge, voxels, picks = pick(points, confidence, count)
        cases.append({
            "name": name,
            "count": count,
            "points": [[[round(float(x), 9) for x in q] for q in p] for p in points],
            "confidence": [[round(float(x), 9) for x in c] for c in confidence],
            "edge": edge,
            "voxels": voxels,
            "picks": picks,
        })
    text = json.dumps({"cases": cases}, separators=(",", ":"))
    Path(__file__).with_name("cases.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
