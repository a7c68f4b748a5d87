"""What detectors must find, by NumPy, Pillow and OpenCV, in pictures that this script paints.

    python make.py [FOLDER]

Writes the pictures (*.png) and `found.json` beside itself; with FOLDER, which holds `hololens_table/` and `models/`, also
`real.json`: FastestDet and YuNet by ONNX Runtime on frames of that recording. The networks of `found.json` are a few
convolutions whose weights follow from a seed; tests/detect.rs writes the same ones as ONNX.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import PIL
from PIL import Image

HERE = Path(__file__).parent
F = np.float32


def weights(seed, shape, scale):
    """Numbers of a linear congruential generator, -0.5 to 0.5, times `scale`."""
    state, numbers = seed, []
    for _ in range(int(np.prod(shape))):
        state = (state * 1664525 + 1013904223) % 2**32
        numbers.append(F(state >> 8) / F(1 << 24) - F(0.5))
    return (np.array(numbers, F) * F(scale)).reshape(shape)


def patches(tensor, seed, channels, side, scale):
    """A convolution whose kernel is as wide as its stride: 3 x H x W to channels x H/side x W/side."""
    kernel = weights(seed, (channels, 3, side, side), scale)
    _, height, width = tensor.shape
    cut = tensor.reshape(3, height // side, side, width // side, side)
    return np.einsum("cyaxb,kcab->kyx", cut.astype(np.float64), kernel.astype(np.float64)).astype(F)


def sigmoid(x):
    return (1 / (1 + np.exp(-x.astype(np.float64)))).astype(F)


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def iou(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    area = lambda r: (r[2] - r[0]) * (r[3] - r[1])
    return w * h / (area(a) + area(b) - w * h)


def nms_by_class(boxes, scores, classes, threshold):
    """torchvision's batched_nms, its one-class-at-a-time form."""
    keep = []
    for c in sorted(set(classes)):
        own = sorted((i for i in range(len(boxes)) if classes[i] == c), key=lambda i: -scores[i])
        while own:
            best, own = own[0], own[1:]
            keep.append(best)
            own = [i for i in own if not iou(boxes[best], boxes[i]) > threshold]
    return sorted(keep, key=lambda i: -scores[i])


def xyxy(b):
    return np.stack([b[..., 0] - b[..., 2] / 2, b[..., 1] - b[..., 3] / 2, b[..., 0] + b[..., 2] / 2, b[..., 1] + b[..., 3] / 2], -1)


def entry(cls, score, box, mask=None):
    made = {"class": int(cls), "score": round(float(score), 6), "box": [round(float(v), 4) for v in box]}
    if mask is not None:
        made["counts"] = runs(mask)
    return made


def runs(mask):
    """COCO's run lengths: columns first, zeros first."""
    flat = mask.T.reshape(-1).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [1 - flat[-1]]])))
    return [int(v) for v in np.diff(np.concatenate([[0], edges]))]


# --- FastestDet -------------------------------------------------------------------------------------------------------


def fastest_det_input(rgb):
    bgr = cv2.resize(rgb[..., ::-1].copy(), (352, 352), interpolation=cv2.INTER_LINEAR)
    return bgr.transpose(2, 0, 1).astype(F) / F(255)


def fastest_det_found(out, size, least=0.25, overlap=0.45):
    h, w = out.shape[1:]
    scores = out[0].astype(np.float64) ** 0.6 * out[5:].max(0).astype(np.float64) ** 0.4
    classes = out[5:].argmax(0)
    boxes, kept_scores, kept_classes = [], [], []
    for y in range(h):
        for x in range(w):
            if scores[y, x] > least:
                _, dx, dy, bw, bh = out[:5, y, x].astype(np.float64)
                bw, bh = 1 / (1 + np.exp(-bw)), 1 / (1 + np.exp(-bh))
                cx, cy = (x + np.tanh(dx)) / w, (y + np.tanh(dy)) / h
                boxes.append([cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2])
                kept_scores.append(scores[y, x])
                kept_classes.append(classes[y, x])
    keep = nms_by_class(boxes, kept_scores, kept_classes, overlap)
    scale = [size[0], size[1]] * 2
    return [entry(kept_classes[i], kept_scores[i], np.array(boxes[i]) * scale) for i in keep]


def fastest_det(rgb):
    tensor = fastest_det_input(rgb)
    obj = sigmoid(patches(tensor, 11, 1, 16, 0.6))
    box = patches(tensor, 12, 4, 16, 0.4)
    cls = softmax(patches(tensor, 13, 4, 16, 0.8), 0)
    return fastest_det_found(np.concatenate([obj, box, cls]), (rgb.shape[1], rgb.shape[0]))


# --- YOLO v8 ----------------------------------------------------------------------------------------------------------


def letterbox(rgb, size):
    (w, h), (to_w, to_h) = (rgb.shape[1], rgb.shape[0]), size
    r = min(to_h / h, to_w / w)
    new = (max(round(w * r), 1), max(round(h * r), 1))
    dw, dh = (to_w - new[0]) / 2, (to_h - new[1]) / 2
    scaled = cv2.resize(rgb, new, interpolation=cv2.INTER_LINEAR) if new != (w, h) else rgb
    top, left = round(dh - 0.1), round(dw - 0.1)
    out = np.full((to_h, to_w, 3), 114, np.uint8)
    out[top : top + new[1], left : left + new[0]] = scaled
    return out, new, (left, top)


def torch_bilinear(x, size):
    """interpolate(mode="bilinear", align_corners=False) of h x w to size (h, w)."""
    for axis in (0, 1):
        n, m = x.shape[axis], size[axis]
        at = np.maximum((np.arange(m) + 0.5) * (n / m) - 0.5, 0)
        a = np.minimum(np.floor(at).astype(int), n - 1)
        b = np.minimum(a + 1, n - 1)
        t = (at - a).reshape((-1, 1) if axis == 0 else (1, -1))
        x = np.take(x, a, axis) * (1 - t) + np.take(x, b, axis) * t
    return x


def mask_of(logits, size, box):
    """Ultralytics' masks at the picture's own size."""
    mh, mw = logits.shape
    w, h = size
    gain = min(4 * mh / h, 4 * mw / w)
    pad = (4 * mh - max(round(h * gain), 1)) | (4 * mw - max(round(w * gain), 1))
    f = 4 // np.gcd(4, pad | pad // 2)
    x = torch_bilinear(logits.astype(np.float64), (mh * f, mw * f)) if f > 1 else logits.astype(np.float64)
    gain = min(mh * f / h, mw * f / w)
    new_w, new_h = max(round(w * gain), 1), max(round(h * gain), 1)
    top, left = round((mh * f - new_h) / 2 - 0.1), round((mw * f - new_w) / 2 - 0.1)
    mask = torch_bilinear(x[top : top + new_h, left : left + new_w], (h, w)) > 0
    columns, rows = np.arange(w)[None, :], np.arange(h)[:, None]
    return mask & (columns >= box[0]) & (columns < box[2]) & (rows >= box[1]) & (rows < box[3])


def yolo(rgb, size, with_masks):
    boxed, new, (left, top) = letterbox(rgb, size)
    tensor = boxed.transpose(2, 0, 1).astype(F) / F(255)
    box = sigmoid(patches(tensor, 21, 4, 32, 0.25)) * np.array([size[0], size[1], size[0] / 2, size[1] / 2], F).reshape(4, 1, 1)
    cls = sigmoid(patches(tensor, 22, 5, 32, 0.3))
    flat = lambda x: x.reshape(x.shape[0], -1)
    boxes, classes = xyxy(flat(box).T), flat(cls)
    best, scores = classes.argmax(0), classes.max(0)
    chosen = [i for i in range(len(scores)) if scores[i] > 0.25]
    keep = nms_by_class(boxes[chosen], scores[chosen], best[chosen], 0.7)[:300]
    if with_masks:
        coefficients = flat(patches(tensor, 23, 3, 32, 0.25))
        maps = patches(tensor, 24, 3, 4, 1.0)
    found = []
    for i in (chosen[k] for k in keep):
        b = boxes[i] - [left, top, left, top]
        b = b / np.array([new[0] / rgb.shape[1], new[1] / rgb.shape[0]] * 2)
        b = np.clip(b, 0, [rgb.shape[1], rgb.shape[0]] * 2)
        if not (b[0] < b[2] and b[1] < b[3]):
            continue
        mask = None
        if with_masks:
            mask = mask_of(np.tensordot(coefficients[:, i], maps, 1), (rgb.shape[1], rgb.shape[0]), b)
            if not mask.any():
                continue
        found.append(entry(best[i], scores[i], b, mask))
    return found


# --- DETR -------------------------------------------------------------------------------------------------------------

MEAN, STD = np.array([0.485, 0.456, 0.406], F), np.array([0.229, 0.224, 0.225], F)


def detr(rgb, size, is_softmax):
    small = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR))
    tensor = ((small.astype(F) / F(255) - MEAN) / STD).transpose(2, 0, 1)
    logits = patches(tensor, 31, 6, 16, 0.25).reshape(6, -1).T
    boxes = xyxy(sigmoid(patches(tensor, 32, 4, 16, 0.1)).reshape(4, -1).T)
    scale = [rgb.shape[1], rgb.shape[0]] * 2
    if is_softmax:
        likely = softmax(logits, 1)[:, :-1]
        rows = [(likely[q].max(), q, likely[q].argmax()) for q in range(len(likely))]
    else:
        flat = sigmoid(logits).reshape(-1)
        top = np.argsort(-flat, kind="stable")[: len(logits)]
        rows = [(flat[i], i // logits.shape[1], i % logits.shape[1]) for i in top]
    rows = sorted((r for r in rows if r[0] > 0.5), key=lambda r: -r[0])
    return [entry(c, s, boxes[q] * scale) for s, q, c in rows]


# --- pictures, and all of it ------------------------------------------------------------------------------------------


def paint(seed, width, height):
    """Smooth blobs of colour."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // 12 + 2, width // 12 + 2, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


PICTURES = {"wide": (1, 203, 61), "tall": (2, 77, 151), "square": (3, 99, 99)}


def recorded(numbers):
    versions = {"numpy": np.__version__, "opencv": cv2.__version__, "pillow": PIL.__version__}
    return {"by": versions, "recorded": numbers}


def write(name, document):
    lines = json.dumps(document).replace('{"class"', '\n  {"class"').replace('"picture"', '\n "picture"')
    (HERE / name).write_text(lines + "\n")


def made_cases():
    cases = []
    for name, (seed, width, height) in PICTURES.items():
        rgb = paint(seed, width, height)
        Image.fromarray(rgb).save(HERE / f"{name}.png", optimize=True)
        for network, found in {
            "fastest_det": fastest_det(rgb),
            "yolo": yolo(rgb, (640, 640), False),
            "yolo_masks": yolo(rgb, (320, 192), True),
            "detr": detr(rgb, (64, 128), False),
            "detr_softmax": detr(rgb, (64, 128), True),
        }.items():
            print(name, network, len(found), "found", found[0]["score"] if found else "")
            cases.append({"picture": name, "network": network, "found": found})
    return cases


def real_cases(folder):
    import onnxruntime

    net = onnxruntime.InferenceSession(folder / "models/FastestDet.onnx", providers=["CPUExecutionProvider"])
    faces = onnxruntime.InferenceSession(folder / "models/yunet_s_320_320.onnx", providers=["CPUExecutionProvider"])
    frames = sorted((folder / "hololens_table/images").glob("*.png"))[::14]
    cases = []
    for path in frames:
        rgb = np.asarray(Image.open(path).convert("RGB"))
        out = net.run(None, {"input.1": fastest_det_input(rgb)[None]})[0][0]
        found = fastest_det_found(out, (rgb.shape[1], rgb.shape[0]))
        bgr = cv2.resize(rgb[..., ::-1].copy(), (320, 320), interpolation=cv2.INTER_LINEAR)
        outputs = faces.run(None, {"input": bgr.transpose(2, 0, 1)[None].astype(F)})
        sums = {o.name: [round(float(v), 5) for v in (y.mean(dtype=np.float64), y.min(), y.max())] for o, y in zip(faces.get_outputs(), outputs)}
        cases.append({"picture": path.name, "fastest_det": found, "yunet_mean_min_max": sums})
        print(path.name, len(found), "found")
    return {"onnxruntime": onnxruntime.__version__, "frames": cases}


write("found.json", recorded(made_cases()))
if len(sys.argv) > 1:
    write("real.json", recorded(real_cases(Path(sys.argv[1]))))
