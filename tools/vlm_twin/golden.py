"""Records what a folder must answer, and checks it while doing so."""

import json

import numpy as np

import family
import replay

TOKENS, AT_LEAST = 16, 12
ROWS_KEPT = 4  # rows of logits: the prompt's last position and the first steps


def record(twin, folder, with_pixels=True):
    """Writes golden/<case>/ for every case. Returns the rows of the table, and whether all of them hold."""
    runners = {precision: replay.Folder(folder, precision) for precision in replay.precisions(folder)}
    return record_with(twin, folder, {name: runner.answer for name, runner in runners.items()}, with_pixels)


def record_with(twin, folder, runners, with_pixels):
    """`runners`: precision to a function from a prepared case and a count to tokens, logits and features. What fp32 says is
    held against PyTorch and then recorded from there."""
    table, good = [], True
    for case in twin.cases:
        prepared = twin.prepare(case)
        expected, reference = family.torch_answer(twin.model, prepared, TOKENS)
        answers = {precision: run(prepared, TOKENS) for precision, run in runners.items()}
        good = good and (twin.options.ends or all(len(tokens) >= AT_LEAST for tokens, _, _ in answers.values()))
        error = same = ""
        if "fp32" in answers:
            tokens, logits, features = answers["fp32"]
            shared = min(len(logits), len(reference))
            worst = float(np.abs(logits[:shared] - reference[:shared]).max())
            good = good and tokens == expected and worst <= 1e-4
            error, same = f"{worst:.1e}", tokens == expected
            answers["fp32"] = expected, reference, features
        write(folder / "golden" / case["name"], twin, case, prepared, answers, with_pixels)
        agree = " ".join(f"{name} {agreement(expected, tokens)}" for name, (tokens, _, _) in answers.items())
        lead = " ".join(f"{margin(logits):.4f}" for _, logits, _ in answers.values())
        table.append((folder.name, case["name"], len(prepared.ids), len(set(expected)), error, same, agree, lead))
    return table, good


def margin(logits):
    """The narrowest lead of a chosen token over the next best."""
    best = np.sort(logits, axis=-1)
    return float((best[:, -1] - best[:, -2]).min())


def agreement(one, other):
    """Tokens in common from the start."""
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count


def raw(out, name, values):
    values = np.ascontiguousarray(values, dtype="<f4")
    (out / name).write_bytes(values.tobytes())
    return {"file": name, "shape": list(values.shape)}


def write(out, twin, case, prepared, answers, with_pixels):
    out.mkdir(parents=True, exist_ok=True)
    said = {precision: tokens for precision, (tokens, _, _) in answers.items()}
    rows = {precision: logits for precision, (_, logits, _) in answers.items()}
    made = {
        "family": twin.name,
        "case": case["name"],
        "messages": family.messages(case),
        "prompt": prepared.prompt,
        "prompt_ids": prepared.prompt_ids,
        "ids": prepared.ids,
        "image_ids": prepared.image_ids,
        "positions": prepared.positions,
        "rope_delta": prepared.rope_delta,
        **prepared.facts,
        "graphs": [graph for graph, _ in prepared.vision],
        "greedy": said,
        "text": {precision: twin.tokenizer.decode(tokens, skip_special_tokens=True) for precision, tokens in said.items()},
        "ended": {precision: tokens[-1] in twin.ends for precision, tokens in said.items()},
        "lead": {precision: margin(logits) for precision, logits in rows.items()},
        "logits": {
            precision: raw(out, "logits.f32" if precision == "fp32" else f"logits_{precision}.f32", logits[:ROWS_KEPT])
            for precision, logits in rows.items()
        },
    }
    if prepared.vision:
        if with_pixels and case.get("with_pixels", True):
            made["pixels"] = raw(out, "pixels.f32", np.concatenate([feeds["pixel_values"] for _, feeds in prepared.vision]))
        if "fp32" in answers:
            made["features"] = raw(out, "features.f32", answers["fp32"][2])
    (out / "case.json").write_text(compact(made) + "\n")


def compact(made):
    """JSON with one key a line: lists of numbers stay on theirs."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in made.items()]
    return "{\n" + ",\n".join(lines) + "\n}"
