"""The package itself: how it finds the library, its page of help, its completeness."""

from __future__ import annotations

import ctypes
import doctest
import os
import pydoc
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import gnomon
from gnomon import _library, codes
from gnomon import _native as native


def imported(environment: dict[str, str], code: str = "import gnomon") -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that finds this package and nothing of GNOMON_LIBRARY but what is given."""
    clean = {name: value for name, value in os.environ.items() if name not in ("GNOMON_LIBRARY", "LD_LIBRARY_PATH")}
    clean["PYTHONPATH"] = str(Path(gnomon.__file__).parent.parent)
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, **environment},
        cwd=tempfile.gettempdir(),
        capture_output=True,
        text=True,
        check=False,
    )


def library_with(functions: str, folder: str) -> str:
    """A shared object of these C functions."""
    source, made = Path(folder) / "planted.c", Path(folder) / "planted.so"
    source.write_text(functions)
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", str(made), str(source)], check=True)
    return str(made)


class Library(unittest.TestCase):
    def setUp(self) -> None:
        self.loaded = str(Path(gnomon.library_path()).resolve())

    def test_the_variable_names_the_library_and_nothing_else_is_tried(self) -> None:
        said = imported({"GNOMON_LIBRARY": self.loaded}, "import gnomon; print(gnomon.library_path())")
        self.assertEqual(said.stdout.strip(), self.loaded)
        lost = imported({"GNOMON_LIBRARY": "/nowhere/libgnomon.so"})
        self.assertEqual(
            lost.stderr.split("LibraryError: ")[1].strip(),
            "gnomon's shared object was not found. Tried (GNOMON_LIBRARY names the only place):\n"
            "  /nowhere/libgnomon.so: no such file",
        )

    def test_a_package_alone_names_every_place_that_was_tried(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            package = Path(gnomon.__file__).parent
            bare = shutil.copytree(package, Path(folder) / "gnomon", ignore=shutil.ignore_patterns("*.so*"))
            alone = imported({"PYTHONPATH": folder})
            sentence = alone.stderr.split("LibraryError: ")[1]
            beside = Path(os.path.realpath(bare)) / _library.FILE_NAME
            self.assertIn(
                f"Tried:\n  {beside}: no such file\n  {_library.FILE_NAME}, where the loader looks: ", sentence
            )
            self.assertIn("Set GNOMON_LIBRARY to the path of the shared object, or install the wheel.", sentence)
            shutil.copy(self.loaded, beside)
            path = imported({"PYTHONPATH": folder}, "import gnomon; print(gnomon.library_path())")
            self.assertEqual(path.stdout.strip(), str(beside))
            beside.unlink()
            at = {"PYTHONPATH": folder, "LD_LIBRARY_PATH": folder}
            shutil.copy(self.loaded, Path(folder) / _library.FILE_NAME)
            path = imported(at, "import gnomon; print(gnomon.library_path())")
            self.assertEqual(path.stdout.strip(), _library.FILE_NAME)

    def test_another_abi_is_refused_with_both_numbers(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            other = library_with(
                'unsigned gnomon_abi_version(void) { return 77; } const char *gnomon_version(void) { return "9.8.7"; }',
                folder,
            )
            said = imported({"GNOMON_LIBRARY": other}).stderr
        self.assertIn(
            f"{other} has ABI 77 (version 9.8.7), but this Python package is made for ABI {native.GNOMON_ABI_VERSION} "
            f"(version {native.VERSION}): install package and library of one version",
            said,
        )

    def test_an_older_library_is_refused_with_the_function_it_lacks(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            other = library_with(
                f"unsigned gnomon_abi_version(void) {{ return {native.GNOMON_ABI_VERSION}; }}"
                'const char *gnomon_version(void) { return "0.0.9"; }',
                folder,
            )
            said = imported({"GNOMON_LIBRARY": other}).stderr
            self.assertIn("(version 0.0.9) is older than this Python package (version", said)
            self.assertIn("undefined symbol: gnomon_", said)
            strange = library_with("int nothing(void) { return 0; }", folder)
            said = imported({"GNOMON_LIBRARY": strange}).stderr
        self.assertIn("is not gnomon's shared object: it has no gnomon_abi_version", said)

    def test_a_struct_that_differs_from_c_is_noticed(self) -> None:
        class Grown(ctypes.Structure):
            _fields_ = (("a", ctypes.c_uint32), ("b", ctypes.c_uint64))

        _library.check_layout({Grown: (16, {"a": (0, 4), "b": (8, 8)})})
        with self.assertRaisesRegex(gnomon.LibraryError, "Grown has 16 bytes here and 24 in C"):
            _library.check_layout({Grown: (24, {})})
        with self.assertRaisesRegex(gnomon.LibraryError, r"Grown.b has 8 bytes at 8 here, in C 4 bytes at 4"):
            _library.check_layout({Grown: (16, {"b": (4, 4)})})

    def test_versions_are_told(self) -> None:
        self.assertEqual(gnomon.version(), gnomon.__version__)
        self.assertEqual(gnomon.abi_version(), native.GNOMON_ABI_VERSION)
        self.assertEqual(gnomon.build_info()["abi"], native.GNOMON_ABI_VERSION)


class Page(unittest.TestCase):
    def test_the_example_of_the_docstring_is_true(self) -> None:
        found = doctest.testmod(gnomon)
        self.assertGreater(found.attempted, 10)
        self.assertEqual(found.failed, 0)

    def test_every_public_name_has_a_page(self) -> None:
        page = pydoc.plain(pydoc.render_doc(gnomon))
        self.assertEqual(sorted(gnomon.__all__), gnomon.__all__)
        for name in gnomon.__all__:
            self.assertTrue(name in page, name)
            thing = getattr(gnomon, name)
            self.assertTrue((thing.__doc__ or "").strip(), name)
            if isinstance(thing, type) and thing.__module__.startswith("gnomon"):
                for member, value in vars(thing).items():
                    if not member.startswith("_") and (callable(value) or isinstance(value, property)):
                        self.assertTrue((value.__doc__ or "").strip(), f"{name}.{member}")

    def test_every_constant_of_the_header_has_a_name(self) -> None:
        kinds = [getattr(codes, name) for name in codes.__all__]
        source = "".join(
            path.read_text() for path in Path(gnomon.__file__).parent.glob("*.py") if path.stem != "_native"
        )
        unnamed = [name for name in vars(native) if name.startswith("GNOMON_") and f"native.{name}" not in source]
        self.assertEqual(unnamed, [])
        self.assertGreaterEqual(sum(map(len, kinds)), 130)

    def test_a_number_of_a_newer_library_is_kept(self) -> None:
        newer = gnomon.EventKind(99)
        self.assertEqual((int(newer), newer.name), (99, "NUMBER_99"))
        with self.assertRaises(ValueError):
            gnomon.EventKind("born")  # type: ignore[arg-type]


if __name__ == "__main__":
    unittest.main()
