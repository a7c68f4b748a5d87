"""Puts the shared object beside the package, and names the wheel after the machines it runs on.

GNOMON_WHEEL_LIBRARY: the stripped shared object, named libgnomon.so.<ABI>. GNOMON_WHEEL_PLATFORM: the platform tag
(manylinux_2_35_x86_64). `scripts/wheel.sh` sets both. One wheel serves every Python: it is called through ctypes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Hook(BuildHookInterface):  # type: ignore[type-arg, misc]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        try:
            library, platform = os.environ["GNOMON_WHEEL_LIBRARY"], os.environ["GNOMON_WHEEL_PLATFORM"]
        except KeyError as missing:
            raise SystemExit(f"{missing} is not set: build the wheel with `make wheel`") from None
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["force_include"][library] = f"gnomon/{Path(library).name}"
