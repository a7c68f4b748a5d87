/* A vision-language model as C callers have it: asked, heard, waited for, stopped, freed while it speaks. Prints what the one
 * question that all languages ask came to (tests/networks/vlm.txt). Needs GNOMON_ORT_PATH. */
#include "check.h"

#include <pthread.h>
#include <time.h>

enum { WIDTH = 112, HEIGHT = 84, ROUNDS = 50 };
static const char *const FOLDER = "tests/vlm/qwen2_5_vl";
static uint8_t rgb[WIDTH * HEIGHT * 3];

static gnomon_image picture(void) {
    gnomon_image image;
    memset(&image, 0, sizeof image);
    image.data = rgb;
    image.len = sizeof rgb;
    image.width = WIDTH;
    image.height = HEIGHT;
    image.format = GNOMON_PIXEL_RGB8;
    return image;
}

static gnomon_vlm *open_vlm(void) {
    gnomon_network_options network;
    gnomon_vlm_options options;
    gnomon_vlm *vlm = NULL;
    GNOMON_INIT(gnomon_network_options, &network);
    network.precision = str("fp32");
    network.threads = 1;
    GNOMON_INIT(gnomon_vlm_options, &options);
    options.vision_precision = str("fp32");
    CHECK(options.prefixes == 4);
    options.prefixes = 2;
    WORKS(gnomon_vlm_open(str(FOLDER), &network, &options, &vlm));
    return vlm;
}

/* A question, what it is asked with, and what was heard. Lies still from submit to release. */
typedef struct ask {
    gnomon_vlm_request request;
    gnomon_message message;
    gnomon_image image;
    gnomon_vlm *vlm;
    gnomon_job *job, **other; /* for callbacks that do something with them */
    int (*heard)(struct ask *);
    char text[4096];
    size_t text_len, last_done, last_of;
    int pieces, released, late;
} ask;

static int32_t hear(void *user, gnomon_str text, size_t done, size_t of) {
    ask *a = (ask *)user;
    __atomic_add_fetch(&a->pieces, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&a->released, __ATOMIC_SEQ_CST)) a->late = 1;
    if (text.len == 0) {
        CHECK(done > a->last_done && done <= of);
        a->last_done = done;
        a->last_of = of;
    } else {
        CHECK(done == 0 && of == 0);
        if (a->text_len + text.len < sizeof a->text) {
            memcpy(a->text + a->text_len, text.data, text.len);
            a->text_len += text.len;
        }
    }
    return a->heard != NULL ? a->heard(a) : 0;
}

static void let_go(void *user) { __atomic_add_fetch(&((ask *)user)->released, 1, __ATOMIC_SEQ_CST); }

static void fill(ask *a, gnomon_vlm *vlm, const char *question, uint32_t tokens) {
    memset(a, 0, sizeof *a);
    a->vlm = vlm;
    a->image = picture();
    a->message.text = str(question);
    a->message.images = 1;
    GNOMON_INIT(gnomon_vlm_request, &a->request);
    a->request.messages = &a->message;
    a->request.messages_len = 1;
    a->request.images = &a->image;
    a->request.images_len = 1;
    a->request.max_new_tokens = tokens;
}

static gnomon_job *submit(ask *a) {
    gnomon_job *job = NULL;
    a->last_done = 0;
    WORKS(gnomon_vlm_submit(a->vlm, &a->request, hear, let_go, a, &job));
    return job;
}

static gnomon_reply_facts reply_of(const gnomon_job *job) {
    gnomon_reply_facts reply;
    GNOMON_INIT(gnomon_reply_facts, &reply);
    WORKS(gnomon_job_reply(job, &reply));
    return reply;
}

static void nap(long nanoseconds) {
    struct timespec time;
    time.tv_sec = 0;
    time.tv_nsec = nanoseconds;
    nanosleep(&time, NULL);
}

static void the_question_that_all_ask(gnomon_vlm *vlm) {
    ask a;
    gnomon_reply_facts reply;
    gnomon_vlm_facts facts;
    gnomon_job *job;
    size_t i, count = 0;
    fill(&a, vlm, "Where is the cup?", 8);
    GNOMON_INIT(gnomon_reply_facts, &reply);
    job = submit(&a);
    WORKS(gnomon_job_wait(job, -1));
    CHECK(a.released == 1 && a.late == 0);
    reply = reply_of(job);
    CHECK(reply.text.len == a.text_len && memcmp(reply.text.data, a.text, a.text_len) == 0);
    CHECK(a.last_of > 0 && a.last_done == a.last_of);
    printf("text: %.*s\nended: %d\ntoken_ids:", (int)reply.text.len, reply.text.data, (int)reply.ended);
    for (i = 0; i < reply.token_ids_len; i++) printf(" %u", (unsigned)reply.token_ids[i]);
    printf("\nprompt: %d\ngrid: %u %u %u\n", (int)reply.prompt_ids_len, (unsigned)reply.grids[0], (unsigned)reply.grids[1],
           (unsigned)reply.grids[2]);
    CHECK(reply.grids_len == 1 && reply.statistics.new_tokens == 8 && reply.statistics.images_seen == 1);
    CHECK(reply.statistics.prompt_tokens == reply.prompt_ids_len && reply.statistics.reused_tokens == 0);
    CHECK(reply.statistics.first_token_ns > 0 && reply.statistics.cache_bytes > 0);
    gnomon_job_free(job);

    /* The second time the prompt is in the cache, and nobody need listen. */
    WORKS(gnomon_vlm_submit(vlm, &a.request, NULL, NULL, NULL, &job));
    WORKS(gnomon_job_wait(job, INT64_MAX));
    reply = reply_of(job);
    CHECK(reply.statistics.reused_tokens + 1 == reply.statistics.prompt_tokens && reply.statistics.images_seen == 0);
    CHECK(reply.text.len == a.text_len && memcmp(reply.text.data, a.text, a.text_len) == 0);
    gnomon_job_free(job);

    GNOMON_INIT(gnomon_vlm_facts, &facts);
    WORKS(gnomon_vlm_info(vlm, &facts));
    CHECK(facts.family.len == 10 && memcmp(facts.family.data, "qwen2_5_vl", 10) == 0 && facts.takes_images == 1);
    CHECK(facts.precision.len == 4 && memcmp(facts.precision.data, "fp32", 4) == 0);
    CHECK(facts.files_len >= 3 && facts.providers_len == 1 && facts.remarks_len == 0);
    CHECK(facts.context_tokens > 0 && facts.plan_bytes > 0);
    WORKS(gnomon_vlm_count_tokens(vlm, str("Where is the cup?"), &count));
    CHECK(count > 0 && count < 18);
}

static void constraints_and_stops_are_heard(gnomon_vlm *vlm) {
    ask a;
    gnomon_str names[2];
    gnomon_reply_facts reply;
    gnomon_job *job;
    fill(&a, vlm, "Left or right?", 32);
    names[0] = str("left");
    names[1] = str("right");
    a.request.constraint = GNOMON_CONSTRAINT_CHOICES;
    a.request.constraint_names = names;
    a.request.constraint_names_len = 2;
    job = submit(&a);
    WORKS(gnomon_job_wait(job, -1));
    reply = reply_of(job);
    CHECK((reply.text.len == 4 && memcmp(reply.text.data, "left", 4) == 0) ||
          (reply.text.len == 5 && memcmp(reply.text.data, "right", 5) == 0));
    gnomon_job_free(job);
    a.request.constraint = GNOMON_CONSTRAINT_JSON_SCHEMA;
    a.request.constraint_text = str("{\"type\":\"nonsense\"}");
    job = submit(&a);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_job_wait(job, -1));
    REFUSED(GNOMON_E_ARGUMENT, gnomon_job_reply(job, &reply));
    gnomon_job_free(job);
    CHECK(a.released == 2);
}

static uint16_t depth[ROOM_WIDTH * ROOM_HEIGHT];
static uint8_t lit[3 * ROOM_WIDTH * ROOM_HEIGHT];

static gnomon_frame lit_frame(int number) {
    gnomon_frame frame;
    room_frame(&frame, depth, number);
    use_format(&frame, &COLOUR_FORMATS[0], lit, 0);
    return frame;
}

static void a_place_in_a_reply_goes_back_to_the_picture_and_up_to_the_world(gnomon_vlm *vlm) {
    gnomon_str places = str("[{\"bbox_2d\":[42,28,70,56],\"label\":\"crate\"},{\"bbox_2d\":[9,9,3,3]}]");
    gnomon_frame frame = lit_frame(0);
    gnomon_grounding *grounding = NULL;
    gnomon_grounded found;
    gnomon_reply_facts reply;
    gnomon_box box;
    gnomon_fit fit;
    gnomon_job *job;
    size_t n = 1, in_all = 0;
    ask a;
    fill(&a, vlm, "Box the crate.", 256);
    a.image = frame.colour;
    a.request.constraint = GNOMON_CONSTRAINT_CHOICES;
    a.request.constraint_names = &places;
    a.request.constraint_names_len = 1;
    job = submit(&a);
    WORKS(gnomon_job_wait(job, -1));
    reply = reply_of(job);
    WORKS(gnomon_job_fit(job, 0, &fit));
    CHECK(fit.from_width == ROOM_WIDTH && fit.from_height == ROOM_HEIGHT && fit.network_width % 28 == 0);
    REFUSED(GNOMON_E_ARGUMENT, gnomon_job_fit(job, 1, &fit));
    WORKS(gnomon_grounding_read(reply.text, GNOMON_CONVENTION_PIXEL_JSON, &fit, &grounding));
    gnomon_job_free(job);
    WORKS(gnomon_grounding_list(grounding, &found, sizeof found, &n));
    CHECK(n == 1 && found.kind == GNOMON_REGION_BOX);
    n = 0;
    WORKS(gnomon_grounding_rejected(grounding, NULL, 0, &n, &in_all));
    CHECK(n == 1 && in_all == 1);
    printf("place: %.*s %.2f %.2f %.2f %.2f\n", (int)found.label.len, found.label.data, found.region[0], found.region[1],
           found.region[2], found.region[3]);
    WORKS(gnomon_grounding_lift(grounding, 0, &frame, &box));
    printf("lifted: %.3f %.3f %.3f %.3f %.3f %.3f\n", box.centre[0], box.centre[1], box.centre[2], box.size[0],
           box.size[1], box.size[2]);
    gnomon_grounding_free(grounding);
}

static void print_text(const char *what, const gnomon_text *text) {
    gnomon_str view = {NULL, 0};
    WORKS(gnomon_text_view(text, &view));
    printf("%s: %.*s\n", what, (int)view.len, view.data);
}

static void a_scene_and_a_model_answer_together(gnomon_vlm *vlm) {
    const gnomon_str question = str("How many crates are there?");
    gnomon_scene *scene = room_scene(depth, 4);
    gnomon_snapshot *snapshot = NULL;
    gnomon_album *album = NULL;
    gnomon_frame frame = lit_frame(0);
    gnomon_converse_options options;
    gnomon_said_facts facts;
    gnomon_answer *answer = NULL;
    gnomon_text *words = NULL, *json = NULL;
    gnomon_str brief = {NULL, 0};
    uint32_t kept = 0;
    WORKS(gnomon_scene_snapshot(scene, &snapshot));
    WORKS(gnomon_album_new(NULL, &album));
    WORKS(gnomon_album_offer(album, 0, &frame, &kept));
    CHECK(kept == 1);
    GNOMON_INIT(gnomon_converse_options, &options);
    GNOMON_INIT(gnomon_said_facts, &facts);
    options.new_tokens = 8;
    WORKS(gnomon_ask_with_model(snapshot, album, vlm, question, NULL, 0, &options, &facts, &answer, &words, &json));
    WORKS(gnomon_answer_short(answer, &brief));
    printf("asked: %.*s %d %d %d %d %d %d %d\n", (int)brief.len, brief.data, (int)facts.silence, (int)facts.verdict,
           (int)facts.value, (int)facts.option, (int)facts.ended, (int)facts.images, (int)facts.text_tokens);
    print_text("said", words);
    CHECK(facts.statistics.new_tokens == 8 && facts.failure == GNOMON_OK && facts.images == 1);
    gnomon_answer_free(answer);
    gnomon_text_free(words);
    gnomon_text_free(json);
    options.within_ns = 1;
    WORKS(gnomon_ask_with_model(snapshot, album, vlm, question, NULL, 0, &options, &facts, NULL, NULL, NULL));
    CHECK(facts.silence == GNOMON_SILENCE_FAILED && facts.failure == GNOMON_E_CANCELLED);
    gnomon_album_free(album);
    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
}

static int say_stop(ask *a) {
    (void)a;
    return 1;
}

static int free_itself(ask *a) {
    gnomon_job *job = __atomic_exchange_n(&a->job, NULL, __ATOMIC_SEQ_CST);
    gnomon_job_free(job);
    return 0;
}

/* Calls back in; waiting there would be for itself. */
static int ask_again(ask *a) {
    size_t count = 0;
    gnomon_job *again = NULL;
    WORKS(gnomon_vlm_count_tokens(a->vlm, str("cup"), &count));
    WORKS(gnomon_vlm_submit(a->vlm, &a->request, NULL, NULL, NULL, &again));
    REFUSED(GNOMON_E_STATE, gnomon_job_wait(again, 1));
    gnomon_job_free(again);
    return 1;
}

static void a_callback_may_stop_free_and_ask(gnomon_vlm *vlm) {
    ask a;
    gnomon_reply_facts reply;
    gnomon_job *job;
    fill(&a, vlm, "Where?", 64);
    a.heard = say_stop;
    job = submit(&a);
    WORKS(gnomon_job_wait(job, -1));
    reply = reply_of(job);
    CHECK(reply.ended == GNOMON_ENDED_CALLER && a.pieces == 1 && a.released == 1);
    gnomon_job_free(job);

    fill(&a, vlm, "Where now?", 64);
    a.heard = ask_again;
    job = submit(&a);
    WORKS(gnomon_job_wait(job, -1));
    gnomon_job_free(job);
    CHECK(a.pieces == 1 && a.released == 1);

    fill(&a, vlm, "And now?", 64);
    a.heard = free_itself;
    __atomic_store_n(&a.job, submit(&a), __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&a.released, __ATOMIC_SEQ_CST)) nap(100000);
    CHECK(a.late == 0 && a.released == 1);
    gnomon_job_free(a.job);
}

static void a_busy_model_refuses_and_its_caller_keeps_what_it_gave(gnomon_vlm *vlm) {
    ask first, second;
    gnomon_job *job, *refused = (gnomon_job *)&first;
    fill(&first, vlm, "Speak for long.", 64);
    job = submit(&first);
    fill(&second, vlm, "Busy?", 8);
    second.request.when_busy = GNOMON_WHEN_BUSY_REFUSE;
    REFUSED(GNOMON_E_BUSY, gnomon_vlm_submit(vlm, &second.request, hear, let_go, &second, &refused));
    CHECK(refused == NULL && second.released == 0 && second.pieces == 0);
    second.request.max_new_tokens = 0;
    REFUSED(GNOMON_E_ARGUMENT, gnomon_vlm_submit(vlm, &second.request, hear, let_go, &second, &refused));
    CHECK(second.released == 0);
    gnomon_job_free(job);
    CHECK(first.released == 1);
    fill(&first, vlm, "Too late.", 64);
    first.request.within_ns = 1;
    job = submit(&first);
    REFUSED(GNOMON_E_CANCELLED, gnomon_job_wait(job, -1));
    CHECK(first.released == 1);
    gnomon_job_free(job);
}

static void *cancel_it(void *job) {
    WORKS(gnomon_job_cancel((const gnomon_job *)job));
    return NULL;
}

static void cancelled_and_freed_at_random_moments_nothing_comes_late(gnomon_vlm *vlm) {
    int round;
    for (round = 0; round < ROUNDS; round++) {
        ask a;
        gnomon_job *job;
        pthread_t other;
        gnomon_status status;
        int pieces;
        fill(&a, vlm, round % 3 ? "Speak." : "Speak again.", 64);
        job = submit(&a);
        nap(round * 7919 % 50 * 100000);
        if (round % 2) {
            CHECK(pthread_create(&other, NULL, cancel_it, job) == 0);
            status = gnomon_job_wait(job, -1);
            CHECK(status == GNOMON_OK || status == GNOMON_E_CANCELLED);
            CHECK(a.released == 1);
            pthread_join(other, NULL);
        }
        gnomon_job_free(job);
        pieces = a.pieces;
        CHECK(a.released == 1 && a.late == 0);
        nap(100000);
        CHECK(a.pieces == pieces);
    }
}

static void a_model_that_is_freed_ends_its_jobs(void) {
    gnomon_vlm *vlm = open_vlm();
    ask a[3];
    gnomon_job *job[3];
    int i;
    for (i = 0; i < 3; i++) {
        fill(&a[i], vlm, "Speak for long.", 200);
        job[i] = submit(&a[i]);
    }
    while (!__atomic_load_n(&a[0].pieces, __ATOMIC_SEQ_CST)) nap(100000);
    gnomon_vlm_free(vlm);
    for (i = 0; i < 3; i++) {
        REFUSED(GNOMON_E_CANCELLED, gnomon_job_wait(job[i], -1));
        CHECK(a[i].released == 1 && a[i].late == 0);
        gnomon_job_free(job[i]);
    }
}

int main(void) {
    gnomon_vlm *vlm;
    size_t i;
    for (i = 0; i < sizeof rgb; i++) rgb[i] = (uint8_t)(i * 7 % 251);
    for (i = 0; i < sizeof lit; i++) lit[i] = (uint8_t)(i * 7 % 251);
    fill_depth(depth);
    vlm = open_vlm();
    if (vlm == NULL) return finish("vlm");
    the_question_that_all_ask(vlm);
    a_place_in_a_reply_goes_back_to_the_picture_and_up_to_the_world(vlm);
    a_scene_and_a_model_answer_together(vlm);
    constraints_and_stops_are_heard(vlm);
    a_callback_may_stop_free_and_ask(vlm);
    a_busy_model_refuses_and_its_caller_keeps_what_it_gave(vlm);
    cancelled_and_freed_at_random_moments_nothing_comes_late(vlm);
    gnomon_vlm_free(vlm);
    a_model_that_is_freed_ends_its_jobs();
    fprintf(stderr, "vlm: %d checks, %d failed\n", checks, failures);
    return failures ? 1 : 0;
}
