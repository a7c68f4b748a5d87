"""Qwen2-VL and Qwen2.5-VL: towers traced once per grid, three rows of positions, one token per 2 x 2 patches."""

import copy

import numpy as np
import torch
import transformers
from transformers import Qwen2VLImageProcessor, Qwen2VLVideoProcessor

import family
import graphs
import pictures
import pixels
import tokens
import tower

PATCH, MERGE, FRAMES = 14, 2, 2
MIN_PIXELS, MAX_PIXELS = 4 * 28 * 28, 14 * 28 * 28
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
TEMPLATE = """{%- set images = namespace(count=0) -%}
{%- set videos = namespace(count=0) -%}
{%- for message in messages -%}
{%- if loop.first and message['role'] != 'system' -%}
{{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' -}}
{%- endif -%}
{{- '<|im_start|>' + message['role'] + '\\n' -}}
{%- if message['content'] is string -%}
{{- message['content'] -}}
{%- else -%}
{%- for part in message['content'] -%}
{%- if part['type'] == 'image' or 'image' in part or 'image_url' in part -%}
{%- set images.count = images.count + 1 -%}
{%- if add_vision_id is defined and add_vision_id %}{{ 'Picture ' ~ images.count ~ ': ' }}{% endif -%}
{{- '<|vision_start|><|image_pad|><|vision_end|>' -}}
{%- elif part['type'] == 'video' or 'video' in part -%}
{%- set videos.count = videos.count + 1 -%}
{%- if add_vision_id is defined and add_vision_id %}{{ 'Video ' ~ videos.count ~ ': ' }}{% endif -%}
{{- '<|vision_start|><|video_pad|><|vision_end|>' -}}
{%- elif 'text' in part -%}
{{- part['text'] -}}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
{{- '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
"""
CASES = [
    {"name": "image", "pictures": ["odd"], "text": "Where is the chair?"},
    {"name": "two_images", "pictures": ["odd", "tall"], "text": "What is different between the two pictures?\nSay it in 1 line."},
    {"name": "tall", "pictures": ["tall"], "text": "How many lamps are there?  \u00dcber 12 m\u00b2?"},
    {"name": "video", "frames": ["frame_0", "frame_1"], "fps": 1.0, "text": "What happens in the video?"},
    {"name": "clip", "frames": ["clip_0", "clip_1", "clip_2", "clip_3"], "fps": 0.5, "text": "Where does the robot go?"},
    {"name": "text", "text": "You're at the door; it\u2019s 2.5 m wide. \U0001f642 \u9580\u306f\u3069\u3053?\n\n\tIs it open?"},
    family.TURNS,
]


class FixedGrid(torch.nn.Module):
    def __init__(self, tower, grid):
        super().__init__()
        self.tower, self.grid = tower, torch.tensor([grid])

    def forward(self, pixel_values):
        out = self.tower(pixel_values, grid_thw=self.grid)
        return out.pooler_output if hasattr(out, "pooler_output") else out


class Qwen(family.Family):
    def __init__(self, name, options, any_grid=False):
        """`any_grid`: one tower for every grid, which takes the grid as an input, instead of a graph for each."""
        self.any_grid = any_grid
        self.newer = name == "qwen2_5_vl"
        words = tokens.qwen(with_tools=self.newer)
        super().__init__(name, options, CASES, words, ends=["<|im_end|>", "<|endoftext|>"], vocabulary_step=32)
        kind = transformers.Qwen2_5_VLForConditionalGeneration if self.newer else transformers.Qwen2VLForConditionalGeneration
        self.make_model(kind, attention="sdpa", seed=25 if self.newer else 20)
        size = {"shortest_edge": MIN_PIXELS, "longest_edge": MAX_PIXELS}
        kept = dict(size=size, patch_size=PATCH, merge_size=MERGE, temporal_patch_size=FRAMES)
        self.processor = self.describe_pixels()
        self.images = Qwen2VLImageProcessor(**kept)
        self.videos = Qwen2VLVideoProcessor(**kept, do_sample_frames=False, cap_pixels_per_frame=False)

    def make_config(self):
        o = self.options
        hidden, layers, heads, kv_heads = o.hidden or 64, o.layers or 2, o.heads or 4, o.kv_heads or 2
        half = hidden // heads // 2
        time = half // 4 + (half - half // 4) % 2
        rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [time, (half - time) // 2, (half - time) // 2]}
        text = dict(
            vocab_size=self.vocabulary,
            hidden_size=hidden,
            intermediate_size=hidden * 3 // 2,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=kv_heads,
            max_position_embeddings=1024,
            initializer_range=family.WEIGHT_RANGE,
            tie_word_embeddings=False,
            rope_parameters=rope,
            bos_token_id=self.id("<|endoftext|>"),
            eos_token_id=self.ends[0],
            pad_token_id=self.id("<|endoftext|>"),
        )
        vision = dict(depth=2, num_heads=2, in_channels=3, patch_size=PATCH, spatial_merge_size=MERGE, temporal_patch_size=FRAMES)
        if self.newer:
            vision |= dict(
                hidden_size=16,
                intermediate_size=32,
                out_hidden_size=hidden,
                window_size=56,
                fullatt_block_indexes=[1],
                tokens_per_second=2,
            )
        else:
            vision |= dict(embed_dim=16, mlp_ratio=2, hidden_size=hidden)
        kind = transformers.Qwen2_5_VLConfig if self.newer else transformers.Qwen2VLConfig
        return kind(
            text_config=text,
            vision_config=vision,
            image_token_id=self.id("<|image_pad|>"),
            video_token_id=self.id("<|video_pad|>"),
            vision_start_token_id=self.id("<|vision_start|>"),
            vision_end_token_id=self.id("<|vision_end|>"),
            tie_word_embeddings=False,
        )

    def generation(self):
        pad = self.id("<|endoftext|>")
        return {"bos_token_id": pad, "pad_token_id": pad, "eos_token_id": self.ends, "do_sample": False}

    def published_config(self):
        """Qwen2.5-VL nested, as transformers 5 writes it; Qwen2-VL flat with `rope_scaling`, as most folders have it."""
        config = family.published(self.config)
        kind = "Qwen2_5_VL" if self.newer else "Qwen2VL"
        config["architectures"] = [f"{kind}ForConditionalGeneration"]
        config["transformers.js_config"] = {"use_external_data_format": False}
        if not self.newer:
            text = config.pop("text_config")
            rope = text.pop("rope_parameters")
            text |= {"rope_theta": rope["rope_theta"], "rope_scaling": {"type": "mrope", "mrope_section": rope["mrope_section"]}}
            config = {**text, **config, "model_type": "qwen2_vl"}
        return config

    def write_texts(self, folder):
        family.write_json(folder / "config.json", self.published_config())
        family.write_json(
            folder / "generation_config.json", self.generation() | {"transformers_version": transformers.__version__}
        )
        self.tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "chat_template.jinja").write_text(TEMPLATE)
        known = {
            "add_bos_token": False,
            "add_prefix_space": False,
            "bos_token": None,
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "unk_token": None,
            "model_max_length": 1024,
            "tokenizer_class": "Qwen2Tokenizer",
            "processor_class": self.processor_class(),
        }
        family.write_json(folder / "tokenizer_config.json", known)
        family.write_json(folder / "preprocessor_config.json", self.processor | {"image_processor_type": "Qwen2VLImageProcessor"})
        if self.newer:
            name = "video_preprocessor_config.json"
            family.write_json(folder / name, self.processor | {"video_processor_type": "Qwen2VLVideoProcessor"})

    def describe_pixels(self):
        """The older folders say min_pixels and max_pixels, the newer ones size."""
        size = {"shortest_edge": MIN_PIXELS, "longest_edge": MAX_PIXELS}
        limits = {"size": size} if self.newer else {"min_pixels": MIN_PIXELS, "max_pixels": MAX_PIXELS}
        return limits | {
            "do_convert_rgb": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": CLIP_MEAN,
            "image_std": CLIP_STD,
            "merge_size": MERGE,
            "patch_size": PATCH,
            "resample": 3,
            "rescale_factor": 1 / 255,
            "temporal_patch_size": FRAMES,
            "processor_class": self.processor_class(),
        }

    def processor_class(self):
        return "Qwen2_5_VLProcessor" if self.newer else "Qwen2VLProcessor"

    def graph_of(self, grid):
        return "vision_encoder" if self.any_grid or grid == self.grids()[0] else "vision_encoder_" + "x".join(map(str, grid))

    def grid_name(self):
        return "image_grid_thw" if self.newer else "grid_thw"

    def grids(self):
        """Grids that the cases need, then those asked for; the first is plain `vision_encoder`."""
        if not hasattr(self, "found_grids"):
            self.found_grids = []
            for case in self.cases:
                for grid in [grid for _, grids, _ in self.look(case) for grid in grids] + list(self.options.grids):
                    if grid not in self.found_grids:
                        self.found_grids.append(grid)
        return self.found_grids

    def look(self, case):
        """(kind, grids, pixels [patches, 1176]) of what a case shows."""
        shown = []
        if case.get("pictures"):
            made = self.images([pictures.read(self.pictures, name) for name in case["pictures"]], return_tensors="pt")
            shown.append(("image", [tuple(g) for g in made["image_grid_thw"].tolist()], made["pixel_values"]))
            plain = [pixels.qwen([pictures.array(self.pictures, name)], self.processor) for name in case["pictures"]]
            self.hold(shown[-1], plain)
        if case.get("frames"):
            frames = np.stack([np.asarray(pictures.read(self.pictures, name)) for name in case["frames"]]).transpose(0, 3, 1, 2)
            made = self.videos([torch.tensor(frames)], return_tensors="pt")
            shown.append(("video", [tuple(g) for g in made["video_grid_thw"].tolist()], made["pixel_values_videos"]))
            self.hold(shown[-1], [pixels.qwen([pictures.array(self.pictures, name) for name in case["frames"]], self.processor)])
        return shown

    @staticmethod
    def hold(shown, plain):
        """That the plain image processor makes the same of it."""
        _, grids, values = shown
        assert grids == [grid for _, grid in plain], (grids, plain)
        pixels.check(np.concatenate([patches for patches, _ in plain]), values.numpy())

    def prepare(self, case):
        prompt = family.render(self.tokenizer, TEMPLATE, family.messages(case))
        prompt_ids = self.tokenizer.encode(prompt).ids
        expanded, vision, inputs, facts, grids = prompt, [], {}, {}, []
        for kind, found, values in self.look(case):
            pad, key = f"<|{kind}_pad|>", {"image": "pixel_values", "video": "pixel_values_videos"}[kind]
            inputs |= {key: values, f"{kind}_grid_thw": torch.tensor(found)}
            runs = expanded.split(pad)
            assert len(runs) == len(found) + 1
            expanded = runs[0]
            for grid, rest in zip(found, runs[1:]):
                expanded += pad * (int(np.prod(grid)) // MERGE**2) + rest
            at = 0
            for grid in found:
                count = int(np.prod(grid))
                part = values[at : at + count].numpy()
                vision.append((self.graph_of(grid), {"pixel_values": part, self.grid_name(): np.array([grid], np.int64)}))
                at += count
            grids += found
        ids = self.tokenizer.encode(expanded).ids
        pads = [self.id("<|image_pad|>"), self.id("<|video_pad|>")]
        positions, delta = [list(range(len(ids)))] * 3, 0
        if vision:
            facts["grids"] = [list(grid) for grid in grids]
            kinds = torch.tensor([[1 if i == pads[0] else 2 if i == pads[1] else 0 for i in ids]])
            inputs["mm_token_type_ids"] = kinds
            if self.newer and "frames" in case:
                facts["second_per_grid"] = [FRAMES / case["fps"]]
                inputs["second_per_grid_ts"] = facts["second_per_grid"]
            known = {k: v for k, v in inputs.items() if not k.startswith("pixel")}
            rows, delta = self.model.model.get_rope_index(torch.tensor([ids]), **known)
            positions, delta = rows[:, 0].tolist(), int(delta[0, 0])
            mine = self.positions(ids, grids, facts.get("second_per_grid", [1.0]), by_max=False)
            assert mine == (positions, delta), "the written rule differs from transformers'"
            older = self.positions(ids, grids, facts.get("second_per_grid", [1.0]), by_max=True)
            facts["positions_by_max"], facts["rope_delta_by_max"] = older
        return family.Prepared(prompt, prompt_ids, ids, pads, vision, positions, delta, inputs, facts)

    def positions(self, ids, grids, seconds, by_max):
        """The rule in plain words. After a picture or video the next position is its start + max(h, w) / merge (transformers
        5), or with `by_max` one more than the greatest position used (transformers 4, transformers.js, genai)."""
        pads = [self.id("<|image_pad|>"), self.id("<|video_pad|>")]
        rows, at, now, grids, seconds = [[], [], []], 0, 0, list(grids), list(seconds)
        while at < len(ids):
            if ids[at] not in pads:
                for row in rows:
                    row.append(now)
                at, now = at + 1, now + 1
                continue
            t, h, w = grids.pop(0)
            h, w = h // MERGE, w // MERGE
            apart = 1.0
            if ids[at] == pads[1] and self.newer:
                apart = self.config.vision_config.tokens_per_second * seconds.pop(0)
            for frame in range(t):
                for row in range(h):
                    for column in range(w):
                        for which, value in enumerate((int(frame * apart), row, column)):
                            rows[which].append(now + value)
            at += t * h * w
            now = max(max(row) for row in rows) + 1 if by_max else now + max(h, w)
        return rows, max(max(row) for row in rows) + 1 - len(ids)

    def export(self, folder):
        onnx = folder / "onnx"
        text = self.config.text_config
        graphs.export_embed(self.model.model.language_model.embed_tokens, onnx / "embed_tokens.onnx")
        graphs.export_decoder(
            self.model.model.language_model,
            self.model.lm_head,
            text,
            onnx / "decoder_model_merged.onnx",
            position_rows=3,
            keep_last=not self.newer,
        )
        if self.any_grid:
            tower.export(self, onnx / "vision_encoder.onnx", self.grid_name())
            return
        visual = copy.deepcopy(self.model.model.visual)
        for grid in self.grids():
            count, width = int(np.prod(grid)), 3 * FRAMES * PATCH * PATCH
            axes = {"pixel_values": [count, width], "image_features": [count // MERGE**2, text.hidden_size]}
            graphs.export_traced(
                FixedGrid(visual, grid),
                (torch.zeros(count, width),),
                onnx / f"{self.graph_of(grid)}.onnx",
                ["pixel_values"],
                axes,
                metadata={"grid_thw": ",".join(map(str, grid))},
            )
        family.quantise(folder)
