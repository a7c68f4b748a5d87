#!/usr/bin/env python3
"""Makes tiny vision-language models in the published folder layouts, with what they must answer. See README.md.

python make.py                                  every family into tests/vlm
python make.py --family llava --seed 7 --hidden 96 --heads 6 --kv-heads 3 --layers 3 --out /somewhere
"""

import argparse
import logging
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import torch
import transformers

import family
import genai
import golden
import llava
import llm
import pictures
import qwen
import replay
import smolvlm

# The seeds leave no greedy choice of the committed goldens closer than 0.001, in any precision.
SEEDS = {"qwen2_5_vl": 1, "llava": 1, "smolvlm": 2, "qwen2_vl": 0, "text": 0}
# Folders beside the four: the same model in another layout.
VARIANTS = {"qwen2_vl_any_grid": "qwen2_vl", "qwen2_5_vl_genai": "qwen2_5_vl", "qwen2_5_vl_genai_int4": "qwen2_5_vl", "text_genai": "text"}
FAMILIES = [*SEEDS, *VARIANTS]
SMALLER = tuple(suffix for suffix in replay.SUFFIXES.values() if suffix)
TESTS = pathlib.Path(__file__).resolve().parents[2] / "tests" / "vlm"


def grid(text):
    t, h, w = (int(part) for part in text.replace("x", ",").split(","))
    return t, h, w


def make(name, options, any_grid):
    """The model of a family, in memory."""
    if name == "text":
        return llm.Llm(name, options)
    if name == "llava":
        return llava.Llava(name, options)
    if name == "smolvlm":
        return smolvlm.SmolVlm(name, options)
    return qwen.Qwen(name, options, any_grid)


def build(name, options, out):
    """Writes one folder and its goldens: rows of the table, whether they hold, the folder."""
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    pictures.write(out / "pictures")
    twin = make(VARIANTS.get(name, name), options, any_grid=name.endswith("_any_grid"))
    twin.pictures = out / "pictures"
    if twin.name == "text":
        return *llm.build(twin, folder, in_genai=name.endswith("_genai")), folder
    if "_genai" in name:
        precision = "int4" if name.endswith("_int4") else "fp32"
        genai.export(twin, folder, precision)
        return *genai.record(twin, folder, precision), folder
    (folder / "onnx").mkdir(parents=True)
    twin.write_texts(folder)
    twin.export(folder)
    if name in VARIANTS:
        return *golden.record(twin, folder, with_pixels=False), folder
    return *golden.record(twin, folder), folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", choices=FAMILIES, action="append", help="once or several times; default: all")
    parser.add_argument("--out", type=pathlib.Path, default=TESTS)
    parser.add_argument("--seed", type=int, help="default: the seed of what is committed")
    parser.add_argument("--hidden", type=int)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--heads", type=int)
    parser.add_argument("--kv-heads", type=int)
    parser.add_argument("--grid", type=grid, action="append", default=[], help="t,h,w in patches: one more tower (Qwen)")
    parser.add_argument("--ends", action="store_true", help="let end tokens be chosen: some answers are then short, and said so")
    given = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    lines = [("folder", "case", "ids", "kinds", "error", "same", "tokens in common with PyTorch", "lead")]
    good = True
    for name in given.family or FAMILIES:
        seed = SEEDS[VARIANTS.get(name, name)] if given.seed is None else given.seed
        options = family.Options(seed, given.hidden, given.layers, given.heads, given.kv_heads, tuple(given.grid), given.ends)
        table, holds, folder = build(name, options, given.out)
        lines += table
        good = good and holds
        plain = sum(p.stat().st_size for p in folder.rglob("*.onnx") if not p.stem.endswith(SMALLER))
        total = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
        print(f"{name}: graphs as made {plain / 1e6:.2f} MB, folder {total / 1e6:.2f} MB", flush=True)
    widths = [max(len(str(line[column])) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print("  ".join(str(value).ljust(width) for value, width in zip(line, widths)))
    sys.exit(0 if good else "some case does not hold")


if __name__ == "__main__":
    main()
