/* The job of README.md, through gnomon.h. */
#include "gnomon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 160, HEIGHT = 120, THINGS = 3, FRAMES = 8, MASK_BYTES = 40 * 44 };

static const struct {
    const char *label;
    uint32_t left, right, top, bottom;
    uint16_t depth_mm;
    float score;
} things[THINGS] = {{"crate", 60, 100, 50, 90, 2000, 0.875f},
                    {"chest", 10, 40, 56, 100, 1500, 0.75f},
                    {"bin", 115, 150, 50, 85, 2400, 0.625f}};

static uint16_t depth_mm[WIDTH * HEIGHT];
static uint8_t mask[MASK_BYTES];

static void check(gnomon_status status) {
    if (status < 0) {
        fprintf(stderr, "behaviour: %s: %s\n", gnomon_status_name(status), gnomon_last_error());
        exit(1);
    }
}

static gnomon_str str(const char *text) {
    gnomon_str s;
    s.data = text;
    s.len = strlen(text);
    return s;
}

static void print(gnomon_str text) { fwrite(text.data, 1, text.len, stdout); }

static uint16_t depth_at(uint32_t u, uint32_t v) {
    uint32_t mm = 3000, i;
    if (v > 60 && 60000 / (v - 60) < mm) mm = 60000 / (v - 60);
    for (i = 0; i < THINGS; i++)
        if (u >= things[i].left && u < things[i].right && v >= things[i].top && v < things[i].bottom)
            mm = things[i].depth_mm;
    return (uint16_t)mm;
}

static void set_up(gnomon_frame *frame, int number) {
    const double pose[16] = {0, 0, 1, number / 1000.0, -1, 0, 0, 0, 0, -1, 0, 0.6, 0, 0, 0, 1};
    GNOMON_INIT(gnomon_frame, frame);
    frame->stamp_ns = 1000000000 + (int64_t)number * 100000000;
    frame->intrinsics.width = WIDTH;
    frame->intrinsics.height = HEIGHT;
    frame->intrinsics.fx = frame->intrinsics.fy = 100;
    frame->intrinsics.cx = 80;
    frame->intrinsics.cy = 60;
    memcpy(frame->world_from_camera, pose, sizeof pose);
    frame->depth.data = (const uint8_t *)depth_mm;
    frame->depth.len = sizeof depth_mm;
    frame->depth.width = WIDTH;
    frame->depth.height = HEIGHT;
    frame->depth.format = GNOMON_PIXEL_DEPTH_U16;
}

static gnomon_status integrate(gnomon_scene *scene, const gnomon_frame *frame, gnomon_frame_report *report) {
    gnomon_detection found[THINGS];
    int i;
    memset(found, 0, sizeof found);
    for (i = 0; i < THINGS; i++) {
        found[i].label = str(things[i].label);
        found[i].score = things[i].score;
        found[i].bbox[0] = (float)things[i].left;
        found[i].bbox[1] = (float)things[i].top;
        found[i].bbox[2] = (float)things[i].right;
        found[i].bbox[3] = (float)things[i].bottom;
        found[i].mask_x = things[i].left;
        found[i].mask_y = things[i].top;
        found[i].mask_width = things[i].right - things[i].left;
        found[i].mask_height = things[i].bottom - things[i].top;
        found[i].mask = mask;
        found[i].mask_len = (size_t)found[i].mask_width * found[i].mask_height;
    }
    return gnomon_scene_integrate(scene, frame, found, sizeof found[0], THINGS, report);
}

static void print_things(const gnomon_snapshot *snapshot) {
    gnomon_object objects[16];
    size_t n = 16, i;
    check(gnomon_snapshot_objects(snapshot, objects, sizeof objects[0], &n));
    printf("things: %lu\n", (unsigned long)n);
    for (i = 0; i < n; i++) {
        const gnomon_box *box = &objects[i].obb;
        print(objects[i].name);
        printf(" at %.3f %.3f %.3f, size %.3f %.3f %.3f, existence %.3f, seen %u\n", box->centre[0], box->centre[1],
               box->centre[2], box->size[0], box->size[1], box->size[2], objects[i].existence,
               objects[i].observations);
    }
}

static void print_map(const gnomon_snapshot *snapshot) {
    gnomon_cogmap *map = NULL;
    gnomon_str text;
    check(gnomon_cogmap_observer(snapshot, NULL, &map));
    check(gnomon_cogmap_text(map, &text));
    print(text);
    printf("\n");
    gnomon_cogmap_free(map);
}

/* The chain's text, to be freed. */
static gnomon_text *print_chain(const gnomon_snapshot *snapshot) {
    gnomon_chain *chain = NULL;
    gnomon_text *text = NULL;
    gnomon_str view;
    size_t changed = 0, lines = 0;
    check(gnomon_chain_new(NULL, &chain));
    check(gnomon_chain_update(chain, snapshot, &changed, &lines));
    check(gnomon_chain_text(chain, &text));
    check(gnomon_text_view(text, &view));
    printf("chain: %lu lines, %lu changed\n", (unsigned long)lines, (unsigned long)changed);
    print(view);
    gnomon_chain_free(chain);
    return text;
}

static void print_answer(const gnomon_snapshot *snapshot, const char *question) {
    gnomon_answer *answer = NULL;
    gnomon_str sentence;
    check(gnomon_ask(snapshot, str(question), NULL, 0, NULL, &answer));
    check(gnomon_answer_text(answer, &sentence));
    printf("%s ", question);
    print(sentence);
    printf("\n");
    gnomon_answer_free(answer);
}

static void print_judgements(const gnomon_snapshot *snapshot, const char *statements) {
    gnomon_judgements *judgements = NULL;
    gnomon_judgement judged[8];
    size_t n = 8, i;
    check(gnomon_check(snapshot, str(statements), NULL, &judgements));
    check(gnomon_judgements_list(judgements, judged, sizeof judged[0], &n));
    for (i = 0; i < n; i++) {
        print(judged[i].sentence);
        printf("\n");
    }
    gnomon_judgements_free(judgements);
}

static void print_relation(const gnomon_snapshot *snapshot) {
    gnomon_object chest, crate;
    gnomon_relation left;
    check(gnomon_snapshot_object_named(snapshot, str("chest#1"), &chest, sizeof chest));
    check(gnomon_snapshot_object_named(snapshot, str("crate#1"), &crate, sizeof crate));
    check(gnomon_relation_of(snapshot, GNOMON_RELATION_LEFT, chest.id, crate.id, 0, NULL, &left, sizeof left));
    printf("left: %u, margin %.3f m\n", left.holds, left.margin);
}

static void print_read_back(const gnomon_text *chain) {
    static const char *const bad =
        "{\"t\":2,\"a\":\"crate#1\",\"b\":\"chest#1\",\"c\":\"bin#1\",\"b_xy\":[5.0,8.3],\"c_xy\":[3.8,10.1],\"cell\":0.30}";
    gnomon_triplets *triplets = NULL;
    gnomon_rejected rejected[8];
    gnomon_str lines, both;
    char text[1024];
    size_t n = 0, left_out = 8, in_all = 0, i;
    check(gnomon_text_view(chain, &lines));
    both.data = text;
    both.len = lines.len + strlen(bad);
    if (both.len > sizeof text) exit(1);
    memcpy(text, lines.data, lines.len);
    memcpy(text + lines.len, bad, strlen(bad));
    check(gnomon_triplets_read(both, NULL, 0, &triplets));
    check(gnomon_triplets_list(triplets, NULL, 0, &n));
    check(gnomon_triplets_rejected(triplets, rejected, sizeof rejected[0], &left_out, &in_all));
    printf("read: %lu triplets, %lu left out\n", (unsigned long)n, (unsigned long)in_all);
    for (i = 0; i < left_out; i++) {
        printf("line %lu: ", (unsigned long)rejected[i].line);
        print(rejected[i].reason);
        printf("\n");
    }
    gnomon_triplets_free(triplets);
}

static void print_what_began(const gnomon_snapshot *snapshot) {
    gnomon_relation_graph *graph = NULL;
    gnomon_graph_report report;
    gnomon_graph_change changes[16];
    size_t n = 16, i;
    GNOMON_INIT(gnomon_graph_report, &report);
    check(gnomon_relation_graph_new(NULL, &graph));
    check(gnomon_relation_graph_update(graph, snapshot, &report));
    check(gnomon_relation_graph_changes(graph, changes, sizeof changes[0], &n));
    printf("began: %lu\n", (unsigned long)report.began);
    for (i = 0; i < n; i++) {
        gnomon_object a, b;
        if (!changes[i].began || changes[i].relation.kind != GNOMON_RELATION_NEAR) continue;
        check(gnomon_snapshot_object(snapshot, changes[i].relation.a, &a, sizeof a));
        check(gnomon_snapshot_object(snapshot, changes[i].relation.b, &b, sizeof b));
        printf("near: ");
        print(a.name);
        printf(" and ");
        print(b.name);
        printf(", margin %.3f m\n", changes[i].relation.margin);
    }
    gnomon_relation_graph_free(graph);
}

static void print_through_fisheye(void) {
    static uint8_t grey[WIDTH * HEIGHT * 3 / 2];
    gnomon_scene *scene = NULL;
    gnomon_snapshot *snapshot = NULL;
    gnomon_frame frame;
    int number;
    memset(grey, 128, sizeof grey);
    check(gnomon_scene_new(NULL, &scene));
    for (number = 0; number < 4; number++) {
        set_up(&frame, number);
        frame.intrinsics.model = GNOMON_LENS_EQUIDISTANT;
        frame.colour.data = grey;
        frame.colour.len = sizeof grey;
        frame.colour.width = WIDTH;
        frame.colour.height = HEIGHT;
        frame.colour.format = GNOMON_PIXEL_NV12;
        check(integrate(scene, &frame, NULL));
    }
    check(gnomon_scene_publish(scene, &snapshot));
    print_things(snapshot);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
}

static void print_what_went(const gnomon_snapshot *saved) {
    gnomon_scene *scene = NULL;
    gnomon_snapshot *loaded = NULL, *nothing = NULL;
    gnomon_text *words = NULL;
    gnomon_str text;
    char path[512];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/gnomon-behaviour-%ld.json.zst", folder ? folder : "/tmp", (long)getpid());
    check(gnomon_snapshot_save(saved, NULL, str(path), NULL));
    check(gnomon_snapshot_load(str(path), &loaded));
    remove(path);
    check(gnomon_scene_new(NULL, &scene));
    check(gnomon_scene_snapshot(scene, &nothing));
    check(gnomon_snapshot_diff(loaded, nothing, NULL, NULL, &words, NULL));
    check(gnomon_text_view(words, &text));
    print(text);
    gnomon_text_free(words);
    gnomon_snapshot_free(nothing);
    gnomon_snapshot_free(loaded);
    gnomon_scene_free(scene);
}

static void print_chosen(void) {
    static const uint64_t voxels[] = {1, 2, 3, 3, 4, 5, 6, 1, 2, 7, 7};
    const gnomon_voxel_set sets[] = {{voxels, 3}, {voxels + 3, 4}, {voxels + 7, 3}, {voxels + 10, 1}};
    gnomon_pick picks[2];
    gnomon_selection_facts facts;
    size_t n = 2;
    GNOMON_INIT(gnomon_selection_facts, &facts);
    check(gnomon_select_voxels(sets, sizeof sets[0], 4, 2, picks, sizeof picks[0], &n, &facts));
    printf("chosen: %lu %lu, %lu of %lu voxels\n", (unsigned long)picks[0].frame, (unsigned long)picks[1].frame,
           (unsigned long)facts.covered, (unsigned long)facts.seen);
}

int main(void) {
    gnomon_scene *scene = NULL;
    gnomon_snapshot *snapshot = NULL, *after = NULL;
    gnomon_text *chain = NULL;
    gnomon_frame frame;
    gnomon_scene_info info;
    gnomon_status status;
    uint32_t u, v;
    int number;
    memset(mask, 255, sizeof mask);
    for (v = 0; v < HEIGHT; v++)
        for (u = 0; u < WIDTH; u++) depth_mm[v * WIDTH + u] = depth_at(u, v);

    check(gnomon_scene_new(NULL, &scene));
    for (number = 0; number < FRAMES; number++) {
        gnomon_frame_report report;
        GNOMON_INIT(gnomon_frame_report, &report);
        set_up(&frame, number);
        check(integrate(scene, &frame, &report));
        printf("frame %d: %u detections, %u lifted, %u known, %u born\n", number, report.detections, report.lifted,
               report.associated, report.born);
    }
    check(gnomon_scene_publish(scene, &snapshot));
    print_things(snapshot);
    print_map(snapshot);
    chain = print_chain(snapshot);
    print_answer(snapshot, "How many crates are there?");
    print_answer(snapshot, "How far is the chest from the bin?");
    print_answer(snapshot, "How tall is the zebra?");
    print_judgements(snapshot, "The chest is to the left of the crate. The bin is 3 m high. What a lovely day.");
    print_relation(snapshot);

    set_up(&frame, 0);
    status = integrate(scene, &frame, NULL);
    printf("%s: %s\n", gnomon_status_name(status), strstr(gnomon_last_error(), ": ") + 2);
    check(gnomon_scene_publish(scene, &after));
    GNOMON_INIT(gnomon_scene_info, &info);
    check(gnomon_snapshot_info(after, &info));
    printf("frames: %lu\n", (unsigned long)info.frames);
    gnomon_snapshot_free(after);
    print_read_back(chain);
    print_what_began(snapshot);
    print_through_fisheye();
    print_what_went(snapshot);
    print_chosen();
    gnomon_text_free(chain);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
    return 0;
}
