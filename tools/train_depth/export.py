"""Writes the averaged network of a checkpoint as depth-room.onnx, with half-float weights, its manifest and a recorded answer.

The graph takes `image` [1, 3, 120, 160], red, green, blue from 0 to 1, `intrinsics` [1, 4], fx, fy, cx, cy in its pixels, and
`stance` [1, 4], up in the camera's axes and metres over the floor, 0 where that is not known; it gives `depth` [1, 120, 160], metres, and `spread` likewise, that of the logarithm of depth. It computes in f32.
"""

import argparse
import hashlib
import json
import math
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

import network

LEAST_HALVED = 64
"""Weights of fewer numbers stay f32: they weigh nothing."""


def arguments():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--checkpoint", required=True, type=Path)
    words.add_argument("--out", required=True, type=Path, help="model folder: depth-room.onnx and gnomon.json go there")
    words.add_argument("--golden", type=Path, help="where to write what the graph says of a made-up picture")
    words.add_argument("--source", default="tools/train_depth, on rooms rendered by gnomon make-data views")
    return words.parse_args()


def exported(state):
    learner = network.RoomDepth()
    learner.load_state_dict(state)
    whole = network.Exported(learner).eval()
    image = torch.rand(1, 3, network.HEIGHT, network.WIDTH)
    intrinsics = torch.tensor([[131.25, 131.25, 79.5, 59.5]])
    stance = torch.tensor([[0.0, -0.9, -0.4, 1.3]])
    path = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(".")
    file = path / "depth-room.tmp.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            whole,
            (image, intrinsics, stance),
            file,
            input_names=["image", "intrinsics", "stance"],
            output_names=["depth", "spread"],
            opset_version=17,
            dynamo=False,
        )
    model = onnx.load(file)
    file.unlink()
    return model


def halved(model):
    """The same model with its large weights as half floats, each made f32 again by a Cast that runtimes do once."""
    kept, casts = [], []
    for weight in model.graph.initializer:
        numbers = numpy_helper.to_array(weight)
        if numbers.dtype != np.float32 or numbers.size < LEAST_HALVED:
            kept.append(weight)
            continue
        name = weight.name + ".half"
        kept.append(numpy_helper.from_array(numbers.astype(np.float16), name))
        casts.append(helper.make_node("Cast", [name], [weight.name], to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(casts + nodes)
    model.graph.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    return model


def made_up_picture():
    """Boards of two colours on a gradient, 160 x 120, bytes."""
    v, u = np.mgrid[0 : network.HEIGHT, 0 : network.WIDTH]
    planes = [(u * 3 // 2 + v) % 256, (255 - v * 2) % 256, 96 + 64 * ((u // 16 + v // 12) % 2)]
    return np.stack(planes, -1).astype(np.uint8)


def main():
    told = arguments()
    kept = torch.load(told.checkpoint, map_location="cpu")
    model = halved(exported(kept["average"]))
    told.out.mkdir(parents=True, exist_ok=True)
    path = told.out / "depth-room.onnx"
    path.write_bytes(model.SerializeToString())
    manifest = {
        "family": "room_depth",
        "files": {"fp16": path.name},
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest()},
        "output": {"meaning": "metric_depth"},
        "licence": "MIT OR Apache-2.0",
        "source": told.source,
    }
    (told.out / "gnomon.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"{path}: {path.stat().st_size} bytes, after {kept['step']} steps and {kept['spent_s']:.0f} s of one processor")
    if told.golden:
        picture = made_up_picture()
        intrinsics = [140.0, 138.0, 80.25, 58.5]
        pitch, over_floor = 0.4, 1.2
        stance = [0.0, -math.cos(pitch), -math.sin(pitch), over_floor]
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        image = (picture.astype(np.float32) / 255.0).transpose(2, 0, 1)[None]
        given = {"image": image, "intrinsics": np.array([intrinsics], np.float32)}
        depth, spread = session.run(None, given | {"stance": np.array([stance], np.float32)})
        alone, _ = session.run(None, given | {"stance": np.zeros((1, 4), np.float32)})
        every = (slice(None, None, 12), slice(None, None, 16))
        rounded = lambda map: [round(float(number), 5) for number in map[0][every].flatten()]
        recorded = {"intrinsics": intrinsics, "pitch_rad": pitch, "over_floor_m": over_floor, "depth": rounded(depth), "spread": rounded(spread)}
        recorded["without_stance"] = rounded(alone)
        told.golden.write_text(json.dumps(recorded) + "\n")


if __name__ == "__main__":
    main()
