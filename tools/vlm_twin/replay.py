"""Runs an exported folder with ONNX Runtime alone: vision, embedding, splice, prefill, greedy steps. No PyTorch here."""

import json
import pathlib

import numpy as np
import onnxruntime

SUFFIXES = {"fp32": "", "q8": "_quantized", "q4": "_q4", "fp16": "_fp16", "q4f16": "_q4f16"}
FLOATS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def precisions(folder):
    """Those that there is a decoder of."""
    onnx = pathlib.Path(folder) / "onnx"
    return [name for name, suffix in SUFFIXES.items() if (onnx / f"decoder_model_merged{suffix}.onnx").exists()]


def as_taken(values, value):
    """Floats in the width that an input of a graph has."""
    return values.astype(FLOATS[value.type]) if value.type in FLOATS else values


class Folder:
    """The graphs of one precision. `ends`: ids that end an answer."""

    def __init__(self, folder, precision):
        self.onnx, self.suffix = pathlib.Path(folder) / "onnx", SUFFIXES[precision]
        generation = json.loads((pathlib.Path(folder) / "generation_config.json").read_text())
        ends = generation["eos_token_id"]
        self.ends = ends if isinstance(ends, list) else [ends]
        self.embed = session(self.onnx / f"embed_tokens{self.suffix}.onnx")
        self.decoder = session(self.onnx / f"decoder_model_merged{self.suffix}.onnx")
        self.inputs = {value.name: value for value in self.decoder.get_inputs()}
        self.outputs = [value.name for value in self.decoder.get_outputs()]

    def features(self, prepared):
        """Image features [n, hidden], in the order of the prompt."""
        rows = []
        for graph, feeds in prepared.vision:
            vision = session(self.onnx / f"{graph}{self.suffix}.onnx")
            found = vision.run(None, {value.name: as_taken(feeds[value.name], value) for value in vision.get_inputs()})[0]
            rows.append(found.reshape(-1, found.shape[-1]).astype(np.float32))
        return np.concatenate(rows) if rows else None

    def answer(self, prepared, count):
        """Greedy tokens, logits [len(tokens), vocabulary] that chose each, image features."""
        features = self.features(prepared)
        ids = np.array([prepared.ids], np.int64)
        embeds = self.embed.run(None, {"input_ids": ids})[0].astype(np.float32)
        if features is not None:
            slots = np.isin(ids[0], prepared.image_ids)
            assert slots.sum() == len(features), (slots.sum(), len(features))
            embeds[0, slots] = features
        positions = np.array(prepared.positions, np.int64)
        rows = len(positions) if positions.ndim == 2 else 0
        past = {}
        for name, value in self.inputs.items():
            if name.startswith("past_key_values"):
                past[name] = np.zeros((1, value.shape[1], 0, value.shape[3]), FLOATS[value.type])
        tokens, logits, length = [], [], len(prepared.ids)
        while True:
            rows_in = as_taken(embeds, self.inputs["inputs_embeds"])
            feeds = {"inputs_embeds": rows_in, "attention_mask": np.ones((1, length), np.int64), **past}
            feeds["position_ids"] = positions.reshape(rows, 1, -1) if rows else positions.reshape(1, -1)
            if "num_logits_to_keep" in self.inputs:
                feeds["num_logits_to_keep"] = np.array(1, np.int64)
            made = dict(zip(self.outputs, self.decoder.run(None, feeds)))
            logits.append(made["logits"][0, -1].astype(np.float32))
            tokens.append(int(logits[-1].argmax()))
            if len(tokens) == count or tokens[-1] in self.ends:
                return tokens, np.stack(logits), features
            past = {name: made[name.replace("past_key_values", "present")] for name in past}
            embeds = self.embed.run(None, {"input_ids": np.array([[tokens[-1]]], np.int64)})[0].astype(np.float32)
            step = length + prepared.rope_delta
            positions = np.full((rows, 1) if rows else (1,), step, np.int64)
            length += 1
