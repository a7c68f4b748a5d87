"""The Qwen towers for any grid and any number of pictures in one graph: attention within frames and windows is said with masks
over numbers that come from the grid, in the order of the input, instead of loops over pieces of it."""

import torch

import graphs


class AnyGrid(torch.nn.Module):
    """`windows`: side of an attention window in merged patches, None where every layer sees whole frames."""

    def __init__(self, tower, merge, windows):
        super().__init__()
        self.tower, self.merge, self.windows = tower, merge, windows

    def places(self, patches, grid):
        """Of every patch: picture, frame, row, column; rows and columns in patches, blocks of merge x merge in a row."""
        t, h, w = grid.unbind(1)
        counts = t * h * w
        ends = counts.cumsum(0)
        at = torch.arange(patches, device=grid.device)
        picture = (at[:, None] >= ends[None, :]).sum(1)
        here = at - (ends - counts)[picture]
        frame_size, width = (h * w)[picture], w[picture] // self.merge
        frame, rest = here // frame_size, here % frame_size
        block, inner = rest // self.merge**2, rest % self.merge**2
        row = block // width * self.merge + inner // self.merge
        column = block % width * self.merge + inner % self.merge
        return picture, frame, row, column

    def forward(self, pixel_values, grid):
        hidden = self.tower.patch_embed(pixel_values)
        picture, frame, row, column = self.places(hidden.shape[0], grid)
        cos, sin = self.tower.rotary_pos_emb(hidden, torch.stack([row, column], dim=1))

        def alike(numbers):
            return numbers[:, None] == numbers[None, :]

        whole = alike(picture) & alike(frame)
        window = whole
        if self.windows:
            side = self.merge * self.windows
            window = whole & alike(row // side) & alike(column // side)
        for at, block in enumerate(self.tower.blocks):
            mask = whole if not self.windows or at in self.tower.fullatt_block_indexes else window
            hidden = hidden + attend(block.attn, block.norm1(hidden), mask, cos, sin)
            hidden = hidden + block.mlp(block.norm2(hidden))
        return self.tower.merger(hidden)


def attend(layer, hidden, mask, cos, sin):
    """Attention of all patches to all that `mask` allows."""
    count = hidden.shape[0]
    query, key, value = layer.qkv(hidden).reshape(count, 3, layer.num_heads, -1).permute(1, 2, 0, 3).unbind(0)
    query, key = turn(query, cos, sin), turn(key, cos, sin)
    weights = query @ key.transpose(1, 2) * query.shape[-1] ** -0.5
    weights = weights.masked_fill(~mask[None], float("-inf")).softmax(dim=-1)
    return layer.proj((weights @ value).transpose(0, 1).reshape(count, -1))


def turn(vectors, cos, sin):
    half = vectors.shape[-1] // 2
    return vectors * cos[None] + torch.cat([-vectors[..., half:], vectors[..., :half]], dim=-1) * sin[None]


def export(twin, path, grid_name):
    """Writes the graph with inputs `pixel_values` [patches, width] and `grid_name` [pictures, 3]."""
    vision = twin.config.vision_config
    windows = getattr(vision, "window_size", None)
    windows = windows // vision.spatial_merge_size // vision.patch_size if windows else None
    module = AnyGrid(twin.model.model.visual, vision.spatial_merge_size, windows)
    width = vision.in_channels * vision.temporal_patch_size * vision.patch_size**2
    grid = torch.tensor([[1, 6, 8], [2, 4, 6]])
    torch.onnx.export(
        module,
        (torch.randn(96, width), grid),
        str(path),
        input_names=["pixel_values", grid_name],
        output_names=["image_features"],
        dynamic_shapes={"pixel_values": {0: graphs.DYNAMIC}, "grid": {0: graphs.DYNAMIC}},
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    hidden = twin.config.text_config.hidden_size
    graphs.finish(
        path,
        {"pixel_values": ["num_patches", width], grid_name: ["num_images", 3], "image_features": ["num_image_tokens", hidden]},
    )
