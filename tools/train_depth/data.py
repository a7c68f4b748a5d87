"""Pictures of rendered rooms, drawn by `gnomon make-data views` and kept in a folder, and what is done to them in training."""

import json
import subprocess
from pathlib import Path

import numpy as np
import torch

FIRST_SEED = 100_000
"""Rooms to learn from begin here; those to watch progress on at 90,000. Evaluations take rooms from 1 on."""
WATCHED_SEED = 90_000
ROOMS_A_SHARD = 20


def draw(gnomon, folder, first_seed, rooms, views):
    """The folder of these rooms' views, drawn unless it is there."""
    shard = Path(folder) / f"{first_seed}-{rooms}-{views}"
    if not shard.is_dir():
        unfinished = shard.with_suffix(".tmp")
        subprocess.run(["rm", "-rf", str(unfinished)], check=True)
        words = ["make-data", "views", "--first-seed", first_seed, "--rooms", rooms, "--views", views, "--out", unfinished]
        subprocess.run([str(gnomon), *map(str, words)], check=True, stdout=subprocess.DEVNULL)
        unfinished.rename(shard)
    return shard


class Views:
    """Pictures in memory: colour [n, 3, h, w] u8, depth [n, h, w] u16 millimetres, cameras [n, 4] pixels,
    stances [n, 4]: up in the camera's axes, and metres over the floor."""

    def __init__(self, shards):
        parts = [self.read(Path(shard)) for shard in shards]
        self.colour, self.depth, self.cameras, self.stances = (torch.from_numpy(np.concatenate(arrays)) for arrays in zip(*parts))

    @staticmethod
    def read(shard):
        about = json.loads((shard / "views.json").read_text())
        width, height = about["size"]
        colour = np.fromfile(shard / "colour.u8", np.uint8).reshape(-1, height, width, 3)
        depth = np.fromfile(shard / "depth.u16", "<u2").reshape(-1, height, width)
        return colour.transpose(0, 3, 1, 2).copy(), depth, np.array(about["cameras"], np.float32), np.array(about["stances"], np.float32)

    def __len__(self):
        return len(self.colour)

    def take(self, indices):
        """Colour 0 to 1, log of depth in metres, cameras, stances."""
        colour = self.colour[indices].float() / 255.0
        log_depth = torch.log(self.depth[indices].float() / 1000.0)
        return colour, log_depth, self.cameras[indices], self.stances[indices]


STANCE_UNTOLD = 0.15
"""Share of pictures whose stance is kept from the network, so that it can do without."""


def varied(colour, log_depth, cameras, stances, draws):
    """The same batch, half of it mirrored, under other light and with grain, drawn from the generator `draws`."""
    count, _, _, width = colour.shape
    uniform = lambda low, high, *shape: low + (high - low) * torch.rand(count, *shape, generator=draws)
    mirrored = torch.rand(count, generator=draws) < 0.5
    colour = torch.where(mirrored[:, None, None, None], colour.flip(3), colour)
    log_depth = torch.where(mirrored[:, None, None], log_depth.flip(2), log_depth)
    cameras = cameras.clone()
    cameras[mirrored, 2] = width - 1 - cameras[mirrored, 2]
    stances = stances.clone()
    stances[mirrored, 0] *= -1.0
    stances[torch.rand(count, generator=draws) < STANCE_UNTOLD] = 0.0
    gain = uniform(0.8, 1.2, 1, 1, 1) * uniform(0.94, 1.06, 3, 1, 1)
    colour = (colour * gain).clamp(1e-3, 1.0) ** uniform(0.85, 1.18, 1, 1, 1)
    grain = torch.randn(colour.shape, generator=draws) * uniform(0.0, 0.02, 1, 1, 1)
    return (colour + grain).clamp(0.0, 1.0), log_depth, cameras, stances
