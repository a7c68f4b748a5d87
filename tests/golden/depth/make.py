"""Records what the published rules of each depth family make of small pictures.

    python tests/golden/depth/make.py

Needs numpy, torch, opencv-python-headless, pillow and transformers; the versions are written into the recording. Nothing
of gnomon is used: each family's preparation and reading is stated here anew, with the libraries that the releases use, or
taken from transformers where that is the reference. The networks are a few layers with seeded weights, stated in torch
here and in ONNX by tests/depth.rs; only what stands before and behind them is compared.
"""

import json
import math
from pathlib import Path

import cv2
import numpy as np
import PIL
import torch
import torch.nn.functional as F
import transformers
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406])
STD = np.array([0.229, 0.224, 0.225])
SIZES = [(37, 23), (19, 31), (45, 11)]


def picture(width, height, seed):
    """Slopes that wrap, so that there are edges: integers alone, the same in every language."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    value = x * x * 3 + y * y * 5 + x * y * (7 * c + seed) + 40 * c * x + 1000 * seed
    return ((value // 16) % 256).astype(np.uint8)


def seeded(seed, count):
    """Numbers in [-1, 1) from a linear congruential generator of 32 bits."""
    numbers, state = [], seed
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        numbers.append((state >> 8) / 2**23 - 1)
    return np.array(numbers, np.float32)


def layer(x, seed, bias, out=1):
    """A 1 x 1 convolution of [n, 3, h, w]."""
    weight = torch.from_numpy(0.3 * seeded(seed, 3 * out)).reshape(out, 3, 1, 1)
    return F.conv2d(x, weight, torch.full((out,), bias, dtype=torch.float32))


def means(x):
    """[n, 3, h, w] to [n, 3]."""
    return x.mean(dim=(2, 3))


def normalised(rgb01):
    return torch.from_numpy(np.ascontiguousarray(((rgb01 - MEAN) / STD).transpose(2, 0, 1)).astype(np.float32))[None]


def bilinear(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=False)


def multiple(value, least=None):
    """The nearest multiple of 14, ties to even."""
    side = int(np.round(value / 14) * 14)
    return int(math.ceil(value / 14) * 14) if least is not None and side < least else side


# Depth Anything V2: its own repository.


def dav2_input(rgb, fixed=None):
    h, w = rgb.shape[:2]
    scale = max(518 / h, 518 / w)
    size = fixed or (multiple(scale * w, 518), multiple(scale * h, 518))
    return normalised(cv2.resize(rgb / 255.0, size, interpolation=cv2.INTER_CUBIC))


def dav2_net(x):
    return F.relu(layer(x, 1, 0.4))


def dav2_metric_net(x):
    return torch.sigmoid(layer(x, 2, -0.5)) * 20


def dav2(rgb, net, fixed=None):
    x = dav2_input(rgb, fixed)
    return x, F.interpolate(net(x), rgb.shape[:2], mode="bilinear", align_corners=True)[0, 0]


# The same by the image processor of transformers, the one on Pillow.

PROCESSOR = {
    "do_normalize": True,
    "do_pad": False,
    "do_rescale": True,
    "do_resize": True,
    "ensure_multiple_of": 14,
    "image_mean": [0.485, 0.456, 0.406],
    "image_processor_type": "DPTImageProcessor",
    "image_std": [0.229, 0.224, 0.225],
    "keep_aspect_ratio": True,
    "resample": 3,
    "rescale_factor": 0.00392156862745098,
    "size": {"height": 518, "width": 518},
    "size_divisor": None,
}


def dav2_hf(rgb):
    from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil
    from transformers.modeling_outputs import DepthEstimatorOutput

    processor = DPTImageProcessorPil(**PROCESSOR)
    x = processor(Image.fromarray(rgb), return_tensors="pt")["pixel_values"]
    outputs = DepthEstimatorOutput(predicted_depth=dav2_net(x)[:, 0])
    depth = processor.post_process_depth_estimation(outputs, target_sizes=[rgb.shape[:2]])[0]["predicted_depth"]
    return x, depth


# Depth Pro.


def depth_pro(rgb, focal=None, told_as_focal=False):
    h, w = rgb.shape[:2]
    x = torch.from_numpy(rgb.transpose(2, 0, 1).astype(np.float32) / 255)[None]
    x = bilinear((x - 0.5) / 0.5, (1536, 1536))
    canonical = F.relu(layer(x, 3, 0.15))
    fov = 55 + 5 * x.mean(dim=(1, 2, 3))
    own = 0.5 * w / torch.tan(0.5 * torch.deg2rad(fov))
    inverse = canonical * (w / (own if focal is None else focal))
    depth = 1 / torch.clamp(bilinear(inverse, (h, w)), 1e-4, 1e4)
    return x, depth[0, 0], float(own)


# UniDepth V2. Its pixels begin at their edge: the camera that comes out is half a pixel off ours.


def unidepth_lay(w, h, fixed=None):
    ratio = w / h
    low, high = (fixed[0] / fixed[1],) * 2 if fixed else (0.5, 2.5)
    target = min(high, max(low, ratio))
    if ratio > target:
        wide, tall = w, int(w / target)
    else:
        wide, tall = max(w, int(h * target)), h
    left, top = (wide - w) // 2, (tall - h) // 2
    if fixed:
        return left, top, wide, tall, (fixed[0] / wide, fixed[1] / tall), fixed
    factor = (min(6e5, max(2e5, wide * tall)) / (wide * tall)) ** 0.5
    side = lambda s: math.ceil(int(s * factor) / 14) * 14
    return left, top, wide, tall, (factor, factor), (side(wide), side(tall))


def unidepth(rgb, camera=None, fixed=None):
    h, w = rgb.shape[:2]
    left, top, wide, tall, (sx, sy), (nw, nh) = unidepth_lay(w, h, fixed)
    x = normalised(rgb.astype(np.float64) / 255)
    x = F.pad(x, (left, wide - w - left, top, tall - h - top), value=0.0)
    x = bilinear(x, (nh, nw))
    if camera is None:
        points = layer(x, 4, 2.0, 3)
    else:
        fx, fy, cx, cy = camera  # pixel centres at integers
        u, v = np.meshgrid(np.arange(nw) + 0.5, np.arange(nh) + 0.5)
        rays = np.stack(
            [(u - (cx + 0.5 + left) * sx) / (fx * sx), (v - (cy + 0.5 + top) * sy) / (fy * sy), np.ones_like(u)]
        )
        rays = torch.from_numpy((rays / np.linalg.norm(rays, axis=0)).astype(np.float32))[None]
        points = rays * torch.exp(layer(x, 5, 1.0))
    confidence = torch.sigmoid(layer(x, 6, 0.0))
    back = lambda t: bilinear(t, (tall, wide))[..., top : top + h, left : left + w]
    points, confidence = back(points), back(confidence)
    # What the network says of its input, a constant.
    k = [100.0, 105.0, 60.0, 40.0] if fixed else [500.0, 510.0, 300.0, 200.0]
    told = [k[0] / sx, k[1] / sy, k[2] / sx - left - 0.5, k[3] / sy - top - 0.5]
    return x, points[0, 2], confidence[0, 0], told


# Depth Anything 3.


def da3_size(w, h):
    scale = 504 / max(w, h)
    first = (max(1, int(round(w * scale))), max(1, int(round(h * scale))))
    nearest = lambda s: (s // 14) * 14 + (14 if (s // 14) * 14 + 14 - s <= s % 14 else 0)
    return first, (max(14, nearest(first[0])), max(14, nearest(first[1])))


def da3_input(rgb):
    h, w = rgb.shape[:2]
    first, size = da3_size(w, h)
    grows = lambda a, b: cv2.INTER_CUBIC if b[0] > a[0] or b[1] > a[1] else cv2.INTER_AREA
    if first != (w, h):
        rgb = cv2.resize(rgb, first, interpolation=grows((w, h), first))
    if size != first:
        rgb = cv2.resize(rgb, size, interpolation=grows(first, size))
    return normalised(rgb / 255.0)


def da3_metric(rgb, camera):
    h, w = rgb.shape[:2]
    x = da3_input(rgb)
    nh, nw = x.shape[-2:]
    depth = torch.exp(layer(x, 7, 1.5))[0, 0]
    sky = torch.sigmoid(layer(x, 8, -1.2))[0, 0]
    land = sky < 0.3
    if land.sum() > 10 and (~land).sum() > 10:
        depth = torch.where(land, depth, torch.quantile(depth[land].double(), 0.99).float())
    if camera is not None:
        depth = depth * ((camera[0] * nw / w + camera[1] * nh / h) / 2 / 300)
    back = bilinear(depth[None, None], (h, w))[0, 0]
    return x, back, float((~land).float().mean()), bilinear(sky[None, None], (h, w))[0, 0]


# Many views: where each lies in the common input, (scaled size, offset).


def back_of_view(m, scaled, offset, source):
    """The map of the whole picture, brought back; what was cut goes on as its border ends, and is 0 in the end."""
    (sw, sh), (ox, oy), (w, h) = scaled, offset, source
    nh, nw = m.shape
    x0, x1, y0, y1 = max(0, ox), min(nw, ox + sw), max(0, oy), min(nh, oy + sh)
    seen = m[None, None, y0:y1, x0:x1]
    whole = F.pad(seen, (x0 - ox, ox + sw - x1, y0 - oy, oy + sh - y1), mode="replicate")
    back = bilinear(whole, (h, w))[0, 0]
    u = (np.arange(w) + 0.5) * sw / w - 0.5 + ox
    v = (np.arange(h) + 0.5) * sh / h - 0.5 + oy
    inside = lambda at, side: torch.from_numpy((at >= -0.5) & (at < side - 0.5))
    return back * (inside(v, nh)[:, None] & inside(u, nw)[None])


def camera_of_view(k, scaled, offset, source):
    sx, sy = scaled[0] / source[0], scaled[1] / source[1]
    return [k[0] / sx, k[1] / sy, (k[2] + 0.5 - offset[0]) / sx - 0.5, (k[3] + 0.5 - offset[1]) / sy - 0.5]


def rotation(q):
    """Of a quaternion x, y, z, w of any length."""
    x, y, z, w = q / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def inverse_of(r, t):
    return r.T, -r.T @ t


def pose_words(r, t):
    return [float(v) for v in np.concatenate([np.concatenate([r, t[:, None]], 1).ravel()])]


def code(x):
    """The pose code of nine numbers, [n, 9]: of length about 1, fields of view about 1."""
    weight = torch.from_numpy(0.2 * seeded(9, 27)).reshape(3, 9)
    base = torch.tensor([0.1, -0.2, 0.3, 0.1, 0.2, -0.1, 0.9, 0.9, 1.1])
    return means(x) @ weight + base


def read_code(c, size):
    c = c.double().numpy()
    (w, h) = size
    k = [w / 2 / math.tan(c[8] / 2), h / 2 / math.tan(c[7] / 2), w / 2, h / 2]
    return k, rotation(c[3:7]), c[:3]


def da3_views(pictures, by_code):
    inputs = [da3_input(p) for p in pictures]
    scaled = [(x.shape[3], x.shape[2]) for x in inputs]
    net = (min(s[0] for s in scaled), min(s[1] for s in scaled))
    offsets = [(-((s[0] - net[0]) // 2), -((s[1] - net[1]) // 2)) for s in scaled]
    x = torch.cat([x[:, :, -oy : -oy + net[1], -ox : -ox + net[0]] for x, (ox, oy) in zip(inputs, offsets)])
    depth, conf = torch.exp(layer(x, 10, 0.5)), 1 + torch.exp(layer(x, 11, 0.0))
    views = []
    for i, p in enumerate(pictures):
        source = (p.shape[1], p.shape[0])
        if by_code:
            k, r, t = read_code(code(x)[i], net)  # world_from_camera already
        else:
            m = means(x)[i].double().numpy()
            k = [400 + 20 * m[0], 410 + 20 * m[1], net[0] / 2, net[1] / 2]
            k[2:] = [250 + 10 * m[2], 150.0]
            r, t = rotation(np.array([0.1, -0.3, 0.2, 0.9])), 0.5 * m
        back = lambda t: back_of_view(t, scaled[i], offsets[i], source)
        views.append(view(back(depth[i, 0]), back(conf[i, 0]), camera_of_view(k, scaled[i], offsets[i], source), r, t))
    return net, views


def vggt_views(pictures, fixed=None):
    planes, scaled, starts = [], [], []
    for p in pictures:
        h, w = p.shape[:2]
        nw, nh = 518, multiple(h * (518 / w))
        if fixed and (nw, nh) != fixed:
            assert fixed == (518, 518)
            nw, nh = (518, multiple(h * (518 / w))) if w >= h else (multiple(w * (518 / h)), 518)
        x = np.asarray(Image.fromarray(p).resize((nw, nh), Image.Resampling.BICUBIC)).astype(np.float32) / 255
        start = max(0, (nh - 518) // 2)
        planes.append(torch.from_numpy(x[start : start + min(nh, 518)].transpose(2, 0, 1).copy()))
        scaled.append((nw, nh))
        starts.append(start)
    net = fixed or (max(x.shape[2] for x in planes), max(x.shape[1] for x in planes))
    x, offsets = torch.ones(len(planes), 3, net[1], net[0]), []
    for i, plane in enumerate(planes):
        left, top = (net[0] - plane.shape[2]) // 2, (net[1] - plane.shape[1]) // 2
        x[i, :, top : top + plane.shape[1], left : left + plane.shape[2]] = plane
        offsets.append((left, top - starts[i]))
    depth, conf = torch.exp(layer(x, 12, 0.5)), 1 + torch.exp(layer(x, 13, 0.0))
    points, points_conf = layer(x, 14, 0.2, 3), 1 + torch.exp(layer(x, 15, 0.3))
    views = []
    for i, p in enumerate(pictures):
        source = (p.shape[1], p.shape[0])
        k, r, t = read_code(code(x)[i], net)
        back = lambda m: back_of_view(m, scaled[i], offsets[i], source)
        camera = camera_of_view(k, scaled[i], offsets[i], source)
        one = view(back(depth[i, 0]), back(conf[i, 0]), camera, *inverse_of(r, t))
        one["points"] = [numbers(back(points[i, axis])[::3, ::3]) for axis in range(3)]
        one["points_confidence"] = numbers(back(points_conf[i, 0])[::3, ::3])
        views.append(one)
    return net, views


# Writing.


def numbers(t):
    return [float(f"{v:.5g}") for v in np.asarray(t).ravel()]


def view(depth, confidence, camera, r, t):
    return {
        "depth": numbers(depth),
        "confidence": numbers(np.asarray(confidence)[::3, ::3]),
        "camera": [float(v) for v in camera],
        "world_from_camera": pose_words(r, np.asarray(t)),
    }


def network(x):
    return [x.shape[3], x.shape[2]]


def single(family, variant, size, x, depth, **more):
    depth = np.nan_to_num(np.asarray(depth), nan=0, posinf=0).clip(min=0)
    case = {"family": family, "variant": variant, "size": list(size), "network": network(x), "depth": numbers(depth)}
    return case | more


def main():
    torch.set_num_threads(1)
    # OpenCV's own arithmetic: the closed library of some wheels rounds otherwise.
    cv2.ipp.setUseIPP(False)
    singles, many = [], []
    for size in SIZES:
        w, h = size
        rgb = picture(w, h, 1)
        camera = [0.9 * w, 0.95 * w, 0.48 * w, 0.53 * h]
        add = lambda *args, **more: singles.append(single(*args, **more))
        add("depth_anything_v2", "own", size, *dav2(rgb, dav2_net))
        add("depth_anything_v2", "fixed", size, *dav2(rgb, dav2_net, (140, 98)))
        add("depth_anything_v2", "hugging face", size, *dav2_hf(rgb))
        add("depth_anything_v2_metric", "own", size, *dav2(rgb, dav2_metric_net))
        x, depth, focal = depth_pro(rgb)
        add("depth_pro", "own", size, x, depth, camera=[focal, focal, (w - 1) / 2, (h - 1) / 2])
        x, depth, focal = depth_pro(rgb, camera[0])
        add("depth_pro", "camera", size, x, depth, given=camera, camera=[focal, focal, (w - 1) / 2, (h - 1) / 2])
        for variant, given, fixed in [("own", None, None), ("rays", camera, None), ("fixed", None, (126, 84))]:
            x, depth, confidence, told = unidepth(rgb, given, fixed)
            more = {"confidence": numbers(confidence[::3, ::3]), "camera": told}
            add("unidepth_v2", variant, size, x, depth, **more, **({"given": given} if given else {}))
        for variant, given in [("camera", camera), ("own", None)]:
            x, depth, share, score = da3_metric(rgb, given)
            assert 0.02 < share < 0.98, share
            more = {"sky": numbers(score)} if given else {}
            add("depth_anything_3_metric", variant, size, x, depth, **more, **({"given": given} if given else {}))
    for sizes in [[(37, 23)], [(37, 23), (37, 23)], [(37, 23), (23, 35), (21, 21)]]:
        pictures = [picture(*size, seed) for seed, size in enumerate(sizes, 1)]
        for family, variant, (net, views) in [
            ("depth_anything_3", "matrices", da3_views(pictures, False)),
            ("depth_anything_3", "code", da3_views(pictures, True)),
            ("vggt", "own", vggt_views(pictures)),
            ("vggt", "fixed", vggt_views(pictures, (518, 518))),
        ]:
            case = {"family": family, "variant": variant, "sizes": [list(s) for s in sizes], "network": list(net)}
            many.append(case | {"views": views})
    versions = {
        "numpy": np.__version__,
        "torch": torch.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
        "transformers": transformers.__version__,
    }
    here = Path(__file__).parent
    write(here / "one_picture.json", {"versions": versions, "processor": PROCESSOR, "cases": singles})
    write(here / "many_pictures.json", {"versions": versions, "cases": many})


def write(path, document):
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n")


main()
