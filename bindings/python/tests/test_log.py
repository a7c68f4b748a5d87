"""Log lines, and what their receivers raise."""

from __future__ import annotations

import logging
import threading
import unittest

import gnomon

from . import room


class Logs(unittest.TestCase):
    def tearDown(self) -> None:
        gnomon.set_log(gnomon.LogLevel.OFF)

    def test_lines_arrive_in_python_s_logging(self) -> None:
        gnomon.set_log(gnomon.LogLevel.DEBUG)
        with self.assertLogs("gnomon", logging.DEBUG) as caught:
            room.room_scene(3)
        self.assertTrue(all(record.name.startswith("gnomon.") for record in caught.records))
        self.assertTrue(all(record.getMessage() for record in caught.records))
        gnomon.set_log(gnomon.LogLevel.OFF)
        with self.assertNoGnomonLogs():
            room.room_scene(3)

    def assertNoGnomonLogs(self) -> NoLogs:
        return NoLogs(self)

    def test_a_line_with_percent_signs_is_not_formatted(self) -> None:
        from gnomon.log import to_logging

        with self.assertLogs("gnomon.scene", logging.WARNING) as caught:
            to_logging(gnomon.LogLevel.WARN, "gnomon::scene", "90 %s of it")
        self.assertEqual(caught.records[0].getMessage(), "90 %s of it")

    def test_lines_arrive_at_a_function(self) -> None:
        lines: list[tuple[gnomon.LogLevel, str, str, int]] = []
        gnomon.set_log(
            gnomon.LogLevel.DEBUG,
            lambda level, target, text: lines.append((level, target, text, threading.get_ident())),
        )
        room.room_scene(3)
        self.assertGreaterEqual(len(lines), 1)
        level, target, text, thread = lines[0]
        self.assertIsInstance(level, gnomon.LogLevel)
        self.assertTrue(target.startswith("gnomon") and text)
        self.assertEqual(thread, threading.get_ident())

    def test_what_a_receiver_raises_is_raised_after_the_call(self) -> None:
        scene = room.room_scene(4)

        def full(level: gnomon.LogLevel, target: str, text: str) -> None:
            raise OSError("the disk is full")

        gnomon.set_log(gnomon.LogLevel.DEBUG, full)
        with self.assertRaisesRegex(OSError, "the disk is full"):
            scene.integrate(room.frame(10))
        gnomon.set_log(gnomon.LogLevel.OFF)
        self.assertEqual(scene.publish().info.frames, 5, "what the call did is done")

    def test_the_log_cannot_be_set_from_inside_it(self) -> None:
        refused: list[str] = []

        def set_again(level: gnomon.LogLevel, target: str, text: str) -> None:
            try:
                gnomon.set_log(gnomon.LogLevel.OFF)
            except gnomon.StateError as error:
                refused.append(str(error))

        gnomon.set_log(gnomon.LogLevel.DEBUG, set_again)
        room.room_scene(3)
        self.assertEqual(set(refused), {"gnomon_set_log: called from inside a log callback"})

    def test_a_level_that_is_none_is_refused(self) -> None:
        with self.assertRaises(gnomon.ArgumentError) as caught:
            gnomon.set_log(gnomon.LogLevel(9))
        self.assertEqual(str(caught.exception), "gnomon_set_log: level is 9, expected one of GNOMON_LOG_*")


class NoLogs:
    """Fails where a gnomon logger is used meanwhile. (unittest has assertNoLogs from 3.10 on.)"""

    def __init__(self, test: unittest.TestCase) -> None:
        self.test = test
        self.records: list[logging.LogRecord] = []
        self.handler = logging.Handler()
        self.handler.emit = self.records.append  # type: ignore[assignment]

    def __enter__(self) -> None:
        self.logger = logging.getLogger("gnomon")
        self.level = self.logger.level
        self.logger.setLevel(logging.DEBUG)
        self.logger.addHandler(self.handler)

    def __exit__(self, *_: object) -> None:
        self.logger.removeHandler(self.handler)
        self.logger.setLevel(self.level)
        self.test.assertEqual(self.records, [])


if __name__ == "__main__":
    unittest.main()
