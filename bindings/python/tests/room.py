"""A small room to look at: a wall, one crate, and perhaps a chest to its left that is nearer and stands lower."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Callable

import numpy as np
from numpy.typing import NDArray

import gnomon
from gnomon._library import lib

WIDTH, HEIGHT = 160, 120
CAMERA = gnomon.Intrinsics(WIDTH, HEIGHT, 150, 150, WIDTH / 2, HEIGHT / 2)
CRATE = gnomon.Detection("crate", (60, 40, 100, 80), 0.9)
CHEST = gnomon.Detection("chest", (10, 60, 40, 100), 0.9)


def depth_mm() -> NDArray[np.uint16]:
    depth = np.full((HEIGHT, WIDTH), 3000, np.uint16)
    depth[40:80, 60:100] = 2000
    return depth


def level_camera(x: float = 0.0) -> NDArray[np.float64]:
    """At x, 1.2 m up, looking along the world's +x; Z is up."""
    return np.array([[0, 0, 1, x], [-1, 0, 0, 0], [0, -1, 0, 1.2], [0, 0, 0, 1]], dtype=np.float64)


def frame(number: int, depth: Any = None, **others: Any) -> gnomon.Frame:
    given: dict[str, Any] = {
        "stamp_ns": 1_000_000_000 + number * 100_000_000,
        "depth": depth_mm() if depth is None else depth,
        "intrinsics": CAMERA,
        "world_from_camera": level_camera(0.001 * number),
    }
    given.update(others)
    return gnomon.Frame(**given)


def room_scene(frames: int = 5) -> gnomon.Scene:
    """A scene that has seen the crate often enough to believe it, published."""
    scene = gnomon.Scene()
    for number in range(frames):
        scene.integrate(frame(number), [CRATE])
    scene.publish()
    return scene


def with_floor() -> gnomon.Snapshot:
    """A camera 1.2 m up looks 35 degrees down at the floor; a cube of 0.4 m stands on it 1.6 m ahead, a wall at 4 m."""
    pitch = np.radians(35)
    forward, right = np.array([np.cos(pitch), 0, -np.sin(pitch)]), np.array([0.0, -1, 0])
    rotation = np.stack([right, np.cross(forward, right), forward], axis=1)
    eye = np.array([0, 0, 1.2])
    camera = gnomon.Intrinsics(WIDTH, HEIGHT, 110, 110, 79.5, 59.5)
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    rays = np.stack([(u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy, np.ones(u.shape)], axis=-1) @ rotation.T
    low, high = np.array([1.4, -0.2, 0.0]), np.array([1.8, 0.2, 0.4])
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = np.where(rays[..., 2] < 0, -eye[2] / rays[..., 2], np.inf)
        wall = np.where(rays[..., 0] > 0, 4.0 / rays[..., 0], np.inf)
        near = np.minimum((low - eye) / rays, (high - eye) / rays).max(axis=-1)
        far = np.maximum((low - eye) / rays, (high - eye) / rays).min(axis=-1)
    cube = np.where((near < far) & (near > 0), near, np.inf)
    depth = np.minimum(np.minimum(floor, wall), cube).astype(np.float32)
    mask = cube <= np.minimum(floor, wall)
    rows, columns = np.nonzero(mask)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, eye
    found = gnomon.Detection("cube", [float(side) for side in box], 0.9, mask)
    with gnomon.Scene() as scene:
        for number in range(4):
            scene.integrate(frame(number, depth, intrinsics=camera, world_from_camera=pose), [found])
        return scene.publish()


def two_things() -> gnomon.Snapshot:
    depth = depth_mm()
    depth[60:100, 10:40] = 1500
    with gnomon.Scene() as scene:
        for number in range(4):
            scene.integrate(frame(number, depth), [CRATE, CHEST])
        return scene.publish()


@contextlib.contextmanager
def watched(name: str, look: Callable[..., None]) -> Iterator[None]:
    """Lets `look` see the arguments of every call of a C function."""
    function = getattr(lib, name)

    def call(*arguments: Any) -> Any:
        look(*arguments)
        return function(*arguments)

    setattr(lib, name, call)
    try:
        yield
    finally:
        setattr(lib, name, function)
