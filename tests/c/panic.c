/* A panic at every entry: once before the handle is looked at, once while it is held. It becomes GNOMON_E_PANIC; held, it
 * leaves the handle unusable but for freeing. The library must be built with the feature ffi-test-panic. */
#include "check.h"

static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];
static gnomon_scene *scene;
static gnomon_snapshot *snapshot;
static gnomon_cogmap *map;
static gnomon_answer *answer;
static gnomon_judgements *judgements;
static gnomon_chain *chain;
static gnomon_text *text;

static void start(void) {
    scene = room_scene(depth, 3);
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    WORKS(gnomon_cogmap_observer(snapshot, NULL, &map));
    WORKS(gnomon_ask(snapshot, str("How many crates are there?"), NULL, 0, NULL, &answer));
    WORKS(gnomon_check(snapshot, str("There is one crate."), NULL, &judgements));
    WORKS(gnomon_chain_new(NULL, &chain));
    WORKS(gnomon_chain_text(chain, &text));
}

static void stop(void) {
    gnomon_text_free(text);
    gnomon_chain_free(chain);
    gnomon_judgements_free(judgements);
    gnomon_answer_free(answer);
    gnomon_cogmap_free(map);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
}

static gnomon_status call_gnomon_scene_new(void) {
    gnomon_scene *out = NULL;
    gnomon_status status = gnomon_scene_new(NULL, &out);
    gnomon_scene_free(out);
    return status;
}

static gnomon_status call_gnomon_scene_integrate(void) {
    gnomon_frame frame;
    room_frame(&frame, depth, 50);
    return gnomon_scene_integrate(scene, &frame, NULL, 0, 0, NULL);
}

static gnomon_status call_gnomon_scene_publish(void) { return gnomon_scene_publish(scene, NULL); }

static gnomon_status call_gnomon_scene_snapshot(void) {
    gnomon_snapshot *out = NULL;
    gnomon_status status = gnomon_scene_snapshot(scene, &out);
    gnomon_snapshot_free(out);
    return status;
}

static gnomon_status call_gnomon_scene_update_poses(void) { return gnomon_scene_update_poses(scene, NULL, 0, 0); }

static gnomon_status call_gnomon_snapshot_clone(void) {
    gnomon_snapshot *out = NULL;
    gnomon_status status = gnomon_snapshot_clone(snapshot, &out);
    gnomon_snapshot_free(out);
    return status;
}

static gnomon_status call_gnomon_snapshot_info(void) {
    gnomon_scene_info info;
    GNOMON_INIT(gnomon_scene_info, &info);
    return gnomon_snapshot_info(snapshot, &info);
}

static gnomon_status call_gnomon_snapshot_objects(void) {
    size_t n;
    return gnomon_snapshot_objects(snapshot, NULL, 0, &n);
}

static gnomon_object first(void) {
    gnomon_object object;
    size_t n = 1;
    memset(&object, 0, sizeof object);
    WORKS(gnomon_snapshot_objects(snapshot, &object, sizeof object, &n));
    return object;
}

static gnomon_object object_of_snapshot;

static gnomon_status call_gnomon_snapshot_object(void) {
    gnomon_object object;
    return gnomon_snapshot_object(snapshot, object_of_snapshot.id, &object, sizeof object);
}

static gnomon_status call_gnomon_snapshot_object_named(void) {
    gnomon_object object;
    return gnomon_snapshot_object_named(snapshot, object_of_snapshot.name, &object, sizeof object);
}

static gnomon_status call_gnomon_snapshot_labels(void) {
    size_t n;
    return gnomon_snapshot_labels(snapshot, object_of_snapshot.id, NULL, 0, &n);
}

static gnomon_status call_gnomon_snapshot_supports(void) {
    size_t n;
    return gnomon_snapshot_supports(snapshot, NULL, 0, &n);
}

static gnomon_status call_gnomon_snapshot_polygon(void) {
    size_t n;
    gnomon_status status = gnomon_snapshot_polygon(snapshot, 12345, NULL, 0, &n);
    return status == GNOMON_E_STATE ? GNOMON_OK : status; /* the room has no such support */
}

static gnomon_status call_gnomon_snapshot_keyframes(void) {
    size_t n;
    return gnomon_snapshot_keyframes(snapshot, NULL, 0, &n);
}

static gnomon_status call_gnomon_snapshot_events(void) {
    size_t n;
    return gnomon_snapshot_events(snapshot, 0, NULL, 0, &n);
}

static gnomon_status call_gnomon_snapshot_json(void) {
    gnomon_str out;
    return gnomon_snapshot_json(snapshot, &out);
}

static const gnomon_box BOX = {{0, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}};

static gnomon_status call_gnomon_box_gap(void) {
    double out;
    return gnomon_box_gap(&BOX, &BOX, &out);
}

static gnomon_status call_gnomon_box_iou(void) {
    double out;
    return gnomon_box_iou(&BOX, &BOX, &out);
}

static gnomon_status call_gnomon_cogmap_observer(void) {
    gnomon_cogmap *out = NULL;
    gnomon_status status = gnomon_cogmap_observer(snapshot, NULL, &out);
    gnomon_cogmap_free(out);
    return status;
}

static gnomon_status call_gnomon_cogmap_info(void) {
    gnomon_cogmap_facts facts;
    GNOMON_INIT(gnomon_cogmap_facts, &facts);
    return gnomon_cogmap_info(map, &facts);
}

static gnomon_status call_gnomon_cogmap_cells(void) {
    size_t n;
    return gnomon_cogmap_cells(map, NULL, 0, &n);
}

static gnomon_status call_gnomon_cogmap_objects(void) {
    size_t n;
    return gnomon_cogmap_objects(map, NULL, 0, &n);
}

static gnomon_status call_gnomon_cogmap_beyond(void) {
    size_t n;
    return gnomon_cogmap_beyond(map, NULL, 0, &n);
}

static gnomon_status call_gnomon_cogmap_text(void) {
    gnomon_str out;
    return gnomon_cogmap_text(map, &out);
}

static gnomon_status call_gnomon_cogmap_json(void) {
    gnomon_str out;
    return gnomon_cogmap_json(map, &out);
}

static gnomon_status call_gnomon_cogmap_ascii(void) {
    gnomon_str out;
    return gnomon_cogmap_ascii(map, &out);
}

static gnomon_status call_gnomon_cogmap_svg(void) {
    gnomon_str out;
    return gnomon_cogmap_svg(map, &out);
}

static gnomon_status call_gnomon_cogmap_png(void) {
    const uint8_t *data;
    size_t len;
    return gnomon_cogmap_png(map, &data, &len);
}

static gnomon_status call_gnomon_ask(void) {
    gnomon_answer *out = NULL;
    gnomon_status status = gnomon_ask(snapshot, str("How many crates are there?"), NULL, 0, NULL, &out);
    gnomon_answer_free(out);
    return status;
}

static gnomon_status call_gnomon_ask_typed(void) {
    gnomon_answer *out = NULL;
    gnomon_question question;
    gnomon_status status;
    GNOMON_INIT(gnomon_question, &question);
    question.ask = GNOMON_ASK_ROOM_AREA;
    status = gnomon_ask_typed(snapshot, &question, NULL, &out);
    gnomon_answer_free(out);
    return status;
}

static gnomon_status call_gnomon_answer_info(void) {
    gnomon_answer_facts facts;
    GNOMON_INIT(gnomon_answer_facts, &facts);
    return gnomon_answer_info(answer, &facts);
}

static gnomon_status call_gnomon_answer_evidence(void) {
    size_t n;
    return gnomon_answer_evidence(answer, NULL, 0, &n);
}

static gnomon_status call_gnomon_answer_text(void) {
    gnomon_str out;
    return gnomon_answer_text(answer, &out);
}

static gnomon_status call_gnomon_answer_short(void) {
    gnomon_str out;
    return gnomon_answer_short(answer, &out);
}

static gnomon_status call_gnomon_answer_json(void) {
    gnomon_str out;
    return gnomon_answer_json(answer, &out);
}

static gnomon_status call_gnomon_check(void) {
    gnomon_judgements *out = NULL;
    gnomon_status status = gnomon_check(snapshot, str("There is one crate."), NULL, &out);
    gnomon_judgements_free(out);
    return status;
}

static gnomon_status call_gnomon_judgements_list(void) {
    size_t n;
    return gnomon_judgements_list(judgements, NULL, 0, &n);
}

static gnomon_status call_gnomon_judgements_json(void) {
    gnomon_str out;
    return gnomon_judgements_json(judgements, &out);
}

static gnomon_status call_gnomon_scene_text(void) {
    gnomon_text *out = NULL;
    gnomon_status status = gnomon_scene_text(snapshot, str(""), 1000, NULL, NULL, NULL, &out);
    gnomon_text_free(out);
    return status;
}

static gnomon_status call_gnomon_text_view(void) {
    gnomon_str out;
    return gnomon_text_view(text, &out);
}

static gnomon_status call_gnomon_relation_of(void) {
    gnomon_relation out;
    gnomon_status status = gnomon_relation_of(snapshot, GNOMON_RELATION_NEAR, 12345, 12346, 0, NULL, &out, sizeof out);
    return status == GNOMON_E_STATE ? GNOMON_OK : status; /* the room has no such things */
}

static gnomon_status call_gnomon_chain_new(void) {
    gnomon_chain *out = NULL;
    gnomon_status status = gnomon_chain_new(NULL, &out);
    gnomon_chain_free(out);
    return status;
}

static gnomon_status call_gnomon_chain_update(void) { return gnomon_chain_update(chain, snapshot, NULL, NULL); }

static gnomon_status call_gnomon_chain_text(void) {
    gnomon_text *out = NULL;
    gnomon_status status = gnomon_chain_text(chain, &out);
    gnomon_text_free(out);
    return status;
}

static gnomon_status call_gnomon_score_mra(void) {
    double out;
    return gnomon_score_mra(GNOMON_MRA_OFFICIAL, 1, 1, &out);
}

static gnomon_status call_gnomon_score_vsi(void) {
    double out;
    return gnomon_score_vsi(str("object_counting"), GNOMON_READING_OFFICIAL, str("3"), str("3"), NULL, 0, &out);
}

static gnomon_status call_gnomon_score_msmu(void) {
    double out;
    return gnomon_score_msmu(str("count"), str("3"), str("3"), &out);
}

static gnomon_status call_gnomon_reward_format(void) {
    double out;
    return gnomon_reward_format(str("3"), &out);
}

static gnomon_status call_gnomon_reward_choice(void) {
    double out;
    return gnomon_reward_choice(str("A"), str("A"), &out);
}

static gnomon_status call_gnomon_reward_numeric(void) {
    double out;
    return gnomon_reward_numeric(str("3"), 3, &out);
}

static gnomon_status call_gnomon_reward_text(void) {
    double out;
    return gnomon_reward_text(str("a"), str("a"), GNOMON_EDIT_INDEL, &out);
}

static gnomon_status call_gnomon_set_log(void) { return gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF); }

/* Every function that returns a status, and whether it works on a handle. */
#define ROWS(X)                        \
    X(gnomon_answer_evidence, 1)       \
    X(gnomon_answer_info, 1)           \
    X(gnomon_answer_json, 1)           \
    X(gnomon_answer_short, 1)          \
    X(gnomon_answer_text, 1)           \
    X(gnomon_ask, 1)                   \
    X(gnomon_ask_typed, 1)             \
    X(gnomon_box_gap, 0)               \
    X(gnomon_box_iou, 0)               \
    X(gnomon_chain_new, 0)             \
    X(gnomon_chain_text, 1)            \
    X(gnomon_chain_update, 1)          \
    X(gnomon_check, 1)                 \
    X(gnomon_cogmap_ascii, 1)          \
    X(gnomon_cogmap_beyond, 1)         \
    X(gnomon_cogmap_cells, 1)          \
    X(gnomon_cogmap_info, 1)           \
    X(gnomon_cogmap_json, 1)           \
    X(gnomon_cogmap_objects, 1)        \
    X(gnomon_cogmap_observer, 1)       \
    X(gnomon_cogmap_png, 1)            \
    X(gnomon_cogmap_svg, 1)            \
    X(gnomon_cogmap_text, 1)           \
    X(gnomon_judgements_json, 1)       \
    X(gnomon_judgements_list, 1)       \
    X(gnomon_relation_of, 1)           \
    X(gnomon_reward_choice, 0)         \
    X(gnomon_reward_format, 0)         \
    X(gnomon_reward_numeric, 0)        \
    X(gnomon_reward_text, 0)           \
    X(gnomon_scene_integrate, 1)       \
    X(gnomon_scene_new, 0)             \
    X(gnomon_scene_publish, 1)         \
    X(gnomon_scene_snapshot, 1)        \
    X(gnomon_scene_text, 1)            \
    X(gnomon_scene_update_poses, 1)    \
    X(gnomon_score_mra, 0)             \
    X(gnomon_score_msmu, 0)            \
    X(gnomon_score_vsi, 0)             \
    X(gnomon_set_log, 0)               \
    X(gnomon_snapshot_clone, 1)        \
    X(gnomon_snapshot_events, 1)       \
    X(gnomon_snapshot_info, 1)         \
    X(gnomon_snapshot_json, 1)         \
    X(gnomon_snapshot_keyframes, 1)    \
    X(gnomon_snapshot_labels, 1)       \
    X(gnomon_snapshot_object, 1)       \
    X(gnomon_snapshot_object_named, 1) \
    X(gnomon_snapshot_objects, 1)      \
    X(gnomon_snapshot_polygon, 1)      \
    X(gnomon_snapshot_supports, 1)     \
    X(gnomon_text_view, 1)

static void panic_at(const char *name, gnomon_status (*call)(void), int holds) {
    printf("panic at %s\n", name);
    start();
    object_of_snapshot = first();
    WORKS(call());
    setenv("GNOMON_TEST_PANIC", name, 1);
    REFUSED(GNOMON_E_PANIC, call());
    CHECK(strstr(gnomon_last_error(), name) != NULL);
    unsetenv("GNOMON_TEST_PANIC");
    CHECK(objects_now(scene) == 1);
    if (holds) {
        setenv("GNOMON_TEST_PANIC_HELD", name, 1);
        REFUSED(GNOMON_E_PANIC, call());
        unsetenv("GNOMON_TEST_PANIC_HELD");
        REFUSED(GNOMON_E_PANIC, call());
        CHECK(strstr(gnomon_last_error(), "asked for by GNOMON_TEST_PANIC_HELD") != NULL);
    }
    stop();
}

int main(void) {
    fill_depth(depth);
    CHECK(strstr(gnomon_build_info(), "ffi-test-panic") != NULL);
#define RUN(function, holds) panic_at(#function, call_##function, holds);
    ROWS(RUN)
    return finish("panic");
}
