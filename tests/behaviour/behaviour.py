"""The job of README.md, through the package gnomon."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np
from numpy.typing import NDArray

import gnomon

WIDTH, HEIGHT = 160, 120


class Thing(NamedTuple):
    label: str
    left: int
    right: int
    top: int
    bottom: int
    depth_mm: int
    score: float


THINGS = (
    Thing("crate", 60, 100, 50, 90, 2000, 0.875),
    Thing("chest", 10, 40, 56, 100, 1500, 0.75),
    Thing("bin", 115, 150, 50, 85, 2400, 0.625),
)

floor_mm = [min(3000, 60000 // (v - 60)) if v > 60 else 3000 for v in range(HEIGHT)]
depth_mm = np.repeat(np.array(floor_mm, np.uint16)[:, None], WIDTH, axis=1)
for thing in THINGS:
    depth_mm[thing.top : thing.bottom, thing.left : thing.right] = thing.depth_mm


OUTSIDE = '{"t":2,"a":"crate#1","b":"chest#1","c":"bin#1","b_xy":[5.0,8.3],"c_xy":[3.8,10.1],"cell":0.30}\n'
PINHOLE = gnomon.Intrinsics(WIDTH, HEIGHT, fx=100, fy=100, cx=80, cy=60)
FISHEYE = gnomon.Intrinsics(WIDTH, HEIGHT, fx=100, fy=100, cx=80, cy=60, model=gnomon.Lens.EQUIDISTANT)


def integrate(
    scene: gnomon.Scene, number: int, camera: gnomon.Intrinsics = PINHOLE, nv12: Optional[NDArray[np.uint8]] = None
) -> gnomon.FrameReport:
    pose = np.array([[0, 0, 1, number / 1000], [-1, 0, 0, 0], [0, -1, 0, 0.6], [0, 0, 0, 1]])
    found = [
        gnomon.Detection(
            label=thing.label,
            bbox=(thing.left, thing.top, thing.right, thing.bottom),
            score=thing.score,
            mask=np.full((thing.bottom - thing.top, thing.right - thing.left), 255, np.uint8),
            mask_origin=(thing.left, thing.top),
        )
        for thing in THINGS
    ]
    stamp_ns = 1_000_000_000 + 100_000_000 * number
    return scene.integrate(gnomon.Frame(stamp_ns, depth_mm, camera, pose, nv12, gnomon.PixelFormat.NV12), found)


def print_things(snapshot: gnomon.Snapshot) -> None:
    print(f"things: {len(snapshot)}")
    for thing in snapshot:
        centre = " ".join(f"{number:.3f}" for number in thing.box.centre)
        size = " ".join(f"{number:.3f}" for number in thing.box.size)
        print(f"{thing.name} at {centre}, size {size}, existence {thing.existence:.3f}, seen {thing.observations}")


def print_read_back(chain: str) -> None:
    read = gnomon.Triplets(chain + OUTSIDE)
    rejected, in_all = read.rejected()
    print(f"read: {len(read.triplets())} triplets, {in_all} left out")
    for line in rejected:
        print(f"line {line.line}: {line.reason}")


def print_what_began(snapshot: gnomon.Snapshot) -> None:
    graph = gnomon.RelationGraph()
    print(f"began: {graph.update(snapshot).began}")
    for relation, began in graph.changes():
        if began and relation.kind == gnomon.RelationKind.NEAR:
            a, b = snapshot.object(relation.a), snapshot.object(relation.b)
            print(f"near: {a.name} and {b.name}, margin {relation.margin:.3f} m")


def print_through_fisheye() -> None:
    scene = gnomon.Scene()
    grey = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    for number in range(4):
        integrate(scene, number, FISHEYE, grey)
    print_things(scene.publish())


def print_what_went(saved: gnomon.Snapshot) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "behaviour.json.zst"
        saved.save(path)
        loaded = gnomon.Snapshot.load(path)
    print(loaded.diff(gnomon.Scene().snapshot()).words, end="")


def print_chosen() -> None:
    chosen = gnomon.select_voxels([[1, 2, 3], [3, 4, 5, 6], [1, 2, 7], [7]], 2)
    first, second = chosen.frames
    print(f"chosen: {first} {second}, {chosen.covered} of {chosen.seen} voxels")


def main() -> None:
    scene = gnomon.Scene()
    for number in range(8):
        report = integrate(scene, number)
        print(
            f"frame {number}: {report.detections} detections, {report.lifted} lifted, "
            f"{report.associated} known, {report.born} born"
        )
    snapshot = scene.publish()
    print_things(snapshot)
    print(snapshot.cogmap().text)
    chain = gnomon.Chain()
    update = chain.update(snapshot)
    print(f"chain: {update.lines} lines, {update.changed} changed")
    print(chain.text, end="")
    for question in ("How many crates are there?", "How far is the chest from the bin?", "How tall is the zebra?"):
        print(question, snapshot.ask(question).text)
    statements = "The chest is to the left of the crate. The bin is 3 m high. What a lovely day."
    for judgement in snapshot.check(statements):
        print(judgement.sentence)
    left = snapshot.relation(gnomon.RelationKind.LEFT, "chest#1", "crate#1")
    print(f"left: {int(left.holds)}, margin {left.margin:.3f} m")
    try:
        integrate(scene, 0)
    except gnomon.Error as error:
        print(f"{error.status_name}: {str(error).partition(': ')[2]}")
    print(f"frames: {scene.publish().info.frames}")
    print_read_back(chain.text)
    print_what_began(snapshot)
    print_through_fisheye()
    print_what_went(snapshot)
    print_chosen()


if __name__ == "__main__":
    main()
