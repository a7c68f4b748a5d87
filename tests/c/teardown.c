/* How handles end: in any order, after what they came from, on another thread, in a thread's destructor, at exit, never;
 * in a child process; inside a callback (after dlclose: unload.c). One case for each name; `list` prints the names. With `planted`
 * behind it, a case does what it must not, and must be found out.
 *
 * HANDLES has one row for every gnomon_x_free there is; tests/abi/teardown.sh compares it with symbols.txt. Networks are
 * there where GNOMON_ORT_PATH names an ONNX Runtime, but for children (its threads stay with the parent) and where
 * GNOMON_TEST_SLOW is set: under memcheck and the sanitizers theirs are NULL. Children have no pipeline either. */
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANDLES(X)    \
    X(album)          \
    X(answer)         \
    X(cancel)         \
    X(chain)          \
    X(cogmap)         \
    X(depth_map)      \
    X(depth_net)      \
    X(detector)       \
    X(found)          \
    X(geometry_net)   \
    X(grounding)      \
    X(job)            \
    X(judgements)     \
    X(keeper)         \
    X(layout)         \
    X(pipeline)       \
    X(relation_graph) \
    X(scene)          \
    X(snapshot)       \
    X(text)           \
    X(told)           \
    X(triplets)       \
    X(views)          \
    X(vlm)            \
    X(vocabulary)

/* One of each, all made from the one scene where that can be. */
typedef struct household {
#define MEMBER(name) gnomon_##name *name;
    HANDLES(MEMBER)
#undef MEMBER
} household;

enum {
#define NUMBER(name) NUMBER_##name,
    HANDLES(NUMBER)
#undef NUMBER
    HANDLES_LEN
};

static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];
static int planted;
static const char *program;
static int with_networks;
static int without_threads;

/* A tenth of them where GNOMON_TEST_SLOW says that every step takes long. */
static int rounds(int full) { return getenv("GNOMON_TEST_SLOW") ? full / 10 : full; }

static void furnish_networks(household *h) {
    static const uint8_t rgb[ROOM_WIDTH * ROOM_HEIGHT * 3];
    gnomon_network_options options;
    gnomon_run_options run;
    gnomon_image image, two[2];
    gnomon_vlm_request request;
    gnomon_message message;
    memset(&image, 0, sizeof image);
    image.data = rgb;
    image.len = sizeof rgb;
    image.width = ROOM_WIDTH;
    image.height = ROOM_HEIGHT;
    image.format = GNOMON_PIXEL_RGB8;
    GNOMON_INIT(gnomon_run_options, &run);
    run.cancel = h->cancel;
    WORKS(gnomon_detector_open(str("tests/networks/detector"), NULL, &h->detector));
    WORKS(gnomon_detector_detect(h->detector, &image, NULL, &run, &h->found));
    GNOMON_INIT(gnomon_network_options, &options);
    options.family = str("depth_anything_v2_metric");
    WORKS(gnomon_depth_net_open(str("tests/networks/depth.onnx"), &options, &h->depth_net));
    WORKS(gnomon_depth_net_estimate(h->depth_net, &image, NULL, &run, &h->depth_map));
    WORKS(gnomon_geometry_net_open(str("tests/networks/views"), NULL, &h->geometry_net));
    two[0] = two[1] = image;
    WORKS(gnomon_geometry_net_estimate(h->geometry_net, two, 2, &run, &h->views));
    WORKS(gnomon_vlm_open(str("tests/vlm/qwen2_vl_any_grid"), NULL, NULL, &h->vlm));
    memset(&message, 0, sizeof message);
    message.text = str("Where?");
    GNOMON_INIT(gnomon_vlm_request, &request);
    request.messages = &message;
    request.messages_len = 1;
    request.max_new_tokens = 4;
    WORKS(gnomon_vlm_submit(h->vlm, &request, NULL, NULL, NULL, &h->job));
    WORKS(gnomon_job_wait(h->job, -1));
}

/* Its frame is gone when it is handed out. */
static gnomon_pipeline *furnish_pipeline(void) {
    gnomon_pipeline *pipeline = NULL;
    gnomon_frame frame;
    room_frame(&frame, depth, 1);
    WORKS(gnomon_pipeline_open(NULL, NULL, NULL, NULL, NULL, &pipeline));
    WORKS(gnomon_pipeline_push_copy(pipeline, &frame, GNOMON_LIVE_POSE, NULL, 0, 0));
    WORKS(gnomon_pipeline_settle(pipeline, 20000000000));
    return pipeline;
}

static household furnish(void) {
    static const uint8_t rgb[3 * ROOM_WIDTH * ROOM_HEIGHT];
    const gnomon_fit fit = {ROOM_WIDTH, ROOM_HEIGHT, ROOM_WIDTH, ROOM_HEIGHT, 0, 0, ROOM_WIDTH, ROOM_HEIGHT};
    household h;
    gnomon_frame frame;
    memset(&h, 0, sizeof h);
    h.scene = room_scene(depth, 4);
    WORKS(gnomon_scene_snapshot(h.scene, &h.snapshot));
    WORKS(gnomon_cogmap_observer(h.snapshot, NULL, &h.cogmap));
    WORKS(gnomon_ask(h.snapshot, str("How many crates are there?"), NULL, 0, NULL, &h.answer));
    WORKS(gnomon_check(h.snapshot, str("There is one crate."), NULL, &h.judgements));
    WORKS(gnomon_chain_new(NULL, &h.chain));
    WORKS(gnomon_chain_update(h.chain, h.snapshot, NULL, NULL));
    WORKS(gnomon_scene_text(h.snapshot, str(""), 4096, NULL, NULL, NULL, &h.text));
    WORKS(gnomon_told_read(str("count crate 3\ncrate#1 1 2\n"), &h.told));
    WORKS(gnomon_triplets_read(
        str("{\"t\":1,\"a\":\"a#1\",\"b\":\"b#1\",\"c\":\"c#1\",\"b_xy\":[5.0,9.0],\"c_xy\":[7.0,5.0],\"cell\":0.50}"),
        NULL, 0, &h.triplets));
    WORKS(gnomon_layout_compose(h.triplets, NULL, &h.layout));
    WORKS(gnomon_relation_graph_new(NULL, &h.relation_graph));
    WORKS(gnomon_relation_graph_update(h.relation_graph, h.snapshot, NULL));
    WORKS(gnomon_vocabulary_new(1, &h.vocabulary));
    WORKS(gnomon_cancel_new(&h.cancel));
    WORKS(gnomon_keeper_new(NULL, &h.keeper));
    room_frame(&frame, depth, 0);
    WORKS(gnomon_keeper_offer(h.keeper, 0, &frame, NULL, 0));
    use_format(&frame, &COLOUR_FORMATS[0], rgb, 0);
    WORKS(gnomon_album_new(NULL, &h.album));
    WORKS(gnomon_album_offer(h.album, 0, &frame, NULL));
    WORKS(gnomon_grounding_read(str("(0.5, 0.5)"), GNOMON_CONVENTION_SHARES, &fit, &h.grounding));
    if (!without_threads) h.pipeline = furnish_pipeline();
    if (with_networks) furnish_networks(&h);
    return h;
}

static uint64_t folded(uint64_t so_far, const void *bytes, size_t len) {
    size_t i;
    for (i = 0; i < len; i++) so_far = (so_far ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return so_far;
}

/* What a network's handle can tell, as one number; a NULL one tells nothing. */
static uint64_t told_by_network(household *h, int number) {
    gnomon_network_facts facts;
    gnomon_depth_facts map;
    gnomon_view views[2];
    gnomon_vlm_facts vlm;
    gnomon_reply_facts reply;
    gnomon_str text = {NULL, 0};
    size_t n = 0;
    GNOMON_INIT(gnomon_vlm_facts, &vlm);
    GNOMON_INIT(gnomon_reply_facts, &reply);
    GNOMON_INIT(gnomon_network_facts, &facts);
    GNOMON_INIT(gnomon_depth_facts, &map);
    if (number == NUMBER_detector && h->detector != NULL) WORKS(gnomon_detector_info(h->detector, &facts));
    if (number == NUMBER_depth_net && h->depth_net != NULL) WORKS(gnomon_depth_net_info(h->depth_net, &facts));
    if (number == NUMBER_found && h->found != NULL) WORKS(gnomon_found_detections(h->found, NULL, 0, &n));
    if (number == NUMBER_depth_map && h->depth_map != NULL) WORKS(gnomon_depth_map_info(h->depth_map, &map));
    if (number == NUMBER_geometry_net && h->geometry_net != NULL) WORKS(gnomon_geometry_net_info(h->geometry_net, &facts));
    if (number == NUMBER_views && h->views != NULL) {
        n = 2;
        WORKS(gnomon_views_list(h->views, views, sizeof *views, &n));
        map.values = views[1].values;
        map.pixels = views[1].pixels;
    }
    if (number == NUMBER_vlm && h->vlm != NULL) {
        WORKS(gnomon_vlm_info(h->vlm, &vlm));
        facts.path = vlm.path;
        WORKS(gnomon_vlm_count_tokens(h->vlm, str("Where?"), &n));
    }
    if (number == NUMBER_job && h->job != NULL) {
        WORKS(gnomon_job_reply(h->job, &reply));
        facts.path = reply.text;
        n = reply.token_ids_len;
    }
    text = facts.path;
    return folded(folded(folded(7, text.data, text.len), map.values, map.pixels * sizeof *map.values), &n, sizeof n);
}

/* Everything that the handle can tell, as one number. */
static uint64_t told_by(household *h, int number) {
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    gnomon_str text = {NULL, 0};
    gnomon_text *written = NULL;
    gnomon_snapshot *now = NULL;
    const uint8_t *data = NULL;
    double area = 0;
    size_t n = 0;
    switch (number) {
        case NUMBER_answer: WORKS(gnomon_answer_json(h->answer, &text)); break;
        case NUMBER_chain:
            WORKS(gnomon_chain_text(h->chain, &written));
            WORKS(gnomon_text_view(written, &text));
            break;
        case NUMBER_cogmap:
            WORKS(gnomon_cogmap_png(h->cogmap, &data, &n));
            sum = folded(sum, data, n);
            WORKS(gnomon_cogmap_json(h->cogmap, &text));
            break;
        case NUMBER_judgements: WORKS(gnomon_judgements_json(h->judgements, &text)); break;
        case NUMBER_album: WORKS(gnomon_album_count(h->album, &n)); break;
        case NUMBER_grounding: WORKS(gnomon_grounding_list(h->grounding, NULL, 0, &n)); break;
        case NUMBER_keeper: WORKS(gnomon_keeper_kept(h->keeper, NULL, 0, &n)); break;
        case NUMBER_layout: WORKS(gnomon_layout_places(h->layout, NULL, 0, &n)); break;
        case NUMBER_relation_graph: WORKS(gnomon_relation_graph_list(h->relation_graph, NULL, 0, &n)); break;
        case NUMBER_scene:
            WORKS(gnomon_scene_snapshot(h->scene, &now));
            WORKS(gnomon_snapshot_json(now, &text));
            break;
        case NUMBER_pipeline:
            if (h->pipeline == NULL) break;
            WORKS(gnomon_pipeline_snapshot(h->pipeline, &now));
            WORKS(gnomon_snapshot_json(now, &text));
            break;
        case NUMBER_snapshot: WORKS(gnomon_snapshot_json(h->snapshot, &text)); break;
        case NUMBER_text: WORKS(gnomon_text_view(h->text, &text)); break;
        case NUMBER_told: WORKS(gnomon_told_room_area(h->told, &area)); break;
        case NUMBER_triplets: WORKS(gnomon_triplets_list(h->triplets, NULL, 0, &n)); break;
        case NUMBER_vocabulary: CHECK(h->vocabulary != NULL); break;
        case NUMBER_cancel: CHECK(h->cancel != NULL); break;
        case NUMBER_detector:
        case NUMBER_found:
        case NUMBER_depth_net:
        case NUMBER_geometry_net:
        case NUMBER_views:
        case NUMBER_vlm:
        case NUMBER_job:
        case NUMBER_depth_map: return told_by_network(h, number);
        default: CHECK(!"a handle without a use");
    }
    sum = folded(folded(folded(sum, text.data, text.len), &n, sizeof n), &area, sizeof area);
    gnomon_snapshot_free(now);
    gnomon_text_free(written);
    return sum;
}

static void end_one(household *h, int number) {
    switch (number) {
#define END(name)                     \
    case NUMBER_##name:               \
        gnomon_##name##_free(h->name); \
        h->name = NULL;               \
        break;
        HANDLES(END)
#undef END
        default: CHECK(!"a handle without an end");
    }
}

static void end_all(household *h) {
    int i;
    for (i = 0; i < HANDLES_LEN; i++) end_one(h, i);
}

static void use_and_end_all(household *h) {
    int i;
    for (i = 0; i < HANDLES_LEN; i++) (void)told_by(h, i);
    end_all(h);
}

static void *use_and_end_all_there(void *h) {
    use_and_end_all((household *)h);
    return NULL;
}

static void wait_us(long microseconds) {
    struct timespec time = {0, 0};
    time.tv_nsec = microseconds * 1000;
    nanosleep(&time, NULL);
}

static void on_a_thread(void *(*work)(void *), void *subject) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, work, subject) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* ---- the cases ---------------------------------------------------------------------------------------------------- */

static void nothing_is_freed_twenty_times(void) {
    int i;
    for (i = 0; i < 20; i++) {
#define NOTHING(name) gnomon_##name##_free(NULL);
        HANDLES(NOTHING)
#undef NOTHING
    }
}

/* Whatever went before it, what is left tells what it told. */
static void in_any_order(void) {
    uint64_t before[HANDLES_LEN];
    uint32_t state = 7;
    int round, i, order[HANDLES_LEN];
    for (round = 0; round < rounds(30); round++) {
        household h = furnish();
        for (i = 0; i < HANDLES_LEN; i++) {
            before[i] = told_by(&h, i);
            order[i] = i;
        }
        for (i = HANDLES_LEN - 1; i > 0; i--) {
            int other, kept = order[i];
            state = state * 1664525u + 1013904223u;
            other = (int)((state >> 8) % (uint32_t)(i + 1));
            order[i] = order[other];
            order[other] = kept;
        }
        for (i = 0; i < HANDLES_LEN; i++) {
            int j;
            gnomon_snapshot *gone = h.snapshot;
            end_one(&h, order[i]);
            if (planted && order[i] == NUMBER_snapshot) h.snapshot = gone;
            for (j = i + 1; j < HANDLES_LEN; j++) CHECK(told_by(&h, order[j]) == before[order[j]]);
            if (planted && order[i] == NUMBER_snapshot) (void)told_by(&h, NUMBER_snapshot);
        }
    }
}

static void *furnish_there(void *place) {
    *(household *)place = furnish();
    return NULL;
}

/* Made by a thread that is no more; used and freed by another. */
static void on_other_threads(void) {
    int i;
    for (i = 0; i < rounds(20); i++) {
        household h;
        on_a_thread(furnish_there, &h);
        on_a_thread(use_and_end_all_there, &h);
    }
}

static void *read_and_end_clone(void *clone) {
    gnomon_snapshot *mine = (gnomon_snapshot *)clone;
    gnomon_cogmap *map = NULL;
    gnomon_str text;
    WORKS(gnomon_cogmap_observer(mine, NULL, &map));
    gnomon_snapshot_free(mine);
    WORKS(gnomon_cogmap_text(map, &text));
    CHECK(text.len > 0);
    gnomon_cogmap_free(map);
    return NULL;
}

/* The scene and the first handle to a snapshot go while other threads read theirs. */
static void while_others_read(void) {
    enum { READERS = 4 };
    int i, reader;
    for (i = 0; i < rounds(200); i++) {
        pthread_t threads[READERS];
        gnomon_scene *scene = room_scene(depth, 1);
        gnomon_snapshot *first = NULL;
        WORKS(gnomon_scene_snapshot(scene, &first));
        for (reader = 0; reader < READERS; reader++) {
            gnomon_snapshot *clone = NULL;
            WORKS(gnomon_snapshot_clone(first, &clone));
            CHECK(pthread_create(&threads[reader], NULL, read_and_end_clone, clone) == 0);
        }
        gnomon_scene_free(scene);
        gnomon_snapshot_free(first);
        for (reader = 0; reader < READERS; reader++) CHECK(pthread_join(threads[reader], NULL) == 0);
    }
}

static pthread_key_t late;

static void end_at_thread_end(void *value) {
    use_and_end_all((household *)value);
    /* Refused all the same; the sentence is "" where the thread-locals are gone. */
    CHECK(gnomon_scene_publish(NULL, NULL) == GNOMON_E_ARGUMENT && gnomon_last_error() != NULL);
    free(value);
}

static void *leave_a_household(void *unused) {
    household *h = malloc(sizeof *h);
    (void)unused;
    *h = furnish();
    if (planted) return NULL;
    pthread_setspecific(late, h);
    return NULL;
}

/* A thread's destructor: after Rust's thread-locals, or before them. */
static void in_a_thread_s_destructor(void) {
    int i;
    CHECK(pthread_key_create(&late, end_at_thread_end) == 0);
    for (i = 0; i < rounds(20); i++) on_a_thread(leave_a_household, NULL);
    CHECK(pthread_key_delete(late) == 0);
}

static household left;

static void end_at_exit(void) {
    if (planted) gnomon_snapshot_free(left.snapshot);
    use_and_end_all(&left);
    if (gnomon_scene_publish(NULL, NULL) != GNOMON_E_ARGUMENT || gnomon_last_error() == NULL) failures++;
    if (failures) _exit(1);
}

/* Registered before the first call, so it runs after whatever the library registers. */
static void at_exit(void) {
    CHECK(atexit(end_at_exit) == 0);
    left = furnish();
}

static void *write_for_ever(void *scene) {
    gnomon_frame frame;
    int i;
    for (i = 10;; i++) {
        room_frame(&frame, depth, i);
        if (gnomon_scene_integrate((gnomon_scene *)scene, &frame, NULL, 0, 0, NULL) != GNOMON_OK) abort();
        if (gnomon_scene_publish((gnomon_scene *)scene, NULL) != GNOMON_OK) abort();
    }
    return NULL;
}

static void ignore_line(void *user, int32_t level, gnomon_str target, gnomon_str text) {
    (void)user, (void)level, (void)target, (void)text;
}

/* Everything is alive, a thread is inside a call, a log callback is set; the process ends all the same. */
static void without_freeing(void) {
    static household alive;
    pthread_t writer;
    alive = furnish();
    WORKS(gnomon_set_log(ignore_line, NULL, GNOMON_LOG_TRACE));
    CHECK(pthread_create(&writer, NULL, write_for_ever, alive.scene) == 0);
    CHECK(pthread_detach(writer) == 0);
    wait_us(20000);
}

/* The status that the child ends with. */
static int in_a_child(void (*work)(household *), household *h) {
    int status = 0;
    pid_t child;
    fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60); /* a lock that nobody opens */
        failures = 0;
        work(h);
        _exit(failures ? 1 : 0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void go_on(household *h) {
    gnomon_frame frame;
    room_frame(&frame, depth, 50);
    WORKS(gnomon_scene_integrate(h->scene, &frame, NULL, 0, 0, NULL));
    WORKS(gnomon_scene_publish(h->scene, NULL));
    use_and_end_all(h);
    *h = furnish();
    use_and_end_all(h);
}

static void read_what_it_has(household *h) {
    int i;
    household own;
    for (i = 0; i < HANDLES_LEN; i++)
        if (i != NUMBER_scene) (void)told_by(h, i);
    for (i = 0; i < HANDLES_LEN; i++)
        if (i != NUMBER_scene) end_one(h, i);
    own = furnish();
    use_and_end_all(&own);
}

/* With one thread, a child goes on as its parent does. */
static void in_a_child_process(void) {
    household h = furnish();
    CHECK(in_a_child(go_on, &h) == 0);
    use_and_end_all(&h);
}

/* With more, the scene that another thread is writing stays as it was in the middle: the child leaves it alone, and may
 * use all else and scenes of its own. */
static void in_a_child_of_many_threads(void) {
    household h = furnish();
    pthread_t writer;
    int i;
    CHECK(pthread_create(&writer, NULL, write_for_ever, h.scene) == 0);
    CHECK(pthread_detach(writer) == 0);
    for (i = 0; i < rounds(10); i++) CHECK(in_a_child(read_what_it_has, &h) == 0);
    finish("teardown fork-threads");
    _exit(failures ? 1 : 0); /* the writer never ends */
}

static void become_another(household *h) {
    (void)h;
    execl(program, program, planted ? "no-such-case" : "nothing", (char *)NULL);
    _exit(127);
}

static void in_another_program(void) {
    household h = furnish();
    CHECK(in_a_child(become_another, &h) == 0);
    use_and_end_all(&h);
}

/* A callback that calls in: frees, makes, asks, and is told that the scene is busy. */
typedef struct busybody {
    household *other;
    gnomon_scene *busy;
    int calls;
} busybody;

static void end_others(busybody *who) {
    gnomon_frame frame;
    if (who->calls++) return;
    use_and_end_all(who->other);
    *who->other = furnish();
    room_frame(&frame, depth, 99);
    if (who->busy) REFUSED(GNOMON_E_BUSY, gnomon_scene_integrate(who->busy, &frame, NULL, 0, 0, NULL));
    if (who->busy) REFUSED(GNOMON_E_STATE, gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF));
}

static void end_in_log(void *user, int32_t level, gnomon_str target, gnomon_str text) {
    (void)level, (void)target;
    CHECK(text.len > 0);
    end_others((busybody *)user);
}

static size_t end_in_count(void *user, gnomon_str text) {
    end_others((busybody *)user);
    return text.len;
}

static void in_callbacks(void) {
    household first = furnish(), second = furnish();
    busybody who;
    gnomon_text *text = NULL;
    gnomon_frame frame;
    memset(&who, 0, sizeof who);
    who.other = &first;
    who.busy = second.scene;
    WORKS(gnomon_set_log(end_in_log, &who, GNOMON_LOG_TRACE));
    room_frame(&frame, depth, 60);
    WORKS(gnomon_scene_integrate(second.scene, &frame, NULL, 0, 0, NULL));
    WORKS(gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF));
    CHECK(who.calls > 0);
    who.calls = 0;
    who.busy = NULL;
    WORKS(gnomon_scene_text(second.snapshot, str(""), 4096, end_in_count, &who, NULL, &text));
    CHECK(who.calls > 0);
    gnomon_text_free(text);
    use_and_end_all(&first);
    if (!planted) use_and_end_all(&second);
}

static int stop_logging;
static pthread_mutex_t stop_lock = PTHREAD_MUTEX_INITIALIZER;

static int is_stopped(void) {
    int stopped;
    pthread_mutex_lock(&stop_lock);
    stopped = stop_logging;
    pthread_mutex_unlock(&stop_lock);
    return stopped;
}

static void *log_until_stopped(void *unused) {
    gnomon_scene *scene = room_scene(depth, 1);
    gnomon_frame frame;
    int i;
    (void)unused;
    for (i = 10; !is_stopped(); i++) {
        room_frame(&frame, depth, i);
        WORKS(gnomon_scene_integrate(scene, &frame, NULL, 0, 0, NULL));
    }
    gnomon_scene_free(scene);
    return NULL;
}

static void count_line(void *user, int32_t level, gnomon_str target, gnomon_str text) {
    (void)level, (void)target, (void)text;
    ++*(int *)user;
}

/* What a callback is given may go as soon as another one is set. */
static void callbacks_that_are_taken_back(void) {
    pthread_t logger;
    int i, *lines;
    CHECK(pthread_create(&logger, NULL, log_until_stopped, NULL) == 0);
    for (i = 0; i < rounds(200); i++) {
        lines = calloc(1, sizeof *lines);
        WORKS(gnomon_set_log(count_line, lines, GNOMON_LOG_TRACE));
        wait_us(500);
        if (planted) {
            free(lines);
            wait_us(50000);
        }
        WORKS(gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF));
        if (!planted) free(lines);
    }
    pthread_mutex_lock(&stop_lock);
    stop_logging = 1;
    pthread_mutex_unlock(&stop_lock);
    CHECK(pthread_join(logger, NULL) == 0);
}

static const struct {
    const char *name;
    void (*run)(void);
} CASES[] = {
    {"nothing", nothing_is_freed_twenty_times},
    {"any-order", in_any_order},
    {"other-threads", on_other_threads},
    {"while-read", while_others_read},
    {"thread-end", in_a_thread_s_destructor},
    {"at-exit", at_exit},
    {"no-free", without_freeing},
    {"fork", in_a_child_process},
    {"fork-threads", in_a_child_of_many_threads},
    {"exec", in_another_program},
    {"callbacks", in_callbacks},
    {"taken-back", callbacks_that_are_taken_back},
};

int main(int argc, char **argv) {
    size_t i;
    program = argv[0];
    planted = argc > 2 && strcmp(argv[2], "planted") == 0;
    fill_depth(depth);
    for (i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char name[64];
        if (argc > 1 && strcmp(argv[1], "list") == 0) printf("%s\n", CASES[i].name);
        if (argc < 2 || strcmp(argv[1], CASES[i].name) != 0) continue;
        with_networks = getenv("GNOMON_ORT_PATH") != NULL && getenv("GNOMON_TEST_SLOW") == NULL &&
                        strncmp(argv[1], "fork", 4) != 0;
        /* Threads of a pipeline stay with the process that opened it. */
        without_threads = strncmp(argv[1], "fork", 4) == 0;
        CASES[i].run();
        snprintf(name, sizeof name, "teardown %s", CASES[i].name);
        return finish(name);
    }
    return argc > 1 && strcmp(argv[1], "list") == 0 ? 0 : 2;
}
