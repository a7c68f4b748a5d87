"""What outlives the process, what an operator says, and which frames are worth keeping."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

import gnomon

from . import room


class Files(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_scene_comes_back_from_either_file_with_its_chain(self) -> None:
        snapshot = room.two_things()
        plain, packed = self.folder / "scene.json", str(self.folder / "scene.json.zst")
        with gnomon.Chain() as chain:
            chain.update(snapshot)
            text = chain.text
            size = snapshot.save(plain, told=chain)
        self.assertEqual(size, plain.stat().st_size)
        self.assertLess(snapshot.save(packed), size)
        for path in (plain, packed):
            with gnomon.Snapshot.load(path) as loaded:
                self.assertEqual(loaded.json, snapshot.json)
        continued = gnomon.Chain.load(plain)
        self.assertEqual(continued.text, text)
        self.assertEqual(continued.update(gnomon.Snapshot.load(plain)).changed, 0)
        with self.assertRaisesRegex(gnomon.StateError, "saved without what readers were told"):
            gnomon.Chain.load(packed)

    def test_what_is_no_saved_scene_is_refused_with_its_path(self) -> None:
        path = self.folder / "scene.json"
        with self.assertRaisesRegex(gnomon.IoError, "scene.json cannot be read"):
            gnomon.Snapshot.load(path)
        room.two_things().save(path)
        whole = path.read_text()
        for text, sentence in (
            (whole[: len(whole) // 2], "scene.json: scene cannot be read"),
            (whole.replace("crate#1", "crate#7"), "altered"),
            ("", "scene.json: scene cannot be read"),
        ):
            path.write_text(text)
            with self.assertRaisesRegex(gnomon.IoError, sentence):
                gnomon.Snapshot.load(path)
        path.write_text(whole.replace('"version":1', '"version":9', 1))
        with self.assertRaisesRegex(gnomon.UnsupportedError, "needs another gnomon"):
            gnomon.Snapshot.load(path)
        with self.assertRaisesRegex(TypeError, "path is 7, expected a str or a path"):
            gnomon.Snapshot.load(7)  # type: ignore[arg-type]

    def test_a_recorded_scene_is_made_again_and_goes_on(self) -> None:
        path = self.folder / "room.recording"
        with gnomon.Scene() as scene:
            scene.set_inputs(["a camera"])
            scene.record(path)
            for number in range(5):
                scene.integrate(room.frame(number), [room.CRATE])
            then = scene.publish()
            self.assertTrue(scene.recording.is_open)
            scene.end_recording()
            recording = scene.recording
            with self.assertRaises(gnomon.StateError):
                scene.record(path)
        self.assertEqual((recording.is_open, recording.ended), (False, None))
        self.assertEqual(recording.bytes, path.stat().st_size)
        again = gnomon.Scene.replay(path)
        self.assertEqual((again.frames, again.tail, again.differs), (5, gnomon.Tail.WHOLE, False))
        self.assertEqual(again.scene.snapshot().json, then.json)
        self.assertEqual(again.scene.snapshot().provenance.inputs, ("a camera",))
        self.assertEqual(again.scene.integrate(room.frame(5), [room.CRATE]).associated, 1)
        path.write_bytes(path.read_bytes()[:-5])
        cut = gnomon.Scene.replay(path)
        self.assertEqual((cut.tail, cut.frames), (gnomon.Tail.CUT, 5))
        self.assertIn(f"whole up to byte {cut.whole_bytes}", cut.words)

    def test_a_full_recording_says_so_and_the_scene_goes_on(self) -> None:
        with gnomon.Scene() as scene:
            scene.record(self.folder / "room.recording", most_bytes=2048)
            scene.integrate(room.frame(0), [room.CRATE])
            self.assertFalse(scene.recording.is_open)
            self.assertIn("full", scene.recording.ended or "")
            with self.assertRaisesRegex(gnomon.IoError, "full"):
                scene.end_recording()


class Edits(unittest.TestCase):
    def test_what_an_operator_says_is_shown_and_remembered(self) -> None:
        with room.room_scene(4) as scene:
            thing = scene.snapshot().object("crate#1").id
            said = gnomon.Edit.rename(thing, "Anna's box", "anna", stamp_ns=77)
            scene.edit(said)
            scene.edit(gnomon.Edit.relabel(thing, "box", "bert"))
            snapshot = scene.publish()
        self.assertEqual((snapshot.object("Anna's box").id, snapshot.object(thing).label), (thing, "box"))
        first, second = snapshot.edits()
        self.assertEqual((first.sequence, first.edit), (0, said))
        self.assertEqual((second.sequence, second.edit.word), (1, "box"))
        self.assertEqual(snapshot.edits(since=1), [second])
        provenance = snapshot.provenance
        self.assertEqual((provenance.version, provenance.edits), (gnomon.__version__, 2))
        self.assertEqual((provenance.inputs, provenance.first_stamp_ns), ((), 1_000_000_000))
        self.assertIsNone(gnomon.Scene().snapshot().provenance.first_stamp_ns)

    def test_a_snapshot_is_edited_aside_and_compared(self) -> None:
        before = room.two_things()
        crate, chest = before.object("crate#1"), before.object("chest#1")
        elsewhere = gnomon.Box(crate.box.centre + np.array([0, 2, 0]), crate.box.size, crate.box.world_from_box)
        pinned = before.edit(gnomon.Edit.pin(crate.id, elsewhere, "anna"))
        self.assertEqual(pinned.edits()[0].edit.box, elsewhere)
        found = before.diff(pinned)
        self.assertEqual((found.moved, found.changed, found.same, found.by_id), (1, 1, 1, True))
        self.assertIn("moved: crate#1 by 2.00 m", found.words)
        self.assertEqual(json.loads(found.json)["changed"][0]["after"]["name"], "crate#1")
        self.assertEqual(before.diff(pinned, gnomon.DiffOptions(least_move_m=3.0)).same, 2)
        self.assertEqual(len(before.edit(gnomon.Edit.delete(crate.id, "anna"))), 1)
        merged = before.edit(gnomon.Edit.merge(chest.id, crate.id, "anna"))
        self.assertEqual((len(merged), merged.edits()[0].edit.into), (1, crate.id))
        self.assertEqual(before.diff(merged, gnomon.DiffOptions(same_by=gnomon.SameBy.PLACE)).went, 1)
        with self.assertRaises(gnomon.UnsupportedError):
            before.edit(gnomon.Edit.unpin(crate.id, "anna"))
        with self.assertRaisesRegex(gnomon.ArgumentError, "who has 0 bytes"):
            before.edit(gnomon.Edit.delete(crate.id, ""))


class Keyframes(unittest.TestCase):
    def test_the_greatest_gain_is_picked_and_the_rest_fills_up(self) -> None:
        chosen = gnomon.select_voxels([[1, 2, 3], np.array([3, 4, 5, 6]), [1, 2, 7], [7]], 3)
        self.assertEqual(chosen.frames, [0, 1, 2])
        self.assertEqual(chosen.picks[1], gnomon.Pick(1, 0, 4))
        self.assertEqual((chosen.picks[0].order, chosen.covered, chosen.seen), (None, 7, 7))
        self.assertEqual(gnomon.select_voxels([], 3).picks, ())
        with self.assertRaisesRegex(ValueError, "has a voxel -1"):
            gnomon.select_voxels([[-1]], 1)
        with self.assertRaisesRegex(ValueError, "expected a row of whole numbers"):
            gnomon.select_voxels([[0.5]], 1)

    def test_frames_and_points_are_chosen_alike(self) -> None:
        options = gnomon.SelectOptions(count=1, edge=0.5, edge_kind=gnomon.EdgeKind.LENGTH)
        near, far = [[0, 0, 0], [1, 1, 1]], np.array([[0, 0, 0], [4, 4, 4], [np.nan, 0, 0]])
        chosen = gnomon.select_points([near, far], options=options)
        self.assertEqual((chosen.seen, chosen.edge, len(chosen.picks)), (3, 0.5, 1))
        # Confidence that is not above 0.1 does not count.
        sure = gnomon.select_points([near, far], confidence=[[1, 1], [0, 0, 0]], options=options)
        self.assertEqual(sure.seen, 2)
        with self.assertRaisesRegex(ValueError, r"points\[0\] has shape \(1, 2\), expected \(n, 3\)"):
            gnomon.select_points([[[1, 2]]])
        with self.assertRaisesRegex(ValueError, "confidence is of 1 frames, expected 2"):
            gnomon.select_points([near, far], confidence=[[1, 1]])
        frames = [room.frame(0), room.frame(900), room.frame(1)]
        taken = gnomon.select_frames(frames, gnomon.SelectOptions(count=2, edge=0.2, edge_kind=gnomon.EdgeKind.LENGTH))
        self.assertEqual(len(taken.frames), 2)
        self.assertIn(1, taken.frames)
        self.assertLessEqual(taken.covered, taken.seen)

    def test_a_keeper_keeps_so_many_and_tells_who_sees_what(self) -> None:
        line = np.column_stack([np.arange(60) * 0.1 + 0.05, np.full(60, 0.05), np.full(60, 0.05)])
        with gnomon.Keeper(gnomon.KeeperOptions(count=2, log=2)) as keeper:
            self.assertEqual(keeper.offer_points(0, line[:3]), gnomon.Swap(0, True, 3, None, 0))
            keeper.offer_points(1, line[3:23])
            self.assertFalse(keeper.offer_points(2, line[:2]).is_kept)
            swap = keeper.offer_points(7, line[:30] + np.array([8, 0, 0]))
            self.assertEqual((swap.gone, swap.loss, swap.gain), (0, 3, 30))
            self.assertEqual(keeper.kept()[1], gnomon.Kept(7, 30, 30))
            self.assertEqual([one.frame for one in keeper.log()], [1, 7])
            self.assertEqual(keeper.info, gnomon.KeeperInfo(4, 2, 50, 2, 1))
            ((frame, voxels),) = keeper.seeing(gnomon.Box((9.05, 0.05, 0.05), (0.1, 0.1, 0.1)))
            self.assertEqual(frame, 7)
            self.assertGreaterEqual(voxels, 1)
            self.assertGreater(keeper.offer(8, room.frame(0)).gain, 100)
            with self.assertRaisesRegex(gnomon.ArgumentError, "numbers rise"):
                keeper.offer(8, room.frame(1))
        with self.assertRaises(gnomon.ClosedError):
            keeper.kept()


if __name__ == "__main__":
    unittest.main()
