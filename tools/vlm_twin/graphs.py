"""PyTorch modules to ONNX graphs in the shape in which they are published, and their quantised copies."""

import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.transformers.float16 import convert_float_to_float16
from transformers.cache_utils import DynamicCache

warnings.filterwarnings("ignore")
DYNAMIC = torch.export.Dim.DYNAMIC
BLOCK = 32


class Embed(torch.nn.Module):
    def __init__(self, table):
        super().__init__()
        self.table = table

    def forward(self, input_ids):
        return self.table(input_ids)


class Decoder(torch.nn.Module):
    """The language model over embeddings, with its cache as plain inputs and outputs that grow."""

    def __init__(self, language_model, head, config):
        super().__init__()
        self.language_model, self.head, self.config = language_model, head, config

    def forward(self, inputs_embeds, attention_mask, position_ids, past):
        cache = DynamicCache(config=self.config)
        for layer in range(self.config.num_hidden_layers):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        out = self.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        kept = [tensor for layer in cache.layers for tensor in (layer.keys, layer.values)]
        return (self.head(out.last_hidden_state), *kept)


def head_size(config):
    return getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads


def export_embed(table, path):
    torch.onnx.export(
        Embed(table),
        (torch.ones(2, 5, dtype=torch.long),),
        str(path),
        input_names=["input_ids"],
        output_names=["inputs_embeds"],
        dynamic_shapes={"input_ids": {0: DYNAMIC, 1: DYNAMIC}},
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    axes = ["batch_size", "sequence_length"]
    finish(path, {"input_ids": axes, "inputs_embeds": [*axes, table.weight.shape[1]]})


def export_decoder(language_model, head, config, path, position_rows=None, keep_last=False):
    """`position_rows`: 3 where positions are [3, batch, sequence], None where they are [batch, sequence]. `keep_last` adds
    the scalar input `num_logits_to_keep` (0: all of them)."""
    layers, kv_heads, size = config.num_hidden_layers, config.num_key_value_heads, head_size(config)
    batch, new, old = 2, 3, 4
    positions = torch.arange(old, old + new).expand(batch, new).clone()
    if position_rows:
        positions = positions.expand(position_rows, batch, new).clone()
    past = [torch.zeros(batch, kv_heads, old, size) for _ in range(2 * layers)]
    kv = [f"{layer}.{half}" for layer in range(layers) for half in ("key", "value")]
    inputs = ["inputs_embeds", "attention_mask", "position_ids", *(f"past_key_values.{name}" for name in kv)]
    outputs = ["logits", *(f"present.{name}" for name in kv)]
    row = {1: DYNAMIC, 2: DYNAMIC} if position_rows else {0: DYNAMIC, 1: DYNAMIC}
    torch.onnx.export(
        Decoder(language_model, head, config),
        (torch.randn(batch, new, config.hidden_size), torch.ones(batch, old + new, dtype=torch.long), positions, past),
        str(path),
        input_names=inputs,
        output_names=outputs,
        dynamic_shapes={
            "inputs_embeds": {0: DYNAMIC, 1: DYNAMIC},
            "attention_mask": {0: DYNAMIC, 1: DYNAMIC},
            "position_ids": row,
            "past": [{0: DYNAMIC, 2: DYNAMIC} for _ in past],
        },
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    axes = {
        "inputs_embeds": ["batch_size", "sequence_length", config.hidden_size],
        "attention_mask": ["batch_size", "total_sequence_length"],
        "position_ids": [*([position_rows] if position_rows else []), "batch_size", "sequence_length"],
        "logits": ["batch_size", "num_logits_to_keep" if keep_last else "sequence_length", head.weight.shape[0]],
    }
    for name in kv:
        axes[f"past_key_values.{name}"] = ["batch_size", kv_heads, "past_sequence_length", size]
        axes[f"present.{name}"] = ["batch_size", kv_heads, "total_sequence_length", size]
    finish(path, axes, keep_last_logits if keep_last else None)


def export_traced(module, args, path, inputs, axes, dynamic_axes=None, metadata=None):
    """By the tracing exporter: what towers with loops over a fixed grid go through."""
    torch.onnx.export(
        module,
        args,
        str(path),
        input_names=inputs,
        output_names=["image_features"],
        dynamic_axes=dynamic_axes,
        dynamo=False,
        opset_version=17,
    )
    finish(path, axes, metadata=metadata)


def finish(path, axes, change=None, metadata=None):
    """Names the axes, drops what only an exporter needs, checks, saves in one file."""
    model = onnx.load(str(path))
    if change:
        change(model)
    gemm_to_matmul(model)
    del model.graph.value_info[:]
    del model.metadata_props[:]
    model.graph.doc_string = model.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
        dims = value.type.tensor_type.shape.dim
        del dims[:]
        for size in axes.get(value.name, []):
            dim = dims.add()
            if isinstance(size, str):
                dim.dim_param = size
            else:
                dim.dim_value = int(size)
    for initializer in model.graph.initializer:
        del initializer.metadata_props[:]
        initializer.doc_string = ""
    model.producer_name, model.producer_version = "vlm_twin", ""
    model.ir_version = min(model.ir_version, 10)
    for key, value in (metadata or {}).items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    shorten_names(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def shorten_names(model):
    """Names of nodes and of values in between are a fifth of such a small file."""
    graph = model.graph
    kept = {value.name for value in [*graph.input, *graph.output]} | {tensor.name for tensor in graph.initializer} | {""}
    short = {}
    for at, node in enumerate(graph.node):
        assert not any(a.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for a in node.attribute)
        node.name = f"{node.op_type}_{at}"
        for names in (node.input, node.output):
            for which, name in enumerate(names):
                if name not in kept:
                    names[which] = short.setdefault(name, f"v{len(short)}")


def keep_last_logits(model):
    """Before the head: hidden[:, -n:]. With n = 0 that is hidden[:, 0:], all of it."""
    graph = model.graph
    head = next(node for node in graph.node if "logits" in node.output)
    assert head.op_type in ("MatMul", "Gemm"), head.op_type
    graph.input.append(helper.make_tensor_value_info("num_logits_to_keep", TensorProto.INT64, []))
    constants = {"keep_axis": [1], "keep_end": [np.iinfo(np.int64).max], "keep_shape": [1]}
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(np.array(value, np.int64), name))
    nodes = [
        helper.make_node("Neg", ["num_logits_to_keep"], ["keep_negative"], name="keep_neg"),
        helper.make_node("Reshape", ["keep_negative", "keep_shape"], ["keep_start"], name="keep_reshape"),
        helper.make_node("Slice", [head.input[0], "keep_start", "keep_end", "keep_axis"], ["keep_hidden"], name="keep_slice"),
    ]
    at = list(graph.node).index(head)
    head.input[0] = "keep_hidden"
    for offset, node in enumerate(nodes):
        graph.node.insert(at + offset, node)


def gemm_to_matmul(model):
    """Gemm with a constant weight becomes MatMul and Add, which the quantisers know."""
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for at in reversed(range(len(graph.node))):
        node = graph.node[at]
        if node.op_type != "Gemm" or node.input[1] not in weights:
            continue
        given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        assert given.get("alpha", 1.0) == 1.0 and given.get("beta", 1.0) == 1.0 and not given.get("transA", 0)
        name = node.input[1]
        if given.get("transB", 0):
            name = node.input[1] + "_t"
            if name not in weights:
                weights[name] = numpy_helper.from_array(numpy_helper.to_array(weights[node.input[1]]).T.copy(), name)
                graph.initializer.append(weights[name])
        product = node.output[0] + "_product" if len(node.input) > 2 else node.output[0]
        new = [helper.make_node("MatMul", [node.input[0], name], [product], name=(node.name or node.output[0]) + "_matmul")]
        if len(node.input) > 2:
            new.append(
                helper.make_node("Add", [product, node.input[2]], list(node.output), name=(node.name or node.output[0]) + "_add")
            )
        graph.node.remove(node)
        for offset, made in enumerate(new):
            graph.node.insert(at + offset, made)
    used = {name for node in graph.node for name in node.input}
    for tensor in [t for t in graph.initializer if t.name not in used]:
        graph.initializer.remove(tensor)


def quantise_blocks(source, target, bits):
    """MatMulNBits, symmetric, blocks of 32, computed in f32 (no accuracy level), so that CPUs agree but for rounding.
    With 4 bits embeddings become GatherBlockQuantized."""
    kinds = ("MatMul", "Gather") if bits == 4 else ("MatMul",)
    model = onnx.load(str(source))
    metadata = [(entry.key, entry.value) for entry in model.metadata_props]
    opset = model.opset_import[0].version
    quantiser = MatMulNBitsQuantizer(
        model,
        bits=bits,
        block_size=BLOCK,
        is_symmetric=True,
        op_types_to_quantize=kinds,
        nodes_to_exclude=[node.name for node in model.graph.node if node.op_type == "Gather" and small(model, node)],
    )
    quantiser.process()
    made = quantiser.model.model
    if not any(node.op_type == "GatherBlockQuantized" for node in made.graph.node):
        # The quantiser claims opset 21, which only tensors of int4 need; the rest of the graph is still as it was.
        made.opset_import[0].version = opset
    save_quantised(made, target, metadata)


def small(model, node):
    """Whether a Gather looks up something that is not a table of embeddings."""
    return not any(
        t.name == node.input[0] and len(t.dims) == 2 and t.data_type == TensorProto.FLOAT for t in model.graph.initializer
    )


def quantise_dynamic_int8(source, target):
    """Weights u8 per tensor, activations quantised as they come: what `_quantized` files usually hold. Unsigned weights,
    because signed ones overflow in 16 bits on CPUs without VNNI."""
    model = onnx.load(str(source))
    metadata = [(entry.key, entry.value) for entry in model.metadata_props]
    quantize_dynamic(
        str(source),
        str(target),
        weight_type=QuantType.QUInt8,
        op_types_to_quantize=["MatMul", "Gather"],
        extra_options={"EnableSubgraph": False, "MatMulConstBOnly": True},
    )
    save_quantised(onnx.load(str(target)), target, metadata)


def halve(source, target, kept=()):
    """Floats of 16 bits: weights, cache and all that goes in and out, but what is `kept`."""
    model = onnx.load(str(source))
    metadata = [(entry.key, entry.value) for entry in model.metadata_props]
    names = [value.name for value in [*model.graph.input, *model.graph.output]]
    made = convert_float_to_float16(model, keep_io_types=[name for name in names if name in kept])
    save_quantised(made, target, metadata)


def save_quantised(model, target, metadata):
    del model.graph.value_info[:]
    del model.metadata_props[:]
    for key, value in metadata:
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    model.producer_name, model.producer_version = "vlm_twin", ""
    onnx.save(model, str(target))
