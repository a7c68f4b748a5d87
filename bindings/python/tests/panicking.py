"""An inner failure, by a library that fails on demand. tests/abi/wheel.sh runs it with such a library."""

from __future__ import annotations

import os
import unittest

import gnomon

from . import room


class InnerFailures(unittest.TestCase):
    def test_an_inner_failure_is_an_exception_and_the_handle_can_still_be_closed(self) -> None:
        scene = room.room_scene(3)
        os.environ["GNOMON_TEST_PANIC_HELD"] = "gnomon_scene_integrate"
        with self.assertRaises(gnomon.InternalError) as caught:
            scene.integrate(room.frame(3))
        del os.environ["GNOMON_TEST_PANIC_HELD"]
        self.assertEqual(caught.exception.status, gnomon.Status.PANIC)
        self.assertIn("asked for by GNOMON_TEST_PANIC_HELD", str(caught.exception))
        with self.assertRaises(gnomon.InternalError):
            scene.publish()
        scene.close()
        self.assertEqual(len(room.room_scene(3).snapshot()), 1, "others go on")


if __name__ == "__main__":
    unittest.main()
