"""The pictures of `benches/prepare.rs` through Pillow, OpenCV, NumPy and torch, and how many times as long they take.

    python3 benches/prepare_peers.py

One thread each. Runs the peers, `cargo bench --bench prepare`, and the peers once more, on one machine in one run; of the
two rounds of peers the faster counts. OpenCV's figures are of the wheel as it comes (with Intel's closed library where it
has it) and of its own code.
"""

import re
import statistics
import subprocess
import sys
import time

import cv2
import numpy as np
import PIL
import torch
from PIL import Image

TO = (924, 518)
MEAN, STD = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)


def median_ms(work, rounds=25):
    work()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times)


def tensor(picture, rule, to, out):
    """The leanest way found: one plane at a time, product and sum in place."""
    for channel, plane in enumerate(cv2.split(cv2.resize(picture, to, interpolation=rule))):
        np.multiply(plane, 1 / (255 * STD[channel]), out=out[channel], dtype=np.float32)
        out[channel] -= MEAN[channel] / STD[channel]
    return out


def tensor_by_255(picture, rule, to, out):
    for channel, plane in enumerate(cv2.split(cv2.resize(picture, to, interpolation=rule))):
        np.multiply(plane, np.float32(1 / 255), out=out[channel])
    return out


def tensor_of_floats(picture, out):
    floats = cv2.resize(picture.astype(np.float32) * np.float32(1 / 255), TO, interpolation=cv2.INTER_CUBIC)
    for channel, plane in enumerate(cv2.split(floats)):
        np.multiply(plane, 1 / STD[channel], out=out[channel])
        out[channel] -= MEAN[channel] / STD[channel]
    return out


def letterbox(picture, out):
    boxed = np.full((640, 640, 3), 114, np.uint8)
    boxed[140:500] = cv2.resize(picture, (640, 360), interpolation=cv2.INTER_LINEAR)
    for channel, plane in enumerate(cv2.split(boxed)):
        np.multiply(plane, 1 / (255 * STD[channel]), out=out[channel], dtype=np.float32)
        out[channel] -= MEAN[channel] / STD[channel]
    return out


def peers():
    picture = np.random.default_rng(0).integers(0, 256, (1080, 1920, 3), dtype=np.uint8)
    image = Image.fromarray(picture)
    out, square = np.empty((3, TO[1], TO[0]), np.float32), np.empty((3, 640, 640), np.float32)
    depth = torch.rand(1, 1, TO[1], TO[0])
    aligned = dict(size=(1080, 1920), mode="bilinear", align_corners=True)
    for name, rule in (("box", Image.BOX), ("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
        yield f"resize/pillow-{name}", "Pillow", lambda rule=rule: image.resize(TO, rule)
    for name, ipp in (("OpenCV", True), ("OpenCV's own code", False)):
        cv2.ipp.setUseIPP(ipp)
        for rule, word in ((cv2.INTER_LINEAR, "linear"), (cv2.INTER_CUBIC, "cubic"), (cv2.INTER_AREA, "area")):
            yield f"resize/opencv-{word}", name, lambda rule=rule: cv2.resize(picture, TO, interpolation=rule)
        yield "tensor/opencv-cubic", f"{name} + NumPy", lambda: tensor(picture, cv2.INTER_CUBIC, TO, out)
        yield "tensor/opencv-cubic", f"{name} + NumPy, /255 alone", lambda: tensor_by_255(picture, cv2.INTER_CUBIC, TO, out)
        yield "tensor/opencv-cubic-floats", f"{name} + NumPy", lambda: tensor_of_floats(picture, out)
        yield "tensor/opencv-linear-letterbox", f"{name} + NumPy", lambda: letterbox(picture, square)
    yield "depth/torch-bilinear-aligned", "torch", lambda: torch.nn.functional.interpolate(depth, **aligned)


def round_of_peers():
    return {(bench, peer): median_ms(work) for bench, peer, work in peers()}


def ours():
    command = ["cargo", "bench", "--bench", "prepare", "--", "--warm-up-time", "1", "--measurement-time", "3"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    unit = {"ns": 1e-6, "µs": 1e-3, "ms": 1.0, "s": 1e3}
    found = re.findall(r"^prepare/(\S+)\s+time:\s+\[\S+ \S+ (\S+) (\S+) ", text, re.M)
    return {name: float(value) * unit[scale] for name, value, scale in found}


def main():
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    print(f"Pillow {PIL.__version__}, OpenCV {cv2.__version__}, NumPy {np.__version__}, torch {torch.__version__}")
    subprocess.run(["cargo", "bench", "--bench", "prepare", "--no-run"], check=True, stderr=subprocess.DEVNULL)
    before, mine, after = round_of_peers(), ours(), round_of_peers()
    print("| bench | ours, ms | peer | peer, ms | times as long |\n|---|---|---|---|---|")
    for (bench, peer), ms in before.items():
        ms = min(ms, after[bench, peer])
        print(f"| {bench} | {mine[bench]:.2f} | {peer} | {ms:.2f} | {ms / mine[bench]:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
