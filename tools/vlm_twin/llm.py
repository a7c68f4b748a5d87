"""A decoder of text alone, in the shape in which language models are published: one graph, which takes token numbers. In the
layout of optimum and transformers.js, and in that of onnxruntime-genai, whose builder takes positions from the mask."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import torch
import transformers
from transformers.cache_utils import DynamicCache

import family
import golden
import graphs
import qwen
import replay
import tokens

CASES = [case for case in qwen.CASES if case["name"] == "text"] + [
    {
        "name": "turns",
        "messages": [
            {"role": "system", "content": "Answer in one line."},
            {"role": "user", "content": "Is the cup on the table?"},
            {"role": "assistant", "content": "Yes, on the table."},
            {"role": "user", "content": "And the lamp?"},
        ],
    }
]


class Decoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, position_ids, past):
        cache = DynamicCache(config=self.model.config)
        for layer in range(self.model.config.num_hidden_layers):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        out = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        return (out.logits, *[tensor for layer in cache.layers for tensor in (layer.keys, layer.values)])


class Llm(family.Family):
    def __init__(self, name, options):
        super().__init__(name, options, CASES, tokens.qwen(with_tools=False), ["<|im_end|>", "<|endoftext|>"], vocabulary_step=32)
        self.make_model(transformers.Qwen2ForCausalLM, attention="sdpa", seed=40)

    def make_config(self):
        o = self.options
        hidden = o.hidden or 32  # heads of 16 numbers: GroupQueryAttention turns no smaller ones
        return transformers.Qwen2Config(
            vocab_size=self.vocabulary,
            hidden_size=hidden,
            intermediate_size=hidden * 3 // 2,
            num_hidden_layers=o.layers or 2,
            num_attention_heads=o.heads or 2,
            num_key_value_heads=o.kv_heads or 1,
            max_position_embeddings=512,
            initializer_range=family.WEIGHT_RANGE,
            tie_word_embeddings=False,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6},
            bos_token_id=self.id("<|endoftext|>"),
            eos_token_id=self.ends[0],
            pad_token_id=self.id("<|endoftext|>"),
        )

    def generation(self):
        pad = self.id("<|endoftext|>")
        return {"bos_token_id": pad, "pad_token_id": pad, "eos_token_id": self.ends, "do_sample": False}

    def write_texts(self, folder):
        config = family.published(self.config) | {"architectures": ["Qwen2ForCausalLM"]}
        family.write_json(folder / "config.json", config)
        family.write_json(
            folder / "generation_config.json", self.generation() | {"transformers_version": transformers.__version__}
        )
        self.tokenizer.save(str(folder / "tokenizer.json"))
        known = {
            "add_bos_token": False,
            "bos_token": None,
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "unk_token": None,
            "model_max_length": 512,
            "tokenizer_class": "Qwen2Tokenizer",
            "chat_template": qwen.TEMPLATE,
        }
        family.write_json(folder / "tokenizer_config.json", known)

    def prepare(self, case):
        prompt = family.render(self.tokenizer, qwen.TEMPLATE, family.messages(case))
        ids = self.tokenizer.encode(prompt).ids
        return family.Prepared(prompt, ids, ids, [], [], list(range(len(ids))), 0, {}, {})

    def export(self, folder):
        path, config = folder / "onnx" / "model.onnx", self.config
        size = graphs.head_size(config)
        kv_heads, layers, batch, new, old = config.num_key_value_heads, config.num_hidden_layers, 2, 3, 4
        past = [torch.zeros(batch, kv_heads, old, size) for _ in range(2 * layers)]
        kv = [f"{layer}.{half}" for layer in range(layers) for half in ("key", "value")]
        both = {0: graphs.DYNAMIC, 1: graphs.DYNAMIC}
        torch.onnx.export(
            Decoder(self.model),
            (
                torch.ones(batch, new, dtype=torch.long),
                torch.ones(batch, old + new, dtype=torch.long),
                torch.arange(old, old + new).expand(batch, new).clone(),
                past,
            ),
            str(path),
            input_names=["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{name}" for name in kv)],
            output_names=["logits", *(f"present.{name}" for name in kv)],
            dynamic_shapes={
                "input_ids": both,
                "attention_mask": both,
                "position_ids": both,
                "past": [{0: graphs.DYNAMIC, 2: graphs.DYNAMIC} for _ in past],
            },
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        axes = {name: ["batch_size", "sequence_length"] for name in ("input_ids", "position_ids")}
        axes["attention_mask"] = ["batch_size", "total_sequence_length"]
        axes["logits"] = ["batch_size", "sequence_length", self.vocabulary]
        for name in kv:
            axes[f"past_key_values.{name}"] = ["batch_size", kv_heads, "past_sequence_length", size]
            axes[f"present.{name}"] = ["batch_size", kv_heads, "total_sequence_length", size]
        graphs.finish(path, axes)
        q4, q4f16 = (path.with_name(f"model{replay.SUFFIXES[p]}.onnx") for p in ("q4", "q4f16"))
        graphs.quantise_blocks(path, q4, 4)
        graphs.halve(q4, q4f16)

    def export_genai(self, folder):
        """By onnxruntime-genai's own builder."""
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as scratch:
            source, built = pathlib.Path(scratch) / "source", pathlib.Path(scratch) / "built"
            self.model.save_pretrained(source)
            self.write_texts(source)
            command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-m", str(source), "-i", str(source)]
            command += ["-o", str(built), "-p", "fp32", "-e", "cpu", "-c", f"{scratch}/cache"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
            onnx.save(onnx.load(str(built / "model.onnx")), str(folder / "model.onnx"))
            for name in ("genai_config.json", "tokenizer.json", "tokenizer_config.json"):
                shutil.copy((source if name.startswith("tokenizer") else built) / name, folder / name)

    def answer(self, path, prepared, count):
        """The greedy loop over one graph: tokens, logits, and no features."""
        graph = replay.session(path)
        inputs, outputs = graph.get_inputs(), [value.name for value in graph.get_outputs()]
        empty = (1, self.config.num_key_value_heads, 0, graphs.head_size(self.config))
        past = {value.name: np.zeros(empty, replay.FLOATS[value.type]) for value in inputs if value.name.startswith("past")}
        ids, begin, found, logits = list(prepared.ids), 0, [], []
        while True:
            feeds = {
                "input_ids": np.array([ids[begin:]], np.int64),
                "attention_mask": np.ones((1, len(ids)), np.int64),
                "position_ids": np.arange(begin, len(ids))[None],
                **past,
            }
            made = dict(zip(outputs, graph.run(None, {value.name: feeds[value.name] for value in inputs})))
            logits.append(made["logits"][0, -1].astype(np.float32))
            found.append(int(logits[-1].argmax()))
            if len(found) == count or found[-1] in self.ends:
                return found, np.stack(logits), None
            past = {name: made[name.replace("past_key_values", "present")] for name in past}
            begin = len(ids)
            ids.append(found[-1])


def build(twin, folder, in_genai):
    """Writes a folder and its goldens."""
    if in_genai:
        twin.export_genai(folder)
        paths = {"fp32": folder / "model.onnx"}
    else:
        (folder / "onnx").mkdir(parents=True)
        twin.write_texts(folder)
        twin.export(folder)
        paths = {name: folder / "onnx" / f"model{replay.SUFFIXES[name]}.onnx" for name in ("fp32", "q4", "q4f16")}

    def runner(path):
        return lambda prepared, count: twin.answer(path, prepared, count)

    return golden.record_with(twin, folder, {name: runner(path) for name, path in paths.items()}, with_pixels=False)
