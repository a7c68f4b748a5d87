"""Where an observer stands, for maps, relations and questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from numpy.typing import ArrayLike

from . import _convert as convert
from . import _native as native

if TYPE_CHECKING:
    from .snapshot import Object

__all__ = ["Observer"]

Thing = Union[int, str, "Object"]


@dataclass(frozen=True, eq=False)
class Observer:
    """Where an observer stands and faces, in gnomon's world (Z up). Made by one of four:

    `Observer.camera()`: under the camera of the newest frame, facing where it looks.
    `Observer.pose(world_from_camera)`: under a given camera. `Observer.heading(origin, heading_rad)`: at a place,
    facing an angle. `Observer.facing(a, b)`: at thing a, facing thing b.
    """

    kind: int
    world_from_camera: Optional[ArrayLike] = None
    origin: tuple[float, float] = (0.0, 0.0)
    heading_rad: float = 0.0
    standing_at: Optional[Thing] = None
    faces: Optional[Thing] = None
    fallback: tuple[float, float] = (0.0, 0.0)

    @staticmethod
    def camera() -> Observer:
        """Under the camera of the newest frame, facing where it looks. For a `Question`: the view of the options."""
        return Observer(native.GNOMON_OBSERVER_CAMERA)

    @staticmethod
    def pose(world_from_camera: ArrayLike) -> Observer:
        """Under this camera (4 x 4), facing where it looks. A `Question` takes it as `AskOptions.view` instead."""
        return Observer(native.GNOMON_OBSERVER_POSE, world_from_camera=world_from_camera)

    @staticmethod
    def heading(origin: tuple[float, float], heading_rad: float) -> Observer:
        """At this x, y, metres, facing this way, radians counter-clockwise from world +X."""
        return Observer(native.GNOMON_OBSERVER_HEADING, origin=origin, heading_rad=heading_rad)

    @staticmethod
    def facing(standing_at: Thing, faces: Thing, fallback: tuple[float, float] = (0.0, 0.0)) -> Observer:
        """At one thing, facing another; each by id, by name, or as itself (in a `Question`: by name or category).
        fallback, for maps: faces this way (x, y, any length) where the two are closer than 0.05 m; 0, 0: such a pair is
        refused."""
        return Observer(native.GNOMON_OBSERVER_FACING, standing_at=standing_at, faces=faces, fallback=fallback)

    def _fill(self, struct: Any, id_of: Callable[[Thing], int]) -> None:
        """Into the fields that maps and relations share."""
        struct.observer = self.kind
        convert.put(struct, self, "origin", "heading_rad")
        if self.world_from_camera is not None:
            struct.world_from_camera = convert.pose(self.world_from_camera, "world_from_camera")
        if self.standing_at is not None and self.faces is not None:
            struct.standing_at = id_of(self.standing_at)
            struct.facing = id_of(self.faces)
