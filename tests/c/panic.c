/* A panic at every entry: once before the handle is looked at, once while it is held. It becomes GNOMON_E_PANIC; held, it
 * leaves the handle unusable but for freeing. The library must be built with the feature ffi-test-panic. Handles of
 * networks need an ONNX Runtime; without one, only the panic before the handle is tried of theirs. */
#include "check.h"

static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];
static gnomon_scene *scene;
static gnomon_snapshot *snapshot;
static gnomon_cogmap *map;
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
static char saved[PATH_ROOM], recorded[PATH_ROOM], other_file[PATH_ROOM];
static gnomon_cancel *cancel;
static int has_runtime;
static gnomon_detector *detector;
static gnomon_found *found;
static gnomon_depth_net *net;
static gnomon_depth_map *map_of_depth;
static gnomon_geometry_net *geometry;
static gnomon_views *views;
static gnomon_vlm *vlm;
static gnomon_job *job;
static gnomon_pipeline *pipeline;
static const uint8_t PICTURE[4 * 4 * 3];
static const char *const LINE =
    "{\"t\":1,\"a\":\"a#1\",\"b\":\"b#1\",\"c\":\"c#1\",\"b_xy\":[5.0,9.0],\"c_xy\":[7.0,5.0],\"cell\":0.50}";

static uint8_t rgb[3 * ROOM_WIDTH * ROOM_HEIGHT];

static gnomon_frame frame_with_picture(void) {
    gnomon_frame frame;
    room_frame(&frame, depth, 1);
    use_format(&frame, &COLOUR_FORMATS[0], rgb, 0);
    return frame;
}

static gnomon_status read_places(gnomon_grounding **out) {
    const gnomon_fit fit = {ROOM_WIDTH, ROOM_HEIGHT, ROOM_WIDTH, ROOM_HEIGHT, 0, 0, ROOM_WIDTH, ROOM_HEIGHT};
    return gnomon_grounding_read(str("{\"bbox_2d\":[60,40,100,80],\"label\":\"crate\"}"), GNOMON_CONVENTION_PIXEL_JSON,
                                 &fit, out);
}

static void start_pipeline(void) {
    gnomon_pipeline_options options;
    GNOMON_INIT(gnomon_pipeline_options, &options);
    options.late_detections = 1;
    WORKS(gnomon_pipeline_open(NULL, &options, NULL, NULL, NULL, &pipeline));
}

static void start(void) {
    gnomon_frame frame = frame_with_picture();
    scene = room_scene(depth, 3);
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    WORKS(gnomon_cogmap_observer(snapshot, NULL, &map));
    WORKS(gnomon_ask(snapshot, str("How many crates are there?"), NULL, 0, NULL, &answer));
    WORKS(gnomon_check(snapshot, str("There is one crate."), NULL, &judgements));
    WORKS(gnomon_chain_new(NULL, &chain));
    WORKS(gnomon_chain_text(chain, &text));
    WORKS(gnomon_triplets_read(str(LINE), NULL, 0, &triplets));
    WORKS(gnomon_layout_compose(triplets, NULL, &layout));
    WORKS(gnomon_told_read(str(LINE), &told));
    WORKS(gnomon_relation_graph_new(NULL, &graph));
    WORKS(gnomon_vocabulary_new(1, &vocabulary));
    WORKS(gnomon_cancel_new(&cancel));
    WORKS(gnomon_keeper_new(NULL, &keeper));
    WORKS(gnomon_album_new(NULL, &album));
    WORKS(gnomon_album_offer(album, 1, &frame, NULL));
    WORKS(read_places(&grounding));
    start_pipeline();
}

static gnomon_image picture(void) {
    gnomon_image image;
    memset(&image, 0, sizeof image);
    image.data = PICTURE;
    image.len = sizeof PICTURE;
    image.width = image.height = 4;
    image.format = GNOMON_PIXEL_RGB8;
    return image;
}

static gnomon_status open_depth_net(gnomon_depth_net **out) {
    gnomon_network_options options;
    GNOMON_INIT(gnomon_network_options, &options);
    options.family = str("depth_anything_v2_metric");
    return gnomon_depth_net_open(str("tests/networks/depth.onnx"), &options, out);
}

static gnomon_status see_two(gnomon_views **out) {
    gnomon_image two[2];
    two[0] = two[1] = picture();
    return gnomon_geometry_net_estimate(geometry, two, 2, NULL, out);
}

static gnomon_status ask_vlm(gnomon_job **out) {
    gnomon_vlm_request request;
    gnomon_message message;
    gnomon_image image = picture();
    memset(&message, 0, sizeof message);
    message.text = str("Where?");
    message.images = 1;
    GNOMON_INIT(gnomon_vlm_request, &request);
    request.images = &image;
    request.images_len = 1;
    request.messages = &message;
    request.messages_len = 1;
    request.max_new_tokens = 1;
    return gnomon_vlm_submit(vlm, &request, NULL, NULL, NULL, out);
}

static void start_networks(void) {
    gnomon_image image = picture();
    if (!has_runtime) return;
    WORKS(gnomon_detector_open(str("tests/networks/detector"), NULL, &detector));
    WORKS(gnomon_detector_detect(detector, &image, NULL, NULL, &found));
    WORKS(open_depth_net(&net));
    WORKS(gnomon_depth_net_estimate(net, &image, NULL, NULL, &map_of_depth));
    WORKS(gnomon_geometry_net_open(str("tests/networks/views"), NULL, &geometry));
    WORKS(see_two(&views));
    WORKS(gnomon_vlm_open(str("tests/vlm/qwen2_vl_any_grid"), NULL, NULL, &vlm));
    WORKS(ask_vlm(&job));
    WORKS(gnomon_job_wait(job, -1));
}

static void stop(void) {
    gnomon_job_free(job);
    gnomon_vlm_free(vlm);
    job = NULL;
    vlm = NULL;
    gnomon_pipeline_free(pipeline);
    gnomon_views_free(views);
    gnomon_geometry_net_free(geometry);
    views = NULL;
    geometry = NULL;
    gnomon_depth_map_free(map_of_depth);
    gnomon_depth_net_free(net);
    gnomon_found_free(found);
    gnomon_detector_free(detector);
    map_of_depth = NULL;
    net = NULL;
    found = NULL;
    detector = NULL;
    gnomon_cancel_free(cancel);
    gnomon_grounding_free(grounding);
    gnomon_album_free(album);
    gnomon_keeper_free(keeper);
    gnomon_vocabulary_free(vocabulary);
    gnomon_relation_graph_free(graph);
    gnomon_told_free(told);
    gnomon_layout_free(layout);
    gnomon_triplets_free(triplets);
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

static gnomon_status call_gnomon_scene_stage_times(void) {
    size_t n = 0;
    return gnomon_scene_stage_times(scene, NULL, 0, &n);
}

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

static gnomon_status call_gnomon_triplets_read(void) {
    gnomon_triplets *out = NULL;
    gnomon_status status = gnomon_triplets_read(str(LINE), NULL, 0, &out);
    gnomon_triplets_free(out);
    return status;
}

static gnomon_status call_gnomon_triplets_list(void) {
    size_t n;
    return gnomon_triplets_list(triplets, NULL, 0, &n);
}

static gnomon_status call_gnomon_triplets_rejected(void) {
    size_t n;
    return gnomon_triplets_rejected(triplets, NULL, 0, &n, NULL);
}

static gnomon_status call_gnomon_told_read(void) {
    gnomon_told *out = NULL;
    gnomon_status status = gnomon_told_read(str(LINE), &out);
    gnomon_told_free(out);
    return status;
}

static gnomon_status call_gnomon_told_things(void) {
    size_t n;
    return gnomon_told_things(told, NULL, 0, &n);
}

static gnomon_status call_gnomon_told_counts(void) {
    size_t n;
    return gnomon_told_counts(told, NULL, 0, &n);
}

static gnomon_status call_gnomon_told_triplets(void) {
    size_t n;
    return gnomon_told_triplets(told, NULL, 0, &n);
}

static gnomon_status call_gnomon_told_rejected(void) {
    size_t n;
    return gnomon_told_rejected(told, NULL, 0, &n, NULL);
}

static gnomon_status call_gnomon_told_room_area(void) {
    double out;
    return gnomon_told_room_area(told, &out);
}

static gnomon_status call_gnomon_told_ask(void) {
    gnomon_answer *out = NULL;
    gnomon_status status = gnomon_told_ask(told, str("How many crates are there?"), NULL, 0, NULL, &out);
    gnomon_answer_free(out);
    return status;
}

static gnomon_status call_gnomon_layout_compose(void) {
    gnomon_layout *out = NULL;
    gnomon_status status = gnomon_layout_compose(triplets, NULL, &out);
    gnomon_layout_free(out);
    return status;
}

static gnomon_status call_gnomon_layout_info(void) {
    gnomon_layout_facts facts;
    GNOMON_INIT(gnomon_layout_facts, &facts);
    return gnomon_layout_info(layout, &facts);
}

static gnomon_status call_gnomon_layout_places(void) {
    size_t n;
    return gnomon_layout_places(layout, NULL, 0, &n);
}

static gnomon_status call_gnomon_layout_loops(void) {
    size_t n;
    return gnomon_layout_loops(layout, NULL, 0, &n);
}

static void two_places(gnomon_place truth[2]) {
    memset(truth, 0, 2 * sizeof truth[0]);
    truth[0].name = str("a#1");
    truth[1].name = str("b#1");
    truth[1].at[0] = 2;
}

static gnomon_status call_gnomon_layout_error(void) {
    gnomon_place truth[2];
    gnomon_placement_error out;
    two_places(truth);
    return gnomon_layout_error(layout, truth, sizeof truth[0], 2, 0.5, &out, sizeof out);
}

static gnomon_status call_gnomon_triplets_error(void) {
    gnomon_place truth[2];
    gnomon_placement_error out;
    two_places(truth);
    return gnomon_triplets_error(triplets, truth, sizeof truth[0], 2, &out, sizeof out);
}

static gnomon_status call_gnomon_relation_graph_new(void) {
    gnomon_relation_graph *out = NULL;
    gnomon_status status = gnomon_relation_graph_new(NULL, &out);
    gnomon_relation_graph_free(out);
    return status;
}

static gnomon_status call_gnomon_relation_graph_update(void) {
    return gnomon_relation_graph_update(graph, snapshot, NULL);
}

static gnomon_status call_gnomon_relation_graph_list(void) {
    size_t n;
    return gnomon_relation_graph_list(graph, NULL, 0, &n);
}

static gnomon_status call_gnomon_relation_graph_changes(void) {
    size_t n;
    return gnomon_relation_graph_changes(graph, NULL, 0, &n);
}

static gnomon_status call_gnomon_vocabulary_new(void) {
    gnomon_vocabulary *out = NULL;
    gnomon_status status = gnomon_vocabulary_new(1, &out);
    gnomon_vocabulary_free(out);
    return status;
}

static gnomon_status call_gnomon_vocabulary_add(void) {
    gnomon_str words[2];
    words[0] = str("crate");
    words[1] = str("box");
    return gnomon_vocabulary_add(vocabulary, words, 2);
}

static gnomon_status call_gnomon_reward_advantages(void) {
    double rewards[2] = {0, 1};
    return gnomon_reward_advantages(rewards, 2, GNOMON_SPREAD_POPULATION, rewards);
}

static gnomon_status call_gnomon_set_log(void) { return gnomon_set_log(NULL, NULL, GNOMON_LOG_OFF); }

static gnomon_status call_gnomon_cancel_new(void) {
    gnomon_cancel *out = NULL;
    gnomon_status status = gnomon_cancel_new(&out);
    gnomon_cancel_free(out);
    return status;
}

static gnomon_status call_gnomon_cancel_stop(void) { return gnomon_cancel_stop(cancel); }

static gnomon_status call_gnomon_model_plan(void) {
    gnomon_model_memory memory;
    GNOMON_INIT(gnomon_model_memory, &memory);
    return gnomon_model_plan(str("tests/networks/depth.onnx"), str(""), NULL, 0, 0, &memory);
}

static gnomon_status call_gnomon_detector_open(void) {
    gnomon_detector *out = NULL;
    gnomon_status status = gnomon_detector_open(str("tests/networks/detector"), NULL, &out);
    gnomon_detector_free(out);
    return status;
}

static gnomon_status call_gnomon_detector_detect(void) {
    gnomon_image image = picture();
    gnomon_found *out = NULL;
    gnomon_status status = gnomon_detector_detect(detector, &image, NULL, NULL, &out);
    gnomon_found_free(out);
    return status;
}

static gnomon_status call_gnomon_detector_info(void) {
    gnomon_network_facts facts;
    GNOMON_INIT(gnomon_network_facts, &facts);
    return gnomon_detector_info(detector, &facts);
}

static gnomon_status call_gnomon_found_detections(void) {
    size_t n;
    return gnomon_found_detections(found, NULL, 0, &n);
}

static gnomon_status call_gnomon_depth_net_open(void) {
    gnomon_depth_net *out = NULL;
    gnomon_status status = open_depth_net(&out);
    gnomon_depth_net_free(out);
    return status;
}

static gnomon_status call_gnomon_depth_net_estimate(void) {
    gnomon_image image = picture();
    gnomon_depth_map *out = NULL;
    gnomon_status status = gnomon_depth_net_estimate(net, &image, NULL, NULL, &out);
    gnomon_depth_map_free(out);
    return status;
}

static gnomon_status call_gnomon_depth_net_info(void) {
    gnomon_network_facts facts;
    GNOMON_INIT(gnomon_network_facts, &facts);
    return gnomon_depth_net_info(net, &facts);
}

static gnomon_status call_gnomon_depth_map_info(void) {
    gnomon_depth_facts facts;
    GNOMON_INIT(gnomon_depth_facts, &facts);
    return gnomon_depth_map_info(map_of_depth, &facts);
}

static gnomon_status call_gnomon_depth_map_image(void) {
    gnomon_image image;
    return gnomon_depth_map_image(map_of_depth, &image);
}

static gnomon_status call_gnomon_geometry_net_open(void) {
    gnomon_geometry_net *out = NULL;
    gnomon_status status = gnomon_geometry_net_open(str("tests/networks/views"), NULL, &out);
    gnomon_geometry_net_free(out);
    return status;
}

static gnomon_status call_gnomon_geometry_net_estimate(void) {
    gnomon_views *out = NULL;
    gnomon_status status = see_two(&out);
    gnomon_views_free(out);
    return status;
}

static gnomon_status call_gnomon_geometry_net_info(void) {
    gnomon_network_facts facts;
    GNOMON_INIT(gnomon_network_facts, &facts);
    return gnomon_geometry_net_info(geometry, &facts);
}

static gnomon_status call_gnomon_views_list(void) {
    size_t n;
    return gnomon_views_list(views, NULL, 0, &n);
}

static gnomon_status call_gnomon_views_image(void) {
    gnomon_image image;
    return gnomon_views_image(views, 1, &image);
}

static gnomon_status call_gnomon_snapshot_save(void) {
    return gnomon_snapshot_save(snapshot, NULL, file_of(other_file, "panic-other.json"), NULL);
}

static gnomon_status call_gnomon_snapshot_load(void) {
    gnomon_snapshot *out = NULL;
    gnomon_status status = gnomon_snapshot_load(str(saved), &out);
    gnomon_snapshot_free(out);
    return status;
}

static gnomon_status call_gnomon_chain_load(void) {
    gnomon_chain *out = NULL;
    gnomon_status status = gnomon_chain_load(str(saved), NULL, &out);
    gnomon_chain_free(out);
    return status;
}

static gnomon_edit pinned_no_more(void) {
    gnomon_edit edit;
    memset(&edit, 0, sizeof edit);
    edit.who = str("anna");
    edit.thing = object_of_snapshot.id;
    edit.kind = GNOMON_OPERATOR_UNPIN;
    return edit;
}

static gnomon_status call_gnomon_scene_edit(void) {
    gnomon_edit edit = pinned_no_more();
    return gnomon_scene_edit(scene, &edit, sizeof edit);
}

static gnomon_status call_gnomon_snapshot_edit(void) {
    gnomon_edit edit = pinned_no_more();
    gnomon_snapshot *out = NULL;
    gnomon_status status;
    edit.kind = GNOMON_OPERATOR_DELETE;
    status = gnomon_snapshot_edit(snapshot, &edit, sizeof edit, &out);
    gnomon_snapshot_free(out);
    return status;
}

static gnomon_status call_gnomon_snapshot_edits(void) {
    size_t n;
    return gnomon_snapshot_edits(snapshot, 0, NULL, 0, &n);
}

static gnomon_status call_gnomon_scene_set_inputs(void) {
    gnomon_str input = str("a test");
    return gnomon_scene_set_inputs(scene, &input, 1);
}

static gnomon_status call_gnomon_snapshot_provenance(void) {
    gnomon_provenance provenance;
    GNOMON_INIT(gnomon_provenance, &provenance);
    return gnomon_snapshot_provenance(snapshot, &provenance);
}

static gnomon_status call_gnomon_snapshot_input(void) {
    gnomon_str out;
    gnomon_status status = gnomon_snapshot_input(snapshot, 0, &out);
    return status == GNOMON_E_ARGUMENT ? GNOMON_OK : status; /* it names none */
}

static gnomon_status call_gnomon_snapshot_diff(void) {
    return gnomon_snapshot_diff(snapshot, snapshot, NULL, NULL, NULL, NULL);
}

static gnomon_status call_gnomon_scene_record(void) {
    gnomon_status status = gnomon_scene_record(scene, str(recorded), 1 << 20);
    return status == GNOMON_E_STATE ? GNOMON_OK : status; /* it has seen frames */
}

static gnomon_status call_gnomon_scene_recording(void) {
    gnomon_recording_facts facts;
    GNOMON_INIT(gnomon_recording_facts, &facts);
    return gnomon_scene_recording(scene, &facts, NULL);
}

static gnomon_status call_gnomon_scene_record_end(void) {
    gnomon_status status = gnomon_scene_record_end(scene);
    return status == GNOMON_E_STATE ? GNOMON_OK : status; /* there is no recording */
}

static gnomon_status call_gnomon_replay(void) {
    gnomon_scene *out = NULL;
    gnomon_status status = gnomon_replay(str(recorded), NULL, NULL, &out);
    gnomon_scene_free(out);
    return status;
}

static gnomon_status call_gnomon_select_frames(void) {
    gnomon_frame frame;
    gnomon_pick pick;
    size_t n = 1;
    room_frame(&frame, depth, 0);
    return gnomon_select_frames(&frame, sizeof frame, 1, NULL, &pick, sizeof pick, &n, NULL);
}

static gnomon_status call_gnomon_select_points(void) {
    static const float points[6] = {0, 0, 0, 1, 1, 1};
    gnomon_point_map map_of_points = {points, 2, NULL, 0};
    gnomon_pick pick;
    size_t n = 1;
    return gnomon_select_points(&map_of_points, sizeof map_of_points, 1, NULL, &pick, sizeof pick, &n, NULL);
}

static gnomon_status call_gnomon_select_voxels(void) {
    static const uint64_t voxels[2] = {3, 7};
    gnomon_voxel_set set = {voxels, 2};
    gnomon_pick pick;
    size_t n = 1;
    return gnomon_select_voxels(&set, sizeof set, 1, 1, &pick, sizeof pick, &n, NULL);
}

static gnomon_status call_gnomon_keeper_new(void) {
    gnomon_keeper *out = NULL;
    gnomon_status status = gnomon_keeper_new(NULL, &out);
    gnomon_keeper_free(out);
    return status;
}

static uint64_t offered;

static gnomon_status call_gnomon_keeper_offer(void) {
    gnomon_frame frame;
    room_frame(&frame, depth, 0);
    return gnomon_keeper_offer(keeper, ++offered, &frame, NULL, 0);
}

static gnomon_status call_gnomon_keeper_offer_points(void) {
    static const double point[3] = {1, 2, 3};
    return gnomon_keeper_offer_points(keeper, ++offered, point, 1, NULL, 0);
}

static gnomon_status call_gnomon_keeper_info(void) {
    gnomon_keeper_facts facts;
    GNOMON_INIT(gnomon_keeper_facts, &facts);
    return gnomon_keeper_info(keeper, &facts);
}

static gnomon_status call_gnomon_keeper_kept(void) {
    size_t n;
    return gnomon_keeper_kept(keeper, NULL, 0, &n);
}

static gnomon_status call_gnomon_keeper_log(void) {
    size_t n;
    return gnomon_keeper_log(keeper, NULL, 0, &n);
}

static gnomon_status call_gnomon_keeper_seeing(void) {
    size_t n;
    return gnomon_keeper_seeing(keeper, &BOX, NULL, 0, &n);
}

static gnomon_status call_gnomon_vlm_open(void) {
    gnomon_vlm *out = NULL;
    gnomon_status status = gnomon_vlm_open(str("tests/vlm/qwen2_vl_any_grid"), NULL, NULL, &out);
    gnomon_vlm_free(out);
    return status;
}

static gnomon_status call_gnomon_vlm_info(void) {
    gnomon_vlm_facts facts;
    GNOMON_INIT(gnomon_vlm_facts, &facts);
    return gnomon_vlm_info(vlm, &facts);
}

static gnomon_status call_gnomon_vlm_count_tokens(void) {
    size_t count;
    return gnomon_vlm_count_tokens(vlm, str("Where?"), &count);
}

static gnomon_status call_gnomon_vlm_submit(void) {
    gnomon_job *out = NULL;
    gnomon_status status = ask_vlm(&out);
    gnomon_job_free(out);
    return status;
}

static gnomon_status call_gnomon_job_wait(void) { return gnomon_job_wait(job, -1); }

static gnomon_status call_gnomon_job_cancel(void) { return gnomon_job_cancel(job); }

static gnomon_status call_gnomon_job_reply(void) {
    gnomon_reply_facts reply;
    GNOMON_INIT(gnomon_reply_facts, &reply);
    return gnomon_job_reply(job, &reply);
}

static gnomon_status call_gnomon_job_fit(void) {
    gnomon_fit fit;
    return gnomon_job_fit(job, 0, &fit);
}

static gnomon_status call_gnomon_grounding_read(void) {
    gnomon_grounding *out = NULL;
    gnomon_status status = read_places(&out);
    gnomon_grounding_free(out);
    return status;
}

static gnomon_status call_gnomon_grounding_list(void) {
    size_t n = 0;
    return gnomon_grounding_list(grounding, NULL, 0, &n);
}

static gnomon_status call_gnomon_grounding_rejected(void) {
    size_t n = 0;
    return gnomon_grounding_rejected(grounding, NULL, 0, &n, NULL);
}

static gnomon_status call_gnomon_grounding_lift(void) {
    gnomon_frame frame = frame_with_picture();
    gnomon_box box;
    return gnomon_grounding_lift(grounding, 0, &frame, &box);
}

static gnomon_status call_gnomon_album_new(void) {
    gnomon_album *out = NULL;
    gnomon_status status = gnomon_album_new(NULL, &out);
    gnomon_album_free(out);
    return status;
}

static gnomon_status call_gnomon_album_offer(void) {
    gnomon_frame frame = frame_with_picture();
    return gnomon_album_offer(album, 2, &frame, NULL);
}

static gnomon_status call_gnomon_album_correct(void) {
    double pose[16];
    level_camera(pose, 0);
    return gnomon_album_correct(album, 1, pose, NULL);
}

static gnomon_status call_gnomon_album_count(void) {
    size_t n = 0;
    return gnomon_album_count(album, &n);
}

static gnomon_status call_gnomon_ask_with_model(void) {
    gnomon_text *out = NULL;
    gnomon_status status = gnomon_ask_with_model(snapshot, album, NULL, str("How many crates are there?"), NULL, 0, NULL,
                                                 NULL, NULL, NULL, &out);
    gnomon_text_free(out);
    return status;
}

static gnomon_status call_gnomon_recent_log(void) {
    gnomon_text *out = NULL;
    gnomon_status status = gnomon_recent_log(&out);
    gnomon_text_free(out);
    return status;
}

static int released;
static void count_release(void *user) { (void)__atomic_fetch_add((int *)user, 1, __ATOMIC_SEQ_CST); }

static gnomon_status call_gnomon_pipeline_open(void) {
    gnomon_pipeline *out = NULL;
    gnomon_status status = gnomon_pipeline_open(NULL, NULL, NULL, NULL, NULL, &out);
    gnomon_pipeline_free(out);
    return status;
}

static gnomon_status call_gnomon_pipeline_open_with(void) {
    gnomon_pipeline *out = NULL;
    gnomon_status status = gnomon_pipeline_open_with(NULL, NULL, net, detector, NULL, NULL, NULL, NULL, &out);
    gnomon_pipeline_free(out);
    return status;
}

/* Whatever panics, the frame is given back once. */
static gnomon_status call_gnomon_pipeline_push(void) {
    gnomon_frame frame;
    gnomon_status status;
    released = 0;
    room_frame(&frame, depth, 9);
    status = gnomon_pipeline_push(pipeline, &frame, GNOMON_LIVE_POSE, NULL, 0, 0, count_release, &released);
    if (status != GNOMON_OK) {
        CHECK(__atomic_load_n(&released, __ATOMIC_SEQ_CST) == 1);
    } else {
        WORKS(gnomon_pipeline_close(pipeline));
        CHECK(__atomic_load_n(&released, __ATOMIC_SEQ_CST) == 1);
        gnomon_pipeline_free(pipeline);
        start_pipeline();
    }
    return status;
}

static gnomon_status call_gnomon_pipeline_push_copy(void) {
    gnomon_frame frame;
    room_frame(&frame, depth, 9);
    return gnomon_pipeline_push_copy(pipeline, &frame, GNOMON_LIVE_POSE, NULL, 0, 0);
}

static gnomon_status call_gnomon_pipeline_push_pose(void) {
    double pose[16];
    level_camera(pose, 0);
    return gnomon_pipeline_push_pose(pipeline, 0, 1, pose);
}

static gnomon_status call_gnomon_pipeline_push_detections(void) {
    return gnomon_pipeline_push_detections(pipeline, 0, 1, NULL, 0, 0);
}

static gnomon_status call_gnomon_pipeline_close(void) { return gnomon_pipeline_close(pipeline); }

static gnomon_status call_gnomon_pipeline_settle(void) { return gnomon_pipeline_settle(pipeline, 1); }

static gnomon_status call_gnomon_pipeline_poll(void) {
    gnomon_status status = gnomon_pipeline_poll(pipeline, NULL, NULL, NULL);
    return status == GNOMON_PENDING ? GNOMON_OK : status;
}

static gnomon_status call_gnomon_pipeline_snapshot(void) {
    gnomon_snapshot *out = NULL;
    gnomon_status status = gnomon_pipeline_snapshot(pipeline, &out);
    gnomon_snapshot_free(out);
    return status;
}

static gnomon_status call_gnomon_pipeline_explain(void) {
    gnomon_text *out = NULL;
    gnomon_status status = gnomon_pipeline_explain(pipeline, NULL, &out);
    gnomon_text_free(out);
    return status;
}

static gnomon_status call_gnomon_pipeline_explain_json(void) {
    gnomon_text *out = NULL;
    gnomon_status status = gnomon_pipeline_explain_json(pipeline, &out);
    gnomon_text_free(out);
    return status;
}

static gnomon_status call_gnomon_pipeline_count(void) {
    gnomon_pipeline_statistics out;
    GNOMON_INIT(gnomon_pipeline_statistics, &out);
    return gnomon_pipeline_count(pipeline, &out);
}

static gnomon_status call_gnomon_pipeline_stages(void) {
    size_t n = 0;
    return gnomon_pipeline_stages(pipeline, NULL, 0, &n);
}

/* Every function that returns a status, and whether it works on a handle: 1, or HELD for one of networks; NEEDED where it
 * works on none but needs a runtime. */
enum { HELD = 3, NEEDED = 2 };
#define ROWS(X)                         \
    X(gnomon_album_correct, 1)          \
    X(gnomon_album_count, 1)            \
    X(gnomon_album_new, 0)              \
    X(gnomon_album_offer, 1)            \
    X(gnomon_answer_evidence, 1)        \
    X(gnomon_answer_info, 1)            \
    X(gnomon_answer_json, 1)            \
    X(gnomon_answer_short, 1)           \
    X(gnomon_answer_text, 1)            \
    X(gnomon_ask, 1)                    \
    X(gnomon_ask_typed, 1)              \
    X(gnomon_ask_with_model, 1)         \
    X(gnomon_box_gap, 0)                \
    X(gnomon_box_iou, 0)                \
    X(gnomon_cancel_new, 0)             \
    X(gnomon_cancel_stop, 1)            \
    X(gnomon_chain_load, 0)             \
    X(gnomon_chain_new, 0)              \
    X(gnomon_chain_text, 1)             \
    X(gnomon_chain_update, 1)           \
    X(gnomon_check, 1)                  \
    X(gnomon_cogmap_ascii, 1)           \
    X(gnomon_cogmap_beyond, 1)          \
    X(gnomon_cogmap_cells, 1)           \
    X(gnomon_cogmap_info, 1)            \
    X(gnomon_cogmap_json, 1)            \
    X(gnomon_cogmap_objects, 1)         \
    X(gnomon_cogmap_observer, 1)        \
    X(gnomon_cogmap_png, 1)             \
    X(gnomon_cogmap_svg, 1)             \
    X(gnomon_cogmap_text, 1)            \
    X(gnomon_depth_map_image, HELD)     \
    X(gnomon_depth_map_info, HELD)      \
    X(gnomon_depth_net_estimate, HELD)  \
    X(gnomon_depth_net_info, HELD)      \
    X(gnomon_depth_net_open, NEEDED)    \
    X(gnomon_detector_detect, HELD)     \
    X(gnomon_detector_info, HELD)       \
    X(gnomon_detector_open, NEEDED)     \
    X(gnomon_found_detections, HELD)    \
    X(gnomon_geometry_net_estimate, HELD) \
    X(gnomon_geometry_net_info, HELD)   \
    X(gnomon_geometry_net_open, NEEDED) \
    X(gnomon_grounding_lift, 1)         \
    X(gnomon_grounding_list, 1)         \
    X(gnomon_grounding_read, 0)         \
    X(gnomon_grounding_rejected, 1)     \
    X(gnomon_job_cancel, HELD)          \
    X(gnomon_job_fit, HELD)             \
    X(gnomon_job_reply, HELD)           \
    X(gnomon_job_wait, HELD)            \
    X(gnomon_judgements_json, 1)        \
    X(gnomon_judgements_list, 1)        \
    X(gnomon_keeper_info, 1)            \
    X(gnomon_keeper_kept, 1)            \
    X(gnomon_keeper_log, 1)             \
    X(gnomon_keeper_new, 0)             \
    X(gnomon_keeper_offer, 1)           \
    X(gnomon_keeper_offer_points, 1)    \
    X(gnomon_keeper_seeing, 1)          \
    X(gnomon_layout_compose, 1)         \
    X(gnomon_layout_error, 1)           \
    X(gnomon_layout_info, 1)            \
    X(gnomon_layout_loops, 1)           \
    X(gnomon_layout_places, 1)          \
    X(gnomon_model_plan, 0)             \
    X(gnomon_pipeline_close, 1)         \
    X(gnomon_pipeline_count, 1)         \
    X(gnomon_pipeline_explain, 1)       \
    X(gnomon_pipeline_explain_json, 1)  \
    X(gnomon_pipeline_open, 0)          \
    X(gnomon_pipeline_open_with, HELD)  \
    X(gnomon_pipeline_poll, 1)          \
    X(gnomon_pipeline_push, 1)          \
    X(gnomon_pipeline_push_copy, 1)     \
    X(gnomon_pipeline_push_detections, 1) \
    X(gnomon_pipeline_push_pose, 1)     \
    X(gnomon_pipeline_settle, 1)        \
    X(gnomon_pipeline_snapshot, 1)      \
    X(gnomon_pipeline_stages, 1)        \
    X(gnomon_recent_log, 0)             \
    X(gnomon_relation_graph_changes, 1) \
    X(gnomon_relation_graph_list, 1)    \
    X(gnomon_relation_graph_new, 0)     \
    X(gnomon_relation_graph_update, 1)  \
    X(gnomon_relation_of, 1)            \
    X(gnomon_replay, 0)                 \
    X(gnomon_reward_advantages, 0)      \
    X(gnomon_reward_choice, 0)          \
    X(gnomon_reward_format, 0)          \
    X(gnomon_reward_numeric, 0)         \
    X(gnomon_reward_text, 0)            \
    X(gnomon_scene_edit, 1)             \
    X(gnomon_scene_integrate, 1)        \
    X(gnomon_scene_new, 0)              \
    X(gnomon_scene_publish, 1)          \
    X(gnomon_scene_record, 1)           \
    X(gnomon_scene_record_end, 1)       \
    X(gnomon_scene_recording, 1)        \
    X(gnomon_scene_set_inputs, 1)       \
    X(gnomon_scene_snapshot, 1)         \
    X(gnomon_scene_stage_times, 1)      \
    X(gnomon_scene_text, 1)             \
    X(gnomon_scene_update_poses, 1)     \
    X(gnomon_score_mra, 0)              \
    X(gnomon_score_msmu, 0)             \
    X(gnomon_score_vsi, 0)              \
    X(gnomon_select_frames, 0)          \
    X(gnomon_select_points, 0)          \
    X(gnomon_select_voxels, 0)          \
    X(gnomon_set_log, 0)                \
    X(gnomon_snapshot_clone, 1)         \
    X(gnomon_snapshot_diff, 1)          \
    X(gnomon_snapshot_edit, 1)          \
    X(gnomon_snapshot_edits, 1)         \
    X(gnomon_snapshot_events, 1)        \
    X(gnomon_snapshot_info, 1)          \
    X(gnomon_snapshot_input, 1)         \
    X(gnomon_snapshot_json, 1)          \
    X(gnomon_snapshot_keyframes, 1)     \
    X(gnomon_snapshot_labels, 1)        \
    X(gnomon_snapshot_load, 0)          \
    X(gnomon_snapshot_object, 1)        \
    X(gnomon_snapshot_object_named, 1)  \
    X(gnomon_snapshot_objects, 1)       \
    X(gnomon_snapshot_polygon, 1)       \
    X(gnomon_snapshot_provenance, 1)    \
    X(gnomon_snapshot_save, 1)          \
    X(gnomon_snapshot_supports, 1)      \
    X(gnomon_text_view, 1)              \
    X(gnomon_told_ask, 1)               \
    X(gnomon_told_counts, 1)            \
    X(gnomon_told_read, 0)              \
    X(gnomon_told_rejected, 1)          \
    X(gnomon_told_room_area, 1)         \
    X(gnomon_told_things, 1)            \
    X(gnomon_told_triplets, 1)          \
    X(gnomon_triplets_error, 1)         \
    X(gnomon_triplets_list, 1)          \
    X(gnomon_triplets_read, 0)          \
    X(gnomon_triplets_rejected, 1)      \
    X(gnomon_views_image, HELD)         \
    X(gnomon_views_list, HELD)          \
    X(gnomon_vlm_count_tokens, HELD)    \
    X(gnomon_vlm_info, HELD)            \
    X(gnomon_vlm_open, NEEDED)          \
    X(gnomon_vlm_submit, HELD)          \
    X(gnomon_vocabulary_add, 1)         \
    X(gnomon_vocabulary_new, 0)

static void panic_at(const char *name, gnomon_status (*call)(void), int needs) {
    int is_of_networks = needs >= NEEDED, holds = needs % 2 && (has_runtime || !is_of_networks);
    printf("panic at %s\n", name);
    start();
    object_of_snapshot = first();
    if (is_of_networks) start_networks();
    if (!is_of_networks || has_runtime) WORKS(call());
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

/* A saved scene and a recording, for the calls that read them. */
static void write_files(void) {
    gnomon_scene *empty = NULL;
    file_of(saved, "panic-saved.json");
    file_of(recorded, "panic.recording");
    start();
    WORKS(gnomon_snapshot_save(snapshot, chain, str(saved), NULL));
    stop();
    WORKS(gnomon_scene_new(NULL, &empty));
    WORKS(gnomon_scene_record(empty, str(recorded), 1 << 20));
    WORKS(gnomon_scene_record_end(empty));
    gnomon_scene_free(empty);
}

int main(void) {
    fill_depth(depth);
    CHECK(strstr(gnomon_build_info(), "ffi-test-panic") != NULL);
    has_runtime = getenv("GNOMON_ORT_PATH") != NULL;
    write_files();
    if (!has_runtime) printf("handles of networks: not run: no ONNX Runtime\n");
#define RUN(function, needs) panic_at(#function, call_##function, needs);
    ROWS(RUN)
    remove(saved);
    remove(recorded);
    remove(other_file);
    return finish("panic");
}
