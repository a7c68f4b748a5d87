#!/usr/bin/env python3
"""Records what OpenCV makes of pictures, lenses and depth, for tests/opencv.rs to compare with.

Run by hand, from anywhere, with NumPy and OpenCV 4 (`pip install numpy "opencv-python-headless<5"`); it reads nothing and
writes tests/golden/opencv/{colours,lenses,registered}.json beside this folder. Everything is seeded: a second run with the
same OpenCV writes the same bytes.
"""

import json
import pathlib

import cv2
import numpy as np

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "opencv"
TIGHT = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 500, 1e-15)

# name, model, coefficients in the order of ROS, widest angle from the axis that is asked for (degrees)
LENSES = [
    ("pinhole", "plumb_bob", [0, 0, 0, 0, 0], 60),
    ("webcam", "plumb_bob", [0.0412, -0.1256, 0.00132, -0.00208, 0.0621], 38),
    ("barrel", "plumb_bob", [-0.2841, 0.0739, 0.00019, 0.0000176, 0], 45),
    ("radial", "plumb_bob", [-0.17, 0.03, 0, 0, -0.002], 45),
    ("time of flight", "rational_polynomial", [1.417, 0.532, -0.000114, 0.0000287, 0.0206, 1.751, 0.891, 0.1317], 60),
    ("wide", "rational_polynomial", [0.42, -2.61, 0.0005, -0.0003, 1.52, 0.301, -2.42, 1.445], 35),
    ("plain fisheye", "equidistant", [0, 0, 0, 0], 85),
    ("fisheye", "equidistant", [-0.0074, 0.0432, -0.0401, 0.00715], 80),
    ("odd fisheye", "equidistant", [0.021, -0.008, 0.0021, -0.0004], 85),
]


# ---------------------------------------------------------------------------------------------------------- colours


def padded(rows, stride, rng):
    """Rows of bytes at a stride, the last one ending with its pixels; what lies between is noise."""
    out = rng.integers(0, 256, stride * len(rows), dtype=np.uint8)
    for at, row in enumerate(rows):
        out[at * stride : at * stride + len(row)] = row
    return out[: stride * (len(rows) - 1) + len(rows[-1])]


def high_bytes(grey16):
    """A 16-bit picture read as one of 8 bits, as OpenCV reads PNG."""
    done, png = cv2.imencode(".png", grey16)
    assert done
    return cv2.cvtColor(cv2.imdecode(png, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def corners_of_yuv():
    """Every pairing of numbers where rounding and cutting off happen, as a picture of (Y, U, V) for pairs of pixels."""
    y, c = [0, 15, 16, 17, 127, 235, 236, 255], [0, 1, 16, 127, 128, 129, 240, 255]
    return np.array([[a, u, 255 - a, v] for a in y for u in c for v in c], dtype=np.uint8)


def picture(name, width, height, rng, corners=False):
    pixels = lambda channels: rng.integers(0, 256, (height, width, channels), dtype=np.uint8)
    if name in ("yuyv", "uyvy"):
        packed = pixels(2)
        if corners:
            packed = corners_of_yuv().reshape(height, width, 2)
        if name == "uyvy":
            packed = packed[:, :, ::-1].copy()
        code = {"yuyv": cv2.COLOR_YUV2RGB_YUYV, "uyvy": cv2.COLOR_YUV2RGB_UYVY}[name]
        return packed.reshape(height, -1), cv2.cvtColor(packed, code)
    if name == "nv12":
        planes = rng.integers(0, 256, (height * 3 // 2, width), dtype=np.uint8)
        return planes, cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_NV12)
    if name == "mono16":
        grey = rng.integers(0, 65536, (height, width), dtype=np.uint16)
        return grey.astype("<u2").view(np.uint8).reshape(height, -1), high_bytes(grey)
    channels = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "mono8": 1}[name]
    image = pixels(channels)
    code = {
        "rgb8": None,
        "bgr8": cv2.COLOR_BGR2RGB,
        "rgba8": cv2.COLOR_RGBA2RGB,
        "bgra8": cv2.COLOR_BGRA2RGB,
        "mono8": cv2.COLOR_GRAY2RGB,
    }[name]
    return image.reshape(height, -1), image if code is None else cv2.cvtColor(image, code)


def colours():
    rng = np.random.default_rng(11)
    cases = []
    even, odd = [(2, 2, 0), (6, 4, 5), (70, 6, 2)], [(1, 1, 0), (7, 5, 3), (33, 4, 1)]
    sizes = {name: odd for name in ("rgb8", "bgr8", "rgba8", "bgra8", "mono8", "mono16")}
    sizes |= {"yuyv": even + [(4, 3, 1)], "uyvy": even + [(4, 3, 1)], "nv12": even}
    for name, shapes in sizes.items():
        for width, height, more in shapes:
            rows, rgb = picture(name, width, height, rng)
            cases.append((name, width, height, more, rows, rgb))
    for name in ("yuyv", "uyvy"):
        rows, rgb = picture(name, 64, 16, rng, corners=True)
        cases.append((name, 64, 16, 0, rows, rgb))
    return [
        {
            "format": name,
            "width": width,
            "height": height,
            "stride": len(rows[0]) + more,
            "bytes": padded(rows, len(rows[0]) + more, rng).tobytes().hex(),
            "rgb": rgb.tobytes().hex(),
        }
        for name, width, height, more, rows, rgb in cases
    ]


# ----------------------------------------------------------------------------------------------------------- lenses


def project(model, k, matrix, points):
    """Pixels of points (N x 3, metres, camera coordinates), by OpenCV."""
    points = np.asarray(points, dtype=np.float64).reshape(-1, 1, 3)
    k = np.array(k, dtype=np.float64)
    if model == "equidistant":
        return cv2.fisheye.projectPoints(points, np.zeros(3), np.zeros(3), matrix, k)[0].reshape(-1, 2)
    return cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix, k)[0].reshape(-1, 2)


def undistort(model, k, matrix, pixels):
    """(x/z, y/z) of pixels (N x 2), by OpenCV."""
    pixels = np.asarray(pixels, dtype=np.float64).reshape(-1, 1, 2)
    k = np.array(k, dtype=np.float64)
    if model == "equidistant":
        return cv2.fisheye.undistortPoints(pixels, matrix, k, criteria=TIGHT).reshape(-1, 2)
    return cv2.undistortPointsIter(pixels, matrix, k, None, None, TIGHT).reshape(-1, 2)


def matrix_of(fx, fy, cx, cy):
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=np.float64)


def lenses():
    rng = np.random.default_rng(12)
    cases = []
    for name, model, k, widest in LENSES:
        camera = [310.5, 305.25, 318.75, 241.5]
        angle, about = np.radians(widest) * np.sqrt(rng.uniform(0, 1, 24)), rng.uniform(0, 2 * np.pi, 24)
        angle[0] = 0
        z = rng.uniform(0.2, 8, 24)
        points = np.stack([np.tan(angle) * np.cos(about) * z, np.tan(angle) * np.sin(about) * z, z], axis=1)
        pixels = project(model, k, matrix_of(*camera), points)
        directions = undistort(model, k, matrix_of(*camera), pixels)
        off = np.abs(directions - points[:, :2] / points[:, 2:]).max()
        assert off < 1e-7, f"{name}: OpenCV comes back {off} off"
        cases.append(
            {
                "name": name,
                "model": model,
                "coefficients": k,
                "camera": camera,
                "points": points.tolist(),
                "pixels": pixels.tolist(),
                "directions": directions.tolist(),
            }
        )
    return cases


# ------------------------------------------------------------------------------------------------------- registered


def reach(model, k):
    """The direction x/z up to which a point farther out is seen farther out, by trying."""
    r = np.tan(np.radians(np.linspace(0.01, 89.5, 20000)))
    seen = project(model, [0 if at in (2, 3) and model != "equidistant" else c for at, c in enumerate(k)],
                   np.eye(3), np.stack([r, 0 * r, 0 * r + 1], axis=1))[:, 0]
    turns = np.nonzero(np.diff(seen) <= 0)[0]
    return r[turns[0]] if len(turns) else np.inf


def registered():
    """Depth of one camera in the pixels of another, for every pair of models: 0 where nothing fell."""
    rng = np.random.default_rng(13)
    of_model = {"plumb_bob": LENSES[1], "rational_polynomial": LENSES[4], "equidistant": LENSES[7]}
    depth_size, colour_size = (36, 27), (24, 18)
    depth_camera, colour_camera = [21.3, 21.7, 17.4, 13.2], [14.6, 14.1, 11.8, 8.3]
    rotation, shift = cv2.Rodrigues(np.array([0.02, -0.06, 0.03]))[0], np.array([0.051, -0.012, 0.017])
    counts = rng.integers(700, 2500, depth_size[::-1]).astype(np.uint16)
    counts[rng.uniform(size=counts.shape) < 0.1] = 0
    u, v = np.meshgrid(np.arange(depth_size[0]), np.arange(depth_size[1]))
    pixels = np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float64)
    names = list(of_model)
    carried = {}
    for ours in names:
        rays = undistort(ours, of_model[ours][2], matrix_of(*depth_camera), pixels)
        back = project(ours, of_model[ours][2], matrix_of(*depth_camera), np.c_[rays, np.ones(len(rays))])
        assert np.abs(back - pixels).max() < 1e-6, ours
        points = np.c_[rays, np.ones(len(rays))] * (counts.ravel()[:, None] / 1000.0) @ rotation.T + shift
        for theirs in names:
            lens = of_model[theirs]
            at = project(theirs, lens[2], matrix_of(*colour_camera), points)
            r = np.hypot(points[:, 0], points[:, 1]) / points[:, 2]
            limit = reach(theirs, lens[2])
            carried[ours, theirs] = points[:, 2], at, r < limit
            # What lands on a border of pixels, or at the limit, is taken out of the depth image for all pairs.
            near = (np.abs(at - np.floor(at) - 0.5) < 1e-3).any(axis=1) | (np.abs(r / limit - 1) < 1e-3)
            counts.ravel()[near] = 0
    maps = []
    for (ours, theirs), (z, at, seen) in carried.items():
        grid = np.zeros(colour_size[::-1])
        for i in np.nonzero(seen & (counts.ravel() > 0))[0]:
            column, row = np.floor(at[i] + 0.5).astype(int)
            if 0 <= column < colour_size[0] and 0 <= row < colour_size[1]:
                if grid[row, column] == 0 or z[i] < grid[row, column]:
                    grid[row, column] = z[i]
        assert (grid > 0).sum() > 200, (ours, theirs)
        maps.append({"depth_model": ours, "colour_model": theirs, "z": np.round(grid, 7).ravel().tolist()})
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, shift
    return {
        "depth_size": depth_size,
        "colour_size": colour_size,
        "depth_camera": depth_camera,
        "colour_camera": colour_camera,
        "colour_from_depth": pose.ravel().tolist(),
        "lenses": {name: of_model[name][2] for name in names},
        "millimetres": counts.ravel().tolist(),
        "maps": maps,
    }


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, recorded in [("colours", colours()), ("lenses", lenses()), ("registered", registered())]:
        text = json.dumps({"opencv": cv2.__version__, "recorded": recorded}, separators=(",", ":"))
        (OUT / f"{name}.json").write_text(text + "\n")
        print(f"{name}.json: {len(text)} bytes")


if __name__ == "__main__":
    main()
