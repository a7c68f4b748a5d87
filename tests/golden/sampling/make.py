"""Records what the warpers of transformers leave of a model's logits: writes cases.json beside this file.

Run by hand: python make.py   (needs torch and transformers; recorded with transformers 5.23, torch 2.15)

Each case has logits (null is minus infinity), the tokens seen before, the options, and what is left: ids and
probabilities. The order is that of transformers' `generate`: penalty, temperature, top-k, top-p, min-p.
"""

import json
from pathlib import Path

import torch
from transformers.generation.logits_process import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

OPTIONS = [
    {"temperature": 1.0},
    {"temperature": 0.7},
    {"temperature": 2.5, "top_k": 5},
    {"temperature": 1.0, "top_k": 1},
    {"temperature": 0.3, "top_k": 50},
    {"temperature": 1.0, "top_p": 0.9},
    {"temperature": 1.5, "top_p": 0.5},
    {"temperature": 0.8, "top_p": 0.05},
    {"temperature": 1.0, "top_p": 0.999},
    {"temperature": 1.0, "min_p": 0.1},
    {"temperature": 3.0, "min_p": 0.5},
    {"temperature": 1.0, "repetition_penalty": 1.3},
    {"temperature": 1.0, "repetition_penalty": 0.7},
    {"temperature": 0.9, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.1},
    {"temperature": 1.7, "top_k": 12, "top_p": 0.8, "min_p": 0.02, "repetition_penalty": 2.0},
    {"temperature": 0.6, "top_k": 20, "top_p": 0.95, "repetition_penalty": 1.05},
]


def warpers(options):
    """The list that `generate` would make of these options."""
    listed = LogitsProcessorList()
    if "repetition_penalty" in options:
        listed.append(RepetitionPenaltyLogitsProcessor(options["repetition_penalty"]))
    if options["temperature"] != 1.0:
        listed.append(TemperatureLogitsWarper(options["temperature"]))
    if "top_k" in options:
        listed.append(TopKLogitsWarper(options["top_k"]))
    if "top_p" in options:
        listed.append(TopPLogitsWarper(options["top_p"]))
    if "min_p" in options:
        listed.append(MinPLogitsWarper(options["min_p"]))
    return listed


def case(index, options, vocabulary, has_ties):
    """One case of seeded logits; ties only where the result does not hang on how a sort breaks them."""
    generator = torch.Generator().manual_seed(index)
    logits = torch.randn(vocabulary, generator=generator) * (1.0 + index % 4)
    if has_ties:
        logits = (logits * 2).round() / 2
    logits[torch.randperm(vocabulary, generator=generator)[: vocabulary // 10]] = -torch.inf
    seen = torch.randint(vocabulary, (1, 30), generator=generator)
    left = warpers(options)(seen, logits[None].clone())[0]
    probabilities = left.double().softmax(-1)
    ids = torch.nonzero(left > -torch.inf).flatten()
    return {
        "options": options,
        "seen": seen[0].tolist(),
        "logits": [None if v == float("-inf") else v for v in logits.tolist()],
        "ids": ids.tolist(),
        "probabilities": [round(p, 9) for p in probabilities[ids].tolist()],
    }


def main():
    cases = []
    for index, options in enumerate(OPTIONS):
        cases.append(case(index, options, 150, False))
        if "top_p" not in options:
            cases.append(case(100 + index, options, 90, True))
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases)
    Path(__file__).with_name("cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
