"""Reads a recorded sequence, integrates every frame, prints the things found, the map round the last camera, and an
answer to a question in words.

    sequence.py FOLDER [UP]        UP is one of z (default), x, y, -x, -y, -z, auto

FOLDER holds the layout "raw", which needs no picture library:
    K.txt                 3 x 3 intrinsics, nine numbers
    poses.txt             a line a frame: world_from_camera, 4 x 4, sixteen numbers row by row
    images/00000.ppm      colour, 8-bit binary PPM (P6), maxval 255
    depth/00000.pgm       depth in millimetres along the optical axis, 0 for none: 16-bit binary PGM (P5), maxval above
                          255, most significant byte first; as many pixels as the picture
    detections.txt        a line a detection: frame label score x0 y0 x1 y1; the label without white space
Frames are numbered from 0 and FRAME_NS apart. examples/c/sequence.c does the same and prints the same.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import gnomon

FRAME_NS = 33_333_333
UPS = {
    "z": gnomon.Up.Z,
    "x": gnomon.Up.X,
    "y": gnomon.Up.Y,
    "-x": gnomon.Up.NEG_X,
    "-y": gnomon.Up.NEG_Y,
    "-z": gnomon.Up.NEG_Z,
    "auto": gnomon.Up.AUTO,
}


def read_picture(path: Path, kind: str) -> NDArray[Any]:
    """P6 with one byte a sample, or P5 with two; depth comes back in this machine's byte order."""
    content = path.read_bytes()
    blank = rb"(?:\s|#[^\n]*\n)+"
    header = re.match(kind.encode() + (blank + rb"(\d+)") * 3 + rb"\s", content)
    if not header:
        raise ValueError(f"{path}: is no {kind} picture")
    width, height, most = map(int, header.groups())
    if most != 255 if kind == "P6" else not 256 <= most <= 65535:
        raise ValueError(f"{path}: its maxval is not that of the layout")
    shape, dtype = ((height, width, 3), "u1") if kind == "P6" else ((height, width), ">u2")
    samples = np.frombuffer(content, dtype, count=int(np.prod(shape)), offset=header.end())
    return samples.reshape(shape).astype(samples.dtype.newbyteorder("="))


def read_numbers(path: Path, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """All numbers of a text file, in rows of a shape; at least one."""
    numbers = np.array(path.read_text().split(), dtype=np.float64)
    if not numbers.size or numbers.size % int(np.prod(shape)):
        raise ValueError(f"{path}: does not hold rows of {shape} numbers")
    return numbers.reshape(-1, *shape)


def read_detections(path: Path) -> dict[int, list[gnomon.Detection]]:
    """The detections of each frame."""
    found: dict[int, list[gnomon.Detection]] = {}
    for line in path.read_text().splitlines():
        number, label, score, *box = line.split()
        detection = gnomon.Detection(label, [float(side) for side in box], float(score))
        found.setdefault(int(number), []).append(detection)
    return found


def main() -> None:
    if not 2 <= len(sys.argv) <= 3:
        raise SystemExit("usage: sequence.py FOLDER [UP]")
    folder, word = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else "z"
    if word not in UPS:
        raise ValueError(f"{word}: is no up axis: x, y, z, -x, -y, -z or auto")
    (k,) = read_numbers(folder / "K.txt", (9,))
    poses = read_numbers(folder / "poses.txt", (4, 4))
    detections = read_detections(folder / "detections.txt")

    scene = gnomon.Scene(gnomon.SceneOptions(up=UPS[word]))
    for number, pose in enumerate(poses):
        colour = read_picture(folder / f"images/{number:05}.ppm", "P6")
        depth = read_picture(folder / f"depth/{number:05}.pgm", "P5")
        height, width, _ = colour.shape
        camera = gnomon.Intrinsics(width, height, fx=k[0], fy=k[4], cx=k[2], cy=k[5])
        frame = gnomon.Frame(number * FRAME_NS, depth, camera, pose, colour)
        report = scene.integrate(frame, detections.get(number, []))
        print(
            f"frame {number}: {report.detections} detections, {report.lifted} lifted, "
            f"{report.associated} known, {report.born} born"
        )

    snapshot = scene.publish()
    print(f"objects: {len(snapshot)}")
    for thing in snapshot:
        centre = " ".join(f"{side:.2f}" for side in thing.box.centre)
        size = " ".join(f"{side:.2f}" for side in thing.box.size)
        print(
            f"{thing.name} at {centre}, size {size}, yaw {thing.yaw_rad:.2f}, "
            f"existence {thing.existence:.2f}, seen {thing.observations}"
        )
    print(snapshot.cogmap(), end="")
    question = "How many chairs are there?"
    print(question, snapshot.ask(question))


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, gnomon.Error) as error:
        raise SystemExit(f"sequence.py: {error}") from None
