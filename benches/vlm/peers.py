"""Ours beside onnxruntime-genai and a plain loop over ONNX Runtime in Python, on the same model files; llama.cpp on its own.

    peers.py OURS MODELS OUT [PAIRS]

OURS is the program of `main.rs`, MODELS the folder that `model.py` made `vlm_b32` and `vlm_b128` in; where `gguf_model.py` made
`vlm.gguf` there and `node_modules` has node-llama-cpp, that is measured too. Each runtime is a process of
one thread that does what it is told on a line and answers. They take turns, ours first in one pair and last in the next; the
processor's time of each process is read from outside, and a ratio is the median over pairs: above 1 ours is quicker. The table
is printed, and written to OUT as `[{"name", "peer_name", "ours", "peer", "ratio", "unit"}]`.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

PROMPT, DECODED = 64, 12


def words(count, turn):
    """Token numbers, of which no two prompts begin alike."""
    return [(k * 7 + turn * 5) % 26 + 64 for k in range(count)]


def serve_genai(folder, as_it_comes=False):
    """`as_it_comes`: with threads as the library chooses them, which spin."""
    import onnxruntime_genai as og

    config = og.Config(folder)
    if as_it_comes:
        session = {"session_options": {"intra_op_num_threads": 0, "inter_op_num_threads": 0}}
        config.overlay(json.dumps({"model": {"decoder": session, "embedding": session}}))
    model = og.Model(config)
    params = og.GeneratorParams(model)
    params.set_search_options(max_length=512, do_sample=False)
    generator = None

    def prefill(count, turn):
        nonlocal generator
        generator = og.Generator(model, params)
        generator.append_tokens(words(count, turn))
        generator.generate_next_token()
        return int(generator.get_next_tokens()[0])

    def decode(count):
        for _ in range(count):
            generator.generate_next_token()
        return int(generator.get_next_tokens()[0])

    return {"prefill": prefill, "decode": decode}


def serve_loop(folder):
    import numpy as np
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session, embedding = (ort.InferenceSession(f"{folder}/{name}.onnx", options, providers=["CPUExecutionProvider"])
                          for name in ("model", "embedding"))
    outputs = [output.name for output in session.get_outputs()]
    empty = {one.name: np.zeros((1, one.shape[1], 0, one.shape[3]), np.float32)
             for one in session.get_inputs() if one.name.startswith("past")}
    state = {}

    def feed(ids):
        no_picture = np.zeros((0, session.get_inputs()[0].shape[2]), np.float32)
        (rows,) = embedding.run(None, {"input_ids": np.array([ids], np.int64), "image_features": no_picture})
        state["length"] += len(ids)
        mask = np.ones((1, state["length"]), np.int64)
        logits, *present = session.run(None, {"inputs_embeds": rows, "attention_mask": mask, **state["past"]})
        state["past"] = {name.replace("present", "past_key_values"): one for name, one in zip(outputs[1:], present)}
        state["next"] = int(logits[0, -1].argmax())

    def prefill(count, turn):
        state.update(past=empty, length=0)
        feed(words(count, turn))
        return state["next"]

    def decode(count):
        for _ in range(count):
            feed([state["next"]])
        return state["next"]

    return {"prefill": prefill, "decode": decode}


def serve(kind, folder):
    kinds = {"genai": serve_genai, "genai-as-it-comes": lambda folder: serve_genai(folder, True), "loop": serve_loop}
    does = kinds[kind](folder)
    print("{}", flush=True)
    for line in sys.stdin:
        what, *numbers = line.split()
        print(json.dumps({"tokens": [does[what](*map(int, numbers))]}), flush=True)


class Runtime:
    """A process that does what it is told."""

    def __init__(self, name, command, folder=None):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder)
        self.clock = (~self.process.pid << 3) | 2
        self.plan = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended: {self.process.wait()}")
        return json.loads(line)

    def do(self, line):
        """The processor's time that it takes, ms, the clock's, and what is said."""
        begun, wall = time.clock_gettime_ns(self.clock), time.perf_counter_ns()
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = self.answer()
        wall = time.perf_counter_ns() - wall
        return (time.clock_gettime_ns(self.clock) - begun) / 1e6, wall / 1e6, said

    def peak(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def pairs(ours, peer, line, count, by_clock=False, same_model=True):
    """Processor's time of both, or the clock's, ms, by turns. After a prompt to one model both must say the same token."""
    taken = []
    for turn in range(count):
        one, tokens = {}, set()
        for runtime in ((ours, peer), (peer, ours))[turn % 2]:
            *times, said = runtime.do(line.format(turn=turn))
            one[runtime] = times[by_clock]
            tokens.add(said["tokens"][-1])
        if "prefill" in line and same_model and len(tokens) != 1:
            raise RuntimeError(f"prompt {turn}: {ours.name} and {peer.name} say {tokens}")
        taken.append((one[ours], one[peer]))
    return taken


def burning(count):
    """So many processes that do nothing but keep a processor busy."""
    return [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]


def row(name, peer_name, taken, scale, unit):
    ratio = statistics.median(peer / ours for ours, peer in taken)
    ours, peer = (statistics.median(column) / scale for column in zip(*taken))
    return {"name": name, "peer_name": peer_name, "ours": round(ours, 4), "peer": round(peer, 4), "ratio": round(ratio, 4), "unit": unit}


def main():
    ours_program, models, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 12
    b32, b128 = str(models / "vlm_b32"), str(models / "vlm_b128")
    this = [sys.executable, __file__, "serve"]
    rows = []

    def say(one, floor):
        rows.append(one)
        print(f"{one['name']:28} {one['peer_name']:28} {one['ours']:10.3f} {one['peer']:10.3f} {one['unit']:16} {one['ratio']:6.3f}x  {floor}", flush=True)

    ours = Runtime("gnomon", [ours_program, b32])
    not_run = []
    for name, kind in [("onnxruntime-genai", "genai"), ("ONNX Runtime from Python", "loop")]:
        peer = Runtime(name, [*this, kind, b32])
        for runtime in (ours, peer):
            runtime.do(f"prefill {PROMPT} 0")
            runtime.do(f"decode {DECODED}")
        say(row("vlm-prefill", name, pairs(ours, peer, f"prefill {PROMPT} {{turn}}", count), PROMPT, "CPU ms/token"), ">= 0.97x")
        say(row("vlm-decode", name, pairs(ours, peer, f"decode {DECODED}", count), DECODED, "CPU ms/token"), ">= 0.97x")
        if kind == "genai":
            ours_128 = Runtime("gnomon", [ours_program, b128])
            ours_128.do(f"prefill {PROMPT}")
            ours_128.do(f"decode {DECODED}")
            say(row("vlm-decode-block128", name + ", block 32", pairs(ours_128, peer, f"decode {DECODED}", count), DECODED, "CPU ms/token"), ">= 1.10x")
            ours_128.end()
        peak = (ours.peak() / 1e6, peer.peak() / 1e6)
        say({"name": "vlm-peak-memory", "peer_name": name, "ours": round(peak[0], 1), "peer": round(peak[1], 1), "ratio": round(peak[1] / peak[0], 4), "unit": "MB"}, "")
        peer.end()
    llama = models / "vlm.gguf"
    if llama.exists():
        peer = Runtime("llama.cpp", ["node", str(pathlib.Path(__file__).with_name("llama.mjs").absolute()), str(llama.absolute())], models)
        for what, number in (("prefill", PROMPT), ("decode", DECODED)):
            peer.do(f"{what} {number} 0")
            taken = pairs(ours, peer, f"{what} {number}" + (" {turn}" if what == "prefill" else ""), count, same_model=False)
            say(row(f"vlm-{what}", "llama.cpp, Q4_0", taken, number, "CPU ms/token"), "printed")
        peer.end()
    else:
        print("llama.cpp: not run: node-llama-cpp or gguf could not be fetched")
    peer = Runtime("onnxruntime-genai", [*this, "genai-as-it-comes", b32])
    for runtime in (ours, peer):
        runtime.do(f"prefill {PROMPT} 0")
    others = burning(os.cpu_count() or 1)
    try:
        taken = pairs(ours, peer, f"decode {DECODED}", count, by_clock=True)
    finally:
        for other in others:
            other.kill()
            other.wait()
    say(row("vlm-decode-busy", "onnxruntime-genai as it comes", taken, DECODED, "ms/token"), "printed")
    peer.end()
    for what in ("prefill", "decode"):
        for _ in range(5):
            _, _, said = ours.do(f"{what} {PROMPT if what == 'prefill' else DECODED}")
            not_run.append((what, 1 - said["run_ms"] / said["ms"]))
    plan = ours.plan["plan_bytes"] / 1e6
    peak = ours.peak() / 1e6
    say({"name": "vlm-memory-plan", "peer_name": "its own plan", "ours": round(peak, 1), "peer": round(plan, 1), "ratio": round(plan / peak, 4), "unit": "MB"}, "0.85x to 1.15x")
    for what in ("prefill", "decode"):
        share = statistics.median(share for name, share in not_run if name == what)
        say({"name": f"vlm-not-run-{what}", "peer_name": "the whole", "ours": round(100 * share, 3), "peer": 100, "ratio": round(1 / share, 1) if share > 0 else 0, "unit": "% of the clock"}, "<= 2 %")
    first, again = [], []
    for _ in range(max(3, count // 3)):
        first.append(ours.do("look 12")[2]["first_ms"])
        again.append(ours.do("again 12")[2]["first_ms"])
    ratio = statistics.median(one / other for one, other in zip(first, again))
    say({"name": "vlm-second-question", "peer_name": "the first question", "ours": round(statistics.median(again), 2), "peer": round(statistics.median(first), 2), "ratio": round(ratio, 3), "unit": "ms to first token"}, ">= 5x")
    ours.end()
    out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3])
    else:
        main()
