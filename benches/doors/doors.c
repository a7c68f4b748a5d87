/* The job of README.md, through gnomon.h. */
#include "gnomon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH = 640, HEIGHT = 480, THINGS = 20, SCENES = 2, FRAMES = 60, LEFT_OUT = 10, TIMES = SCENES * (FRAMES - LEFT_OUT) };

static uint16_t depth_mm[WIDTH * HEIGHT];
static uint8_t mask[96 * 80];
static int64_t times_ns[TIMES], outside_ns[TIMES];

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint32_t left_of(uint32_t k) { return 16 + 128 * (k % 5); }
static uint32_t top_of(uint32_t k) { return 20 + 120 * (k / 5); }

static gnomon_status take(gnomon_scene *scene, int64_t n) {
    const double pose[16] = {0, 0, 1, (double)n / 1000.0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 1};
    gnomon_detection found[THINGS];
    memset(found, 0, sizeof found);
    for (uint32_t k = 0; k < THINGS; k++) {
        gnomon_detection *thing = &found[k];
        thing->label = (gnomon_str){"thing", 5};
        thing->score = 0.9f;
        thing->bbox[0] = (float)left_of(k);
        thing->bbox[1] = (float)top_of(k);
        thing->bbox[2] = (float)(left_of(k) + 96);
        thing->bbox[3] = (float)(top_of(k) + 80);
        thing->mask = mask;
        thing->mask_len = sizeof mask;
        thing->mask_x = left_of(k);
        thing->mask_y = top_of(k);
        thing->mask_width = 96;
        thing->mask_height = 80;
    }
    gnomon_frame frame;
    GNOMON_INIT(gnomon_frame, &frame);
    frame.stamp_ns = 1000000000 + n * 33333333;
    frame.intrinsics.width = WIDTH;
    frame.intrinsics.height = HEIGHT;
    frame.intrinsics.fx = frame.intrinsics.fy = 500;
    frame.intrinsics.cx = 319.5;
    frame.intrinsics.cy = 239.5;
    for (int i = 0; i < 16; i++) frame.world_from_camera[i] = pose[i];
    frame.depth.data = (const uint8_t *)depth_mm;
    frame.depth.len = sizeof depth_mm;
    frame.depth.width = WIDTH;
    frame.depth.height = HEIGHT;
    frame.depth.format = GNOMON_PIXEL_DEPTH_U16;
    return gnomon_scene_integrate(scene, &frame, found, sizeof found[0], THINGS, NULL);
}

/* What the library itself says that the newest frame took it. */
static double in_stages_ns(gnomon_scene *scene) {
    gnomon_stage_time times[16];
    size_t n = sizeof times / sizeof times[0];
    if (gnomon_scene_stage_times(scene, times, sizeof times[0], &n) < 0) abort();
    double sum_s = 0;
    for (size_t at = 0; at < n; at++) sum_s += times[at].time_s;
    return 1e9 * sum_s;
}

static int by_time(const void *a, const void *b) {
    const int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

int main(void) {
    for (int i = 0; i < WIDTH * HEIGHT; i++) depth_mm[i] = 4000;
    for (uint32_t k = 0; k < THINGS; k++)
        for (uint32_t v = top_of(k); v < top_of(k) + 80; v++)
            for (uint32_t u = left_of(k); u < left_of(k) + 96; u++) depth_mm[v * WIDTH + u] = (uint16_t)(1500 + 100 * k);
    for (size_t i = 0; i < sizeof mask; i++) mask[i] = 255;
    size_t count = 0;
    for (int at = 0; at < SCENES; at++) {
        gnomon_scene *scene = NULL;
        if (gnomon_scene_new(NULL, &scene) < 0) return 1;
        for (int64_t n = 0; n < FRAMES; n++) {
            const int64_t begin = now_ns();
            if (take(scene, n) < 0) {
                fprintf(stderr, "%s\n", gnomon_last_error());
                return 1;
            }
            const int64_t took_ns = now_ns() - begin;
            if (n < LEFT_OUT) continue;
            times_ns[count] = took_ns;
            outside_ns[count++] = took_ns - (int64_t)in_stages_ns(scene);
        }
        gnomon_scene_free(scene);
    }
    qsort(times_ns, count, sizeof times_ns[0], by_time);
    qsort(outside_ns, count, sizeof outside_ns[0], by_time);
    printf("%lld %lld\n", (long long)times_ns[count / 2], (long long)outside_ns[count / 2]);
    return 0;
}
