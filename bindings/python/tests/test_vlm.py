"""Vision-language models, on those of tests/vlm: pieces as they come, whole replies, stops, and ends of all kinds."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import gnomon

from . import room

HERE = Path(__file__).resolve()
MODEL = next(
    (path for path in (HERE.parents[1] / "vlm/qwen2_5_vl", HERE.parents[3] / "tests/vlm/qwen2_5_vl") if path.is_dir()),
    Path("vlm"),
)
TOLD = next(
    (path for path in (HERE.parents[1] / "networks", HERE.parents[3] / "tests/networks") if path.is_dir()), Path(".")
)
FULL = gnomon.NetworkOptions(precision="fp32", threads=1)
needs_a_runtime = unittest.skipUnless(os.environ.get("GNOMON_ORT_PATH"), "no ONNX Runtime")
AT_EXIT = """
import gnomon, sys
vlm = gnomon.Vlm(sys.argv[1])
job = vlm.ask("Speak for long.", max_new_tokens=500)
print(next(iter(job)) != "")
"""


def picture() -> NDArray[np.uint8]:
    """Numbers that rise."""
    return (np.arange(84 * 112 * 3) * 7 % 251).astype(np.uint8).reshape(84, 112, 3)


def vlm() -> gnomon.Vlm:
    """The model in full precision."""
    return gnomon.Vlm(MODEL, FULL, gnomon.VlmOptions(vision_precision="fp32", prefixes=2))


def lit() -> gnomon.Frame:
    """The room, with a picture of numbers that rise."""
    rising = (np.arange(room.HEIGHT * room.WIDTH * 3) * 7 % 251).astype(np.uint8)
    return room.frame(0, colour=rising.reshape(room.HEIGHT, room.WIDTH, 3))


PLACES = '[{"bbox_2d":[42,28,70,56],"label":"crate"},{"bbox_2d":[9,9,3,3]}]'
WHOLE = gnomon.Fit.whole(room.WIDTH, room.HEIGHT)


class WithoutARuntime(unittest.TestCase):
    def test_geometry_alone_answers_where_no_model_is_given(self) -> None:
        album = gnomon.Album(gnomon.AlbumOptions(count=2))
        self.assertTrue(album.offer(3, lit()))
        self.assertEqual((album.offer(4, lit()), len(album)), (False, 1))
        self.assertTrue(album.correct(3, room.level_camera()))
        self.assertFalse(album.correct(4, room.level_camera()))
        with self.assertRaises(gnomon.ArgumentError):
            album.offer(5, room.frame(9, stamp_ns=2**62))
        with self.assertRaises(gnomon.ArgumentError):
            gnomon.Album(gnomon.AlbumOptions(count=0))
        snapshot = room.room_scene().snapshot()
        told = gnomon.ask_with_model(snapshot, album, None, "How many crates are there?")
        self.assertEqual((told.answer.short, told.said.words), ("1", ""))
        self.assertEqual((told.said.silence, told.said.failure), (gnomon.Silence.NO_MODEL, None))
        self.assertEqual(json.loads(told.json)["silence"], "no model is open")
        with self.assertRaises(gnomon.ArgumentError):
            gnomon.ask_with_model(snapshot, album, None, "x", options=gnomon.ConverseOptions(within_ns=0))

    def test_places_are_read_and_lifted(self) -> None:
        grounding = gnomon.Grounding(PLACES.replace("42,28,70,56", "60,40,100,80"), gnomon.Convention.PIXEL_JSON, WHOLE)
        self.assertEqual(list(grounding), [("crate", gnomon.RegionKind.BOX, (60, 40, 100, 80))])
        rejected, in_all = grounding.rejected
        self.assertEqual((len(grounding), len(rejected), in_all), (1, 1, 1))
        self.assertAlmostEqual(float(grounding.lift(0, lit()).centre[0]), 2, delta=0.3)
        with self.assertRaises(gnomon.ArgumentError):
            grounding.lift(1, lit())
        point = gnomon.Grounding("(0.5, 0.25)", gnomon.Convention.SHARES, WHOLE)[0]
        self.assertEqual(point, ("", gnomon.RegionKind.POINT, (80, 30)))
        with self.assertRaises(gnomon.ArgumentError):
            gnomon.Grounding("", gnomon.Convention.SHARES, gnomon.Fit.whole(0, 1))

    def test_what_cannot_be_meant_is_refused_before_anything_is_looked_for(self) -> None:
        with self.assertRaises(gnomon.IoError):
            gnomon.Vlm("/nowhere")
        with self.assertRaises(gnomon.ArgumentError):
            gnomon.Vlm("/nowhere", options=gnomon.VlmOptions(prefill_tokens=0))
        with self.assertRaises(TypeError):
            gnomon.Vlm(7)  # type: ignore[arg-type]
        with self.assertRaises(TypeError):
            gnomon.Job()


@needs_a_runtime
class Vlms(unittest.TestCase):
    def test_python_hears_what_c_hears(self) -> None:
        prefilled: list[tuple[int, int]] = []
        with vlm() as model:
            job = model.ask(
                "Where is the cup?", [picture()], max_new_tokens=8, progress=lambda *of: prefilled.append(of)
            )
            pieces = list(job)
            reply = job.reply
            info = model.info
            self.assertGreater(model.count_tokens("Where is the cup?"), 0)
        self.assertEqual("".join(pieces), reply.text)
        told = f"text: {reply.text}\nended: {int(reply.ended)}\ntoken_ids: {' '.join(map(str, reply.token_ids))}\n"
        told += f"prompt: {len(reply.prompt_ids)}\ngrid: {' '.join(map(str, reply.grids[0]))}\n"
        agreed, _, _ = (TOLD / "vlm.txt").read_text(encoding="utf-8").partition("place: ")
        self.assertEqual(told, agreed)
        self.assertEqual(prefilled[-1][0], prefilled[-1][1])
        self.assertEqual((reply.ended, reply.statistics.new_tokens), (gnomon.Ended.MAX_TOKENS, 8))
        self.assertEqual((info.family, info.precision, info.takes_images), ("qwen2_5_vl", "fp32", True))
        self.assertGreaterEqual(len(info.files), 3)
        self.assertEqual(list(job), [], "all was taken")

    def test_places_and_answers_are_here_what_they_are_in_c(self) -> None:
        frame = lit()
        assert frame.colour is not None
        album = gnomon.Album()
        album.offer(0, frame)
        snapshot = room.room_scene(4).snapshot()
        with vlm() as model:
            chosen = gnomon.Constraint.choices([PLACES])
            job = model.ask("Box the crate.", [frame.colour], constraint=chosen, max_new_tokens=256)
            (place,) = grounding = job.grounding(gnomon.Convention.PIXEL_JSON)
            box = grounding.lift(0, frame)
            options = gnomon.ConverseOptions(new_tokens=8)
            both = gnomon.ask_with_model(snapshot, album, model, "How many crates are there?", options=options)
            options.within_ns = 1
            late = gnomon.ask_with_model(snapshot, album, model, "How many crates are there?", options=options).said
            self.assertEqual((late.silence, late.failure), (gnomon.Silence.FAILED, gnomon.Status.CANCELLED))
        said = both.said
        self.assertIsNone(said.option)
        numbers = (said.silence, said.verdict, said.value, -1, said.ended, said.images, said.text_tokens)
        told = f"place: {place.label} {' '.join(f'{edge:.2f}' for edge in place.region)}\n"
        told += f"lifted: {' '.join(f'{side:.3f}' for side in [*box.centre, *box.size])}\n"
        told += f"asked: {both.answer.short} {' '.join(str(int(number)) for number in numbers)}\nsaid: {said.words}\n"
        agreed = (TOLD / "vlm.txt").read_bytes()
        self.assertEqual(told.encode(), agreed[agreed.index(b"place: ") :])

    def test_conversations_videos_and_constraints_cross(self) -> None:
        video = gnomon.Video([np.zeros((56, 84, 3), np.uint8)] * 4, fps=2)
        with vlm() as model:
            system = gnomon.Message("Be brief.", gnomon.Role.SYSTEM)
            chosen = gnomon.Constraint.choices(["left", "right"])
            reply = model.ask([system, gnomon.Message("Which?", videos=[video])], constraint=chosen).reply
            self.assertIn(reply.text, ("left", "right"))
            self.assertEqual(len(reply.grids), 1)
            schema = gnomon.Constraint.json_schema({"enum": [1, 2]})
            self.assertIn(model.ask("How many?", constraint=schema).reply.text, ("1", "2"))
            sampled = gnomon.Sampling(temperature=1.5, seed=7)
            texts = {model.ask("Go on.", sampling=sampled, max_new_tokens=6).reply.text for _ in range(2)}
            self.assertEqual(len(texts), 1, "one seed, one text")
            boxes = gnomon.Constraint.boxes(["cup"], most=1)
            self.assertTrue(model.ask("Box.", constraint=boxes).reply.text.startswith('{"label":"cup"'))
            self.assertGreater(len(model.ask("Once upon", raw=True, max_new_tokens=3).reply.token_ids), 0)
            for wrong in (gnomon.Constraint.regex("("), gnomon.Constraint.lark("start")):
                with self.assertRaises(gnomon.ArgumentError):
                    model.ask("x", constraint=wrong).wait()
            with self.assertRaises(gnomon.ArgumentError):
                model.ask("x", constraint=gnomon.Constraint.triplets(["one"]))
            with self.assertRaises(gnomon.ArgumentError):
                model.ask("x", constraint=gnomon.Constraint.cogmap(["a"] * 65))
            with self.assertRaises(ValueError):
                model.ask([system], [picture()])

    def test_who_hears_may_stop_and_what_is_raised_comes_back(self) -> None:
        with vlm() as model:
            stopped = model.ask("Speak.", hear=lambda piece: False)
            self.assertEqual(stopped.reply.ended, gnomon.Ended.CALLER)

            def hear(piece: str) -> None:
                raise KeyError(piece)

            failed = model.ask("Speak.", hear=hear)
            with self.assertRaises(KeyError):
                failed.wait()
            with self.assertRaises(KeyError):
                list(failed)

    def test_jobs_are_cancelled_dropped_late_and_refused(self) -> None:
        with vlm() as model:
            for at in range(20):
                job = model.ask("Speak for long.", max_new_tokens=500)
                if at % 2:
                    job.cancel()
                    with self.assertRaises(gnomon.CancelledError):
                        job.wait()
            for _ in model.ask("Speak for long.", max_new_tokens=500):
                break
            with self.assertRaises(gnomon.CancelledError) as caught:
                model.ask("Speak for long.", max_new_tokens=500, within_ns=1).wait()
            self.assertIn("not done within", str(caught.exception))
            first = model.ask("Speak for long.", max_new_tokens=500)
            self.assertFalse(first.wait(1))
            with self.assertRaises(gnomon.BusyError):
                model.ask("Busy?", when_busy=gnomon.WhenBusy.REFUSE)
        with self.assertRaises(gnomon.CancelledError):
            first.wait()
        with self.assertRaises(gnomon.ClosedError):
            model.ask("x")
        del job, first
        gc.collect()
        self.assertEqual(gnomon.vlm._listening, {}, "nobody listens any more")

    def test_an_end_of_the_program_ends_a_job_that_speaks(self) -> None:
        ended = subprocess.run(
            [sys.executable, "-c", AT_EXIT, str(MODEL)], capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "True\n", ""))


if __name__ == "__main__":
    unittest.main()
