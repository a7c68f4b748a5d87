"""Trains the depth network on rendered rooms. See README.md beside this file."""

import argparse
import json
import math
import os
import time
from pathlib import Path

import torch

import data
import network

SAVED_EVERY_S = 90.0


def arguments():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--gnomon", required=True, help="the program gnomon, which draws the rooms")
    words.add_argument("--work", required=True, type=Path, help="folder for pictures and checkpoints; kept, and gone on from")
    words.add_argument("--rooms", type=int, default=900, help="rooms to learn from")
    words.add_argument("--views", type=int, default=12, help="pictures of each room")
    words.add_argument("--steps", type=int, default=16000, help="steps in all")
    words.add_argument("--batch", type=int, default=8, help="pictures a step")
    words.add_argument("--rate", type=float, default=2e-3, help="highest rate of learning")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--threads", type=int, default=2)
    words.add_argument("--device", default="cpu", help="cpu or cuda")
    words.add_argument("--whole-floats", action="store_true", help="compute in f32 instead of bf16")
    return words.parse_args()


def main():
    told = arguments()
    torch.set_num_threads(told.threads)
    torch.manual_seed(told.seed)
    device = torch.device(told.device)
    pictures = told.work / "views"
    pictures.mkdir(parents=True, exist_ok=True)
    watched = data.Views([data.draw(told.gnomon, pictures, data.WATCHED_SEED, 8, told.views)])
    seeds = range(data.FIRST_SEED, data.FIRST_SEED + told.rooms, data.ROOMS_A_SHARD)
    views = data.Views([data.draw(told.gnomon, pictures, seed, data.ROOMS_A_SHARD, told.views) for seed in seeds])
    print(f"{len(views)} pictures to learn from, {len(watched)} to watch", flush=True)

    learner = network.RoomDepth().to(device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(learner.parameters(), lr=told.rate, weight_decay=1e-3)
    average = {name: value.clone() for name, value in learner.state_dict().items()}
    step, spent_s = 0, 0.0
    checkpoint = told.work / "checkpoint.pt"
    if checkpoint.is_file():
        kept = torch.load(checkpoint, map_location=device)
        learner.load_state_dict(kept["learner"])
        optimiser.load_state_dict(kept["optimiser"])
        average, step, spent_s = kept["average"], kept["step"], kept["spent_s"]
        print(f"goes on from step {step}", flush=True)

    def save():
        kept = {"learner": learner.state_dict(), "optimiser": optimiser.state_dict(), "average": average}
        torch.save(kept | {"step": step, "spent_s": spent_s}, checkpoint.with_suffix(".tmp"))
        os.replace(checkpoint.with_suffix(".tmp"), checkpoint)

    saved_at = told_at = time.monotonic()
    used = time.process_time()
    running = None
    while step < told.steps:
        loss = one_step(learner, optimiser, views, told, step, device)
        step += 1
        follow(average, learner.state_dict(), step)
        running = loss if running is None else 0.98 * running + 0.02 * loss
        spent_s += time.process_time() - used
        used = time.process_time()
        now = time.monotonic()
        if now - told_at > 30.0:
            told_at = now
            print(f"step {step} loss {running:.3f} processor {spent_s:.0f} s", flush=True)
        if now - saved_at > SAVED_EVERY_S:
            save()
            saved_at = time.monotonic()
        if step % 400 == 0 or step == told.steps:
            print(f"step {step} watched {json.dumps(watch(average, watched, device))}", flush=True)
            print(f"    without stance {json.dumps(watch(average, watched, device, 0.0))}", flush=True)
    save()


def one_step(learner, optimiser, views, told, step, device):
    """Which pictures, and what is done to them, follows from the seed and the step, so that a run that was stopped goes on
    as it would have."""
    draws = torch.Generator().manual_seed(told.seed * 1_000_003 + step)
    indices = torch.randint(len(views), (told.batch,), generator=draws)
    colour, log_depth, cameras, stances = data.varied(*views.take(indices), draws)
    rate = told.rate * min(1.0, (step + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, step / told.steps)))
    for group in optimiser.param_groups:
        group["lr"] = rate + 1e-6
    learner.train()
    guides, supposed = network.guides_of(cameras.to(device), stances.to(device))
    colour = colour.to(device, memory_format=torch.channels_last)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=not told.whole_floats):
        raw = learner(colour, guides)
    loss = loss_of(network.Mixture(raw, supposed), log_depth.to(device))
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def loss_of(mixture, log_depth):
    """How improbable the truth is, and how far off what would be told is, as a value and as a slope."""
    told, _ = mixture.likelier()
    off = told - log_depth
    across, down = off[:, :, 1:] - off[:, :, :-1], off[:, 1:] - off[:, :-1]
    slope = across.abs().mean() + down.abs().mean()
    return mixture.loss(log_depth).mean() + 4.0 * off.abs().mean() + 2.0 * slope


def follow(average, state, step):
    """Moves the running average of all weights; it starts fast."""
    keep = min(0.998, (1 + step) / (10 + step))
    for name, value in state.items():
        if value.is_floating_point():
            average[name].lerp_(value, 1.0 - keep)
        else:
            average[name].copy_(value)


@torch.no_grad()
def watch(state, views, device, told_stances=1.0):
    """AbsRel, delta 1 and the median relative error of the averaged weights; with `told_stances` 0 without stances."""
    judged = network.RoomDepth().to(device, memory_format=torch.channels_last)
    judged.load_state_dict(state)
    judged.eval()
    errors, ratios = [], []
    for indices in torch.arange(len(views)).split(16):
        colour, log_depth, cameras, stances = views.take(indices)
        guides, supposed = network.guides_of(cameras.to(device), told_stances * stances.to(device))
        told, _ = network.Mixture(judged(colour.to(device), guides), supposed).likelier()
        off = told.cpu() - log_depth
        errors.append((torch.exp(off) - 1.0).abs().flatten())
        ratios.append((off.abs() < math.log(1.25)).flatten())
    errors, ratios = torch.cat(errors), torch.cat(ratios)
    figures = {"absrel": errors.mean(), "delta1": ratios.float().mean(), "median": errors.median()}
    return {name: round(float(value), 4) for name, value in figures.items()}


if __name__ == "__main__":
    main()
