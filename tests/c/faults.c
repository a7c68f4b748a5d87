/* Faults that the sanitizers must find, one for each name; without a name, the same calls without a fault. The caller's
 * faults that only the library can touch (a picture shorter than it is said to be, a handle that is freed) show that the
 * library's own code is watched, not the caller's alone. */
#include "check.h"

#include <limits.h>
#include <pthread.h>

static int is_asked(const char *name, const char *asked) { return strcmp(name, asked) == 0; }

static void *write_there(void *place) {
    ++*(int *)place;
    return NULL;
}

static void two_writers(int *place, int at_once) {
    pthread_t threads[2];
    int i;
    for (i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, write_there, place);
        if (!at_once) pthread_join(threads[i], NULL);
    }
    for (i = 0; i < 2 && at_once; i++) pthread_join(threads[i], NULL);
}

static void *fill_shared_depth(void *depth) {
    int i;
    for (i = 0; i < 200; i++) fill_depth((uint16_t *)depth);
    return NULL;
}

/* The picture that one thread still writes is read by the library on another. */
static void a_picture_that_changes(uint16_t *depth, int changes) {
    pthread_t writer;
    pthread_create(&writer, NULL, fill_shared_depth, depth);
    if (!changes) pthread_join(writer, NULL);
    gnomon_scene_free(room_scene(depth, 20));
    if (changes) pthread_join(writer, NULL);
}

int main(int argc, char **argv) {
    const char *asked = argc > 1 ? argv[1] : "none";
    size_t bytes = (size_t)ROOM_WIDTH * ROOM_HEIGHT * sizeof(uint16_t), n = 0;
    uint16_t *depth = malloc(bytes), *shorter;
    gnomon_scene *scene;
    gnomon_snapshot *snapshot = NULL;
    gnomon_scene_info info;
    gnomon_object *objects;
    gnomon_frame frame;
    int written = 0;
    volatile int last;
    fill_depth(depth);
    scene = room_scene(depth, 4);

    /* In C: one element behind what the library wrote. */
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    WORKS(gnomon_snapshot_objects(snapshot, NULL, 0, &n));
    objects = calloc(n, sizeof *objects);
    WORKS(gnomon_snapshot_objects(snapshot, objects, sizeof *objects, &n));
    last = (int)objects[is_asked("overflow-in-c", asked) ? n : n - 1].id;
    free(objects);

    /* In Rust: rows that are said to be there and are not. */
    shorter = malloc(is_asked("overflow-in-rust", asked) ? bytes / 2 : bytes);
    memcpy(shorter, depth, is_asked("overflow-in-rust", asked) ? bytes / 2 : bytes);
    room_frame(&frame, shorter, 10);
    WORKS(gnomon_scene_integrate(scene, &frame, NULL, 0, 0, NULL));
    free(shorter);

    GNOMON_INIT(gnomon_scene_info, &info);
    WORKS(gnomon_snapshot_info(snapshot, &info));
    if (is_asked("use-after-free", asked)) {
        gnomon_snapshot_free(snapshot);
        WORKS(gnomon_snapshot_info(snapshot, &info));
    } else {
        gnomon_snapshot_free(snapshot);
    }

    last = is_asked("undefined", asked) ? INT_MAX : 1;
    last = last + 1;
    two_writers(&written, is_asked("race-in-c", asked));
    a_picture_that_changes(depth, is_asked("race-in-rust", asked));
    CHECK(last != 0 && info.objects == 1);
    if (!is_asked("leak", asked)) gnomon_scene_free(scene);
    scene = NULL;
    free(depth);
    return finish("faults");
}
