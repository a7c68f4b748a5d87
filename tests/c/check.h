/* What the C tests share: counting checks, and a small room to look at: a wall, a floor of sorts, one crate. */
#ifndef GNOMON_TEST_CHECK_H
#define GNOMON_TEST_CHECK_H

#include "gnomon.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int checks = 0;
static int failures = 0;

/* Threads check too. */
#define COUNT(which) ((void)__atomic_fetch_add(&(which), 1, __ATOMIC_RELAXED))

#define CHECK(what)                                                                     \
    do {                                                                                \
        COUNT(checks);                                                                  \
        if (!(what)) {                                                                  \
            COUNT(failures);                                                            \
            fprintf(stderr, "%s:%d: not true: %s [last error: %s]\n", __FILE__, __LINE__, \
                    #what, gnomon_last_error());                                        \
        }                                                                               \
    } while (0)

/* The call works. */
#define WORKS(call)                                                                              \
    do {                                                                                         \
        gnomon_status works_status = (call);                                                     \
        COUNT(checks);                                                                           \
        if (works_status != GNOMON_OK) {                                                         \
            COUNT(failures);                                                                     \
            fprintf(stderr, "%s:%d: %s says %s: %s\n", __FILE__, __LINE__, #call,                \
                    gnomon_status_name(works_status), gnomon_last_error());                      \
        }                                                                                        \
    } while (0)

/* The call is refused with this status and a sentence. */
#define REFUSED(expected, call)                                                                  \
    do {                                                                                         \
        gnomon_status refused_status = (call);                                                   \
        COUNT(checks);                                                                           \
        if (refused_status != (expected) || gnomon_last_error()[0] == '\0') {                    \
            COUNT(failures);                                                                     \
            fprintf(stderr, "%s:%d: %s says %s: \"%s\", expected %s and a sentence\n", __FILE__, \
                    __LINE__, #call, gnomon_status_name(refused_status), gnomon_last_error(),    \
                    #expected);                                                                  \
        }                                                                                        \
    } while (0)

static inline int finish(const char *name) {
    printf("%s: %d checks, %d failed\n", name, checks, failures);
    return failures ? 1 : 0;
}

static inline gnomon_str str(const char *text) {
    gnomon_str s;
    s.data = text;
    s.len = strlen(text);
    return s;
}

/* The path of a file of this process alone, written into room; whoever makes the file removes it. */
enum { PATH_ROOM = 512 };
static inline gnomon_str file_of(char *room, const char *name) {
    const char *folder = getenv("TMPDIR");
    snprintf(room, PATH_ROOM, "%s/gnomon-%ld-%s", folder ? folder : "/tmp", (long)getpid(), name);
    return str(room);
}

enum { ROOM_WIDTH = 160, ROOM_HEIGHT = 120 };

static inline void fill_depth(uint16_t *depth) {
    int u, v;
    for (v = 0; v < ROOM_HEIGHT; v++)
        for (u = 0; u < ROOM_WIDTH; u++)
            depth[v * ROOM_WIDTH + u] = (uint16_t)(u >= 60 && u < 100 && v >= 40 && v < 80 ? 2000 : 3000);
}

/* A level camera at the origin, looking along the world's +x; Z is up. */
static inline void level_camera(double *m, double x) {
    static const double rows[16] = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};
    memcpy(m, rows, sizeof rows);
    m[3] = x;
}

static inline void room_frame(gnomon_frame *frame, const uint16_t *depth, int number) {
    GNOMON_INIT(gnomon_frame, frame);
    frame->stamp_ns = 1000000000 + (int64_t)number * 100000000;
    frame->intrinsics.width = ROOM_WIDTH;
    frame->intrinsics.height = ROOM_HEIGHT;
    frame->intrinsics.fx = frame->intrinsics.fy = 150;
    frame->intrinsics.cx = ROOM_WIDTH / 2;
    frame->intrinsics.cy = ROOM_HEIGHT / 2;
    level_camera(frame->world_from_camera, 0.001 * number);
    frame->depth.data = (const uint8_t *)depth;
    frame->depth.len = (size_t)ROOM_WIDTH * ROOM_HEIGHT * 2;
    frame->depth.width = ROOM_WIDTH;
    frame->depth.height = ROOM_HEIGHT;
    frame->depth.format = GNOMON_PIXEL_DEPTH_U16;
}

static inline void room_detection(gnomon_detection *detection) {
    memset(detection, 0, sizeof *detection);
    detection->label = str("crate");
    detection->score = 0.9f;
    detection->bbox[0] = 60;
    detection->bbox[1] = 40;
    detection->bbox[2] = 100;
    detection->bbox[3] = 80;
}

/* A scene that has seen the crate often enough to believe it, published. */
static inline gnomon_scene *room_scene(const uint16_t *depth, int frames) {
    gnomon_scene *scene = NULL;
    gnomon_frame frame;
    gnomon_detection detection;
    int i;
    WORKS(gnomon_scene_new(NULL, &scene));
    room_detection(&detection);
    for (i = 0; i < frames; i++) {
        room_frame(&frame, depth, i);
        WORKS(gnomon_scene_integrate(scene, &frame, &detection, sizeof detection, 1, NULL));
    }
    WORKS(gnomon_scene_publish(scene, NULL));
    return scene;
}

/* Every format of colour, with the bytes its rows take for two pixels and, of two rows, how many rows there are. */
typedef struct colour_format {
    int32_t format;
    size_t bytes_of_two, rows_of_two;
    int even_width, even_height;
} colour_format;

static const colour_format COLOUR_FORMATS[] = {
    {GNOMON_PIXEL_RGB8, 6, 2, 0, 0},  {GNOMON_PIXEL_BGR8, 6, 2, 0, 0},  {GNOMON_PIXEL_MONO8, 2, 2, 0, 0},
    {GNOMON_PIXEL_RGBA8, 8, 2, 0, 0}, {GNOMON_PIXEL_BGRA8, 8, 2, 0, 0}, {GNOMON_PIXEL_YUYV, 4, 2, 1, 0},
    {GNOMON_PIXEL_UYVY, 4, 2, 1, 0},  {GNOMON_PIXEL_NV12, 2, 3, 1, 1},  {GNOMON_PIXEL_MONO16, 4, 2, 0, 0},
};
enum { COLOUR_FORMATS_LEN = sizeof COLOUR_FORMATS / sizeof COLOUR_FORMATS[0] };

/* The frame's picture, in this format: rows of bytes at a stride that is larger than a row by `more`. */
static inline void use_format(gnomon_frame *frame, const colour_format *format, const uint8_t *bytes, size_t more) {
    size_t row = ROOM_WIDTH / 2 * format->bytes_of_two, rows = ROOM_HEIGHT / 2 * format->rows_of_two;
    frame->colour.data = bytes;
    frame->colour.stride = more ? row + more : 0;
    frame->colour.len = (rows - 1) * (row + more) + row;
    frame->colour.width = ROOM_WIDTH;
    frame->colour.height = ROOM_HEIGHT;
    frame->colour.format = format->format;
}

/* A snapshot of two things: the crate, and a chest to its left that is nearer and stands lower. */
static inline gnomon_snapshot *two_things(void) {
    gnomon_scene *scene = NULL;
    gnomon_snapshot *snapshot = NULL;
    gnomon_frame frame;
    gnomon_detection detections[2];
    uint16_t *depth = malloc(ROOM_WIDTH * ROOM_HEIGHT * sizeof *depth);
    int i, u, v;
    fill_depth(depth);
    for (v = 60; v < 100; v++)
        for (u = 10; u < 40; u++) depth[v * ROOM_WIDTH + u] = 1500;
    room_detection(&detections[0]);
    detections[1] = detections[0];
    detections[1].label = str("chest");
    detections[1].bbox[0] = 10;
    detections[1].bbox[1] = 60;
    detections[1].bbox[2] = 40;
    detections[1].bbox[3] = 100;
    WORKS(gnomon_scene_new(NULL, &scene));
    for (i = 0; i < 4; i++) {
        room_frame(&frame, depth, i);
        WORKS(gnomon_scene_integrate(scene, &frame, detections, sizeof detections[0], 2, NULL));
    }
    WORKS(gnomon_scene_publish(scene, &snapshot));
    gnomon_scene_free(scene);
    free(depth);
    return snapshot;
}

static inline size_t objects_now(const gnomon_scene *scene) {
    gnomon_snapshot *snapshot = NULL;
    size_t n = 0;
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    WORKS(gnomon_snapshot_objects(snapshot, NULL, 0, &n));
    gnomon_snapshot_free(snapshot);
    return n;
}

#endif
