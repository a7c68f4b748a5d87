"""What every family has in common: seeded weights, files of a folder, a prepared case."""

import dataclasses
import json

import numpy as np
import torch
import transformers

import graphs
from replay import SUFFIXES

WEIGHT_RANGE = 0.15
WHOLE_IN_Q4F16 = ("inputs_embeds", "pixel_values", "image_features", "logits")
# A case of every family: a system's words, an earlier answer, text on both sides of a picture, content that is a plain string.
TURNS = {
    "name": "turns",
    "pictures": ["odd"],
    "messages": [
        {"role": "system", "content": "Answer in one line."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Is the cup in "},
                {"type": "image", "image": "odd.png"},
                {"type": "text", "text": "this picture?"},
            ],
        },
        {"role": "assistant", "content": "Yes, on the table."},
        {"role": "user", "content": "And the lamp?"},
    ],
    "with_pixels": False,  # those of the case `image`
}


@dataclasses.dataclass
class Options:
    """Shape of the model. None: the family's own choice."""

    seed: int = 0
    hidden: int | None = None
    layers: int | None = None
    heads: int | None = None
    kv_heads: int | None = None
    grids: tuple = ()
    ends: bool = False  # whether an answer may end before it is cut off


@dataclasses.dataclass
class Prepared:
    """A case as the graphs see it."""

    prompt: str
    prompt_ids: list  # before image tokens are repeated
    ids: list  # after
    image_ids: list  # tokens whose embeddings are replaced
    vision: list  # (graph name, feeds) in the order of the prompt
    positions: list  # [S], or [3][S]
    rope_delta: int
    torch_inputs: dict  # for `generate`
    facts: dict  # grids, tiles and the like, for case.json


def grow_varied(model, tokenizer, vocabulary, spoken):
    """Wide seeded weights, so that greedy answers vary. Tokens that stand for no text get rows of zeros in the head and are
    never chosen, except those in `spoken`."""
    generator = torch.Generator().manual_seed(model.twin_seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, WEIGHT_RANGE, generator=generator)
            elif "norm" in name.lower() or "ln_q" in name:
                noise = torch.randn(parameter.shape, generator=generator) * 0.1
                parameter.copy_((0 if name.endswith("bias") else 1) + noise)
            else:
                parameter.normal_(0, 0.05, generator=generator)
        head = model.get_output_embeddings().weight
        silent = [i for i, token in tokenizer.get_added_tokens_decoder().items() if i not in spoken]
        silent += range(tokenizer.get_vocab_size(), vocabulary)
        head[silent] = 0
    return model


class Family:
    """A tiny model of a family. One of them says with `make_config` and `generation` what it is."""

    def __init__(self, name, options, cases, tokenizer, ends, vocabulary_step):
        self.name, self.options, self.cases, self.tokenizer = name, options, cases, tokenizer
        self.id = tokenizer.token_to_id
        self.ends = [self.id(word) for word in ends]
        self.vocabulary = -(-tokenizer.get_vocab_size() // vocabulary_step) * vocabulary_step
        self.config = self.make_config()

    def make_model(self, kind, attention, seed):
        """The transformers class `kind`; its weights are those of the options' seed and `seed`."""
        torch.manual_seed(self.options.seed)
        self.model = kind(self.config).eval().float()
        self.model.set_attn_implementation(attention)
        self.model.twin_seed = self.options.seed + seed
        grow_varied(self.model, self.tokenizer, self.vocabulary, self.ends if self.options.ends else [])
        self.model.generation_config = transformers.GenerationConfig(**self.generation())


def messages(case):
    """What is said: pictures, then frames, then words of one user, or what the case spells out. Files lie in pictures/."""
    if "messages" in case:
        return case["messages"]
    parts = [{"type": "image", "image": f"{name}.png"} for name in case.get("pictures", [])]
    if "frames" in case:
        parts.append({"type": "video", "video": [f"{name}.png" for name in case["frames"]], "fps": case["fps"]})
    return [{"role": "user", "content": [*parts, {"type": "text", "text": case["text"]}]}]


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def published(config):
    """A configuration as a dictionary, without what says nothing about the model."""
    if not isinstance(config, dict):
        config = config.to_dict()
    silent = {"id2label", "label2id", "problem_type", "_name_or_path", "chunk_size_feed_forward", "output_attentions"}
    silent |= {"output_hidden_states", "return_dict", "is_encoder_decoder"}
    kept = {key: published(value) if isinstance(value, dict) else value for key, value in config.items() if key not in silent}
    if kept.get("dtype", "") is None:
        kept["dtype"] = "float32"
    return {key: value for key, value in kept.items() if not (key == "architectures" and value is None)}


def render(tokenizer, template, messages):
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer)
    return fast.apply_chat_template(messages, chat_template=template, add_generation_prompt=True, tokenize=False)


def quantise(folder, dynamic=False, halves=False):
    """Makes the q8 and q4 copies of every graph in `folder`/onnx; with `halves` those in float16, too."""
    for source in sorted((folder / "onnx").glob("*.onnx")):
        if source.stem.endswith(tuple(SUFFIXES[p] for p in SUFFIXES if p != "fp32")):
            continue
        q8, q4, fp16, q4f16 = (source.with_name(f"{source.stem}{SUFFIXES[p]}.onnx") for p in ("q8", "q4", "fp16", "q4f16"))
        if dynamic or source.stem == "embed_tokens":
            graphs.quantise_dynamic_int8(source, q8)
        else:
            graphs.quantise_blocks(source, q8, 8)
        graphs.quantise_blocks(source, q4, 4)
        if halves:
            graphs.halve(source, fp16)
            # As many published ones: 16 bits within and in the cache, 32 where rows and pictures go in and logits come out.
            graphs.halve(q4, q4f16, kept=WHOLE_IN_Q4F16)


def torch_answer(model, prepared, count):
    """Greedy tokens and their logits, by transformers' own `generate` from the prompt and the processed pictures."""
    with torch.no_grad():
        out = model.generate(
            input_ids=torch.tensor([prepared.ids]),
            attention_mask=torch.ones(1, len(prepared.ids), dtype=torch.long),
            **prepared.torch_inputs,
            max_new_tokens=count,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
        )
    tokens = out.sequences[0, len(prepared.ids) :].tolist()
    return tokens, np.stack([step[0].float().numpy() for step in out.logits])
