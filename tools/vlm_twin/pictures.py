"""Seeded pictures: smooth colour fields, a few hard edges and a little noise, in odd sizes, as small PNG files."""

import numpy as np
from PIL import Image

# name: height, width in pixels. Odd on purpose: nothing divides them.
SIZES = {
    "odd": (123, 181),
    "tall": (211, 67),
    "wide": (61, 152),
    "frame_0": (123, 181),
    "frame_1": (123, 181),
    "clip_0": (55, 85),
    "clip_1": (55, 85),
    "clip_2": (55, 85),
    "clip_3": (55, 85),
}
WAVES = 5
NOISE = 6  # grey levels


def paint(height, width, rng):
    """A picture [height, width, 3] of u8: waves of low frequency, one bright box, noise."""
    v, u = np.mgrid[0:height, 0:width]
    out = np.zeros((height, width, 3))
    for channel in range(3):
        for _ in range(WAVES):
            fu, fv = rng.uniform(-3, 3, 2)
            out[..., channel] += np.sin(2 * np.pi * (fu * u / width + fv * v / height) + rng.uniform(0, 6.28)) * rng.uniform(
                10, 40
            )
    top, left = rng.integers(0, height // 2), rng.integers(0, width // 2)
    out[top : top + height // 4, left : left + width // 4] += rng.uniform(-90, 90, 3)
    out += 128 + rng.integers(-NOISE, NOISE + 1, out.shape)
    return np.clip(np.round(out), 0, 255).astype(np.uint8)


def write(folder):
    """Writes what is not there yet; the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    for at, (name, (height, width)) in enumerate(SIZES.items()):
        path = folder / f"{name}.png"
        if not path.exists():
            Image.fromarray(paint(height, width, np.random.default_rng(100 + at))).save(path, optimize=True)


def array(folder, name):
    return np.asarray(read(folder, name))


def read(folder, name):
    return Image.open(folder / f"{name}.png").convert("RGB")
