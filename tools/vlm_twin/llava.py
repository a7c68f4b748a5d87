"""LLaVA-1.5: one square crop per picture, a CLIP tower read one layer before its last and without its class token."""

import numpy as np
import torch
import transformers
from transformers import CLIPImageProcessor

import family
import graphs
import pictures
import pixels
import tokens

SIDE, PATCH = 56, 14
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
# Pictures of a message come before its words, whatever their order was.
TEMPLATE = """{%- for message in messages -%}
{%- if message['role'] != 'system' -%}{{- message['role'].upper() + ': ' -}}{%- endif -%}
{%- if message['content'] is string -%}
{{- message['content'] + ' ' -}}
{%- else -%}
{%- for part in message['content'] | selectattr('type', 'equalto', 'image') -%}{{- '<image>\\n' -}}{%- endfor -%}
{%- for part in message['content'] | selectattr('type', 'equalto', 'text') -%}{{- part['text'] + ' ' -}}{%- endfor -%}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'ASSISTANT:' -}}{%- endif -%}
"""
PROCESSOR = {
    "crop_size": {"height": SIDE, "width": SIDE},
    "do_center_crop": True,
    "do_convert_rgb": True,
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": CLIP_MEAN,
    "image_processor_type": "CLIPImageProcessor",
    "image_std": CLIP_STD,
    "processor_class": "LlavaProcessor",
    "resample": 3,
    "rescale_factor": 1 / 255,
    "size": {"shortest_edge": SIDE},
}
CASES = [
    {"name": "image", "pictures": ["odd"], "text": "Where is the chair?"},
    {"name": "two_images", "pictures": ["odd", "tall"], "text": "What is different between the two pictures?\nSay it in 1 line."},
    {"name": "tall", "pictures": ["tall"], "text": "How many lamps are there?  \u00dcber 12 m\u00b2?"},
    {"name": "wide", "pictures": ["wide"], "text": "What is left of the window?"},
    {"name": "text", "text": "You're at the door; it\u2019s 2.5 m wide. \U0001f642 \u9580\u306f\u3069\u3053?\n\n\tIs it open?"},
    family.TURNS,
]


class Tower(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.tower, self.projector = model.vision_tower, model.multi_modal_projector
        self.layer = model.config.vision_feature_layer

    def forward(self, pixel_values):
        seen = self.tower(pixel_values, output_hidden_states=True).hidden_states[self.layer]
        return self.projector(seen[:, 1:])


class Llava(family.Family):
    def __init__(self, name, options):
        super().__init__(name, options, CASES, tokens.llava(), ends=["</s>"], vocabulary_step=64)
        self.make_model(transformers.LlavaForConditionalGeneration, attention="sdpa", seed=15)
        self.images = CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
        self.processor = {
            "image_token": "<image>",
            "num_additional_image_tokens": 1,
            "patch_size": PATCH,
            "processor_class": "LlavaProcessor",
            "vision_feature_select_strategy": "default",
        }

    def make_config(self):
        o = self.options
        hidden, heads = o.hidden or 64, o.heads or 4
        text = dict(
            model_type="llama",
            vocab_size=self.vocabulary,
            hidden_size=hidden,
            intermediate_size=hidden * 3 // 2,
            num_hidden_layers=o.layers or 2,
            num_attention_heads=heads,
            num_key_value_heads=o.kv_heads or heads,
            max_position_embeddings=512,
            initializer_range=family.WEIGHT_RANGE,
            tie_word_embeddings=False,
            bos_token_id=self.id("<s>"),
            eos_token_id=self.ends[0],
            pad_token_id=self.id("<pad>"),
        )
        tower = dict(
            model_type="clip_vision_model",
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=3,
            num_attention_heads=2,
            image_size=SIDE,
            patch_size=PATCH,
            projection_dim=32,
        )
        return transformers.LlavaConfig(
            text_config=text,
            vision_config=tower,
            image_token_index=self.id("<image>"),
            projector_hidden_act="gelu",
            vision_feature_layer=-2,
            vision_feature_select_strategy="default",
            image_seq_length=(SIDE // PATCH) ** 2,
            tie_word_embeddings=False,
        )

    def generation(self):
        return {
            "bos_token_id": self.id("<s>"),
            "eos_token_id": self.ends[0],
            "pad_token_id": self.id("<pad>"),
            "do_sample": False,
        }

    def write_texts(self, folder):
        config = family.published(self.config)
        config["architectures"] = ["LlavaForConditionalGeneration"]
        config["image_token_index"] = self.id("<image>")
        config.pop("image_token_id", None)
        config["transformers.js_config"] = {"use_external_data_format": False}
        family.write_json(folder / "config.json", config)
        family.write_json(
            folder / "generation_config.json", self.generation() | {"transformers_version": transformers.__version__}
        )
        self.tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "chat_template.jinja").write_text(TEMPLATE)
        known = {
            "add_bos_token": True,
            "add_eos_token": False,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "image_token": "<image>",
            "model_max_length": 512,
            "tokenizer_class": "LlamaTokenizer",
            "processor_class": "LlavaProcessor",
        }
        family.write_json(folder / "tokenizer_config.json", known)
        family.write_json(folder / "preprocessor_config.json", PROCESSOR)
        family.write_json(folder / "processor_config.json", self.processor)

    def prepare(self, case):
        prompt = family.render(self.tokenizer, TEMPLATE, family.messages(case))
        expanded, vision, inputs, facts = prompt, [], {}, {}
        if case.get("pictures"):
            values = self.images([pictures.read(self.pictures, name) for name in case["pictures"]], return_tensors="pt")[
                "pixel_values"
            ]
            pixels.check(
                np.stack([pixels.llava(pictures.array(self.pictures, name), PROCESSOR) for name in case["pictures"]]),
                values.numpy(),
            )
            count = (values.shape[2] // PATCH) * (values.shape[3] // PATCH) + self.processor["num_additional_image_tokens"] - 1
            expanded = prompt.replace("<image>", "<image>" * count)
            vision = [("vision_encoder", {"pixel_values": values.numpy()})]
            inputs = {"pixel_values": values}
            facts = {"tokens_per_picture": count}
        ids = self.tokenizer.encode(expanded).ids
        positions = list(range(len(ids)))
        return family.Prepared(
            prompt, self.tokenizer.encode(prompt).ids, ids, [self.id("<image>")], vision, positions, 0, inputs, facts
        )

    def export(self, folder):
        onnx, text = folder / "onnx", self.config.text_config
        graphs.export_embed(self.model.model.language_model.embed_tokens, onnx / "embed_tokens.onnx")
        graphs.export_decoder(self.model.model.language_model, self.model.lm_head, text, onnx / "decoder_model_merged.onnx")
        axes = {
            "pixel_values": ["batch_size", 3, SIDE, SIDE],
            "image_features": ["batch_size", (SIDE // PATCH) ** 2, text.hidden_size],
        }
        graphs.export_traced(
            Tower(self.model.model),
            (torch.randn(2, 3, SIDE, SIDE),),
            onnx / "vision_encoder.onnx",
            ["pixel_values"],
            axes,
            dynamic_axes={"pixel_values": {0: "batch_size"}, "image_features": {0: "batch_size"}},
        )
        family.quantise(folder, halves=True)
