import numpy as np

import gnomon

# What a camera 1.2 m above the floor sees, looking along world x: a wall 2 m ahead, a cup 1 m ahead.
looking_along_x = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 1.2], [0, 0, 0, 1]])
camera = gnomon.Intrinsics(width=64, height=48, fx=60, fy=60, cx=31.5, cy=23.5)
depth_mm = np.full((48, 64), 2000, np.uint16)
depth_mm[16:32, 16:32] = 1000
cup = gnomon.Detection("cup", bbox=(16, 16, 32, 32), score=0.9)

with gnomon.Scene() as scene:
    for stamp_ns in (1, 2, 3):
        scene.integrate(gnomon.Frame(stamp_ns, depth_mm, camera, looking_along_x), [cup])
    thing = scene.publish().object("cup#1")
x, y, z = thing.centre
print(f"{thing.name} at {x:.2f} {y:.2f} {z:.2f}")
