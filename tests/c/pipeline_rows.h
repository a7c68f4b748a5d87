/* The rows of abuse.c for pipelines. */
#ifndef GNOMON_TEST_PIPELINE_ROWS_H
#define GNOMON_TEST_PIPELINE_ROWS_H

static gnomon_pipeline *open_pipeline(uint32_t late_detections) {
    gnomon_pipeline_options options;
    gnomon_pipeline *pipeline = NULL;
    GNOMON_INIT(gnomon_pipeline_options, &options);
    options.late_detections = late_detections;
    WORKS(gnomon_pipeline_open(NULL, &options, NULL, NULL, NULL, &pipeline));
    return pipeline;
}

static gnomon_pipeline *pushed_to;
static int pushes, releases;

static void count_release(void *user) { (void)__atomic_fetch_add((int *)user, 1, __ATOMIC_SEQ_CST); }

typedef struct opening {
    gnomon_scene_options scene;
    gnomon_pipeline_options options;
    gnomon_detect_options wanted;
} opening;

static gnomon_status try_open(void *subject) {
    opening *o = (opening *)subject;
    gnomon_pipeline *out = (gnomon_pipeline *)&scene;
    gnomon_status status = gnomon_pipeline_open(&o->scene, &o->options, NULL, &releases, count_release, &out);
    CHECK((out == NULL) == (status < 0));
    gnomon_pipeline_free(out);
    return status;
}

static gnomon_status try_open_with(void *subject) {
    opening *o = (opening *)subject;
    gnomon_pipeline *out = (gnomon_pipeline *)&scene;
    gnomon_status status = gnomon_pipeline_open_with(&o->scene, &o->options, NULL, NULL, &o->wanted, NULL, NULL, NULL, &out);
    CHECK((out == NULL) == (status < 0));
    gnomon_pipeline_free(out);
    return status;
}

static void fill_opening(opening *o) {
    GNOMON_INIT(gnomon_scene_options, &o->scene);
    o->scene.up = GNOMON_UP_VECTOR;
    GNOMON_INIT(gnomon_pipeline_options, &o->options);
    GNOMON_INIT(gnomon_detect_options, &o->wanted);
}

static void spoil_opening(attempt call) {
    opening o;
    fill_opening(&o);
    spoil("gnomon_scene_options", "gnomon_scene_options", &o.scene, &o, call);
    spoil("gnomon_pipeline_options", "gnomon_pipeline_options", &o.options, &o, call);
    o.options.late_detections = 2;
    REFUSED(GNOMON_E_ARGUMENT, call(&o));
}

static void row_gnomon_pipeline_open(void) {
    opening o;
    releases = 0;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_open(NULL, NULL, NULL, NULL, NULL, NULL));
    spoil_opening(try_open);
    CHECK(releases == 0); /* what fails takes nothing over */
    fill_opening(&o);
    WORKS(try_open(&o));
    CHECK(releases == 1);
}

static void row_gnomon_pipeline_open_with(void) {
    opening o;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_open_with(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
    spoil_opening(try_open_with);
    fill_opening(&o);
    spoil("gnomon_detect_options", "gnomon_detect_options", &o.wanted, &o, try_open_with);
    WORKS(try_open_with(&o));
}

ROW_INIT(gnomon_pipeline_options)
ROW_INIT(gnomon_published)
ROW_INIT(gnomon_pipeline_statistics)

static void row_gnomon_pipeline_free(void) { gnomon_pipeline_free(NULL); }

static void row_gnomon_pipeline_close(void) {
    gnomon_pipeline *pipeline = open_pipeline(0);
    gnomon_frame frame;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_close(NULL));
    WORKS(gnomon_pipeline_close(pipeline));
    WORKS(gnomon_pipeline_close(pipeline));
    room_frame(&frame, depth, 1);
    releases = 0;
    REFUSED(GNOMON_E_STATE,
            gnomon_pipeline_push(pipeline, &frame, GNOMON_LIVE_POSE, NULL, 0, 0, count_release, &releases));
    CHECK(releases == 1);
    REFUSED(GNOMON_E_STATE, gnomon_pipeline_push_copy(pipeline, &frame, GNOMON_LIVE_POSE, NULL, 0, 0));
    REFUSED(GNOMON_E_STATE, gnomon_pipeline_push_pose(pipeline, 0, 1, frame.world_from_camera));
    gnomon_pipeline_free(pipeline);
}

/* What a pipeline takes, and a scene does not, is left to the scene. */
static int is_live(const everything *e) { return e->frame.depth.len == 0 || e->frame.stamp_ns == INT64_MIN; }

enum { ALL_PARTS = GNOMON_LIVE_POSE | GNOMON_LIVE_DETECTIONS };

static gnomon_status try_push(void *subject) {
    everything *e = (everything *)subject;
    if (is_live(e)) return try_integrate(e);
    pushes++;
    return gnomon_pipeline_push(pushed_to, &e->frame, ALL_PARTS, &e->detection, sizeof e->detection, 1, count_release,
                                &releases);
}

static gnomon_status try_push_copy(void *subject) {
    everything *e = (everything *)subject;
    if (is_live(e)) return try_integrate(e);
    return gnomon_pipeline_push_copy(pushed_to, &e->frame, ALL_PARTS, &e->detection, sizeof e->detection, 1);
}

static void count_pushed(uint64_t expected) {
    gnomon_pipeline_statistics statistics;
    GNOMON_INIT(gnomon_pipeline_statistics, &statistics);
    WORKS(gnomon_pipeline_count(pushed_to, &statistics));
    CHECK(statistics.pushed == expected);
}

static void row_gnomon_pipeline_push(void) {
    everything e;
    gnomon_detection *many = calloc(4097, sizeof *many);
    fill_everything(&e);
    pushed_to = open_pipeline(0);
    pushes = releases = 0;
    spoil("gnomon_frame", "gnomon_frame", &e.frame, &e, try_push);
    spoil("gnomon_detection", "gnomon_detection", &e.detection, &e, try_push);
    CHECK(pushes > 100 && releases == pushes);
    releases = 0;
#define PUSH(pipeline, frame, has, detections, size, n) \
    gnomon_pipeline_push(pipeline, frame, has, detections, size, n, count_release, &releases)
    REFUSED(GNOMON_E_ARGUMENT, PUSH(NULL, &e.frame, ALL_PARTS, NULL, 0, 0));
    REFUSED(GNOMON_E_ARGUMENT, PUSH(pushed_to, NULL, ALL_PARTS, NULL, 0, 0));
    REFUSED(GNOMON_E_ARGUMENT, PUSH(pushed_to, &e.frame, 4, NULL, 0, 0));
    REFUSED(GNOMON_E_ARGUMENT, PUSH(pushed_to, &e.frame, UINT32_MAX, NULL, 0, 0));
    REFUSED(GNOMON_E_ARGUMENT, PUSH(pushed_to, &e.frame, GNOMON_LIVE_POSE, &e.detection, sizeof e.detection, 1));
    REFUSED(GNOMON_E_ARGUMENT, PUSH(pushed_to, &e.frame, ALL_PARTS, NULL, sizeof e.detection, 1));
    REFUSED(GNOMON_E_ARGUMENT, PUSH(pushed_to, &e.frame, ALL_PARTS, many, sizeof *many, 4097));
    REFUSED(GNOMON_E_ARGUMENT, PUSH(pushed_to, &e.frame, ALL_PARTS, &e.detection, sizeof e.detection, SIZE_MAX));
    REFUSED(GNOMON_E_ABI, PUSH(pushed_to, &e.frame, ALL_PARTS, &e.detection, 0, 1));
    REFUSED(GNOMON_E_ABI, PUSH(pushed_to, &e.frame, ALL_PARTS, &e.detection, SIZE_MAX, 1));
    CHECK(releases == 10);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push(pushed_to, NULL, 0, NULL, 0, 0, NULL, NULL));
    count_pushed(0);
    WORKS(try_push(&e));
    count_pushed(1);
    gnomon_pipeline_free(pushed_to);
    CHECK(releases == 11);
    free(many);
}

static void row_gnomon_pipeline_push_copy(void) {
    everything e;
    fill_everything(&e);
    pushed_to = open_pipeline(0);
    spoil("gnomon_frame", "gnomon_frame", &e.frame, &e, try_push_copy);
    spoil("gnomon_detection", "gnomon_detection", &e.detection, &e, try_push_copy);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_copy(NULL, &e.frame, 0, NULL, 0, 0));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_copy(pushed_to, NULL, 0, NULL, 0, 0));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_copy(pushed_to, &e.frame, 4, NULL, 0, 0));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_copy(pushed_to, &e.frame, 0, &e.detection, sizeof e.detection, 1));
    REFUSED(GNOMON_E_ABI, gnomon_pipeline_push_copy(pushed_to, &e.frame, ALL_PARTS, &e.detection, 0, 1));
    count_pushed(0);
    WORKS(try_push_copy(&e));
    gnomon_pipeline_free(pushed_to);
}

static void row_gnomon_pipeline_push_pose(void) {
    double pose[16];
    size_t i, j;
    pushed_to = open_pipeline(0);
    level_camera(pose, 0);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_pose(NULL, 0, 0, pose));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_pose(pushed_to, 0, 0, NULL));
    for (i = 0; i < 16; i++)
        for (j = 0; j < sizeof BAD / sizeof BAD[0]; j++) {
            double kept = pose[i];
            if (strcmp(BAD[j].kind, "f64") != 0) continue;
            memcpy(&pose[i], BAD[j].bytes, sizeof kept);
            REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_pose(pushed_to, 0, 0, pose));
            pose[i] = kept;
        }
    WORKS(gnomon_pipeline_push_pose(pushed_to, UINT32_MAX, INT64_MIN, pose));
    WORKS(gnomon_pipeline_push_pose(pushed_to, 0, INT64_MAX, pose));
    gnomon_pipeline_free(pushed_to);
}

static gnomon_status try_push_detections(void *subject) {
    everything *e = (everything *)subject;
    return gnomon_pipeline_push_detections(pushed_to, 0, 1, &e->detection, sizeof e->detection, 1);
}

static void row_gnomon_pipeline_push_detections(void) {
    everything e;
    fill_everything(&e);
    pushed_to = open_pipeline(0);
    REFUSED(GNOMON_E_STATE, try_push_detections(&e));
    gnomon_pipeline_free(pushed_to);
    pushed_to = open_pipeline(1);
    spoil("gnomon_detection", "gnomon_detection", &e.detection, &e, try_push_detections);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_detections(NULL, 0, 1, &e.detection, sizeof e.detection, 1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_push_detections(pushed_to, 0, 1, NULL, sizeof e.detection, 1));
    REFUSED(GNOMON_E_ARGUMENT,
            gnomon_pipeline_push_detections(pushed_to, 0, 1, &e.detection, sizeof e.detection, SIZE_MAX));
    REFUSED(GNOMON_E_ABI, gnomon_pipeline_push_detections(pushed_to, 0, 1, &e.detection, 0, 1));
    WORKS(try_push_detections(&e));
    WORKS(gnomon_pipeline_push_detections(pushed_to, 0, 1, NULL, 0, 0));
    gnomon_pipeline_free(pushed_to);
}

static void row_gnomon_pipeline_settle(void) {
    gnomon_pipeline *pipeline = open_pipeline(0);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_settle(NULL, 0));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_settle(pipeline, -1));
    WORKS(gnomon_pipeline_settle(pipeline, INT64_MAX));
    gnomon_pipeline_free(pipeline);
}

static void row_gnomon_pipeline_poll(void) {
    gnomon_pipeline *pipeline = open_pipeline(0);
    gnomon_snapshot *out = (gnomon_snapshot *)&scene;
    gnomon_published published;
    gnomon_frame_report report;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_poll(NULL, NULL, NULL, &out));
    CHECK(out == NULL);
    GNOMON_INIT(gnomon_published, &published);
    GNOMON_INIT(gnomon_frame_report, &report);
    published.struct_size = 4;
    REFUSED(GNOMON_E_ABI, gnomon_pipeline_poll(pipeline, &published, NULL, NULL));
    GNOMON_INIT(gnomon_published, &published);
    report.abi_version = 99;
    REFUSED(GNOMON_E_ABI, gnomon_pipeline_poll(pipeline, &published, &report, NULL));
    CHECK(gnomon_pipeline_poll(pipeline, NULL, NULL, NULL) == GNOMON_PENDING);
    CHECK(gnomon_pipeline_poll(pipeline, &published, NULL, &out) == GNOMON_PENDING && out == NULL);
    gnomon_pipeline_free(pipeline);
}

static void row_gnomon_pipeline_snapshot(void) {
    gnomon_pipeline *pipeline = open_pipeline(0);
    gnomon_snapshot *out = (gnomon_snapshot *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_snapshot(NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_snapshot(pipeline, NULL));
    WORKS(gnomon_pipeline_snapshot(pipeline, &out));
    gnomon_snapshot_free(out);
    gnomon_pipeline_free(pipeline);
}

static void row_gnomon_pipeline_explain(void) {
    gnomon_pipeline *pipeline = open_pipeline(0);
    gnomon_text *out = (gnomon_text *)&scene;
    int32_t link = 77;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_explain(NULL, &link, &out));
    CHECK(out == NULL && link == 77);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_explain(pipeline, &link, NULL));
    CHECK(link == 77);
    WORKS(gnomon_pipeline_explain(pipeline, NULL, &out));
    gnomon_text_free(out);
    gnomon_pipeline_free(pipeline);
}

static void row_gnomon_pipeline_explain_json(void) {
    gnomon_pipeline *pipeline = open_pipeline(0);
    gnomon_text *out = (gnomon_text *)&scene;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_explain_json(NULL, &out));
    CHECK(out == NULL);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_explain_json(pipeline, NULL));
    gnomon_pipeline_free(pipeline);
}

static void row_gnomon_pipeline_count(void) {
    gnomon_pipeline *pipeline = open_pipeline(0);
    gnomon_pipeline_statistics out;
    GNOMON_INIT(gnomon_pipeline_statistics, &out);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_count(NULL, &out));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_count(pipeline, NULL));
    out.struct_size = 0;
    REFUSED(GNOMON_E_ABI, gnomon_pipeline_count(pipeline, &out));
    gnomon_pipeline_free(pipeline);
}

static void row_gnomon_pipeline_stages(void) {
    gnomon_pipeline *pipeline = open_pipeline(0);
    gnomon_stage stages[5];
    size_t n = 4;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_stages(NULL, stages, sizeof *stages, &n));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_stages(pipeline, stages, sizeof *stages, NULL));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_pipeline_stages(pipeline, stages, sizeof *stages, &n));
    n = 5;
    REFUSED(GNOMON_E_ABI, gnomon_pipeline_stages(pipeline, stages, 8, &n));
    REFUSED(GNOMON_E_ABI, gnomon_pipeline_stages(pipeline, stages, SIZE_MAX, &n));
    WORKS(gnomon_pipeline_stages(pipeline, stages, sizeof *stages, &n));
    gnomon_pipeline_free(pipeline);
}

#endif
