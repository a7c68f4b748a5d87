"""SmolVLM (Idefics3): a picture is cut into square tiles, then shown once more as a whole; four patches make one token."""

import copy

import numpy as np
import torch
import transformers
from transformers import Idefics3ImageProcessor

import family
import graphs
import pictures
import pixels
import tokens

TILE, PATCH, SHUFFLE, LONGEST = 56, 14, 2, 112
RUN = (TILE // PATCH // SHUFFLE) ** 2
TEMPLATE = """{{- '<|im_start|>' -}}
{%- for message in messages -%}
{{- message['role'] | capitalize -}}
{%- if message['content'] is not string and message['content'][0]['type'] == 'image' -%}{{- ':' -}}
{%- else -%}{{- ': ' -}}{%- endif -%}
{%- if message['content'] is string -%}
{{- message['content'] -}}
{%- else -%}
{%- for part in message['content'] -%}
{%- if part['type'] == 'text' -%}{{- part['text'] -}}{%- elif part['type'] == 'image' -%}{{- '<image>' -}}{%- endif -%}
{%- endfor -%}
{%- endif -%}
{{- '<end_of_utterance>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'Assistant:' -}}{%- endif -%}
"""
PROCESSOR = {
    "do_convert_rgb": True,
    "do_image_splitting": True,
    "do_normalize": True,
    "do_pad": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_processor_type": "Idefics3ImageProcessor",
    "image_std": [0.5, 0.5, 0.5],
    "max_image_size": {"longest_edge": TILE},
    "processor_class": "Idefics3Processor",
    "resample": 1,
    "rescale_factor": 1 / 255,
    "size": {"longest_edge": LONGEST},
}
CASES = [
    {"name": "image", "pictures": ["odd"], "text": "Where is the chair?"},
    {"name": "two_images", "pictures": ["odd", "tall"], "text": "What is different between the two pictures?\nSay it in 1 line."},
    {"name": "tall", "pictures": ["tall"], "text": "How many lamps are there?  \u00dcber 12 m\u00b2?"},
    {"name": "wide", "pictures": ["wide"], "text": "What is left of the window?"},
    {"name": "whole", "pictures": ["odd"], "text": "Is the door open?", "do_image_splitting": False},
    {"name": "text", "text": "You're at the door; it\u2019s 2.5 m wide. \U0001f642 \u9580\u306f\u3069\u3053?\n\n\tIs it open?"},
    family.TURNS,
]


class WholeTile(torch.nn.Module):
    """The tower's embeddings for tiles that are picture all over, as the image processor cuts them: positions are 0, 1, 2..."""

    def __init__(self, embeddings):
        super().__init__()
        self.patches, self.positions = embeddings.patch_embedding, embeddings.position_embedding

    def forward(self, pixel_values, patch_attention_mask):
        return self.patches(pixel_values).flatten(2).transpose(1, 2) + self.positions.weight


class Tower(torch.nn.Module):
    """Tiles that are all zero are padding and give no features; the mask says which patches of a tile are picture."""

    def __init__(self, model):
        super().__init__()
        self.tower, self.connector = copy.deepcopy(model.vision_model), model.connector
        self.tower.embeddings = WholeTile(self.tower.embeddings)

    def forward(self, pixel_values, pixel_attention_mask):
        tiles = pixel_values.reshape(-1, 3, TILE, TILE)
        real = (tiles != 0).any(dim=-1).any(dim=-1).any(dim=-1)
        tiles = tiles[real]
        side = TILE // PATCH
        mask = pixel_attention_mask.reshape(-1, side, PATCH, side, PATCH)[real].any(dim=-1).any(dim=2)
        return self.connector(self.tower(tiles, patch_attention_mask=mask).last_hidden_state)


class SmolVlm(family.Family):
    def __init__(self, name, options):
        super().__init__(name, options, CASES, tokens.smolvlm(), ends=["<end_of_utterance>"], vocabulary_step=64)
        self.make_model(transformers.Idefics3ForConditionalGeneration, attention="eager", seed=3)
        self.images = Idefics3ImageProcessor(size={"longest_edge": LONGEST}, max_image_size={"longest_edge": TILE})

    def make_config(self):
        o = self.options
        hidden = o.hidden or 64
        text = dict(
            model_type="llama",
            vocab_size=self.vocabulary,
            hidden_size=hidden,
            intermediate_size=hidden * 3 // 2,
            num_hidden_layers=o.layers or 2,
            num_attention_heads=o.heads or 4,
            num_key_value_heads=o.kv_heads or 1,
            max_position_embeddings=1024,
            initializer_range=family.WEIGHT_RANGE,
            tie_word_embeddings=False,
            bos_token_id=self.id("<|im_start|>"),
            eos_token_id=self.ends[0],
            pad_token_id=self.id("<|im_end|>"),
        )
        tower = dict(
            hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=TILE, patch_size=PATCH
        )
        return transformers.Idefics3Config(
            text_config=text,
            vision_config=tower,
            image_token_id=self.id("<image>"),
            scale_factor=SHUFFLE,
            pad_token_id=self.id("<|im_end|>"),
            tie_word_embeddings=False,
        )

    def generation(self):
        pad = self.id("<|im_end|>")
        return {"bos_token_id": self.id("<|im_start|>"), "eos_token_id": self.ends[0], "pad_token_id": pad, "do_sample": False}

    def write_texts(self, folder):
        config = family.published(self.config)
        config["architectures"] = ["Idefics3ForConditionalGeneration"]
        config["transformers.js_config"] = {"use_external_data_format": False}
        family.write_json(folder / "config.json", config)
        family.write_json(
            folder / "generation_config.json", self.generation() | {"transformers_version": transformers.__version__}
        )
        self.tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "chat_template.jinja").write_text(TEMPLATE)
        known = {
            "add_prefix_space": False,
            "bos_token": "<|im_start|>",
            "eos_token": "<end_of_utterance>",
            "pad_token": "<|im_end|>",
            "unk_token": "<|endoftext|>",
            "model_max_length": 1024,
            "tokenizer_class": "GPT2Tokenizer",
            "processor_class": "Idefics3Processor",
        }
        family.write_json(folder / "tokenizer_config.json", known)
        family.write_json(folder / "preprocessor_config.json", PROCESSOR)
        family.write_json(folder / "processor_config.json", {"image_seq_len": RUN, "processor_class": "Idefics3Processor"})

    @staticmethod
    def shown(rows, columns):
        """What one `<image>` of the template becomes."""
        fake, run = "<fake_token_around_image>", "<image>" * RUN
        tiles = "".join(
            "".join(f"{fake}<row_{row + 1}_col_{column + 1}>{run}" for column in range(columns)) + "\n" for row in range(rows)
        )
        return f"{tiles}\n{fake}<global-img>{run}{fake}" if rows else f"{fake}<global-img>{run}{fake}"

    def prepare(self, case):
        prompt = family.render(self.tokenizer, TEMPLATE, family.messages(case))
        expanded, vision, inputs, facts = prompt, [], {}, {}
        if case.get("pictures"):
            split = case.get("do_image_splitting", True)
            made = self.images(
                [pictures.read(self.pictures, name) for name in case["pictures"]],
                return_tensors="pt",
                return_row_col_info=True,
                do_image_splitting=split,
            )
            tiles = [[int(r), int(c)] for r, c in zip(np.ravel(made["rows"]), np.ravel(made["cols"]))]
            pieces = prompt.split("<image>")
            expanded = pieces[0] + "".join(self.shown(*tile) + rest for tile, rest in zip(tiles, pieces[1:], strict=True))
            values, mask = made["pixel_values"], made["pixel_attention_mask"].bool()
            values, mask = values.reshape(1, -1, *values.shape[2:]), mask.reshape(1, -1, *mask.shape[2:])
            assert mask.all()
            plain = [pixels.smolvlm(pictures.array(self.pictures, name), PROCESSOR, split) for name in case["pictures"]]
            assert tiles == [tile for _, tile in plain]
            pixels.check(np.concatenate([cut for cut, _ in plain]), values[0].numpy())
            vision = [("vision_encoder", {"pixel_values": values.numpy(), "pixel_attention_mask": mask.numpy()})]
            inputs = {"pixel_values": values, "pixel_attention_mask": mask}
            facts = {"tiles": tiles, "do_image_splitting": split}
        ids = self.tokenizer.encode(expanded).ids
        positions = list(range(len(ids)))
        return family.Prepared(
            prompt, self.tokenizer.encode(prompt).ids, ids, [self.id("<image>")], vision, positions, 0, inputs, facts
        )

    def export(self, folder):
        onnx, text = folder / "onnx", self.config.text_config
        graphs.export_embed(self.model.model.text_model.embed_tokens, onnx / "embed_tokens.onnx")
        graphs.export_decoder(
            self.model.model.text_model, self.model.lm_head, text, onnx / "decoder_model_merged.onnx", keep_last=True
        )
        axes = {
            "pixel_values": ["batch_size", "num_images", 3, TILE, TILE],
            "pixel_attention_mask": ["batch_size", "num_images", TILE, TILE],
            "image_features": ["num_image_tiles", RUN, text.hidden_size],
        }
        free = {"pixel_values": {0: "b", 1: "n"}, "pixel_attention_mask": {0: "b", 1: "n"}, "image_features": {0: "t"}}
        example = (torch.randn(1, 3, 3, TILE, TILE), torch.ones(1, 3, TILE, TILE, dtype=torch.bool))
        graphs.export_traced(
            Tower(self.model.model), example, onnx / "vision_encoder.onnx", ["pixel_values", "pixel_attention_mask"], axes, free
        )
        family.quantise(folder, dynamic=True)
