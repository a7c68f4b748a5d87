/* Many threads at once: one that writes, one that tries to and is told that the scene is busy, eight that read the newest
 * snapshot and ask it everything, two that set and take back the log callback; and a graph, a chain and a vocabulary that
 * are read while they change. Made to run under the thread sanitizer. */
#include "check.h"

#include <pthread.h>

enum { READERS = 8, FRAMES = 60, READINGS = 25, SETTINGS = 200 };

static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];
static gnomon_scene *scene;
static gnomon_relation_graph *graph;
static gnomon_chain *chain;
static gnomon_vocabulary *vocabulary;
static pthread_barrier_t start;

/* What threads found wrong; the checks of check.h are for one thread. */
static pthread_mutex_t wrong_lock = PTHREAD_MUTEX_INITIALIZER;
static int wrong;

static void is_true(int what, const char *text, int line) {
    if (what) return;
    pthread_mutex_lock(&wrong_lock);
    wrong++;
    fprintf(stderr, "threads.c:%d: not true: %s [last error: %s]\n", line, text, gnomon_last_error());
    pthread_mutex_unlock(&wrong_lock);
}
#define TRUE_THERE(what) is_true((what) != 0, #what, __LINE__)

static void *write_frames(void *unused) {
    gnomon_frame frame;
    gnomon_detection detection;
    gnomon_snapshot *snapshot = NULL;
    gnomon_str words[2];
    int i, n;
    char made_up[32];
    (void)unused;
    room_detection(&detection);
    words[0] = str("crate");
    pthread_barrier_wait(&start);
    for (i = 0; i < FRAMES; i++) {
        gnomon_status status;
        room_frame(&frame, depth, 4 + i);
        do {
            status = gnomon_scene_integrate(scene, &frame, &detection, sizeof detection, 1, NULL);
        } while (status == GNOMON_E_BUSY);
        TRUE_THERE(status == GNOMON_OK);
        do {
            status = gnomon_scene_publish(scene, &snapshot);
        } while (status == GNOMON_E_BUSY);
        TRUE_THERE(status == GNOMON_OK);
        TRUE_THERE(gnomon_relation_graph_update(graph, snapshot, NULL) == GNOMON_OK);
        TRUE_THERE(gnomon_chain_update(chain, snapshot, NULL, NULL) == GNOMON_OK);
        n = snprintf(made_up, sizeof made_up, "strongbox %d", i);
        words[1].data = made_up;
        words[1].len = (size_t)n;
        TRUE_THERE(gnomon_vocabulary_add(vocabulary, words, 2) == GNOMON_OK);
        gnomon_snapshot_free(snapshot);
    }
    return NULL;
}

static void *try_to_write(void *unused) {
    int i;
    (void)unused;
    pthread_barrier_wait(&start);
    for (i = 0; i < 20 * READINGS; i++) {
        gnomon_status status = gnomon_scene_publish(scene, NULL);
        TRUE_THERE(status == GNOMON_OK || status == GNOMON_E_BUSY);
    }
    return NULL;
}

static void ask(const gnomon_snapshot *snapshot) {
    gnomon_ask_options options;
    gnomon_answer *answer = NULL;
    gnomon_judgements *judgements = NULL;
    gnomon_text *text = NULL;
    gnomon_str json;
    GNOMON_INIT(gnomon_ask_options, &options);
    options.vocabulary = vocabulary;
    TRUE_THERE(gnomon_ask(snapshot, str("How many crates are there?"), NULL, 0, &options, &answer) == GNOMON_OK);
    TRUE_THERE(gnomon_answer_json(answer, &json) == GNOMON_OK && json.len > 0);
    TRUE_THERE(gnomon_check(snapshot, str("There is one crate."), &options, &judgements) == GNOMON_OK);
    TRUE_THERE(gnomon_scene_text(snapshot, str(""), 4096, NULL, NULL, &options, &text) == GNOMON_OK);
    gnomon_text_free(text);
    gnomon_judgements_free(judgements);
    gnomon_answer_free(answer);
}

/* All readers share one clone's parts: its texts and pictures are made when first asked for. */
static void *read_snapshots(void *shared) {
    int i;
    pthread_barrier_wait(&start);
    for (i = 0; i < READINGS; i++) {
        gnomon_snapshot *snapshot = NULL;
        gnomon_cogmap *map = NULL;
        gnomon_text *text = NULL;
        gnomon_str json;
        const uint8_t *png;
        size_t n = 0;
        TRUE_THERE(gnomon_scene_snapshot(scene, &snapshot) == GNOMON_OK);
        TRUE_THERE(gnomon_snapshot_objects(snapshot, NULL, 0, &n) == GNOMON_OK && n == 1);
        TRUE_THERE(gnomon_snapshot_json(snapshot, &json) == GNOMON_OK && json.len > 0);
        TRUE_THERE(gnomon_snapshot_json((const gnomon_snapshot *)shared, &json) == GNOMON_OK && json.len > 0);
        TRUE_THERE(gnomon_cogmap_observer(snapshot, NULL, &map) == GNOMON_OK);
        TRUE_THERE(gnomon_cogmap_json(map, &json) == GNOMON_OK && json.len > 0);
        if (i % 8 == 0) TRUE_THERE(gnomon_cogmap_png(map, &png, &n) == GNOMON_OK && n > 0);
        TRUE_THERE(gnomon_relation_graph_list(graph, NULL, 0, &n) == GNOMON_OK);
        TRUE_THERE(gnomon_relation_graph_changes(graph, NULL, 0, &n) == GNOMON_OK);
        TRUE_THERE(gnomon_chain_text(chain, &text) == GNOMON_OK);
        ask(snapshot);
        TRUE_THERE(gnomon_scene_new(NULL, NULL) == GNOMON_E_ARGUMENT && gnomon_last_error()[0] != '\0');
        gnomon_text_free(text);
        gnomon_cogmap_free(map);
        gnomon_snapshot_free(snapshot);
    }
    return NULL;
}

typedef struct lines {
    pthread_mutex_t lock;
    int n;
} lines;

static void count_line(void *user, int32_t level, gnomon_str target, gnomon_str text) {
    lines *l = (lines *)user;
    (void)level, (void)target, (void)text;
    pthread_mutex_lock(&l->lock);
    l->n++;
    pthread_mutex_unlock(&l->lock);
}

/* What the callback is given is on this stack: it must not be touched once another is set. Two threads set one, so each
 * takes both away before it leaves. */
static pthread_mutex_t setting = PTHREAD_MUTEX_INITIALIZER;

static void *set_log(void *unused) {
    int i;
    (void)unused;
    pthread_barrier_wait(&start);
    for (i = 0; i < SETTINGS; i++) {
        lines l;
        pthread_mutex_init(&l.lock, NULL);
        l.n = 0;
        pthread_mutex_lock(&setting);
        TRUE_THERE(gnomon_set_log(count_line, &l, i % 2 ? GNOMON_LOG_TRACE : GNOMON_LOG_DEBUG) == GNOMON_OK);
        sched_yield();
        TRUE_THERE(gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF) == GNOMON_OK);
        pthread_mutex_unlock(&setting);
        memset(&l, 0x5A, sizeof l);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[READERS + 4];
    gnomon_snapshot *shared = NULL;
    int i;
    fill_depth(depth);
    scene = room_scene(depth, 4);
    WORKS(gnomon_scene_snapshot(scene, &shared));
    WORKS(gnomon_relation_graph_new(NULL, &graph));
    WORKS(gnomon_chain_new(NULL, &chain));
    WORKS(gnomon_vocabulary_new(1, &vocabulary));
    pthread_barrier_init(&start, NULL, READERS + 4);
    for (i = 0; i < READERS; i++) CHECK(pthread_create(&threads[i], NULL, read_snapshots, shared) == 0);
    CHECK(pthread_create(&threads[READERS], NULL, write_frames, NULL) == 0);
    CHECK(pthread_create(&threads[READERS + 1], NULL, try_to_write, NULL) == 0);
    CHECK(pthread_create(&threads[READERS + 2], NULL, set_log, NULL) == 0);
    CHECK(pthread_create(&threads[READERS + 3], NULL, set_log, NULL) == 0);
    for (i = 0; i < READERS + 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(wrong == 0);
    CHECK(objects_now(scene) == 1);
    pthread_barrier_destroy(&start);
    gnomon_vocabulary_free(vocabulary);
    gnomon_chain_free(chain);
    gnomon_relation_graph_free(graph);
    gnomon_snapshot_free(shared);
    gnomon_scene_free(scene);
    return finish("threads");
}
