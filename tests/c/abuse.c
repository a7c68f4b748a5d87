/* Everything a caller can get wrong, one thing at a time: NULL, lengths, numbers, codes, bytes that are no UTF-8. Each
 * must be refused with a status and a sentence, outputs untouched, and the scene as it was.
 *
 * Three tables keep it complete. ROWS has one row for every function; tests/abi/abuse.sh compares it with symbols.txt.
 * fields.h, made from gnomon.h, lists every field of every struct, and which function takes which struct; each field of
 * each struct that a function takes is set to every bad value of its kind, in the row of that function, and whatever is
 * not refused must stand in MEANT with the reason. (Texts and arrays of texts are abused by hand.) */
#include "check.h"

#include "fields.h"

#include <pthread.h>

static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];
static gnomon_scene *scene;
static gnomon_snapshot *snapshot;
static gnomon_cogmap *map;
static gnomon_object crate;
static gnomon_snapshot *pair;       /* a crate and a chest */
static gnomon_object pair_things[2]; /* in this order or the other */
static gnomon_answer *answer;
static gnomon_judgements *judgements;
static gnomon_chain *chain;
static gnomon_text *text;
static gnomon_triplets *triplets;
static gnomon_told *told;
static gnomon_layout *layout;
static gnomon_relation_graph *graph;
static gnomon_vocabulary *vocabulary;
static gnomon_keeper *keeper;
static gnomon_album *album;
static gnomon_grounding *grounding;
static char file[PATH_ROOM]; /* of the row that runs */
static gnomon_cancel *cancel;
static const char *const THREE_LINES =
    "{\"t\":1,\"a\":\"a#1\",\"b\":\"b#1\",\"c\":\"c#1\",\"b_xy\":[5.0,9.0],\"c_xy\":[7.0,5.0],\"cell\":0.50}\n"
    "{\"t\":2,\"a\":\"a#1\",\"b\":\"b#1\",\"c\":\"c#1\",\"b_xy\":[5.0,9.0],\"c_xy\":[7.0,6.0],\"cell\":0.50}\n"
    "{\"t\":3,\"a\":\"a#1\",\"b\":\"b#1\",\"c\":\"d#1\",\"b_xy\":[5.0,9.0],\"c_xy\":[7.0,60.0],\"cell\":0.50}\n";
static const char *const NOT_UTF8 = "\xc3\x28";

/* What is accepted though it looks wrong: struct.field and value, with the reason. */
static const struct {
    const char *field, *value, *reason;
} MEANT[] = {
    {"gnomon_frame.camera_id", "max", "any number names a camera"},
    {"gnomon_frame.camera_id", "0", "any number names a camera"},
    {"gnomon_image.stride", "0", "rows follow each other closely"},
    {"gnomon_image.data", "NULL", "only with length 0, tried there"},
    {"gnomon_image.reserved", "0", "what it must be"},
    {"gnomon_intrinsics.reserved", "0", "what it must be"},
    {"colour.len", "0", "no picture"},
    {"depth_intrinsics.width", "0", "depth is registered to colour"},
    {"gnomon_detection.mask_x", "0", "masks may begin at the border"},
    {"gnomon_detection.mask_y", "0", "masks may begin at the border"},
    {"gnomon_detection.reserved", "0", "what it must be"},
    {"gnomon_detection.mask_stride", "0", "rows follow each other closely"},
    {"gnomon_detection.mask_len", "0", "no mask"},
    {"gnomon_detection.feature_len", "0", "no feature"},
    {"gnomon_scene_options.movable_labels_len", "0", "nothing moves by itself"},
    {"gnomon_scene_options.reserved", "0", "what it must be"},
    {"gnomon_cogmap_options.hold_len", "0", "cells as small as they may be"},
    {"gnomon_keyframe_pose.id", "0", "the first keyframe"},
    {"gnomon_keyframe_pose.reserved", "0", "what it must be"},
    {"gnomon_ask_options.has_view", "0", "the newest camera"},
    {"gnomon_ask_options.complete", "0", "a map that a robot makes"},
    {"gnomon_ask_options.relations", "NULL", "the defaults"},
    {"view_intrinsics.width", "0", "the camera is not known"},
    {"gnomon_question.inverse", "0", "most, not least"},
    {"gnomon_question.reserved", "0", "what it must be"},
    {"gnomon_question.steps_len", "0", "only a route has steps"},
    {"gnomon_question.options_len", "0", "anything may be answered"},
    {"gnomon_ask_options.vocabulary", "NULL", "the words that gnomon knows"},
    {"gnomon_graph_options.relations", "NULL", "the defaults"},
    {"gnomon_chain_options.units", "0", "lines without units"},
    {"runtime_path.len", "0", "where libraries lie"},
    {"family.len", "0", "the folder says"},
    {"labels.len", "0", "the folder's"},
    {"precision.len", "0", "the fullest"},
    {"gnomon_network_options.providers_len", "0", "the processor"},
    {"gnomon_network_options.memory_budget_bytes", "max", "more than there is"},
    {"gnomon_network_options.require_providers", "0", "a remark tells"},
    {"gnomon_run_options.cancel", "NULL", "nobody stops it"},
    {"engines.len", "0", "each start builds anew"},
    {"gnomon_network_options.fp16", "0", "as the model has it"},
    {"gnomon_network_options.int8", "0", "as the model has it"},
    {"gnomon_network_options.cancel", "NULL", "nobody stops it"},
    {"gnomon_edit.stamp_ns", "min", "any clock"},
    {"gnomon_edit.reserved", "0", "what it must be"},
    {"gnomon_diff_options.reserved", "0", "what it must be"},
    {"gnomon_select_options.reserved", "0", "what it must be"},
    {"gnomon_point_map.confidence_len", "0", "every point counts"},
    {"gnomon_voxel_set.len", "0", "a frame that sees nothing"},
    {"frames.stamp_ns", "min", "times are not looked at"},
    {"gnomon_vlm_options.feature_bytes", "max", "all pictures are kept"},
    {"gnomon_vlm_options.context_tokens", "0", "what the folder says"},
    {"gnomon_vlm_options.most_waiting", "0", "nobody stands in line"},
    {"gnomon_vlm_options.reserved", "0", "what it must be"},
    {"vision_precision.len", "0", "the quickest"},
    {"gnomon_vlm_request.messages_len", "0", "with a prompt alone, tried there"},
    {"prompt.data", "NULL", "no prompt"},
    {"prompt.len", "0", "no prompt"},
    {"gnomon_vlm_request.stops_len", "0", "nothing ends it"},
    {"constraint_text.data", "NULL", "not looked at with triplets"},
    {"constraint_text.len", "0", "not looked at with triplets"},
    {"constraint_text.len", "huge", "not looked at with triplets"},
    {"gnomon_vlm_request.constraint_least", "0", "the reply may be empty"},
    {"gnomon_vlm_request.constraint_units", "0", "lines without units"},
    {"gnomon_vlm_request.seed", "max", "any number begins chance"},
    {"gnomon_vlm_request.temperature", "huge", "all tokens alike"},
    {"gnomon_vlm_request.repetition_penalty", "huge", "nothing twice"},
    {"gnomon_vlm_request.top_k", "0", "all stay"},
    {"gnomon_vlm_request.top_k", "max", "all stay"},
    {"gnomon_vlm_request.max_new_tokens", "max", "as many as the context holds"},
    {"gnomon_vlm_request.reserved", "0", "what it must be"},
    {"gnomon_converse_options.ask", "NULL", "the defaults"},
    {"gnomon_converse_options.images", "0", "no pictures"},
    {"gnomon_converse_options.text_tokens", "0", "nothing of the scene"},
    {"gnomon_converse_options.seed", "max", "any number begins chance"},
    {"gnomon_converse_options.temperature", "huge", "all tokens alike"},
    {"gnomon_converse_options.repetition_penalty", "huge", "nothing twice"},
    {"gnomon_converse_options.top_k", "0", "all stay"},
    {"gnomon_converse_options.top_k", "max", "all stay"},
    {"gnomon_fit.offset_x", "-1", "cropped"},
    {"gnomon_fit.offset_x", "99", "padded"},
    {"gnomon_fit.offset_y", "-1", "cropped"},
    {"gnomon_fit.offset_y", "99", "padded"},
    {"gnomon_message.images", "0", "the other names it"},
    {"gnomon_message.videos", "0", "the other names it"},
    {"gnomon_message.reserved", "0", "what it must be"},
    {"text.len", "0", "pictures alone"},
    {"gnomon_chain_options.reserved", "0", "what it must be"},
    {"gnomon_pipeline_options.late_detections", "0", "none are awaited"},
    {"gnomon_pipeline_options.reserved", "0", "what it must be"},
};
static int meant_used[sizeof MEANT / sizeof MEANT[0]];

static int is_meant(const char *owner, const char *struct_name, const char *field, const char *value) {
    char by_struct[128], by_owner[128];
    size_t i;
    snprintf(by_struct, sizeof by_struct, "%s.%s", struct_name, field);
    snprintf(by_owner, sizeof by_owner, "%s.%s", owner, field);
    for (i = 0; i < sizeof MEANT / sizeof MEANT[0]; i++)
        if (strcmp(MEANT[i].value, value) == 0 &&
            (strcmp(MEANT[i].field, by_struct) == 0 || strcmp(MEANT[i].field, by_owner) == 0)) {
            meant_used[i] = 1;
            return 1;
        }
    return 0;
}

typedef struct field {
    const char *struct_name, *name, *kind;
    size_t offset, size, count;
} field;

static const field FIELDS[] = {
#define FIELD(s, f, kind, count) {#s, #f, #kind, offsetof(s, f), sizeof(((s *)0)->f), count},
    GNOMON_FIELDS(FIELD)
#undef FIELD
};

/* Which function takes which struct: the row of the first must spoil the second. */
static const struct {
    const char *function, *struct_name;
} TAKES[] = {
#define TAKE(f, s) {#f, #s},
    GNOMON_TAKES(TAKE)
#undef TAKE
};
static int spoiled[sizeof TAKES / sizeof TAKES[0]];
static const char *row; /* the function whose row runs */

static void remember_spoiled(const char *struct_name) {
    size_t i;
    for (i = 0; i < sizeof TAKES / sizeof TAKES[0]; i++)
        if (strcmp(TAKES[i].function, row) == 0 && strcmp(TAKES[i].struct_name, struct_name) == 0) spoiled[i] = 1;
}

typedef struct bad {
    const char *kind, *value;
    const void *bytes;
} bad;

static const int32_t I32_MINUS = -1, I32_OTHER = 99, I32_MAX = INT32_MAX, I32_MIN = INT32_MIN;
static const uint32_t U32_ZERO = 0, U32_MAX_ = UINT32_MAX;
static const int64_t I64_MIN = INT64_MIN;
static const uint64_t U64_MAX_ = UINT64_MAX;
static const size_t SIZE_ZERO = 0, SIZE_HUGE = SIZE_MAX;
static const void *const NOWHERE = NULL;
static float f32_nan, f32_inf, f32_minus_inf, f32_huge = 1e38f;
static double f64_nan, f64_inf, f64_minus_inf, f64_huge = 1e300, f64_minus_huge = -1e300;

static const bad BAD[] = {
    {"i32", "-1", &I32_MINUS},      {"i32", "99", &I32_OTHER},        {"i32", "max", &I32_MAX},
    {"i32", "min", &I32_MIN},       {"u32", "0", &U32_ZERO},          {"u32", "max", &U32_MAX_},
    {"i64", "min", &I64_MIN},       {"u64", "max", &U64_MAX_},        {"size", "0", &SIZE_ZERO},
    {"size", "huge", &SIZE_HUGE},   {"pointer", "NULL", &NOWHERE},    {"f32", "nan", &f32_nan},
    {"f32", "inf", &f32_inf},       {"f32", "-inf", &f32_minus_inf},  {"f32", "huge", &f32_huge},
    {"f64", "nan", &f64_nan},       {"f64", "inf", &f64_inf},         {"f64", "-inf", &f64_minus_inf},
    {"f64", "huge", &f64_huge},     {"f64", "-huge", &f64_minus_huge},
};

typedef gnomon_status (*attempt)(void *subject);

/* Sets every field of the struct at `base`, inside `subject`, to every bad value of its kind. */
static void spoil(const char *struct_name, const char *owner, void *base, void *subject, attempt call) {
    size_t i, j, k;
    int known = 0;
    remember_spoiled(struct_name);
    for (i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        const field *f = &FIELDS[i];
        int tried = 0;
        if (strcmp(f->struct_name, struct_name) != 0) continue;
        known = 1;
        for (k = 0; k < f->count; k++) {
            char *at = (char *)base + f->offset + k * (f->size / f->count);
            if (strncmp(f->kind, "gnomon_", 7) == 0) {
                spoil(f->kind, f->name, at, subject, call);
                tried = 1;
                continue;
            }
            for (j = 0; j < sizeof BAD / sizeof BAD[0]; j++) {
                char kept[8];
                size_t size = f->size / f->count;
                gnomon_status status;
                if (strcmp(BAD[j].kind, f->kind) != 0) continue;
                tried = 1;
                if (is_meant(owner, struct_name, f->name, BAD[j].value)) continue;
                memcpy(kept, at, size);
                memcpy(at, BAD[j].bytes, size);
                status = call(subject);
                memcpy(at, kept, size);
                checks++;
                if (status >= 0 || gnomon_last_error()[0] == '\0') {
                    failures++;
                    fprintf(stderr, "%s.%s[%d] = %s (of %s): %s, \"%s\"\n", struct_name, f->name, (int)k,
                            BAD[j].value, owner, gnomon_status_name(status), gnomon_last_error());
                }
            }
        }
        CHECK(tried);
    }
    CHECK(known);
}

/* The scene holds what it held, and still works. */
static void unharmed(const char *after) {
    gnomon_snapshot *now = NULL;
    gnomon_scene_info info;
    GNOMON_INIT(gnomon_scene_info, &info);
    WORKS(gnomon_scene_publish(scene, &now));
    WORKS(gnomon_snapshot_info(now, &info));
    checks++;
    if (info.objects != 1 || info.frames != 4) {
        failures++;
        fprintf(stderr, "after %s the scene has %d objects of %d frames, expected 1 of 4\n", after, (int)info.objects,
                (int)info.frames);
    }
    gnomon_snapshot_free(now);
}

/* A frame with everything a frame may have, and a detection with everything a detection may have. */
typedef struct everything {
    gnomon_frame frame;
    gnomon_detection detection;
} everything;

static uint8_t colour[ROOM_WIDTH * ROOM_HEIGHT * 3];
static uint8_t mask[40 * 40];
static float feature[3] = {1, 2, 3};

static void fill_everything(everything *e) {
    room_frame(&e->frame, depth, 100);
    e->frame.colour.data = colour;
    e->frame.colour.len = sizeof colour;
    e->frame.colour.width = ROOM_WIDTH;
    e->frame.colour.height = ROOM_HEIGHT;
    e->frame.colour.format = GNOMON_PIXEL_RGB8;
    e->frame.depth_intrinsics = e->frame.intrinsics;
    room_detection(&e->detection);
    e->detection.mask = mask;
    e->detection.mask_len = sizeof mask;
    e->detection.mask_x = 60;
    e->detection.mask_y = 40;
    e->detection.mask_width = e->detection.mask_height = 40;
    e->detection.feature = feature;
    e->detection.feature_len = 3;
}

static gnomon_status try_integrate(void *subject) {
    everything *e = (everything *)subject;
    return gnomon_scene_integrate(scene, &e->frame, &e->detection, sizeof e->detection, 1, NULL);
}

/* One byte less than each format's rows take, a stride shorter than a row, and sides that halve no pixel. */
static void pictures_that_do_not_fit(everything *e) {
    static uint8_t bytes[(ROOM_WIDTH * 4 + 3) * ROOM_HEIGHT];
    size_t i;
    for (i = 0; i < COLOUR_FORMATS_LEN; i++) {
        const colour_format *format = &COLOUR_FORMATS[i];
        fill_everything(e);
        use_format(&e->frame, format, bytes, i % 2 ? 3 : 0);
        e->frame.colour.len--;
        REFUSED(GNOMON_E_ARGUMENT, try_integrate(e));
        use_format(&e->frame, format, bytes, 0);
        e->frame.colour.stride = ROOM_WIDTH / 2 * format->bytes_of_two - 1;
        REFUSED(GNOMON_E_ARGUMENT, try_integrate(e));
        use_format(&e->frame, format, bytes, 0);
        e->frame.colour.width = ROOM_WIDTH - 1;
        REFUSED(GNOMON_E_ARGUMENT, try_integrate(e));
        CHECK((strstr(gnomon_last_error(), "even width") != NULL) == format->even_width);
        use_format(&e->frame, format, bytes, 0);
        e->frame.colour.height = ROOM_HEIGHT - 1;
        REFUSED(GNOMON_E_ARGUMENT, try_integrate(e));
        CHECK((strstr(gnomon_last_error(), "even height") != NULL) == format->even_height);
    }
    fill_everything(e);
    e->frame.colour.format = GNOMON_PIXEL_DEPTH_U16;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(e));
    fill_everything(e);
    e->frame.depth.format = GNOMON_PIXEL_MONO16;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(e));
}

/* Every number of every lens, and coefficients of another model. */
static void lenses_that_are_none(everything *e) {
    int32_t model;
    for (model = GNOMON_LENS_PLUMB_BOB; model <= GNOMON_LENS_EQUIDISTANT; model++) {
        fill_everything(e);
        e->frame.intrinsics.model = e->frame.depth_intrinsics.model = model;
        spoil("gnomon_intrinsics", "intrinsics", &e->frame.intrinsics, e, try_integrate);
        spoil("gnomon_intrinsics", "depth_intrinsics", &e->frame.depth_intrinsics, e, try_integrate);
    }
    fill_everything(e);
    e->frame.intrinsics.k4 = 0.1;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(e));
    fill_everything(e);
    e->frame.depth_intrinsics.model = GNOMON_LENS_EQUIDISTANT;
    e->frame.depth_intrinsics.p1 = 0.001;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(e));
    CHECK(strstr(gnomon_last_error(), "depth_intrinsics") != NULL && strstr(gnomon_last_error(), "equidistant") != NULL);
}

static void row_gnomon_scene_integrate(void) {
    everything e;
    gnomon_frame_report report;
    gnomon_detection *many = calloc(4097, sizeof *many);
    static char name[65537];
    size_t i;
    fill_everything(&e);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_integrate(NULL, &e.frame, NULL, 0, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_integrate(scene, NULL, NULL, 0, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_integrate(scene, &e.frame, NULL, sizeof e.detection, 1, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_integrate(scene, &e.frame, many, sizeof *many, 4097, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_integrate(scene, &e.frame, &e.detection, sizeof e.detection, SIZE_MAX, NULL));
    REFUSED(GNOMON_E_ABI, gnomon_scene_integrate(scene, &e.frame, &e.detection, 0, 1, NULL));
    REFUSED(GNOMON_E_ABI, gnomon_scene_integrate(scene, &e.frame, &e.detection, SIZE_MAX, 1, NULL));
    memset(&report, 0, sizeof report);
    REFUSED(GNOMON_E_ABI, gnomon_scene_integrate(scene, &e.frame, NULL, 0, 0, &report));
    GNOMON_INIT(gnomon_frame_report, &report);
    report.frame = 77;
    report.abi_version++;
    REFUSED(GNOMON_E_ABI, gnomon_scene_integrate(scene, &e.frame, NULL, 0, 0, &report));
    CHECK(report.frame == 77);

    spoil("gnomon_frame", "gnomon_frame", &e.frame, &e, try_integrate);
    pictures_that_do_not_fit(&e);
    lenses_that_are_none(&e);
    fill_everything(&e);
    e.frame.depth.format = GNOMON_PIXEL_DEPTH_F32_M; /* half the bytes that are needed */
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(&e));
    fill_everything(&e);
    e.frame.depth.stride = ROOM_WIDTH * 2 - 1;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(&e));
    fill_everything(&e);
    e.frame.depth.data = NULL;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(&e));
    fill_everything(&e);
    e.frame.colour.data = NULL;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(&e));
    fill_everything(&e);
    e.frame.stamp_ns = 1;
    REFUSED(GNOMON_E_STATE, try_integrate(&e));

    fill_everything(&e);
    spoil("gnomon_detection", "gnomon_detection", &e.detection, &e, try_integrate);
    for (i = 0; i < sizeof name; i++) name[i] = 'a';
    e.detection.label.data = name;
    e.detection.label.len = sizeof name;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(&e));
    e.detection.label = str("cr\xff" "te");
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(&e));
    e.detection.label = str("crate");
    feature[1] = f32_nan;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(&e));
    feature[1] = 2;
    e.detection.feature = (const float *)(const void *)((const char *)feature + 1);
    e.detection.feature_len = 1;
    REFUSED(GNOMON_E_ARGUMENT, try_integrate(&e));
    free(many);
}

static gnomon_status try_options(void *subject) {
    gnomon_scene *out = (gnomon_scene *)&scene;
    gnomon_status status = gnomon_scene_new((gnomon_scene_options *)subject, &out);
    CHECK(out == NULL);
    gnomon_scene_free(out);
    return status;
}

static void row_gnomon_scene_new(void) {
    gnomon_scene_options options;
    gnomon_str labels[2];
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_new(NULL, NULL));
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_options(&options));
    GNOMON_INIT(gnomon_scene_options, &options);
    options.up = GNOMON_UP_VECTOR;
    spoil("gnomon_scene_options", "gnomon_scene_options", &options, &options, try_options);
    labels[0] = str("cat");
    labels[1] = str("");
    options.movable_labels = labels;
    options.movable_labels_len = 2;
    REFUSED(GNOMON_E_ARGUMENT, try_options(&options));
    labels[1] = str("\xc3\x28");
    REFUSED(GNOMON_E_ARGUMENT, try_options(&options));
    labels[1].data = NULL;
    REFUSED(GNOMON_E_ARGUMENT, try_options(&options));
    memset(options.up_vector, 0, sizeof options.up_vector);
    options.movable_labels_len = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_options(&options));
}

/* Inits take NULL and sizes that are none, and never write past the size. */
#define ROW_INIT(type)                                                              \
    static void row_##type##_init(void) {                                           \
        type whole;                                                                 \
        type##_init(NULL, sizeof whole);                                            \
        memset(&whole, 0x5A, sizeof whole);                                         \
        type##_init(&whole, 0);                                                     \
        type##_init(&whole, 7);                                                     \
        type##_init(&whole, SIZE_MAX);                                              \
        CHECK(((unsigned char *)&whole)[0] == 0x5A);                                \
        type##_init(&whole, 9);                                                     \
        CHECK(whole.struct_size == 9 && ((unsigned char *)&whole)[9] == 0x5A);      \
        GNOMON_INIT(type, &whole);                                                  \
        CHECK(whole.struct_size == sizeof whole && whole.abi_version == GNOMON_ABI_VERSION); \
    }
ROW_INIT(gnomon_scene_options)
ROW_INIT(gnomon_frame)
ROW_INIT(gnomon_frame_report)
ROW_INIT(gnomon_scene_info)
ROW_INIT(gnomon_provenance)
ROW_INIT(gnomon_diff_options)
ROW_INIT(gnomon_diff_facts)
ROW_INIT(gnomon_recording_facts)
ROW_INIT(gnomon_replay_facts)
ROW_INIT(gnomon_select_options)
ROW_INIT(gnomon_selection_facts)
ROW_INIT(gnomon_album_options)
ROW_INIT(gnomon_converse_options)
ROW_INIT(gnomon_keeper_options)
ROW_INIT(gnomon_said_facts)
ROW_INIT(gnomon_keeper_facts)
ROW_INIT(gnomon_gauge)
ROW_INIT(gnomon_layout_facts)
ROW_INIT(gnomon_graph_options)
ROW_INIT(gnomon_graph_report)
ROW_INIT(gnomon_network_options)
ROW_INIT(gnomon_run_options)
ROW_INIT(gnomon_network_facts)
ROW_INIT(gnomon_vlm_options)
ROW_INIT(gnomon_vlm_facts)
ROW_INIT(gnomon_vlm_request)
ROW_INIT(gnomon_reply_facts)
ROW_INIT(gnomon_model_memory)
ROW_INIT(gnomon_detect_options)
ROW_INIT(gnomon_depth_facts)

static void row_gnomon_scene_free(void) { gnomon_scene_free(NULL); }

static void row_gnomon_snapshot_free(void) { gnomon_snapshot_free(NULL); }

static void row_gnomon_scene_publish(void) {
    gnomon_snapshot *out = (gnomon_snapshot *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_publish(NULL, &out));
    CHECK(out == NULL);
    WORKS(gnomon_scene_publish(scene, NULL));
}

static void row_gnomon_scene_stage_times(void) {
    gnomon_stage_time times[7];
    size_t n = 6;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_stage_times(NULL, times, sizeof *times, &n));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_stage_times(scene, times, sizeof *times, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_stage_times(scene, times, sizeof *times, &n));
    n = 7;
    REFUSED(GNOMON_E_ABI, gnomon_scene_stage_times(scene, times, 8, &n));
    REFUSED(GNOMON_E_ABI, gnomon_scene_stage_times(scene, times, SIZE_MAX, &n));
    WORKS(gnomon_scene_stage_times(scene, times, sizeof *times, &n));
}

static void row_gnomon_scene_snapshot(void) {
    gnomon_snapshot *out = (gnomon_snapshot *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_snapshot(NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_snapshot(scene, NULL));
}

static gnomon_status try_pose(void *subject) {
    return gnomon_scene_update_poses(scene, (gnomon_keyframe_pose *)subject, sizeof(gnomon_keyframe_pose), 1);
}

static void row_gnomon_scene_update_poses(void) {
    gnomon_keyframe_pose pose;
    memset(&pose, 0, sizeof pose);
    level_camera(pose.world_from_camera, 0);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_update_poses(NULL, &pose, sizeof pose, 1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_update_poses(scene, NULL, sizeof pose, 1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_update_poses(scene, &pose, sizeof pose, SIZE_MAX));
    REFUSED(GNOMON_E_ABI, gnomon_scene_update_poses(scene, &pose, 0, 1));
    REFUSED(GNOMON_E_ABI, gnomon_scene_update_poses(scene, &pose, SIZE_MAX, 1));
    WORKS(gnomon_scene_update_poses(scene, NULL, 0, 0));
    spoil("gnomon_keyframe_pose", "gnomon_keyframe_pose", &pose, &pose, try_pose);
}

static gnomon_status try_gap(void *subject) {
    static const gnomon_box other = {{0, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}};
    double out = 7;
    gnomon_status status = gnomon_box_gap(&other, (gnomon_box *)subject, &out);
    CHECK(out == 7);
    return status;
}

static gnomon_status try_gap_first(void *subject) {
    static const gnomon_box other = {{0, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}};
    double out = 7;
    gnomon_status status = gnomon_box_gap((gnomon_box *)subject, &other, &out);
    CHECK(out == 7);
    return status;
}

static gnomon_status try_iou_first(void *subject) {
    static const gnomon_box other = {{0, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}};
    double out = 7;
    gnomon_status status = gnomon_box_iou((gnomon_box *)subject, &other, &out);
    CHECK(out == 7);
    return status;
}

static gnomon_status try_iou(void *subject) {
    static const gnomon_box other = {{0, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}};
    double out = 7;
    gnomon_status status = gnomon_box_iou((gnomon_box *)subject, &other, &out);
    CHECK(out == 7);
    return status;
}

static void row_gnomon_box_gap(void) {
    gnomon_box box = {{2, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}};
    double out = 0;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_box_gap(NULL, &box, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_box_gap(&box, NULL, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_box_gap(&box, &box, NULL));
    spoil("gnomon_box", "gnomon_box", &box, &box, try_gap);
    spoil("gnomon_box", "gnomon_box", &box, &box, try_gap_first);
    box.size[1] = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_gap(&box));
}

static void row_gnomon_box_iou(void) {
    gnomon_box box = {{2, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}};
    double out = 0;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_box_iou(NULL, &box, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_box_iou(&box, NULL, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_box_iou(&box, &box, NULL));
    spoil("gnomon_box", "gnomon_box", &box, &box, try_iou);
    spoil("gnomon_box", "gnomon_box", &box, &box, try_iou_first);
}

static void row_gnomon_snapshot_clone(void) {
    gnomon_snapshot *out = (gnomon_snapshot *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_clone(NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_clone(snapshot, NULL));
}

static void row_gnomon_snapshot_info(void) {
    gnomon_scene_info info;
    GNOMON_INIT(gnomon_scene_info, &info);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_info(NULL, &info));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_info(snapshot, NULL));
    memset(&info, 0, sizeof info);
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_info(snapshot, &info));
    info.struct_size = UINT32_MAX;
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_info(snapshot, &info));
}

/* The two-call idiom, abused: call(handle, out, size, n) with `least` elements there. */
#define ABUSE_LIST(type, least, call) ABUSE_LIST_OF(snapshot, type, least, call)
#define ABUSE_LIST_OF(handle, type, least, call)                            \
    do {                                                                    \
        type one;                                                           \
        size_t n = SIZE_MAX;                                                \
        memset(&one, 0x5A, sizeof one);                                     \
        REFUSED(GNOMON_E_ARGUMENT, call(NULL, &one, sizeof one, &n));       \
        REFUSED(GNOMON_E_ARGUMENT, call(handle, &one, sizeof one, NULL)); \
        REFUSED(GNOMON_E_ARGUMENT, call(handle, NULL, sizeof one, NULL)); \
        REFUSED(GNOMON_E_ABI, call(handle, &one, 0, &n));                 \
        REFUSED(GNOMON_E_ABI, call(handle, &one, sizeof one - 1, &n));    \
        REFUSED(GNOMON_E_ABI, call(handle, &one, SIZE_MAX, &n));          \
        CHECK(n == SIZE_MAX && ((unsigned char *)&one)[0] == 0x5A);         \
        n = 0;                                                              \
        if (least) REFUSED(GNOMON_E_ARGUMENT, call(handle, &one, sizeof one, &n)); \
        CHECK(n == 0 && ((unsigned char *)&one)[0] == 0x5A);                \
        WORKS(call(handle, NULL, 0, &n));                                 \
        CHECK((long)n >= (long)(least));                                    \
    } while (0)

static void row_gnomon_snapshot_objects(void) { ABUSE_LIST(gnomon_object, 1, gnomon_snapshot_objects); }

static void row_gnomon_snapshot_keyframes(void) { ABUSE_LIST(gnomon_keyframe, 1, gnomon_snapshot_keyframes); }

static void row_gnomon_snapshot_supports(void) { ABUSE_LIST(gnomon_support, 0, gnomon_snapshot_supports); }

static gnomon_status labels_of_crate(const gnomon_snapshot *s, gnomon_label *out, size_t size, size_t *n) {
    return gnomon_snapshot_labels(s, crate.id, out, size, n);
}

static void row_gnomon_snapshot_labels(void) {
    size_t n = 5;
    ABUSE_LIST(gnomon_label, 1, labels_of_crate);
    REFUSED(GNOMON_E_STATE, gnomon_snapshot_labels(snapshot, UINT64_MAX, NULL, 0, &n));
    CHECK(n == 5);
}

static gnomon_status all_events(const gnomon_snapshot *s, gnomon_event *out, size_t size, size_t *n) {
    return gnomon_snapshot_events(s, 0, out, size, n);
}

static void row_gnomon_snapshot_events(void) {
    size_t n = 5;
    ABUSE_LIST(gnomon_event, 1, all_events);
    WORKS(gnomon_snapshot_events(snapshot, UINT64_MAX, NULL, 0, &n));
    CHECK(n == 0);
}

static void row_gnomon_snapshot_polygon(void) {
    gnomon_point point;
    size_t n = 5;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_polygon(NULL, 0, &point, sizeof point, &n));
    REFUSED(GNOMON_E_STATE, gnomon_snapshot_polygon(snapshot, UINT32_MAX, NULL, 0, &n));
    REFUSED(GNOMON_E_STATE, gnomon_snapshot_polygon(snapshot, UINT32_MAX, &point, 0, NULL));
    CHECK(n == 5);
}

static void row_gnomon_snapshot_object(void) {
    gnomon_object object;
    memset(&object, 0x5A, sizeof object);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_object(NULL, crate.id, &object, sizeof object));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_object(snapshot, crate.id, NULL, sizeof object));
    REFUSED(GNOMON_E_STATE, gnomon_snapshot_object(snapshot, UINT64_MAX, &object, sizeof object));
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_object(snapshot, crate.id, &object, 0));
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_object(snapshot, crate.id, &object, SIZE_MAX));
    CHECK(((unsigned char *)&object)[0] == 0x5A);
}

static void row_gnomon_snapshot_object_named(void) {
    gnomon_object object;
    gnomon_str name = crate.name;
    memset(&object, 0x5A, sizeof object);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_object_named(NULL, name, &object, sizeof object));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_object_named(snapshot, name, NULL, sizeof object));
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_object_named(snapshot, name, &object, 0));
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_object_named(snapshot, name, &object, SIZE_MAX));
    name.len = 0;
    REFUSED(GNOMON_E_STATE, gnomon_snapshot_object_named(snapshot, name, &object, sizeof object));
    name.len = SIZE_MAX;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_object_named(snapshot, name, &object, sizeof object));
    name.len = 65537;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_object_named(snapshot, name, &object, sizeof object));
    name.data = NULL;
    name.len = 3;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_object_named(snapshot, name, &object, sizeof object));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_object_named(snapshot, str("\xff"), &object, sizeof object));
    REFUSED(GNOMON_E_STATE, gnomon_snapshot_object_named(snapshot, str("cupboard#1"), &object, sizeof object));
    CHECK(((unsigned char *)&object)[0] == 0x5A);
}

static void row_gnomon_snapshot_json(void) {
    gnomon_str out = {NULL, 7};
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_json(NULL, &out));
    CHECK(out.len == 7);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_json(snapshot, NULL));
}

ROW_INIT(gnomon_cogmap_options)
ROW_INIT(gnomon_cogmap_facts)

static gnomon_status try_observer(void *subject) {
    gnomon_cogmap *out = (gnomon_cogmap *)&scene;
    gnomon_status status = gnomon_cogmap_observer(snapshot, (gnomon_cogmap_options *)subject, &out);
    CHECK(status == GNOMON_OK || out == NULL);
    gnomon_cogmap_free(out);
    return status;
}

static void row_gnomon_cogmap_observer(void) {
    gnomon_cogmap_options options;
    gnomon_cogmap *out = (gnomon_cogmap *)&scene;
    uint64_t held[2];
    REFUSED(GNOMON_E_ARGUMENT, gnomon_cogmap_observer(NULL, NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_cogmap_observer(snapshot, NULL, NULL));
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_observer(&options));
    GNOMON_INIT(gnomon_cogmap_options, &options);
    options.observer = GNOMON_OBSERVER_FACING;
    options.standing_at = options.facing = crate.id;
    REFUSED(GNOMON_E_ARGUMENT, try_observer(&options)); /* the same place, and no fallback */
    options.fallback[0] = 1;
    options.scale = GNOMON_SCALE_HOLDING;
    held[0] = held[1] = crate.id;
    options.hold = held;
    options.hold_len = 2;
    WORKS(try_observer(&options));
    spoil("gnomon_cogmap_options", "gnomon_cogmap_options", &options, &options, try_observer);
    held[1] = UINT64_MAX;
    CHECK(try_observer(&options) < 0 && gnomon_last_error()[0] != '\0');
    GNOMON_INIT(gnomon_cogmap_options, &options);
    options.observer = GNOMON_OBSERVER_POSE; /* the default pose looks straight up */
    REFUSED(GNOMON_E_ARGUMENT, try_observer(&options));
    options.observer = GNOMON_OBSERVER_HEADING;
    WORKS(try_observer(&options));
    options.cell_m = 0.01;
    REFUSED(GNOMON_E_ARGUMENT, try_observer(&options));
}

static void row_gnomon_cogmap_free(void) { gnomon_cogmap_free(NULL); }

static void row_gnomon_cogmap_info(void) {
    gnomon_cogmap_facts facts;
    GNOMON_INIT(gnomon_cogmap_facts, &facts);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_cogmap_info(NULL, &facts));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_cogmap_info(map, NULL));
    memset(&facts, 0, sizeof facts);
    REFUSED(GNOMON_E_ABI, gnomon_cogmap_info(map, &facts));
}

static void row_gnomon_cogmap_cells(void) { ABUSE_LIST_OF(map, gnomon_cell, 100, gnomon_cogmap_cells); }

static void row_gnomon_cogmap_objects(void) { ABUSE_LIST_OF(map, gnomon_map_object, 1, gnomon_cogmap_objects); }

static void row_gnomon_cogmap_beyond(void) { ABUSE_LIST_OF(map, gnomon_map_beyond, 0, gnomon_cogmap_beyond); }

#define ROW_TEXT(function)                                \
    static void row_##function(void) {                    \
        gnomon_str out = {NULL, 7};                       \
        REFUSED(GNOMON_E_ARGUMENT, function(NULL, &out)); \
        CHECK(out.len == 7);                              \
        REFUSED(GNOMON_E_ARGUMENT, function(map, NULL));  \
    }
ROW_TEXT(gnomon_cogmap_text)
ROW_TEXT(gnomon_cogmap_json)
ROW_TEXT(gnomon_cogmap_ascii)
ROW_TEXT(gnomon_cogmap_svg)

static void row_gnomon_cogmap_png(void) {
    const uint8_t *data = NULL;
    size_t len = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_cogmap_png(NULL, &data, &len));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_cogmap_png(map, NULL, &len));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_cogmap_png(map, &data, NULL));
    CHECK(data == NULL && len == 7);
}

ROW_INIT(gnomon_ask_options)
ROW_INIT(gnomon_question)
ROW_INIT(gnomon_answer_facts)
ROW_INIT(gnomon_relation_options)
ROW_INIT(gnomon_chain_options)

/* A text that is longer than its bound, and one that is nowhere. */
static gnomon_str endless(void) {
    gnomon_str s = str("x");
    s.len = SIZE_MAX;
    return s;
}

static gnomon_str nowhere(void) {
    gnomon_str s = {NULL, 1};
    return s;
}

static gnomon_status try_ask(gnomon_str question, const gnomon_str *choices, size_t n,
                             const gnomon_ask_options *options) {
    gnomon_answer *out = (gnomon_answer *)&scene;
    gnomon_status status = gnomon_ask(snapshot, question, choices, n, options, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_answer_free(out);
    return status;
}

static gnomon_status try_ask_options(void *subject) {
    return try_ask(str("How many crates are there?"), NULL, 0, (gnomon_ask_options *)subject);
}

/* Ask options, and those of the relations that they point to. */
typedef struct both_options {
    gnomon_ask_options ask;
    gnomon_relation_options relations;
} both_options;

static gnomon_status try_thresholds(void *subject) {
    both_options *both = (both_options *)subject;
    both->ask.relations = &both->relations;
    return try_ask_options(&both->ask);
}

/* Thresholds are checked whoever asks; where the observer stands is not looked at. */
static void abuse_thresholds(void) {
    both_options both;
    double *const bounds[] = {&both.relations.side_overlap,   &both.relations.on_gap_m,   &both.relations.height_slack_m,
                              &both.relations.inside_slack_m, &both.relations.touching_m, &both.relations.near_m,
                              &both.relations.larger_ratio,   &both.relations.taller_m,   &both.relations.facing_rad};
    const double bad[] = {f64_nan, f64_inf, f64_minus_inf, f64_huge, f64_minus_huge};
    size_t i, j;
    memset(&both, 0, sizeof both);
    GNOMON_INIT(gnomon_ask_options, &both.ask);
    REFUSED(GNOMON_E_ABI, try_thresholds(&both));
    GNOMON_INIT(gnomon_relation_options, &both.relations);
    both.relations.observer = 99;
    both.relations.heading_rad = f64_nan;
    both.relations.standing_at = UINT64_MAX;
    WORKS(try_thresholds(&both));
    for (i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        double kept = *bounds[i];
        for (j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            *bounds[i] = bad[j];
            REFUSED(GNOMON_E_ARGUMENT, try_thresholds(&both));
        }
        *bounds[i] = kept;
    }
    both.relations.front = 99;
    REFUSED(GNOMON_E_ARGUMENT, try_thresholds(&both));
    both.relations.front = GNOMON_AXIS_MINUS_Y;
    both.relations.abi_version++;
    REFUSED(GNOMON_E_ABI, try_thresholds(&both));
}

/* Options with everything they may have. */
static void abuse_ask_options(attempt call) {
    gnomon_ask_options options;
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, call(&options));
    GNOMON_INIT(gnomon_ask_options, &options);
    options.has_view = 1;
    level_camera(options.view_world_from_camera, 0);
    options.view_intrinsics.width = ROOM_WIDTH;
    options.view_intrinsics.height = ROOM_HEIGHT;
    options.view_intrinsics.fx = options.view_intrinsics.fy = 150;
    options.view_intrinsics.cx = ROOM_WIDTH / 2;
    options.view_intrinsics.cy = ROOM_HEIGHT / 2;
    WORKS(call(&options));
    spoil("gnomon_ask_options", "gnomon_ask_options", &options, &options, call);
}

static void row_gnomon_ask(void) {
    static char long_text[16385];
    gnomon_answer *out = (gnomon_answer *)&scene;
    gnomon_str choices[65];
    size_t n;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_ask(NULL, str("How many crates are there?"), NULL, 0, NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_ask(snapshot, str("How many crates are there?"), NULL, 0, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_ask(nowhere(), NULL, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_ask(endless(), NULL, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_ask(str(NOT_UTF8), NULL, 0, NULL));
    memset(long_text, 'a', sizeof long_text - 1);
    WORKS(try_ask(str(long_text), NULL, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_ask(str(long_text), choices, SIZE_MAX, NULL));
    for (n = 0; n < 65; n++) choices[n] = str("crate");
    REFUSED(GNOMON_E_ARGUMENT, try_ask(str("Which is the widest?"), choices, 65, NULL));
    WORKS(try_ask(str("Which is the widest?"), choices, 64, NULL));
    choices[0] = str(long_text);
    REFUSED(GNOMON_E_ARGUMENT, try_ask(str(long_text), choices, 1, NULL));
    WORKS(try_ask(str(""), NULL, 0, NULL)); /* not understood is an answer */
    choices[0] = str("A. 1");
    choices[1] = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_ask(str("How many crates are there?"), choices, 2, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_ask(str("How many crates are there?"), NULL, 2, NULL));
    abuse_ask_options(try_ask_options);
    abuse_thresholds();
}

static gnomon_status try_check(gnomon_str statement, const gnomon_ask_options *options) {
    gnomon_judgements *out = (gnomon_judgements *)&scene;
    gnomon_status status = gnomon_check(snapshot, statement, options, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_judgements_free(out);
    return status;
}

static gnomon_status try_check_options(void *subject) {
    return try_check(str("There is one crate."), (gnomon_ask_options *)subject);
}

static void row_gnomon_check(void) {
    static char long_text[16386], many[257 * 10 + 1];
    gnomon_ask_options options;
    gnomon_judgements *out = (gnomon_judgements *)&scene;
    size_t i;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_check(NULL, str("There is one crate."), NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_check(snapshot, str("There is one crate."), NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_check(nowhere(), NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_check(endless(), NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_check(str(NOT_UTF8), NULL));
    WORKS(try_check(str(""), NULL));
    memset(long_text, 'a', sizeof long_text - 1);
    REFUSED(GNOMON_E_ARGUMENT, try_check(str(long_text), NULL));
    long_text[sizeof long_text - 2] = '\0';
    WORKS(try_check(str(long_text), NULL));
    for (i = 0; i < 257; i++) memcpy(many + 10 * i, "So it is. ", 10);
    REFUSED(GNOMON_E_ARGUMENT, try_check(str(many), NULL));
    abuse_ask_options(try_check_options);
    GNOMON_INIT(gnomon_ask_options, &options);
    WORKS(try_check(str("There is one crate."), &options));
    options.agree_from = 1.5;
    REFUSED(GNOMON_E_ARGUMENT, try_check(str("There is one crate."), &options));
}

static void row_gnomon_judgements_free(void) { gnomon_judgements_free(NULL); }

static void row_gnomon_judgements_json(void) {
    gnomon_str out = {NULL, 7};
    REFUSED(GNOMON_E_ARGUMENT, gnomon_judgements_json(NULL, &out));
    CHECK(out.len == 7);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_judgements_json(judgements, NULL));
}

static gnomon_status try_typed(void *subject) {
    gnomon_answer *out = (gnomon_answer *)&scene;
    gnomon_status status = gnomon_ask_typed(snapshot, (gnomon_question *)subject, NULL, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_answer_free(out);
    return status;
}

static gnomon_status try_typed_options(void *subject) {
    gnomon_question question;
    gnomon_answer *out = (gnomon_answer *)&scene;
    gnomon_str thing = str("crate");
    gnomon_status status;
    GNOMON_INIT(gnomon_question, &question);
    question.things = &thing;
    question.things_len = 1;
    status = gnomon_ask_typed(snapshot, &question, (gnomon_ask_options *)subject, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_answer_free(out);
    return status;
}

static void row_gnomon_ask_typed(void) {
    gnomon_question question;
    gnomon_answer *out = (gnomon_answer *)&scene;
    gnomon_str things[65], options[65];
    double given_m[65] = {1, 1};
    int32_t steps[4] = {GNOMON_STEP_BLANK, GNOMON_STEP_GO_TO, GNOMON_STEP_LEFT, GNOMON_STEP_GO_TO}, ask;
    size_t n;
    for (n = 0; n < 65; n++) things[n] = str("crate");
    GNOMON_INIT(gnomon_question, &question);
    question.things = things;
    question.things_len = 1;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_ask_typed(NULL, &question, NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_ask_typed(snapshot, NULL, NULL, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_ask_typed(snapshot, &question, NULL, NULL));
    WORKS(try_typed(&question));
    abuse_ask_options(try_typed_options);
    memset(&question, 0, sizeof question);
    REFUSED(GNOMON_E_ABI, try_typed(&question));

    /* Everything a question may have. */
    GNOMON_INIT(gnomon_question, &question);
    question.ask = GNOMON_ASK_LENGTH_GIVEN;
    question.inverse = 1;
    question.observer = GNOMON_OBSERVER_FACING;
    question.standing_at = question.facing = str("crate");
    question.things = things;
    question.things_len = 4;
    question.given_m = given_m;
    question.given_len = 2;
    question.steps = steps;
    question.steps_len = 4;
    options[0] = str("1");
    options[1] = str("2");
    question.options = options;
    question.options_len = 2;
    WORKS(try_typed(&question));
    spoil("gnomon_question", "gnomon_question", &question, &question, try_typed);
    question.standing_at = str(" ");
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    question.standing_at = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    question.standing_at = str("crate");
    things[1] = str("");
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    things[1] = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    things[1] = endless();
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    things[1] = str("crate");
    options[1] = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    options[1] = str("2");
    question.options_len = 65;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    question.options_len = 2;
    given_m[1] = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    given_m[1] = NAN;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    given_m[1] = 1;
    question.given_len = 4;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    question.given_len = 2;
    question.measure = GNOMON_MEASURE_VOLUME;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    question.measure = GNOMON_MEASURE_HEIGHT;
    question.observer = GNOMON_OBSERVER_POSE;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    question.observer = GNOMON_OBSERVER_FACING;
    question.things_len = 65;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    question.ask = GNOMON_ASK_FIRST_SEEN;
    question.things_len = 64;
    WORKS(try_typed(&question));
    question.ask = GNOMON_ASK_ROUTE;
    question.things_len = 4;
    WORKS(try_typed(&question));
    steps[1] = GNOMON_STEP_BLANK; /* two blanks, one of them for nothing; and a thing that nobody goes to */
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    question.things_len = 3;
    WORKS(try_typed(&question));
    steps[1] = -1;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
    steps[1] = GNOMON_STEP_GO_TO;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question)); /* more goals than things */

    /* Every question with every number of things up to five: answered or refused, never worse. */
    question.steps_len = 0;
    for (ask = GNOMON_ASK_COUNT; ask <= GNOMON_ASK_ROUTE; ask++) {
        int answered = 0;
        question.ask = ask;
        for (n = 0; n <= 5; n++) {
            gnomon_status status;
            question.things_len = n;
            status = try_typed(&question);
            CHECK(status == GNOMON_OK || status == GNOMON_E_ARGUMENT);
            answered += status == GNOMON_OK;
        }
        CHECK(answered >= 1 && answered < 6);
    }
    question.ask = GNOMON_ASK_ROUTE + 1;
    REFUSED(GNOMON_E_ARGUMENT, try_typed(&question));
}

static void row_gnomon_answer_free(void) { gnomon_answer_free(NULL); }

static void row_gnomon_answer_info(void) {
    gnomon_answer_facts facts;
    GNOMON_INIT(gnomon_answer_facts, &facts);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_answer_info(NULL, &facts));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_answer_info(answer, NULL));
    memset(&facts, 0, sizeof facts);
    REFUSED(GNOMON_E_ABI, gnomon_answer_info(answer, &facts));
}

static void row_gnomon_judgements_list(void) {
    ABUSE_LIST_OF(judgements, gnomon_judgement, 1, gnomon_judgements_list);
}

static void row_gnomon_answer_evidence(void) { ABUSE_LIST_OF(answer, gnomon_evidence, 1, gnomon_answer_evidence); }

#define ROW_ANSWER_TEXT(function)                          \
    static void row_##function(void) {                     \
        gnomon_str out = {NULL, 7};                        \
        REFUSED(GNOMON_E_ARGUMENT, function(NULL, &out));  \
        CHECK(out.len == 7);                               \
        REFUSED(GNOMON_E_ARGUMENT, function(answer, NULL)); \
    }
ROW_ANSWER_TEXT(gnomon_answer_text)
ROW_ANSWER_TEXT(gnomon_answer_short)
ROW_ANSWER_TEXT(gnomon_answer_json)

static size_t count_endless(void *user, gnomon_str piece) {
    (void)piece;
    return *(size_t *)user;
}

static gnomon_status try_text(gnomon_str question, size_t budget, gnomon_count_fn count, void *user) {
    gnomon_text *out = (gnomon_text *)&scene;
    gnomon_status status = gnomon_scene_text(snapshot, question, budget, count, user, NULL, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_text_free(out);
    return status;
}

static gnomon_status try_text_options(void *subject) {
    gnomon_text *out = (gnomon_text *)&scene;
    gnomon_status status = gnomon_scene_text(snapshot, str("How many crates are there?"), 1000, NULL, NULL,
                                             (gnomon_ask_options *)subject, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_text_free(out);
    return status;
}

static void row_gnomon_scene_text(void) {
    gnomon_text *out = (gnomon_text *)&scene;
    size_t cost = SIZE_MAX;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_text(NULL, str(""), 1000, NULL, NULL, NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_text(snapshot, str(""), 1000, NULL, NULL, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_text(str(""), 0, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_text(str(""), 1000, count_endless, &cost));
    cost = 0;
    WORKS(try_text(str(""), 1, count_endless, &cost));
    WORKS(try_text(str(""), SIZE_MAX, NULL, NULL));
    WORKS(try_text(str("what is the meaning of this"), 1000, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_text(nowhere(), 1000, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_text(endless(), 1000, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_text(str(NOT_UTF8), 1000, NULL, NULL));
    abuse_ask_options(try_text_options);
}

static void row_gnomon_text_free(void) { gnomon_text_free(NULL); }

static void row_gnomon_text_view(void) {
    gnomon_str out = {NULL, 7};
    REFUSED(GNOMON_E_ARGUMENT, gnomon_text_view(NULL, &out));
    CHECK(out.len == 7);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_text_view(text, NULL));
}

static gnomon_status try_relation(void *subject) {
    gnomon_relation out = {7, 7, 7};
    gnomon_status status = gnomon_relation_of(pair, GNOMON_RELATION_LEFT, pair_things[0].id, pair_things[1].id, 0,
                                              (gnomon_relation_options *)subject, &out, sizeof out);
    CHECK(status == GNOMON_OK || out.holds == 7);
    return status;
}

static void row_gnomon_relation_of(void) {
    gnomon_relation_options options;
    gnomon_relation out;
    uint64_t a = pair_things[0].id, b = pair_things[1].id;
    int32_t kind;
    memset(&out, 0x5A, sizeof out);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_relation_of(NULL, GNOMON_RELATION_NEAR, a, b, 0, NULL, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_relation_of(pair, GNOMON_RELATION_NEAR, a, b, 0, NULL, NULL, sizeof out));
    REFUSED(GNOMON_E_ABI, gnomon_relation_of(pair, GNOMON_RELATION_NEAR, a, b, 0, NULL, &out, 0));
    REFUSED(GNOMON_E_ABI, gnomon_relation_of(pair, GNOMON_RELATION_NEAR, a, b, 0, NULL, &out, sizeof out - 1));
    REFUSED(GNOMON_E_ABI, gnomon_relation_of(pair, GNOMON_RELATION_NEAR, a, b, 0, NULL, &out, SIZE_MAX));
    REFUSED(GNOMON_E_STATE, gnomon_relation_of(pair, GNOMON_RELATION_NEAR, UINT64_MAX, b, 0, NULL, &out, sizeof out));
    REFUSED(GNOMON_E_STATE, gnomon_relation_of(pair, GNOMON_RELATION_NEAR, a, UINT64_MAX, 0, NULL, &out, sizeof out));
    REFUSED(GNOMON_E_STATE,
            gnomon_relation_of(pair, GNOMON_RELATION_BETWEEN, a, b, UINT64_MAX, NULL, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_relation_of(pair, GNOMON_RELATION_BETWEEN, a, b, b, NULL, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_relation_of(pair, GNOMON_RELATION_NEAR, a, a, 0, NULL, &out, sizeof out));
    for (kind = -1; kind <= GNOMON_RELATION_FACING + 1; kind += GNOMON_RELATION_FACING + 2)
        REFUSED(GNOMON_E_ARGUMENT, gnomon_relation_of(pair, kind, a, b, 0, NULL, &out, sizeof out));
    CHECK(((unsigned char *)&out)[0] == 0x5A);
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_relation(&options));
    GNOMON_INIT(gnomon_relation_options, &options);
    WORKS(try_relation(&options));
    options.observer = GNOMON_OBSERVER_FACING;
    options.standing_at = a;
    options.facing = b;
    WORKS(try_relation(&options));
    spoil("gnomon_relation_options", "gnomon_relation_options", &options, &options, try_relation);
    options.observer = GNOMON_OBSERVER_POSE; /* the default pose looks straight up */
    REFUSED(GNOMON_E_ARGUMENT, try_relation(&options));
}

static gnomon_status try_chain(void *subject) {
    gnomon_chain *out = (gnomon_chain *)&scene;
    gnomon_status status = gnomon_chain_new((gnomon_chain_options *)subject, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_chain_free(out);
    return status;
}

static void row_gnomon_chain_new(void) {
    gnomon_chain_options options;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_chain_new(NULL, NULL));
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_chain(&options));
    GNOMON_INIT(gnomon_chain_options, &options);
    WORKS(try_chain(&options));
    spoil("gnomon_chain_options", "gnomon_chain_options", &options, &options, try_chain);
    options.least_bound_m = 2 * options.most_bound_m;
    REFUSED(GNOMON_E_ARGUMENT, try_chain(&options));
}

static void row_gnomon_chain_free(void) { gnomon_chain_free(NULL); }

static void row_gnomon_chain_update(void) {
    size_t changed = 7, lines = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_chain_update(NULL, snapshot, &changed, &lines));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_chain_update(chain, NULL, &changed, &lines));
    CHECK(changed == 7 && lines == 7);
    WORKS(gnomon_chain_update(chain, snapshot, NULL, NULL));
}

static void row_gnomon_chain_text(void) {
    gnomon_text *out = (gnomon_text *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_chain_text(NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_chain_text(chain, NULL));
}

/* A text argument, abused: `call` uses `bad`. */
#define ABUSE_TEXT(call)                        \
    do {                                        \
        gnomon_str bad = nowhere();             \
        REFUSED(GNOMON_E_ARGUMENT, call);       \
        bad = endless();                        \
        REFUSED(GNOMON_E_ARGUMENT, call);       \
        bad = str(NOT_UTF8);                    \
        REFUSED(GNOMON_E_ARGUMENT, call);       \
        CHECK(out == 7);                        \
    } while (0)

/* A path, abused: `call` uses `bad`. That nothing is where it leads is another matter. */
#define ABUSE_PATH(call)                                \
    do {                                                \
        gnomon_str bad = str(NOT_UTF8);                 \
        REFUSED(GNOMON_E_ARGUMENT, call);               \
        bad = nowhere();                                \
        REFUSED(GNOMON_E_ARGUMENT, call);               \
        bad = endless();                                \
        REFUSED(GNOMON_E_ARGUMENT, call);               \
        bad = str("");                                  \
        REFUSED(GNOMON_E_ARGUMENT, call);               \
        bad = str("/nowhere/at/all");                   \
        REFUSED(GNOMON_E_IO, call);                     \
        bad.len = 3;                                    \
        bad.data = "a\0b";                              \
        REFUSED(GNOMON_E_IO, call);                     \
    } while (0)

static void write_file(const char *text) {
    FILE *out = fopen(file_of(file, "abuse").data, "w");
    CHECK(out != NULL && fputs(text, out) >= 0);
    CHECK(out != NULL && fclose(out) == 0);
}

/* What stands in the file, to its first 64 KiB; ends with 0. */
static const char *text_of_file(void) {
    static char text[65536];
    FILE *in = fopen(file, "r");
    size_t n = in ? fread(text, 1, sizeof text - 1, in) : 0;
    text[n] = 0;
    if (in) (void)fclose(in);
    return text;
}

static void row_gnomon_snapshot_save(void) {
    uint64_t bytes = 7;
    ABUSE_PATH(gnomon_snapshot_save(snapshot, NULL, bad, &bytes));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_save(NULL, NULL, file_of(file, "abuse"), &bytes));
    REFUSED(GNOMON_E_IO, gnomon_snapshot_save(snapshot, NULL, str("tests"), &bytes));
    CHECK(bytes == 7);
    write_file("what was there");
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_save(NULL, chain, str(file), NULL));
    CHECK(strcmp(text_of_file(), "what was there") == 0);
    WORKS(gnomon_snapshot_save(snapshot, chain, str(file), NULL));
}

static gnomon_status try_load(gnomon_str path) {
    gnomon_snapshot *out = (gnomon_snapshot *)&scene;
    gnomon_status status = gnomon_snapshot_load(path, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_snapshot_free(out);
    return status;
}

static gnomon_status try_chain_load(gnomon_str path) {
    gnomon_chain *out = (gnomon_chain *)&scene;
    gnomon_status status = gnomon_chain_load(path, NULL, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_chain_free(out);
    return status;
}

/* Files that are no saved scenes, or were once. */
static void files_that_are_no_scenes(gnomon_status (*load)(gnomon_str path)) {
    static char whole[65536];
    char *newer;
    write_file("");
    REFUSED(GNOMON_E_IO, load(str(file)));
    write_file("[[[[[[[[[[[[[[[[[[[[");
    REFUSED(GNOMON_E_IO, load(str(file)));
    write_file("{\"format\":\"gnomon.scene\",\"version\":1}");
    REFUSED(GNOMON_E_IO, load(str(file)));
    write_file(NOT_UTF8);
    REFUSED(GNOMON_E_IO, load(str(file)));
    CHECK(strstr(gnomon_last_error(), file) != NULL);
    WORKS(gnomon_snapshot_save(snapshot, chain, str(file), NULL));
    WORKS(load(str(file)));
    memcpy(whole, text_of_file(), sizeof whole);
    whole[strlen(whole) / 2] = 0;
    write_file(whole);
    REFUSED(GNOMON_E_IO, load(str(file)));
    WORKS(gnomon_snapshot_save(snapshot, chain, str(file), NULL));
    memcpy(whole, text_of_file(), sizeof whole);
    newer = strstr(whole, "\"version\":1");
    CHECK(newer != NULL);
    if (newer) newer[10] = '9';
    write_file(whole);
    REFUSED(GNOMON_E_UNSUPPORTED, load(str(file)));
    if (newer) newer[10] = '1';
    newer = strstr(whole, "crate#1");
    CHECK(newer != NULL);
    if (newer) newer[0] = 'C';
    write_file(whole);
    REFUSED(GNOMON_E_IO, load(str(file)));
    CHECK(strstr(gnomon_last_error(), "altered") != NULL);
    REFUSED(GNOMON_E_IO, load(str("tests")));
}

static void row_gnomon_snapshot_load(void) {
    ABUSE_PATH(try_load(bad));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_load(str(file), NULL));
    files_that_are_no_scenes(try_load);
}

static gnomon_status try_chain_load_options(void *subject) {
    gnomon_chain *out = (gnomon_chain *)&scene;
    gnomon_status status = gnomon_chain_load(str(file), (gnomon_chain_options *)subject, &out);
    gnomon_chain_free(out);
    return status;
}

static void row_gnomon_chain_load(void) {
    gnomon_chain_options options;
    ABUSE_PATH(try_chain_load(bad));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_chain_load(str(file), NULL, NULL));
    files_that_are_no_scenes(try_chain_load);
    WORKS(gnomon_snapshot_save(snapshot, NULL, str(file), NULL));
    REFUSED(GNOMON_E_STATE, try_chain_load(str(file)));
    WORKS(gnomon_snapshot_save(snapshot, chain, str(file), NULL));
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_chain_load_options(&options));
    GNOMON_INIT(gnomon_chain_options, &options);
    WORKS(try_chain_load_options(&options));
    spoil("gnomon_chain_options", "gnomon_chain_options", &options, &options, try_chain_load_options);
}

static void good_edit(gnomon_edit *edit, int32_t kind) {
    memset(edit, 0, sizeof *edit);
    edit->who = str("anna");
    edit->thing = crate.id;
    edit->kind = kind;
}

static gnomon_status try_scene_edit(void *subject) {
    return gnomon_scene_edit(scene, (gnomon_edit *)subject, sizeof(gnomon_edit));
}

static gnomon_status try_snapshot_edit(void *subject) {
    gnomon_snapshot *out = (gnomon_snapshot *)&scene;
    gnomon_status status = gnomon_snapshot_edit(snapshot, (gnomon_edit *)subject, sizeof(gnomon_edit), &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_snapshot_free(out);
    return status;
}

static void edits_that_cannot_be(attempt call) {
    gnomon_edit edit;
    good_edit(&edit, GNOMON_OPERATOR_RENAME);
    edit.word = str("Anna's box");
    spoil("gnomon_edit", "gnomon_edit", &edit, &edit, call);
    edit.word = str("crate#7");
    REFUSED(GNOMON_E_ARGUMENT, call(&edit));
    edit.word = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, call(&edit));
    edit.word = endless();
    REFUSED(GNOMON_E_ARGUMENT, call(&edit));
    edit.word = str("box");
    edit.who = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, call(&edit));
    good_edit(&edit, GNOMON_OPERATOR_PIN);
    edit.obb = crate.obb;
    spoil("gnomon_box", "obb", &edit.obb, &edit, call);
    good_edit(&edit, GNOMON_OPERATOR_MERGE);
    edit.into = crate.id;
    REFUSED(GNOMON_E_ARGUMENT, call(&edit));
    edit.into = crate.id + 1000;
    REFUSED(GNOMON_E_ARGUMENT, call(&edit));
    edit.word = str("box");
    REFUSED(GNOMON_E_ARGUMENT, call(&edit));
    good_edit(&edit, GNOMON_OPERATOR_DELETE);
    edit.into = crate.id;
    REFUSED(GNOMON_E_ARGUMENT, call(&edit));
}

static void row_gnomon_scene_edit(void) {
    gnomon_edit edit;
    good_edit(&edit, GNOMON_OPERATOR_DELETE);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_edit(NULL, &edit, sizeof edit));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_edit(scene, NULL, sizeof edit));
    REFUSED(GNOMON_E_ABI, gnomon_scene_edit(scene, &edit, 0));
    REFUSED(GNOMON_E_ABI, gnomon_scene_edit(scene, &edit, SIZE_MAX));
    edits_that_cannot_be(try_scene_edit);
}

static void row_gnomon_snapshot_edit(void) {
    gnomon_edit edit;
    gnomon_snapshot *out = (gnomon_snapshot *)&scene;
    good_edit(&edit, GNOMON_OPERATOR_DELETE);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_edit(NULL, &edit, sizeof edit, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_edit(snapshot, NULL, sizeof edit, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_edit(snapshot, &edit, sizeof edit, NULL));
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_edit(snapshot, &edit, 0, &out));
    WORKS(try_snapshot_edit(&edit));
    edits_that_cannot_be(try_snapshot_edit);
    good_edit(&edit, GNOMON_OPERATOR_UNPIN);
    REFUSED(GNOMON_E_UNSUPPORTED, try_snapshot_edit(&edit));
}

static gnomon_status all_edits(const gnomon_snapshot *s, gnomon_edit *out, size_t size, size_t *n) {
    return gnomon_snapshot_edits(s, 0, out, size, n);
}

static void row_gnomon_snapshot_edits(void) {
    gnomon_edit edit;
    gnomon_snapshot *edited = NULL;
    good_edit(&edit, GNOMON_OPERATOR_DELETE);
    WORKS(gnomon_snapshot_edit(snapshot, &edit, sizeof edit, &edited));
    ABUSE_LIST_OF(edited, gnomon_edit, 1, all_edits);
    gnomon_snapshot_free(edited);
}

static void row_gnomon_scene_set_inputs(void) {
    gnomon_str inputs[65];
    size_t i;
    for (i = 0; i < 65; i++) inputs[i] = str("camera");
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_set_inputs(NULL, inputs, 1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_set_inputs(scene, NULL, 1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_set_inputs(scene, inputs, 65));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_set_inputs(scene, inputs, SIZE_MAX));
    inputs[1] = str("");
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_set_inputs(scene, inputs, 2));
    inputs[1] = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_set_inputs(scene, inputs, 2));
    inputs[1] = endless();
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_set_inputs(scene, inputs, 2));
    WORKS(gnomon_scene_set_inputs(scene, NULL, 0));
}

static void row_gnomon_snapshot_provenance(void) {
    gnomon_provenance provenance;
    GNOMON_INIT(gnomon_provenance, &provenance);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_provenance(NULL, &provenance));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_provenance(snapshot, NULL));
    memset(&provenance, 0, sizeof provenance);
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_provenance(snapshot, &provenance));
}

static void row_gnomon_snapshot_input(void) {
    gnomon_str out = {NULL, 7};
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_input(NULL, 0, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_input(snapshot, 0, &out)); /* none is named */
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_input(snapshot, UINT64_MAX, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_input(snapshot, 0, NULL));
    CHECK(out.len == 7);
}

static gnomon_status try_diff(void *subject) {
    return gnomon_snapshot_diff(snapshot, pair, (gnomon_diff_options *)subject, NULL, NULL, NULL);
}

static void row_gnomon_snapshot_diff(void) {
    gnomon_diff_options options;
    gnomon_diff_facts facts;
    gnomon_text *words = (gnomon_text *)&scene, *json = (gnomon_text *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_diff(NULL, pair, NULL, NULL, &words, &json));
    CHECK(words == NULL && json == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_snapshot_diff(snapshot, NULL, NULL, NULL, NULL, NULL));
    memset(&facts, 0, sizeof facts);
    REFUSED(GNOMON_E_ABI, gnomon_snapshot_diff(snapshot, pair, NULL, &facts, NULL, NULL));
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_diff(&options));
    GNOMON_INIT(gnomon_diff_options, &options);
    WORKS(try_diff(&options));
    spoil("gnomon_diff_options", "gnomon_diff_options", &options, &options, try_diff);
}

static void row_gnomon_scene_record(void) {
    gnomon_scene *empty = NULL;
    write_file("what was there");
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_record(NULL, str(file), 1 << 20));
    REFUSED(GNOMON_E_STATE, gnomon_scene_record(scene, str(file), 1 << 20)); /* it has seen frames */
    CHECK(strcmp(text_of_file(), "what was there") == 0);
    WORKS(gnomon_scene_new(NULL, &empty));
    ABUSE_PATH(gnomon_scene_record(empty, bad, 1 << 20));
    REFUSED(GNOMON_E_IO, gnomon_scene_record(empty, str("tests"), 1 << 20));
    REFUSED(GNOMON_E_IO, gnomon_scene_record(empty, str(file), 0)); /* no room for its beginning */
    WORKS(gnomon_scene_record(empty, str(file), UINT64_MAX));
    REFUSED(GNOMON_E_STATE, gnomon_scene_record(empty, str(file), 1 << 20));
    gnomon_scene_free(empty);
}

static void row_gnomon_scene_recording(void) {
    gnomon_recording_facts facts;
    gnomon_text *why = (gnomon_text *)&scene;
    GNOMON_INIT(gnomon_recording_facts, &facts);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_recording(NULL, &facts, &why));
    CHECK(why == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_recording(scene, NULL, NULL));
    memset(&facts, 0, sizeof facts);
    REFUSED(GNOMON_E_ABI, gnomon_scene_recording(scene, &facts, NULL));
}

static void row_gnomon_scene_record_end(void) {
    REFUSED(GNOMON_E_ARGUMENT, gnomon_scene_record_end(NULL));
    REFUSED(GNOMON_E_STATE, gnomon_scene_record_end(scene));
}

static gnomon_status try_replay(gnomon_str path, gnomon_replay_facts *facts) {
    gnomon_scene *out = (gnomon_scene *)&scene;
    gnomon_text *words = (gnomon_text *)&scene;
    gnomon_status status = gnomon_replay(path, facts, &words, &out);
    CHECK((status == GNOMON_OK) == (out != NULL) && (status == GNOMON_OK) == (words != NULL));
    gnomon_text_free(words);
    gnomon_scene_free(out);
    return status;
}

static void row_gnomon_replay(void) {
    gnomon_scene *empty = NULL;
    gnomon_replay_facts facts;
    memset(&facts, 0, sizeof facts);
    ABUSE_PATH(try_replay(bad, NULL));
    write_file("gnomon.recording 999\n");
    REFUSED(GNOMON_E_UNSUPPORTED, try_replay(str(file), NULL));
    write_file("gnomon.recording 001\n");
    REFUSED(GNOMON_E_IO, try_replay(str(file), NULL));
    write_file("");
    REFUSED(GNOMON_E_IO, try_replay(str(file), NULL));
    REFUSED(GNOMON_E_IO, try_replay(str("Cargo.toml"), NULL));
    WORKS(gnomon_scene_new(NULL, &empty));
    WORKS(gnomon_scene_record(empty, str(file), 1 << 20));
    gnomon_scene_free(empty);
    REFUSED(GNOMON_E_ABI, try_replay(str(file), &facts));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_replay(str(file), NULL, NULL, NULL));
    WORKS(try_replay(str(file), NULL));
}

/* Where picks go, abused: call(out, size, n, facts) chooses one frame at least. */
static void abuse_picks(gnomon_status (*call)(gnomon_pick *, size_t, size_t *, gnomon_selection_facts *)) {
    gnomon_pick pick;
    gnomon_selection_facts facts;
    size_t n = 1;
    memset(&pick, 0x5A, sizeof pick);
    REFUSED(GNOMON_E_ARGUMENT, call(NULL, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ARGUMENT, call(&pick, sizeof pick, NULL, NULL));
    REFUSED(GNOMON_E_ABI, call(&pick, 0, &n, NULL));
    REFUSED(GNOMON_E_ABI, call(&pick, SIZE_MAX, &n, NULL));
    memset(&facts, 0, sizeof facts);
    REFUSED(GNOMON_E_ABI, call(&pick, sizeof pick, &n, &facts));
    n = 0;
    REFUSED(GNOMON_E_ARGUMENT, call(&pick, sizeof pick, &n, NULL));
    CHECK(n == 0 && ((unsigned char *)&pick)[0] == 0x5A);
    n = 1;
    WORKS(call(&pick, sizeof pick, &n, NULL));
    CHECK(n == 1 && pick.frame == 0);
}

static everything frame_to_choose;

static gnomon_status try_select_frames(void *subject) {
    gnomon_pick pick;
    size_t n = 1;
    return gnomon_select_frames(&((everything *)subject)->frame, sizeof(gnomon_frame), 1, NULL, &pick, sizeof pick, &n, NULL);
}

static gnomon_status try_select_frames_options(void *subject) {
    gnomon_pick pick;
    size_t n = 1;
    return gnomon_select_frames(&frame_to_choose.frame, sizeof(gnomon_frame), 1, (gnomon_select_options *)subject, &pick,
                                sizeof pick, &n, NULL);
}

static gnomon_status pick_frames(gnomon_pick *out, size_t size, size_t *n, gnomon_selection_facts *facts) {
    return gnomon_select_frames(&frame_to_choose.frame, sizeof(gnomon_frame), 1, NULL, out, size, n, facts);
}

static void abuse_select_options(attempt call) {
    gnomon_select_options options;
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, call(&options));
    GNOMON_INIT(gnomon_select_options, &options);
    WORKS(call(&options));
    spoil("gnomon_select_options", "gnomon_select_options", &options, &options, call);
    options.count = 0;
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
    options.count = 16;
    options.edge = 0;
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
    options.edge = 1e-9;
    options.edge_kind = GNOMON_EDGE_LENGTH;
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
}

static void row_gnomon_select_frames(void) {
    const gnomon_frame *frame = &frame_to_choose.frame;
    gnomon_pick pick;
    size_t n = 1;
    fill_everything(&frame_to_choose);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_frames(NULL, sizeof *frame, 1, NULL, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_frames(frame, sizeof *frame, 4097, NULL, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_frames(frame, sizeof *frame, SIZE_MAX, NULL, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ABI, gnomon_select_frames(frame, 0, 1, NULL, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ABI, gnomon_select_frames(frame, SIZE_MAX, 1, NULL, &pick, sizeof pick, &n, NULL));
    frame_to_choose.frame.struct_size = (uint32_t)sizeof *frame + 8; /* larger than an element */
    REFUSED(GNOMON_E_ABI, try_select_frames(&frame_to_choose));
    fill_everything(&frame_to_choose);
    spoil("gnomon_frame", "frames", &frame_to_choose.frame, &frame_to_choose, try_select_frames);
    abuse_select_options(try_select_frames_options);
    abuse_picks(pick_frames);
}

static float points_seen[9] = {0, 0, 0, 1, 1, 1, 2, 3, 4};
static float how_sure[3] = {1, 1, 1};

static void good_points(gnomon_point_map *points) {
    memset(points, 0, sizeof *points);
    points->points = points_seen;
    points->points_len = points->confidence_len = 3;
    points->confidence = how_sure;
}

static gnomon_status try_select_points(void *subject) {
    gnomon_pick pick;
    size_t n = 1;
    return gnomon_select_points((gnomon_point_map *)subject, sizeof(gnomon_point_map), 1, NULL, &pick, sizeof pick, &n, NULL);
}

static gnomon_status try_select_points_options(void *subject) {
    gnomon_point_map points;
    gnomon_pick pick;
    size_t n = 1;
    good_points(&points);
    return gnomon_select_points(&points, sizeof points, 1, (gnomon_select_options *)subject, &pick, sizeof pick, &n, NULL);
}

static gnomon_status pick_points(gnomon_pick *out, size_t size, size_t *n, gnomon_selection_facts *facts) {
    gnomon_point_map points;
    good_points(&points);
    return gnomon_select_points(&points, sizeof points, 1, NULL, out, size, n, facts);
}

static void row_gnomon_select_points(void) {
    gnomon_point_map points;
    gnomon_pick pick;
    size_t n = 1;
    good_points(&points);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_points(NULL, sizeof points, 1, NULL, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_points(&points, sizeof points, SIZE_MAX, NULL, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ABI, gnomon_select_points(&points, 0, 1, NULL, &pick, sizeof pick, &n, NULL));
    spoil("gnomon_point_map", "gnomon_point_map", &points, &points, try_select_points);
    points.points = (const float *)(const void *)((const char *)points_seen + 1);
    points.points_len = points.confidence_len = 1;
    REFUSED(GNOMON_E_ARGUMENT, try_select_points(&points));
    abuse_select_options(try_select_points_options);
    abuse_picks(pick_points);
}

static const uint64_t voxels_seen[3] = {7, 3, UINT64_MAX};

static gnomon_status try_select_voxels(void *subject) {
    gnomon_pick pick;
    size_t n = 1;
    return gnomon_select_voxels((gnomon_voxel_set *)subject, sizeof(gnomon_voxel_set), 1, 1, &pick, sizeof pick, &n, NULL);
}

static gnomon_status pick_voxels(gnomon_pick *out, size_t size, size_t *n, gnomon_selection_facts *facts) {
    gnomon_voxel_set set;
    set.voxels = voxels_seen;
    set.len = 3;
    return gnomon_select_voxels(&set, sizeof set, 1, 1, out, size, n, facts);
}

static void row_gnomon_select_voxels(void) {
    gnomon_voxel_set set;
    gnomon_pick pick;
    size_t n = 1;
    set.voxels = voxels_seen;
    set.len = 3;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_voxels(NULL, sizeof set, 1, 1, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_voxels(&set, sizeof set, SIZE_MAX, 1, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_voxels(&set, sizeof set, 1, 0, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_select_voxels(&set, sizeof set, 1, UINT64_MAX, &pick, sizeof pick, &n, NULL));
    REFUSED(GNOMON_E_ABI, gnomon_select_voxels(&set, 0, 1, 1, &pick, sizeof pick, &n, NULL));
    spoil("gnomon_voxel_set", "gnomon_voxel_set", &set, &set, try_select_voxels);
    abuse_picks(pick_voxels);
}

static gnomon_status try_keeper(void *subject) {
    gnomon_keeper *out = (gnomon_keeper *)&scene;
    gnomon_status status = gnomon_keeper_new((gnomon_keeper_options *)subject, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_keeper_free(out);
    return status;
}

static void row_gnomon_keeper_new(void) {
    gnomon_keeper_options options;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_new(NULL, NULL));
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_keeper(&options));
    GNOMON_INIT(gnomon_keeper_options, &options);
    WORKS(try_keeper(&options));
    spoil("gnomon_keeper_options", "gnomon_keeper_options", &options, &options, try_keeper);
    options.count = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_keeper(&options));
    options.count = 1;
    options.edge_m = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_keeper(&options));
}

static void row_gnomon_keeper_free(void) { gnomon_keeper_free(NULL); }

static gnomon_status try_keeper_offer(void *subject) {
    return gnomon_keeper_offer(keeper, 6, &((everything *)subject)->frame, NULL, 0);
}

static void row_gnomon_keeper_offer(void) {
    everything e;
    gnomon_swap swap;
    fill_everything(&e);
    memset(&swap, 0x5A, sizeof swap);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer(NULL, 6, &e.frame, &swap, sizeof swap));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer(keeper, 6, NULL, &swap, sizeof swap));
    REFUSED(GNOMON_E_ABI, gnomon_keeper_offer(keeper, 6, &e.frame, &swap, 0));
    REFUSED(GNOMON_E_ABI, gnomon_keeper_offer(keeper, 6, &e.frame, &swap, SIZE_MAX));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer(keeper, 5, &e.frame, &swap, sizeof swap)); /* numbers rise */
    spoil("gnomon_frame", "frames", &e.frame, &e, try_keeper_offer);
    CHECK(((unsigned char *)&swap)[0] == 0x5A);
}

static void row_gnomon_keeper_offer_points(void) {
    static double points[3 * 19201];
    gnomon_swap swap;
    memset(&swap, 0x5A, sizeof swap);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer_points(NULL, 6, points, 1, &swap, sizeof swap));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer_points(keeper, 6, NULL, 1, &swap, sizeof swap));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer_points(keeper, 6, points, 19201, &swap, sizeof swap));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer_points(keeper, 6, points, SIZE_MAX, &swap, sizeof swap));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer_points(keeper, 6, (const double *)(const void *)((const char *)points + 1),
                                                          1, &swap, sizeof swap));
    REFUSED(GNOMON_E_ABI, gnomon_keeper_offer_points(keeper, 6, points, 1, &swap, 0));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_offer_points(keeper, 5, points, 1, &swap, sizeof swap));
    CHECK(((unsigned char *)&swap)[0] == 0x5A);
}

static void row_gnomon_keeper_info(void) {
    gnomon_keeper_facts facts;
    GNOMON_INIT(gnomon_keeper_facts, &facts);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_info(NULL, &facts));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_info(keeper, NULL));
    WORKS(gnomon_keeper_info(keeper, &facts));
    CHECK(facts.offered == 1 && facts.kept == 1);
    memset(&facts, 0, sizeof facts);
    REFUSED(GNOMON_E_ABI, gnomon_keeper_info(keeper, &facts));
}

static void row_gnomon_keeper_kept(void) { ABUSE_LIST_OF(keeper, gnomon_kept, 1, gnomon_keeper_kept); }

static void row_gnomon_keeper_log(void) { ABUSE_LIST_OF(keeper, gnomon_swap, 1, gnomon_keeper_log); }

static gnomon_box box_in_sight;

static gnomon_status sights(const gnomon_keeper *k, gnomon_sight *out, size_t size, size_t *n) {
    return gnomon_keeper_seeing(k, &box_in_sight, out, size, n);
}

static gnomon_status try_seeing(void *subject) {
    size_t n;
    return gnomon_keeper_seeing(keeper, (gnomon_box *)subject, NULL, 0, &n);
}

static void row_gnomon_keeper_seeing(void) {
    static const gnomon_box box = {{1, 2, 3}, {1, 1, 1}, {0, 0, 0, 1}};
    size_t n = 7;
    box_in_sight = box;
    ABUSE_LIST_OF(keeper, gnomon_sight, 1, sights);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_keeper_seeing(keeper, NULL, NULL, 0, &n));
    CHECK(n == 7);
    spoil("gnomon_box", "gnomon_box", &box_in_sight, &box_in_sight, try_seeing);
}

static void row_gnomon_score_mra(void) {
    double out = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_score_mra(GNOMON_MRA_OFFICIAL, 1, 1, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_score_mra(-1, 1, 1, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_score_mra(2, 1, 1, &out));
    CHECK(out == 7);
    WORKS(gnomon_score_mra(GNOMON_MRA_OFFICIAL, NAN, 1, &out));
    CHECK(out == 0);
    WORKS(gnomon_score_mra(GNOMON_MRA_STRICT, 1, INFINITY, &out));
    CHECK(out == 0);
}

static gnomon_status try_vsi(gnomon_str type, int32_t reading, gnomon_str given, gnomon_str truth, gnomon_str choice,
                             double *out) {
    return gnomon_score_vsi(type, reading, given, truth, &choice, 1, out);
}

static void row_gnomon_score_vsi(void) {
    double out = 7;
    gnomon_str type = str("object_counting"), three = str("3"), many[1];
    ABUSE_TEXT(try_vsi(bad, GNOMON_READING_OFFICIAL, three, three, three, &out));
    ABUSE_TEXT(try_vsi(type, GNOMON_READING_OFFICIAL, bad, three, three, &out));
    ABUSE_TEXT(try_vsi(type, GNOMON_READING_OFFICIAL, three, bad, three, &out));
    ABUSE_TEXT(try_vsi(type, GNOMON_READING_OFFICIAL, three, three, bad, &out));
    REFUSED(GNOMON_E_ARGUMENT, try_vsi(str("counting"), GNOMON_READING_OFFICIAL, three, three, three, &out));
    REFUSED(GNOMON_E_ARGUMENT, try_vsi(type, -1, three, three, three, &out));
    REFUSED(GNOMON_E_ARGUMENT, try_vsi(type, GNOMON_READING_LENIENT + 1, three, three, three, &out));
    REFUSED(GNOMON_E_ARGUMENT, try_vsi(type, GNOMON_READING_OFFICIAL, three, str("many"), three, &out));
    REFUSED(GNOMON_E_ARGUMENT, try_vsi(type, GNOMON_READING_OFFICIAL, three, three, three, NULL));
    many[0] = three;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_score_vsi(type, GNOMON_READING_OFFICIAL, three, three, many, 257, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_score_vsi(type, GNOMON_READING_OFFICIAL, three, three, NULL, 1, &out));
    CHECK(out == 7);
}

static void row_gnomon_score_msmu(void) {
    double out = 7;
    gnomon_str type = str("count"), three = str("3");
    ABUSE_TEXT(gnomon_score_msmu(bad, three, three, &out));
    ABUSE_TEXT(gnomon_score_msmu(type, bad, three, &out));
    ABUSE_TEXT(gnomon_score_msmu(type, three, bad, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_score_msmu(str("counting"), three, three, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_score_msmu(type, three, three, NULL));
    CHECK(out == 7);
}

static void row_gnomon_reward_format(void) {
    double out = 7;
    ABUSE_TEXT(gnomon_reward_format(bad, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_format(str("3"), NULL));
}

static void row_gnomon_reward_choice(void) {
    double out = 7;
    ABUSE_TEXT(gnomon_reward_choice(bad, str("A"), &out));
    ABUSE_TEXT(gnomon_reward_choice(str("A"), bad, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_choice(str("A"), str("A"), NULL));
}

static void row_gnomon_reward_numeric(void) {
    double out = 7;
    ABUSE_TEXT(gnomon_reward_numeric(bad, 3, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_numeric(str("3"), 3, NULL));
    WORKS(gnomon_reward_numeric(str("3"), NAN, &out));
    CHECK(out == 0);
}

static void row_gnomon_reward_text(void) {
    static char long_text[8194];
    double out = 7;
    ABUSE_TEXT(gnomon_reward_text(bad, str("a"), GNOMON_EDIT_INDEL, &out));
    ABUSE_TEXT(gnomon_reward_text(str("a"), bad, GNOMON_EDIT_INDEL, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_text(str("a"), str("a"), -1, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_text(str("a"), str("a"), 2, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_text(str("a"), str("a"), GNOMON_EDIT_INDEL, NULL));
    memset(long_text, 'a', sizeof long_text - 1);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_text(str(long_text), str("a"), GNOMON_EDIT_LEVENSHTEIN, &out));
    CHECK(out == 7);
}

static void row_gnomon_reward_advantages(void) {
    double rewards[3] = {0, 1, 2}, out[3] = {7, 7, 7};
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_advantages(NULL, 3, GNOMON_SPREAD_POPULATION, out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_advantages(rewards, 3, GNOMON_SPREAD_POPULATION, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_advantages(rewards, SIZE_MAX, GNOMON_SPREAD_POPULATION, out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_advantages(rewards, 3, -1, out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_advantages(rewards, 3, 2, out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_reward_advantages((const double *)(const void *)((const char *)rewards + 1), 1,
                                                        GNOMON_SPREAD_SAMPLE, out));
    WORKS(gnomon_reward_advantages(NULL, 0, GNOMON_SPREAD_SAMPLE, NULL));
    CHECK(out[0] == 7);
    rewards[1] = NAN;
    WORKS(gnomon_reward_advantages(rewards, 3, GNOMON_SPREAD_SAMPLE, out));
    CHECK(out[0] == 0 && out[2] == 0);
}

static gnomon_status try_triplets(gnomon_str given, const gnomon_str *known, size_t n) {
    gnomon_triplets *out = (gnomon_triplets *)&scene;
    gnomon_status status = gnomon_triplets_read(given, known, n, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_triplets_free(out);
    return status;
}

static void row_gnomon_triplets_read(void) {
    gnomon_str known[2];
    int out = 7;
    known[0] = str("a#1");
    known[1] = str(NOT_UTF8);
    ABUSE_TEXT(try_triplets(bad, NULL, 0));
    ABUSE_TEXT(try_triplets(str(""), &bad, 1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_triplets_read(str(THREE_LINES), NULL, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_triplets(str(THREE_LINES), NULL, 1));
    REFUSED(GNOMON_E_ARGUMENT, try_triplets(str(THREE_LINES), known, 2));
    REFUSED(GNOMON_E_ARGUMENT, try_triplets(str(THREE_LINES), known, SIZE_MAX));
    WORKS(try_triplets(str(""), NULL, 0));
    WORKS(try_triplets(str("{{{{[[[[\"\"\"no triplet"), known, 1));
}

static void row_gnomon_triplets_free(void) { gnomon_triplets_free(NULL); }

static void row_gnomon_triplets_list(void) { ABUSE_LIST_OF(triplets, gnomon_triplet, 2, gnomon_triplets_list); }

static gnomon_status rejected_triplets(const gnomon_triplets *t, gnomon_rejected *out, size_t size, size_t *n) {
    return gnomon_triplets_rejected(t, out, size, n, NULL);
}

static void row_gnomon_triplets_rejected(void) {
    size_t all = 7, n = 0;
    gnomon_rejected one;
    ABUSE_LIST_OF(triplets, gnomon_rejected, 1, rejected_triplets);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_triplets_rejected(triplets, &one, sizeof one, &n, &all));
    CHECK(all == 7);
}

static gnomon_status try_told(gnomon_str given) {
    gnomon_told *out = (gnomon_told *)&scene;
    gnomon_status status = gnomon_told_read(given, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_told_free(out);
    return status;
}

static void row_gnomon_told_read(void) {
    int out = 7;
    ABUSE_TEXT(try_told(bad));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_told_read(str("crate#1"), NULL));
    WORKS(try_told(str("")));
    WORKS(try_told(str("crate#1 99999999999999999999 1\n#\n@\ncount\nroom m2 m2\n{")));
}

static void row_gnomon_told_free(void) { gnomon_told_free(NULL); }

static void row_gnomon_told_things(void) { ABUSE_LIST_OF(told, gnomon_told_thing, 1, gnomon_told_things); }

static void row_gnomon_told_counts(void) { ABUSE_LIST_OF(told, gnomon_told_count, 1, gnomon_told_counts); }

static void row_gnomon_told_triplets(void) { ABUSE_LIST_OF(told, gnomon_triplet, 1, gnomon_told_triplets); }

static gnomon_status rejected_lines(const gnomon_told *t, gnomon_rejected *out, size_t size, size_t *n) {
    return gnomon_told_rejected(t, out, size, n, NULL);
}

static void row_gnomon_told_rejected(void) { ABUSE_LIST_OF(told, gnomon_rejected, 1, rejected_lines); }

static void row_gnomon_told_room_area(void) {
    double out = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_told_room_area(NULL, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_told_room_area(told, NULL));
    CHECK(out == 7);
}

static gnomon_status try_told_ask(gnomon_str question, const gnomon_str *choices, size_t n,
                                  const gnomon_ask_options *options) {
    gnomon_answer *out = (gnomon_answer *)&scene;
    gnomon_status status = gnomon_told_ask(told, question, choices, n, options, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_answer_free(out);
    return status;
}

static gnomon_status try_told_options(void *subject) {
    return try_told_ask(str("How many crates are there?"), NULL, 0, (gnomon_ask_options *)subject);
}

static void row_gnomon_told_ask(void) {
    gnomon_answer *handle = (gnomon_answer *)&scene;
    int out = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_told_ask(NULL, str("How many crates are there?"), NULL, 0, NULL, &handle));
    CHECK(handle == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_told_ask(told, str("How many crates are there?"), NULL, 0, NULL, NULL));
    ABUSE_TEXT(try_told_ask(bad, NULL, 0, NULL));
    ABUSE_TEXT(try_told_ask(str("How many crates are there?"), &bad, 1, NULL));
    REFUSED(GNOMON_E_ARGUMENT, try_told_ask(str("How many crates are there?"), NULL, 2, NULL));
    WORKS(try_told_ask(str(""), NULL, 0, NULL));
    abuse_ask_options(try_told_options);
}

static gnomon_status try_gauge(void *subject) {
    gnomon_layout *out = (gnomon_layout *)&scene;
    gnomon_status status = gnomon_layout_compose(triplets, (gnomon_gauge *)subject, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_layout_free(out);
    return status;
}

static void row_gnomon_layout_compose(void) {
    gnomon_gauge gauge;
    gnomon_layout *out = (gnomon_layout *)&scene;
    gnomon_triplets *none = NULL;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_compose(NULL, NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_compose(triplets, NULL, NULL));
    memset(&gauge, 0, sizeof gauge);
    REFUSED(GNOMON_E_ABI, try_gauge(&gauge));
    GNOMON_INIT(gnomon_gauge, &gauge);
    WORKS(try_gauge(&gauge));
    gauge.baseline_m = 1;
    REFUSED(GNOMON_E_ARGUMENT, try_gauge(&gauge)); /* a length between nothing and nothing */
    gauge.origin = str("a#1");
    gauge.ahead = str("b#1");
    WORKS(try_gauge(&gauge));
    spoil("gnomon_gauge", "gnomon_gauge", &gauge, &gauge, try_gauge);
    gauge.baseline_m = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_gauge(&gauge));
    gauge.baseline_m = -1;
    REFUSED(GNOMON_E_ARGUMENT, try_gauge(&gauge));
    gauge.baseline_m = 1;
    gauge.ahead = gauge.origin;
    REFUSED(GNOMON_E_ARGUMENT, try_gauge(&gauge));
    gauge.ahead = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_gauge(&gauge));
    WORKS(gnomon_triplets_read(str("nothing"), NULL, 0, &none));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_compose(none, NULL, &out));
    gnomon_triplets_free(none);
}

static void row_gnomon_layout_free(void) { gnomon_layout_free(NULL); }

static void row_gnomon_layout_info(void) {
    gnomon_layout_facts facts;
    GNOMON_INIT(gnomon_layout_facts, &facts);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_info(NULL, &facts));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_info(layout, NULL));
    memset(&facts, 0, sizeof facts);
    REFUSED(GNOMON_E_ABI, gnomon_layout_info(layout, &facts));
}

static void row_gnomon_layout_places(void) { ABUSE_LIST_OF(layout, gnomon_place, 3, gnomon_layout_places); }

static void row_gnomon_layout_loops(void) { ABUSE_LIST_OF(layout, gnomon_loop, 1, gnomon_layout_loops); }

/* A place among those that a layout needs; the first is the one that is spoilt. */
static gnomon_place truth[3];

static void fill_truth(void) {
    static const char *const names[3] = {"c#1", "a#1", "b#1"};
    size_t i;
    memset(truth, 0, sizeof truth);
    for (i = 0; i < 3; i++) {
        truth[i].name = str(names[i]);
        truth[i].at[1] = (double)i;
    }
}

static gnomon_status try_layout_error(void *subject) {
    gnomon_placement_error out = {7, 7, 7};
    gnomon_status status =
        gnomon_layout_error(layout, (gnomon_place *)subject, sizeof truth[0], 3, 0.5, &out, sizeof out);
    CHECK((status == GNOMON_OK) == (out.things != 7));
    return status;
}

static gnomon_status try_triplets_error(void *subject) {
    gnomon_placement_error out = {7, 7, 7};
    gnomon_status status =
        gnomon_triplets_error(triplets, (gnomon_place *)subject, sizeof truth[0], 3, &out, sizeof out);
    CHECK((status == GNOMON_OK) == (out.things != 7));
    return status;
}

static void abuse_truth(attempt call) {
    fill_truth();
    WORKS(call(truth));
    spoil("gnomon_place", "gnomon_place", truth, truth, call);
    truth[0].name = str("a#1"); /* twice */
    REFUSED(GNOMON_E_ARGUMENT, call(truth));
    truth[0].name = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, call(truth));
    fill_truth();
}

static void row_gnomon_layout_error(void) {
    gnomon_placement_error out;
    memset(&out, 0x5A, sizeof out);
    abuse_truth(try_layout_error);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_error(NULL, truth, sizeof truth[0], 3, 0.5, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_error(layout, NULL, sizeof truth[0], 3, 0.5, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_error(layout, truth, sizeof truth[0], SIZE_MAX, 0.5, &out, sizeof out));
    REFUSED(GNOMON_E_ABI, gnomon_layout_error(layout, truth, 0, 3, 0.5, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_error(layout, truth, sizeof truth[0], 2, 0.5, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_error(layout, truth, sizeof truth[0], 3, 0, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_error(layout, truth, sizeof truth[0], 3, NAN, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_layout_error(layout, truth, sizeof truth[0], 3, 0.5, NULL, sizeof out));
    REFUSED(GNOMON_E_ABI, gnomon_layout_error(layout, truth, sizeof truth[0], 3, 0.5, &out, 0));
    CHECK(((unsigned char *)&out)[0] == 0x5A);
}

static void row_gnomon_triplets_error(void) {
    gnomon_placement_error out;
    memset(&out, 0x5A, sizeof out);
    abuse_truth(try_triplets_error);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_triplets_error(NULL, truth, sizeof truth[0], 3, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_triplets_error(triplets, NULL, sizeof truth[0], 3, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_triplets_error(triplets, truth, sizeof truth[0], SIZE_MAX, &out, sizeof out));
    REFUSED(GNOMON_E_ABI, gnomon_triplets_error(triplets, truth, 0, 3, &out, sizeof out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_triplets_error(triplets, truth, sizeof truth[0], 3, NULL, sizeof out));
    REFUSED(GNOMON_E_ABI, gnomon_triplets_error(triplets, truth, sizeof truth[0], 3, &out, 0));
    CHECK(((unsigned char *)&out)[0] == 0x5A);
}

/* Graph options, and the thresholds that they point to. */
typedef struct graph_and_thresholds {
    gnomon_graph_options graph;
    gnomon_relation_options relations;
} graph_and_thresholds;

static gnomon_status try_graph(void *subject) {
    gnomon_relation_graph *out = (gnomon_relation_graph *)&scene;
    gnomon_status status = gnomon_relation_graph_new((gnomon_graph_options *)subject, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_relation_graph_free(out);
    return status;
}

static void row_gnomon_relation_graph_new(void) {
    graph_and_thresholds both;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_relation_graph_new(NULL, NULL));
    memset(&both, 0, sizeof both);
    REFUSED(GNOMON_E_ABI, try_graph(&both.graph));
    GNOMON_INIT(gnomon_graph_options, &both.graph);
    WORKS(try_graph(&both.graph));
    spoil("gnomon_graph_options", "gnomon_graph_options", &both.graph, &both.graph, try_graph);
    both.graph.relations = &both.relations;
    REFUSED(GNOMON_E_ABI, try_graph(&both.graph));
    GNOMON_INIT(gnomon_relation_options, &both.relations);
    WORKS(try_graph(&both.graph));
    both.relations.near_m = 5; /* farther than the reach */
    REFUSED(GNOMON_E_ARGUMENT, try_graph(&both.graph));
    both.relations.near_m = NAN;
    REFUSED(GNOMON_E_ARGUMENT, try_graph(&both.graph));
}

static void row_gnomon_relation_graph_free(void) { gnomon_relation_graph_free(NULL); }

static void row_gnomon_relation_graph_update(void) {
    gnomon_graph_report report;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_relation_graph_update(NULL, snapshot, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_relation_graph_update(graph, NULL, NULL));
    memset(&report, 0, sizeof report);
    REFUSED(GNOMON_E_ABI, gnomon_relation_graph_update(graph, snapshot, &report));
    WORKS(gnomon_relation_graph_update(graph, snapshot, NULL));
}

static void row_gnomon_relation_graph_list(void) {
    ABUSE_LIST_OF(graph, gnomon_graph_relation, 0, gnomon_relation_graph_list);
}

static void row_gnomon_relation_graph_changes(void) {
    ABUSE_LIST_OF(graph, gnomon_graph_change, 0, gnomon_relation_graph_changes);
}

static void row_gnomon_vocabulary_new(void) {
    gnomon_vocabulary *out = (gnomon_vocabulary *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_new(1, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_new(2, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_new(UINT32_MAX, &out));
}

static void row_gnomon_vocabulary_free(void) { gnomon_vocabulary_free(NULL); }

static void row_gnomon_vocabulary_add(void) {
    gnomon_vocabulary *full = NULL;
    gnomon_str words[257];
    size_t i;
    for (i = 0; i < 257; i++) words[i] = str("crate");
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_add(NULL, words, 2));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_add(vocabulary, NULL, 2));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_add(vocabulary, words, 0));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_add(vocabulary, words, 1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_add(vocabulary, words, 257));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_add(vocabulary, words, SIZE_MAX));
    words[1] = str(" ");
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_add(vocabulary, words, 2));
    words[1] = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vocabulary_add(vocabulary, words, 2));
    words[1] = str("box");
    WORKS(gnomon_vocabulary_new(0, &full));
    for (i = 0; i < 4096; i++) CHECK(gnomon_vocabulary_add(full, words, 2) == GNOMON_OK);
    REFUSED(GNOMON_E_STATE, gnomon_vocabulary_add(full, words, 2));
    gnomon_vocabulary_free(full);
}

static void row_gnomon_set_log(void) {
    REFUSED(GNOMON_E_ARGUMENT, gnomon_set_log(NULL, NULL, -1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_set_log(NULL, NULL, 6));
    WORKS(gnomon_set_log(NULL, NULL, GNOMON_LOG_TRACE));
}

static void row_gnomon_status_name(void) {
    CHECK(gnomon_status_name(INT32_MIN)[0] == 'G' && gnomon_status_name(INT32_MAX)[0] == 'G');
}

static void row_gnomon_last_error(void) { CHECK(gnomon_last_error() != NULL); }

static void row_gnomon_abi_version(void) { CHECK(gnomon_abi_version() == GNOMON_ABI_VERSION); }

static void row_gnomon_version(void) { CHECK(gnomon_version() != NULL); }

static void row_gnomon_build_info(void) { CHECK(gnomon_build_info() != NULL); }

/* Networks. What is set is looked at before the handle, the file and the runtime: with these left out, whatever is right
 * comes to "... is NULL" or to a folder that is not there. */

static void row_gnomon_cancel_new(void) { REFUSED(GNOMON_E_ARGUMENT, gnomon_cancel_new(NULL)); }

static void row_gnomon_cancel_stop(void) { REFUSED(GNOMON_E_ARGUMENT, gnomon_cancel_stop(NULL)); }

static void row_gnomon_cancel_free(void) { gnomon_cancel_free(NULL); }

static gnomon_status right_but_nowhere(gnomon_status status) { return status == GNOMON_E_IO ? GNOMON_OK : status; }

static gnomon_status try_detector_options(void *subject) {
    gnomon_detector *out = (gnomon_detector *)&scene;
    gnomon_status status = gnomon_detector_open(str("/nowhere"), (gnomon_network_options *)subject, &out);
    CHECK(out == NULL);
    return right_but_nowhere(status);
}

static gnomon_status try_depth_net_options(void *subject) {
    gnomon_depth_net *out = (gnomon_depth_net *)&scene;
    gnomon_status status = gnomon_depth_net_open(str("/nowhere"), (gnomon_network_options *)subject, &out);
    CHECK(out == NULL);
    return right_but_nowhere(status);
}

static void network_options_that_cannot_be(attempt call) {
    gnomon_network_options options;
    gnomon_str providers[2];
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, call(&options));
    GNOMON_INIT(gnomon_network_options, &options);
    WORKS(call(&options));
    options.runtime_path = str("/nowhere/libonnxruntime.so");
    options.family = str("fastest_det");
    options.labels = str("/nowhere/labels.txt");
    options.engines = str("/nowhere/engines");
    options.within_ns = 1000000000;
    options.precision = str("fp16");
    providers[0] = str("cuda:device_id=0");
    providers[1] = str("cpu");
    options.providers = providers;
    options.providers_len = 2;
    WORKS(call(&options));
    spoil("gnomon_network_options", "gnomon_network_options", &options, &options, call);
    options.family = str("fastest");
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
    options.family = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
    options.family = str("fastest_det");
    options.precision = str("fp64");
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
    options.precision = str("fp32");
    options.providers_len = 65;
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
    options.providers_len = 2;
    providers[1] = str("");
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
    providers[1] = str("cuda:device_id");
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
    providers[1] = str("cpu");
    options.runtime_path = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, call(&options));
}

static void row_gnomon_detector_open(void) {
    gnomon_detector *out = (gnomon_detector *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_detector_open(str("/nowhere"), NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_detector_open(str(""), NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_detector_open(str(NOT_UTF8), NULL, &out));
    REFUSED(GNOMON_E_IO, gnomon_detector_open(str("/nowhere"), NULL, &out));
    network_options_that_cannot_be(try_detector_options);
}

static void row_gnomon_depth_net_open(void) {
    gnomon_depth_net *out = (gnomon_depth_net *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_depth_net_open(str("/nowhere"), NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_depth_net_open(str(""), NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_IO, gnomon_depth_net_open(str("/nowhere"), NULL, &out));
    network_options_that_cannot_be(try_depth_net_options);
}

static gnomon_status try_geometry_net_options(void *subject) {
    gnomon_geometry_net *out = (gnomon_geometry_net *)&scene;
    gnomon_status status = gnomon_geometry_net_open(str("/nowhere"), (gnomon_network_options *)subject, &out);
    CHECK(out == NULL);
    return right_but_nowhere(status);
}

static void row_gnomon_geometry_net_open(void) {
    gnomon_geometry_net *out = (gnomon_geometry_net *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_open(str("/nowhere"), NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_open(str(""), NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_open(str(NOT_UTF8), NULL, &out));
    REFUSED(GNOMON_E_IO, gnomon_geometry_net_open(str("/nowhere"), NULL, &out));
    network_options_that_cannot_be(try_geometry_net_options);
}

static void row_gnomon_geometry_net_free(void) { gnomon_geometry_net_free(NULL); }
static void row_gnomon_views_free(void) { gnomon_views_free(NULL); }
static void row_gnomon_detector_free(void) { gnomon_detector_free(NULL); }
static void row_gnomon_depth_net_free(void) { gnomon_depth_net_free(NULL); }
static void row_gnomon_found_free(void) { gnomon_found_free(NULL); }
static void row_gnomon_depth_map_free(void) { gnomon_depth_map_free(NULL); }

/* What a run is given: all of it right, until something is spoiled. */
typedef struct given {
    gnomon_image image;
    gnomon_intrinsics intrinsics;
    gnomon_detect_options options;
    gnomon_run_options run;
} given;

static void fill_given(given *g) {
    everything e;
    fill_everything(&e);
    g->image = e.frame.colour;
    g->intrinsics = e.frame.intrinsics;
    GNOMON_INIT(gnomon_detect_options, &g->options);
    GNOMON_INIT(gnomon_run_options, &g->run);
    g->run.cancel = cancel;
}

static gnomon_status but_for_the_handle(gnomon_status status, const char *sentence) {
    return status == GNOMON_E_ARGUMENT && strstr(gnomon_last_error(), sentence) != NULL ? GNOMON_OK : status;
}

static gnomon_status try_detect(void *subject) {
    given *g = (given *)subject;
    gnomon_found *out = (gnomon_found *)&scene;
    gnomon_status status = gnomon_detector_detect(NULL, &g->image, &g->options, &g->run, &out);
    CHECK(out == NULL);
    return but_for_the_handle(status, "detector is NULL");
}

static gnomon_status try_estimate(void *subject) {
    given *g = (given *)subject;
    gnomon_depth_map *out = (gnomon_depth_map *)&scene;
    gnomon_status status = gnomon_depth_net_estimate(NULL, &g->image, &g->intrinsics, &g->run, &out);
    CHECK(out == NULL);
    return but_for_the_handle(status, "depth network is NULL");
}

static void runs_that_cannot_be(given *g, attempt call) {
    fill_given(g);
    WORKS(call(g));
    spoil("gnomon_image", "image", &g->image, g, call);
    g->image.format = GNOMON_PIXEL_DEPTH_U16;
    REFUSED(GNOMON_E_ARGUMENT, call(g));
    fill_given(g);
    g->image.len--;
    REFUSED(GNOMON_E_ARGUMENT, call(g));
    fill_given(g);
    spoil("gnomon_run_options", "gnomon_run_options", &g->run, g, call);
    g->run.within_ns = -1;
    REFUSED(GNOMON_E_ARGUMENT, call(g));
    fill_given(g);
}

static void row_gnomon_detector_detect(void) {
    given g;
    gnomon_found *out = (gnomon_found *)&scene;
    runs_that_cannot_be(&g, try_detect);
    spoil("gnomon_detect_options", "gnomon_detect_options", &g.options, &g, try_detect);
    g.options.min_score = 1.5f;
    REFUSED(GNOMON_E_ARGUMENT, try_detect(&g));
    fill_given(&g);
    g.options.most = 4097;
    REFUSED(GNOMON_E_ARGUMENT, try_detect(&g));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_detector_detect(NULL, &g.image, NULL, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_detector_detect(NULL, NULL, NULL, NULL, &out));
    CHECK(out == NULL && strstr(gnomon_last_error(), "image is NULL") != NULL);
}

static void row_gnomon_depth_net_estimate(void) {
    given g;
    gnomon_depth_map *out = (gnomon_depth_map *)&scene;
    int32_t model;
    runs_that_cannot_be(&g, try_estimate);
    for (model = GNOMON_LENS_PLUMB_BOB; model <= GNOMON_LENS_EQUIDISTANT; model++) {
        g.intrinsics.model = model;
        spoil("gnomon_intrinsics", "gnomon_intrinsics", &g.intrinsics, &g, try_estimate);
    }
    REFUSED(GNOMON_E_ARGUMENT, gnomon_depth_net_estimate(NULL, &g.image, NULL, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_depth_net_estimate(NULL, NULL, NULL, NULL, &out));
    CHECK(out == NULL && strstr(gnomon_last_error(), "image is NULL") != NULL);
}

static gnomon_status try_views(void *subject) {
    given *g = (given *)subject;
    gnomon_views *out = (gnomon_views *)&scene;
    gnomon_status status = gnomon_geometry_net_estimate(NULL, &g->image, 1, &g->run, &out);
    CHECK(out == NULL);
    return but_for_the_handle(status, "geometry network is NULL");
}

static void row_gnomon_geometry_net_estimate(void) {
    given g;
    gnomon_image two[2];
    gnomon_views *out = (gnomon_views *)&scene;
    runs_that_cannot_be(&g, try_views);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_estimate(NULL, &g.image, 1, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_estimate(NULL, NULL, 1, NULL, &out));
    CHECK(out == NULL && strstr(gnomon_last_error(), "images is NULL with length 1") != NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_estimate(NULL, &g.image, 0, NULL, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_estimate(NULL, &g.image, 257, NULL, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_estimate(NULL, &g.image, SIZE_MAX, NULL, &out));
    CHECK(strstr(gnomon_last_error(), "expected 1 to 256") != NULL);
    two[0] = two[1] = g.image;
    two[1].len = 0;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_estimate(NULL, two, 2, NULL, &out));
    CHECK(strstr(gnomon_last_error(), "images[1]") != NULL);
}

static void row_gnomon_geometry_net_info(void) {
    gnomon_network_facts facts;
    GNOMON_INIT(gnomon_network_facts, &facts);
    facts.gives_metres = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_geometry_net_info(NULL, &facts));
    CHECK(facts.gives_metres == 7);
}

static void row_gnomon_views_list(void) {
    size_t n = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_views_list(NULL, NULL, 0, &n));
    CHECK(n == 7);
}

static void row_gnomon_views_image(void) {
    gnomon_image image;
    memset(&image, 0x5A, sizeof image);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_views_image(NULL, 0, &image));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_views_image(NULL, 0, NULL));
    CHECK(((unsigned char *)&image)[0] == 0x5A);
}

/* Vision-language models: what is asked is looked at before the model. */

static gnomon_status try_vlm_network_options(void *subject) {
    gnomon_vlm *out = (gnomon_vlm *)&scene;
    gnomon_status status = gnomon_vlm_open(str("/nowhere"), (gnomon_network_options *)subject, NULL, &out);
    CHECK(out == NULL);
    return right_but_nowhere(status);
}

static gnomon_status try_vlm_options(void *subject) {
    gnomon_vlm *out = (gnomon_vlm *)&scene;
    gnomon_status status = gnomon_vlm_open(str("/nowhere"), NULL, (gnomon_vlm_options *)subject, &out);
    CHECK(out == NULL);
    return right_but_nowhere(status);
}

static void row_gnomon_vlm_open(void) {
    gnomon_vlm *out = (gnomon_vlm *)&scene;
    gnomon_network_options network;
    gnomon_vlm_options options;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_open(str("/nowhere"), NULL, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_open(str(""), NULL, NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_open(str(NOT_UTF8), NULL, NULL, &out));
    REFUSED(GNOMON_E_IO, gnomon_vlm_open(str("/nowhere"), NULL, NULL, &out));
    network_options_that_cannot_be(try_vlm_network_options);
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_vlm_options(&options));
    GNOMON_INIT(gnomon_vlm_options, &options);
    WORKS(try_vlm_options(&options));
    options.vision_precision = str("q4");
    WORKS(try_vlm_options(&options));
    spoil("gnomon_vlm_options", "gnomon_vlm_options", &options, &options, try_vlm_options);
    options.vision_precision = str("fp64");
    REFUSED(GNOMON_E_ARGUMENT, try_vlm_options(&options));
    options.vision_precision = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_vlm_options(&options));
    GNOMON_INIT(gnomon_network_options, &network);
    network.family = str("fastest_det");
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_open(str("tests/vlm/qwen2_5_vl"), &network, NULL, &out));
    CHECK(out == NULL && strstr(gnomon_last_error(), "family") != NULL);
}

static void row_gnomon_vlm_free(void) { gnomon_vlm_free(NULL); }
static void row_gnomon_job_free(void) { gnomon_job_free(NULL); }

static void row_gnomon_vlm_info(void) {
    gnomon_vlm_facts facts;
    GNOMON_INIT(gnomon_vlm_facts, &facts);
    facts.plan_bytes = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_info(NULL, &facts));
    CHECK(facts.plan_bytes == 7);
}

static void row_gnomon_vlm_count_tokens(void) {
    gnomon_str far;
    size_t count = 7;
    far.data = "a";
    far.len = SIZE_MAX;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_count_tokens(NULL, str("a cup"), &count));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_count_tokens(NULL, str("a cup"), NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_count_tokens(NULL, far, &count));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_count_tokens(NULL, str(NOT_UTF8), &count));
    CHECK(count == 7 && strstr(gnomon_last_error(), "not UTF-8") != NULL);
}

/* Everything a request may have. */
typedef struct question_of_all {
    gnomon_vlm_request request;
    gnomon_message messages[2];
    gnomon_image images[2];
    gnomon_video video;
    gnomon_str names[2], stops[1];
    int released;
} question_of_all;

static void fill_question_of_all(question_of_all *q) {
    everything e;
    memset(q, 0, sizeof *q);
    fill_everything(&e);
    q->images[0] = q->images[1] = e.frame.colour;
    q->messages[0].role = GNOMON_ROLE_SYSTEM;
    q->messages[0].text = str("You see.");
    q->messages[1].text = str("Where is it?");
    q->messages[1].images = 2;
    q->messages[1].videos = 1;
    q->video.frames = q->images;
    q->video.frames_len = 2;
    q->video.fps = 2;
    q->names[0] = str("a#1");
    q->names[1] = str("b#1");
    q->stops[0] = str("END");
    GNOMON_INIT(gnomon_vlm_request, &q->request);
    q->request.messages = q->messages;
    q->request.messages_len = 2;
    q->request.images = q->images;
    q->request.images_len = 2;
    q->request.videos = &q->video;
    q->request.videos_len = 1;
    q->request.stops = q->stops;
    q->request.stops_len = 1;
    q->request.constraint = GNOMON_CONSTRAINT_TRIPLETS;
    q->request.constraint_names = q->names;
    q->request.constraint_names_len = 2;
    q->request.within_ns = 1000000000;
}

static void release_question(void *user) { ((question_of_all *)user)->released++; }

static gnomon_status try_request(void *subject) {
    question_of_all *q = (question_of_all *)subject;
    gnomon_job *out = (gnomon_job *)&scene;
    gnomon_status status = gnomon_vlm_submit(NULL, &q->request, NULL, release_question, q, &out);
    CHECK(out == NULL && q->released == 0);
    return but_for_the_handle(status, "vlm is NULL");
}

static void constraints_that_cannot_be(question_of_all *q) {
    int32_t kind;
    for (kind = GNOMON_CONSTRAINT_JSON_SCHEMA; kind <= GNOMON_CONSTRAINT_BOXES; kind++) {
        fill_question_of_all(q);
        q->request.constraint = kind;
        q->request.constraint_text = str(NOT_UTF8);
        q->names[1] = str(NOT_UTF8);
        REFUSED(GNOMON_E_ARGUMENT, try_request(q));
    }
    fill_question_of_all(q);
    q->request.constraint_least = 3;
    q->request.constraint_most = 2;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
    fill_question_of_all(q);
    q->request.constraint_names_len = 1;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
    q->request.constraint_names_len = 4097;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
}

static void pictures_and_videos_that_do_not_fit(question_of_all *q) {
    fill_question_of_all(q);
    q->request.images_len = 1;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
    CHECK(strstr(gnomon_last_error(), "name 2 images, the request has 1") != NULL);
    q->request.images_len = 1025;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
    fill_question_of_all(q);
    q->images[1].len--;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
    CHECK(strstr(gnomon_last_error(), "images[1]") != NULL);
    fill_question_of_all(q);
    spoil("gnomon_image", "image", &q->images[0], q, try_request);
    fill_question_of_all(q);
    spoil("gnomon_video", "gnomon_video", &q->video, q, try_request);
    q->video.fps = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
    fill_question_of_all(q);
    q->request.videos_len = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
    q->request.videos_len = 65;
    REFUSED(GNOMON_E_ARGUMENT, try_request(q));
}

static void row_gnomon_vlm_submit(void) {
    question_of_all q;
    gnomon_job *out = (gnomon_job *)&scene;
    fill_question_of_all(&q);
    WORKS(try_request(&q));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_submit(NULL, &q.request, NULL, NULL, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_submit(NULL, NULL, NULL, release_question, &q, &out));
    CHECK(out == NULL && q.released == 0);
    spoil("gnomon_vlm_request", "gnomon_vlm_request", &q.request, &q, try_request);
    fill_question_of_all(&q);
    spoil("gnomon_message", "gnomon_message", &q.messages[0], &q, try_request);
    fill_question_of_all(&q);
    q.request.struct_size = 8;
    REFUSED(GNOMON_E_ABI, try_request(&q));
    fill_question_of_all(&q);
    q.messages[1].text = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_request(&q));
    fill_question_of_all(&q);
    q.request.prompt = str("both");
    REFUSED(GNOMON_E_ARGUMENT, try_request(&q));
    q.request.messages_len = 0;
    WORKS(try_request(&q));
    q.request.prompt = str("");
    REFUSED(GNOMON_E_ARGUMENT, try_request(&q));
    q.request.prompt = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_request(&q));
    fill_question_of_all(&q);
    q.stops[0] = str("");
    REFUSED(GNOMON_E_ARGUMENT, try_request(&q));
    q.stops[0] = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_request(&q));
    constraints_that_cannot_be(&q);
    pictures_and_videos_that_do_not_fit(&q);
}

static void row_gnomon_job_wait(void) {
    REFUSED(GNOMON_E_ARGUMENT, gnomon_job_wait(NULL, -1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_job_wait(NULL, INT64_MIN));
    CHECK(strstr(gnomon_last_error(), "expected -1 or more") != NULL);
}

static void row_gnomon_job_cancel(void) { REFUSED(GNOMON_E_ARGUMENT, gnomon_job_cancel(NULL)); }

static void row_gnomon_job_reply(void) {
    gnomon_reply_facts reply;
    GNOMON_INIT(gnomon_reply_facts, &reply);
    reply.grids_len = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_job_reply(NULL, &reply));
    CHECK(reply.grids_len == 7);
}

static void row_gnomon_job_fit(void) {
    gnomon_fit fit;
    memset(&fit, 7, sizeof fit);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_job_fit(NULL, 0, &fit));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_job_fit(NULL, SIZE_MAX, NULL));
    CHECK(fit.offset_x == 0x07070707);
}

static const char *const PLACES = "{\"bbox_2d\":[60,40,100,80],\"label\":\"crate\"}\n{\"bbox_2d\":[9,9,3,3]}";

static gnomon_fit whole_room(void) {
    gnomon_fit fit;
    fit.from_width = fit.scaled_width = fit.network_width = ROOM_WIDTH;
    fit.from_height = fit.scaled_height = fit.network_height = ROOM_HEIGHT;
    fit.offset_x = fit.offset_y = 0;
    return fit;
}

static gnomon_status try_grounding(gnomon_str given, int32_t convention, const gnomon_fit *fit) {
    gnomon_grounding *out = (gnomon_grounding *)&scene;
    gnomon_status status = gnomon_grounding_read(given, convention, fit, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_grounding_free(out);
    return status;
}

static gnomon_status try_fit(void *subject) {
    return try_grounding(str(PLACES), GNOMON_CONVENTION_PIXEL_JSON, (gnomon_fit *)subject);
}

static void row_gnomon_grounding_read(void) {
    gnomon_fit fit = whole_room();
    int32_t convention;
    for (convention = GNOMON_CONVENTION_THOUSANDTH_TAGS; convention <= GNOMON_CONVENTION_LOC_TAGS; convention++)
        WORKS(try_grounding(str(PLACES), convention, &fit));
    WORKS(try_grounding(str(""), GNOMON_CONVENTION_SHARES, &fit));
    REFUSED(GNOMON_E_ARGUMENT, try_grounding(str(PLACES), 6, &fit));
    REFUSED(GNOMON_E_ARGUMENT, try_grounding(str(PLACES), -1, &fit));
    REFUSED(GNOMON_E_ARGUMENT, try_grounding(nowhere(), GNOMON_CONVENTION_SHARES, &fit));
    REFUSED(GNOMON_E_ARGUMENT, try_grounding(endless(), GNOMON_CONVENTION_SHARES, &fit));
    REFUSED(GNOMON_E_ARGUMENT, try_grounding(str(NOT_UTF8), GNOMON_CONVENTION_SHARES, &fit));
    REFUSED(GNOMON_E_ARGUMENT, try_grounding(str(PLACES), GNOMON_CONVENTION_SHARES, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_grounding_read(str(PLACES), GNOMON_CONVENTION_SHARES, &fit, NULL));
    spoil("gnomon_fit", "gnomon_fit", &fit, &fit, try_fit);
    fit.offset_x = ROOM_WIDTH;
    REFUSED(GNOMON_E_ARGUMENT, try_fit(&fit));
}

static void row_gnomon_grounding_list(void) { ABUSE_LIST_OF(grounding, gnomon_grounded, 1, gnomon_grounding_list); }

static gnomon_status rejected_places(const gnomon_grounding *g, gnomon_rejected *out, size_t size, size_t *n) {
    return gnomon_grounding_rejected(g, out, size, n, NULL);
}

static void row_gnomon_grounding_rejected(void) {
    size_t all = 7, n = 0;
    gnomon_rejected one;
    ABUSE_LIST_OF(grounding, gnomon_rejected, 1, rejected_places);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_grounding_rejected(grounding, &one, sizeof one, &n, &all));
    CHECK(all == 7);
}

static gnomon_status try_lift(void *subject) {
    gnomon_box box;
    return gnomon_grounding_lift(grounding, 0, &((everything *)subject)->frame, &box);
}

static void row_gnomon_grounding_lift(void) {
    gnomon_box box;
    everything e;
    uint16_t *nothing = calloc(ROOM_WIDTH * ROOM_HEIGHT, sizeof *nothing);
    fill_everything(&e);
    WORKS(try_lift(&e));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_grounding_lift(NULL, 0, &e.frame, &box));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_grounding_lift(grounding, 1, &e.frame, &box));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_grounding_lift(grounding, SIZE_MAX, &e.frame, &box));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_grounding_lift(grounding, 0, NULL, &box));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_grounding_lift(grounding, 0, &e.frame, NULL));
    spoil("gnomon_frame", "frames", &e.frame, &e, try_lift);
    fill_everything(&e);
    e.frame.intrinsics.width--;
    REFUSED(GNOMON_E_ARGUMENT, try_lift(&e));
    CHECK(strstr(gnomon_last_error(), "expected the picture's 160x120") != NULL);
    fill_everything(&e);
    e.frame.depth.data = (const uint8_t *)nothing;
    REFUSED(GNOMON_E_STATE, try_lift(&e));
    CHECK(strstr(gnomon_last_error(), "too little depth") != NULL);
    free(nothing);
}

static void row_gnomon_grounding_free(void) { gnomon_grounding_free(NULL); }

static gnomon_status try_album(void *subject) {
    gnomon_album *out = (gnomon_album *)&scene;
    gnomon_status status = gnomon_album_new((gnomon_album_options *)subject, &out);
    CHECK((status == GNOMON_OK) == (out != NULL));
    gnomon_album_free(out);
    return status;
}

static void row_gnomon_album_new(void) {
    gnomon_album_options options;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_new(NULL, NULL));
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_album(&options));
    GNOMON_INIT(gnomon_album_options, &options);
    WORKS(try_album(&options));
    spoil("gnomon_album_options", "gnomon_album_options", &options, &options, try_album);
    options.count = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_album(&options));
    options.count = 4097;
    REFUSED(GNOMON_E_ARGUMENT, try_album(&options));
}

static void row_gnomon_album_free(void) { gnomon_album_free(NULL); }

static gnomon_status try_album_offer(void *subject) {
    return gnomon_album_offer(album, 6, &((everything *)subject)->frame, NULL);
}

static void row_gnomon_album_offer(void) {
    uint32_t kept = 7;
    everything e;
    fill_everything(&e);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_offer(NULL, 6, &e.frame, &kept));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_offer(album, 6, NULL, &kept));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_offer(album, 5, &e.frame, &kept)); /* numbers rise */
    spoil("gnomon_frame", "frames", &e.frame, &e, try_album_offer);
    e.frame.colour.len = 0;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_offer(album, 6, &e.frame, &kept));
    CHECK(kept == 7 && strstr(gnomon_last_error(), "has no picture") != NULL);
}

static void row_gnomon_album_correct(void) {
    double pose[16];
    uint32_t there = 7;
    level_camera(pose, 0);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_correct(NULL, 5, pose, &there));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_correct(album, 5, NULL, &there));
    pose[3] = f64_nan;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_correct(album, 5, pose, &there));
    pose[3] = f64_huge;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_correct(album, 5, pose, &there));
    CHECK(there == 7);
    level_camera(pose, 0);
    WORKS(gnomon_album_correct(album, 4, pose, &there));
    CHECK(there == 0);
    WORKS(gnomon_album_correct(album, 5, pose, NULL));
}

static void row_gnomon_album_count(void) {
    size_t n = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_count(NULL, &n));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_album_count(album, NULL));
    CHECK(n == 7);
}

static gnomon_status converse(gnomon_str question, const gnomon_str *choices, size_t n, void *options) {
    gnomon_answer *out = (gnomon_answer *)&scene;
    gnomon_text *words = (gnomon_text *)&scene, *json = (gnomon_text *)&scene;
    gnomon_status status = gnomon_ask_with_model(snapshot, album, NULL, question, choices, n,
                                                 (gnomon_converse_options *)options, NULL, &out, &words, &json);
    CHECK((status == GNOMON_OK) == (out != NULL));
    CHECK((status == GNOMON_OK) == (words != NULL) && (words != NULL) == (json != NULL));
    gnomon_answer_free(out);
    gnomon_text_free(words);
    gnomon_text_free(json);
    return status;
}

static gnomon_status try_converse_options(void *subject) { return converse(str("How many crates are there?"), NULL, 0, subject); }

static gnomon_status try_converse_ask(void *subject) {
    gnomon_converse_options options;
    GNOMON_INIT(gnomon_converse_options, &options);
    options.ask = (gnomon_ask_options *)subject;
    return try_converse_options(&options);
}

static void row_gnomon_ask_with_model(void) {
    const gnomon_str question = str("How many crates are there?");
    gnomon_converse_options options;
    gnomon_said_facts facts;
    gnomon_str choices[65];
    size_t n;
    WORKS(converse(question, NULL, 0, NULL));
    WORKS(gnomon_ask_with_model(snapshot, album, NULL, question, NULL, 0, NULL, NULL, NULL, NULL, NULL));
    GNOMON_INIT(gnomon_said_facts, &facts);
    facts.images = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_ask_with_model(NULL, album, NULL, question, NULL, 0, NULL, &facts, NULL, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_ask_with_model(snapshot, NULL, NULL, question, NULL, 0, NULL, &facts, NULL, NULL, NULL));
    CHECK(facts.images == 7);
    WORKS(gnomon_ask_with_model(snapshot, album, NULL, question, NULL, 0, NULL, &facts, NULL, NULL, NULL));
    CHECK(facts.images == 0 && facts.silence == GNOMON_SILENCE_NO_MODEL);
    facts.struct_size = 8;
    REFUSED(GNOMON_E_ABI, gnomon_ask_with_model(snapshot, album, NULL, question, NULL, 0, NULL, &facts, NULL, NULL, NULL));
    REFUSED(GNOMON_E_ARGUMENT, converse(nowhere(), NULL, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, converse(endless(), NULL, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, converse(str(NOT_UTF8), NULL, 0, NULL));
    for (n = 0; n < 65; n++) choices[n] = str("crate");
    REFUSED(GNOMON_E_ARGUMENT, converse(question, choices, 65, NULL));
    REFUSED(GNOMON_E_ARGUMENT, converse(question, NULL, 2, NULL));
    memset(&options, 0, sizeof options);
    REFUSED(GNOMON_E_ABI, try_converse_options(&options));
    GNOMON_INIT(gnomon_converse_options, &options);
    WORKS(try_converse_options(&options));
    spoil("gnomon_converse_options", "gnomon_converse_options", &options, &options, try_converse_options);
    options.within_ns = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_converse_options(&options));
    abuse_ask_options(try_converse_ask);
}

static void row_gnomon_recent_log(void) {
    gnomon_text *out = NULL;
    gnomon_str text = {NULL, 0};
    REFUSED(GNOMON_E_ARGUMENT, gnomon_recent_log(NULL));
    WORKS(gnomon_recent_log(&out));
    WORKS(gnomon_text_view(out, &text));
    CHECK(text.len == 0 || text.data[text.len - 1] == '\n');
    gnomon_text_free(out);
}

static void row_gnomon_detector_info(void) {
    gnomon_network_facts facts;
    GNOMON_INIT(gnomon_network_facts, &facts);
    facts.gives_masks = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_detector_info(NULL, &facts));
    CHECK(facts.gives_masks == 7);
}

static void row_gnomon_depth_net_info(void) {
    gnomon_network_facts facts;
    GNOMON_INIT(gnomon_network_facts, &facts);
    facts.gives_metres = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_depth_net_info(NULL, &facts));
    CHECK(facts.gives_metres == 7);
}

static void row_gnomon_found_detections(void) {
    size_t n = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_found_detections(NULL, NULL, 0, &n));
    CHECK(n == 7);
}

static void row_gnomon_depth_map_info(void) {
    gnomon_depth_facts facts;
    GNOMON_INIT(gnomon_depth_facts, &facts);
    facts.pixels = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_depth_map_info(NULL, &facts));
    CHECK(facts.pixels == 7);
}

static void row_gnomon_depth_map_image(void) {
    gnomon_image image;
    image.len = 7;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_depth_map_image(NULL, &image));
    CHECK(image.len == 7);
}

static const char *const NETWORK = "tests/networks/depth.onnx";

static gnomon_status try_side(void *subject) {
    gnomon_model_memory memory;
    gnomon_status status;
    GNOMON_INIT(gnomon_model_memory, &memory);
    memory.values = 7;
    status = gnomon_model_plan(str(NETWORK), str(""), (gnomon_side *)subject, sizeof(gnomon_side), 1, &memory);
    CHECK(status == GNOMON_OK || memory.values == 7);
    return status;
}

static void row_gnomon_model_plan(void) {
    gnomon_model_memory memory;
    gnomon_side side;
    memset(&memory, 0, sizeof memory);
    REFUSED(GNOMON_E_ABI, gnomon_model_plan(str(NETWORK), str(""), NULL, 0, 0, &memory));
    GNOMON_INIT(gnomon_model_memory, &memory);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_model_plan(str(NETWORK), str(""), NULL, 0, 0, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_model_plan(str(""), str(""), NULL, 0, 0, &memory));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_model_plan(str(NOT_UTF8), str(""), NULL, 0, 0, &memory));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_model_plan(str(NETWORK), str("fp64"), NULL, 0, 0, &memory));
    REFUSED(GNOMON_E_IO, gnomon_model_plan(str("/nowhere"), str(""), NULL, 0, 0, &memory));
    REFUSED(GNOMON_E_MODEL, gnomon_model_plan(str("Cargo.toml"), str(""), NULL, 0, 0, &memory));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_model_plan(str(NETWORK), str(""), NULL, sizeof side, 1, &memory));
    side.name = str("batch");
    side.size = 1;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_model_plan(str(NETWORK), str(""), &side, sizeof side, SIZE_MAX, &memory));
    REFUSED(GNOMON_E_ABI, gnomon_model_plan(str(NETWORK), str(""), &side, 0, 1, &memory));
    REFUSED(GNOMON_E_ABI, gnomon_model_plan(str(NETWORK), str(""), &side, SIZE_MAX, 1, &memory));
    WORKS(try_side(&side));
    spoil("gnomon_side", "gnomon_side", &side, &side, try_side);
    side.size = 0;
    REFUSED(GNOMON_E_ARGUMENT, try_side(&side));
    side.size = 1;
    side.name = str(NOT_UTF8);
    REFUSED(GNOMON_E_ARGUMENT, try_side(&side));
}

#include "pipeline_rows.h"

#define ROWS(X)                       \
    X(gnomon_abi_version)             \
    X(gnomon_album_correct)           \
    X(gnomon_album_count)             \
    X(gnomon_album_free)              \
    X(gnomon_album_new)               \
    X(gnomon_album_offer)             \
    X(gnomon_album_options_init)      \
    X(gnomon_answer_evidence)         \
    X(gnomon_answer_facts_init)       \
    X(gnomon_answer_free)             \
    X(gnomon_answer_info)             \
    X(gnomon_answer_json)             \
    X(gnomon_answer_short)            \
    X(gnomon_answer_text)             \
    X(gnomon_ask)                     \
    X(gnomon_ask_options_init)        \
    X(gnomon_ask_typed)               \
    X(gnomon_ask_with_model)          \
    X(gnomon_box_gap)                 \
    X(gnomon_box_iou)                 \
    X(gnomon_build_info)              \
    X(gnomon_cancel_free)             \
    X(gnomon_cancel_new)              \
    X(gnomon_cancel_stop)             \
    X(gnomon_chain_free)              \
    X(gnomon_chain_load)              \
    X(gnomon_chain_new)               \
    X(gnomon_chain_options_init)      \
    X(gnomon_chain_text)              \
    X(gnomon_chain_update)            \
    X(gnomon_check)                   \
    X(gnomon_cogmap_ascii)            \
    X(gnomon_cogmap_beyond)           \
    X(gnomon_cogmap_cells)            \
    X(gnomon_cogmap_facts_init)       \
    X(gnomon_cogmap_free)             \
    X(gnomon_cogmap_info)             \
    X(gnomon_cogmap_json)             \
    X(gnomon_cogmap_objects)          \
    X(gnomon_cogmap_observer)         \
    X(gnomon_cogmap_options_init)     \
    X(gnomon_cogmap_png)              \
    X(gnomon_cogmap_svg)              \
    X(gnomon_cogmap_text)             \
    X(gnomon_converse_options_init)   \
    X(gnomon_depth_facts_init)        \
    X(gnomon_depth_map_free)          \
    X(gnomon_depth_map_image)         \
    X(gnomon_depth_map_info)          \
    X(gnomon_depth_net_estimate)      \
    X(gnomon_depth_net_free)          \
    X(gnomon_depth_net_info)          \
    X(gnomon_depth_net_open)          \
    X(gnomon_detect_options_init)     \
    X(gnomon_detector_detect)         \
    X(gnomon_detector_free)           \
    X(gnomon_detector_info)           \
    X(gnomon_detector_open)           \
    X(gnomon_diff_facts_init)         \
    X(gnomon_diff_options_init)       \
    X(gnomon_found_detections)        \
    X(gnomon_found_free)              \
    X(gnomon_frame_init)              \
    X(gnomon_frame_report_init)       \
    X(gnomon_gauge_init)              \
    X(gnomon_geometry_net_estimate)   \
    X(gnomon_geometry_net_free)       \
    X(gnomon_geometry_net_info)       \
    X(gnomon_geometry_net_open)       \
    X(gnomon_graph_options_init)      \
    X(gnomon_graph_report_init)       \
    X(gnomon_grounding_free)          \
    X(gnomon_grounding_lift)          \
    X(gnomon_grounding_list)          \
    X(gnomon_grounding_read)          \
    X(gnomon_grounding_rejected)      \
    X(gnomon_job_cancel)              \
    X(gnomon_job_fit)                 \
    X(gnomon_job_free)                \
    X(gnomon_job_reply)               \
    X(gnomon_job_wait)                \
    X(gnomon_judgements_free)         \
    X(gnomon_judgements_json)         \
    X(gnomon_judgements_list)         \
    X(gnomon_keeper_facts_init)       \
    X(gnomon_keeper_free)             \
    X(gnomon_keeper_info)             \
    X(gnomon_keeper_kept)             \
    X(gnomon_keeper_log)              \
    X(gnomon_keeper_new)              \
    X(gnomon_keeper_offer)            \
    X(gnomon_keeper_offer_points)     \
    X(gnomon_keeper_options_init)     \
    X(gnomon_keeper_seeing)           \
    X(gnomon_last_error)              \
    X(gnomon_layout_compose)          \
    X(gnomon_layout_error)            \
    X(gnomon_layout_facts_init)       \
    X(gnomon_layout_free)             \
    X(gnomon_layout_info)             \
    X(gnomon_layout_loops)            \
    X(gnomon_layout_places)           \
    X(gnomon_model_memory_init)       \
    X(gnomon_model_plan)              \
    X(gnomon_network_facts_init)      \
    X(gnomon_network_options_init)    \
    X(gnomon_pipeline_close)          \
    X(gnomon_pipeline_count)          \
    X(gnomon_pipeline_explain)        \
    X(gnomon_pipeline_explain_json)   \
    X(gnomon_pipeline_free)           \
    X(gnomon_pipeline_open)           \
    X(gnomon_pipeline_open_with)      \
    X(gnomon_pipeline_options_init)   \
    X(gnomon_pipeline_poll)           \
    X(gnomon_pipeline_push)           \
    X(gnomon_pipeline_push_copy)      \
    X(gnomon_pipeline_push_detections) \
    X(gnomon_pipeline_push_pose)      \
    X(gnomon_pipeline_settle)         \
    X(gnomon_pipeline_snapshot)       \
    X(gnomon_pipeline_stages)         \
    X(gnomon_pipeline_statistics_init) \
    X(gnomon_provenance_init)         \
    X(gnomon_published_init)          \
    X(gnomon_question_init)           \
    X(gnomon_recent_log)              \
    X(gnomon_recording_facts_init)    \
    X(gnomon_relation_graph_changes)  \
    X(gnomon_relation_graph_free)     \
    X(gnomon_relation_graph_list)     \
    X(gnomon_relation_graph_new)      \
    X(gnomon_relation_graph_update)   \
    X(gnomon_relation_of)             \
    X(gnomon_relation_options_init)   \
    X(gnomon_replay)                  \
    X(gnomon_replay_facts_init)       \
    X(gnomon_reply_facts_init)        \
    X(gnomon_reward_advantages)       \
    X(gnomon_reward_choice)           \
    X(gnomon_reward_format)           \
    X(gnomon_reward_numeric)          \
    X(gnomon_reward_text)             \
    X(gnomon_run_options_init)        \
    X(gnomon_said_facts_init)         \
    X(gnomon_scene_edit)              \
    X(gnomon_scene_free)              \
    X(gnomon_scene_info_init)         \
    X(gnomon_scene_integrate)         \
    X(gnomon_scene_new)               \
    X(gnomon_scene_options_init)      \
    X(gnomon_scene_publish)           \
    X(gnomon_scene_record)            \
    X(gnomon_scene_record_end)        \
    X(gnomon_scene_recording)         \
    X(gnomon_scene_set_inputs)        \
    X(gnomon_scene_snapshot)          \
    X(gnomon_scene_stage_times)       \
    X(gnomon_scene_text)              \
    X(gnomon_scene_update_poses)      \
    X(gnomon_score_mra)               \
    X(gnomon_score_msmu)              \
    X(gnomon_score_vsi)               \
    X(gnomon_select_frames)           \
    X(gnomon_select_options_init)     \
    X(gnomon_select_points)           \
    X(gnomon_select_voxels)           \
    X(gnomon_selection_facts_init)    \
    X(gnomon_set_log)                 \
    X(gnomon_snapshot_clone)          \
    X(gnomon_snapshot_diff)           \
    X(gnomon_snapshot_edit)           \
    X(gnomon_snapshot_edits)          \
    X(gnomon_snapshot_events)         \
    X(gnomon_snapshot_free)           \
    X(gnomon_snapshot_info)           \
    X(gnomon_snapshot_input)          \
    X(gnomon_snapshot_json)           \
    X(gnomon_snapshot_keyframes)      \
    X(gnomon_snapshot_labels)         \
    X(gnomon_snapshot_load)           \
    X(gnomon_snapshot_object)         \
    X(gnomon_snapshot_object_named)   \
    X(gnomon_snapshot_objects)        \
    X(gnomon_snapshot_polygon)        \
    X(gnomon_snapshot_provenance)     \
    X(gnomon_snapshot_save)           \
    X(gnomon_snapshot_supports)       \
    X(gnomon_status_name)             \
    X(gnomon_text_free)               \
    X(gnomon_text_view)               \
    X(gnomon_told_ask)                \
    X(gnomon_told_counts)             \
    X(gnomon_told_free)               \
    X(gnomon_told_read)               \
    X(gnomon_told_rejected)           \
    X(gnomon_told_room_area)          \
    X(gnomon_told_things)             \
    X(gnomon_told_triplets)           \
    X(gnomon_triplets_error)          \
    X(gnomon_triplets_free)           \
    X(gnomon_triplets_list)           \
    X(gnomon_triplets_read)           \
    X(gnomon_triplets_rejected)       \
    X(gnomon_version)                 \
    X(gnomon_views_free)              \
    X(gnomon_views_image)             \
    X(gnomon_views_list)              \
    X(gnomon_vlm_count_tokens)        \
    X(gnomon_vlm_facts_init)          \
    X(gnomon_vlm_free)                \
    X(gnomon_vlm_info)                \
    X(gnomon_vlm_open)                \
    X(gnomon_vlm_options_init)        \
    X(gnomon_vlm_request_init)        \
    X(gnomon_vlm_submit)              \
    X(gnomon_vocabulary_add)          \
    X(gnomon_vocabulary_free)         \
    X(gnomon_vocabulary_new)

int main(void) {
    size_t n = 1, i;
    f32_nan = (float)NAN;
    f32_inf = (float)INFINITY;
    f32_minus_inf = -f32_inf;
    f64_nan = NAN;
    f64_inf = INFINITY;
    f64_minus_inf = -f64_inf;
    memset(mask, 1, sizeof mask);
    fill_depth(depth);
    scene = room_scene(depth, 4);
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    WORKS(gnomon_snapshot_objects(snapshot, &crate, sizeof crate, &n));
    WORKS(gnomon_cogmap_observer(snapshot, NULL, &map));
    pair = two_things();
    n = 2;
    WORKS(gnomon_snapshot_objects(pair, pair_things, sizeof pair_things[0], &n));
    CHECK(n == 2);
    WORKS(gnomon_ask(snapshot, str("How many crates are there?"), NULL, 0, NULL, &answer));
    WORKS(gnomon_check(snapshot, str("There is one crate."), NULL, &judgements));
    WORKS(gnomon_chain_new(NULL, &chain));
    WORKS(gnomon_chain_text(chain, &text));
    WORKS(gnomon_triplets_read(str(THREE_LINES), NULL, 0, &triplets));
    WORKS(gnomon_layout_compose(triplets, NULL, &layout));
    WORKS(gnomon_told_read(str("count crate 3\ncrate#1 1 2\nso it is\n{\"t\":0,\"a\":\"a#1\",\"b\":\"b#1\",\"c\":null,"
                               "\"b_xy\":[5.0,9.0]}"),
                           &told));
    WORKS(gnomon_relation_graph_new(NULL, &graph));
    WORKS(gnomon_vocabulary_new(1, &vocabulary));
    WORKS(gnomon_cancel_new(&cancel));
    WORKS(gnomon_keeper_new(NULL, &keeper));
    WORKS(gnomon_keeper_offer_points(keeper, 5, (const double[]){1, 2, 3}, 1, NULL, 0));
    {
        everything e;
        gnomon_fit fit = whole_room();
        fill_everything(&e);
        WORKS(gnomon_album_new(NULL, &album));
        WORKS(gnomon_album_offer(album, 5, &e.frame, NULL));
        WORKS(gnomon_grounding_read(str(PLACES), GNOMON_CONVENTION_PIXEL_JSON, &fit, &grounding));
    }
#define RUN(function)      \
    row = #function;       \
    row_##function();      \
    unharmed(#function);
    ROWS(RUN)
#undef RUN
    for (i = 0; i < sizeof MEANT / sizeof MEANT[0]; i++)
        if (!meant_used[i]) {
            failures++;
            fprintf(stderr, "MEANT has %s = %s (%s), which was never tried\n", MEANT[i].field, MEANT[i].value,
                    MEANT[i].reason);
        }
    for (i = 0; i < sizeof TAKES / sizeof TAKES[0]; i++)
        if (!spoiled[i]) {
            failures++;
            fprintf(stderr, "%s takes %s, whose fields were not spoiled in its row\n", TAKES[i].function,
                    TAKES[i].struct_name);
        }
    {
        /* After all that, a good frame is still taken in. */
        everything e;
        fill_everything(&e);
        WORKS(try_integrate(&e));
    }
    remove(file);
    gnomon_grounding_free(grounding);
    gnomon_album_free(album);
    gnomon_keeper_free(keeper);
    gnomon_cancel_free(cancel);
    gnomon_vocabulary_free(vocabulary);
    gnomon_relation_graph_free(graph);
    gnomon_told_free(told);
    gnomon_layout_free(layout);
    gnomon_triplets_free(triplets);
    gnomon_text_free(text);
    gnomon_chain_free(chain);
    gnomon_judgements_free(judgements);
    gnomon_answer_free(answer);
    gnomon_snapshot_free(pair);
    gnomon_cogmap_free(map);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
    return finish("abuse");
}
