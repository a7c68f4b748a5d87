"""The job of README.md, through the package gnomon."""

from __future__ import annotations

import statistics
import time

import numpy as np

import gnomon

WIDTH, HEIGHT, THINGS = 640, 480, 20
SCENES, FRAMES, LEFT_OUT = 2, 60, 10

CORNERS = [(16 + 128 * (k % 5), 20 + 120 * (k // 5)) for k in range(THINGS)]
CAMERA = gnomon.Intrinsics(WIDTH, HEIGHT, fx=500, fy=500, cx=319.5, cy=239.5)

depth_mm = np.full((HEIGHT, WIDTH), 4000, np.uint16)
for k, (left, top) in enumerate(CORNERS):
    depth_mm[top : top + 80, left : left + 96] = 1500 + 100 * k
mask = np.full((80, 96), 255, np.uint8)


def take(scene: gnomon.Scene, n: int) -> None:
    found = [
        gnomon.Detection("thing", (left, top, left + 96, top + 80), 0.9, mask, (left, top)) for left, top in CORNERS
    ]
    pose = [[0, 0, 1, n / 1000], [-1, 0, 0, 0], [0, -1, 0, 1], [0, 0, 0, 1]]
    scene.integrate(gnomon.Frame(1_000_000_000 + n * 33_333_333, depth_mm, CAMERA, pose), found)


def main() -> None:
    times_ns, outside_ns = [], []
    for _ in range(SCENES):
        with gnomon.Scene() as scene:
            for n in range(FRAMES):
                begin = time.perf_counter_ns()
                take(scene, n)
                took_ns = time.perf_counter_ns() - begin
                if n >= LEFT_OUT:
                    times_ns.append(took_ns)
                    # Less what the library itself says that the frame took it.
                    outside_ns.append(took_ns - 1e9 * sum(scene.stage_times.values()))
    print(round(statistics.median(times_ns)), round(statistics.median(outside_ns)))


if __name__ == "__main__":
    main()
