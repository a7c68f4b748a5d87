"""How handles live and end: closing, garbage, threads, forks."""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import pickle
import sys
import threading
import time
import unittest
from collections.abc import Iterator
from typing import Any, Callable

import numpy as np

import gnomon
from gnomon import _native as native
from gnomon import errors
from gnomon._handle import Owner

from . import room


@contextlib.contextmanager
def frees(name: str) -> Iterator[list[int]]:
    """Counts the frees of handles made meanwhile."""
    freed: list[int] = []
    with room.watched(name, lambda handle: freed.append(1)):
        yield freed


class Closing(unittest.TestCase):
    def test_a_closed_handle_says_so(self) -> None:
        scene = room.room_scene(4)
        snapshot = scene.snapshot()
        cogmap, answer, judgements = snapshot.cogmap(), snapshot.ask("How many crates?"), snapshot.check("One crate.")
        chain = gnomon.Chain()
        uses: list[tuple[Any, Callable[[], object]]] = [
            (scene, scene.publish),
            (scene, lambda: scene.integrate(room.frame(9))),
            (scene, lambda: scene.update_poses({})),
            (snapshot, lambda: len(snapshot)),
            (snapshot, snapshot.objects),
            (snapshot, snapshot.__enter__),
            (snapshot, lambda: "crate#1" in snapshot),
            (cogmap, lambda: cogmap.png),
            (answer, lambda: answer.numbers),
            (answer, lambda: answer.words),
            (answer, lambda: answer.known),
            (judgements, lambda: list(judgements)),
            (chain, lambda: chain.text),
        ]
        for handle, _ in uses:
            self.assertFalse(handle.closed)
        for handle, _ in uses:
            handle.close()
            handle.close()
        for handle, use in uses:
            with self.assertRaises(gnomon.ClosedError) as caught:
                use()
            self.assertEqual(str(caught.exception), f"this {type(handle).__name__} is already closed")
            self.assertEqual(caught.exception.status, gnomon.Status.STATE)
            self.assertTrue(handle.closed)
            self.assertEqual(repr(handle), f"<gnomon.{type(handle).__name__} (closed)>")

    def test_with_closes_and_close_frees_at_once(self) -> None:
        with frees("gnomon_scene_free") as freed:
            with gnomon.Scene() as scene:
                self.assertEqual(freed, [])
            self.assertEqual(freed, [1])
            self.assertTrue(scene.closed)
            scene.close()
            self.assertEqual(freed, [1])
            gnomon.Scene()
            gc.collect()
            self.assertEqual(freed, [1, 1], "freed with the last reference")

    def test_a_failed_call_leaves_nothing_to_free(self) -> None:
        with frees("gnomon_scene_free") as freed:
            with self.assertRaises(gnomon.ArgumentError):
                gnomon.Scene(gnomon.SceneOptions(up=gnomon.Up(77)))
            gc.collect()
        self.assertEqual(freed, [])

    def test_everything_outlives_what_it_was_made_of(self) -> None:
        scene = room.room_scene(4)
        snapshot = scene.snapshot()
        clone, cogmap, answer = snapshot.clone(), snapshot.cogmap(), snapshot.ask("How many crates are there?")
        things = iter(snapshot)
        scene.close()
        snapshot.close()
        del scene, snapshot
        gc.collect()
        self.assertEqual([thing.name for thing in clone], ["crate#1"])
        self.assertEqual([thing.name for thing in things], ["crate#1"])
        self.assertIn("crate#1", cogmap.text)
        self.assertEqual(answer.short, "1")

    def test_arrays_keep_alive_what_they_look_at(self) -> None:
        feature = np.arange(64, dtype=np.float32)
        seen = gnomon.Detection("crate", (60, 40, 100, 80), 0.9, feature=feature)
        with frees("gnomon_snapshot_free") as freed:
            scene = gnomon.Scene()
            for number in range(3):
                scene.integrate(room.frame(number), [seen])
            snapshot = scene.publish()
            kept = snapshot.object("crate#1").feature
            assert kept is not None
            again = snapshot.object("crate#1").feature
            assert again is not None
            self.assertEqual(kept.ctypes.data, again.ctypes.data, "no copy")
            part = kept[8:16]
            snapshot.close()
            scene.close()
            del snapshot, scene, kept, again
            gc.collect()
            self.assertEqual(freed, [], "part still looks in")
            np.testing.assert_array_equal(part, feature[8:16])
            del part
            gc.collect()
            self.assertEqual(freed, [1])

    def test_a_map_s_arrays_and_an_answer_s_numbers_keep_theirs(self) -> None:
        snapshot = room.two_things()
        with frees("gnomon_cogmap_free") as maps, frees("gnomon_answer_free") as answers:
            footprint = snapshot.cogmap().objects()[0].footprint
            numbers = snapshot.ask("How many crates are there?").numbers
            gc.collect()
            self.assertEqual((maps, answers), ([], []))
            self.assertEqual((footprint.shape, numbers.tolist()), ((4, 2), [1.0]))
            self.assertFalse(footprint.flags.writeable)
            del footprint, numbers
            gc.collect()
            self.assertEqual((maps, answers), ([1], [1]))

    def test_handles_in_a_cycle_are_collected(self) -> None:
        with frees("gnomon_snapshot_free") as freed:
            snapshot: Any = gnomon.Scene().snapshot()
            snapshot.itself = snapshot
            del snapshot
            gc.collect()
            self.assertEqual(freed, [1])

    def test_handles_are_not_copied_and_not_made_by_hand(self) -> None:
        snapshot = gnomon.Scene().snapshot()
        for copying in (copy.copy, copy.deepcopy, pickle.dumps):
            with self.assertRaises(TypeError) as caught:
                copying(snapshot)
            self.assertEqual(
                str(caught.exception),
                "a Snapshot is a handle into this process and cannot be pickled or copied",
            )
        with self.assertRaisesRegex(TypeError, r"a Snapshot is made by Scene.publish\(\), Scene.snapshot\(\) or Snap"):
            gnomon.Snapshot()

    def test_results_are_plain_values(self) -> None:
        judgement = room.two_things().check("There is one crate.")[0]
        self.assertEqual(pickle.loads(pickle.dumps(judgement)), judgement)
        box = gnomon.Box((1, 2, 3), (1, 1, 1))
        self.assertEqual(pickle.loads(pickle.dumps(box)), box)


class Errors(unittest.TestCase):
    def test_every_status_below_zero_has_its_class(self) -> None:
        failures = [status for status in gnomon.Status if status < 0]
        self.assertEqual(sorted(errors.BY_STATUS), sorted(failures))
        for status in failures:
            kind = errors.BY_STATUS[status]
            self.assertEqual(kind("why").status, status)
            self.assertTrue(issubclass(kind, gnomon.Error))
        strange = errors.of(-99)
        self.assertEqual((type(strange), strange.status, strange.status_name), (gnomon.Error, -99, "GNOMON_E_?"))

    def test_errors_survive_pickling(self) -> None:
        error = gnomon.BusyError("gnomon_scene_publish: busy", gnomon.Status.BUSY)
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(again), str(again), again.status), (gnomon.BusyError, str(error), error.status))

    def test_sentences_are_the_thread_s_own(self) -> None:
        sentences: dict[int, str] = {}

        def fail(number: int) -> None:
            for _ in range(200):
                try:
                    gnomon.Scene(gnomon.SceneOptions(up=gnomon.Up(number)))
                except gnomon.ArgumentError as error:
                    sentences[number] = str(error)

        threads = [threading.Thread(target=fail, args=(number,)) for number in (101, 102, 103)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number, sentence in sentences.items():
            self.assertIn(f"up is {number},", sentence)
        self.assertEqual(len(sentences), 3)


class Threads(unittest.TestCase):
    def test_a_snapshot_is_shared_among_threads(self) -> None:
        snapshot = room.two_things()
        expected = (snapshot.json, snapshot.ask("How far is the crate from the chest?").text, str(snapshot.cogmap()))
        seen: list[tuple[str, str, str]] = []

        def read() -> None:
            for _ in range(20):
                answer = snapshot.ask("How far is the crate from the chest?")
                seen.append((snapshot.json, answer.text, str(snapshot.cogmap())))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(seen), 80)
        self.assertEqual(set(seen), {expected})

    def test_the_interpreter_s_lock_is_not_held_during_a_call(self) -> None:
        depth = np.full((960, 1280), 3000, np.uint16)
        camera = gnomon.Intrinsics(1280, 960, 1200, 1200, 640, 480)
        scene = gnomon.Scene(gnomon.SceneOptions(source=gnomon.Source.GEOMETRY))
        spans: list[tuple[float, float]] = []

        def enter(*_: object) -> None:
            spans.append((time.perf_counter(), 0.0))

        def integrate() -> None:
            for number in range(5):
                with room.watched("gnomon_scene_integrate", enter):
                    scene.integrate(room.frame(number, depth, intrinsics=camera))
                spans[-1] = (spans[-1][0], time.perf_counter())

        before = sys.getswitchinterval()
        sys.setswitchinterval(1.0)  # a thread keeps the lock unless it lets go of it
        try:
            thread = threading.Thread(target=integrate)
            ticks: list[float] = []
            thread.start()
            while thread.is_alive():
                ticks.append(time.perf_counter())
                time.sleep(0.0005)
        finally:
            sys.setswitchinterval(before)
        inside = [tick for tick in ticks if any(begin < tick < end for begin, end in spans)]
        self.assertEqual(len(spans), 5)
        self.assertGreaterEqual(len(inside), 5, f"{len(ticks)} ticks, calls {spans}")

    def test_a_second_writer_is_told_and_readers_are_not_held_up(self) -> None:
        scene = room.room_scene(4)
        inside, leave = threading.Event(), threading.Event()

        def stay(level: gnomon.LogLevel, target: str, text: str) -> None:
            inside.set()
            leave.wait(10)

        gnomon.set_log(gnomon.LogLevel.DEBUG, stay)
        writer = threading.Thread(target=lambda: scene.integrate(room.frame(10)))
        try:
            writer.start()
            self.assertTrue(inside.wait(10))
            with self.assertRaises(gnomon.BusyError) as caught:
                scene.publish()
            self.assertEqual(caught.exception.status, gnomon.Status.BUSY)
            self.assertEqual(len(scene.snapshot()), 1)
        finally:
            leave.set()
            writer.join()
            gnomon.set_log(gnomon.LogLevel.OFF)
        scene.publish()

    def test_closing_during_a_call_waits_for_its_end(self) -> None:
        snapshot = room.two_things()
        with frees("gnomon_snapshot_free") as freed:
            other = snapshot.clone()

            def close_it(text: str) -> int:
                other.close()
                gc.collect()
                self.assertEqual(freed, [])
                return len(text)

            self.assertIn("crate#1", other.text(4096, count=close_it))
            self.assertTrue(other.closed)
            self.assertEqual(freed, [1])


@unittest.skipUnless(hasattr(os, "fork"), "no fork here")
class Forks(unittest.TestCase):
    def in_child(self, work: Callable[[], object]) -> str:
        """What a forked child makes of it, as text."""
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                said = str(work())
            except BaseException as error:
                said = f"{type(error).__name__}: {error}"
            os.write(write, said.encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        return said

    def test_a_handle_of_the_parent_raises_in_the_child(self) -> None:
        snapshot = room.two_things()
        answer = snapshot.ask("How many crates are there?")
        self.assertEqual(
            self.in_child(lambda: len(snapshot)),
            "ForkedError: this Snapshot was made before the process was forked: it belongs to the parent. "
            "Make a new one in the child, or start the child with multiprocessing's 'spawn'",
        )
        self.assertTrue(self.in_child(lambda: answer.numbers).startswith("ForkedError: this Answer was made before"))
        self.assertEqual(self.in_child(lambda: repr(snapshot)), "<gnomon.Snapshot>")
        self.assertEqual(len(snapshot), 2, "the parent goes on")

    def test_the_child_does_not_free_what_is_the_parent_s(self) -> None:
        with frees("gnomon_snapshot_free") as freed:
            held = [gnomon.Scene().snapshot()]

            def drop() -> list[int]:
                held.clear()
                gc.collect()
                return freed

            self.assertEqual(self.in_child(drop), "[]")
            self.assertEqual(drop(), [1])

    def test_the_child_makes_handles_of_its_own(self) -> None:
        self.assertEqual(self.in_child(lambda: [thing.name for thing in room.two_things()]), "['crate#1', 'chest#1']")


class Owners(unittest.TestCase):
    def test_an_owner_frees_once(self) -> None:
        freed: list[object] = []
        owner = Owner(native.gnomon_text(7), freed.append)
        del owner
        self.assertEqual(len(freed), 1)


if __name__ == "__main__":
    unittest.main()
