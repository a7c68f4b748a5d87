"""Ours beside NumPy, Open3D and spark-dsg: the same data, one thread each, in turn.

    target/bench/venv/bin/python benches/peers/peers.py PROGRAM DATA OUT

PROGRAM is the bench `peers`, DATA the folder it prepared, OUT the file to write: a list of objects with the keys name,
peer_name, ours, peer, ratio and unit; a ratio above 1 means that ours is better. `scripts/bench.sh` calls it.

How it is timed: ours and each peer are called in rounds, one after the other, all on one processor; of all calls of all
rounds the one counts that took least. A call's time is what the process was on the processor, so that other work on the
machine counts little (ours of the rows of planes, clusters and spark-update goes by the clock, which is never less).
Where NumPy can say the same in several ways, the quickest of them is the peer.

A row whose result is not the peer's result is an error.
"""

import ctypes
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})

import numpy as np  # noqa: E402

try:
    # Open3D asks for a libusb that not every machine has; a package of PyPI carries one.
    import libusb_package

    ctypes.CDLL(libusb_package.get_library_path(), mode=ctypes.RTLD_GLOBAL)
except (ImportError, OSError):
    pass
try:
    import open3d as o3d
except ImportError as error:
    o3d, NO_OPEN3D = None, error
try:
    import spark_dsg as dsg
except ImportError as error:
    dsg, NO_SPARK = None, error

ROUNDS = 5
ROUND_S = 0.25
THINGS = 100_000

# Floors of the ratio; rows that are not here are printed only.
FLOORS = {
    "sampler-greedy": 30,
    "sampler-points": 3,
    "voxel-numpy": 4,
    "voxel-open3d": 6,
    "backproject-memcpy": 1 / 2.5,
    "planes-open3d": 3,
    "clusters-open3d": 3,
}

# How the thinned cloud is made and cut up by Open3D: voxels, distance of a plane's points, points that make a plane, most
# planes, and reach and least points of a cluster; metres.
THIN_M, PLANE_M, PLANE_POINTS, PLANES, CLUSTER_M, CLUSTER_POINTS = 0.02, 0.02, 0.1, 3, 0.05, 10


class Ours:
    """The program that measures ours, asked row by row."""

    def __init__(self, program, folder):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([program, "serve", folder], stdin=pipe, stdout=pipe, text=True)

    def __call__(self, row):
        self.process.stdin.write(row + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["seconds"], answer["result"]


def round_of(work, before=None):
    """The least time of a call of `work`, seconds, and what it returned; `before` is called first each time."""
    least, spent = math.inf, 0.0
    while True:
        given = (before(),) if before else ()
        began = time.process_time()
        result = work(*given)
        took = time.process_time() - began
        least, spent = min(least, took), spent + max(took, 1e-6)
        if spent >= ROUND_S:
            return least, result


# ---- keyframes -------------------------------------------------------------------------------------------------------


def least_and_most(points):
    """Of all points along each axis, by rows of a hundred points: NumPy is slow down columns of three."""
    rows = points.reshape(-1, 300)
    return rows.min(0).reshape(100, 3).min(0), rows.max(0).reshape(100, 3).max(0)


def grid_of(points):
    low, high = least_and_most(points)
    edge = (high - low).min() / np.float32(20)
    return low, edge, ((high - low) / edge).astype(np.int64) + 1


def matrix_by_integers(points):
    low, edge, sides = grid_of(points)
    matrix = np.zeros((len(points), sides.prod()), bool)
    for row, frame in zip(matrix, points):
        cells = frame - low
        cells /= edge
        cells = cells.astype(np.int32)
        row[(cells[:, 0] * sides[1] + cells[:, 1]) * sides[2] + cells[:, 2]] = True
    return matrix


def matrix_by_product(points):
    """The numbers of the voxels as a product of floats, exact below 2^24."""
    low, edge, sides = grid_of(points)
    strides = np.array([sides[1] * sides[2], sides[2], 1], np.float32)
    matrix = np.zeros((len(points), sides.prod()), bool)
    for row, frame in zip(matrix, points):
        cells = frame - low
        cells /= edge
        np.floor(cells, out=cells)
        row[(cells @ strides).astype(np.intp)] = True
    return matrix


def greedy(gains_of, matrix, count):
    picks, covered = [], np.zeros(matrix.shape[1], matrix.dtype)
    for _ in range(count):
        gains = gains_of(matrix, covered)
        best = int(gains.argmax())
        if gains[best] == 0:
            break
        picks.append(best)
        covered |= matrix[best]
    return picks


def greedy_by_sum(matrix, count):
    return greedy(lambda sets, covered: (sets & ~covered).sum(1), matrix, count)


def greedy_by_count(matrix, count):
    return greedy(lambda sets, covered: np.count_nonzero(sets & ~covered, axis=1), matrix, count)


def greedy_by_bytes(matrix, count):
    """Sums of bytes eight at a time: no row of eight bytes has more than eight."""
    def gains_of(sets, covered):
        left = (sets & ~covered).view(np.uint8)
        return np.add.reduce(left, axis=1, dtype=np.uint32)
    return greedy(gains_of, matrix, count)


def greedy_by_dropping(matrix, count):
    """Voxels that are covered leave the matrix."""
    picks, left = [], matrix
    for _ in range(count):
        gains = np.count_nonzero(left, axis=1)
        best = int(gains.argmax())
        if gains[best] == 0:
            break
        picks.append(best)
        left = left[:, ~left[best]]
    return picks


def greedy_by_blas(matrix, count):
    """Floats and a product with what is not covered: no boolean matrix any more."""
    picks, open_ = [], np.ones(matrix.shape[1], np.float32)
    for _ in range(count):
        gains = matrix @ open_
        best = int(gains.argmax())
        if gains[best] == 0:
            break
        picks.append(best)
        open_[matrix[best] > 0] = 0
    return picks


def greedy_by_words(words, count):
    """Sets packed into words of 64, as ours are."""
    return greedy(lambda sets, covered: np.bitwise_count(sets & ~covered).sum(1, dtype=np.int64), words, count)


def packed(matrix):
    spare = np.zeros((len(matrix), -matrix.shape[1] % 64), bool)
    return np.packbits(np.hstack([matrix, spare]), axis=1, bitorder="little").view(np.uint64)


# ---- one frame's depth -----------------------------------------------------------------------------------------------


class Camera:
    def __init__(self, folder, meta):
        self.meta = meta
        self.depth = np.fromfile(Path(folder, meta["file"]), np.uint16).reshape(meta["height"], meta["width"])
        self.along_x = ((np.arange(meta["width"]) - meta["cx"]) / meta["fx"]).astype(np.float32)
        self.along_y = ((np.arange(meta["height"]) - meta["cy"]) / meta["fy"]).astype(np.float32)[:, None]
        self.world_from_camera = np.array(meta["world_from_camera"], np.float32).reshape(4, 4)

    def points(self):
        """Points of the pixels with depth, in the world."""
        z = self.depth * np.float32(0.001)
        points = np.stack((self.along_x * z, self.along_y * z, z), axis=-1)[self.depth > 0]
        points = points @ self.world_from_camera[:3, :3].T
        points += self.world_from_camera[:3, 3]
        return points

    def planar_points(self):
        """The same as three arrays."""
        seen = self.depth > 0
        z = self.depth * np.float32(0.001)
        x, y, z = (self.along_x * z)[seen], (self.along_y * z)[seen], z[seen]
        turn = self.world_from_camera
        return [x * turn[k, 0] + y * turn[k, 1] + z * turn[k, 2] + turn[k, 3] for k in range(3)]


def voxels_by_sorting(camera, edge):
    points = camera.points()
    cells = ((points - points.min(0)) / edge).astype(np.int32)
    sides = cells.max(0) + 1
    keys = (cells[:, 0] * sides[1] + cells[:, 1]) * sides[2] + cells[:, 2]
    keys.sort()
    return 1 + int(np.count_nonzero(np.diff(keys)))


def voxels_by_sorting_planes(camera, edge):
    cells = [((p - p.min()) / edge).astype(np.int32) for p in camera.planar_points()]
    sides = [int(c.max()) + 1 for c in cells]
    keys = (cells[0] * sides[1] + cells[1]) * sides[2] + cells[2]
    keys.sort()
    return 1 + int(np.count_nonzero(keys[1:] != keys[:-1]))


def voxels_by_open3d(camera, edge):
    return len(camera.cloud().voxel_down_sample(edge).points)


def voxels_by_open3d_tensors(camera, edge):
    return len(camera.tensor_cloud().voxel_down_sample(edge).point.positions)


class Open3DCamera(Camera):
    def __init__(self, folder, meta):
        super().__init__(folder, meta)
        lens = [meta[key] for key in ("width", "height", "fx", "fy", "cx", "cy")]
        self.lens = o3d.camera.PinholeCameraIntrinsic(*lens)
        self.image = o3d.geometry.Image(self.depth)
        self.tensor_image = o3d.t.geometry.Image(o3d.core.Tensor(self.depth))
        self.matrix = o3d.core.Tensor(self.lens.intrinsic_matrix)
        self.camera_from_world = np.linalg.inv(np.array(meta["world_from_camera"]).reshape(4, 4))
        self.tensor_pose = o3d.core.Tensor(self.camera_from_world)

    def cloud(self):
        of = o3d.geometry.PointCloud.create_from_depth_image
        return of(self.image, self.lens, self.camera_from_world, depth_scale=1000.0, depth_trunc=200.0)

    def tensor_cloud(self):
        of = o3d.t.geometry.PointCloud.create_from_depth_image
        return of(self.tensor_image, self.matrix, self.tensor_pose, depth_scale=1000.0, depth_max=200.0)


def planes_of(cloud):
    """The planes with the most points, one after another, and what is left."""
    o3d.utility.random.seed(7)
    least, found = PLANE_POINTS * len(cloud.points), []
    while len(found) < PLANES:
        plane, inside = cloud.segment_plane(PLANE_M, 3, 1000)
        if len(inside) < least:
            break
        found.append(plane)
        cloud = cloud.select_by_index(inside, invert=True)
    return found, cloud


def clusters_of(cloud):
    return int(np.asarray(cloud.cluster_dbscan(CLUSTER_M, CLUSTER_POINTS)).max()) + 1


# ---- scene graphs ----------------------------------------------------------------------------------------------------


class Spark:
    def __init__(self, folder):
        self.folder = folder
        self.graph = self.insert()
        self.turn = 0

    @staticmethod
    def attributes(number):
        attributes = dsg.ObjectNodeAttributes()
        attributes.position = np.array([300 * (number * 0.754877666 % 1), 300 * (number * 0.569840291 % 1), 0.4])
        attributes.bounding_box = dsg.BoundingBox(np.array([0.4, 0.3, 0.8], np.float32))
        attributes.name = f"label{number % 1000}#{number // 1000 + 1}"
        attributes.semantic_label = number % 1000
        return attributes

    def attributes_of_all(self):
        return [self.attributes(number) for number in range(THINGS)]

    def insert(self, attributes=None):
        graph = dsg.DynamicSceneGraph()
        for number, each in enumerate(attributes or self.attributes_of_all()):
            graph.add_node(dsg.DsgLayers.OBJECTS, dsg.NodeSymbol("o", number).value, each)
        return graph

    def update(self):
        """Twenty nodes get other positions and boxes: nothing is perceived."""
        self.turn += 20
        for number in range(self.turn % THINGS, self.turn % THINGS + 20):
            attributes = self.graph.get_node(dsg.NodeSymbol("o", number % THINGS).value).attributes
            attributes.position = attributes.position + 0.001
            attributes.bounding_box = dsg.BoundingBox(np.array([0.4, 0.3, 0.8], np.float32))

    def save(self):
        self.graph.save(str(Path(self.folder, "spark.json")), False)

    def load(self):
        return dsg.DynamicSceneGraph.load(str(Path(self.folder, "spark.json"))).num_nodes()


# ---- the table -------------------------------------------------------------------------------------------------------


class Table:
    def __init__(self, ours):
        self.ours, self.rows = ours, []

    def row(self, name, ours, peers, check=None, before=None, rounds=ROUNDS):
        """Rounds of ours and of each peer, a dictionary by name, in turn; the quickest peer makes the row."""
        least, mine = {}, math.inf
        for _ in range(rounds):
            seconds, result = self.ours(ours)
            mine = min(mine, seconds)
            for peer, work in peers.items():
                took, theirs = round_of(work, before)
                least[peer] = min(least.get(peer, math.inf), took)
                if check:
                    check(result, theirs)
        peer = min(least, key=least.get)
        self.add(name, peer, mine, least[peer])
        return result, theirs

    def add(self, name, peer, mine, theirs):
        row = {"name": name, "peer_name": peer, "ours": 1e3 * mine, "peer": 1e3 * theirs, "ratio": theirs / mine}
        self.rows.append({**row, "unit": "ms"})
        floor = FLOORS.get(name)
        word = "" if floor is None else f"at least {floor:.3g}: " + ("holds" if theirs / mine >= floor else "DOES NOT HOLD")
        print(f"| {name} | {1e3 * mine:.4g} | {peer} | {1e3 * theirs:.4g} | {theirs / mine:.3g} | {word} |", flush=True)


def equal(key):
    def check(ours, theirs):
        if ours[key] != theirs:
            raise SystemExit(f"peers: {key} differ: ours {ours[key]}, the peer's {theirs}")
    return check


def nearly(key, share):
    def check(ours, theirs):
        if abs(ours[key] - theirs) > share * ours[key]:
            raise SystemExit(f"peers: {key} differ by more than {share:.1%}: ours {ours[key]}, the peer's {theirs}")
    return check


def keyframes(table, folder, meta):
    count = meta["picks"]
    points = np.fromfile(Path(folder, meta["points_file"]), np.float32).reshape(meta["frames"], meta["points"], 3)
    matrix = matrix_by_integers(points)
    floats, words = matrix.astype(np.float32), packed(matrix)
    forms = {"sum": greedy_by_sum, "count_nonzero": greedy_by_count, "bytes": greedy_by_bytes, "dropping": greedy_by_dropping}
    of = {f"NumPy, boolean matrix ({name})": lambda form=form: form(matrix, count) for name, form in forms.items()}
    table.row("sampler-greedy", "sampler-greedy", of, equal("picks"))
    by_blas = {"NumPy, matrix of floats (BLAS)": lambda: greedy_by_blas(floats, count)}
    table.row("sampler-greedy-floats", "sampler-greedy", by_blas, equal("picks"))
    by_words = {"NumPy, packed words (bitwise_count)": lambda: greedy_by_words(words, count)}
    table.row("sampler-greedy-words", "sampler-greedy", by_words, equal("picks"))
    whole = {
        "NumPy, boolean matrix by integers": lambda: greedy_by_words(packed(matrix_by_integers(points)), count),
        "NumPy, boolean matrix by a product": lambda: greedy_by_words(packed(matrix_by_product(points)), count),
    }
    table.row("sampler-points", "sampler-points", whole, equal("picks"), rounds=3)


def depth(table, folder, meta):
    camera, edge = Camera(folder, meta["depth"]), np.float32(meta["edge_m"])
    forms = {
        "NumPy, sort and diff (points)": lambda: voxels_by_sorting(camera, edge),
        "NumPy, sort and diff (planes)": lambda: voxels_by_sorting_planes(camera, edge),
    }
    # Rotations are added up in another order, so that a few points fall on the other side of a border.
    table.row("voxel-numpy", "voxels", forms, nearly("voxels", 0.002))
    mine, theirs, least = math.inf, math.inf, math.inf
    for _ in range(2 * ROUNDS):
        mine, theirs = min(mine, table.ours("backproject")[0]), min(theirs, table.ours("memcpy")[0])
        least = min(least, table.ours("memcpy-least")[0])
    table.add("backproject-memcpy", "memcpy of the same traffic", mine, theirs)
    table.add("backproject-memcpy-least", "memcpy of depth and points alone", mine, least)


def open3d_rows(table, folder, meta):
    camera, edge = Open3DCamera(folder, meta["depth"]), meta["edge_m"]
    forms = {
        "Open3D, voxel_down_sample": lambda: voxels_by_open3d(camera, edge),
        "Open3D, voxel_down_sample of tensors": lambda: voxels_by_open3d_tensors(camera, edge),
    }
    # Open3D's voxels begin elsewhere.
    table.row("voxel-open3d", "voxels", forms, nearly("voxels", 0.15))
    thin = Open3DCamera(folder, meta["real"]).cloud().voxel_down_sample(THIN_M)
    _, left = planes_of(thin)
    ours, (planes, _) = table.row("planes-open3d", "planes", {"Open3D, segment_plane": lambda: planes_of(thin)})
    ours, clusters = table.row("clusters-open3d", "clusters", {"Open3D, cluster_dbscan": lambda: clusters_of(left)})
    if not (ours["planes"] and ours["things"]):
        # Speed at finding nothing is none.
        table.rows = [row for row in table.rows if row["name"] not in ("planes-open3d", "clusters-open3d")]
        print("\nplanes-open3d and clusters-open3d do not count: in that frame alone ours finds nothing.")
    print(
        f"\nPlanes and clusters: {meta['real']['of']}; Open3D {len(thin.points)} points, {len(planes)} planes, {len(left.points)} "
        f"points left, {clusters} clusters; ours {ours['planes']} planes, {ours['things']} things with boxes.\n"
    )


def spark(table, folder):
    theirs = Spark(folder)
    table.row("spark-insert", "spark-insert", {"spark-dsg, add_node": theirs.insert}, None, theirs.attributes_of_all, 2)
    table.row("spark-update", "spark-update", {"spark-dsg, attributes of 20 nodes": theirs.update}, rounds=3)
    table.row("spark-snapshot", "spark-snapshot", {"spark-dsg, clone": theirs.graph.clone}, rounds=3)
    table.row("spark-save", "spark-save", {"spark-dsg, JSON": theirs.save}, rounds=2)
    table.row("spark-load", "spark-load", {"spark-dsg, JSON": theirs.load}, equal("things"), rounds=2)


def main():
    program, folder, out = sys.argv[1:]
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # inherited by ours
    meta = json.loads(Path(folder, "meta.json").read_text())
    versions = [f"NumPy {np.__version__}"]
    versions += [f"Open3D {o3d.__version__}"] if o3d else [f"no Open3D ({NO_OPEN3D})"]
    versions += ["spark-dsg"] if dsg else [f"no spark-dsg ({NO_SPARK})"]
    print(f"\nOurs beside peers: {', '.join(versions)}. One thread and one processor each, in turn; the least time of a call")
    print("on the processor. A ratio above 1: ours is better.\n")
    print("| row | ours, ms | peer | peer, ms | ratio | floor |\n|---|---|---|---|---|---|")
    table = Table(Ours(program, folder))
    try:
        depth(table, folder, meta)
        if o3d:
            open3d_rows(table, folder, meta)
        keyframes(table, folder, meta)
        if dsg:
            spark(table, folder)
    finally:
        Path(out).write_text(json.dumps(table.rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
