"""The network: a picture and its camera in, metric depth out.

A U-shaped convolutional network. What makes it metric whatever the camera: each pixel's ray (x / z, y / z) goes in beside its
colour, at every level on the way down. Where the camera's stance is known, which way is up and how high it is over the floor,
so does how far the floor would be along each ray: nothing in a room is behind its floor, so what is told begins there. What
keeps edges sharp: the network does not say one depth but two, and how likely each is, so that a pixel at an edge need not say
something between a thing and what is behind it. The likelier one is told.
"""

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEIGHT = 160, 120
"""Size of the pictures it takes, pixels."""

# log depth is told about this, so that a network that says nothing says 2.2 m.
LOG_MIDDLE = 0.8
# Floors are not supposed to be farther than this, metres.
FAR_M = 4.5
GUIDES = 4
# Floors could be told to a thousandth; that is not worth learning while things are a tenth off.
LEAST_SPREAD, MOST_SPREAD = -3.5, 1.0


def convolution(inputs, outputs, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.second(self.first(x)))


class RoomDepth(nn.Module):
    def __init__(self, widths=(32, 64, 96, 128), blocks=(1, 2, 3, 2)):
        super().__init__()
        self.stem = convolution(4 * 3 + GUIDES, widths[0])
        self.down = nn.ModuleList([nn.Sequential(*[Residual(widths[0]) for _ in range(blocks[0])])])
        for level in range(1, len(widths)):
            layers = [convolution(widths[level - 1] + GUIDES, widths[level], 2)]
            layers += [Residual(widths[level]) for _ in range(blocks[level])]
            self.down.append(nn.Sequential(*layers))
        self.across = nn.Sequential(nn.Linear(widths[-1], widths[-1]), nn.ReLU(), nn.Linear(widths[-1], widths[-1]))
        self.up = nn.ModuleList()
        for level in range(len(widths) - 1, 0, -1):
            self.up.append(convolution(widths[level] + widths[level - 1], widths[level - 1]))
        self.head = nn.Conv2d(widths[0], 4 * 5, 3, 1, 1)
        nn.init.zeros_(self.head.bias)
        with torch.no_grad():
            self.head.weight.mul_(0.1)
            # The two start apart, else they would learn the same.
            self.head.bias[0:4] -= 0.3
            self.head.bias[4:8] += 0.3

    def forward(self, image, guides):
        """image [n, 3, h, w] in 0..1, guides [n, 4, h / 2, w / 2]; gives the five raw maps of `Mixture`, [n, 5, h, w]."""
        x = self.stem(torch.cat([F.pixel_unshuffle(image * 2.0 - 1.0, 2), guides], 1))
        x = self.down[0](x)
        levels = [x]
        for down in self.down[1:]:
            x = down(torch.cat([x, F.interpolate(guides, size=x.shape[2:], mode="nearest")], 1))
            levels.append(x)
        x = x + self.across(x.mean((2, 3)))[:, :, None, None]
        for up, skip in zip(self.up, reversed(levels[:-1])):
            x = F.interpolate(x, size=skip.shape[2:], mode="bilinear", align_corners=False)
            x = up(torch.cat([x, skip], 1))
        return F.pixel_shuffle(self.head(x), 2)


class Mixture:
    """Two Laplace distributions of log depth, and the weight of each, from raw maps [n, 5, h, w] and what is supposed
    without looking, [n, h, w]."""

    def __init__(self, raw, supposed):
        raw = raw.float()
        self.middles = supposed[:, None] + raw[:, 0:2]
        self.spreads = raw[:, 2:4].clamp(LEAST_SPREAD, MOST_SPREAD)
        self.log_weights = torch.stack([F.logsigmoid(raw[:, 4]), F.logsigmoid(-raw[:, 4])], 1)

    def loss(self, log_depth):
        """Minus the logarithm of the density at the truth, [n, h, w]."""
        off = (self.middles - log_depth[:, None]).abs()
        return -torch.logsumexp(self.log_weights - self.spreads - off * torch.exp(-self.spreads), 1)

    def likelier(self):
        """Log depth of the likelier of the two, and its spread, [n, h, w] each."""
        first = self.log_weights[:, 0] >= self.log_weights[:, 1]
        pick = lambda maps: torch.where(first, maps[:, 0], maps[:, 1])
        return pick(self.middles), pick(self.spreads)


def guides_of(cameras, stances, width=WIDTH, height=HEIGHT):
    """What is known of each pixel before looking. `cameras`: fx, fy, cx, cy [n, 4] in pixels, centres at whole numbers;
    `stances` [n, 4]: the unit vector that points up, in the camera's axes, and metres over the floor, all 0 where that is
    not known.

    Gives guides [n, 4, h / 2, w / 2] for the middle of each square of 2 x 2 pixels: x / z, y / z, how steeply the ray goes
    down, and the log depth that is supposed; and the latter for each pixel, [n, h, w]."""
    x, y, steep, supposed = seen(cameras, stances, width // 2, height // 2, 2.0, 0.5)
    guides = torch.stack([x, y, steep, supposed - LOG_MIDDLE], 1)
    return guides, seen(cameras, stances, width, height, 1.0, 0.0)[3]


def seen(cameras, stances, columns, rows, step, first):
    u = step * torch.arange(columns, dtype=torch.float32, device=cameras.device) + first
    v = step * torch.arange(rows, dtype=torch.float32, device=cameras.device) + first
    fx, fy, cx, cy = (cameras[:, k, None, None] for k in range(4))
    x = ((u[None, None, :] - cx) / fx).expand(-1, rows, -1)
    y = ((v[None, :, None] - cy) / fy).expand(-1, -1, columns)
    up_x, up_y, up_z, over_floor = (stances[:, k, None, None] for k in range(4))
    steep = -(up_x * x + up_y * y + up_z)
    floor = torch.log(torch.clamp(over_floor / torch.clamp(steep, min=1e-3), 0.1, FAR_M))
    known = (over_floor > 0.0).float()
    return x, y, steep, known * floor + (1.0 - known) * LOG_MIDDLE


class Exported(nn.Module):
    """What goes into the file: image [1, 3, h, w] in 0..1, intrinsics [1, 4] and stance [1, 4] in; depth and spread
    [1, h, w] out."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image, intrinsics, stance):
        guides, supposed = guides_of(intrinsics, stance)
        log_depth, log_spread = Mixture(self.network(image, guides), supposed).likelier()
        return torch.exp(log_depth), torch.exp(log_spread)
