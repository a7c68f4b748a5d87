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
import golden
import pictures

FAMILIES = ["qwen2_5_vl", "llava", "smolvlm", "qwen2_vl"]
# Chosen so that no greedy choice of the committed goldens is closer than 0.001 in any precision.
SEEDS = {"qwen2_5_vl": 1, "llava": 1, "smolvlm": 2, "qwen2_vl": 0}
TESTS = pathlib.Path(__file__).resolve().parents[2] / "tests" / "vlm"


def grid(text):
    t, h, w = (int(part) for part in text.replace("x", ",").split(","))
    return t, h, w


def make(name, options):
    if name in ("qwen2_5_vl", "qwen2_vl"):
        import qwen

        return qwen.Qwen(name, options)
    if name == "llava":
        import llava

        return llava.Llava(name, options)
    import smolvlm

    return smolvlm.SmolVlm(name, options)


def build(name, options, out):
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "onnx").mkdir(parents=True)
    pictures.write(out / "pictures")
    twin = make(name, options)
    twin.pictures = out / "pictures"
    twin.write_texts(folder)
    twin.export(folder)
    return golden.record(twin, folder), folder


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
    given = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    lines = [("family", "case", "ids", "new", "kinds", "error", "same", "q8", "q4", "lead", "lead q8", "lead q4")]
    good = True
    for name in given.family or FAMILIES:
        seed = SEEDS[name] if given.seed is None else given.seed
        options = family.Options(seed, given.hidden, given.layers, given.heads, given.kv_heads, tuple(given.grid))
        (table, holds), folder = build(name, options, given.out)
        lines += table
        good = good and holds
        plain = sum(p.stat().st_size for p in folder.glob("onnx/*.onnx") if not p.stem.endswith(("_q4", "_quantized")))
        total = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
        print(f"{name}: graphs in fp32 {plain / 1e6:.2f} MB, folder {total / 1e6:.2f} MB")
    for line in lines:
        print(" ".join(f"{str(value):>10}" for value in line))
    sys.exit(0 if good else "some case does not hold")


if __name__ == "__main__":
    main()
