/* Reads a recorded sequence, integrates every frame, prints the things found, the map round the last camera, and an
 * answer to a question in words.
 *
 *   sequence FOLDER [UP]        UP is one of z (default), x, y, -x, -y, -z, auto
 *
 * FOLDER holds the layout "raw", which needs no picture library:
 *   K.txt                 3 x 3 intrinsics, nine numbers
 *   poses.txt             a line a frame: world_from_camera, 4 x 4, sixteen numbers row by row
 *   images/00000.ppm      colour, 8-bit binary PPM (P6), maxval 255
 *   depth/00000.pgm       depth in millimetres along the optical axis, 0 for none: 16-bit binary PGM (P5), maxval above
 *                         255, most significant byte first; as many pixels as the picture
 *   detections.txt        a line a detection: frame label score x0 y0 x1 y1; the label without white space
 * Frames are numbered from 0 and FRAME_NS apart. examples/rust/sequence.rs does the same and prints the same.
 *
 *   cc -Iinclude examples/c/sequence.c -o sequence -L<folder of libgnomon.so> -lgnomon */
#include "gnomon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_NS 33333333
#define MAX_SIDE 16384
#define MAX_LABEL 127

static void die(const char *what, const char *why) {
    fprintf(stderr, "sequence: %s: %s\n", what, why);
    exit(1);
}

/* Every call is checked: its name, its status, its sentence. */
static void check(gnomon_status status, const char *call) {
    if (status < 0) {
        fprintf(stderr, "sequence: %s: %s: %s\n", call, gnomon_status_name(status), gnomon_last_error());
        exit(1);
    }
}

/* ---- the layout "raw" -------------------------------------------------------------------------------------------- */

typedef struct picture {
    uint32_t width, height;
    unsigned char *bytes;
    size_t len;
} picture;

typedef struct detection_line {
    long frame;
    char label[MAX_LABEL + 1];
    float score, box[4];
} detection_line;

static FILE *open_in(const char *folder, const char *name, char *path, size_t size) {
    FILE *file;
    if (snprintf(path, size, "%s/%s", folder, name) >= (int)size) die(folder, "the path is too long");
    file = fopen(path, "rb");
    if (!file) die(path, "cannot be read");
    return file;
}

/* The next number of a PNM header; comments begin with # and end with their line. */
static unsigned long header_number(FILE *file, const char *path) {
    unsigned long number = 0;
    int c = getc(file), digits = 0;
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '#') {
        if (c == '#')
            while (c != '\n' && c != EOF) c = getc(file);
        c = getc(file);
    }
    for (; c >= '0' && c <= '9' && digits < 9; c = getc(file), digits++) number = number * 10 + (unsigned long)(c - '0');
    if (digits == 0 || !(c == ' ' || c == '\t' || c == '\n' || c == '\r')) die(path, "its header is no PNM header");
    return number;
}

/* P6 with one byte a sample, or P5 with two; depth comes back in this machine's byte order. */
static picture read_picture(const char *folder, const char *name, char kind) {
    char path[1024];
    picture p;
    FILE *file = open_in(folder, name, path, sizeof path);
    unsigned long width, height, most;
    size_t i, pixel_bytes = kind == '6' ? 3 : 2;
    if (getc(file) != 'P' || getc(file) != kind) die(path, kind == '6' ? "is no binary PPM" : "is no binary PGM");
    width = header_number(file, path);
    height = header_number(file, path);
    most = header_number(file, path);
    if (width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE) die(path, "its sides are not 1 to 16384");
    if (kind == '6' ? most != 255 : most < 256 || most > 65535) die(path, "its maxval is not that of the layout");
    p.width = (uint32_t)width;
    p.height = (uint32_t)height;
    p.len = (size_t)width * height * pixel_bytes;
    p.bytes = malloc(p.len);
    if (!p.bytes) die(path, "no memory");
    if (fread(p.bytes, 1, p.len, file) != p.len) die(path, "ends too soon");
    fclose(file);
    if (kind == '5')
        for (i = 0; i < p.len; i += 2) {
            uint16_t millimetres = (uint16_t)(p.bytes[i] << 8 | p.bytes[i + 1]);
            memcpy(p.bytes + i, &millimetres, 2);
        }
    return p;
}

/* All numbers of a text file. */
static double *read_numbers(const char *folder, const char *name, size_t *n) {
    char path[1024], word[64], *end;
    FILE *file = open_in(folder, name, path, sizeof path);
    double *numbers = NULL;
    size_t room = 0;
    *n = 0;
    while (fscanf(file, "%63s", word) == 1) {
        if (*n == room) {
            room = room ? room * 2 : 64;
            numbers = realloc(numbers, room * sizeof *numbers);
            if (!numbers) die(path, "no memory");
        }
        numbers[(*n)++] = strtod(word, &end);
        if (*end) die(path, "holds a word that is no number");
    }
    fclose(file);
    return numbers;
}

static detection_line *read_detections(const char *folder, size_t *n) {
    char path[1024];
    FILE *file = open_in(folder, "detections.txt", path, sizeof path);
    detection_line *lines = NULL, d;
    size_t room = 0;
    int got;
    *n = 0;
    while ((got = fscanf(file, "%ld %127s %f %f %f %f %f", &d.frame, d.label, &d.score, &d.box[0], &d.box[1], &d.box[2],
                         &d.box[3])) == 7) {
        if (*n == room) {
            room = room ? room * 2 : 64;
            lines = realloc(lines, room * sizeof *lines);
            if (!lines) die(path, "no memory");
        }
        lines[(*n)++] = d;
    }
    if (got != EOF) die(path, "holds a line that is not: frame label score x0 y0 x1 y1");
    fclose(file);
    return lines;
}

/* ---- what is done with it ---------------------------------------------------------------------------------------- */

static int32_t up_of(const char *word) {
    static const struct {
        const char *word;
        int32_t up;
    } known[] = {{"z", GNOMON_UP_Z},       {"x", GNOMON_UP_X},       {"y", GNOMON_UP_Y},      {"-x", GNOMON_UP_NEG_X},
                 {"-y", GNOMON_UP_NEG_Y}, {"-z", GNOMON_UP_NEG_Z}, {"auto", GNOMON_UP_AUTO}};
    size_t i;
    for (i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].word, word) == 0) return known[i].up;
    die(word, "is no up axis: x, y, z, -x, -y, -z or auto");
    return 0;
}

static void integrate(gnomon_scene *scene, const char *folder, size_t number, const double *k, const double *pose,
                      const detection_line *lines, size_t n_lines) {
    char name[64];
    picture colour, depth;
    gnomon_frame frame;
    gnomon_frame_report report;
    gnomon_detection *detections = calloc(n_lines ? n_lines : 1, sizeof *detections);
    size_t i, n = 0;
    if (!detections) die(folder, "no memory");
    snprintf(name, sizeof name, "images/%05lu.ppm", (unsigned long)number);
    colour = read_picture(folder, name, '6');
    snprintf(name, sizeof name, "depth/%05lu.pgm", (unsigned long)number);
    depth = read_picture(folder, name, '5');

    GNOMON_INIT(gnomon_frame, &frame);
    frame.stamp_ns = (int64_t)number * FRAME_NS;
    frame.intrinsics.width = colour.width;
    frame.intrinsics.height = colour.height;
    frame.intrinsics.fx = k[0];
    frame.intrinsics.cx = k[2];
    frame.intrinsics.fy = k[4];
    frame.intrinsics.cy = k[5];
    memcpy(frame.world_from_camera, pose, sizeof frame.world_from_camera);
    frame.colour.data = colour.bytes;
    frame.colour.len = colour.len;
    frame.colour.width = colour.width;
    frame.colour.height = colour.height;
    frame.colour.format = GNOMON_PIXEL_RGB8;
    frame.depth.data = depth.bytes;
    frame.depth.len = depth.len;
    frame.depth.width = depth.width;
    frame.depth.height = depth.height;
    frame.depth.format = GNOMON_PIXEL_DEPTH_U16;
    for (i = 0; i < n_lines; i++)
        if (lines[i].frame == (long)number) {
            detections[n].label.data = lines[i].label;
            detections[n].label.len = strlen(lines[i].label);
            detections[n].score = lines[i].score;
            memcpy(detections[n].bbox, lines[i].box, sizeof lines[i].box);
            n++;
        }
    GNOMON_INIT(gnomon_frame_report, &report);
    check(gnomon_scene_integrate(scene, &frame, detections, sizeof *detections, n, &report), "gnomon_scene_integrate");
    printf("frame %lu: %u detections, %u lifted, %u known, %u born\n", (unsigned long)number, report.detections,
           report.lifted, report.associated, report.born);
    free(detections);
    free(colour.bytes);
    free(depth.bytes);
}

static void print_objects(const gnomon_snapshot *snapshot) {
    gnomon_object *objects;
    size_t n = 0, i;
    check(gnomon_snapshot_objects(snapshot, NULL, 0, &n), "gnomon_snapshot_objects");
    objects = calloc(n ? n : 1, sizeof *objects);
    if (!objects) die("objects", "no memory");
    check(gnomon_snapshot_objects(snapshot, objects, sizeof *objects, &n), "gnomon_snapshot_objects");
    printf("objects: %lu\n", (unsigned long)n);
    for (i = 0; i < n; i++) {
        const gnomon_object *o = &objects[i];
        printf("%.*s at %.2f %.2f %.2f, size %.2f %.2f %.2f, yaw %.2f, existence %.2f, seen %u\n", (int)o->name.len,
               o->name.data, o->obb.centre[0], o->obb.centre[1], o->obb.centre[2], o->obb.size[0], o->obb.size[1],
               o->obb.size[2], o->yaw_rad, o->existence, o->observations);
    }
    free(objects);
}

static void print_map(const gnomon_snapshot *snapshot) {
    gnomon_cogmap *map = NULL;
    gnomon_str ascii;
    check(gnomon_cogmap_observer(snapshot, NULL, &map), "gnomon_cogmap_observer");
    check(gnomon_cogmap_ascii(map, &ascii), "gnomon_cogmap_ascii");
    fwrite(ascii.data, 1, ascii.len, stdout);
    gnomon_cogmap_free(map);
}

static void print_answer(const gnomon_snapshot *snapshot, const char *words) {
    gnomon_answer *answer = NULL;
    gnomon_str question, sentence;
    question.data = words;
    question.len = strlen(words);
    check(gnomon_ask(snapshot, question, NULL, 0, NULL, &answer), "gnomon_ask");
    check(gnomon_answer_text(answer, &sentence), "gnomon_answer_text");
    printf("%s %.*s\n", words, (int)sentence.len, sentence.data);
    gnomon_answer_free(answer);
}

int main(int argc, char **argv) {
    gnomon_scene_options options;
    gnomon_scene *scene = NULL;
    gnomon_snapshot *snapshot = NULL;
    double *k, *poses;
    detection_line *lines;
    size_t n_k, n_poses, n_lines, number;
    if (argc < 2 || argc > 3) die("usage", "sequence FOLDER [UP]");
    if (gnomon_abi_version() != GNOMON_ABI_VERSION) die(gnomon_version(), "the library does not fit the header " GNOMON_VERSION);

    k = read_numbers(argv[1], "K.txt", &n_k);
    poses = read_numbers(argv[1], "poses.txt", &n_poses);
    lines = read_detections(argv[1], &n_lines);
    if (n_k != 9) die("K.txt", "does not hold nine numbers");
    if (n_poses == 0 || n_poses % 16 != 0) die("poses.txt", "does not hold sixteen numbers a frame");

    GNOMON_INIT(gnomon_scene_options, &options);
    options.up = up_of(argc == 3 ? argv[2] : "z");
    check(gnomon_scene_new(&options, &scene), "gnomon_scene_new");
    for (number = 0; number < n_poses / 16; number++)
        integrate(scene, argv[1], number, k, poses + 16 * number, lines, n_lines);
    check(gnomon_scene_publish(scene, &snapshot), "gnomon_scene_publish");
    print_objects(snapshot);
    print_map(snapshot);
    print_answer(snapshot, "How many chairs are there?");

    gnomon_snapshot_free(snapshot);
    gnomon_scene_free(scene);
    free(lines);
    free(poses);
    free(k);
    return 0;
}
