/* The library is loaded by dlopen, used and closed 200 times, by a program that is not linked with it: nothing grows, and
 * threads that used it may end after it was closed. Where GNOMON_ORT_PATH names an ONNX Runtime (and GNOMON_TEST_SLOW is not
 * set) it is closed with networks open, too, which go on. With `planted`, a handle is lost each time and must be noticed. The
 * library's path is in GNOMON_LIBRARY. */
#include "gnomon.h"

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int checks = 0;
static int failures = 0;
static int planted;

#define CHECK(what)                                                            \
    do {                                                                       \
        checks++;                                                              \
        if (!(what)) {                                                         \
            failures++;                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what); \
        }                                                                      \
    } while (0)

static void ignore_line(void *user, int32_t level, gnomon_str target, gnomon_str text) {
    (void)user, (void)level, (void)target, (void)text;
}

static void on_a_thread(void *(*work)(void *), void *subject) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, work, subject) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* What one dlopen gives: the few functions that make a snapshot and free it. */
typedef struct loaded {
    void *library;
    gnomon_status (*scene_new)(const gnomon_scene_options *, gnomon_scene **);
    gnomon_status (*scene_publish)(gnomon_scene *, gnomon_snapshot **);
    gnomon_status (*snapshot_json)(const gnomon_snapshot *, gnomon_str *);
    void (*scene_free)(gnomon_scene *);
    void (*snapshot_free)(gnomon_snapshot *);
    gnomon_status (*set_log)(gnomon_log_fn, void *, int32_t);
    const char *(*last_error)(void);
} loaded;

static loaded load(void) {
    loaded l;
    memset(&l, 0, sizeof l);
    l.library = dlopen(getenv("GNOMON_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
    if (!l.library) {
        fprintf(stderr, "dlopen: %s\n", dlerror());
        exit(2); /* no library, no test */
    }
    *(void **)&l.scene_new = dlsym(l.library, "gnomon_scene_new");
    *(void **)&l.scene_publish = dlsym(l.library, "gnomon_scene_publish");
    *(void **)&l.snapshot_json = dlsym(l.library, "gnomon_snapshot_json");
    *(void **)&l.scene_free = dlsym(l.library, "gnomon_scene_free");
    *(void **)&l.snapshot_free = dlsym(l.library, "gnomon_snapshot_free");
    *(void **)&l.set_log = dlsym(l.library, "gnomon_set_log");
    *(void **)&l.last_error = dlsym(l.library, "gnomon_last_error");
    return l;
}

static void *use_loaded(void *library) {
    const loaded *l = (const loaded *)library;
    gnomon_scene *scene = NULL;
    gnomon_snapshot *snapshot = NULL;
    gnomon_str text = {NULL, 0};
    CHECK(l->scene_new(NULL, &scene) == GNOMON_OK);
    CHECK(l->scene_publish(scene, &snapshot) == GNOMON_OK);
    CHECK(l->snapshot_json(snapshot, &text) == GNOMON_OK && text.len > 0);
    CHECK(l->scene_new(NULL, NULL) == GNOMON_E_ARGUMENT && l->last_error()[0] != '\0');
    CHECK(l->set_log(ignore_line, NULL, GNOMON_LOG_DEBUG) == GNOMON_OK);
    CHECK(l->set_log(NULL, NULL, GNOMON_LOG_OFF) == GNOMON_OK);
    l->snapshot_free(snapshot);
    if (!planted) l->scene_free(scene);
    return NULL;
}

static void *use_and_unload(void *library) {
    use_loaded(library);
    CHECK(dlclose(((loaded *)library)->library) == 0);
    return NULL;
}

static size_t times_mapped(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    size_t n = 0;
    while (maps && fgets(line, sizeof line, maps)) n += strstr(line, "libgnomon") != NULL;
    if (maps) fclose(maps);
    return n;
}

/* The library stays mapped once it is loaded (nodelete), since thread-locals and callbacks may outlive a dlclose; a
 * thread that used it may end after that. Loading it again adds nothing. */
static void load_and_unload(void) {
    size_t mapped = 0, in_use = 0;
    int i;
    loaded l;
    for (i = 0; i < 200; i++) {
        l = load();
        use_loaded(&l);
        if (i % 20 == 0) on_a_thread(use_and_unload, &l);
        else CHECK(dlclose(l.library) == 0);
        if (i == 60) mapped = times_mapped();
        if (i == 100) in_use = mallinfo2().uordblks;
    }
    CHECK(times_mapped() == mapped && mapped > 0);
    /* Some blocks move to another thread's cache, where they count as used. Both are zero where a sanitizer or valgrind
     * has its own malloc, which then looks for leaks. */
    CHECK(mallinfo2().uordblks <= in_use + 4096);
}

/* What one dlopen gives to networks. */
typedef struct networks {
    gnomon_status (*open)(gnomon_str, const gnomon_network_options *, gnomon_detector **);
    gnomon_status (*detect)(const gnomon_detector *, const gnomon_image *, const gnomon_detect_options *,
                            const gnomon_run_options *, gnomon_found **);
    gnomon_status (*detections)(const gnomon_found *, gnomon_detection *, size_t, size_t *);
    void (*found_free)(gnomon_found *);
    void (*detector_free)(gnomon_detector *);
} networks;

static networks networks_of(void *library) {
    networks n;
    memset(&n, 0, sizeof n);
    *(void **)&n.open = dlsym(library, "gnomon_detector_open");
    *(void **)&n.detect = dlsym(library, "gnomon_detector_detect");
    *(void **)&n.detections = dlsym(library, "gnomon_found_detections");
    *(void **)&n.found_free = dlsym(library, "gnomon_found_free");
    *(void **)&n.detector_free = dlsym(library, "gnomon_detector_free");
    return n;
}

/* How many things the detector finds in a white picture; that of tests/networks finds one in each of its four cells. */
static size_t found_by(const networks *n, const gnomon_detector *detector) {
    static uint8_t white[8 * 8 * 3];
    gnomon_found *found = NULL;
    gnomon_image image;
    size_t many = 0;
    memset(white, 255, sizeof white);
    memset(&image, 0, sizeof image);
    image.data = white;
    image.len = sizeof white;
    image.width = image.height = 8;
    image.format = GNOMON_PIXEL_RGB8;
    CHECK(n->detect(detector, &image, NULL, NULL, &found) == GNOMON_OK);
    CHECK(n->detections(found, NULL, 0, &many) == GNOMON_OK);
    n->found_free(found);
    return many;
}

typedef struct looker {
    networks calls;
    const gnomon_detector *detector;
    size_t found;
} looker;

static void *look_fifty_times(void *subject) {
    looker *who = (looker *)subject;
    int i;
    for (i = 0; i < 50; i++) who->found += found_by(&who->calls, who->detector);
    return NULL;
}

/* Closed with sessions open, before, while and after they run: they go on, for the library stays where it is. One is freed
 * through the library loaded anew, one is left to the end of the process. */
static void close_with_sessions_open(void) {
    const char folder[] = "tests/networks/detector";
    gnomon_str path = {folder, sizeof folder - 1};
    gnomon_detector *freed = NULL, *left = NULL;
    pthread_t thread;
    looker who;
    loaded first = load(), again;
    memset(&who, 0, sizeof who);
    who.calls = networks_of(first.library);
    CHECK(who.calls.open(path, NULL, &freed) == GNOMON_OK && who.calls.open(path, NULL, &left) == GNOMON_OK);
    if (!freed || !left) {
        fprintf(stderr, "%s\n", first.last_error());
        return;
    }
    who.detector = freed;
    CHECK(pthread_create(&thread, NULL, look_fifty_times, &who) == 0);
    CHECK(dlclose(first.library) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(who.found == 50 * found_by(&who.calls, left) && who.found >= 50);
    again = load();
    who.calls = networks_of(again.library);
    CHECK(found_by(&who.calls, freed) * 50 == who.found);
    who.calls.detector_free(freed);
    CHECK(dlclose(again.library) == 0);
}

int main(int argc, char **argv) {
    planted = argc > 1 && strcmp(argv[1], "planted") == 0;
    load_and_unload();
    if (getenv("GNOMON_ORT_PATH") && !getenv("GNOMON_TEST_SLOW")) close_with_sessions_open();
    else printf("unload: networks not run\n");
    printf("unload: %d checks, %d failed\n", checks, failures);
    return failures ? 1 : 0;
}
