"""The image processors once more, in plain NumPy: what a reader of these folders has to do, step by step.

`check` holds them against transformers (torchvision on u8): resized pictures must be equal bit for bit, normalised ones within
1e-6. Pictures are u8 [height, width, 3].
"""

import math

import numpy as np

BICUBIC, LANCZOS = 3, 1  # `resample` in preprocessor_config.json
MOST_BITS = 22


def bicubic(x, a=-0.5):
    x = abs(x)
    if x < 1:
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * a if x < 2 else 0.0


def lanczos(x):
    return float(np.sinc(x) * np.sinc(x / 3)) if abs(x) < 3 else 0.0


FILTERS = {BICUBIC: (bicubic, 2.0), LANCZOS: (lanczos, 3.0)}


def weights(old, new, resample):
    """Per new pixel: first old pixel, integer weights; and their bits. The filter is stretched when shrinking."""
    curve, support = FILTERS[resample]
    scale = old / new
    stretch = max(scale, 1.0)
    taps = []
    for at in range(new):
        centre = (at + 0.5) * scale
        first = max(0, int(centre - support * stretch + 0.5))
        last = min(old, int(centre + support * stretch + 0.5))
        found = np.array([curve((old_at - centre + 0.5) / stretch) for old_at in range(first, last)])
        taps.append((first, found / found.sum()))
    greatest, bits = max(found.max() for _, found in taps), 0
    while bits < MOST_BITS and int(0.5 + greatest * (1 << (bits + 1))) < 1 << 15:
        bits += 1

    def away_from_zero(values):
        return np.trunc(values * (1 << bits) + np.copysign(0.5, values)).astype(np.int64)

    return [(first, away_from_zero(found)) for first, found in taps], bits


def resize_columns(picture, new, resample):
    if new == picture.shape[1]:
        return picture
    taps, bits = weights(picture.shape[1], new, resample)
    out = np.empty((picture.shape[0], new, picture.shape[2]), np.uint8)
    for at, (first, found) in enumerate(taps):
        sums = (picture[:, first : first + len(found)].astype(np.int64) * found[None, :, None]).sum(axis=1)
        out[:, at] = np.clip((sums + (1 << (bits - 1))) >> bits, 0, 255)
    return out


def resize(picture, height, width, resample):
    """Horizontally first, then vertically, u8 in between."""
    wide = resize_columns(picture, width, resample)
    return resize_columns(wide.transpose(1, 0, 2), height, resample).transpose(1, 0, 2)


def normalise(picture, mean, std):
    """[3, height, width] in f32."""
    mean, std = (np.array(values, np.float32) * np.float32(255) for values in (mean, std))
    return ((picture.astype(np.float32) - mean) / std).transpose(2, 0, 1)


def qwen_size(height, width, factor, least, most):
    """Multiples of `factor`, halves rounded to even; then the area between `least` and `most`."""
    new_height, new_width = round(height / factor) * factor, round(width / factor) * factor
    if new_height * new_width > most:
        shrink = math.sqrt(height * width / most)
        new_height = max(factor, math.floor(height / shrink / factor) * factor)
        new_width = max(factor, math.floor(width / shrink / factor) * factor)
    elif new_height * new_width < least:
        grow = math.sqrt(least / (height * width))
        new_height, new_width = math.ceil(height * grow / factor) * factor, math.ceil(width * grow / factor) * factor
    return new_height, new_width


def qwen(frames, known):
    """Patches [t * h * w, channels * frames * side * side] and the grid (t, h, w). A frame left without a pair is its own."""
    side, merge, together = known["patch_size"], known["merge_size"], known["temporal_patch_size"]
    least = known.get("min_pixels") or known["size"]["shortest_edge"]
    most = known.get("max_pixels") or known["size"]["longest_edge"]
    height, width = qwen_size(*frames[0].shape[:2], side * merge, least, most)
    small = [
        normalise(resize(frame, height, width, known["resample"]), known["image_mean"], known["image_std"]) for frame in frames
    ]
    small += [small[-1]] * (-len(small) % together)
    t, h, w = len(small) // together, height // side, width // side
    cut = np.stack(small).reshape(t, together, 3, h // merge, merge, side, w // merge, merge, side)
    return cut.transpose(0, 3, 6, 4, 7, 2, 1, 5, 8).reshape(t * h * w, -1), (t, h, w)


def llava(picture, known):
    """[3, side, side]: short side to size, long side truncated, crop in the middle with the odd pixel left over at the end."""
    height, width = picture.shape[:2]
    short = known["size"]["shortest_edge"]
    if width <= height:
        new_height, new_width = int(short * height / width), short
    else:
        new_height, new_width = short, int(short * width / height)
    small = resize(picture, new_height, new_width, known["resample"])
    top, left = (new_height - known["crop_size"]["height"]) // 2, (new_width - known["crop_size"]["width"]) // 2
    small = small[top : top + known["crop_size"]["height"], left : left + known["crop_size"]["width"]]
    return normalise(small, known["image_mean"], known["image_std"])


def smolvlm(picture, known, split):
    """Tiles [n, 3, side, side], row by row, then the whole; rows and columns, 0 and 0 where nothing was cut."""
    side, longest, kind = known["max_image_size"]["longest_edge"], known["size"]["longest_edge"], known["resample"]
    picture = resize(picture, *smolvlm_size(*picture.shape[:2], longest), kind)
    tiles, rows, columns = [], 0, 0
    if split:
        picture = resize(picture, *whole_tiles(*picture.shape[:2], side), kind)
        rows, columns = picture.shape[0] // side, picture.shape[1] // side
        if rows * columns == 1:
            rows = columns = 0
        tiles = [picture[r * side : (r + 1) * side, c * side : (c + 1) * side] for r in range(rows) for c in range(columns)]
    tiles.append(resize(picture, side, side, kind))
    return np.stack([normalise(tile, known["image_mean"], known["image_std"]) for tile in tiles]), [rows, columns]


def smolvlm_size(height, width, longest):
    """The long side to `longest`, the short one truncated, made even; never above 4096."""
    aspect = width / height
    if width >= height:
        height, width = int(longest / aspect), longest
        height += height % 2
    else:
        height, width = longest, int(longest * aspect)
        width += width % 2
    if max(height, width) > 4096:
        aspect = width / height
        height, width = (int(4096 / aspect), 4096) if width >= height else (4096, int(4096 * aspect))
    return max(height, 1), max(width, 1)


def whole_tiles(height, width, side):
    """The long side up to a multiple of `side`, the short one after it by the aspect, truncated, then up as well."""

    def up(length):
        return math.ceil(length / side) * side

    aspect = width / height
    if width >= height:
        width = up(width)
        return up(int(width / aspect)), width
    height = up(height)
    return height, up(int(height * aspect))


def check(found, expected):
    assert found.shape == expected.shape, (found.shape, expected.shape)
    assert np.abs(found - expected).max() <= 1e-6, np.abs(found - expected).max()
