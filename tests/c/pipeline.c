/* A pipeline as a camera's callback would use it: buffers lent and given back once, closed from everywhere, pushed from many
 * threads. Runs under the thread sanitizer too. Networks are there where GNOMON_ORT_PATH names an ONNX Runtime, but where
 * GNOMON_TEST_SLOW is set. */
#include "check.h"

#include <pthread.h>
#include <time.h>

static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];

/* A tenth of them where GNOMON_TEST_SLOW says that every step takes long. */
static int rounds(int full) { return getenv("GNOMON_TEST_SLOW") ? full / 10 : full; }

static const int64_t LONG_NS = 20000000000;
enum { ALL_PARTS = GNOMON_LIVE_POSE | GNOMON_LIVE_DETECTIONS };

typedef struct counter {
    int value;
} counter;

static void count(void *user) { (void)__atomic_fetch_add(&((counter *)user)->value, 1, __ATOMIC_SEQ_CST); }
static int value_of(counter *c) { return __atomic_load_n(&c->value, __ATOMIC_SEQ_CST); }

static void wait_until(counter *c, int least) {
    struct timespec pause = {0, 1000000};
    int i;
    for (i = 0; i < 20000 && value_of(c) < least; i++) nanosleep(&pause, NULL);
    CHECK(value_of(c) >= least);
}

static gnomon_pipeline *open_with(gnomon_published_fn told, void *user, gnomon_release_fn user_free) {
    gnomon_pipeline_options options;
    gnomon_pipeline *pipeline = NULL;
    GNOMON_INIT(gnomon_pipeline_options, &options);
    options.deadline_ns = 0;
    options.wait_ns = 5000000;
    WORKS(gnomon_pipeline_open(NULL, &options, told, user, user_free, &pipeline));
    return pipeline;
}

static gnomon_status push(const gnomon_pipeline *pipeline, int number, uint32_t has, counter *released) {
    gnomon_frame frame;
    gnomon_detection detection;
    room_frame(&frame, depth, number);
    room_detection(&detection);
    return gnomon_pipeline_push(pipeline, &frame, has, &detection, sizeof detection, has & GNOMON_LIVE_DETECTIONS ? 1 : 0,
                                released ? count : NULL, released);
}

static uint64_t dropped(const gnomon_pipeline_statistics *s) {
    return s->dropped_overload + s->dropped_deadline + s->dropped_no_pose + s->dropped_no_depth + s->dropped_overtaken +
           s->dropped_refused + s->dropped_up_unknown + s->dropped_panic + s->dropped_closed;
}

static gnomon_pipeline_statistics counted(const gnomon_pipeline *pipeline) {
    gnomon_pipeline_statistics s;
    GNOMON_INIT(gnomon_pipeline_statistics, &s);
    WORKS(gnomon_pipeline_count(pipeline, &s));
    CHECK(s.pushed == s.published + s.under_way + dropped(&s));
    return s;
}

static void frames_come_out_as_scenes(void) {
    gnomon_pipeline *pipeline = open_with(NULL, NULL, NULL);
    gnomon_published published;
    gnomon_frame_report report;
    gnomon_snapshot *snapshot = NULL;
    gnomon_stage stages[5];
    gnomon_text *text = NULL;
    gnomon_str view;
    int32_t link = -1;
    counter released = {0};
    size_t n = 0;
    int i;
    GNOMON_INIT(gnomon_published, &published);
    GNOMON_INIT(gnomon_frame_report, &report);
    for (i = 0; i < 10; i++) {
        WORKS(push(pipeline, i, ALL_PARTS, &released));
        WORKS(gnomon_pipeline_settle(pipeline, LONG_NS));
    }
    WORKS(gnomon_pipeline_poll(pipeline, &published, &report, &snapshot));
    CHECK(published.stamp_ns == 1900000000 && published.latency_ns > 0 && report.associated == 1);
    WORKS(gnomon_snapshot_objects(snapshot, NULL, 0, &n));
    CHECK(n == 1);
    gnomon_snapshot_free(snapshot);
    CHECK(gnomon_pipeline_poll(pipeline, &published, NULL, &snapshot) == GNOMON_PENDING && snapshot == NULL);
    WORKS(gnomon_pipeline_snapshot(pipeline, &snapshot));
    gnomon_snapshot_free(snapshot);
    WORKS(gnomon_pipeline_stages(pipeline, NULL, 0, &n));
    CHECK(n == 5);
    WORKS(gnomon_pipeline_stages(pipeline, stages, sizeof *stages, &n));
    CHECK(stages[2].name.len == 5 && memcmp(stages[2].name.data, "scene", 5) == 0 && stages[2].runs == 10);
    WORKS(gnomon_pipeline_explain(pipeline, &link, &text));
    WORKS(gnomon_text_view(text, &view));
    CHECK(link == GNOMON_LINK_NONE && view.len > 9 && memcmp(view.data, "frames in", 9) == 0);
    gnomon_text_free(text);
    WORKS(gnomon_pipeline_explain_json(pipeline, &text));
    WORKS(gnomon_text_view(text, &view));
    CHECK(view.len > 9 && memcmp(view.data, "{\"links\":", 9) == 0);
    gnomon_text_free(text);
    CHECK(counted(pipeline).published == 10);
    WORKS(gnomon_pipeline_close(pipeline));
    CHECK(value_of(&released) == 10);
    REFUSED(GNOMON_E_STATE, push(pipeline, 11, ALL_PARTS, &released));
    CHECK(value_of(&released) == 11);
    gnomon_pipeline_free(pipeline);
}

static void poses_and_detections_may_come_by_stamp(void) {
    gnomon_pipeline_options options;
    gnomon_pipeline *pipeline = NULL;
    gnomon_frame frame;
    gnomon_detection detection;
    counter released = {0};
    gnomon_text *text = NULL;
    int32_t link = -1;
    int i;
    GNOMON_INIT(gnomon_pipeline_options, &options);
    options.late_detections = 1;
    options.wait_ns = options.deadline_ns = LONG_NS;
    WORKS(gnomon_pipeline_open(NULL, &options, NULL, NULL, NULL, &pipeline));
    room_detection(&detection);
    for (i = 0; i < 5; i++) {
        room_frame(&frame, depth, i);
        WORKS(push(pipeline, i, 0, &released));
        CHECK(gnomon_pipeline_settle(pipeline, 0) == GNOMON_PENDING);
        WORKS(gnomon_pipeline_push_detections(pipeline, 0, frame.stamp_ns, &detection, sizeof detection, 1));
        WORKS(gnomon_pipeline_push_pose(pipeline, 0, frame.stamp_ns, frame.world_from_camera));
        WORKS(gnomon_pipeline_settle(pipeline, LONG_NS));
    }
    CHECK(counted(pipeline).published == 5);
    gnomon_pipeline_free(pipeline);
    CHECK(value_of(&released) == 5);

    pipeline = open_with(NULL, NULL, NULL);
    WORKS(push(pipeline, 1, 0, NULL));
    WORKS(gnomon_pipeline_settle(pipeline, LONG_NS));
    CHECK(counted(pipeline).dropped_no_pose == 1);
    WORKS(gnomon_pipeline_explain(pipeline, &link, &text));
    CHECK(link == GNOMON_LINK_POSED);
    gnomon_text_free(text);
    gnomon_pipeline_free(pipeline);
}

/* The caller's memory is the caller's again when the call is back. */
static void copies_are_their_own(void) {
    gnomon_pipeline *pipeline = open_with(NULL, NULL, NULL);
    uint16_t *mine = malloc(sizeof depth);
    gnomon_snapshot *snapshot = NULL;
    size_t n = 0;
    int i;
    for (i = 0; i < 20; i++) {
        gnomon_frame frame;
        gnomon_detection detection;
        memcpy(mine, depth, sizeof depth);
        room_frame(&frame, mine, i);
        room_detection(&detection);
        WORKS(gnomon_pipeline_push_copy(pipeline, &frame, ALL_PARTS, &detection, sizeof detection, 1));
        memset(mine, 0, sizeof depth);
        WORKS(gnomon_pipeline_settle(pipeline, LONG_NS));
    }
    WORKS(gnomon_pipeline_snapshot(pipeline, &snapshot));
    WORKS(gnomon_snapshot_objects(snapshot, NULL, 0, &n));
    CHECK(n == 1 && counted(pipeline).buffers_made <= 4);
    gnomon_snapshot_free(snapshot);
    gnomon_pipeline_free(pipeline);
    free(mine);
}

typedef struct hearer {
    counter calls, ended;
    gnomon_pipeline *own;
    int frees; /* 1: frees its pipeline, 0: closes it, -1: neither */
} hearer;

static void hear(void *user, int64_t stamp_ns, uint32_t camera_id, const gnomon_snapshot *snapshot) {
    hearer *h = (hearer *)user;
    gnomon_scene_info info;
    GNOMON_INIT(gnomon_scene_info, &info);
    WORKS(gnomon_snapshot_info(snapshot, &info));
    CHECK(info.stamp_ns == stamp_ns && camera_id == 0);
    if (h->frees == 0) WORKS(gnomon_pipeline_close(h->own));
    if (h->frees > 0 && value_of(&h->calls) == 0) gnomon_pipeline_free(h->own);
    count(&h->calls);
}

static void end_hearer(void *user) { count(&((hearer *)user)->ended); }

/* Opened, filled and closed at random moments: every frame is released once, nobody is called after. */
static void closed_while_it_runs(void) {
    int round;
    for (round = 0; round < rounds(1000); round++) {
        hearer h;
        counter released = {0};
        int i, told;
        memset(&h, 0, sizeof h);
        h.frees = -1;
        h.own = open_with(hear, &h, end_hearer);
        for (i = 0; i < round % 7; i++) WORKS(push(h.own, i, i % 3 ? ALL_PARTS : 0, &released));
        for (i = 0; i < (round * 7919) % 20011; i++) __asm__ volatile("" ::: "memory");
        gnomon_pipeline_free(h.own);
        told = value_of(&h.calls);
        CHECK(value_of(&released) == round % 7 && value_of(&h.ended) == 1);
        CHECK(value_of(&h.calls) == told);
    }
}

static void closed_from_its_own_callback(void) {
    int round;
    for (round = 0; round < rounds(200); round++) {
        hearer h;
        counter released = {0};
        memset(&h, 0, sizeof h);
        h.frees = round % 2;
        h.own = open_with(hear, &h, end_hearer);
        WORKS(push(h.own, 1, ALL_PARTS, &released));
        wait_until(&h.ended, 1);
        CHECK(value_of(&h.calls) == 1 && value_of(&released) == 1);
        if (!h.frees) gnomon_pipeline_free(h.own);
    }
}

typedef struct pusher {
    gnomon_pipeline *pipeline;
    counter *released;
    int first, pushed;
} pusher;

static void *push_many(void *user) {
    pusher *p = (pusher *)user;
    int i;
    for (i = 0; i < 100; i++) {
        if (i % 4 == 3) {
            gnomon_frame frame;
            gnomon_text *text = NULL;
            room_frame(&frame, depth, p->first + i);
            (void)!gnomon_pipeline_push_copy(p->pipeline, &frame, GNOMON_LIVE_POSE, NULL, 0, 0);
            (void)!gnomon_pipeline_push_pose(p->pipeline, 0, frame.stamp_ns, frame.world_from_camera);
            WORKS(gnomon_pipeline_explain(p->pipeline, NULL, &text));
            gnomon_text_free(text);
            continue;
        }
        (void)!push(p->pipeline, p->first + i, i % 2 ? ALL_PARTS : 0, p->released);
        p->pushed++;
    }
    return NULL;
}

static void pushed_from_many_threads_and_closed_meanwhile(void) {
    int round;
    for (round = 0; round < rounds(20); round++) {
        pthread_t threads[4];
        pusher pushers[4];
        hearer h;
        counter released = {0};
        struct timespec pause = {0, 0};
        int i, pushed = 0;
        memset(&h, 0, sizeof h);
        h.frees = -1;
        h.own = open_with(hear, &h, end_hearer);
        for (i = 0; i < 4; i++) {
            pusher p = {h.own, &released, 1000 * i, 0};
            pushers[i] = p;
            CHECK(pthread_create(&threads[i], NULL, push_many, &pushers[i]) == 0);
        }
        pause.tv_nsec = 1000000L * round;
        nanosleep(&pause, NULL);
        WORKS(gnomon_pipeline_close(h.own));
        for (i = 0; i < 4; i++) {
            CHECK(pthread_join(threads[i], NULL) == 0);
            pushed += pushers[i].pushed;
        }
        CHECK(value_of(&released) == pushed && value_of(&h.ended) == 1);
        (void)counted(h.own);
        gnomon_pipeline_free(h.own);
    }
}

/* A picture and a pose: depth and detections are made, by networks whose own handles are gone by then. */
static void networks_give_a_frame_what_it_lacks(void) {
    static const uint8_t rgb[ROOM_WIDTH * ROOM_HEIGHT * 3];
    gnomon_network_options options;
    gnomon_pipeline_options live;
    gnomon_detector *detector = NULL;
    gnomon_depth_net *net = NULL;
    gnomon_pipeline *pipeline = NULL;
    gnomon_stage stages[5];
    gnomon_frame frame;
    counter released = {0};
    size_t n = 5;
    GNOMON_INIT(gnomon_network_options, &options);
    options.family = str("depth_anything_v2_metric");
    WORKS(gnomon_detector_open(str("tests/networks/detector"), NULL, &detector));
    WORKS(gnomon_depth_net_open(str("tests/networks/depth.onnx"), &options, &net));
    GNOMON_INIT(gnomon_pipeline_options, &live);
    live.deadline_ns = 0;
    WORKS(gnomon_pipeline_open_with(NULL, &live, net, detector, NULL, NULL, NULL, NULL, &pipeline));
    gnomon_depth_net_free(net);
    gnomon_detector_free(detector);
    room_frame(&frame, depth, 1);
    frame.depth.len = 0;
    frame.colour.data = rgb;
    frame.colour.len = sizeof rgb;
    frame.colour.width = ROOM_WIDTH;
    frame.colour.height = ROOM_HEIGHT;
    frame.colour.format = GNOMON_PIXEL_RGB8;
    WORKS(gnomon_pipeline_push(pipeline, &frame, GNOMON_LIVE_POSE, NULL, 0, 0, count, &released));
    WORKS(gnomon_pipeline_settle(pipeline, LONG_NS));
    WORKS(gnomon_pipeline_stages(pipeline, stages, sizeof *stages, &n));
    CHECK(stages[0].runs == 1 && stages[0].errors == 0 && stages[1].runs == 1 && stages[1].errors == 0);
    CHECK(counted(pipeline).published == 1);
    gnomon_pipeline_free(pipeline);
    CHECK(value_of(&released) == 1);
}

int main(void) {
    fill_depth(depth);
    frames_come_out_as_scenes();
    poses_and_detections_may_come_by_stamp();
    copies_are_their_own();
    closed_while_it_runs();
    closed_from_its_own_callback();
    pushed_from_many_threads_and_closed_meanwhile();
    if (getenv("GNOMON_ORT_PATH") != NULL && getenv("GNOMON_TEST_SLOW") == NULL) networks_give_a_frame_what_it_lacks();
    return finish("pipeline");
}
