"""Records what a folder must answer, and checks it while doing so."""

import numpy as np

import family
import replay

TOKENS = 16
ROWS_KEPT = 4  # rows of logits: the prompt's last position and the first steps


def record(twin, folder):
    """Writes golden/<case>/ for every case. Returns the rows of the table, and whether all of them hold."""
    table, good = [], True
    runners = {precision: replay.Folder(folder, precision) for precision in replay.SUFFIXES}
    for case in twin.cases:
        prepared = twin.prepare(case)
        out = folder / "golden" / case["name"]
        out.mkdir(parents=True, exist_ok=True)
        expected, reference = family.torch_answer(twin.model, prepared, TOKENS)
        answers = {precision: runner.answer(prepared, TOKENS) for precision, runner in runners.items()}
        tokens, logits, features = answers["fp32"]
        error = float(np.abs(logits[: len(reference)] - reference[: len(logits)]).max())
        same = tokens == expected
        long_enough = all(len(found) >= 12 for found, _, _ in answers.values())
        good = good and same and error <= 1e-4 and long_enough
        write(out, twin, case, prepared, expected, reference, answers)
        margins = {precision: margin(found) for precision, (_, found, _) in answers.items()}
        table.append((twin.name, case["name"], len(prepared.ids), len(expected), len(set(expected)), f"{error:.1e}", same,
                      agreement(expected, answers["q8"][0]), agreement(expected, answers["q4"][0]),
                      *(f"{margins[precision]:.3f}" for precision in replay.SUFFIXES)))
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


def write(out, twin, case, prepared, expected, reference, answers):
    said = {"fp32": expected} | {precision: answers[precision][0] for precision in ("q8", "q4")}
    rows = {"fp32": reference} | {precision: answers[precision][1] for precision in ("q8", "q4")}
    files = {"fp32": "logits.f32", "q8": "logits_q8.f32", "q4": "logits_q4.f32"}
    made = {
        "family": twin.name,
        "case": case["name"],
        "messages": twin.messages(case),
        "prompt": prepared.prompt,
        "prompt_ids": prepared.prompt_ids,
        "ids": prepared.ids,
        "image_ids": prepared.image_ids,
        "positions": prepared.positions,
        "rope_delta": prepared.rope_delta,
        **prepared.facts,
        "graphs": [graph for graph, _ in prepared.vision],
        "greedy": said,
        "text": {precision: twin.tokenizer.decode(found, skip_special_tokens=True) for precision, found in said.items()},
        "ended": {precision: found[-1] in twin.ends for precision, found in said.items()},
        "margin": {precision: margin(found) for precision, found in rows.items()},
        "logits": {precision: raw(out, files[precision], found[:ROWS_KEPT]) for precision, found in rows.items()},
    }
    if prepared.vision:
        pixels = [feeds["pixel_values"] for _, feeds in prepared.vision]
        made["pixels"] = raw(out, "pixels.f32", np.concatenate(pixels))
        made["features"] = raw(out, "features.f32", answers["fp32"][2])
    family.write_json(out / "case.json", made)
