"""A model of Qwen2.5-0.5B's shapes with random weights of four bits, in the layout of onnxruntime-genai.

    model.py FOLDER BLOCK

The decoder is what onnxruntime-genai's builder makes of such a model: packed query, key and value with rotary embedding inside
GroupQueryAttention, SkipSimplifiedLayerNormalization, MatMulNBits with int8 activations. Embedding and vision graphs are ours:
a vision graph of one matrix and a few more, of any grid. `model.onnx` has its weights beside it; nothing is downloaded.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD, INNER = 896, 24, 14, 2, 64, 4864
VOCABULARY, CONTEXT = 151936, 4096
IMAGE, VIDEO, VISION_START, END = 151655, 151656, 151652, 151645
FLOAT, INT64, UINT8 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.UINT8


class Graph:
    """Nodes and weights; the weights go to one file beside the graph."""

    def __init__(self, path):
        self.path, self.nodes, self.weights = path, [], []
        self.random = np.random.default_rng(7)
        self.data = open(path.with_name(path.name + ".data"), "wb")

    def node(self, operator, inputs, outputs, domain="", **attributes):
        self.nodes.append(helper.make_node(operator, inputs, outputs, domain=domain, name=f"n{len(self.nodes)}", **attributes))
        return outputs[0]

    def weight(self, name, array):
        tensor = onnx.TensorProto()
        tensor.name, tensor.data_type = name, helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor.dims.extend(array.shape)
        self.data.write(b"\0" * (-self.data.tell() % 4096))
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in [("location", self.path.name + ".data"), ("offset", self.data.tell()), ("length", array.nbytes)]:
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(value)
        self.data.write(array.tobytes())
        self.weights.append(tensor)
        return name

    def small(self, name, array):
        self.weights.append(onnx.numpy_helper.from_array(np.asarray(array), name))
        return name

    def pairs(self, *shape):
        """Two weights of -7 to 7 each: none of them all together lean to one side, as -8 to 7 would."""
        low, high = (self.random.integers(1, 16, shape, dtype=np.uint8) for _ in range(2))
        return low | high << 4

    def nibbles(self, name, rows, columns, block):
        """Weights of four bits and their scales; of so small a scale that no layer runs away."""
        blocks = columns // block
        packed = self.pairs(rows, blocks, block // 2)
        scales = self.random.uniform(0.5, 1.5, (rows, blocks)).astype(np.float32) * np.float32(0.2 / np.sqrt(columns))
        return self.weight(name + ".q", packed), self.weight(name + ".s", scales)

    def linear(self, x, name, rows, columns, block):
        q, s = self.nibbles(name, rows, columns, block)
        return self.node("MatMulNBits", [x, q, s], [name], "com.microsoft",
                         K=columns, N=rows, bits=4, block_size=block, accuracy_level=4)

    def save(self, inputs, outputs):
        graph = helper.make_graph(self.nodes, "main", inputs, outputs, self.weights)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        self.path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())
        self.data.close()


def value(name, element, *shape):
    return helper.make_tensor_value_info(name, element, shape)


def decoder(path, block):
    g = Graph(path)
    cache = ["batch_size", KV_HEADS, "past_sequence_length", HEAD]
    inputs = [value("inputs_embeds", FLOAT, "batch_size", "sequence_length", HIDDEN),
              value("attention_mask", INT64, "batch_size", "total_sequence_length")]
    outputs = [value("logits", FLOAT, "batch_size", "sequence_length", VOCABULARY)]
    one = g.small("one", np.array([1], np.int64))
    ends = g.node("ReduceSum", ["attention_mask", one], ["ends"], keepdims=0)
    ends = g.node("Sub", [ends, one], ["ends_less"])
    ends = g.node("Cast", [ends], ["seqlens_k"], to=TensorProto.INT32)
    shape = g.node("Shape", ["attention_mask"], ["mask_shape"])
    total = g.node("Gather", [shape, g.small("at_one", np.int64(1))], ["total"], axis=0)
    total = g.node("Cast", [total], ["total_i32"], to=TensorProto.INT32)
    angles = np.arange(CONTEXT)[:, None] / 1e6 ** (np.arange(0, HEAD, 2) / HEAD)[None]
    cos = g.weight("cos_cache", np.cos(angles).astype(np.float32))
    sin = g.weight("sin_cache", np.sin(angles).astype(np.float32))
    ones = g.small("norm", np.ones(HIDDEN, np.float32))
    skip, x = "inputs_embeds", None
    for k in range(LAYERS):
        at = f"layer{k}."
        if x is None:
            normed = g.node("SimplifiedLayerNormalization", [skip, ones], [at + "n1"], axis=-1, epsilon=1e-6, stash_type=1)
        else:
            g.node("SkipSimplifiedLayerNormalization", [skip, x, ones], [at + "n1", "", "", at + "skip1"], "com.microsoft", epsilon=1e-6)
            normed, skip = at + "n1", at + "skip1"
        qkv = g.linear(normed, at + "qkv", (HEADS + 2 * KV_HEADS) * HEAD, HIDDEN, block)
        qkv = g.node("Add", [qkv, g.small(at + "bias", np.zeros((HEADS + 2 * KV_HEADS) * HEAD, np.float32))], [at + "qkvb"])
        past = [f"past_key_values.{k}.key", f"past_key_values.{k}.value"]
        present = [f"present.{k}.key", f"present.{k}.value"]
        g.node("GroupQueryAttention", [qkv, "", "", *past, ends, total, cos, sin], [at + "attended", *present], "com.microsoft",
               num_heads=HEADS, kv_num_heads=KV_HEADS, scale=HEAD ** -0.5, do_rotary=1, rotary_interleaved=0, local_window_size=-1)
        inputs += [value(name, FLOAT, *cache) for name in past]
        outputs += [value(name, FLOAT, "batch_size", KV_HEADS, "total_sequence_length", HEAD) for name in present]
        x = g.linear(at + "attended", at + "o", HIDDEN, HEADS * HEAD, block)
        g.node("SkipSimplifiedLayerNormalization", [skip, x, ones], [at + "n2", "", "", at + "skip2"], "com.microsoft", epsilon=1e-6)
        skip = at + "skip2"
        gate = g.linear(at + "n2", at + "gate", INNER, HIDDEN, block)
        up = g.linear(at + "n2", at + "up", INNER, HIDDEN, block)
        act = g.node("Mul", [gate, g.node("Sigmoid", [gate], [at + "sig"])], [at + "silu"])
        x = g.linear(g.node("Mul", [act, up], [at + "act"]), at + "down", HIDDEN, INNER, block)
    g.node("SkipSimplifiedLayerNormalization", [skip, x, ones], ["final"], "com.microsoft", epsilon=1e-6)
    q, s = g.nibbles("lm_head", VOCABULARY, HIDDEN, block)
    g.node("MatMulNBits", ["final", q, s], ["logits"], "com.microsoft", K=HIDDEN, N=VOCABULARY, bits=4, block_size=block,
           accuracy_level=4)
    g.save(inputs, outputs)


def embedding(path):
    g = Graph(path)
    packed = g.pairs(VOCABULARY, HIDDEN // 2)
    scales = np.full((VOCABULARY, HIDDEN // 32), 0.2, np.float32)
    q, s = g.weight("rows.q", packed), g.weight("rows.s", scales)
    rows = g.node("GatherBlockQuantized", [q, "input_ids", s], ["rows"], "com.microsoft",
                  bits=4, block_size=32, gather_axis=0, quantize_axis=1)
    pictures = g.node("Equal", ["input_ids", g.small("image", np.int64(IMAGE))], ["is_picture"])
    places = g.node("Transpose", [g.node("NonZero", [pictures], ["places_t"])], ["places"], perm=[1, 0])
    g.node("ScatterND", [rows, places, "image_features"], ["inputs_embeds"])
    g.save([value("input_ids", INT64, "batch_size", "sequence_length"), value("image_features", FLOAT, "tokens", HIDDEN)],
           [value("inputs_embeds", FLOAT, "batch_size", "sequence_length", HIDDEN)])


def vision(path):
    g = Graph(path)
    inside, x = 1176, "pixel_values"
    for k, width in enumerate([448, 1792, 448, 1792, 448, 1792, HIDDEN // 4]):
        w = g.weight(f"w{k}", (g.random.standard_normal((inside, width)) / np.sqrt(inside)).astype(np.float32))
        x, inside = g.node("Tanh", [g.node("MatMul", [x, w], [f"m{k}"])], [f"t{k}"]), width
    g.node("Reshape", [x, g.small("merged", np.array([-1, HIDDEN], np.int64))], ["image_features"])
    g.save([value("pixel_values", FLOAT, "patches", 1176), value("image_grid_thw", INT64, "pictures", 3)],
           [value("image_features", FLOAT, "tokens", HIDDEN)])


def byte_words():
    """How byte-level tokenizers write each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + k) for k in range(len(rest))]


def tokenizer(path):
    words = byte_words()
    vocabulary = {word: k for k, word in enumerate(words)}
    for k in range(len(words), 151643):
        vocabulary[f"\u0120w{k}"] = k
    names = ["endoftext", "im_start", "im_end", "object_ref_start", "object_ref_end", "box_start", "box_end", "quad_start", "quad_end",
             "vision_start", "vision_end", "vision_pad", "image_pad", "video_pad"]
    special = {151643 + k: f"<|{name}|>" for k, name in enumerate(names)}
    added = [{"id": k, "content": word, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": True} for k, word in special.items()]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    path.write_text(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None, "pre_tokenizer": level,
        "post_processor": None, "decoder": level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocabulary, "merges": []}}))


def texts(folder):
    cache = {"past_key_names": "past_key_values.%d.key", "past_value_names": "past_key_values.%d.value"}
    given = {"present_key_names": "present.%d.key", "present_value_names": "present.%d.value"}
    session = {"log_id": "onnxruntime-genai", "intra_op_num_threads": 1, "inter_op_num_threads": 1, "provider_options": []}
    model = {
        "type": "qwen2_5_vl", "bos_token_id": 151643, "eos_token_id": [END], "pad_token_id": 151643, "vocab_size": VOCABULARY,
        "context_length": CONTEXT, "image_token_id": IMAGE, "video_token_id": VIDEO, "vision_start_token_id": VISION_START,
        "decoder": {"session_options": session, "filename": "model.onnx", "head_size": HEAD, "hidden_size": HIDDEN,
                    "inputs": {"inputs_embeds": "inputs_embeds", "attention_mask": "attention_mask", **cache},
                    "outputs": {"logits": "logits", **given},
                    "num_attention_heads": HEADS, "num_hidden_layers": LAYERS, "num_key_value_heads": KV_HEADS},
        "embedding": {"session_options": session, "filename": "embedding.onnx",
                      "inputs": {"input_ids": "input_ids", "image_features": "image_features"},
                      "outputs": {"inputs_embeds": "inputs_embeds"}},
        "vision": {"session_options": session, "filename": "vision.onnx", "config_filename": "processor_config.json",
                   "spatial_merge_size": 2, "patch_size": 14, "tokens_per_second": 2,
                   "inputs": {"pixel_values": "pixel_values", "image_grid_thw": "image_grid_thw"},
                   "outputs": {"image_features": "image_features"}},
    }
    search = {"do_sample": False, "max_length": CONTEXT, "min_length": 0, "num_beams": 1, "past_present_share_buffer": True,
              "repetition_penalty": 1.0, "temperature": 1.0, "top_k": 1, "top_p": 1.0}
    (folder / "genai_config.json").write_text(json.dumps({"model": model, "search": search}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>"}))
    (folder / "processor_config.json").write_text(json.dumps({"processor": {"name": "qwen", "transforms": []}}))
    (folder / "chat_template.jinja").write_text(
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{% for p in m.content %}{% if p.type == 'image' %}"
        "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ p.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
        "<|im_start|>assistant\n")


def main():
    folder, block = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    if (folder / "whole").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    decoder(folder / "model.onnx", block)
    embedding(folder / "embedding.onnx")
    vision(folder / "vision.onnx")
    tokenizer(folder / "tokenizer.json")
    texts(folder)
    (folder / "whole").touch()


if __name__ == "__main__":
    main()
