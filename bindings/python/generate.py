#!/usr/bin/env python3
"""Writes gnomon/_native.py: gnomon.h for ctypes, from tests/abi/layout.txt, tests/abi/types.txt and Cargo.toml.

    generate.py             writes gnomon/_native.py
    generate.py --check     fails, and shows the difference, where the vendored file differs
    generate.py --unused    lists the functions that the hand-written modules do not call; fails where there is one

`--layout FILE`, `--types FILE` and `--package DIR` stand in for the files of the repository.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import keyword
import re
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

NUMBERS = {
    "int32_t": "ctypes.c_int32",
    "uint32_t": "ctypes.c_uint32",
    "int64_t": "ctypes.c_int64",
    "uint64_t": "ctypes.c_uint64",
    "size_t": "ctypes.c_size_t",
    "uint8_t": "ctypes.c_uint8",
    "float": "ctypes.c_float",
    "double": "ctypes.c_double",
}


class Struct(NamedTuple):
    name: str
    size: int
    fields: list[tuple[str, int, int]]  # name, offset, size


class Function(NamedTuple):
    name: str
    returns: str
    parameters: list[str]  # types


class Declared:
    """What the two lists declare."""

    def __init__(self, layout: str, types: str) -> None:
        self.constants: list[tuple[str, int]] = []
        self.structs: list[Struct] = []
        self.handles: list[str] = []
        self.aliases: dict[str, str] = {}
        self.callbacks: list[Function] = []
        self.functions: list[Function] = []
        self.field_types: dict[str, str] = {}
        for line in layout.splitlines():
            word = line.split()
            if word[0] == "constant":
                self.constants.append((word[1], int(word[2])))
            elif word[0] == "struct":
                self.structs.append(Struct(word[1], int(word[3]), []))
            elif word[0] == "field":
                self.structs[-1].fields.append((spelt(word[1].split(".")[1]), int(word[3]), int(word[5])))
            else:
                raise SystemExit(f"generate: layout: no such line: {line}")
        for line in types.splitlines():
            kind, name, rest = [*line.split(" ", 2), ""][:3]
            if kind == "handle":
                self.handles.append(name)
            elif kind == "alias":
                self.aliases[name] = rest
            elif kind == "field":
                self.field_types[spelt(name)] = rest
            elif kind == "callback":
                self.callbacks.append(signature(name, rest))
            elif kind == "function":
                self.functions.append(signature(name, rest))
            else:
                raise SystemExit(f"generate: types: no such line: {line}")

    def plain(self, c_type: str) -> str:
        """The ctypes name of a type that is no pointer and no array."""
        c_type = self.aliases.get(c_type, c_type)
        return NUMBERS.get(c_type, c_type)

    def field(self, c_type: str) -> tuple[str, str]:
        """The ctypes type of a field, and its annotation. Bytes are addresses, other pointers have their type."""
        if match := re.fullmatch(r"(\w+)\[(\d+)\]", c_type):
            inner = self.plain(match[1])
            return f"{inner} * {match[2]}", f"ctypes.Array[{inner}]"
        if c_type in ("const char*", "const uint8_t*"):
            return "ctypes.c_void_p", "Optional[int]"
        if c_type.endswith("*"):
            inner = self.plain(c_type.removeprefix("const ").removesuffix("*"))
            if inner in self.handles:
                return inner, inner
            return f"ctypes.POINTER({inner})", "Any"
        plain = self.plain(c_type)
        if plain in ("ctypes.c_float", "ctypes.c_double"):
            return plain, "float"
        return plain, "int" if plain.startswith("ctypes.") else plain

    def argument(self, c_type: str) -> str:
        """The ctypes type of a parameter."""
        bare = c_type.removeprefix("const ")
        stars = len(bare) - len(bare.rstrip("*"))
        bare = bare.rstrip("*")
        if bare == "void":
            return "ctypes.c_void_p"
        if bare in self.handles:
            stars -= 1
        inner = self.plain(bare)
        for _ in range(stars):
            inner = f"ctypes.POINTER({inner})"
        return inner

    def result(self, c_type: str) -> tuple[str, str]:
        """The ctypes type of what a function returns, and its annotation."""
        if c_type == "void":
            return "None", "None"
        if c_type == "const char*":
            return "ctypes.c_char_p", "bytes"
        return self.plain(c_type), "int"


def spelt(name: str) -> str:
    """A field's name in Python: `from` is `from_`."""
    return name + "_" if keyword.iskeyword(name.rpartition(".")[2]) else name


def signature(name: str, rest: str) -> Function:
    """`size_t (void* user, gnomon_str text)`, read."""
    returns, _, parameters = rest.partition(" (")
    parameters = parameters.removesuffix(")")
    types = [] if parameters == "void" else [one.rsplit(" ", 1)[0] for one in parameters.split(", ")]
    return Function(name, returns, types)


def sequence(items: list[str], begin: str, end: str, indent: str, room: int) -> str:
    """Items between brackets, on one line where they fit."""
    line = begin + ", ".join(items) + end
    if len(line) <= room:
        return line
    return begin + "\n" + "".join(f"{indent}    {item},\n" for item in items) + indent + end


def native(declared: Declared, version: str) -> str:
    """The text of _native.py."""
    out = [
        '"""gnomon.h for ctypes: constants, structs, and the signature of every function.',
        "",
        "Generated by generate.py from tests/abi/layout.txt and tests/abi/types.txt: do not edit.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "import ctypes",
        "from typing import Any, Callable, Optional",
        "",
        f'VERSION = "{version}"',
        "",
    ]
    out += [f"{name} = {value}" for name, value in declared.constants]
    for handle in declared.handles:
        out += ["", "", f"class {handle}(ctypes.c_void_p):", '    """A handle: NULL or an address."""']
    for struct in declared.structs:
        fields, notes = [], []
        for name, _, _ in struct.fields:
            c_type, note = declared.field(declared.field_types[f"{struct.name}.{name}"])
            fields.append(f'("{name}", {c_type})')
            notes.append(f"    {name}: {note}")
        out += ["", "", f"class {struct.name}(ctypes.Structure):", *notes, ""]
        out += [sequence(fields, "    _fields_ = [", "]", "    ", 120)]
    out += ["", ""]
    for callback in declared.callbacks:
        types = [declared.result(callback.returns)[0], *map(declared.argument, callback.parameters)]
        out += [f"{callback.name} = ctypes.CFUNCTYPE({', '.join(types)})"]
    out += [
        "",
        "# Size of every struct, and offset and size of its fields, as C compilers see them.",
        "LAYOUT: dict[type[ctypes.Structure], tuple[int, dict[str, tuple[int, int]]]] = {",
    ]
    for struct in declared.structs:
        fields = [f'"{name}": ({offset}, {size})' for name, offset, size in struct.fields]
        begin, end = f"    {struct.name}: (", ")"
        inner = sequence(fields, "{", "}", "    ", 119 - len(begin) - len(str(struct.size)) - len(end) - 2)
        if "\n" not in inner:
            out += [f"{begin}{struct.size}, {inner}{end},"]
        else:
            inner = "        " + sequence(fields, "{", "}", "        ", 0) + ","
            out += [begin, f"        {struct.size},", inner, "    ),"]
    out += ["}", "", "# What every function returns and takes.", "SIGNATURES: dict[str, tuple[Any, list[Any]]] = {"]
    for function in declared.functions:
        types = [declared.argument(c_type) for c_type in function.parameters]
        returns = declared.result(function.returns)[0]
        begin = f'    "{function.name}": ({returns}, '
        line = begin + sequence(types, "[", "]", "", 10_000) + "),"
        if len(line) <= 120:
            out += [line]
            continue
        out += [f'    "{function.name}": (', f"        {returns},"]
        out += ["        " + sequence(types, "[", "]", "        ", 111) + ",", "    ),"]
    out += ["}", "", "", "class Functions:", '    """Every function of gnomon.h, bound to one shared object."""', ""]
    for function in declared.functions:
        out += [f"    {function.name}: Callable[..., {declared.result(function.returns)[1]}]"]
    out += [
        "",
        "    def __init__(self, library: ctypes.CDLL) -> None:",
        "        for name, (returns, takes) in SIGNATURES.items():",
        "            function = getattr(library, name)",
        "            function.restype = returns",
        "            function.argtypes = takes",
        "            setattr(self, name, function)",
        "",
    ]
    return "\n".join(out)


def version_of_crate() -> str:
    match = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    if not match:
        raise SystemExit("generate: Cargo.toml has no version")
    return match[1]


def names_used(package: Path) -> set[str]:
    """Every gnomon_* attribute or string that the modules of a package name, comments and docstrings aside."""
    used: set[str] = set()
    for path in package.glob("*.py"):
        if path.name == "_native.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                used.add(node.attr)
    return used


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--unused", action="store_true")
    parser.add_argument("--layout", type=Path, default=ROOT / "tests/abi/layout.txt")
    parser.add_argument("--types", type=Path, default=ROOT / "tests/abi/types.txt")
    parser.add_argument("--package", type=Path, default=HERE / "gnomon")
    given = parser.parse_args()
    declared = Declared(given.layout.read_text(), given.types.read_text())
    vendored = given.package / "_native.py"
    if given.unused:
        used = names_used(given.package)
        unused = [function.name for function in declared.functions if function.name not in used]
        print("\n".join(f"generate: no module calls {name}" for name in unused), end="\n" if unused else "")
        return bool(unused)
    text = native(declared, version_of_crate())
    if given.check:
        lines = difflib.unified_diff(
            vendored.read_text().splitlines(), text.splitlines(), str(vendored), "as generated", lineterm=""
        )
        difference = list(lines)
        print("\n".join(difference), end="\n" if difference else "")
        return bool(difference)
    vendored.write_text(text)
    print(f"generate: wrote {vendored.relative_to(Path.cwd()) if vendored.is_relative_to(Path.cwd()) else vendored}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
