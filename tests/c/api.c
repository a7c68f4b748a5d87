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

int main(void) {
    static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];
    fill_depth(depth);
    versions();
    a_crate_is_seen(depth);
    the_report_tells(depth);
    the_map_shows_the_crate_ahead(depth);
    boxes_are_measured();
    structs_may_grow(depth);
    the_second_writer_is_told_and_readers_are_not_held_up(depth);
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
