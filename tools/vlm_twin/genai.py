"""The layout of onnxruntime-genai for Qwen2.5-VL: its own builder makes the decoder, the rest is made here."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import torch

import family
import golden
import graphs
import qwen
import replay
import tower


class Merge(torch.nn.Module):
    """Embeds ids and puts picture features, in order, where the placeholders are. No features: only embeddings."""

    def __init__(self, table, placeholders):
        super().__init__()
        self.table, self.placeholders = table, placeholders

    def forward(self, input_ids, image_features):
        embeds = self.table(input_ids)
        slots = (input_ids == self.placeholders[0]) | (input_ids == self.placeholders[1])
        rows = torch.cat([torch.zeros(1, embeds.shape[-1]), image_features])
        order = slots.reshape(-1).to(torch.int64).cumsum(0).reshape(input_ids.shape)
        order = torch.minimum(order * slots.to(torch.int64), torch.tensor(rows.shape[0] - 1))
        return torch.where(slots.unsqueeze(-1), rows[order], embeds)


def export(twin, folder, precision):
    """Writes a folder for ORT GenAI; `precision` is the decoder's: fp32 or int4 (computed in f32, so that CPUs agree)."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        source, built = scratch / "source", scratch / "built"
        twin.model.save_pretrained(source)
        twin.write_texts(source)
        command = [
            sys.executable,
            "-m",
            "onnxruntime_genai.models.builder",
            "-m",
            str(source),
            "-i",
            str(source),
            "-o",
            str(built),
        ]
        command += [
            "-p",
            precision,
            "-e",
            "cpu",
            "-c",
            str(scratch / "cache"),
            "--extra_options",
            "exclude_embeds=true",
            "accuracy_level=0",
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
        decoder = onnx.load(str(built / "model.onnx"))
        onnx.save(decoder, str(folder / "model.onnx"))
        config = json.loads((built / "genai_config.json").read_text())
        for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
            shutil.copy(source / name, folder / name)
    hidden = twin.config.text_config.hidden_size
    grid_name = "image_grid_thw"
    tower.export(twin, folder / "vision.onnx", grid_name)
    pads = [twin.config.image_token_id, twin.config.video_token_id]
    torch.onnx.export(
        Merge(twin.model.model.language_model.embed_tokens, pads),
        (torch.tensor([[5, pads[0], pads[0], 7, 8]] * 2), torch.randn(4, hidden)),
        str(folder / "embedding.onnx"),
        input_names=["input_ids", "image_features"],
        output_names=["inputs_embeds"],
        dynamic_shapes={"input_ids": {0: graphs.DYNAMIC, 1: graphs.DYNAMIC}, "image_features": {0: graphs.DYNAMIC}},
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    axes = ["batch_size", "sequence_length"]
    graphs.finish(
        folder / "embedding.onnx",
        {"input_ids": axes, "image_features": ["num_image_tokens", hidden], "inputs_embeds": [*axes, hidden]},
    )
    write_configs(twin, folder, config)


def write_configs(twin, folder, config):
    model, vision = config["model"], twin.config.vision_config
    model["type"] = "qwen2_5_vl"
    model |= {
        "image_token_id": twin.config.image_token_id,
        "video_token_id": twin.config.video_token_id,
        "vision_start_token_id": twin.config.vision_start_token_id,
        "embedding": {
            "filename": "embedding.onnx",
            "inputs": {"input_ids": "input_ids", "image_features": "image_features"},
            "outputs": {"inputs_embeds": "inputs_embeds"},
        },
        "vision": {
            "filename": "vision.onnx",
            "config_filename": "processor_config.json",
            "spatial_merge_size": vision.spatial_merge_size,
            "patch_size": vision.patch_size,
            "tokens_per_second": vision.tokens_per_second,
            "inputs": {"pixel_values": "pixel_values", "image_grid_thw": "image_grid_thw"},
            "outputs": {"image_features": "image_features"},
        },
    }
    if vision.window_size:
        model["vision"]["window_size"] = vision.window_size
    family.write_json(folder / "genai_config.json", config)
    side = vision.patch_size * vision.spatial_merge_size
    steps = [
        ("decode_image", "DecodeImage", {"color_space": "RGB"}),
        ("convert_to_rgb", "ConvertRGB", None),
        (
            "resize",
            "Resize",
            {
                "width": 4 * side,
                "height": 3 * side,
                "smart_resize": 1,
                "min_pixels": qwen.MIN_PIXELS,
                "max_pixels": qwen.MAX_PIXELS,
                "patch_size": vision.patch_size,
                "merge_size": vision.spatial_merge_size,
            },
        ),
        ("rescale", "Rescale", {"rescale_factor": 1 / 255}),
        ("normalize", "Normalize", {"mean": qwen.CLIP_MEAN, "std": qwen.CLIP_STD, "qwen2_5_vl": 1}),
        (
            "patch_image",
            "PatchImage",
            {
                "patch_size": vision.patch_size,
                "temporal_patch_size": vision.temporal_patch_size,
                "merge_size": vision.spatial_merge_size,
            },
        ),
    ]
    transforms = []
    for name, kind, attrs in steps:
        operation = {"name": name, "type": kind} | ({"attrs": attrs} if attrs else {})
        transforms.append({"operation": operation})
    family.write_json(
        folder / "processor_config.json", {"processor": {"name": "qwen2_5_image_processor", "transforms": transforms}}
    )


def answer(folder, prepared, ends, count):
    """The greedy loop over this layout's graphs: tokens and logits."""
    vision, embed, decoder = (replay.session(folder / f"{name}.onnx") for name in ("vision", "embedding", "model"))
    inputs = {value.name: value for value in decoder.get_inputs()}
    outputs = [value.name for value in decoder.get_outputs()]
    hidden = embed.get_inputs()[1].shape[1]
    rows = [vision.run(None, feeds)[0] for _, feeds in prepared.vision]
    features = np.concatenate(rows) if rows else np.zeros((0, hidden), np.float32)
    none = np.zeros((0, hidden), np.float32)
    embeds = embed.run(None, {"input_ids": np.array([prepared.ids], np.int64), "image_features": features})[0]
    # The builder leaves the last axis of the cache a name (`kv_cache_dim`): its size is in genai_config.json.
    told = json.loads((folder / "genai_config.json").read_text())["model"]["decoder"]
    empty = np.zeros((1, told["num_key_value_heads"], 0, told["head_size"]), np.float32)
    past = {name: empty for name in inputs if name.startswith("past")}
    positions = np.array(prepared.positions, np.int64)[:, None]
    tokens, logits, length = [], [], len(prepared.ids)
    while True:
        feeds = {"inputs_embeds": embeds, "attention_mask": np.ones((1, length), np.int64), "position_ids": positions, **past}
        made = dict(zip(outputs, decoder.run(None, {name: feeds[name] for name in inputs})))
        logits.append(made["logits"][0, -1])
        tokens.append(int(logits[-1].argmax()))
        if len(tokens) == count or tokens[-1] in ends:
            return tokens, np.stack(logits), features
        past = {name: made[name.replace("past_key_values", "present")] for name in past}
        embeds = embed.run(None, {"input_ids": np.array([[tokens[-1]]], np.int64), "image_features": none})[0]
        positions = np.full((3, 1, 1), length + prepared.rope_delta, np.int64)
        length += 1


def itself(folder, prompt, names, count):
    """The tokens that onnxruntime-genai makes of a folder, with its own image processor, tokenizer and positions."""
    import onnxruntime_genai as og

    model = og.Model(str(folder))
    shown = og.Images.open(*map(str, names)) if names else None
    generator = og.Generator(model, parameters(og, model))
    generator.set_inputs(model.create_multimodal_processor()(prompt, images=shown))
    tokens = []
    while not generator.is_done() and len(tokens) < count:
        generator.generate_next_token()
        tokens.append(int(generator.get_next_tokens()[0]))
    return tokens


def parameters(og, model):
    chosen = og.GeneratorParams(model)
    chosen.set_search_options(max_length=512, do_sample=False)
    return chosen


def record(twin, folder, precision):
    """Writes golden/<case>/ like the other layout's, without the pixels; then has ORT GenAI answer the same prompts. That it
    agrees is printed, not demanded: it resizes pictures with other rounding, and it has no videos."""
    table, good = golden.record_with(
        twin, folder, {precision: lambda p, count: answer(folder, p, twin.ends, count)}, with_pixels=False
    )
    for case in twin.cases:
        if "frames" not in case:
            names = [twin.pictures / f"{name}.png" for name in case.get("pictures", [])]
            known = json.loads((folder / "golden" / case["name"] / "case.json").read_text())
            found = itself(folder, known["prompt"], names, golden.TOKENS)
            common = golden.agreement(known["greedy"][precision], found)
            print(f"{folder.name}: onnxruntime-genai on {case['name']}: {common} tokens in common")
    return table, good
