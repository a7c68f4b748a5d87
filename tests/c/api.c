/* What the header promises, kept: results, views, the two-call idiom, growth, threads, logs. */
#include "check.h"

#include <pthread.h>

static void versions(void) {
    char expected[64];
    snprintf(expected, sizeof expected, "%d.%d.%d", GNOMON_VERSION_MAJOR, GNOMON_VERSION_MINOR, GNOMON_VERSION_PATCH);
    CHECK(strcmp(gnomon_version(), GNOMON_VERSION) == 0);
    CHECK(strcmp(expected, GNOMON_VERSION) == 0);
    CHECK(gnomon_abi_version() == GNOMON_ABI_VERSION);
    CHECK(gnomon_build_info()[0] == '{' && strstr(gnomon_build_info(), GNOMON_VERSION) != NULL);
    CHECK(strcmp(gnomon_status_name(GNOMON_E_BUSY), "GNOMON_E_BUSY") == 0);
}

static void a_crate_is_seen(const uint16_t *depth) {
    gnomon_scene *scene = room_scene(depth, 5);
    gnomon_snapshot *snapshot = NULL, *other = NULL;
    gnomon_scene_info info;
    gnomon_object object, named;
    gnomon_label label;
    gnomon_keyframe keyframe;
    gnomon_keyframe_pose moved;
    gnomon_stage_time times[7];
    gnomon_event event;
    gnomon_str json;
    size_t n = 0;

    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    WORKS(gnomon_snapshot_clone(snapshot, &other));
    GNOMON_INIT(gnomon_scene_info, &info);
    WORKS(gnomon_snapshot_info(snapshot, &info));
    CHECK(info.struct_size == sizeof info && info.frames == 5 && info.objects == 1 && info.up == GNOMON_UP_Z);
    CHECK(info.stamp_ns == 1400000000 && info.world_from_input[0] == 1 && info.world_from_camera[15] == 1);

    WORKS(gnomon_snapshot_objects(snapshot, NULL, 0, &n));
    CHECK(n == 1);
    WORKS(gnomon_snapshot_objects(snapshot, &object, sizeof object, &n));
    CHECK(n == 1 && object.label.len == 5 && memcmp(object.label.data, "crate", 5) == 0);
    CHECK(object.observations == 5 && object.state == GNOMON_OBJECT_CONFIRMED && object.existence > 0.5);
    /* 2 m ahead along +x, at the camera's height, about 0.53 m wide. */
    CHECK(fabs(object.obb.centre[0] - 2.0) < 0.4 && fabs(object.obb.centre[1]) < 0.1);
    CHECK(fabs(object.obb.centre[2] - 1.2) < 0.1 && object.obb.size[0] > 0.3);
    WORKS(gnomon_snapshot_object(snapshot, object.id, &named, sizeof named));
    CHECK(named.id == object.id && named.name.data == object.name.data);
    WORKS(gnomon_snapshot_object_named(other, object.name, &named, sizeof named));
    CHECK(named.id == object.id);
    n = 1;
    WORKS(gnomon_snapshot_labels(snapshot, object.id, &label, sizeof label, &n));
    CHECK(n == object.labels && label.probability > 0.5);

    WORKS(gnomon_snapshot_keyframes(snapshot, NULL, 0, &n));
    CHECK(n == 1 && info.keyframes == 1);
    WORKS(gnomon_snapshot_keyframes(snapshot, &keyframe, sizeof keyframe, &n));
    CHECK(keyframe.id == 0 && keyframe.stamp_ns == 1000000000);
    WORKS(gnomon_snapshot_events(snapshot, 0, NULL, 0, &n));
    CHECK(n == 1 && info.events == 1);
    WORKS(gnomon_snapshot_events(snapshot, 0, &event, sizeof event, &n));
    CHECK(event.kind == GNOMON_EVENT_BORN && event.object == object.id && event.sequence + 1 == info.next_event);
    WORKS(gnomon_snapshot_events(snapshot, info.next_event, NULL, 0, &n));
    CHECK(n == 0);
    WORKS(gnomon_snapshot_json(snapshot, &json));
    CHECK(json.len > 100 && json.data[0] == '{');
    WORKS(gnomon_snapshot_supports(snapshot, NULL, 0, &n));
    CHECK(n == info.supports);

    /* Every stage of the newest frame and publication took some time. */
    n = sizeof times / sizeof times[0];
    WORKS(gnomon_scene_stage_times(scene, times, sizeof times[0], &n));
    CHECK(n == 7 && memcmp(times[0].name.data, "register", times[0].name.len) == 0);
    for (size_t at = 0; at < n; at++) CHECK(times[at].time_s > 0 && times[at].time_s < 20);

    /* The keyframe turns out to stand a metre to the left: the crate moves with it, in the next snapshot alone. */
    memset(&moved, 0, sizeof moved);
    level_camera(moved.world_from_camera, 0);
    moved.world_from_camera[7] = 1.0;
    WORKS(gnomon_scene_update_poses(scene, &moved, sizeof moved, 1));
    gnomon_snapshot_free(other);
    WORKS(gnomon_scene_publish(scene, &other));
    WORKS(gnomon_snapshot_object(other, object.id, &named, sizeof named));
    CHECK(fabs(named.obb.centre[1] - object.obb.centre[1] - 1.0) < 0.05);
    WORKS(gnomon_snapshot_object(snapshot, object.id, &named, sizeof named));
    CHECK(named.obb.centre[1] == object.obb.centre[1]);

    /* A snapshot, and every view into it, outlives its scene. */
    gnomon_scene_free(scene);
    CHECK(memcmp(object.name.data, "crate#", 6) == 0 && memcmp(json.data, "{", 1) == 0);
    gnomon_snapshot_free(other);
    gnomon_snapshot_free(snapshot);
}

static void the_report_tells(const uint16_t *depth) {
    gnomon_scene *scene = room_scene(depth, 2);
    gnomon_frame frame;
    gnomon_detection detection;
    gnomon_frame_report report;
    uint8_t *colour = calloc(ROOM_WIDTH * ROOM_HEIGHT, 3);
    uint8_t *mask = malloc(40 * 40);
    float feature[4] = {1, 2, 3, 4};
    gnomon_object object;
    gnomon_snapshot *snapshot = NULL;
    size_t n = 1;

    room_frame(&frame, depth, 2);
    room_detection(&detection);
    frame.colour.data = colour;
    frame.colour.len = (size_t)ROOM_WIDTH * ROOM_HEIGHT * 3;
    frame.colour.width = ROOM_WIDTH;
    frame.colour.height = ROOM_HEIGHT;
    frame.colour.format = GNOMON_PIXEL_BGR8;
    memset(mask, 255, 40 * 40);
    detection.mask = mask;
    detection.mask_len = 40 * 40;
    detection.mask_x = 60;
    detection.mask_y = 40;
    detection.mask_width = detection.mask_height = 40;
    detection.feature = feature;
    detection.feature_len = 4;
    GNOMON_INIT(gnomon_frame_report, &report);
    WORKS(gnomon_scene_integrate(scene, &frame, &detection, sizeof detection, 1, &report));
    CHECK(report.struct_size == sizeof report && report.frame == 2 && report.up_known == 1);
    CHECK(report.detections == 1 && report.lifted == 1 && report.associated == 1 && report.born == 1);
    CHECK(report.depth_pixels == ROOM_WIDTH * ROOM_HEIGHT && report.keyframe == -1);
    WORKS(gnomon_scene_publish(scene, &snapshot));
    WORKS(gnomon_snapshot_objects(snapshot, &object, sizeof object, &n));
    CHECK(object.feature_len == 4 && object.feature[3] == 4);
    free(colour);
    free(mask);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
}

/* Every format of colour, closely packed and with longer rows. */
static void every_format_of_colour_is_taken(const uint16_t *depth) {
    gnomon_scene *scene = NULL;
    gnomon_frame frame;
    uint8_t *bytes = calloc((ROOM_WIDTH * 4 + 5) * ROOM_HEIGHT, 1);
    int i;
    WORKS(gnomon_scene_new(NULL, &scene));
    for (i = 0; i < 2 * COLOUR_FORMATS_LEN; i++) {
        room_frame(&frame, depth, i);
        use_format(&frame, &COLOUR_FORMATS[i / 2], bytes, i % 2 ? 5 : 0);
        WORKS(gnomon_scene_integrate(scene, &frame, NULL, 0, 0, NULL));
    }
    free(bytes);
    gnomon_scene_free(scene);
}

/* Where the lens shows the direction (x/z, y/z): the formulas of gnomon.h. */
static void bend(const gnomon_intrinsics *k, const double *at, double *seen) {
    double a = at[0], b = at[1], s = a * a + b * b, r = sqrt(s), q = 1;
    if (k->model == GNOMON_LENS_EQUIDISTANT) {
        double t = atan(r), t2 = t * t;
        if (r > 1e-9) q = t * (1 + t2 * (k->k1 + t2 * (k->k2 + t2 * (k->k3 + t2 * k->k4)))) / r;
        seen[0] = a * q;
        seen[1] = b * q;
        return;
    }
    q = (1 + s * (k->k1 + s * (k->k2 + s * k->k3))) / (1 + s * (k->k4 + s * (k->k5 + s * k->k6)));
    seen[0] = a * q + 2 * k->p1 * a * b + k->p2 * (s + 2 * a * a);
    seen[1] = b * q + k->p1 * (s + 2 * b * b) + 2 * k->p2 * a * b;
}

/* The direction a pixel looks in. */
static void look(const gnomon_intrinsics *k, double u, double v, double *direction) {
    double wanted[2], seen[2];
    int i;
    wanted[0] = (u - k->cx) / k->fx;
    wanted[1] = (v - k->cy) / k->fy;
    memcpy(direction, wanted, sizeof wanted);
    for (i = 0; i < 60; i++) {
        bend(k, direction, seen);
        direction[0] += wanted[0] - seen[0];
        direction[1] += wanted[1] - seen[1];
    }
}

/* The crate of fill_depth, as a camera with this lens at (x, 0, 0) of the colour camera sees it; its box of pixels. */
static void draw_through(const gnomon_intrinsics *k, double x, uint16_t *depth, float *box) {
    uint32_t u, v;
    box[0] = box[1] = 1e9f;
    box[2] = box[3] = 0;
    for (v = 0; v < k->height; v++)
        for (u = 0; u < k->width; u++) {
            double at[2];
            int inside;
            look(k, u, v, at);
            inside = fabs(2 * at[0] + x) < 0.267 && fabs(2 * at[1]) < 0.267;
            depth[v * k->width + u] = (uint16_t)(inside ? 2000 : 3000);
            if (inside) {
                if (box[0] > (float)u) box[0] = (float)u;
                if (box[1] > (float)v) box[1] = (float)v;
                if (box[2] < (float)u + 1) box[2] = (float)u + 1;
                if (box[3] < (float)v + 1) box[3] = (float)v + 1;
            }
        }
}

/* The crate that a few frames of this camera, or of this camera for depth beside it, leave in the map. */
static gnomon_object crate_seen_through(const gnomon_intrinsics *colour, const gnomon_intrinsics *depth_camera) {
    static uint16_t depth[400 * 300], in_colour[400 * 300];
    static const double BESIDE_M = 0.06;
    gnomon_scene *scene = NULL;
    gnomon_snapshot *snapshot = NULL;
    gnomon_frame frame;
    gnomon_detection detection;
    gnomon_object object;
    float unused[4];
    size_t n = 1;
    int i;
    WORKS(gnomon_scene_new(NULL, &scene));
    room_detection(&detection);
    draw_through(colour, 0, in_colour, detection.bbox);
    if (depth_camera) draw_through(depth_camera, BESIDE_M, depth, unused);
    for (i = 0; i < 4; i++) {
        const gnomon_intrinsics *sees = depth_camera ? depth_camera : colour;
        room_frame(&frame, depth_camera ? depth : in_colour, i);
        frame.intrinsics = *colour;
        frame.depth.len = (size_t)sees->width * sees->height * 2;
        frame.depth.width = sees->width;
        frame.depth.height = sees->height;
        if (depth_camera) {
            frame.depth_intrinsics = *depth_camera;
            frame.colour_from_depth[3] = BESIDE_M;
        }
        WORKS(gnomon_scene_integrate(scene, &frame, &detection, sizeof detection, 1, NULL));
    }
    WORKS(gnomon_scene_publish(scene, &snapshot));
    memset(&object, 0, sizeof object);
    WORKS(gnomon_snapshot_objects(snapshot, &object, sizeof object, &n));
    CHECK(n == 1);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
    return object;
}

static void a_crate_is_where_it_is_through_every_lens(const uint16_t *depth) {
    gnomon_intrinsics lenses[4];
    gnomon_object truth, seen;
    gnomon_frame frame;
    int i, beside, k;
    room_frame(&frame, depth, 0);
    for (i = 0; i < 4; i++) lenses[i] = frame.intrinsics;
    truth = crate_seen_through(&lenses[0], NULL);
    CHECK(fabs(truth.obb.centre[0] - 2.0) < 0.4 && fabs(truth.obb.size[0] - 0.53) < 0.1);
    lenses[1].k1 = -0.28;
    lenses[1].k2 = 0.07;
    lenses[1].p1 = 0.001;
    lenses[1].p2 = -0.002;
    lenses[2].model = GNOMON_LENS_RATIONAL_POLYNOMIAL;
    lenses[2].k1 = 1.4;
    lenses[2].k2 = 0.5;
    lenses[2].p1 = -0.001;
    lenses[2].p2 = 0.0005;
    lenses[2].k3 = 0.02;
    lenses[2].k4 = 1.75;
    lenses[2].k5 = 0.89;
    lenses[2].k6 = 0.13;
    lenses[3].model = GNOMON_LENS_EQUIDISTANT;
    lenses[3].k1 = -0.02;
    lenses[3].k2 = 0.04;
    lenses[3].k3 = -0.04;
    lenses[3].k4 = 0.007;
    for (i = 0; i < 4; i++)
        for (beside = 0; beside < 2; beside++) {
            gnomon_intrinsics finer = lenses[i];
            finer.width = 400;
            finer.height = 300;
            finer.fx = finer.fy = 375;
            finer.cx = 200;
            finer.cy = 150;
            seen = beside ? crate_seen_through(&lenses[(i + 1) % 4], &finer) : crate_seen_through(&lenses[i], NULL);
            for (k = 0; k < 3; k++) {
                CHECK(fabs(seen.obb.centre[k] - truth.obb.centre[k]) < 0.03);
                CHECK(fabs(seen.obb.size[k] - truth.obb.size[k]) < 0.05);
            }
        }
}

static void the_map_shows_the_crate_ahead(const uint16_t *depth) {
    gnomon_scene *scene = room_scene(depth, 4);
    gnomon_snapshot *snapshot = NULL;
    gnomon_cogmap *map = NULL;
    gnomon_cogmap_options options;
    gnomon_cogmap_facts facts;
    gnomon_cell cells[100];
    gnomon_map_object object;
    gnomon_map_beyond beyond;
    gnomon_str text, json, ascii, svg;
    const uint8_t *png;
    size_t n = 100, len = 0;
    int at;

    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    WORKS(gnomon_cogmap_observer(snapshot, NULL, &map));
    GNOMON_INIT(gnomon_cogmap_facts, &facts);
    WORKS(gnomon_cogmap_info(map, &facts));
    CHECK(facts.side == 10 && facts.cell_m == 0.5 && facts.objects == 1 && facts.beyond == 0 && !facts.is_fallback);
    CHECK(fabs(facts.heading_rad) < 1e-9 && fabs(facts.origin[0] - 0.003) < 1e-9);
    WORKS(gnomon_cogmap_cells(map, cells, sizeof cells[0], &n));
    n = 1;
    WORKS(gnomon_cogmap_objects(map, &object, sizeof object, &n));
    CHECK(n == 1 && fabs(object.grid[0] - 5) < 0.3 && object.grid[1] > 8 && object.grid[1] < 10 && object.corners == 4);
    at = 10 * (int)object.grid[1] + (int)object.grid[0];
    CHECK(cells[at].state != GNOMON_CELL_FREE && cells[at].objects_len == 1 && cells[at].objects[0] == object.id);
    CHECK(cells[0].state == GNOMON_CELL_UNKNOWN && cells[0].objects == NULL && cells[0].last_seen_ns == INT64_MIN);
    WORKS(gnomon_cogmap_text(map, &text));
    WORKS(gnomon_cogmap_json(map, &json));
    WORKS(gnomon_cogmap_ascii(map, &ascii));
    WORKS(gnomon_cogmap_svg(map, &svg));
    WORKS(gnomon_cogmap_png(map, &png, &len));
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
    CHECK(text.len > 0 && json.data[0] == '{' && ascii.len > 200 && svg.data[0] == '<');
    CHECK(len > 100 && png[0] == 0x89 && png[1] == 'P');
    CHECK(memcmp(object.name.data, "crate#", 6) == 0);
    gnomon_cogmap_free(map);

    /* From three metres behind, facing away, the crate lies beyond and behind. */
    scene = room_scene(depth, 4);
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    GNOMON_INIT(gnomon_cogmap_options, &options);
    options.observer = GNOMON_OBSERVER_HEADING;
    options.origin[0] = -3;
    options.heading_rad = 3.14159265358979;
    WORKS(gnomon_cogmap_observer(snapshot, &options, &map));
    n = 1;
    WORKS(gnomon_cogmap_beyond(map, &beyond, sizeof beyond, &n));
    CHECK(n == 1 && fabs(fabs(beyond.bearing_deg) - 180) < 3 && fabs(beyond.distance_m - 5.1) < 0.5);
    gnomon_cogmap_free(map);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
}

static void boxes_are_measured(void) {
    gnomon_box a = {{0, 0, 0.5}, {1, 1, 1}, {0, 0, 0, 1}}, b = {{1.2, 0.1, 0.5}, {1, 1, 1}, {0, 0, 0, 1}};
    double gap = -1, iou = -1;
    WORKS(gnomon_box_gap(&a, &b, &gap));
    WORKS(gnomon_box_iou(&a, &a, &iou));
    CHECK(fabs(gap - 0.2) < 1e-9 && fabs(iou - 1) < 1e-9);
}

/* Callers built with an older, shorter and a newer, longer header. */
static void structs_may_grow(const uint16_t *depth) {
    struct longer_options {
        gnomon_scene_options known;
        double unknown;
    } newer;
    struct longer_object {
        gnomon_object known;
        uint64_t unknown;
    } objects[2];
    struct {
        gnomon_frame_report known;
        uint64_t unknown;
        uint64_t canary;
    } report;
    struct longer_detection {
        gnomon_detection known;
        uint64_t unknown;
    } detections[2];
    gnomon_scene_options older;
    gnomon_scene *scene = NULL;
    gnomon_snapshot *snapshot = NULL;
    gnomon_frame frame;
    size_t n = 2;

    memset(&older, 0xAA, sizeof older);
    gnomon_scene_options_init(&older, sizeof older - 8);
    CHECK(older.confirm_proposed_after == 0xAAAAAAAA && older.struct_size == sizeof older - 8);
    REFUSED(GNOMON_E_ABI, gnomon_scene_new(&older, &scene));
    CHECK(scene == NULL);

    memset(&newer, 0xAA, sizeof newer);
    gnomon_scene_options_init(&newer.known, sizeof newer);
    CHECK(newer.known.struct_size == sizeof newer && newer.unknown == 0);
    newer.unknown = 1;
    REFUSED(GNOMON_E_UNSUPPORTED, gnomon_scene_new(&newer.known, &scene));
    newer.unknown = 0;
    WORKS(gnomon_scene_new(&newer.known, &scene));
    gnomon_scene_free(scene);

    scene = room_scene(depth, 3);
    room_frame(&frame, depth, 3);
    memset(detections, 0, sizeof detections);
    room_detection(&detections[0].known);
    room_detection(&detections[1].known);
    gnomon_frame_report_init(&report.known, sizeof report.known + sizeof report.unknown);
    report.canary = 42;
    WORKS(gnomon_scene_integrate(scene, &frame, &detections[0].known, sizeof detections[0], 2, &report.known));
    CHECK(report.known.detections == 2 && report.canary == 42 && report.known.struct_size == sizeof report - 8);
    detections[1].unknown = 7;
    room_frame(&frame, depth, 4);
    REFUSED(GNOMON_E_UNSUPPORTED,
            gnomon_scene_integrate(scene, &frame, &detections[0].known, sizeof detections[0], 2, NULL));
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    memset(objects, 0xAA, sizeof objects);
    WORKS(gnomon_snapshot_objects(snapshot, &objects[0].known, sizeof objects[0], &n));
    CHECK(n == 1 && objects[0].unknown == 0 && objects[1].unknown == 0xAAAAAAAAAAAAAAAAu);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
}

/* The log callback holds a call inside the scene until the other thread has seen that it is busy. */
typedef struct meeting {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int inside, leave, lines, nested;
    gnomon_scene *scene;
    const uint16_t *depth;
} meeting;

static void stay_inside(void *user, int32_t level, gnomon_str target, gnomon_str text) {
    meeting *m = (meeting *)user;
    CHECK(level >= GNOMON_LOG_ERROR && level <= GNOMON_LOG_DEBUG && target.len > 0 && text.len > 0);
    m->nested = gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF);
    pthread_mutex_lock(&m->mutex);
    m->inside = 1;
    m->lines++;
    pthread_cond_broadcast(&m->changed);
    while (!m->leave) pthread_cond_wait(&m->changed, &m->mutex);
    pthread_mutex_unlock(&m->mutex);
}

static void *integrate_once(void *user) {
    meeting *m = (meeting *)user;
    gnomon_frame frame;
    room_frame(&frame, m->depth, 10);
    WORKS(gnomon_scene_integrate(m->scene, &frame, NULL, 0, 0, NULL));
    return NULL;
}

static void the_second_writer_is_told_and_readers_are_not_held_up(const uint16_t *depth) {
    meeting m;
    pthread_t writer;
    gnomon_snapshot *snapshot = NULL;
    gnomon_frame frame;
    gnomon_keyframe_pose pose;
    size_t n = 0;

    memset(&m, 0, sizeof m);
    pthread_mutex_init(&m.mutex, NULL);
    pthread_cond_init(&m.changed, NULL);
    m.scene = room_scene(depth, 4);
    m.depth = depth;
    WORKS(gnomon_set_log(stay_inside, &m, GNOMON_LOG_DEBUG));
    pthread_create(&writer, NULL, integrate_once, &m);
    pthread_mutex_lock(&m.mutex);
    while (!m.inside) pthread_cond_wait(&m.changed, &m.mutex);
    pthread_mutex_unlock(&m.mutex);

    room_frame(&frame, depth, 11);
    REFUSED(GNOMON_E_BUSY, gnomon_scene_integrate(m.scene, &frame, NULL, 0, 0, NULL));
    REFUSED(GNOMON_E_BUSY, gnomon_scene_publish(m.scene, &snapshot));
    REFUSED(GNOMON_E_BUSY, gnomon_scene_stage_times(m.scene, NULL, 0, &n));
    CHECK(snapshot == NULL);
    memset(&pose, 0, sizeof pose);
    level_camera(pose.world_from_camera, 0);
    REFUSED(GNOMON_E_BUSY, gnomon_scene_update_poses(m.scene, &pose, sizeof pose, 1));
    WORKS(gnomon_scene_snapshot(m.scene, &snapshot));
    gnomon_snapshot_free(snapshot);
    CHECK(objects_now(m.scene) == 1);

    pthread_mutex_lock(&m.mutex);
    m.leave = 1;
    pthread_cond_broadcast(&m.changed);
    pthread_mutex_unlock(&m.mutex);
    pthread_join(writer, NULL);
    CHECK(m.lines >= 1 && m.nested == GNOMON_E_STATE);
    WORKS(gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF));
    WORKS(gnomon_scene_integrate(m.scene, &frame, NULL, 0, 0, NULL));
    gnomon_scene_free(m.scene);
    pthread_cond_destroy(&m.changed);
    pthread_mutex_destroy(&m.mutex);
}

static int says(gnomon_str text, const char *what) {
    return text.len == strlen(what) && memcmp(text.data, what, text.len) == 0;
}

static int holds(gnomon_str text, const char *what) {
    size_t i, n = strlen(what);
    for (i = 0; i + n <= text.len; i++)
        if (memcmp(text.data + i, what, n) == 0) return 1;
    return 0;
}

static gnomon_answer_facts facts_of(const gnomon_answer *answer) {
    gnomon_answer_facts facts;
    GNOMON_INIT(gnomon_answer_facts, &facts);
    WORKS(gnomon_answer_info(answer, &facts));
    return facts;
}

static void questions_in_words_are_answered(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_answer *counted = NULL, *chosen = NULL, *unseen = NULL, *strange = NULL, *absent = NULL;
    gnomon_answer_facts facts;
    gnomon_ask_options options;
    gnomon_evidence evidence;
    gnomon_str choices[2], text;
    size_t n = 1;
    choices[0] = str("A. crate");
    choices[1] = str("B. chest");
    GNOMON_INIT(gnomon_ask_options, &options);
    WORKS(gnomon_ask(snapshot, str("How many crates are there?"), NULL, 0, NULL, &counted));
    WORKS(gnomon_ask(snapshot, str("Which is wider, the crate or the chest?"), choices, 2, NULL, &chosen));
    WORKS(gnomon_ask(snapshot, str("How many zebras are there?"), NULL, 0, &options, &unseen));
    WORKS(gnomon_ask(snapshot, str("Is it time to go home?"), NULL, 0, NULL, &strange));
    options.complete = 1;
    WORKS(gnomon_ask(snapshot, str("What is the height of the zebra?"), NULL, 0, &options, &absent));
    gnomon_snapshot_free(snapshot); /* answers outlive it */

    facts = facts_of(counted);
    CHECK(facts.known == 1 && facts.why == GNOMON_UNKNOWN_NONE && facts.value == GNOMON_VALUE_COUNT);
    CHECK(facts.numbers_len == 1 && facts.numbers[0] == 1 && facts.words_len == 0 && facts.words == NULL);
    CHECK(facts.option == -1 && facts.probability > 0.5 && facts.probability <= 1 && facts.evidence == 1);
    WORKS(gnomon_answer_evidence(counted, &evidence, sizeof evidence, &n));
    CHECK(n == 1 && says(evidence.name, "crate#1") && evidence.observations == 4);
    CHECK(evidence.first_seen_ns == 1000000000 && evidence.last_seen_ns == 1300000000);
    WORKS(gnomon_answer_short(counted, &text));
    CHECK(says(text, "1"));
    WORKS(gnomon_answer_text(counted, &text));
    CHECK(holds(text, "from crate#1 (seen in 4 frames)"));
    WORKS(gnomon_answer_json(counted, &text));
    CHECK(text.data[0] == '{' && holds(text, "\"understood\""));

    facts = facts_of(chosen);
    CHECK(facts.known == 1 && facts.value == GNOMON_VALUE_THING && facts.words_len == 1);
    CHECK(facts.option == 0 && holds(facts.words[0], "crate") && facts.margin_unit == GNOMON_MARGIN_METRES);
    CHECK(facts.margin > 0 && facts.evidence == 2 && facts.has_spread == 0);
    WORKS(gnomon_answer_short(chosen, &text));
    CHECK(says(text, "A"));

    facts = facts_of(unseen);
    CHECK(facts.known == 0 && facts.why == GNOMON_UNKNOWN_NEVER_SEEN && facts.value == GNOMON_VALUE_NONE);
    CHECK(facts.numbers == NULL && facts.words == NULL && facts.evidence == 0 && facts.option == -1);
    WORKS(gnomon_answer_short(unseen, &text));
    CHECK(says(text, "unknown"));
    facts = facts_of(strange);
    CHECK(facts.known == 0 && facts.why == GNOMON_UNKNOWN_NOT_UNDERSTOOD);
    WORKS(gnomon_answer_text(strange, &text));
    CHECK(holds(text, "not-understood"));
    facts = facts_of(absent);
    CHECK(facts.known == 1 && facts.value == GNOMON_VALUE_ABSENT && says(facts.words[0], "zebra"));
    gnomon_answer_free(absent);
    gnomon_answer_free(strange);
    gnomon_answer_free(unseen);
    gnomon_answer_free(chosen);
    gnomon_answer_free(counted);
}

/* The answer to a question of types, for the caller to free. */
static gnomon_answer_facts typed(const gnomon_snapshot *snapshot, const gnomon_question *question,
                                 const gnomon_ask_options *options, gnomon_answer **answer) {
    gnomon_answer_free(*answer);
    WORKS(gnomon_ask_typed(snapshot, question, options, answer));
    return facts_of(*answer);
}

static void questions_in_types_are_answered(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_answer *answer = NULL;
    gnomon_answer_facts facts;
    gnomon_ask_options options;
    gnomon_question question;
    gnomon_str things[4], text;
    double given_m[1];
    int32_t steps[3] = {GNOMON_STEP_GO_TO, GNOMON_STEP_BLANK, GNOMON_STEP_GO_TO};
    double metres;
    char centimetres[32] = "";
    things[0] = str("chest");
    things[1] = str("crate");
    GNOMON_INIT(gnomon_question, &question);
    question.things = things;
    question.things_len = 2;

    question.ask = GNOMON_ASK_DISTANCE;
    question.unit = GNOMON_UNIT_CENTIMETRE;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.known == 1 && facts.value == GNOMON_VALUE_LENGTH && facts.numbers_len == 1);
    metres = facts.numbers[0];
    CHECK(metres > 0.05 && metres < 1.5 && facts.has_spread == 1 && facts.spread[0] <= facts.spread[1]);
    WORKS(gnomon_answer_short(answer, &text));
    CHECK(text.len < sizeof centimetres);
    memcpy(centimetres, text.data, text.len);
    CHECK(fabs(strtod(centimetres, NULL) - 100 * metres) < 0.06);

    /* From the origin, facing along +x: the chest is to the left. */
    question.ask = GNOMON_ASK_SIDE_OF;
    question.observer = GNOMON_OBSERVER_HEADING;
    question.side = GNOMON_SIDE_LEFT;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.value == GNOMON_VALUE_YES_NO && facts.numbers[0] == 1 && facts.margin_unit == GNOMON_MARGIN_DEGREES);
    question.heading_rad = 3.14159265;
    question.ask = GNOMON_ASK_DIRECTION;
    question.sectors = GNOMON_SECTORS_FRONT_BACK;
    question.things_len = 1;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.value == GNOMON_VALUE_DIRECTION && says(facts.words[0], "back"));
    question.observer = GNOMON_OBSERVER_CAMERA;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(says(facts.words[0], "front"));

    question.ask = GNOMON_ASK_POSITION;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.value == GNOMON_VALUE_WORLD_POINT && facts.numbers_len == 3 && facts.numbers[0] > 1);
    question.within = GNOMON_EXTENT_PICTURE;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.known == 0 && facts.why == GNOMON_UNKNOWN_NO_VIEW);
    GNOMON_INIT(gnomon_ask_options, &options);
    options.has_view = 1;
    level_camera(options.view_world_from_camera, 0);
    options.view_intrinsics.width = ROOM_WIDTH;
    options.view_intrinsics.height = ROOM_HEIGHT;
    options.view_intrinsics.fx = options.view_intrinsics.fy = 150;
    options.view_intrinsics.cx = ROOM_WIDTH / 2;
    options.view_intrinsics.cy = ROOM_HEIGHT / 2;
    facts = typed(snapshot, &question, &options, &answer);
    CHECK(facts.value == GNOMON_VALUE_PICTURE_POINT && facts.numbers_len == 2);
    CHECK(fabs(facts.numbers[0] - 25.0 / ROOM_WIDTH) < 0.1 && fabs(facts.numbers[1] - 80.0 / ROOM_HEIGHT) < 0.1);
    question.ask = GNOMON_ASK_AT_PICTURE;
    question.things_len = 0;
    question.point[0] = question.point[1] = 0.5;
    facts = typed(snapshot, &question, &options, &answer);
    CHECK(facts.value == GNOMON_VALUE_THING && says(facts.words[0], "crate"));
    options.least_probability = 1;
    facts = typed(snapshot, &question, &options, &answer);
    CHECK(facts.known == 0 && facts.why == GNOMON_UNKNOWN_BELOW_CONFIDENCE);

    /* The nearer thing is the smaller one; a length that is told sets the scale of the others. */
    GNOMON_INIT(gnomon_question, &question);
    question.things = things;
    question.things_len = 2;
    question.ask = GNOMON_ASK_MOST;
    question.measure = GNOMON_MEASURE_LONGEST;
    question.inverse = 1;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.value == GNOMON_VALUE_THING && says(facts.words[0], "chest"));
    question.ask = GNOMON_ASK_LENGTH_GIVEN;
    question.measure = GNOMON_MEASURE_HEIGHT;
    given_m[0] = 0.5;
    question.given_m = given_m;
    question.given_len = 1;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.known == 1 && facts.numbers_len == 1 && facts.numbers[0] > 0.1 && facts.numbers[0] < 1);
    things[2] = things[0];
    things[0] = things[1];
    things[1] = things[2];
    question.ask = GNOMON_ASK_FIRST_SEEN;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.value == GNOMON_VALUE_ORDER && facts.words_len == 2);
    CHECK(facts.margin_unit == GNOMON_MARGIN_NANOSECONDS && facts.margin == 0);

    /* At the crate, facing the chest, and back to the crate by way of the chest. */
    question.ask = GNOMON_ASK_ROUTE;
    things[2] = things[1];
    things[3] = things[0];
    question.things_len = 4;
    question.steps = steps;
    question.steps_len = 3;
    facts = typed(snapshot, &question, NULL, &answer);
    CHECK(facts.value == GNOMON_VALUE_TURNS && facts.words_len == 1 && says(facts.words[0], "turn back"));
    gnomon_answer_free(answer);
    gnomon_snapshot_free(snapshot);
}

static size_t count_lines_and_calls(void *user, gnomon_str text) {
    ++*(int *)user;
    CHECK(text.len > 0);
    return 1;
}

static void the_scene_is_told_under_a_budget(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_text *whole = NULL, *three_lines = NULL, *asked = NULL;
    gnomon_str text;
    int calls = 0;
    size_t i, lines = 1;
    WORKS(gnomon_scene_text(snapshot, str(""), 4096, NULL, NULL, NULL, &whole));
    WORKS(gnomon_scene_text(snapshot, str(""), 3, count_lines_and_calls, &calls, NULL, &three_lines));
    WORKS(gnomon_scene_text(snapshot, str("How many chests are there?"), 90, NULL, NULL, NULL, &asked));
    gnomon_snapshot_free(snapshot); /* texts outlive it */
    WORKS(gnomon_text_view(whole, &text));
    CHECK(holds(text, "crate#1 ") && holds(text, "chest#1 ") && text.len <= 4096);
    /* One for the first line, and one with its end for the next. */
    WORKS(gnomon_text_view(three_lines, &text));
    for (i = 0; i < text.len; i++) lines += text.data[i] == '\n';
    CHECK(lines == 2 && calls >= 3);
    WORKS(gnomon_text_view(asked, &text));
    CHECK(holds(text, "count chest") && text.len <= 90);
    gnomon_text_free(asked);
    gnomon_text_free(three_lines);
    gnomon_text_free(whole);
}

static void relations_hold_or_do_not(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_object crate, chest;
    gnomon_relation left, right, near, larger;
    gnomon_relation_options options;
    WORKS(gnomon_snapshot_object_named(snapshot, str("crate#1"), &crate, sizeof crate));
    WORKS(gnomon_snapshot_object_named(snapshot, str("chest#1"), &chest, sizeof chest));
    WORKS(gnomon_relation_of(snapshot, GNOMON_RELATION_LEFT, chest.id, crate.id, 0, NULL, &left, sizeof left));
    WORKS(gnomon_relation_of(snapshot, GNOMON_RELATION_RIGHT, chest.id, crate.id, 0, NULL, &right, sizeof right));
    CHECK(left.holds == 1 && left.margin > 0 && left.margin_unit == GNOMON_MARGIN_METRES);
    CHECK(right.holds == 0 && right.margin < 0);
    GNOMON_INIT(gnomon_relation_options, &options);
    options.observer = GNOMON_OBSERVER_HEADING;
    options.heading_rad = 3.14159265;
    WORKS(gnomon_relation_of(snapshot, GNOMON_RELATION_RIGHT, chest.id, crate.id, 0, &options, &right, sizeof right));
    CHECK(right.holds == 1 && fabs(right.margin - left.margin) < 0.01);
    options.near_m = 0.01;
    WORKS(gnomon_relation_of(snapshot, GNOMON_RELATION_NEAR, chest.id, crate.id, 0, &options, &near, sizeof near));
    CHECK(near.holds == 0 && near.margin < 0);
    options.near_m = 10;
    WORKS(gnomon_relation_of(snapshot, GNOMON_RELATION_NEAR, chest.id, crate.id, 0, &options, &near, sizeof near));
    CHECK(near.holds == 1 && near.margin > 8);
    WORKS(gnomon_relation_of(snapshot, GNOMON_RELATION_LARGER, chest.id, crate.id, 0, NULL, &larger, sizeof larger));
    CHECK(larger.margin_unit == GNOMON_MARGIN_RATIO && larger.holds == (larger.margin >= 0));
    gnomon_snapshot_free(snapshot);
}

/* The only judgement of a text of one claim. */
static gnomon_judgement verdict_on(const gnomon_snapshot *snapshot, const char *text, const gnomon_ask_options *options,
                                   gnomon_judgements **judgements) {
    gnomon_judgement judgement;
    size_t n = 1;
    memset(&judgement, 0, sizeof judgement);
    gnomon_judgements_free(*judgements);
    WORKS(gnomon_check(snapshot, str(text), options, judgements));
    WORKS(gnomon_judgements_list(*judgements, &judgement, sizeof judgement, &n));
    CHECK(n == 1);
    return judgement;
}

static void statements_are_held_against_the_scene(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_judgements *judgements = NULL, *four = NULL;
    gnomon_judgement judgement, all[4];
    gnomon_ask_options options;
    gnomon_relation_options relations;
    gnomon_str text;
    size_t n = 4;
    /* A threshold of the relations decides. */
    GNOMON_INIT(gnomon_ask_options, &options);
    GNOMON_INIT(gnomon_relation_options, &relations);
    options.relations = &relations;
    relations.near_m = 10;
    judgement = verdict_on(snapshot, "The crate is near the chest.", &options, &judgements);
    CHECK(judgement.verdict == GNOMON_VERDICT_AGREES && says(judgement.measured, "yes"));
    relations.near_m = 0;
    judgement = verdict_on(snapshot, "The crate is near the chest.", &options, &judgements);
    CHECK(judgement.verdict == GNOMON_VERDICT_CONTRADICTS && says(judgement.measured, "no"));
    /* What is sure enough is the caller's to say. */
    judgement = verdict_on(snapshot, "There are at most 0 crates.", NULL, &judgements);
    CHECK(judgement.verdict == GNOMON_VERDICT_CONTRADICTS && judgement.probability < 0.1);
    options.contradict_below = 0;
    judgement = verdict_on(snapshot, "There are at most 0 crates.", &options, &judgements);
    CHECK(judgement.verdict == GNOMON_VERDICT_UNTESTABLE && judgement.reason == GNOMON_UNKNOWN_TOO_CLOSE_TO_CALL);

    WORKS(gnomon_check(snapshot,
                       str("The chest is to the left of the crate. The chest is to the right of the crate. "
                           "The zebra is 1 m high. What a lovely day."),
                       NULL, &four));
    gnomon_snapshot_free(snapshot); /* judgements outlive it */
    WORKS(gnomon_judgements_list(four, all, sizeof all[0], &n));
    CHECK(n == 4);
    CHECK(all[0].verdict == GNOMON_VERDICT_AGREES && all[0].reason == GNOMON_UNKNOWN_NONE);
    CHECK(all[0].has_probability == 1 && all[0].probability > 0.8 && all[0].probability <= 1 && all[0].margin > 0);
    CHECK(holds(all[0].statement, "left of the crate") && holds(all[0].sentence, "agrees") && all[0].measured.len > 0);
    CHECK(holds(all[0].sentence, "chest#1"));
    CHECK(all[1].verdict == GNOMON_VERDICT_CONTRADICTS && all[1].probability < 0.1);
    CHECK(holds(all[1].statement, "right of the crate") && holds(all[1].sentence, "contradicts"));
    CHECK(all[2].verdict == GNOMON_VERDICT_UNTESTABLE && all[2].reason == GNOMON_UNKNOWN_NEVER_SEEN);
    CHECK(all[2].has_probability == 0 && all[2].measured.len == 0 && all[2].margin_unit == GNOMON_MARGIN_NONE);
    CHECK(all[3].verdict == GNOMON_VERDICT_UNTESTABLE && all[3].reason == GNOMON_UNKNOWN_NO_CLAIM);
    WORKS(gnomon_judgements_json(four, &text));
    CHECK(text.data[0] == '[' && holds(text, "\"contradicts\"") && holds(text, "\"never-seen\""));
    gnomon_judgements_free(four);
    gnomon_judgements_free(judgements);
}

static void the_chain_keeps_its_lines(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_chain *chain = NULL;
    gnomon_text *before = NULL, *after = NULL;
    gnomon_str text;
    size_t changed = 7, lines = 7;
    WORKS(gnomon_chain_new(NULL, &chain));
    WORKS(gnomon_chain_text(chain, &before));
    WORKS(gnomon_text_view(before, &text));
    CHECK(text.len == 0);
    WORKS(gnomon_chain_update(chain, snapshot, &changed, &lines));
    CHECK(changed == 1 && lines == 1);
    WORKS(gnomon_chain_update(chain, snapshot, &changed, &lines));
    CHECK(changed == 0 && lines == 1);
    WORKS(gnomon_chain_text(chain, &after));
    gnomon_chain_free(chain);
    gnomon_snapshot_free(snapshot);
    WORKS(gnomon_text_view(after, &text)); /* texts outlive their chain */
    CHECK(holds(text, "crate#1") && holds(text, "chest#1") && text.data[text.len - 1] == '\n');
    gnomon_text_free(after);
    gnomon_text_free(before);
}

/* An update of a chain that stays inside its log line. */
typedef struct chain_meeting {
    meeting meeting; /* stay_inside's, and so first */
    gnomon_chain *chain;
    gnomon_snapshot *snapshot;
} chain_meeting;

static void *update_once(void *user) {
    chain_meeting *m = (chain_meeting *)user;
    WORKS(gnomon_chain_update(m->chain, m->snapshot, NULL, NULL));
    return NULL;
}

static void the_second_update_of_a_chain_is_told(void) {
    chain_meeting m;
    pthread_t writer;
    gnomon_text *text = NULL;
    size_t lines = 7;
    memset(&m, 0, sizeof m);
    pthread_mutex_init(&m.meeting.mutex, NULL);
    pthread_cond_init(&m.meeting.changed, NULL);
    m.snapshot = two_things();
    WORKS(gnomon_chain_new(NULL, &m.chain));
    WORKS(gnomon_set_log(stay_inside, &m.meeting, GNOMON_LOG_DEBUG));
    pthread_create(&writer, NULL, update_once, &m);
    pthread_mutex_lock(&m.meeting.mutex);
    while (!m.meeting.inside) pthread_cond_wait(&m.meeting.changed, &m.meeting.mutex);
    pthread_mutex_unlock(&m.meeting.mutex);
    REFUSED(GNOMON_E_BUSY, gnomon_chain_update(m.chain, m.snapshot, &lines, &lines));
    CHECK(lines == 7);
    WORKS(gnomon_chain_text(m.chain, &text)); /* readers are not held up */
    gnomon_text_free(text);
    pthread_mutex_lock(&m.meeting.mutex);
    m.meeting.leave = 1;
    pthread_cond_broadcast(&m.meeting.changed);
    pthread_mutex_unlock(&m.meeting.mutex);
    pthread_join(writer, NULL);
    WORKS(gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF));
    WORKS(gnomon_chain_update(m.chain, m.snapshot, NULL, &lines));
    CHECK(lines == 1);
    gnomon_chain_free(m.chain);
    gnomon_snapshot_free(m.snapshot);
    pthread_cond_destroy(&m.meeting.changed);
    pthread_mutex_destroy(&m.meeting.mutex);
}

static void answers_are_marked(void) {
    double mark = 7;
    gnomon_str options[2];
    options[0] = str("A. left");
    options[1] = str("B. right");
    /* On the last threshold the two rules differ. */
    WORKS(gnomon_score_mra(GNOMON_MRA_OFFICIAL, 1.5, 1, &mark));
    CHECK(mark == 0.1);
    WORKS(gnomon_score_mra(GNOMON_MRA_STRICT, 1.5, 1, &mark));
    CHECK(mark == 0);
    WORKS(gnomon_score_vsi(str("object_counting"), GNOMON_READING_OFFICIAL, str("3 chairs"), str("3"), NULL, 0, &mark));
    CHECK(mark == 1);
    WORKS(gnomon_score_vsi(str("object_counting"), GNOMON_READING_SPATIAL_MLLM, str("3 chairs"), str("3"), NULL, 0, &mark));
    CHECK(mark == 0);
    WORKS(gnomon_score_vsi(str("object_rel_direction_easy"), GNOMON_READING_LENIENT, str("right"), str("B"), options, 2,
                           &mark));
    CHECK(mark == 1);
    WORKS(gnomon_score_msmu(str("width"), str("0.5 m"), str("It is 52 cm wide."), &mark));
    CHECK(mark == 1);
    WORKS(gnomon_score_msmu(str("width"), str("0.5 m"), str("It is 2 m wide."), &mark));
    CHECK(mark == 0);
    WORKS(gnomon_reward_format(str("<think>so</think> <answer>3</answer>"), &mark));
    CHECK(mark == 1);
    WORKS(gnomon_reward_format(str("3"), &mark));
    CHECK(mark == 0);
    WORKS(gnomon_reward_choice(str("<answer> B </answer>"), str("B"), &mark));
    CHECK(mark == 1);
    WORKS(gnomon_reward_numeric(str("<answer>1,000</answer>"), 1000, &mark));
    CHECK(mark == 1);
    WORKS(gnomon_reward_text(str("<answer>ab</answer>"), str("ac"), GNOMON_EDIT_INDEL, &mark));
    CHECK(mark == 0.5);
    WORKS(gnomon_reward_text(str("<answer>ab</answer>"), str("ac"), GNOMON_EDIT_LEVENSHTEIN, &mark));
    CHECK(mark == 0.75);
}

static const char *const LINES =
    "Sure:\n```json\n"
    "{\"t\":1,\"a\":\"desk#1\",\"b\":\"sofa#1\",\"c\":\"lamp#1\",\"b_xy\":[5.0,9.0],\"c_xy\":[7.0,5.0],\"cell\":0.50}\n"
    "{'t':2,'a':'desk#1','b':'sofa#1','c':'lamp#1','b_xy':(5.0,9.0),'c_xy':(7.0,6.0),'cell':0.5,}\n"
    "{\"t\":3,\"a\":\"desk#1\",\"b\":\"sofa#1\",\"c\":\"lamp#1\",\"b_xy\":[5.0,9.0],\"c_xy\":[7.0,10.1],\"cell\":0.50}\n"
    "{\"t\":4,\"a\":\"desk#1\",\"b\":\"sofa#1\",\"c\":\"ghost#1\",\"b_xy\":[5.0,9.0],\"c_xy\":[7.0,6.0],\"cell\":0.50}\n"
    "```\n";

static void triplets_are_read_back(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_chain *chain = NULL;
    gnomon_text *text = NULL;
    gnomon_triplets *triplets = NULL;
    gnomon_triplet both[2];
    gnomon_rejected rejected[2];
    gnomon_str known[3], lines;
    size_t n = 2, all = 7;
    known[0] = str("desk#1");
    known[1] = str("sofa#1");
    known[2] = str("lamp#1");
    WORKS(gnomon_triplets_read(str(LINES), known, 3, &triplets));
    WORKS(gnomon_triplets_list(triplets, both, sizeof both[0], &n));
    CHECK(n == 2 && both[0].t == 1 && says(both[0].a, "desk#1") && says(both[0].b, "sofa#1") && says(both[0].c, "lamp#1"));
    CHECK(both[1].t == 2 && both[1].has_c == 1 && both[1].fallback == 0 && both[1].cell_m == 0.5);
    CHECK(both[1].b_xy[1] == 9 && both[1].c_xy[0] == 7 && both[1].c_xy[1] == 6);
    WORKS(gnomon_triplets_rejected(triplets, rejected, sizeof rejected[0], &n, &all));
    CHECK(n == 2 && all == 2 && rejected[0].line == 5 && holds(rejected[0].reason, "c_xy is 10.1"));
    CHECK(rejected[1].line == 6 && holds(rejected[1].reason, "ghost#1"));
    gnomon_triplets_free(triplets);
    /* What the chain tells of two things is the record of a pair. */
    WORKS(gnomon_chain_new(NULL, &chain));
    WORKS(gnomon_chain_update(chain, snapshot, NULL, NULL));
    WORKS(gnomon_chain_text(chain, &text));
    WORKS(gnomon_text_view(text, &lines));
    WORKS(gnomon_triplets_read(lines, NULL, 0, &triplets));
    gnomon_text_free(text); /* triplets outlive their text */
    n = 2;
    WORKS(gnomon_triplets_list(triplets, both, sizeof both[0], &n));
    CHECK(n == 1 && both[0].has_c == 0 && both[0].c.len == 0 && holds(both[0].a, "#1") && both[0].cell_m > 0);
    gnomon_triplets_free(triplets);
    gnomon_chain_free(chain);
    gnomon_snapshot_free(snapshot);
}

static void triplets_are_composed_and_held_against_truth(void) {
    gnomon_triplets *triplets = NULL;
    gnomon_layout *layout = NULL;
    gnomon_layout_facts facts;
    gnomon_place places[3], truth[4];
    gnomon_loop loop;
    gnomon_gauge gauge;
    gnomon_placement_error error;
    size_t n = 3;
    WORKS(gnomon_triplets_read(str(LINES), NULL, 0, &triplets));
    WORKS(gnomon_layout_compose(triplets, NULL, &layout));
    GNOMON_INIT(gnomon_layout_facts, &facts);
    WORKS(gnomon_layout_info(layout, &facts));
    CHECK(says(facts.origin, "desk#1") && says(facts.ahead, "sofa#1") && fabs(facts.baseline_m - 2) < 1e-9);
    CHECK(facts.places == 4 && facts.loops == 1 && facts.unused == 0 && facts.by_fallback == 0); /* the ghost, too */
    gnomon_layout_free(layout);
    gnomon_triplets_free(triplets);

    truth[0].name = str("desk#1");
    truth[1].name = str("sofa#1");
    truth[2].name = str("lamp#1");
    WORKS(gnomon_triplets_read(str(LINES), &truth[0].name, 1, &triplets)); /* nothing but desks */
    n = 0;
    WORKS(gnomon_triplets_list(triplets, NULL, 0, &n));
    CHECK(n == 0);
    gnomon_triplets_free(triplets);
    {
        gnomon_str known[3];
        size_t i;
        for (i = 0; i < 3; i++) known[i] = truth[i].name;
        WORKS(gnomon_triplets_read(str(LINES), known, 3, &triplets));
    }
    GNOMON_INIT(gnomon_gauge, &gauge);
    gauge.origin = truth[0].name;
    gauge.ahead = truth[1].name;
    gauge.baseline_m = 2.02; /* known better than the line tells it */
    WORKS(gnomon_layout_compose(triplets, &gauge, &layout));
    n = 3;
    WORKS(gnomon_layout_places(layout, places, sizeof places[0], &n));
    CHECK(n == 3 && says(places[0].name, "desk#1") && says(places[1].name, "lamp#1") && says(places[2].name, "sofa#1"));
    CHECK(places[0].at[0] == 0 && fabs(places[2].at[1] - 2.02) < 1e-12);
    CHECK(fabs(places[1].at[0] - 1) < 1e-9 && fabs(places[1].at[1]) < 1e-9);
    n = 1;
    WORKS(gnomon_layout_loops(layout, &loop, sizeof loop, &n));
    CHECK(n == 1 && loop.triplet == 1 && fabs(loop.residual_m - 0.5) < 1e-9);
    /* In the world the desk faces along +x, so that right is -y; the lamp is a quarter of a metre off. */
    truth[0].at[0] = 10, truth[0].at[1] = 20;
    truth[1].at[0] = 12, truth[1].at[1] = 20;
    truth[2].at[0] = 10.25, truth[2].at[1] = 19;
    truth[3].name = str("vase#1");
    truth[3].at[0] = truth[3].at[1] = 1;
    WORKS(gnomon_layout_error(layout, truth, sizeof truth[0], 4, 0.5, &error, sizeof error));
    CHECK(error.things == 2 && error.placed == 1 && fabs(error.mean_cells - 0.5) < 1e-9);
    WORKS(gnomon_triplets_error(triplets, truth, sizeof truth[0], 4, &error, sizeof error));
    CHECK(error.things == 2 && error.placed == 1 && error.mean_cells > 0.4);
    gnomon_layout_free(layout);
    gnomon_triplets_free(triplets);
}

static void a_scene_s_text_is_read_back_and_answers(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_object crate;
    gnomon_text *text = NULL;
    gnomon_told *told = NULL;
    gnomon_told_thing things[2];
    gnomon_told_count count;
    gnomon_triplet pair;
    gnomon_rejected rejected[2];
    gnomon_answer *answer = NULL;
    gnomon_answer_facts facts;
    gnomon_str view;
    double area_m2 = 7;
    size_t n = 2, all = 7, i;
    WORKS(gnomon_snapshot_object_named(snapshot, str("crate#1"), &crate, sizeof crate));
    WORKS(gnomon_scene_text(snapshot, str(""), 4096, NULL, NULL, NULL, &text));
    WORKS(gnomon_text_view(text, &view));
    WORKS(gnomon_told_read(view, &told));
    gnomon_text_free(text); /* what was told outlives its text */
    WORKS(gnomon_told_rejected(told, NULL, 0, &n, &all));
    CHECK(n == 0 && all == 0);
    n = 2;
    WORKS(gnomon_told_things(told, things, sizeof things[0], &n));
    CHECK(n == 2);
    for (i = 0; i < n; i++) {
        CHECK(things[i].told == GNOMON_TOLD_BOX && things[i].has_first_seen == 1 && things[i].obb.size[0] > 0);
        if (says(things[i].name, "crate#1")) CHECK(fabs(things[i].obb.centre[0] - crate.obb.centre[0]) < 0.006);
    }
    n = 1;
    WORKS(gnomon_told_triplets(told, &pair, sizeof pair, &n));
    CHECK(n == 1 && pair.has_c == 0);
    WORKS(gnomon_told_ask(told, str("How many crates are there?"), NULL, 0, NULL, &answer));
    GNOMON_INIT(gnomon_answer_facts, &facts);
    WORKS(gnomon_answer_info(answer, &facts));
    CHECK(facts.known == 1 && facts.value == GNOMON_VALUE_COUNT && facts.numbers[0] == 1);
    gnomon_answer_free(answer);
    gnomon_told_free(told);
    gnomon_snapshot_free(snapshot);

    WORKS(gnomon_told_read(str("room 30.2 m2\ncount chair 4\nSurely!\nchair#1 120 -35\ntv#1 @2.1\nsofa#1 1 2 3\n"), &told));
    WORKS(gnomon_told_room_area(told, &area_m2));
    CHECK(fabs(area_m2 - 30.2) < 1e-9);
    n = 1;
    WORKS(gnomon_told_counts(told, &count, sizeof count, &n));
    CHECK(n == 1 && says(count.label, "chair") && count.count == 4);
    n = 2;
    WORKS(gnomon_told_things(told, things, sizeof things[0], &n));
    CHECK(n == 2 && things[0].told == GNOMON_TOLD_PLACE && things[0].has_first_seen == 0);
    CHECK(things[0].obb.centre[0] == 1.2 && things[0].obb.centre[1] == -0.35 && things[0].obb.size[0] == 0);
    CHECK(things[1].told == GNOMON_TOLD_NOTHING && things[1].first_seen_ns == 2100000000);
    n = 2;
    WORKS(gnomon_told_rejected(told, rejected, sizeof rejected[0], &n, &all));
    CHECK(n == 2 && all == 2 && rejected[0].line == 3 && rejected[1].line == 6);
    CHECK(holds(rejected[0].reason, "names nothing") && holds(rejected[1].reason, "3 numbers"));
    gnomon_told_free(told);
}

static void relations_that_begin_and_end_are_listed(void) {
    gnomon_snapshot *snapshot = two_things(), *empty = NULL;
    gnomon_scene *scene = NULL;
    gnomon_relation_graph *graph = NULL;
    gnomon_graph_options options;
    gnomon_relation_options relations;
    gnomon_graph_report report;
    gnomon_graph_relation held[8];
    gnomon_graph_change changes[8];
    gnomon_relation near;
    size_t n = 8, m = 8, i, found = 0;
    GNOMON_INIT(gnomon_graph_options, &options);
    GNOMON_INIT(gnomon_relation_options, &relations);
    options.reach_m = 6;
    options.relations = &relations;
    relations.near_m = 5;
    WORKS(gnomon_relation_graph_new(&options, &graph));
    GNOMON_INIT(gnomon_graph_report, &report);
    WORKS(gnomon_relation_graph_update(graph, snapshot, &report));
    CHECK(report.things_changed == 2 && report.things_removed == 0 && report.pairs_compared == 1);
    WORKS(gnomon_relation_graph_list(graph, held, sizeof held[0], &n));
    WORKS(gnomon_relation_graph_changes(graph, changes, sizeof changes[0], &m));
    CHECK(n >= 1 && n == report.began && m == n && report.ended == 0);
    for (i = 0; i < n; i++) {
        CHECK(changes[i].began == 1 && changes[i].relation.kind == held[i].kind && held[i].margin >= 0);
        if (held[i].kind != GNOMON_RELATION_NEAR) continue;
        found++;
        WORKS(gnomon_relation_of(snapshot, GNOMON_RELATION_NEAR, held[i].a, held[i].b, 0, &relations, &near, sizeof near));
        CHECK(near.holds == 1 && near.margin == held[i].margin && held[i].margin_unit == GNOMON_MARGIN_METRES);
    }
    CHECK(found == 1);
    WORKS(gnomon_relation_graph_update(graph, snapshot, &report));
    CHECK(report.things_changed == 0 && report.pairs_compared == 0 && report.began == 0 && report.ended == 0);
    WORKS(gnomon_scene_new(NULL, &scene));
    WORKS(gnomon_scene_snapshot(scene, &empty));
    WORKS(gnomon_relation_graph_update(graph, empty, &report));
    CHECK(report.things_removed == 2 && report.ended == n);
    m = 8;
    WORKS(gnomon_relation_graph_changes(graph, changes, sizeof changes[0], &m));
    CHECK(m == n && changes[0].began == 0 && changes[0].relation.a == held[0].a);
    WORKS(gnomon_relation_graph_list(graph, NULL, 0, &n));
    CHECK(n == 0);
    gnomon_relation_graph_free(graph);
    gnomon_snapshot_free(empty);
    gnomon_scene_free(scene);
    gnomon_snapshot_free(snapshot);
}

static void words_may_be_taught(void) {
    gnomon_snapshot *snapshot = two_things();
    gnomon_vocabulary *vocabulary = NULL;
    gnomon_ask_options options;
    gnomon_answer *answer = NULL;
    gnomon_answer_facts facts;
    gnomon_str words[2];
    words[0] = str("crate");
    words[1] = str("strongbox");
    WORKS(gnomon_vocabulary_new(1, &vocabulary));
    GNOMON_INIT(gnomon_ask_options, &options);
    GNOMON_INIT(gnomon_answer_facts, &facts);
    options.vocabulary = vocabulary;
    WORKS(gnomon_ask(snapshot, str("How many strongboxes are there?"), NULL, 0, &options, &answer));
    WORKS(gnomon_answer_info(answer, &facts));
    CHECK(facts.known == 0 && facts.why == GNOMON_UNKNOWN_NEVER_SEEN);
    gnomon_answer_free(answer);
    WORKS(gnomon_vocabulary_add(vocabulary, words, 2));
    WORKS(gnomon_ask(snapshot, str("How many strongboxes are there?"), NULL, 0, &options, &answer));
    WORKS(gnomon_answer_info(answer, &facts));
    CHECK(facts.known == 1 && facts.value == GNOMON_VALUE_COUNT && facts.numbers[0] == 1);
    gnomon_answer_free(answer);
    gnomon_vocabulary_free(vocabulary);
    gnomon_snapshot_free(snapshot);
}

static void rewards_of_a_group_become_advantages(void) {
    double rewards[2] = {0, 2}, out[2] = {7, 7};
    WORKS(gnomon_reward_advantages(rewards, 2, GNOMON_SPREAD_POPULATION, out));
    CHECK(out[0] == -1 && out[1] == 1);
    WORKS(gnomon_reward_advantages(rewards, 2, GNOMON_SPREAD_SAMPLE, rewards));
    CHECK(fabs(rewards[1] - sqrt(0.5)) < 1e-12 && rewards[0] == -rewards[1]);
}

/* Another thread's failure is not this thread's sentence. */
static void *fail_elsewhere(void *unused) {
    (void)unused;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_new(NULL, NULL));
    return NULL;
}

static void sentences_are_the_thread_s_own(void) {
    pthread_t other;
    gnomon_scene *scene = NULL;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_box_gap(NULL, NULL, NULL));
    pthread_create(&other, NULL, fail_elsewhere, NULL);
    pthread_join(other, NULL);
    CHECK(strncmp(gnomon_last_error(), "gnomon_box_gap: ", 16) == 0);
    gnomon_scene_free(NULL);
    gnomon_snapshot_free(NULL);
    CHECK(strncmp(gnomon_last_error(), "gnomon_box_gap: ", 16) == 0);
    WORKS(gnomon_scene_new(NULL, &scene));
    CHECK(gnomon_last_error()[0] == '\0');
    gnomon_scene_free(scene);
}

/* A thread's destructor runs when Rust's thread-locals may be gone. */
static pthread_key_t late;

static void at_thread_end(void *value) {
    gnomon_status status = gnomon_scene_publish((gnomon_scene *)value, NULL);
    CHECK(status == GNOMON_OK && gnomon_last_error() != NULL);
    status = gnomon_scene_publish(NULL, NULL);
    CHECK(status == GNOMON_E_ARGUMENT && gnomon_last_error() != NULL);
    gnomon_scene_free((gnomon_scene *)value);
}

static void *leave_a_scene(void *scene) {
    pthread_setspecific(late, scene);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_box_iou(NULL, NULL, NULL));
    return NULL;
}

static void calls_from_a_thread_s_destructor_are_answered(const uint16_t *depth) {
    pthread_t thread;
    pthread_key_create(&late, at_thread_end);
    pthread_create(&thread, NULL, leave_a_scene, room_scene(depth, 3));
    pthread_join(thread, NULL);
    pthread_key_delete(late);
}

static int is_text(gnomon_str text, const char *expected) {
    return text.len == strlen(expected) && memcmp(text.data, expected, text.len) == 0;
}

static int same_json(const gnomon_snapshot *one, const gnomon_snapshot *other) {
    gnomon_str a, b;
    WORKS(gnomon_snapshot_json(one, &a));
    WORKS(gnomon_snapshot_json(other, &b));
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static void a_scene_is_saved_and_loaded_with_what_readers_were_told(void) {
    gnomon_snapshot *pair = two_things(), *loaded = NULL;
    gnomon_chain *chain = NULL, *continued = NULL;
    gnomon_text *before = NULL, *after = NULL;
    gnomon_str text_before, text_after;
    gnomon_object chest;
    char plain[PATH_ROOM], packed[PATH_ROOM];
    uint64_t bytes = 0, fewer = 0;
    size_t changed = 7, lines = 0;
    file_of(plain, "api.json");
    file_of(packed, "api.json.zst");
    WORKS(gnomon_chain_new(NULL, &chain));
    WORKS(gnomon_chain_update(chain, pair, NULL, &lines));
    WORKS(gnomon_snapshot_save(pair, chain, str(plain), &bytes));
    WORKS(gnomon_snapshot_save(pair, NULL, str(packed), &fewer));
    CHECK(bytes > 100 && fewer > 0 && fewer < bytes);
    WORKS(gnomon_snapshot_load(str(packed), &loaded));
    CHECK(same_json(pair, loaded));
    gnomon_snapshot_free(loaded);
    WORKS(gnomon_snapshot_load(str(plain), &loaded));
    CHECK(same_json(pair, loaded));
    WORKS(gnomon_snapshot_object_named(loaded, str("chest#1"), &chest, sizeof chest));
    WORKS(gnomon_chain_load(str(plain), NULL, &continued));
    WORKS(gnomon_chain_text(chain, &before));
    WORKS(gnomon_chain_text(continued, &after));
    WORKS(gnomon_text_view(before, &text_before));
    WORKS(gnomon_text_view(after, &text_after));
    CHECK(text_before.len > 0 && text_before.len == text_after.len);
    CHECK(memcmp(text_before.data, text_after.data, text_before.len) == 0);
    WORKS(gnomon_chain_update(continued, loaded, &changed, NULL));
    CHECK(changed == 0);
    gnomon_text_free(before);
    gnomon_text_free(after);
    gnomon_chain_free(chain);
    gnomon_chain_free(continued);
    gnomon_snapshot_free(loaded);
    gnomon_snapshot_free(pair);
    remove(plain);
    remove(packed);
}

static void what_an_operator_says_is_shown_with_who_and_when(const uint16_t *depth) {
    gnomon_scene *scene = room_scene(depth, 4);
    gnomon_snapshot *before = NULL, *after = NULL, *aside = NULL;
    gnomon_object object;
    gnomon_edit edit, read;
    gnomon_provenance provenance;
    gnomon_str input, inputs[2];
    size_t n = 1;
    inputs[0] = str("camera 1");
    inputs[1] = str("a detector");
    WORKS(gnomon_scene_set_inputs(scene, inputs, 2));
    WORKS(gnomon_scene_snapshot(scene, &before));
    WORKS(gnomon_snapshot_objects(before, &object, sizeof object, &n));
    memset(&edit, 0, sizeof edit);
    edit.kind = GNOMON_OPERATOR_RENAME;
    edit.thing = object.id;
    edit.word = str("Anna's box");
    edit.who = str("anna");
    edit.stamp_ns = 77;
    WORKS(gnomon_scene_edit(scene, &edit, sizeof edit));
    WORKS(gnomon_scene_publish(scene, &after));
    WORKS(gnomon_snapshot_object_named(after, str("Anna's box"), &object, sizeof object));
    CHECK(object.id == edit.thing);
    WORKS(gnomon_snapshot_edits(after, 0, &read, sizeof read, &n));
    CHECK(n == 1 && read.sequence == 0 && read.stamp_ns == 77 && read.kind == GNOMON_OPERATOR_RENAME);
    CHECK(is_text(read.who, "anna") && is_text(read.word, "Anna's box") && read.thing == object.id);
    WORKS(gnomon_snapshot_edits(after, 1, NULL, 0, &n));
    CHECK(n == 0);
    GNOMON_INIT(gnomon_provenance, &provenance);
    WORKS(gnomon_snapshot_provenance(after, &provenance));
    CHECK(provenance.inputs == 2 && provenance.first_stamp_ns == 1000000000 && provenance.edits == 1);
    CHECK(is_text(provenance.version, GNOMON_VERSION) && provenance.edits_forgotten == 0);
    WORKS(gnomon_snapshot_input(after, 1, &input));
    CHECK(is_text(input, "a detector"));
    /* A snapshot aside: the scene goes on with what it had. */
    edit.kind = GNOMON_OPERATOR_DELETE;
    edit.word = str("");
    WORKS(gnomon_snapshot_edit(after, &edit, sizeof edit, &aside));
    WORKS(gnomon_snapshot_objects(aside, NULL, 0, &n));
    CHECK(n == 0);
    WORKS(gnomon_snapshot_edits(aside, 0, NULL, 0, &n));
    CHECK(n == 2 && objects_now(scene) == 1);
    gnomon_snapshot_free(aside);
    gnomon_snapshot_free(before);
    gnomon_snapshot_free(after);
    gnomon_scene_free(scene);
}

static void two_snapshots_are_compared_in_words_numbers_and_json(const uint16_t *depth) {
    gnomon_scene *scene = room_scene(depth, 4);
    gnomon_snapshot *before = NULL, *after = NULL;
    gnomon_diff_options options;
    gnomon_diff_facts facts;
    gnomon_text *words = NULL, *json = NULL;
    gnomon_edit edit;
    gnomon_object object;
    gnomon_str text;
    size_t n = 1;
    WORKS(gnomon_scene_snapshot(scene, &before));
    WORKS(gnomon_snapshot_objects(before, &object, sizeof object, &n));
    GNOMON_INIT(gnomon_diff_facts, &facts);
    WORKS(gnomon_snapshot_diff(before, before, NULL, &facts, &words, NULL));
    WORKS(gnomon_text_view(words, &text));
    CHECK(facts.same == 1 && facts.changed == 0 && is_text(text, "nothing changed: 1 things are as they were\n"));
    gnomon_text_free(words);
    memset(&edit, 0, sizeof edit);
    edit.who = str("anna");
    edit.thing = object.id;
    edit.kind = GNOMON_OPERATOR_PIN;
    edit.obb = object.obb;
    edit.obb.centre[1] += 2;
    WORKS(gnomon_snapshot_edit(before, &edit, sizeof edit, &after));
    WORKS(gnomon_snapshot_diff(before, after, NULL, &facts, &words, &json));
    CHECK(facts.by_id == 1 && facts.moved == 1 && facts.changed == 1 && facts.same == 0);
    WORKS(gnomon_text_view(words, &text));
    CHECK(text.len > 30 && memcmp(text.data, "moved: crate#1 by 2.00 m, ", 26) == 0);
    WORKS(gnomon_text_view(json, &text));
    CHECK(text.len > 2 && text.data[0] == '{');
    GNOMON_INIT(gnomon_diff_options, &options);
    options.same_by = GNOMON_SAME_BY_PLACE;
    options.least_move_m = 3;
    WORKS(gnomon_snapshot_diff(before, after, &options, &facts, NULL, NULL));
    CHECK(facts.by_id == 0 && facts.same == 1);
    gnomon_text_free(words);
    gnomon_text_free(json);
    gnomon_snapshot_free(after);
    gnomon_snapshot_free(before);
    gnomon_scene_free(scene);
}

static void a_recorded_scene_is_made_again_and_goes_on(const uint16_t *depth) {
    gnomon_scene *scene = NULL, *again = NULL;
    gnomon_snapshot *then = NULL, *now = NULL;
    gnomon_recording_facts recording;
    gnomon_replay_facts replay;
    gnomon_text *words = NULL;
    gnomon_frame frame;
    gnomon_detection detection;
    gnomon_edit edit;
    gnomon_object object;
    gnomon_str text;
    char path[PATH_ROOM];
    size_t n = 1;
    int i;
    FILE *file;
    file_of(path, "api.recording");
    WORKS(gnomon_scene_new(NULL, &scene));
    WORKS(gnomon_scene_record(scene, str(path), 1 << 24));
    room_detection(&detection);
    for (i = 0; i < 5; i++) {
        room_frame(&frame, depth, i);
        WORKS(gnomon_scene_integrate(scene, &frame, &detection, sizeof detection, 1, NULL));
    }
    WORKS(gnomon_scene_publish(scene, &then));
    WORKS(gnomon_snapshot_objects(then, &object, sizeof object, &n));
    gnomon_snapshot_free(then);
    memset(&edit, 0, sizeof edit);
    edit.kind = GNOMON_OPERATOR_RELABEL;
    edit.thing = object.id;
    edit.word = str("box");
    edit.who = str("anna");
    WORKS(gnomon_scene_edit(scene, &edit, sizeof edit));
    WORKS(gnomon_scene_publish(scene, &then));
    GNOMON_INIT(gnomon_recording_facts, &recording);
    WORKS(gnomon_scene_recording(scene, &recording, &words));
    WORKS(gnomon_text_view(words, &text));
    CHECK(recording.is_open == 1 && recording.has_failed == 0 && recording.records >= 13 && text.len == 0);
    gnomon_text_free(words);
    WORKS(gnomon_scene_record_end(scene));
    WORKS(gnomon_scene_recording(scene, &recording, NULL));
    CHECK(recording.is_open == 0 && recording.bytes > 100);
    room_frame(&frame, depth, 5);
    WORKS(gnomon_scene_integrate(scene, &frame, &detection, sizeof detection, 1, NULL)); /* goes on without it */
    gnomon_scene_free(scene);

    GNOMON_INIT(gnomon_replay_facts, &replay);
    WORKS(gnomon_replay(str(path), &replay, &words, &again));
    CHECK(replay.frames == 5 && replay.tail == GNOMON_TAIL_WHOLE && replay.differs == 0);
    WORKS(gnomon_text_view(words, &text));
    CHECK(text.len > 20 && memcmp(text.data, "recorded by gnomon ", 19) == 0);
    WORKS(gnomon_scene_snapshot(again, &now));
    CHECK(same_json(then, now));
    WORKS(gnomon_scene_integrate(again, &frame, &detection, sizeof detection, 1, NULL));
    gnomon_text_free(words);
    gnomon_scene_free(again);
    gnomon_snapshot_free(now);

    /* The power goes: what is whole is replayed, and what is missing is told. */
    file = fopen(path, "r+");
    CHECK(file != NULL && ftruncate(fileno(file), (off_t)recording.bytes - 5) == 0);
    if (file) (void)fclose(file);
    WORKS(gnomon_replay(str(path), &replay, NULL, &again));
    CHECK(replay.tail == GNOMON_TAIL_CUT && replay.frames == 5 && replay.whole_bytes < recording.bytes);
    CHECK(objects_now(again) == 1);
    gnomon_scene_free(again);
    gnomon_snapshot_free(then);
    remove(path);
}

static void a_full_recording_says_so_and_the_scene_goes_on(const uint16_t *depth) {
    gnomon_scene *scene = NULL;
    gnomon_recording_facts recording;
    gnomon_frame frame;
    gnomon_text *why = NULL;
    gnomon_str text;
    char path[PATH_ROOM];
    file_of(path, "api-full.recording");
    WORKS(gnomon_scene_new(NULL, &scene));
    WORKS(gnomon_scene_record(scene, str(path), 2048));
    room_frame(&frame, depth, 0);
    WORKS(gnomon_scene_integrate(scene, &frame, NULL, 0, 0, NULL));
    GNOMON_INIT(gnomon_recording_facts, &recording);
    WORKS(gnomon_scene_recording(scene, &recording, &why));
    WORKS(gnomon_text_view(why, &text));
    CHECK(recording.is_open == 0 && recording.has_failed == 1 && text.len > 10 && recording.bytes <= 2048);
    REFUSED(GNOMON_E_IO, gnomon_scene_record_end(scene));
    gnomon_text_free(why);
    gnomon_scene_free(scene);
    remove(path);
}

static void frames_are_chosen_by_what_they_see(const uint16_t *depth) {
    static const uint64_t seen[4][4] = {{1, 2, 3, 3}, {3, 4, 5, 6}, {1, 2, 7, 7}, {7, 7, 7, 7}};
    static const float near_and_far[2][6] = {{0, 0, 0, 1, 1, 1}, {0, 0, 0, 4, 4, 4}};
    gnomon_voxel_set sets[4];
    gnomon_point_map maps[2];
    gnomon_frame frames[3];
    gnomon_select_options options;
    gnomon_selection_facts facts;
    gnomon_pick picks[16];
    size_t n = 16;
    int i;
    for (i = 0; i < 4; i++) {
        sets[i].voxels = seen[i];
        sets[i].len = 4;
    }
    GNOMON_INIT(gnomon_selection_facts, &facts);
    WORKS(gnomon_select_voxels(sets, sizeof sets[0], 4, 3, picks, sizeof picks[0], &n, &facts));
    CHECK(n == 3 && facts.picked == 2 && facts.covered == 7 && facts.seen == 7);
    CHECK(picks[0].frame == 0 && picks[0].order == -1 && picks[0].gain == 0);
    CHECK(picks[1].frame == 1 && picks[1].order == 0 && picks[1].gain == 4);
    CHECK(picks[2].frame == 2 && picks[2].order == 1 && picks[2].gain == 3);
    memset(maps, 0, sizeof maps);
    for (i = 0; i < 2; i++) {
        maps[i].points = near_and_far[i];
        maps[i].points_len = 2;
    }
    GNOMON_INIT(gnomon_select_options, &options);
    options.count = 1;
    options.edge_kind = GNOMON_EDGE_LENGTH;
    options.edge = 0.5;
    n = 1;
    WORKS(gnomon_select_points(maps, sizeof maps[0], 2, &options, picks, sizeof picks[0], &n, &facts));
    CHECK(n == 1 && picks[0].frame == 0 && facts.edge == 0.5 && facts.seen == 3 && facts.covered == 2);
    for (i = 0; i < 3; i++) room_frame(&frames[i], depth, 400 * i);
    options.count = 2;
    options.edge = 0.2;
    n = 2;
    WORKS(gnomon_select_frames(frames, sizeof frames[0], 3, &options, picks, sizeof picks[0], &n, &facts));
    CHECK(n == 2 && facts.picked == 2 && facts.covered <= facts.seen && facts.covered > 100);
    n = 16;
    WORKS(gnomon_select_frames(NULL, sizeof frames[0], 0, NULL, picks, sizeof picks[0], &n, NULL));
    CHECK(n == 0);
}

static void geometry_answers_alone_and_places_are_lifted_without_a_model(const uint16_t *depth) {
    static const uint8_t rgb[3 * ROOM_WIDTH * ROOM_HEIGHT];
    const gnomon_fit fit = {ROOM_WIDTH, ROOM_HEIGHT, ROOM_WIDTH, ROOM_HEIGHT, 0, 0, ROOM_WIDTH, ROOM_HEIGHT};
    gnomon_scene *scene = room_scene(depth, 4);
    gnomon_snapshot *snapshot = NULL;
    gnomon_album_options options;
    gnomon_converse_options how;
    gnomon_said_facts facts;
    gnomon_album *album = NULL;
    gnomon_answer *answer = NULL;
    gnomon_text *words = NULL, *json = NULL;
    gnomon_grounding *grounding = NULL;
    gnomon_grounded place;
    gnomon_rejected rejected;
    gnomon_str text = {NULL, 7};
    gnomon_frame frame;
    gnomon_box box;
    double pose[16];
    uint32_t is = 7;
    size_t n = 0, in_all = 0;
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    GNOMON_INIT(gnomon_album_options, &options);
    CHECK(options.count == 32);
    WORKS(gnomon_album_new(&options, &album));
    room_frame(&frame, depth, 0);
    use_format(&frame, &COLOUR_FORMATS[0], rgb, 0);
    WORKS(gnomon_album_offer(album, 3, &frame, &is));
    CHECK(is == 1);
    WORKS(gnomon_album_offer(album, 4, &frame, &is));
    CHECK(is == 0); /* the camera stands where it stood */
    WORKS(gnomon_album_count(album, &n));
    CHECK(n == 1);
    level_camera(pose, 0.5);
    WORKS(gnomon_album_correct(album, 3, pose, &is));
    CHECK(is == 1);
    GNOMON_INIT(gnomon_converse_options, &how);
    CHECK(how.images == 4 && how.within_ns == INT64_C(60000000000) && how.facts == GNOMON_FACTS_SCENE);
    GNOMON_INIT(gnomon_said_facts, &facts);
    WORKS(gnomon_ask_with_model(snapshot, album, NULL, str("How many crates are there?"), NULL, 0, &how, &facts, &answer,
                                &words, &json));
    CHECK(facts.silence == GNOMON_SILENCE_NO_MODEL && facts.option == -1 && facts.verdict == GNOMON_VERDICT_UNTESTABLE);
    WORKS(gnomon_text_view(words, &text));
    CHECK(text.len == 0);
    WORKS(gnomon_answer_short(answer, &text));
    CHECK(text.len == 1 && text.data[0] == '1');
    WORKS(gnomon_text_view(json, &text));
    CHECK(text.len > 2 && text.data[0] == '{');
    WORKS(gnomon_grounding_read(str("{\"bbox_2d\":[60,40,100,80],\"label\":\"crate\"}\n{\"bbox_2d\":[9,9,3,3]}"),
                                GNOMON_CONVENTION_PIXEL_JSON, &fit, &grounding));
    n = 1;
    WORKS(gnomon_grounding_list(grounding, &place, sizeof place, &n));
    CHECK(n == 1 && place.kind == GNOMON_REGION_BOX && place.region[2] == 100 && place.label.len == 5);
    WORKS(gnomon_grounding_rejected(grounding, &rejected, sizeof rejected, &n, &in_all));
    CHECK(n == 1 && in_all == 1 && rejected.line == 2);
    WORKS(gnomon_grounding_lift(grounding, 0, &frame, &box));
    CHECK(fabs(box.centre[0] - 2) < 0.3 && fabs(box.centre[1]) < 0.1 && fabs(box.size[2] - 40.0 / 150 * 2) < 0.2);
    gnomon_grounding_free(grounding);
    gnomon_text_free(json);
    gnomon_text_free(words);
    gnomon_answer_free(answer);
    gnomon_album_free(album);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
}

static void a_keeper_keeps_so_many_and_tells_who_sees_what(const uint16_t *depth) {
    gnomon_keeper *keeper = NULL;
    gnomon_keeper_options options;
    gnomon_keeper_facts facts;
    gnomon_swap swap, log[2];
    gnomon_kept kept[2];
    gnomon_sight sights[2];
    gnomon_frame frame;
    gnomon_box box = {{9.05, 0.05, 0.05}, {0.1, 0.1, 0.1}, {0, 0, 0, 1}};
    double line[3 * 60];
    size_t n = 2;
    int i;
    for (i = 0; i < 60; i++) {
        line[3 * i] = 0.1 * i + 0.05;
        line[3 * i + 1] = line[3 * i + 2] = 0.05;
    }
    GNOMON_INIT(gnomon_keeper_options, &options);
    options.count = 2;
    options.log = 2;
    WORKS(gnomon_keeper_new(&options, &keeper));
    WORKS(gnomon_keeper_offer_points(keeper, 0, line, 3, &swap, sizeof swap));
    CHECK(swap.is_kept == 1 && swap.has_gone == 0 && swap.gain == 3);
    WORKS(gnomon_keeper_offer_points(keeper, 1, line + 9, 20, NULL, 0));
    WORKS(gnomon_keeper_offer_points(keeper, 2, line, 2, &swap, sizeof swap)); /* nothing new */
    CHECK(swap.is_kept == 0 && swap.frame == 2 && swap.gain == 0);
    for (i = 0; i < 60; i++) line[3 * i] += 8.0;
    WORKS(gnomon_keeper_offer_points(keeper, 7, line, 30, &swap, sizeof swap));
    CHECK(swap.is_kept == 1 && swap.has_gone == 1 && swap.gone == 0 && swap.loss == 3 && swap.gain == 30);
    GNOMON_INIT(gnomon_keeper_facts, &facts);
    WORKS(gnomon_keeper_info(keeper, &facts));
    CHECK(facts.offered == 4 && facts.kept == 2 && facts.covered == 50 && facts.logged == 2 && facts.forgotten == 1);
    WORKS(gnomon_keeper_kept(keeper, kept, sizeof kept[0], &n));
    CHECK(n == 2 && kept[0].frame == 1 && kept[1].frame == 7 && kept[1].voxels == 30 && kept[1].alone == 30);
    WORKS(gnomon_keeper_log(keeper, log, sizeof log[0], &n));
    CHECK(n == 2 && log[0].frame == 1 && log[1].frame == 7 && log[1].gone == 0);
    WORKS(gnomon_keeper_seeing(keeper, &box, sights, sizeof sights[0], &n));
    CHECK(n == 1 && sights[0].frame == 7 && sights[0].voxels >= 1);
    room_frame(&frame, depth, 0);
    WORKS(gnomon_keeper_offer(keeper, 8, &frame, &swap, sizeof swap));
    CHECK(swap.is_kept == 1 && swap.gain > 100);
    gnomon_keeper_free(keeper);
}

int main(void) {
    static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];
    fill_depth(depth);
    versions();
    a_crate_is_seen(depth);
    the_report_tells(depth);
    every_format_of_colour_is_taken(depth);
    a_crate_is_where_it_is_through_every_lens(depth);
    the_map_shows_the_crate_ahead(depth);
    boxes_are_measured();
    structs_may_grow(depth);
    the_second_writer_is_told_and_readers_are_not_held_up(depth);
    questions_in_words_are_answered();
    questions_in_types_are_answered();
    the_scene_is_told_under_a_budget();
    relations_hold_or_do_not();
    statements_are_held_against_the_scene();
    the_chain_keeps_its_lines();
    the_second_update_of_a_chain_is_told();
    answers_are_marked();
    triplets_are_read_back();
    triplets_are_composed_and_held_against_truth();
    a_scene_s_text_is_read_back_and_answers();
    relations_that_begin_and_end_are_listed();
    words_may_be_taught();
    rewards_of_a_group_become_advantages();
    a_scene_is_saved_and_loaded_with_what_readers_were_told();
    what_an_operator_says_is_shown_with_who_and_when(depth);
    two_snapshots_are_compared_in_words_numbers_and_json(depth);
    a_recorded_scene_is_made_again_and_goes_on(depth);
    a_full_recording_says_so_and_the_scene_goes_on(depth);
    frames_are_chosen_by_what_they_see(depth);
    a_keeper_keeps_so_many_and_tells_who_sees_what(depth);
    geometry_answers_alone_and_places_are_lifted_without_a_model(depth);
    sentences_are_the_thread_s_own();
    calls_from_a_thread_s_destructor_are_answered(depth);
#ifdef PLANT_LEAK
    {
        gnomon_scene *forgotten = NULL;
        WORKS(gnomon_scene_new(NULL, &forgotten));
        forgotten = NULL;
        (void)forgotten;
    }
#endif
    return finish("api");
}
