"""Records what Pillow, OpenCV and torch make of small pictures, and a few whole ways to a tensor in NumPy.

    python3 tests/golden/prepare/make.py

Pictures are not recorded but made anew on both sides: bytes of a linear congruential generator whose seed is in the
case; floats are those bytes over 255. Of 8-bit outputs a hash is kept, since they must be equal; of floats up to 48
values, evenly spread. OpenCV computes with its own code: `cv2.ipp.setUseIPP(False)`. The closed library that wheels for
x86 put in its place for INTER_CUBIC differs from it by up to 1 of 255; what that was is printed.
"""

import json
import pathlib

import cv2
import numpy as np
import PIL
import torch
from PIL import Image

KEPT = 48
SIZES = [  # from width, height, to width, height
    (37, 23, 17, 11), (19, 13, 29, 21), (97, 7, 41, 5), (41, 5, 97, 7), (64, 48, 28, 28), (53, 31, 54, 30),
    (1, 1, 5, 3), (1, 9, 4, 5), (9, 1, 5, 4), (11, 7, 1, 1), (11, 7, 1, 5), (11, 7, 5, 1), (1, 7, 1, 3), (2, 2, 3, 3),
    (13, 9, 13, 9), (13, 9, 13, 5), (13, 9, 7, 9), (13, 9, 7, 15), (13, 9, 20, 9),
    (22, 10, 11, 5), (21, 12, 7, 4), (24, 8, 6, 4), (200, 120, 13, 9), (301, 2, 9, 7),
    (20, 31, 30, 15), (40, 40, 29, 17), (40, 40, 29, 18), (9, 90, 8, 60),
]
LARGE = [(640, 480, 224, 224), (320, 240, 640, 480), (1920, 1080, 924, 518), (701, 399, 1003, 605)]

PILLOW = {"box": Image.BOX, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
OPENCV = {"linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC, "area": cv2.INTER_AREA}
TORCH = [(mode, aligned, aa) for mode in ("bilinear", "bicubic") for aligned in (False, True) for aa in (False, True)]


def noise(seed, count):
    state, out = seed, bytearray(count)
    for at in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out[at] = state >> 24
    return np.frombuffer(bytes(out), np.uint8)


def fnv(array):
    state = 0xCBF29CE484222325
    for byte in np.ascontiguousarray(array).tobytes():
        state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"


def kept(array):
    flat = np.ascontiguousarray(array, np.float32).reshape(-1)
    step = max(1, -(-flat.size // KEPT))
    return flat[::step].astype(">f4").tobytes().hex()


def of_torch(array, size, mode, aligned, aa):
    # Each plane as a picture of its own: three channels together trip an assertion of torch 2.15 on sides of one pixel.
    planes = torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))[:, None]
    out = torch.nn.functional.interpolate(
        planes, size=(size[1], size[0]), mode=mode, align_corners=aligned, antialias=aa
    )
    return out[:, 0].numpy().transpose(1, 2, 0)


def of_pillow(array, size, rule):
    if array.dtype == np.uint8:
        return np.asarray(Image.fromarray(array).resize(size, rule))
    planes = [Image.fromarray(array[:, :, c]).resize(size, rule) for c in range(array.shape[2])]
    return np.stack([np.asarray(plane) for plane in planes], 2)


def of_opencv(array, size, rule):
    out = cv2.resize(array, size, interpolation=rule)
    return out.reshape(size[1], size[0], -1)


def filters():
    for name, rule in PILLOW.items():
        yield f"pillow {name}", lambda a, s, rule=rule: of_pillow(a, s, rule)
    for name, rule in OPENCV.items():
        yield f"opencv {name}", lambda a, s, rule=rule: of_opencv(a, s, rule)
    for mode, aligned, aa in TORCH:
        name = f"torch {mode}{' aligned' if aligned else ''}{' antialias' if aa else ''}"
        yield name, lambda a, s, m=mode, c=aligned, aa=aa: of_torch(a, s, m, c, aa)


def resizes():
    cases = []
    for w, h, w2, h2 in SIZES + LARGE:
        seed = 1000 * w + h
        colours = noise(seed, 3 * w * h).reshape(h, w, 3)
        floats = colours[:, :, :2].astype(np.float32) / np.float32(255)
        for name, resize in filters():
            case = {"filter": name, "from": [w, h], "to": [w2, h2], "seed": seed}
            case["bytes"] = fnv(resize(colours, (w2, h2)))
            # Of a single column torch 2.15 makes the first row again and again here; that is not recorded.
            if "antialias" in name and w2 == 1:
                cases.append(case | {"floats": ""})
                continue
            case["floats"] = kept(resize(np.ascontiguousarray(floats), (w2, h2)).transpose(2, 0, 1))
            cases.append(case)
    return cases


def letterbox(picture, to, centre):
    """Ultralytics' rule, restated: the smaller ratio, sides rounded, padding halved, 114 around."""
    h, w = picture.shape[:2]
    ratio = min(to[1] / h, to[0] / w)
    sw, sh = round(w * ratio), round(h * ratio)
    left, top = (round((to[0] - sw) / 2 - 0.1), round((to[1] - sh) / 2 - 0.1)) if centre else (0, 0)
    out = np.full((to[1], to[0], 3), 114, np.uint8)
    out[top : top + sh, left : left + sw] = cv2.resize(picture, (sw, sh), interpolation=cv2.INTER_LINEAR)
    return out, [sw, sh], [left, top]


def planar(picture):
    return picture.transpose(2, 0, 1)


def tensors():
    mean, std = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
    cases = []

    def add(rule, size, network, tensor, scaled, offset):
        seed = 1000 * size[0] + size[1]
        case = {"rule": rule, "from": list(size), "network": list(network), "seed": seed}
        case |= {"scaled": list(map(int, scaled)), "offset": list(map(int, offset)), "floats": kept(tensor)}
        cases.append(case)

    for size in [(64, 48), (37, 91), (101, 33), (31, 31), (7, 90), (200, 3), (1, 1), (400, 300)]:
        picture = noise(1000 * size[0] + size[1], 3 * size[0] * size[1]).reshape(size[1], size[0], 3)
        for rule, centre in (("letterbox centre", True), ("letterbox corner", False)):
            out, scaled, offset = letterbox(picture, (64, 48), centre)
            tensor = planar(out[:, :, ::-1]).astype(np.float32) / 255  # blue, green, red
            add(rule, size, (64, 48), tensor, scaled, offset)
        # Depth-Anything-V2's way: floats first, OpenCV's cubic, ImageNet's mean and deviation.
        network = (70, 42)
        out = cv2.resize(picture / 255.0, network, interpolation=cv2.INTER_CUBIC)
        out = planar(((out - mean) / std).reshape(42, 70, 3))
        add("stretch cubic floats", size, network, out, network, (0, 0))
        # CLIP's way: Pillow's bicubic to the shorter side, the middle cut out.
        short, long = min(size), max(size)
        other = 28 * long // short
        if other > 4096:
            continue
        scaled = (28, other) if size[0] <= size[1] else (other, 28)
        left, top = (scaled[0] - 28) // 2, (scaled[1] - 28) // 2
        out = np.asarray(Image.fromarray(picture).resize(scaled, Image.BICUBIC))[top : top + 28, left : left + 28]
        out = planar((out.astype(np.float32) / 255 - mean) / std)
        add("crop bicubic", size, (28, 28), out, scaled, (-left, -top))
    return cases


def main():
    torch.set_num_threads(1)
    big = noise(1, 3 * 640 * 480).reshape(480, 640, 3)
    with_ipp = cv2.resize(big, (301, 203), interpolation=cv2.INTER_CUBIC).astype(int)
    cv2.ipp.setUseIPP(False)
    without = cv2.resize(big, (301, 203), interpolation=cv2.INTER_CUBIC).astype(int)
    print("INTER_CUBIC with and without the closed library differ by", np.abs(with_ipp - without).max())
    versions = {"pillow": PIL.__version__, "opencv": cv2.__version__, "torch": torch.__version__, "numpy": np.__version__}
    here = pathlib.Path(__file__).parent
    for name, cases in (("resizes", resizes()), ("tensors", tensors())):
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        text = f'{{"versions":{json.dumps(versions)},"recorded":[\n{lines}\n]}}\n'
        (here / f"{name}.json").write_text(text)
        print(name, len(cases), "cases,", len(text), "bytes")


if __name__ == "__main__":
    main()
