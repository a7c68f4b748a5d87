"""The job of README.md, through the package gnomon."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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


def integrate(scene: gnomon.Scene, number: int) -> gnomon.FrameReport:
    camera = gnomon.Intrinsics(WIDTH, HEIGHT, fx=100, fy=100, cx=80, cy=60)
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
    return scene.integrate(gnomon.Frame(1_000_000_000 + 100_000_000 * number, depth_mm, camera, pose), found)


def main() -> None:
    scene = gnomon.Scene()
    for number in range(8):
        report = integrate(scene, number)
        print(
            f"frame {number}: {report.detections} detections, {report.lifted} lifted, "
            f"{report.associated} known, {report.born} born"
        )
    snapshot = scene.publish()
    print(f"things: {len(snapshot)}")
    for thing in snapshot:
        centre = " ".join(f"{number:.3f}" for number in thing.box.centre)
        size = " ".join(f"{number:.3f}" for number in thing.box.size)
        print(f"{thing.name} at {centre}, size {size}, existence {thing.existence:.3f}, seen {thing.observations}")
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


if __name__ == "__main__":
    main()
