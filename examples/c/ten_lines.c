#include "gnomon.h"
#include <stdio.h>
#include <string.h>

int main(void) {
    /* What a camera 1.2 m above the floor sees, looking along world x: a wall 2 m ahead, a cup 1 m ahead. */
    static const double looking_along_x[16] = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};
    static uint16_t depth_mm[48 * 64];
    for (int i = 0; i < 48 * 64; i++) depth_mm[i] = i / 64 / 16 == 1 && i % 64 / 16 == 1 ? 1000 : 2000;
    gnomon_detection cup = {.label = {"cup", 3}, .score = 0.9f, .bbox = {16, 16, 32, 32}};

    gnomon_frame frame;
    GNOMON_INIT(gnomon_frame, &frame);
    frame.intrinsics = (gnomon_intrinsics){.width = 64, .height = 48, .fx = 60, .fy = 60, .cx = 31.5, .cy = 23.5};
    frame.depth = (gnomon_image){.data = (const uint8_t *)depth_mm, .len = sizeof depth_mm,
                                 .width = 64, .height = 48, .format = GNOMON_PIXEL_DEPTH_U16};
    memcpy(frame.world_from_camera, looking_along_x, sizeof looking_along_x);

    gnomon_scene *scene = NULL;
    gnomon_snapshot *map = NULL;
    gnomon_object thing = {0};
    if (gnomon_scene_new(NULL, &scene) < 0) return 1;
    for (frame.stamp_ns = 1; frame.stamp_ns <= 3; frame.stamp_ns++)
        if (gnomon_scene_integrate(scene, &frame, &cup, sizeof cup, 1, NULL) < 0) return 1;
    if (gnomon_scene_publish(scene, &map) < 0) return 1;
    if (gnomon_snapshot_object_named(map, (gnomon_str){"cup#1", 5}, &thing, sizeof thing) < 0) return 1;
    printf("%.*s at %.2f %.2f %.2f\n", (int)thing.name.len, thing.name.data, thing.obb.centre[0], thing.obb.centre[1],
           thing.obb.centre[2]);
    gnomon_snapshot_free(map);
    gnomon_scene_free(scene);
    return 0;
}
