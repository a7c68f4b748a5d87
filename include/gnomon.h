/* gnomon 0.1.0: a sense of space for robots. RGB-D frames in, a map of things and a 10x10 map of cells out.
 *
 * Ownership   A call that takes a `gnomon_x **out` gives you a handle; free it once with gnomon_x_free. Every *_free
 *             takes NULL, returns nothing, cannot fail. A view (gnomon_str, a pointer in a struct) is borrowed: in
 *             arguments for the call, in results for as long as the handle it came from. A snapshot outlives its scene;
 *             maps, answers, judgements, chains, graphs and texts outlive their snapshot; layouts their triplets; what
 *             a network found, depth maps and views, their network; jobs their model.
 * Errors      A call that can fail returns gnomon_status: 0 ok, below 0 failed. On failure handle outputs are NULL,
 *             value outputs untouched, the handle as it was, and gnomon_last_error() on the same thread tells why. No
 *             call unwinds into you or aborts on bad input. An inner failure (GNOMON_E_PANIC) leaves the handle it
 *             happened on unusable: later calls on it say so, freeing it works. What still ends the process: the
 *             allocator out of memory, the stack overflowing.
 * Threads     Any handle, any thread. `const` first argument: calls may overlap each other and a call that is not
 *             const. Not const: one at a time; a second one answers GNOMON_E_BUSY at once and changes nothing.
 *             Free a handle when no other call on it runs.
 * Growth      Structs that begin with struct_size may grow at the end: set them up with GNOMON_INIT, which fills in
 *             the defaults. Elements of arrays may grow too: set them to zero, and pass their size. Structs marked
 *             final do not grow.
 * Networks    ONNX Runtime is looked for by the first call that needs it, never linked: without one, the rest works. A
 *             network has threads of its own, so it stays with the process that opened it: a forked child leaves it alone.
 * NULL        No pointer may be NULL unless its comment says so. With length 0 the pointer is not looked at.
 * Text        UTF-8, pointer and length. Bounds: a name, label or path 64 KiB, a text 16 MiB.
 * Bounds      Images 16384 pixels a side; 4096 detections a frame; coordinates within 1e6 m.
 * Units       Metres, radians, nanoseconds. Camera: x right, y down, z forward; pixel centres at integer (u, v).
 *             World: Z up. A pose is world_from_camera: 4 x 4 numbers, row by row.
 *
 * Made by cbindgen from src/ffi: do not edit. */

#ifndef GNOMON_H
#define GNOMON_H

#include <stddef.h>
#include <stdint.h>

#define GNOMON_VERSION "0.1.0"
#define GNOMON_VERSION_MAJOR 0
#define GNOMON_VERSION_MINOR 1
#define GNOMON_VERSION_PATCH 0

/* Rises when a caller built with an older header could go wrong. The shared object is libgnomon.so.<this>. */
#define GNOMON_ABI_VERSION 2

#if defined(__GNUC__) || defined(__clang__)
#define GNOMON_API __attribute__((visibility("default")))
#define GNOMON_CHECK __attribute__((warn_unused_result))
#else
#define GNOMON_API
#define GNOMON_CHECK
#endif

/* GNOMON_INIT(gnomon_frame, &frame): the defaults, the size and the ABI number this header was made for. */
#define GNOMON_INIT(type, ptr) \
    (type##_init((ptr), sizeof(*(ptr))), (void)((ptr)->abi_version = GNOMON_ABI_VERSION))

/* 0 ok, above 0 ok with a remark, below 0 failed. Values are final. */
typedef int32_t gnomon_status;
enum {
    GNOMON_OK = 0,
    GNOMON_PENDING = 1,         /* not yet done                                               */
    GNOMON_STALE = 2,           /* done, but older than asked for                             */
    GNOMON_E_FAIL = -1,         /* none of the below                                          */
    GNOMON_E_ARGUMENT = -2,     /* an argument cannot be meant                                */
    GNOMON_E_ABI = -3,          /* header and library do not match, or GNOMON_INIT was left out */
    GNOMON_E_STATE = -4,        /* does not fit the present state: no such id, an old stamp   */
    GNOMON_E_NOMEM = -5,        /* no memory for what was asked                               */
    GNOMON_E_IO = -6,           /* a file could not be read or written                        */
    GNOMON_E_MODEL = -7,        /* a model folder does not hold what it must                  */
    GNOMON_E_RUNTIME = -8,      /* no usable inference runtime                                */
    GNOMON_E_DEVICE = -9,       /* the device asked for is not there                          */
    GNOMON_E_CANCELLED = -10,   /* cancelled by the caller                                    */
    GNOMON_E_UNSUPPORTED = -11, /* valid, but not offered by this library                     */
    GNOMON_E_PANIC = -12,       /* an inner failure; the handle is unusable, free it          */
    GNOMON_E_BUSY = -13         /* another call that changes this handle is running           */
};

/* Levels of gnomon_set_log. */
enum {
    GNOMON_LOG_OFF = 0,
    GNOMON_LOG_ERROR = 1,
    GNOMON_LOG_WARN = 2,
    GNOMON_LOG_INFO = 3,
    GNOMON_LOG_DEBUG = 4,
    GNOMON_LOG_TRACE = 5
};

/* Which way is up in the input's world. */
enum {
    GNOMON_UP_Z = 0,
    GNOMON_UP_X = 1,
    GNOMON_UP_Y = 2,
    GNOMON_UP_NEG_X = 3,
    GNOMON_UP_NEG_Y = 4,
    GNOMON_UP_NEG_Z = 5,
    GNOMON_UP_VECTOR = 6, /* gnomon_scene_options.up_vector              */
    GNOMON_UP_AUTO = 7    /* found from the floor in the first frames    */
};

/* Where things come from. */
enum {
    GNOMON_SOURCE_DETECTIONS = 0, /* the detections that come with each frame            */
    GNOMON_SOURCE_GEOMETRY = 1    /* geometry alone; detections are refused              */
};

/* What a frame that is pushed to a pipeline has beside its images: bits. */
enum {
    GNOMON_LIVE_POSE = 1,      /* gnomon_frame.world_from_camera; without it the frame waits for its pose     */
    GNOMON_LIVE_DETECTIONS = 2 /* a detector looked at it, and found what stands beside it, perhaps nothing   */
};

/* The links of a pipeline's chain, from frames to what is published. */
enum {
    GNOMON_LINK_NONE = 0,        /* none is broken                                       */
    GNOMON_LINK_FRAMES = 1,      /* frames come in                                       */
    GNOMON_LINK_POSED = 2,       /* they have a pose                                     */
    GNOMON_LINK_DEPTH_VALID = 3, /* they have a pixel of depth, or more                  */
    GNOMON_LINK_DETECTIONS = 4,  /* a detector, or geometry, says something of them      */
    GNOMON_LINK_ASSOCIATED = 5,  /* a thing that is known already is seen in them        */
    GNOMON_LINK_PUBLISHED = 6    /* readers see what they changed                        */
};

/* How pixels are stored. Those of colour are named as in ROS. */
enum {
    GNOMON_PIXEL_NONE = 0,
    GNOMON_PIXEL_RGB8 = 1,        /* R G B                                                       */
    GNOMON_PIXEL_BGR8 = 2,        /* B G R                                                       */
    GNOMON_PIXEL_MONO8 = 3,       /* grey                                                        */
    GNOMON_PIXEL_RGBA8 = 4,       /* R G B and a byte that is not looked at                      */
    GNOMON_PIXEL_BGRA8 = 5,       /* B G R and a byte that is not looked at                      */
    GNOMON_PIXEL_YUYV = 6,        /* yuv422_yuy2: Y U Y V for two pixels; width even             */
    GNOMON_PIXEL_UYVY = 7,        /* yuv422: U Y V Y for two pixels; width even                  */
    GNOMON_PIXEL_NV12 = 8,        /* rows of Y, then half as many of U V; width and height even  */
    GNOMON_PIXEL_MONO16 = 9,      /* grey, two bytes in the machine's order; the high one counts */
    GNOMON_PIXEL_DEPTH_U16 = 16,  /* counts of gnomon_frame.depth_unit_m; 0 and 65535: none      */
    GNOMON_PIXEL_DEPTH_F32_M = 17 /* metres; NaN, infinite and <= 0: none                        */
};

/* What a lens does, after ROS (sensor_msgs/CameraInfo) and OpenCV (calib3d). The direction a = x/z, b = y/z of a point is
 * seen at u = fx a' + cx, v = fy b' + cy. With r^2 = a^2 + b^2:
 *   plumb_bob            q = 1 + k1 r^2 + k2 r^4 + k3 r^6
 *   rational_polynomial  q = (1 + k1 r^2 + k2 r^4 + k3 r^6) / (1 + k4 r^2 + k5 r^4 + k6 r^6)
 *     both               a' = a q + 2 p1 a b + p2 (r^2 + 2 a^2), b' = b q + p1 (r^2 + 2 b^2) + 2 p2 a b
 *   equidistant          t = atan r, t' = t (1 + k1 t^2 + k2 t^4 + k3 t^6 + k4 t^8), a' = a t'/r, b' = b t'/r
 * Pixels that no direction before the camera is seen at, such as the rim of a fisheye, have no depth. */
enum {
    GNOMON_LENS_PLUMB_BOB = 0,           /* all coefficients 0: a pinhole                        */
    GNOMON_LENS_RATIONAL_POLYNOMIAL = 1, /* k1 to k6, p1, p2                                     */
    GNOMON_LENS_EQUIDISTANT = 2          /* fisheye, after Kannala and Brandt: k1 to k4          */
};

/* What the numbers of a depth map are. Only metres go into a frame. */
enum {
    GNOMON_DEPTH_METRIC_Z = 0,      /* metres along the optical axis                                      */
    GNOMON_DEPTH_UP_TO_SCALE_Z = 1, /* the same times one factor, above 0 and unknown                     */
    GNOMON_DEPTH_AFFINE_INVERSE = 2 /* a / z + b, a above 0 and b unknown: near is large, and that is all */
};

/* Who says something to a vision-language model. */
enum {
    GNOMON_ROLE_USER = 0,
    GNOMON_ROLE_SYSTEM = 1,
    GNOMON_ROLE_ASSISTANT = 2
};

/* What to do with a request while another is answered. */
enum {
    GNOMON_WHEN_BUSY_QUEUE = 0, /* it stands in line                                */
    GNOMON_WHEN_BUSY_REFUSE = 1 /* GNOMON_E_BUSY                                    */
};

/* What a reply must be, so that it parses unless max_new_tokens cuts it off. */
enum {
    GNOMON_CONSTRAINT_NONE = 0,        /* anything                                               */
    GNOMON_CONSTRAINT_JSON_SCHEMA = 1, /* JSON that a schema describes                           */
    GNOMON_CONSTRAINT_REGEX = 2,       /* all of it matches an expression                        */
    GNOMON_CONSTRAINT_CHOICES = 3,     /* one of these strings                                   */
    GNOMON_CONSTRAINT_LARK = 4,        /* a grammar in Lark's notation                           */
    GNOMON_CONSTRAINT_TRIPLETS = 5,    /* lines of triplets (gnomon_triplets_read)               */
    GNOMON_CONSTRAINT_COGMAP = 6,      /* the line of a map (gnomon_cogmap_text)                 */
    GNOMON_CONSTRAINT_BOXES = 7        /* {"label":"x","centre":[x,y,z],"size":[x,y,z],"yaw":r} a line, metres, radians */
};

/* Why a reply ended. */
enum {
    GNOMON_ENDED_END_TOKEN = 0,   /* the model said so                            */
    GNOMON_ENDED_STOP_STRING = 1, /* one of the stops came                        */
    GNOMON_ENDED_MAX_TOKENS = 2,  /* it has as many tokens as it may              */
    GNOMON_ENDED_CALLER = 3,      /* the callback said so                         */
    GNOMON_ENDED_CONSTRAINT = 4   /* the constraint lets nothing follow           */
};

/* What of geometry a model is told that is asked with it. */
enum {
    GNOMON_FACTS_NOTHING = 0,           /* pictures and question alone                            */
    GNOMON_FACTS_SCENE = 1,             /* the map                                                */
    GNOMON_FACTS_SCENE_AND_MEASURED = 2 /* the map, and what was measured for this question       */
};

/* Why there is nothing of a model. */
enum {
    GNOMON_SILENCE_NONE = 0,     /* there is                                             */
    GNOMON_SILENCE_NO_MODEL = 1, /* none was given                                       */
    GNOMON_SILENCE_FAILED = 2,   /* it could not be asked or did not end in its time     */
    GNOMON_SILENCE_EMPTY = 3     /* it ended without a word                              */
};

/* How a family of models writes places in a picture: gnomon_grounding_read. */
enum {
    GNOMON_CONVENTION_THOUSANDTH_TAGS = 0, /* Qwen2-VL                */
    GNOMON_CONVENTION_PIXEL_JSON = 1,      /* Qwen2.5-VL              */
    GNOMON_CONVENTION_THOUSANDTH_JSON = 2, /* Qwen3-VL                */
    GNOMON_CONVENTION_SHARES = 3,          /* LLaVA                   */
    GNOMON_CONVENTION_PERCENT_TAGS = 4,    /* Molmo                   */
    GNOMON_CONVENTION_LOC_TAGS = 5         /* PaliGemma               */
};

/* What a place in a picture is. */
enum {
    GNOMON_REGION_BOX = 0,
    GNOMON_REGION_POINT = 1
};

/* What the scene thinks of a thing's presence. */
enum {
    GNOMON_OBJECT_CONFIRMED = 0, /* seen often enough to be believed                         */
    GNOMON_OBJECT_DOUBTED = 1    /* believed, but its place was lately seen and looked empty */
};

/* What a support is to a robot. */
enum {
    GNOMON_SUPPORT_FLOOR = 0,
    GNOMON_SUPPORT_WALL = 1,
    GNOMON_SUPPORT_TABLE = 2
};

/* What happened to a thing. */
enum {
    GNOMON_EVENT_BORN = 0,   /* seen often enough to be believed     */
    GNOMON_EVENT_MOVED = 1,  /* found again elsewhere; kept its id   */
    GNOMON_EVENT_MERGED = 2, /* was the same thing as `into`         */
    GNOMON_EVENT_REMOVED = 3 /* its place was seen and was empty     */
};

/* What an operator says of a thing; frames do not overrule it. */
enum {
    GNOMON_OPERATOR_RENAME = 0,  /* it has this name, which no other has                     */
    GNOMON_OPERATOR_RELABEL = 1, /* it is one of these; detectors may call it otherwise      */
    GNOMON_OPERATOR_DELETE = 2,  /* it is none                                               */
    GNOMON_OPERATOR_MERGE = 3,   /* it is one with another, which lives on                   */
    GNOMON_OPERATOR_PIN = 4,     /* it stands exactly here                                   */
    GNOMON_OPERATOR_UNPIN = 5    /* it is where frames see it, again                         */
};

/* How things of two snapshots are found in each other. */
enum {
    GNOMON_SAME_BY_TOLD = 0, /* by id where both began with the same frame, otherwise by place */
    GNOMON_SAME_BY_ID = 1,
    GNOMON_SAME_BY_PLACE = 2 /* and label                                                */
};

/* How a recording ends. */
enum {
    GNOMON_TAIL_WHOLE = 0, /* with its end                                             */
    GNOMON_TAIL_FULL = 1,  /* it was full, or could not be written any more            */
    GNOMON_TAIL_CUT = 2    /* whole up to a byte, and broken or cut from there on      */
};

/* What the edge of a voxel is. */
enum {
    GNOMON_EDGE_SHORTEST = 0, /* the shortest side of what is seen, divided by so many      */
    GNOMON_EDGE_LENGTH = 1    /* so long, in the unit of the points                         */
};

/* Where the observer of a map stands. */
enum {
    GNOMON_OBSERVER_CAMERA = 0,  /* under the camera of the newest frame, facing where it looks */
    GNOMON_OBSERVER_POSE = 1,    /* under a given camera                                        */
    GNOMON_OBSERVER_HEADING = 2, /* at a place, with a heading                                  */
    GNOMON_OBSERVER_FACING = 3   /* at one thing, facing another                                */
};

/* How large a map's cells are. */
enum {
    GNOMON_SCALE_FIXED = 0,  /* gnomon_cogmap_options.cell_m                        */
    GNOMON_SCALE_HOLDING = 1 /* as small as holds the things in .hold               */
};

/* What is known of a cell. */
enum {
    GNOMON_CELL_UNKNOWN = 0, /* not seen well enough to say */
    GNOMON_CELL_FREE = 1,    /* the floor was seen, and nothing on it */
    GNOMON_CELL_OCCUPIED = 2 /* something stands there */
};

/* What a question asks. The things it needs, in the order of gnomon_question.things, stand beside it. */
enum {
    GNOMON_ASK_COUNT = 0,          /* what: how many, in .within */
    GNOMON_ASK_DISTANCE = 1,       /* from, to: gap between the closest points */
    GNOMON_ASK_RANGE = 2,          /* what: from the viewer's camera to the closest point */
    GNOMON_ASK_LENGTH = 3,         /* what: its .measure, a length */
    GNOMON_ASK_SIZE = 4,           /* what: length, width, height */
    GNOMON_ASK_LENGTH_GIVEN = 5,   /* what, the things of .given_m, others: .measure where lengths are told */
    GNOMON_ASK_ROOM_AREA = 6,      /* none: area of the floor */
    GNOMON_ASK_CLOSEST = 7,        /* to, then two or more: which is closest; .inverse: farthest */
    GNOMON_ASK_DIRECTION = 8,      /* what: in which of .sectors round the observer */
    GNOMON_ASK_SIDE_OF = 9,        /* what, perhaps of: is it on .side of it, or of the observer */
    GNOMON_ASK_LEFT_OR_RIGHT = 10, /* what, of: which of the two, for the observer */
    GNOMON_ASK_WHICH_SIDE = 11,    /* two: which lies more to .side, for the viewer */
    GNOMON_ASK_CONTACT = 12,       /* what, of: do they lie in .contact */
    GNOMON_ASK_MOST = 13,          /* two or more: which has the most of .measure; .inverse: least */
    GNOMON_ASK_MORE = 14,          /* what, than: has it more of .measure; .inverse: less */
    GNOMON_ASK_POSITION = 15,      /* what: where, in .within */
    GNOMON_ASK_AT_PICTURE = 16,    /* none: what is at .point of the picture */
    GNOMON_ASK_EXISTS = 17,        /* what: is there one, in .within */
    GNOMON_ASK_FIRST_SEEN = 18,    /* two or more: in which order first seen */
    GNOMON_ASK_ROUTE = 19          /* start, facing, then what is gone to: the blank turns of .steps */
};

/* What a thing is measured by. */
enum {
    GNOMON_MEASURE_HEIGHT = 0,   /* the side nearest to the vertical */
    GNOMON_MEASURE_LENGTH = 1,   /* the longer of the other two */
    GNOMON_MEASURE_WIDTH = 2,    /* the shorter of the other two */
    GNOMON_MEASURE_LONGEST = 3,  /* the longest of the three */
    GNOMON_MEASURE_SHORTEST = 4, /* the shortest of the three */
    GNOMON_MEASURE_VOLUME = 5,   /* of the box; no length */
    GNOMON_MEASURE_TOP = 6       /* height of its highest point above the floor; no length */
};

/* Sides, for an observer. */
enum {
    GNOMON_SIDE_LEFT = 0,
    GNOMON_SIDE_RIGHT = 1,
    GNOMON_SIDE_FRONT = 2,  /* nearer to the observer, or before it */
    GNOMON_SIDE_BEHIND = 3  /* farther from the observer, or at its back */
};

/* Into what the ground round an observer is cut. */
enum {
    GNOMON_SECTORS_TWO = 0,        /* left, right */
    GNOMON_SECTORS_THREE = 1,      /* left, right, back (135 degrees and more) */
    GNOMON_SECTORS_FOUR = 2,       /* front-left, front-right, back-left, back-right */
    GNOMON_SECTORS_FRONT_BACK = 3  /* front, back */
};

/* How two things lie to each other, for everyone. */
enum {
    GNOMON_CONTACT_ON = 0,
    GNOMON_CONTACT_UNDER = 1,
    GNOMON_CONTACT_ABOVE = 2,
    GNOMON_CONTACT_BELOW = 3,
    GNOMON_CONTACT_INSIDE = 4,
    GNOMON_CONTACT_NEAR = 5,     /* within gnomon_ask_options.near_m */
    GNOMON_CONTACT_TOUCHING = 6  /* within gnomon_ask_options.touching_m */
};

/* Where something is looked for. */
enum {
    GNOMON_EXTENT_SCENE = 0,   /* everywhere; places are world metres */
    GNOMON_EXTENT_PICTURE = 1  /* in the picture of the view; places are 0 to 1, x right, y down */
};

/* Steps of a route. */
enum {
    GNOMON_STEP_GO_TO = 0, /* to the next of the things */
    GNOMON_STEP_LEFT = 1,  /* a turn that is told, by less than 135 degrees */
    GNOMON_STEP_RIGHT = 2, /* likewise */
    GNOMON_STEP_BACK = 3,  /* a turn that is told, by 135 degrees or more */
    GNOMON_STEP_BLANK = 4  /* a turn that is asked for */
};

/* Units of length. */
enum {
    GNOMON_UNIT_METRE = 0,
    GNOMON_UNIT_CENTIMETRE = 1,
    GNOMON_UNIT_MILLIMETRE = 2,
    GNOMON_UNIT_INCH = 3,
    GNOMON_UNIT_FOOT = 4
};

/* Why an answer is unknown, or a statement untestable. */
enum {
    GNOMON_UNKNOWN_NONE = 0,              /* it is known */
    GNOMON_UNKNOWN_NOT_UNDERSTOOD = 1,    /* the text is none of the forms that are understood */
    GNOMON_UNKNOWN_NEVER_SEEN = 2,        /* nothing that is asked about has been seen */
    GNOMON_UNKNOWN_NOT_YET_OBSERVED = 3,  /* it is there, what is asked of it was not observed */
    GNOMON_UNKNOWN_AMBIGUOUS_NAME = 4,    /* a name that must mean one thing means several */
    GNOMON_UNKNOWN_BELOW_CONFIDENCE = 5,  /* less probable than asked for */
    GNOMON_UNKNOWN_NO_VIEW = 6,           /* about a picture, and there is no view */
    GNOMON_UNKNOWN_NO_OPTION = 7,         /* no option says what was found */
    GNOMON_UNKNOWN_NO_ANSWER = 8,         /* has none: a direction between things at one place */
    GNOMON_UNKNOWN_NO_CLAIM = 9,          /* a statement that claims nothing that the map could know */
    GNOMON_UNKNOWN_TOO_CLOSE_TO_CALL = 10 /* the map may be wrong by as much as the statement differs */
};

/* What a statement is worth. */
enum {
    GNOMON_VERDICT_AGREES = 0,      /* the map says so too */
    GNOMON_VERDICT_CONTRADICTS = 1, /* the map says otherwise, and is sure */
    GNOMON_VERDICT_UNTESTABLE = 2   /* the map cannot tell */
};

/* What an answer's value is, in gnomon_answer_facts.numbers or .words. */
enum {
    GNOMON_VALUE_NONE = 0,          /* unknown */
    GNOMON_VALUE_COUNT = 1,         /* a number */
    GNOMON_VALUE_LENGTH = 2,        /* a number, metres */
    GNOMON_VALUE_LENGTHS = 3,       /* numbers, metres; of a size: length, width, height */
    GNOMON_VALUE_AREA = 4,          /* a number, m^2 */
    GNOMON_VALUE_THING = 5,         /* a word: one of the things asked about */
    GNOMON_VALUE_DIRECTION = 6,     /* a word: left, back, front-right */
    GNOMON_VALUE_YES_NO = 7,        /* a number: 1 yes, 0 no */
    GNOMON_VALUE_PICTURE_POINT = 8, /* two numbers, 0 to 1: x right, y down */
    GNOMON_VALUE_WORLD_POINT = 9,   /* three numbers, metres */
    GNOMON_VALUE_ORDER = 10,        /* words: things in order */
    GNOMON_VALUE_TURNS = 11,        /* words: turn left, turn right, turn back */
    GNOMON_VALUE_ABSENT = 12        /* a word: this thing is not there; only where the scene is complete */
};

/* What a margin counts. */
enum {
    GNOMON_MARGIN_NONE = 0,         /* there is no margin */
    GNOMON_MARGIN_METRES = 1,
    GNOMON_MARGIN_DEGREES = 2,
    GNOMON_MARGIN_CUBIC_METRES = 3,
    GNOMON_MARGIN_NANOSECONDS = 4,
    GNOMON_MARGIN_RATIO = 5         /* without unit */
};

/* Relations of two things, or of three. */
enum {
    GNOMON_RELATION_LEFT = 0,     /* a is left of b, as the observer faces */
    GNOMON_RELATION_RIGHT = 1,
    GNOMON_RELATION_FRONT = 2,    /* a is nearer than b, along the observer's heading */
    GNOMON_RELATION_BEHIND = 3,
    GNOMON_RELATION_ON = 4,       /* a rests on b */
    GNOMON_RELATION_UNDER = 5,    /* a is within b's outline and lower, or beneath it */
    GNOMON_RELATION_ABOVE = 6,
    GNOMON_RELATION_BELOW = 7,
    GNOMON_RELATION_INSIDE = 8,
    GNOMON_RELATION_TOUCHING = 9,
    GNOMON_RELATION_NEAR = 10,
    GNOMON_RELATION_BETWEEN = 11, /* a is between b and c */
    GNOMON_RELATION_LARGER = 12,  /* by volume; its margin is a ratio */
    GNOMON_RELATION_TALLER = 13,
    GNOMON_RELATION_FACING = 14   /* a's front faces b */
};

/* Which of a box's directions is its front. */
enum {
    GNOMON_AXIS_PLUS_X = 0,
    GNOMON_AXIS_MINUS_X = 1,
    GNOMON_AXIS_PLUS_Y = 2,
    GNOMON_AXIS_MINUS_Y = 3
};

/* In which order a chain places things. */
enum {
    GNOMON_CHAIN_FIRST_SEEN = 0, /* as they were first shown: lines stay while the scene grows */
    GNOMON_CHAIN_BEST_FIRST = 1  /* cheapest first: for one telling of a finished scene */
};

/* Two ways to reckon mean relative accuracy. */
enum {
    GNOMON_MRA_OFFICIAL = 0, /* VSI-Bench's: error <= 1 - theta, 64 bit */
    GNOMON_MRA_STRICT = 1    /* Spatial-MLLM's: error < 1 - theta, 32 bit */
};

/* How a model's text is read. */
enum {
    GNOMON_READING_OFFICIAL = 0,        /* VSI-Bench's: what stands before the first space */
    GNOMON_READING_SPATIAL_MLLM = 1,    /* the last <answer> block or all, version 1.1 */
    GNOMON_READING_SPATIAL_MLLM_V1 = 2, /* the same, version 1.0 */
    GNOMON_READING_LENIENT = 3          /* any number with its unit, any letter of an option */
};

/* How far two texts are apart. */
enum {
    GNOMON_EDIT_INDEL = 0,       /* insertions and deletions */
    GNOMON_EDIT_LEVENSHTEIN = 1  /* and substitutions */
};

/* Which standard deviation advantages are measured in. */
enum {
    GNOMON_SPREAD_POPULATION = 0, /* of the group itself: divided by n */
    GNOMON_SPREAD_SAMPLE = 1      /* as an estimate from the group: divided by n - 1 */
};

/* What a row of a scene's text tells of where a thing is. */
enum {
    GNOMON_TOLD_NOTHING = 0,
    GNOMON_TOLD_PLACE = 1, /* its centre on the ground: x, y */
    GNOMON_TOLD_BOX = 2    /* its box */
};

/* A link of the chain. */
typedef struct Link Link;

/* Where time goes. */
typedef struct Stage Stage;

/* Keeps those pictures of all that it is offered that together see the most of the place, and the newest. Any thread, one
 * call that changes it at a time (GNOMON_E_BUSY); const calls at any time. Depends on no other handle. */
typedef struct gnomon_album gnomon_album;

/* What was answered, with its evidence. Never changes; any thread, any number at a time. Outlives its snapshot. */
typedef struct gnomon_answer gnomon_answer;

/* Stops runs of networks: gnomon_run_options. Any thread, any number at a time, one handle for many runs; must outlive
 * the calls that are given it, and no longer. */
typedef struct gnomon_cancel gnomon_cancel;

/* A scene told as triplets, for one writer. Any thread, one update at a time (GNOMON_E_BUSY); const calls at any time.
 * Depends on no other handle. */
typedef struct gnomon_chain gnomon_chain;

/* What is around the observer: 10 x 10 cells. Never changes; any thread, any number at a time. Outlives its snapshot. */
typedef struct gnomon_cogmap gnomon_cogmap;

/* Depth of one picture, pixel for pixel. Never changes; any thread, any number at a time. Outlives its network. */
typedef struct gnomon_depth_map gnomon_depth_map;

/* A depth network that is loaded. Any thread, any number at a time: pictures are looked at one after another, first come
 * first served. Depends on no other handle. */
typedef struct gnomon_depth_net gnomon_depth_net;

/* A detector that is loaded. Any thread, any number at a time: pictures are looked at one after another, first come first
 * served. Depends on no other handle. */
typedef struct gnomon_detector gnomon_detector;

/* What was found in one picture. Never changes; any thread, any number at a time. Outlives its detector. */
typedef struct gnomon_found gnomon_found;

/* A network of many pictures that is loaded. Any thread, any number at a time: calls are served one after another, first
 * come first served. Depends on no other handle. */
typedef struct gnomon_geometry_net gnomon_geometry_net;

/* What was read of a model's words about one picture. Never changes; any thread, any number at a time. Depends on no
 * other handle. */
typedef struct gnomon_grounding gnomon_grounding;

/* A request on its way, and its reply. Any thread, any number at a time. Outlives its model, whose end cancels it. */
typedef struct gnomon_job gnomon_job;

/* Statements with their verdicts. Never changes; any thread, any number at a time. Outlives its snapshot. */
typedef struct gnomon_judgements gnomon_judgements;

/* Keeps exactly so many frames of all that it is offered, those that together see the most. Any thread, one offer at a
 * time (GNOMON_E_BUSY); const calls at any time. Depends on no other handle. */
typedef struct gnomon_keeper gnomon_keeper;

/* Places composed of triplets. Never changes; any thread, any number at a time. Depends on no other handle. */
typedef struct gnomon_layout gnomon_layout;

/* A scene behind live cameras, with threads of its own. Any thread, any number at a time: every call may overlap every
 * other but gnomon_pipeline_free. No call waits but gnomon_pipeline_settle, _close and _free. A forked child leaves it alone. */
typedef struct gnomon_pipeline gnomon_pipeline;

/* Relations of one scene that need no observer, for one writer. Any thread, one update at a time (GNOMON_E_BUSY); const
 * calls at any time. Depends on no other handle. */
typedef struct gnomon_relation_graph gnomon_relation_graph;

/* The map of things, for one writer. Any thread, one at a time (GNOMON_E_BUSY); const calls at any time. */
typedef struct gnomon_scene gnomon_scene;

/* The scene at one moment: never changes, needs no lock. Any thread, any number at a time. Outlives its scene. */
typedef struct gnomon_snapshot gnomon_snapshot;

/* A text. Never changes; any thread, any number at a time. Depends on no other handle. */
typedef struct gnomon_text gnomon_text;

/* A scene as a text tells it. Never changes; any thread, any number at a time. Depends on no other handle. */
typedef struct gnomon_told gnomon_told;

/* What was read of a text of triplets. Never changes; any thread, any number at a time. Depends on no other handle. */
typedef struct gnomon_triplets gnomon_triplets;

/* What a network says of pictures that it saw together. Never changes; any thread, any number at a time. Outlives its
 * network. */
typedef struct gnomon_views gnomon_views;

/* A vision-language model that is open. Any thread, any number at a time: requests are answered one after another, on a
 * thread of its own (gnomon_vlm_submit). Depends on no other handle. */
typedef struct gnomon_vlm gnomon_vlm;

/* Groups of words that mean the same: gnomon_ask_options.vocabulary. Any thread, one gnomon_vocabulary_add at a time
 * (GNOMON_E_BUSY); must outlive the calls that are given it, and no longer. */
typedef struct gnomon_vocabulary gnomon_vocabulary;

/* Which pictures are kept. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_album_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* How many, the newest aside, 1 to 4096. Default 32. */
    uint64_t count;
    /* A frame is looked at when the camera moved so far since the last that was looked at, metres, 0 or more. Default 0.1. */
    double least_shift_m;
    /* Or turned so far, degrees, 0 to 180. Default 5. */
    double least_turn_deg;
    /* Or stood so long, nanoseconds, 0 or more. Default one second. */
    int64_t most_wait_ns;
} gnomon_album_options;

/* A camera; pixel centres are at integer (u, v). Coefficients that its model does not have are 0. Final: does not grow. */
typedef struct gnomon_intrinsics {
    /* Size of its images, pixels, 1 to 16384. */
    uint32_t width;
    /* Size of its images, pixels, 1 to 16384. */
    uint32_t height;
    /* GNOMON_LENS_*: what the coefficients mean. 0: plumb_bob. */
    int32_t model;
    /* 0. */
    uint32_t reserved;
    /* Focal length along u, pixels. */
    double fx;
    /* Focal length along v, pixels. */
    double fy;
    /* Principal point, pixels from the centre of the leftmost pixel. */
    double cx;
    /* Principal point, pixels from the centre of the topmost pixel. */
    double cy;
    /* Radial distortion, r^2; of a fisheye, the angle to the third. */
    double k1;
    /* Radial distortion, r^4; of a fisheye, the angle to the fifth. */
    double k2;
    /* Tangential distortion. */
    double p1;
    /* Tangential distortion. */
    double p2;
    /* Radial distortion, r^6; of a fisheye, the angle to the seventh. */
    double k3;
    /* Radial distortion, the divisor's r^2; of a fisheye, the angle to the ninth. */
    double k4;
    /* Radial distortion, the divisor's r^4. */
    double k5;
    /* Radial distortion, the divisor's r^6. */
    double k6;
} gnomon_intrinsics;

/* An image: rows of stride bytes, the last of which may end with its pixels. As many rows as height; of NV12 half as
 * many again, of chroma, follow at the same stride. Final: does not grow. */
typedef struct gnomon_image {
    /* The first pixel; borrowed for the call. Need not be aligned. */
    const uint8_t *data;
    /* Bytes in data, at most 4 GiB; 0: no image. */
    size_t len;
    /* Bytes from row to row; 0: rows follow each other closely. */
    size_t stride;
    /* Pixels, 1 to 16384; even for YUYV, UYVY and NV12. */
    uint32_t width;
    /* Pixels, 1 to 16384; even for NV12. */
    uint32_t height;
    /* GNOMON_PIXEL_*. */
    int32_t format;
    /* 0. */
    uint32_t reserved;
} gnomon_image;

/* What one camera saw at one moment. Set up with GNOMON_INIT. Images are borrowed for the call. */
typedef struct gnomon_frame {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* When the picture was taken, nanoseconds on the caller's clock; rises per camera. */
    int64_t stamp_ns;
    /* Which camera took it. */
    uint32_t camera_id;
    /* Metres per count of GNOMON_PIXEL_DEPTH_U16, above 0 and at most 1. Default 0.001: millimetres. */
    float depth_unit_m;
    /* The colour camera: detections are given in its pixels. */
    struct gnomon_intrinsics intrinsics;
    /* Camera (x right, y down, z forward) to the input's world, metres; 4 x 4, row by row, last row 0 0 0 1. */
    double world_from_camera[16];
    /* Depth along the optical axis: GNOMON_PIXEL_DEPTH_U16 (0 and 65535: none) or _F32_M (NaN, infinite, <= 0: none). */
    struct gnomon_image depth;
    /* The picture: GNOMON_PIXEL_RGB8 to _MONO16. With len 0: none. */
    struct gnomon_image colour;
    /* The depth camera where it is not the colour camera. Width 0: depth is registered to colour. */
    struct gnomon_intrinsics depth_intrinsics;
    /* Depth camera to colour camera, as world_from_camera; looked at only with depth_intrinsics. */
    double colour_from_depth[16];
} gnomon_frame;

/* A text: `len` bytes of UTF-8, no 0 at the end. With len 0, data is not looked at. Final: does not grow. */
typedef struct gnomon_str {
    /* The first byte. */
    const char *data;
    /* Bytes, not characters. */
    size_t len;
} gnomon_str;

/* An answer in numbers. Set up with GNOMON_INIT. What an answer does not have is 0. */
typedef struct gnomon_answer_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* 1 when something is answered; 0 when it is unknown, and why. */
    uint32_t known;
    /* GNOMON_UNKNOWN_*. */
    int32_t why;
    /* GNOMON_VALUE_*: what numbers and words hold. */
    int32_t value;
    /* Index of the option that says so, from 0; -1 without one. */
    int32_t option;
    /* GNOMON_MARGIN_*. */
    int32_t margin_unit;
    /* 1 when there is a spread, else 0. */
    uint32_t has_spread;
    /* The value's numbers, or NULL; metres whatever the unit of the question. Lives as long as the answer. */
    const double *numbers;
    /* How many. */
    size_t numbers_len;
    /* The value's words, or NULL; lives as long as the answer. */
    const struct gnomon_str *words;
    /* How many. */
    size_t words_len;
    /* Probability that it is right, 0 to 1; of a measure: within gnomon_ask_options.tolerance. */
    double probability;
    /* How far the world would have to be off for another answer, in margin_unit; never negative. */
    double margin;
    /* Of a measure: where it lies with 90 % probability, in the units of the numbers. */
    double spread[2];
    /* How many things it rests on: gnomon_answer_evidence. */
    uint64_t evidence;
} gnomon_answer_facts;

/* Where relations draw their lines, and who looks. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_relation_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* GNOMON_OBSERVER_*, for left, right, front, behind: which of the fields below say where the observer stands. */
    int32_t observer;
    /* GNOMON_AXIS_*, for facing: which of a box's directions is its front. */
    int32_t front;
    /* Observer _POSE: stands under this camera, facing where it looks; 4 x 4, row by row. */
    double world_from_camera[16];
    /* Observer _HEADING: stands at this x, y in gnomon's world, metres. */
    double origin[2];
    /* Observer _HEADING: faces this way, radians counter-clockwise from world +X. */
    double heading_rad;
    /* Observer _FACING: stands at the thing with this id. */
    uint64_t standing_at;
    /* Observer _FACING: faces the thing with this id. */
    uint64_t facing;
    /* Left, right, front, behind: how much of the narrower extent may overlap, 0 to 1. */
    double side_overlap;
    /* On: how far the lowest point may be from the top, metres. */
    double on_gap_m;
    /* Under, above, below: how far heights may overlap, metres. */
    double height_slack_m;
    /* Inside: how far out a corner may stand, metres. */
    double inside_slack_m;
    /* Touching: the widest gap, metres. */
    double touching_m;
    /* Near: the widest gap, metres. */
    double near_m;
    /* Larger: the least ratio of volumes. */
    double larger_ratio;
    /* Taller: the least difference, metres. */
    double taller_m;
    /* Facing: the widest angle from the front to what is faced, radians. */
    double facing_rad;
} gnomon_relation_options;

/* How a scene is asked. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_ask_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* 1 when the two view fields below are the eyes a question is asked through; 0: the camera of the newest frame. */
    uint32_t has_view;
    /* 1: what is not in the scene is not there. 0, the default: what was not seen is unknown, never absent. */
    uint32_t complete;
    /* The camera's pose in gnomon's world; 4 x 4, row by row. */
    double view_world_from_camera[16];
    /* The camera; questions about places in the picture need it. width 0: not known. */
    struct gnomon_intrinsics view_intrinsics;
    /* Area of the floor where it is known from elsewhere, m^2; 0: it is not. */
    double room_area_m2;
    /* Answers less probable than this are unknown: GNOMON_UNKNOWN_BELOW_CONFIDENCE. 0 withholds none. */
    double least_probability;
    /* A measure counts as right within this share of the truth, 0 to 1. */
    double tolerance;
    /* Where near, on, inside and the like draw their lines; borrowed for the call, its observer's fields are not looked
     * at. NULL, the default: the defaults. */
    const struct gnomon_relation_options *relations;
    /* Probability that one more of a category was overlooked; not used with complete. */
    double overlooked;
    /* How much later than its first frame a thing may be noticed: standard deviation, nanoseconds. */
    double first_seen_sigma_ns;
    /* How often a sighting is given a wrong label, 0 to 1; not used with complete. */
    double label_error;
    /* How far the room may go on beyond the floor that was seen: standard deviation, metres. */
    double floor_edge_sigma_m;
    /* gnomon_check: a told number holds within this share of the true one, 0 to 1. */
    double judging_tolerance;
    /* gnomon_check: one told with "about" holds within this share, 0 to 1; no number within it is contradicted. */
    double judging_loose_tolerance;
    /* gnomon_check: a told length may be off by this as well, metres. */
    double judging_slack_m;
    /* gnomon_check: a statement agrees from this probability on that it is true. */
    double agree_from;
    /* gnomon_check: it contradicts below this probability that it is true. */
    double contradict_below;
    /* Which words mean the same; borrowed for the call. NULL, the default: the words that gnomon knows. */
    const struct gnomon_vocabulary *vocabulary;
} gnomon_ask_options;

/* A question in types. Set up with GNOMON_INIT. Fields that .ask does not need are checked (the codes of .steps are not)
 * and not used. Things are named by category ("trash bin") or by name ("chair#2"); everything is borrowed for the call. */
typedef struct gnomon_question {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* GNOMON_ASK_*. */
    int32_t ask;
    /* GNOMON_MEASURE_*. */
    int32_t measure;
    /* GNOMON_SIDE_*. */
    int32_t side;
    /* GNOMON_SECTORS_*. */
    int32_t sectors;
    /* GNOMON_CONTACT_*. */
    int32_t contact;
    /* GNOMON_EXTENT_*. */
    int32_t within;
    /* 1: farthest, least, less. Else 0. */
    uint32_t inverse;
    /* GNOMON_OBSERVER_*: _CAMERA, the default, is the view of the options. _POSE is refused: give it as that view. */
    int32_t observer;
    /* GNOMON_UNIT_*: in what gnomon_answer_text and _short tell lengths (areas: its square). */
    int32_t unit;
    /* 0. */
    uint32_t reserved;
    /* Observer _HEADING: stands at this x, y in gnomon's world, metres. */
    double origin[2];
    /* Observer _HEADING: faces this way, radians counter-clockwise from world +X. */
    double heading_rad;
    /* Observer _FACING: stands at this thing. */
    struct gnomon_str standing_at;
    /* Observer _FACING: faces this thing. */
    struct gnomon_str facing;
    /* The things it names, in the order that GNOMON_ASK_* tells. */
    const struct gnomon_str *things;
    /* How many, at most 64 with those of the observer. */
    size_t things_len;
    /* _LENGTH_GIVEN: the told lengths of things[1], things[2] and so on, metres. */
    const double *given_m;
    /* How many, at least 1 for _LENGTH_GIVEN. */
    size_t given_len;
    /* _ROUTE: GNOMON_STEP_*, one _GO_TO for each thing from things[2] on. */
    const int32_t *steps;
    /* How many, at most 256. */
    size_t steps_len;
    /* What may be answered, without letters. */
    const struct gnomon_str *options;
    /* How many, at most 64; 0: anything. */
    size_t options_len;
    /* _AT_PICTURE: a place in the picture, 0 to 1: x right, y down. */
    double point[2];
} gnomon_question;

/* A thing that an answer rests on, and the frames that saw it. */
typedef struct gnomon_evidence {
    /* Its id. */
    uint64_t id;
    /* Its name; lives as long as the answer. */
    struct gnomon_str name;
    /* Stamp of the first frame that saw it. */
    int64_t first_seen_ns;
    /* Stamp of the newest frame that saw it. */
    int64_t last_seen_ns;
    /* How many frames saw it. */
    uint64_t observations;
} gnomon_evidence;

/* Counts what a text costs: tokens of a model, say. The text is borrowed for the call. Called on the thread that asks,
 * inside the call that asks; may call this library. Must return (no longjmp, no exception), the same for the same text. */
typedef size_t (*gnomon_count_fn)(void *user, struct gnomon_str text);

/* How a chain is built and written. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_chain_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* GNOMON_CHAIN_*. */
    int32_t order;
    /* 1, the default: lines tell the size of their cells. Else 0. */
    uint32_t units;
    /* How many of the nearest things may place the next, 2 to 64. */
    uint32_t neighbours;
    /* 0. */
    uint32_t reserved;
    /* A smaller move of a thing is never told, metres. */
    double least_bound_m;
    /* Standard deviations of a thing's place that count as no news. */
    double sigmas;
    /* A larger move is always told, metres. */
    double most_bound_m;
} gnomon_chain_options;

/* Where the observer stands and how large a cell is. Set up with GNOMON_INIT. Places are in gnomon's world (Z up). */
typedef struct gnomon_cogmap_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* GNOMON_OBSERVER_*: which of the fields below say where the observer stands. Default: the newest camera. */
    int32_t observer;
    /* GNOMON_SCALE_*. Default: cells of cell_m. */
    int32_t scale;
    /* _POSE: stands under this camera, facing where it looks; 4 x 4, row by row. */
    double world_from_camera[16];
    /* _HEADING: stands at this x, y, metres. */
    double origin[2];
    /* _HEADING: faces this way, radians counter-clockwise from world +X. */
    double heading_rad;
    /* _FACING: stands at the centre of the thing with this id. */
    uint64_t standing_at;
    /* _FACING: faces the centre of the thing with this id. */
    uint64_t facing;
    /* _FACING: faces this way (x, y, any length) where the two are closer than 0.05 m. 0, 0: such a pair is refused. */
    double fallback[2];
    /* _FIXED: metres per cell, 0.05 to 10 in whole centimetres. Default 0.5. */
    double cell_m;
    /* _HOLDING: ids of the things that must fit; borrowed for the call. */
    const uint64_t *hold;
    /* How many, at most 65536. */
    size_t hold_len;
    /* Things outside the cells are told up to this far from the observer, metres. Default 10. */
    double beyond_m;
    /* Things last seen more than this much walked path ago are left out, metres. 0, the default: none is. */
    double max_path_age_m;
} gnomon_cogmap_options;

/* A map in numbers. Set up with GNOMON_INIT. */
typedef struct gnomon_cogmap_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Stamp of its snapshot; INT64_MIN before the first frame. */
    int64_t stamp_ns;
    /* Metres per cell. */
    double cell_m;
    /* Where the observer stands: x, y in gnomon's world, metres. The corner that the four middle cells share. */
    double origin[2];
    /* Where the observer faces, radians counter-clockwise from world +X. */
    double heading_rad;
    /* How many things have their centre in a cell. */
    uint64_t objects;
    /* How many things are told beyond the cells, at most 64. */
    uint64_t beyond;
    /* 1 when the heading is gnomon_cogmap_options.fallback, else 0. */
    uint32_t is_fallback;
    /* Cells a side: 10. */
    uint32_t side;
} gnomon_cogmap_facts;

/* One cell. Cell (i, j), i to the right and j ahead, is at 10 j + i. */
typedef struct gnomon_cell {
    /* GNOMON_CELL_*. */
    int32_t state;
    /* 1 when low_m and high_m are known, else 0. */
    uint32_t has_height;
    /* Lowest thing standing in it, metres above the floor. */
    double low_m;
    /* Highest thing standing in it, metres above the floor. */
    double high_m;
    /* Stamp of the newest frame that saw its ground or a thing in it; INT64_MIN when none did. */
    int64_t last_seen_ns;
    /* Ids of the things whose footprint touches it, ascending; lives as long as the map. */
    const uint64_t *objects;
    /* How many. */
    size_t objects_len;
} gnomon_cell;

/* A thing whose centre is in a cell. */
typedef struct gnomon_map_object {
    /* Its id. */
    uint64_t id;
    /* Its name; lives as long as the map. */
    struct gnomon_str name;
    /* Its label; lives as long as the map. */
    struct gnomon_str label;
    /* Its centre in cells: x to the right, y ahead, 0 to 10; the observer is at 5, 5. */
    double grid[2];
    /* Standard deviation of the centre to the right and ahead, cells. */
    double sigma[2];
    /* Corners of its footprint, x, y in cells, counter-clockwise; may reach out of the grid; lives as long as the map. */
    const double *footprint;
    /* How many corners. */
    size_t corners;
} gnomon_map_object;

/* A thing whose centre is outside the cells. */
typedef struct gnomon_map_beyond {
    /* Its id. */
    uint64_t id;
    /* Its name; lives as long as the map. */
    struct gnomon_str name;
    /* Its label; lives as long as the map. */
    struct gnomon_str label;
    /* Bearing of its centre, degrees above -180 and up to 180: 0 ahead, right positive. */
    double bearing_deg;
    /* Distance of its centre on the ground, metres. */
    double distance_m;
    /* Corners of its footprint, x, y in cells, where it reaches into the grid, else NULL; lives as long as the map. */
    const double *footprint;
    /* How many corners. */
    size_t corners;
} gnomon_map_beyond;

/* What triplets leave open: where a layout begins, which way it faces, and one length. Set up with GNOMON_INIT; what is
 * not set is taken from the first triplet, whose length is told to a tenth of a cell. */
typedef struct gnomon_gauge {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* The thing at 0, 0; empty with .ahead: the first triplet's a. */
    struct gnomon_str origin;
    /* The thing straight ahead of it; empty with .origin: the first triplet's b. */
    struct gnomon_str ahead;
    /* How far apart they are, metres; 0 with both empty: as the first triplet tells it. */
    double baseline_m;
} gnomon_gauge;

/* A layout in numbers. Set up with GNOMON_INIT. */
typedef struct gnomon_layout_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* The thing at 0, 0; lives as long as the layout. */
    struct gnomon_str origin;
    /* The thing straight ahead of it; lives as long as the layout. */
    struct gnomon_str ahead;
    /* How far apart they are, metres. */
    double baseline_m;
    /* Things that have a place: gnomon_layout_places. */
    uint64_t places;
    /* Triplets that located what had a place already: gnomon_layout_loops. */
    uint64_t loops;
    /* Triplets that could not be used: a or b never got a place, or both are in one spot. */
    uint64_t unused;
    /* Triplets with a fallback heading: taken to face as the layout does. */
    uint64_t by_fallback;
} gnomon_layout_facts;

/* Where a thing is on the ground. */
typedef struct gnomon_place {
    /* Its name. */
    struct gnomon_str name;
    /* Of a layout: metres to the right of its origin and ahead. Of truth: world x and y, metres. */
    double at[2];
} gnomon_place;

/* A triplet that located what had a place already. */
typedef struct gnomon_loop {
    /* Its index among the triplets, from 0. */
    uint64_t triplet;
    /* Distance between the place the thing has and that of the triplet, metres. */
    double residual_m;
} gnomon_loop;

/* How far told places are off. A thing that was not placed counts in things alone. */
typedef struct gnomon_placement_error {
    /* Mean distance over the things that were placed, cells; 0 when none was. */
    double mean_cells;
    /* Things that were placed. */
    uint64_t placed;
    /* Things that were to be placed. */
    uint64_t things;
} gnomon_placement_error;

/* How a scene and a model are asked together. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_converse_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* How geometry is asked, and judges; borrowed for the call. NULL, the default: the defaults. */
    const struct gnomon_ask_options *ask;
    /* The most pictures that the model is shown, at most 1024. Default 4. */
    uint32_t images;
    /* The most tokens of the prompt's text, pictures and chat template not among them, at most 1048576. Default 1024. */
    uint32_t text_tokens;
    /* The most tokens of the reply, 1 to 1048576. Default 64. */
    uint32_t new_tokens;
    /* GNOMON_FACTS_*: what of geometry the model is told. Default: the map, not what was measured. */
    int32_t facts;
    /* The longest wait for the model, the time in line included, nanoseconds, above 0. Default one minute. */
    int64_t within_ns;
    /* As in gnomon_vlm_request. */
    uint64_t seed;
    /* As in gnomon_vlm_request; 0, the default: the likeliest token always. */
    float temperature;
    /* As in gnomon_vlm_request. */
    float top_p;
    /* As in gnomon_vlm_request. */
    float min_p;
    /* As in gnomon_vlm_request. */
    float repetition_penalty;
    /* As in gnomon_vlm_request. */
    uint32_t top_k;
    /* GNOMON_WHEN_BUSY_*: what to do while the model answers another request. */
    int32_t when_busy;
} gnomon_converse_options;

/* What a reply took. Final: does not grow. */
typedef struct gnomon_reply_statistics {
    /* Tokens of the prompt, pictures' among them. */
    uint64_t prompt_tokens;
    /* How many of them were in the model's cache already. */
    uint64_t reused_tokens;
    /* Tokens of the reply. */
    uint64_t new_tokens;
    /* Pictures that the vision graph saw; the others were known. */
    uint64_t images_seen;
    /* Bytes of the decoder's cache at the end, with the room that was made, and with other conversations that are kept. */
    uint64_t cache_bytes;
    /* Template, pictures and token numbers, nanoseconds. */
    int64_t prepare_ns;
    /* The vision graph, nanoseconds. */
    int64_t vision_ns;
    /* The prompt through embedding and decoder, nanoseconds. */
    int64_t prefill_ns;
    /* From its turn to the first token, nanoseconds. */
    int64_t first_token_ns;
    /* All tokens after the first, nanoseconds. */
    int64_t decode_ns;
    /* Of prefill and decode, inside the decoder's graph, nanoseconds. */
    int64_t run_ns;
} gnomon_reply_statistics;

/* What a model said to a question, in numbers. Set up with GNOMON_INIT. What there is not is 0. */
typedef struct gnomon_said_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* GNOMON_SILENCE_*: why there is nothing of a model; _NONE: there is. */
    int32_t silence;
    /* With GNOMON_SILENCE_FAILED: the status that it failed with, GNOMON_E_CANCELLED when its time was up; else GNOMON_OK. */
    int32_t failure;
    /* GNOMON_VERDICT_*: what the map says of the model's words; _UNTESTABLE where there are none. */
    int32_t verdict;
    /* GNOMON_VALUE_*: the kind of value that the words give; _NONE where they were not understood. */
    int32_t value;
    /* Index of the option that the words choose, from 0; -1 without one. */
    int32_t option;
    /* GNOMON_ENDED_*: why the words ended. */
    int32_t ended;
    /* The first number of the value, metres for lengths, 1 or 0 for yes or no; 0 of a value in words. */
    double number;
    /* How many pictures the model was shown. */
    uint64_t images;
    /* Tokens of the prompt's text; 0 where the model was not asked. */
    uint64_t text_tokens;
    /* What the words took. */
    struct gnomon_reply_statistics statistics;
} gnomon_said_facts;

/* A depth map. Set up with GNOMON_INIT; numbers and texts live as long as the map. Numbers lie row after row. */
typedef struct gnomon_depth_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* GNOMON_DEPTH_*: what values are. */
    int32_t meaning;
    /* Pixels, as the picture's. */
    uint32_t width;
    /* Pixels, as the picture's. */
    uint32_t height;
    /* 1 when the network told a camera, in .intrinsics, else 0. */
    uint32_t has_camera;
    /* One number a pixel; 0: none there. */
    const float *values;
    /* How sure the network is of each pixel, in its own measure, more being surer; or NULL. */
    const float *confidence;
    /* 1 for each pixel that is sky, else 0; or NULL. values there are those of what is farthest. */
    const uint8_t *sky;
    /* How many pixels: width * height. */
    size_t pixels;
    /* The camera that the network believes to see through. */
    struct gnomon_intrinsics intrinsics;
    /* What was not as it could be, in sentences. */
    const struct gnomon_str *remarks;
    /* How many. */
    size_t remarks_len;
} gnomon_depth_facts;

/* How a network is opened. Set up with GNOMON_INIT; texts are borrowed for the call. */
typedef struct gnomon_network_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* The library of ONNX Runtime, or its folder, which then must do; empty: $GNOMON_ORT_PATH, else where libraries lie. */
    struct gnomon_str runtime_path;
    /* "fastest_det", "depth_anything_v2": what a bare .onnx file is; empty: the folder says. */
    struct gnomon_str family;
    /* A text file with the names of classes, one a line, that counts before the folder's; empty: the folder's. */
    struct gnomon_str labels;
    /* "fp32", "fp16", "int8", "q4": which of a folder's files; empty: the fullest that it has. */
    struct gnomon_str precision;
    /* What to run on, in order: "cuda", "tensorrt:device_id=1,trt_fp16_enable=1", or another as ONNX Runtime names it. */
    const struct gnomon_str *providers;
    /* How many, at most 64; 0: the processor. */
    size_t providers_len;
    /* The most that weights and activations may take, bytes (gnomon_model_plan); 0: anything. */
    uint64_t memory_budget_bytes;
    /* 1: every provider must be had and the first must get a node, else GNOMON_E_DEVICE. 0: a remark tells. */
    uint32_t require_providers;
    /* Threads inside one node, 1 to 1024. Default 2. */
    uint32_t threads;
    /* The folder where engines of TensorRT are kept from start to start, which is made; empty: each start builds anew. What
     * a load is at goes to the log (gnomon_set_log), GNOMON_LOG_INFO, every ten seconds. */
    struct gnomon_str engines;
    /* 1: engines may compute with half floats, else 0. */
    uint32_t fp16;
    /* 1: engines may compute with whole numbers of 8 bits, of a model that holds its scales, else 0. */
    uint32_t int8;
    /* How long the load may take, nanoseconds; 0: as long as it takes. Inside ONNX Runtime it is stopped from its 1.22 on. */
    int64_t within_ns;
    /* Who may stop the load from another thread, or NULL; borrowed for the call. */
    const struct gnomon_cancel *cancel;
} gnomon_network_options;

/* What a network runs on. Its text lives as long as the handle it came from. Final: does not grow. */
typedef struct gnomon_provider {
    /* As ONNX Runtime names it: "CUDAExecutionProvider". */
    struct gnomon_str name;
    /* Nodes of the graph that it got, or -1 where ONNX Runtime does not tell: before 1.24. */
    int64_t nodes;
} gnomon_provider;

/* What a network is and what really runs it. Set up with GNOMON_INIT; texts and lists live as long as its handle. */
typedef struct gnomon_network_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Its family, as in gnomon_network_options. */
    struct gnomon_str family;
    /* Of which precision its weights are. */
    struct gnomon_str precision;
    /* The file it was loaded from. */
    struct gnomon_str path;
    /* Under what terms it may be used, in the folder's words; empty where the folder does not say. */
    struct gnomon_str licence;
    /* The library of ONNX Runtime. */
    struct gnomon_str runtime_path;
    /* Its version: "1.31.1". */
    struct gnomon_str runtime_version;
    /* What was registered, in order; the processor comes last. */
    const struct gnomon_provider *providers;
    /* How many. */
    size_t providers_len;
    /* What is not as it was asked for, in sentences. */
    const struct gnomon_str *remarks;
    /* How many. */
    size_t remarks_len;
    /* Bytes of its weights. */
    uint64_t weight_bytes;
    /* Bytes of what else it was reckoned to take: gnomon_model_memory. */
    uint64_t activation_bytes;
    /* 1 when what a detector finds has masks, else 0. */
    uint32_t gives_masks;
    /* 1 when a depth network gives metres, of pictures whose camera is known, else 0. */
    uint32_t gives_metres;
} gnomon_network_facts;

/* What may end one run. Set up with GNOMON_INIT. */
typedef struct gnomon_run_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* How long it may take from the call, the wait for other calls included, nanoseconds; 0: as long as it takes. */
    int64_t within_ns;
    /* Who may stop it from another thread, or NULL; borrowed for the call. */
    const struct gnomon_cancel *cancel;
} gnomon_run_options;

/* What is wanted of one picture. Set up with GNOMON_INIT. */
typedef struct gnomon_detect_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Only what has a score above this is told, 0 to 1; -1, the default: as the folder or the family has it. */
    float min_score;
    /* Of two boxes of one class that overlap by more than this (intersection over union) the weaker is dropped, 0 to 1; -1,
     * the default: as the folder or the family has it. Families whose boxes do not repeat pass it over. */
    float iou;
    /* The most that are told, surest first, 1 to 4096. Default 300. */
    uint32_t most;
} gnomon_detect_options;

/* What a detector says of one thing in a frame. Set to zero before use; its size is an argument. */
typedef struct gnomon_detection {
    /* What the detector calls it: 1 byte to 64 KiB of UTF-8. */
    struct gnomon_str label;
    /* x0, y0, x1, y1 in pixels of the colour image, x1 and y1 exclusive. May reach over the border. */
    float bbox[4];
    /* How sure the detector is, 0 to 1. */
    float score;
    /* Column of the mask's first byte in the colour image. */
    uint32_t mask_x;
    /* Row of the mask's first byte in the colour image. */
    uint32_t mask_y;
    /* Width of the mask, pixels. */
    uint32_t mask_width;
    /* Height of the mask, pixels. */
    uint32_t mask_height;
    /* 0. */
    uint32_t reserved;
    /* Bytes from row to row of the mask; 0: rows follow each other closely. */
    size_t mask_stride;
    /* One byte a pixel, not 0 inside the thing. */
    const uint8_t *mask;
    /* Bytes in mask, at most 4 GiB; 0: no mask, depth tells the thing from its background. */
    size_t mask_len;
    /* The detector's feature of the thing, finite numbers. */
    const float *feature;
    /* Numbers in feature, at most 65536; 0: no feature. */
    size_t feature_len;
} gnomon_detection;

/* What counts as a change. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_diff_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* How things are found again: GNOMON_SAME_BY_*. */
    int32_t same_by;
    /* 0. */
    uint32_t reserved;
    /* A centre this near is at its place, metres. Default 0.1. */
    double least_move_m;
    /* A side that differs by no more has its length, metres. Default 0.1. */
    double least_resize_m;
    /* What is within so many standard deviations of both is no change, 0 to 1000. Default 3. */
    double sigmas;
} gnomon_diff_options;

/* What differs, in numbers. Set up with GNOMON_INIT. */
typedef struct gnomon_diff_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Things in the second snapshot alone. */
    uint64_t came;
    /* Things in the first snapshot alone. */
    uint64_t went;
    /* Things in both that moved, are called otherwise, or have another size. */
    uint64_t changed;
    /* Of these, how many moved. */
    uint64_t moved;
    /* How many are in both as they were. */
    uint64_t same;
    /* 1 when things were found again by id, 0 by place. */
    uint32_t by_id;
    /* 0. */
    uint32_t reserved;
} gnomon_diff_facts;

/* A box with rotation, in a world of metres with Z up. Final: does not grow. */
typedef struct gnomon_box {
    /* Geometric centre, metres. */
    double centre[3];
    /* Full side lengths l, w, h along the box's own x, y, z, metres, each above 0. */
    double size[3];
    /* Unit quaternion x, y, z, w that turns box axes into world axes. */
    double world_from_box[4];
} gnomon_box;

/* What an operator says of one thing, and who says it. Set to zero before use; its size is an argument. What .kind does
 * not use is 0. */
typedef struct gnomon_edit {
    /* In results: rises by one from edit to edit. In arguments 0. */
    uint64_t sequence;
    /* When, on the caller's clock. */
    int64_t stamp_ns;
    /* Who, in the caller's words, 1 to 4096 bytes. */
    struct gnomon_str who;
    /* Id of the thing. */
    uint64_t thing;
    /* _MERGE: id of the thing that lives on. */
    uint64_t into;
    /* _RENAME: its name, without #. _RELABEL: what it is. */
    struct gnomon_str word;
    /* _PIN: where it stands. */
    struct gnomon_box obb;
    /* GNOMON_OPERATOR_*. */
    int32_t kind;
    /* 0. */
    uint32_t reserved;
} gnomon_edit;

/* Where a scene comes from, and what fell out of its rings. Set up with GNOMON_INIT. */
typedef struct gnomon_provenance {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* The version of gnomon that took the frames in; empty where it is not known. Lives as long as the snapshot. */
    struct gnomon_str version;
    /* How many inputs are named: see gnomon_snapshot_input. */
    uint64_t inputs;
    /* Stamp of the first frame taken in; INT64_MIN before it, and where it is not known. */
    int64_t first_stamp_ns;
    /* How many edits are remembered, at most 1024. */
    uint64_t edits;
    /* How many fell out; what they said holds all the same. */
    uint64_t edits_forgotten;
    /* How many events fell out. */
    uint64_t events_forgotten;
    /* How many keyframes fell out. */
    uint64_t keyframes_forgotten;
} gnomon_provenance;

/* What a network says of one of the pictures. Its size is an argument. Numbers lie row after row, and live as long as the
 * views. */
typedef struct gnomon_view {
    /* GNOMON_DEPTH_*: what values are. All views share the factor. */
    int32_t meaning;
    /* Pixels, as the picture's. */
    uint32_t width;
    /* Pixels, as the picture's. */
    uint32_t height;
    /* 0. */
    uint32_t reserved;
    /* One number a pixel; 0: none there. */
    const float *values;
    /* How sure the network is of each pixel, in its own measure, more being surer; or NULL. */
    const float *confidence;
    /* x, y, z of each pixel's point in the network's world, in units of values; NaN: none there; or NULL. */
    const float *points;
    /* How sure it is of each point; or NULL. */
    const float *points_confidence;
    /* How many pixels: width * height. */
    size_t pixels;
    /* The camera that the network believes to see through, at the picture's size. */
    struct gnomon_intrinsics intrinsics;
    /* Camera to the network's world, which is about the first camera's; 4 x 4, row by row, the translation in units of
     * values. Which way is up, the network does not say. */
    double world_from_camera[16];
} gnomon_view;

/* What a graph compares. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_graph_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* How far apart two things may be, along each axis, to be compared: metres, at most 100, and no less than the gaps of
     * what is near, touching and on. */
    double reach_m;
    /* The thresholds; borrowed for the call, its observer's fields are not looked at. NULL, the default: the defaults. */
    const struct gnomon_relation_options *relations;
} gnomon_graph_options;

/* What an update of a graph did. Set up with GNOMON_INIT. */
typedef struct gnomon_graph_report {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Things that are new or whose box changed. */
    uint64_t things_changed;
    /* Things that are there no more. */
    uint64_t things_removed;
    /* Pairs that were compared. */
    uint64_t pairs_compared;
    /* Relations that began: gnomon_relation_graph_changes. */
    uint64_t began;
    /* Relations that ended. */
    uint64_t ended;
} gnomon_graph_report;

/* A relation of two things that holds. */
typedef struct gnomon_graph_relation {
    /* Id of the one. */
    uint64_t a;
    /* Id of the other. */
    uint64_t b;
    /* GNOMON_RELATION_*: what a is to b. */
    int32_t kind;
    /* GNOMON_MARGIN_*. */
    int32_t margin_unit;
    /* How far from not holding; never negative. */
    double margin;
} gnomon_graph_relation;

/* A relation that began or ended. One that goes on with another margin did neither. */
typedef struct gnomon_graph_change {
    /* The relation; of one that ended, as it last was. */
    struct gnomon_graph_relation relation;
    /* 1 when it began, 0 when it ended. */
    uint32_t began;
    /* 0. */
    uint32_t reserved;
} gnomon_graph_change;

/* Where a picture lies in what a model saw of it: the whole picture was resized, and its first pixel put at the offset of
 * the network's input. Pixels; sides 1 to 16384. Final: does not grow. */
typedef struct gnomon_fit {
    /* Size of the picture. */
    uint32_t from_width;
    /* Size of the picture. */
    uint32_t from_height;
    /* Size that it was resized to. */
    uint32_t scaled_width;
    /* Size that it was resized to. */
    uint32_t scaled_height;
    /* Column of the resized picture's first pixel in the input; negative where it is cropped. */
    int32_t offset_x;
    /* Row of the resized picture's first pixel in the input; negative where it is cropped. */
    int32_t offset_y;
    /* Size of the network's input. */
    uint32_t network_width;
    /* Size of the network's input. */
    uint32_t network_height;
} gnomon_fit;

/* Something that a model says is in a picture. */
typedef struct gnomon_grounded {
    /* What it is called; empty where the words do not say. Lives as long as the grounding. */
    struct gnomon_str label;
    /* Pixels of the picture, counted from its edges: pixel u covers u to u + 1. Of a box left, top, right, bottom, cut off
     * where the picture ends; of a point x, y, 0, 0. */
    double region[4];
    /* GNOMON_REGION_*. */
    int32_t kind;
    /* 0. */
    uint32_t reserved;
} gnomon_grounded;

/* What was left out of a text that was read. */
typedef struct gnomon_rejected {
    /* Line of the text, from 1. */
    uint64_t line;
    /* What was wrong with it; lives as long as the handle it came from. */
    struct gnomon_str reason;
} gnomon_rejected;

/* What somebody says in a conversation. Its size is an argument. */
typedef struct gnomon_message {
    /* The words; may be empty. */
    struct gnomon_str text;
    /* GNOMON_ROLE_*: who says it. */
    int32_t role;
    /* So many of the request's images stand before the words: the next ones. */
    uint32_t images;
    /* And so many of its videos, after the images. */
    uint32_t videos;
    /* 0. */
    uint32_t reserved;
} gnomon_message;

/* Frames that follow each other. Its size is an argument. */
typedef struct gnomon_video {
    /* Frames of one size, of any format of colour. */
    const struct gnomon_image *frames;
    /* How many, 1 to 1024. */
    size_t frames_len;
    /* Frames in a second, above 0. */
    double fps;
} gnomon_video;

/* What a vision-language model is asked. Set up with GNOMON_INIT; texts, lists and pictures are borrowed for the call, and
 * copied. */
typedef struct gnomon_vlm_request {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* The conversation so far, of which the folder's chat template makes the prompt. */
    const struct gnomon_message *messages;
    /* sizeof(gnomon_message). */
    size_t message_size;
    /* How many, at most 4096; 0 where there is a prompt. */
    size_t messages_len;
    /* A prompt that is taken as it is, in place of messages; it holds the family's own placeholder for each picture. Or
     * empty. */
    struct gnomon_str prompt;
    /* The pictures, of any format of colour. */
    const struct gnomon_image *images;
    /* How many, at most 1024: as many as the messages name. */
    size_t images_len;
    /* The videos. */
    const struct gnomon_video *videos;
    /* sizeof(gnomon_video). */
    size_t video_size;
    /* How many, at most 64: as many as the messages name. */
    size_t videos_len;
    /* The reply ends before any of these strings. */
    const struct gnomon_str *stops;
    /* How many. */
    size_t stops_len;
    /* With GNOMON_CONSTRAINT_JSON_SCHEMA, _REGEX or _LARK: the schema, expression or grammar; else not looked at. */
    struct gnomon_str constraint_text;
    /* With GNOMON_CONSTRAINT_CHOICES the strings, with _TRIPLETS and _COGMAP the ids that may be named, with _BOXES the
     * labels (none: any); else not looked at. */
    const struct gnomon_str *constraint_names;
    /* How many, at most 4096; 64 ids. */
    size_t constraint_names_len;
    /* With GNOMON_CONSTRAINT_TRIPLETS: the number of the first line. */
    uint64_t constraint_first;
    /* GNOMON_CONSTRAINT_*: what the reply must be. */
    int32_t constraint;
    /* With _TRIPLETS and _BOXES: the fewest lines. Default 1. */
    uint32_t constraint_least;
    /* With _TRIPLETS and _BOXES: the most lines, at most 256. Default 64. */
    uint32_t constraint_most;
    /* With _TRIPLETS and _COGMAP: 1 when lines tell how large a cell is, else 0. */
    uint32_t constraint_units;
    /* Where the generator of chance begins. */
    uint64_t seed;
    /* What logits are divided by; 0, the default: the likeliest token always. */
    float temperature;
    /* The share of probability that the likeliest tokens make up that stay, 0 to 1. Default 1: all. */
    float top_p;
    /* The share of the likeliest token's probability that a token needs, 0 to 1. */
    float min_p;
    /* What logits of tokens that came before are divided by, above 0. Default 1: no penalty. */
    float repetition_penalty;
    /* The number of likeliest tokens that stay; 0: all. */
    uint32_t top_k;
    /* The most tokens of the reply, 1 or more. Default 128. */
    uint32_t max_new_tokens;
    /* GNOMON_WHEN_BUSY_*: what to do while another request is answered. */
    int32_t when_busy;
    /* 0. */
    uint32_t reserved;
    /* How long it may take, the time in line included, nanoseconds; 0: as long as it takes. */
    int64_t within_ns;
} gnomon_vlm_request;

/* What a model replied. Set up with GNOMON_INIT; text and lists live as long as the job. */
typedef struct gnomon_reply_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* The words. */
    struct gnomon_str text;
    /* The reply's tokens, the one that ended it included. */
    const uint32_t *token_ids;
    /* How many. */
    size_t token_ids_len;
    /* The prompt's tokens, pictures' among them. */
    const uint32_t *prompt_ids;
    /* How many. */
    size_t prompt_ids_len;
    /* Of families that cut pictures into patches, three numbers for each picture and video: frames, rows, columns. */
    const uint32_t *grids;
    /* How many pictures and videos. */
    size_t grids_len;
    /* GNOMON_ENDED_*: why the reply ended. */
    int32_t ended;
    /* 0. */
    uint32_t reserved;
    /* What it took. */
    struct gnomon_reply_statistics statistics;
} gnomon_reply_facts;

/* Hears a reply piece by piece, in order, on the model's own thread. text is the next words, whole characters, borrowed for
 * the call; while the prompt is read it is empty, and done of the of tokens that must went through the decoder, else both
 * are 0. Returns 0 to go on, anything else to end the reply here. Must return (no longjmp, no exception). May call
 * anything but gnomon_job_wait on a job of the same model, also gnomon_job_free and gnomon_vlm_free. */
typedef int32_t (*gnomon_piece_fn)(void *user, struct gnomon_str text, size_t done, size_t of);

/* Lets go of what a callback was given. Called once, on any thread. Must return. */
typedef void (*gnomon_release_fn)(void *user);

/* A statement with its verdict. Its texts live as long as the judgements. */
typedef struct gnomon_judgement {
    /* The words judged. */
    struct gnomon_str statement;
    /* The judgement in one line of prose: verdict, what was measured and from what, or why it cannot be tested. */
    struct gnomon_str sentence;
    /* What the map says instead or as well, with its unit ("0.370 m", "left", "yes"); empty where it says nothing. */
    struct gnomon_str measured;
    /* GNOMON_VERDICT_*. */
    int32_t verdict;
    /* GNOMON_UNKNOWN_*: why it is untestable; _NONE where it is not. */
    int32_t reason;
    /* 1 when the map can tell a probability, else 0. */
    uint32_t has_probability;
    /* GNOMON_MARGIN_*. */
    int32_t margin_unit;
    /* Probability that the statement is true, 0 to 1; of a choice that differs from the map's, its upper bound. */
    double probability;
    /* How far the world would have to be off for another measured answer, in margin_unit; never negative. */
    double margin;
} gnomon_judgement;

/* How frames are kept. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_keeper_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* How many frames are kept, 1 to 1048576. Default 16. */
    uint64_t count;
    /* How many exchanges the log holds, at most 1048576; older ones leave a count. Default 256. */
    uint64_t log;
    /* The edge of a voxel, 0.001 to 100 metres. Default 0.1. */
    double edge_m;
} gnomon_keeper_options;

/* A keeper in numbers. Set up with GNOMON_INIT. */
typedef struct gnomon_keeper_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Frames offered so far. */
    uint64_t offered;
    /* Frames kept. */
    uint64_t kept;
    /* Voxels that they see together. */
    uint64_t covered;
    /* Exchanges in the log. */
    uint64_t logged;
    /* Exchanges that fell out of it. */
    uint64_t forgotten;
} gnomon_keeper_facts;

/* What became of a frame that was offered. */
typedef struct gnomon_swap {
    /* The frame. */
    uint64_t frame;
    /* Voxels that it added when it came; 0 when it is not kept. */
    uint64_t gain;
    /* With .has_gone: the frame that went for it. */
    uint64_t gone;
    /* Voxels that went with that one, which no kept frame sees now. */
    uint64_t loss;
    /* 1: it is kept. 0: it is not. */
    uint32_t is_kept;
    /* 1: another went for it. 0: there was room, or it is not kept. */
    uint32_t has_gone;
} gnomon_swap;

/* A frame that is kept. */
typedef struct gnomon_kept {
    /* The number it was offered under. */
    uint64_t frame;
    /* Voxels that it sees. */
    uint64_t voxels;
    /* Of these, voxels that no other kept frame sees. */
    uint64_t alone;
} gnomon_kept;

/* A kept frame that sees something of a box. */
typedef struct gnomon_sight {
    /* The number it was offered under. */
    uint64_t frame;
    /* Voxels of the box that it sees. */
    uint64_t voxels;
} gnomon_sight;

/* Takes one log line. The texts are borrowed for the call. Called on the thread that logs, inside the call that logs:
 * another call on the same scene answers GNOMON_E_BUSY. Must return (no longjmp, no exception), must not call
 * gnomon_set_log. */
typedef void (*gnomon_log_fn)(void *user, int32_t level, struct gnomon_str target, struct gnomon_str text);

/* What a model will take of memory. Set up with GNOMON_INIT. The runtime itself needs more: some 30 MB of code. */
typedef struct gnomon_model_memory {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* All weights, those in files of their own included, bytes. */
    uint64_t weight_bytes;
    /* The weights in files of their own, bytes. */
    uint64_t external_bytes;
    /* The most that inputs, outputs and values in between take at one time, of those whose shape is known, bytes. */
    uint64_t activation_bytes;
    /* How many of them there are. */
    uint64_t values;
    /* How many of those have no shape that is known, and are not counted. */
    uint64_t unknown_values;
    /* What a decoder keeps of 1,000 tokens that came before, bytes; 0 for other graphs, and where the graph does not tell.
     * Not part of activation_bytes, unless sides say how many tokens came before. */
    uint64_t cache_bytes_per_1000_tokens;
    /* How many layers of it keep something. */
    uint64_t cache_layers;
    /* Of the folder of a vision-language model: the most tokens of prompt and reply together; else 0. */
    uint64_t context_tokens;
    /* What the decoder keeps of so many, bytes. */
    uint64_t cache_bytes;
} gnomon_model_memory;

/* A number for a side of a graph's tensors that has a name alone. Its size is an argument. */
typedef struct gnomon_side {
    /* The name: "batch", "height". */
    struct gnomon_str name;
    /* The number, above 0. */
    uint64_t size;
} gnomon_side;

/* What a scene may be told. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_scene_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Which way is up in the input's world: GNOMON_UP_*. */
    int32_t up;
    /* Where things come from: GNOMON_SOURCE_*. */
    int32_t source;
    /* The up direction with GNOMON_UP_VECTOR, any length but 0; else not looked at. */
    double up_vector[3];
    /* Standard deviation of depth is base + growth * (z - nearest)^2: metres. */
    double depth_noise_base_m;
    /* Growth of the standard deviation of depth, 1/m. */
    double depth_noise_per_m2;
    /* Where the growth begins, metres. */
    double depth_noise_nearest_m;
    /* Independent error of every pose: translation per axis, metres. */
    double pose_noise_translation_m;
    /* Independent error of every pose: rotation per axis, radians. */
    double pose_noise_rotation_rad;
    /* Error growing with the path: metres per metre. 0 for poses of a map. */
    double drift_per_m;
    /* Error growing with the path: heading, radians per metre. 0 for poses of a map. */
    double heading_drift_rad_per_m;
    /* Labels of what moves by itself; borrowed for the call. Default: "person". */
    const struct gnomon_str *movable_labels;
    /* How many, at most 4096. */
    size_t movable_labels_len;
    /* How long a movable thing is believed without being seen, nanoseconds. */
    int64_t movable_memory_ns;
    /* How long a thing that left its place may be found again elsewhere, nanoseconds. */
    int64_t relocate_within_ns;
    /* Largest relative difference of sizes of a thing found again elsewhere. */
    double relocate_size_ratio;
    /* A new keyframe after the camera moved this far, metres. */
    double keyframe_distance_m;
    /* A new keyframe after the camera turned this far, radians. */
    double keyframe_angle_rad;
    /* Path after which evidence from drifting poses is dropped for newer, metres; used only with drift. */
    double drift_memory_m;
    /* Frames that must see a thing before it is published. */
    uint32_t confirm_after;
    /* Frames that must see its place empty before it is removed. */
    uint32_t remove_after;
    /* Frames that must see a thing found by geometry alone before it is published. */
    uint32_t confirm_proposed_after;
    /* 0. */
    uint32_t reserved;
} gnomon_scene_options;

/* What a pipeline may be told. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_pipeline_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Frames of one camera that may stand before a stage, complete, 1 to 64. Default 1: the newest alone. */
    uint32_t queue;
    /* Frames of all cameras that may wait for a pose or detections, 1 to 256. Default 32. */
    uint32_t waiting;
    /* Poses kept for frames yet to come, 1 to 65536. Default 1024. */
    uint32_t poses;
    /* Newest frames that an explanation judges, 1 to 65536. Default 64. */
    uint32_t judged;
    /* 1: a frame without detections waits for gnomon_pipeline_push_detections. Default 0. */
    uint32_t late_detections;
    /* 0. */
    uint32_t reserved;
    /* How long a frame waits, from its push, for what is handed in by stamp, nanoseconds. Default 200 ms. */
    int64_t wait_ns;
    /* A frame older than this, from its push, is dropped before its next stage, nanoseconds; 0: never. Default 1 s. */
    int64_t deadline_ns;
    /* How far the stamp of a pose may be from its frame's, nanoseconds; 0: they are equal. Default 20 ms. */
    int64_t pose_tolerance_ns;
    /* How far the stamp of detections may be from their frame's, nanoseconds. Default 0: they are equal. */
    int64_t detection_tolerance_ns;
    /* A stage busy with one frame for longer, or cameras silent for longer, are told as stalled, nanoseconds. Default 2 s. */
    int64_t stalled_after_ns;
} gnomon_pipeline_options;

/* A frame that was published. Set up with GNOMON_INIT. */
typedef struct gnomon_published {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* The frame's stamp. */
    int64_t stamp_ns;
    /* From its push until the snapshot was there, nanoseconds. */
    int64_t latency_ns;
    /* Which camera took it. */
    uint32_t camera_id;
    /* 0. */
    uint32_t reserved;
} gnomon_published;

/* Told that a scene was published, on a thread of the pipeline, never twice at a time, no lock held. snapshot is borrowed
 * for the call: gnomon_snapshot_clone keeps it. May call anything of gnomon, gnomon_pipeline_close and _free of its own
 * pipeline too. Must return (no longjmp, no exception). */
typedef void (*gnomon_published_fn)(void *user,
                                    int64_t stamp_ns,
                                    uint32_t camera_id,
                                    const struct gnomon_snapshot *snapshot);

/* Counts since a pipeline was opened. Set up with GNOMON_INIT. pushed is published, under_way and all dropped_* together. */
typedef struct gnomon_pipeline_statistics {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Frames taken by a push. */
    uint64_t pushed;
    /* Frames that a reader can see in the scene. */
    uint64_t published;
    /* Frames in queues and stages now. */
    uint64_t under_way;
    /* Frames pushed out of a queue by a newer one. */
    uint64_t dropped_overload;
    /* Frames older than the deadline. */
    uint64_t dropped_deadline;
    /* Frames without a pose of their stamp within the wait. */
    uint64_t dropped_no_pose;
    /* Frames that had no depth, and none was made. */
    uint64_t dropped_no_depth;
    /* Frames of which a later one of their camera was taken in before. */
    uint64_t dropped_overtaken;
    /* Frames that the scene refused: their numbers, their stamp. */
    uint64_t dropped_refused;
    /* Frames looked at while no floor had shown which way is up. */
    uint64_t dropped_up_unknown;
    /* Frames at which the scene failed by a defect. */
    uint64_t dropped_panic;
    /* Frames under way when the pipeline closed. */
    uint64_t dropped_closed;
    /* Published frames that on_published was told of. */
    uint64_t told;
    /* Published frames that were overtaken before on_published was free. */
    uint64_t untold;
    /* Poses handed in by stamp. */
    uint64_t poses;
    /* Sets of detections handed in by stamp. */
    uint64_t detections;
    /* Of these, how many were displaced or came too late. */
    uint64_t detections_unused;
    /* Buffers that copies took anew from memory. */
    uint64_t buffers_made;
    /* How often the scene was begun anew, after defects. */
    uint64_t scenes_begun_anew;
} gnomon_pipeline_statistics;

/* What became of one frame. Set up with GNOMON_INIT. */
typedef struct gnomon_frame_report {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Number of the frame in this scene, from 0. */
    uint64_t frame;
    /* The keyframe this frame became, or -1. */
    int64_t keyframe;
    /* 0 while GNOMON_UP_AUTO has not found the floor: the frame was looked at and set aside. Else 1. */
    uint32_t up_known;
    /* Pixels with depth. */
    uint32_t depth_pixels;
    /* Detections that came in, or were proposed from geometry. */
    uint32_t detections;
    /* Of these, how many had depth enough to become a box. */
    uint32_t lifted;
    /* Of these, how many were recognised as a thing already known. */
    uint32_t associated;
    /* How many began a new thing, not yet published. */
    uint32_t begun;
    /* Things that became believed. */
    uint32_t born;
    /* Things found again elsewhere. */
    uint32_t moved;
    /* Things that turned out to be one with another. */
    uint32_t merged;
    /* Things removed because their place was empty. */
    uint32_t removed;
} gnomon_frame_report;

/* What a stage of a pipeline did. Its size is an argument. */
typedef struct gnomon_stage {
    /* depth, detect, scene, tell, or whole: from the push until published. Lives as long as the library. */
    struct gnomon_str name;
    /* Frames it was done with, well or not. */
    uint64_t runs;
    /* Of these, how many it failed. */
    uint64_t errors;
    /* Of these, at how many it failed by a defect. */
    uint64_t panics;
    /* The middle time of the newest runs, seconds; 0 before the first. */
    double p50_s;
    /* The time that 99 of 100 of the newest runs did not exceed, seconds. */
    double p99_s;
    /* How long it has been busy with one frame, seconds; 0: it is not. */
    double busy_s;
} gnomon_stage;

/* How a recording stands. Set up with GNOMON_INIT. */
typedef struct gnomon_recording_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Bytes written; 0 where there never was a recording. */
    uint64_t bytes;
    /* Records written. */
    uint64_t records;
    /* 1 while what is done goes into it, else 0. */
    uint32_t is_open;
    /* 1 when it ended before it was asked to: full, or the file could not be written. Else 0. */
    uint32_t has_failed;
} gnomon_recording_facts;

/* What a replay made. Set up with GNOMON_INIT. */
typedef struct gnomon_replay_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Frames replayed, those refused included. */
    uint64_t frames;
    /* How the recording ended: GNOMON_TAIL_*. */
    int32_t tail;
    /* 1 when something was decided otherwise than when it was recorded; else 0. */
    uint32_t differs;
    /* GNOMON_TAIL_CUT: how many bytes were whole; else 0. */
    uint64_t whole_bytes;
} gnomon_replay_facts;

/* Whether a relation holds, and by how much. */
typedef struct gnomon_relation {
    /* 1 when it holds: margin is 0 or more. Else 0. */
    uint32_t holds;
    /* What the margin counts: GNOMON_MARGIN_METRES or _RATIO. */
    int32_t margin_unit;
    /* How far from the border of the answer; negative where it does not hold. */
    double margin;
} gnomon_relation;

/* How long one stage of a scene took with the newest frame. Its size is an argument. */
typedef struct gnomon_stage_time {
    /* register, perceive, lift, associate, fuse, doubt or publish. Lives as long as the library. */
    struct gnomon_str name;
    /* Seconds; 0 before the first frame. */
    double time_s;
} gnomon_stage_time;

/* A keyframe's corrected pose. Set to zero before use; its size is an argument. */
typedef struct gnomon_keyframe_pose {
    /* The keyframe's number. */
    uint32_t id;
    /* 0. */
    uint32_t reserved;
    /* Camera to the input's world; 4 x 4, row by row. */
    double world_from_camera[16];
} gnomon_keyframe_pose;

/* How frames are chosen. Set up with GNOMON_INIT, which fills in the defaults. */
typedef struct gnomon_select_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* How many frames are wanted, 1 to 1048576. Default 16. */
    uint64_t count;
    /* The edge of a voxel, above 0: what .edge_kind says. Default 20 parts of the shortest side. */
    double edge;
    /* Of points with confidence, those less sure than this share of all are left out: 0 to 1. Default 0.5, the median. */
    double least_quantile;
    /* Points must be surer than this. Default 0.1. */
    double least_confidence;
    /* GNOMON_EDGE_*. */
    int32_t edge_kind;
    /* 0. */
    uint32_t reserved;
} gnomon_select_options;

/* What the chosen frames see. Set up with GNOMON_INIT. */
typedef struct gnomon_selection_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Frames that were picked for what they add; the rest fills up. */
    uint64_t picked;
    /* Voxels that the chosen frames see. */
    uint64_t covered;
    /* Voxels that all frames see. */
    uint64_t seen;
    /* The edge of a voxel, in the unit of the points; 0 where they span no volume and frames were taken evenly, and
     * where voxels were given. */
    double edge;
} gnomon_selection_facts;

/* A frame that was chosen. */
typedef struct gnomon_pick {
    /* Its number among those given, from 0. */
    uint64_t frame;
    /* The how-manieth it was picked, from 0; -1: nothing was left to add, and it fills up. */
    int64_t order;
    /* Voxels that no frame picked before it sees. */
    uint64_t gain;
} gnomon_pick;

/* The points that one frame sees, in a frame common to all. Set to zero before use; its size is an argument. */
typedef struct gnomon_point_map {
    /* x, y, z of every point, any unit; those that are not finite are left out. */
    const float *points;
    /* How many points, three numbers each. */
    size_t points_len;
    /* One number a point, larger is surer. */
    const float *confidence;
    /* As many as points; 0: every point counts. */
    size_t confidence_len;
} gnomon_point_map;

/* The voxels that one frame sees, numbered by the caller. Set to zero before use; its size is an argument. */
typedef struct gnomon_voxel_set {
    /* Numbers of voxels, in any order; they may repeat. */
    const uint64_t *voxels;
    /* How many. */
    size_t len;
} gnomon_voxel_set;

/* A snapshot in numbers. Set up with GNOMON_INIT. */
typedef struct gnomon_scene_info {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* Stamp of the newest frame taken in; INT64_MIN before the first. */
    int64_t stamp_ns;
    /* Frames taken in so far. */
    uint64_t frames;
    /* How many things are believed to be there. */
    uint64_t objects;
    /* How many floors, walls and table tops. */
    uint64_t supports;
    /* How many kept frames. */
    uint64_t keyframes;
    /* How many events are remembered, at most 1024. */
    uint64_t events;
    /* Sequence number that the next event will have. */
    uint64_t next_event;
    /* The up axis asked for: GNOMON_UP_*. */
    int32_t up;
    /* 1 when a floor was seen, else 0. */
    uint32_t has_floor;
    /* Height of the largest floor, metres; 0 without one. */
    double floor_height_m;
    /* The up direction asked for with GNOMON_UP_VECTOR, else 0. */
    double up_vector[3];
    /* The input's world to gnomon's (Z up); 4 x 4, row by row. */
    double world_from_input[16];
    /* Pose of the camera that took the newest frame, in gnomon's world; 4 x 4, row by row. */
    double world_from_camera[16];
    /* Length of the path walked so far, metres. */
    double path_m;
} gnomon_scene_info;

/* One physical thing, as believed at the snapshot's moment, in gnomon's world (metres, Z up). */
typedef struct gnomon_object {
    /* Its id, never used again for another. */
    uint64_t id;
    /* The most probable label; lives as long as the snapshot. */
    struct gnomon_str label;
    /* "label#k": the k-th thing that was given this label; lives as long as the snapshot. */
    struct gnomon_str name;
    /* Where it is and how large. */
    struct gnomon_box obb;
    /* Counter-clockwise angle about +Z from world +X to the box's x, radians. */
    double yaw_rad;
    /* Covariance of the centre, m^2: xx, xy, xz, yy, yz, zz. */
    double centre_cov_m2[6];
    /* Standard deviation of l, w, h, metres. */
    double size_sigma_m[3];
    /* Standard deviation of the yaw, radians. */
    double yaw_sigma_rad;
    /* Probability that it is there, 0 to 1. */
    double existence;
    /* GNOMON_OBJECT_*. */
    int32_t state;
    /* 1 when part of it has always been cut off by the image border, so that it may be larger; else 0. */
    uint32_t truncated;
    /* Stamp of the first frame that saw it. */
    int64_t first_seen_ns;
    /* Stamp of the newest frame that saw it. */
    int64_t last_seen_ns;
    /* How many frames saw it. */
    uint32_t observations;
    /* How many labels have evidence: gnomon_snapshot_labels. */
    uint32_t labels;
    /* Path the camera had walked when it was last seen, metres. */
    double last_seen_path_m;
    /* The detector's feature of its best view, or NULL; lives as long as the snapshot. */
    const float *feature;
    /* Numbers in feature. */
    size_t feature_len;
} gnomon_object;

/* One label and the share of the evidence that speaks for it. */
typedef struct gnomon_label {
    /* As detections gave it; lives as long as the snapshot. */
    struct gnomon_str label;
    /* 0 to 1; the shares of an object add up to 1. */
    double probability;
} gnomon_label;

/* A floor, wall or table top: the plane normal . p = offset_m, in gnomon's world. */
typedef struct gnomon_support {
    /* Its id: gnomon_snapshot_polygon. */
    uint32_t id;
    /* GNOMON_SUPPORT_*. */
    int32_t kind;
    /* Unit normal, towards the side it was seen from. */
    double normal[3];
    /* Distance of the plane from the world's origin along the normal, metres. */
    double offset_m;
    /* Standard deviation of the offset, metres. */
    double sigma_m;
    /* Area seen, m^2. */
    double area_m2;
    /* Corners of its outline. */
    uint64_t corners;
} gnomon_support;

/* A point in the world, metres. Final: does not grow. */
typedef struct gnomon_point {
    /* Metres. */
    double x;
    /* Metres. */
    double y;
    /* Metres, up. */
    double z;
} gnomon_point;

/* A kept frame. */
typedef struct gnomon_keyframe {
    /* Its number, from 0. */
    uint32_t id;
    /* Which camera took it. */
    uint32_t camera_id;
    /* When it was taken. */
    int64_t stamp_ns;
    /* Path walked until it, metres. */
    double path_m;
    /* Its pose in gnomon's world; 4 x 4, row by row. */
    double world_from_camera[16];
} gnomon_keyframe;

/* Something that happened to one thing. What its kind does not have is 0. */
typedef struct gnomon_event {
    /* Rises by one from event to event, never used again. */
    uint64_t sequence;
    /* Stamp of the frame in which it happened. */
    int64_t stamp_ns;
    /* Id of the thing. */
    uint64_t object;
    /* _MERGED: id of the thing that lives on. */
    uint64_t into;
    /* GNOMON_EVENT_*. */
    int32_t kind;
    /* _REMOVED: how many frames saw its place empty; 0 when something else was seen to stand there. */
    uint32_t frames_seen_empty;
    /* _REMOVED: points of it that the last of these frames looked at without obstruction. */
    uint32_t points_in_view;
    /* _REMOVED: how many of those had nothing there. */
    uint32_t points_empty;
    /* _REMOVED: stamp of the last frame that had seen it there. */
    int64_t last_seen_ns;
    /* _MOVED, _REMOVED: where it was. */
    struct gnomon_point from;
    /* _MOVED: where it is. */
    struct gnomon_point to;
} gnomon_event;

/* A thing as a row of a text tells it. Its name lives as long as the handle it came from. */
typedef struct gnomon_told_thing {
    /* "category#k". */
    struct gnomon_str name;
    /* GNOMON_TOLD_*: what the row says of where it is. */
    int32_t told;
    /* 1 when the row says when it was first seen, else 0. */
    uint32_t has_first_seen;
    /* _BOX: its box, to a centimetre and a degree. _PLACE: x and y of its centre alone, the rest is 0. _NOTHING: 0. */
    struct gnomon_box obb;
    /* When it was first seen, nanoseconds after the first thing of the scene. */
    int64_t first_seen_ns;
} gnomon_told_thing;

/* How many there are of a category of which not every thing has a row. Its text lives as long as the handle it came from. */
typedef struct gnomon_told_count {
    /* The category. */
    struct gnomon_str label;
    /* How many. */
    uint64_t count;
} gnomon_told_count;

/* A triplet as a text tells it: stand at a, face b, locate c. Grid coordinates are 0 to 10, x to the right and y ahead;
 * a is at 5, 5. Texts live as long as the handle they came from. */
typedef struct gnomon_triplet {
    /* Number of the line, as it is written. */
    uint64_t t;
    /* Where to stand. */
    struct gnomon_str a;
    /* What to face. */
    struct gnomon_str b;
    /* What to locate; empty in the record of a pair. */
    struct gnomon_str c;
    /* Grid coordinates of b. */
    double b_xy[2];
    /* Grid coordinates of c; 0 without one. */
    double c_xy[2];
    /* Metres a cell; 0 in a text without units. */
    double cell_m;
    /* 1: the heading is not that from a to b, which are in one spot. Else 0. */
    uint32_t fallback;
    /* 1 when there is a c, else 0. */
    uint32_t has_c;
} gnomon_triplet;

/* How a vision-language model is opened, beside gnomon_network_options. Set up with GNOMON_INIT. */
typedef struct gnomon_vlm_options {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* The precision of embedding and vision graph, as gnomon_network_options.precision is the decoder's; empty: what the
     * provider computes quickest of what is there. Borrowed for the call. */
    struct gnomon_str vision_precision;
    /* What is kept of pictures that were seen, bytes; 0: nothing. Default 64 MiB. */
    uint64_t feature_bytes;
    /* The most tokens of prompt and reply together, at most 1048576; 0: what the folder says. */
    uint32_t context_tokens;
    /* So many tokens of a prompt go through the decoder at once, 1 to 1048576: a stop is heard between two parts. Default
     * 512. */
    uint32_t prefill_tokens;
    /* The most requests that stand in line beside the one being answered, at most 65536. Default 16. */
    uint32_t most_waiting;
    /* 0. */
    uint32_t reserved;
    /* So many conversations stay in the decoder's cache, 1 to 4096: questions that alternate between pictures then find
     * their own. Together they take no more than one full context. Default 4. */
    uint64_t prefixes;
} gnomon_vlm_options;

/* What a vision-language model is and what really runs it. Set up with GNOMON_INIT; texts and lists live as long as its
 * handle. */
typedef struct gnomon_vlm_facts {
    /* Set by GNOMON_INIT. */
    uint32_t struct_size;
    /* Set by GNOMON_INIT. */
    uint32_t abi_version;
    /* How it is fed: "qwen2_5_vl", "llava". */
    struct gnomon_str family;
    /* The folder it was opened from. */
    struct gnomon_str path;
    /* Of which precision the decoder's weights are. */
    struct gnomon_str precision;
    /* Of which precision those of the embedding are. */
    struct gnomon_str vision_precision;
    /* The library of ONNX Runtime. */
    struct gnomon_str runtime_path;
    /* Its version: "1.31.1". */
    struct gnomon_str runtime_version;
    /* The files of its graphs: embedding (none where the decoder has its own), vision (none, one, or one for each grid of
     * patches), decoder. */
    const struct gnomon_str *files;
    /* How many. */
    size_t files_len;
    /* What the decoder runs on, in order; the processor comes last. */
    const struct gnomon_provider *providers;
    /* How many. */
    size_t providers_len;
    /* What is not as it was asked for, in sentences. */
    const struct gnomon_str *remarks;
    /* How many. */
    size_t remarks_len;
    /* The most tokens of prompt and reply together. */
    uint64_t context_tokens;
    /* What a process takes for it when the context is full, bytes: weights, cache, logits, tokenizer, and the runtime. */
    uint64_t plan_bytes;
    /* 1 when it sees pictures, 0 when the folder has no vision graph. */
    uint32_t takes_images;
    /* 1 when the decoder writes into its cache where it lies, else 0. */
    uint32_t shares_cache;
} gnomon_vlm_facts;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* Fills in the defaults of an album's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_album_options_init(struct gnomon_album_options *options, size_t size);

/* Makes an album of nothing. options may be NULL: all defaults. Free it with gnomon_album_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_album_new(const struct gnomon_album_options *options,
                               struct gnomon_album **out);

/* Frees an album; no other call on it may be running. NULL does nothing. */
GNOMON_API void gnomon_album_free(struct gnomon_album *album);

/* Offers a frame with a picture, under a number above those of all that are there: call it with every frame that the
 * scene takes in, its pose in the same world. *is_kept becomes 1 where the picture is there now, which copies it, else 0:
 * the camera stands where it stood. is_kept may be NULL. On failure the album is as it was. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_album_offer(struct gnomon_album *album,
                                 uint64_t number,
                                 const struct gnomon_frame *frame,
                                 uint32_t *is_kept);

/* Corrects where the picture of this number was taken, as a closed loop tells it: camera to the input's world, 4 x 4, row
 * by row. *is_there becomes 1 where the album has the picture, else 0; is_there may be NULL. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_album_correct(struct gnomon_album *album,
                                   uint64_t number,
                                   const double *world_from_camera,
                                   uint32_t *is_there);

/* Writes how many pictures there are to out. */
GNOMON_API GNOMON_CHECK gnomon_status gnomon_album_count(const struct gnomon_album *album, size_t *out);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_answer_facts_init(struct gnomon_answer_facts *facts, size_t size);

/* Answers a question in words from what the snapshot knows. choices are n answers to choose from (at most 64), with or
 * without letters; they may stand in the question as well, in all at most 16 KiB. options may be NULL: all defaults.
 * What cannot be answered is an answer too: GNOMON_OK, with gnomon_answer_facts.known 0. Free it with
 * gnomon_answer_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_ask(const struct gnomon_snapshot *snapshot,
                         struct gnomon_str question,
                         const struct gnomon_str *choices,
                         size_t n,
                         const struct gnomon_ask_options *options,
                         struct gnomon_answer **out);

/* Answers a question in types, set up with GNOMON_INIT; else as gnomon_ask. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_ask_typed(const struct gnomon_snapshot *snapshot,
                               const struct gnomon_question *question,
                               const struct gnomon_ask_options *options,
                               struct gnomon_answer **out);

/* Frees an answer and every view into it. NULL does nothing. */
GNOMON_API void gnomon_answer_free(struct gnomon_answer *answer);

/* Writes the answer's numbers to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_answer_info(const struct gnomon_answer *answer,
                                 struct gnomon_answer_facts *out);

/* The things it rests on, in the order in which the question names them. out, evidence_size and n as in
 * gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_answer_evidence(const struct gnomon_answer *answer,
                                     struct gnomon_evidence *out,
                                     size_t evidence_size,
                                     size_t *n);

/* The answer as a sentence: what, how surely, how close the call, from what; lives as long as the answer. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_answer_text(const struct gnomon_answer *answer,
                                 struct gnomon_str *out);

/* The answer as benchmarks want it: the option's letter, the number in the unit asked for, or the word; "unknown" when
 * nothing is said. Lives as long as the answer. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_answer_short(const struct gnomon_answer *answer,
                                  struct gnomon_str *out);

/* The whole answer as JSON, with the question as it was understood; lives as long as the answer. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_answer_json(const struct gnomon_answer *answer,
                                 struct gnomon_str *out);

/* The scene as text for a language model, one line a thing, as much as fits into budget; first what the question needs.
 * budget is in what count counts; with count NULL, in bytes. One more is reckoned for the end of each line. An empty
 * question, or one that is not understood, gives all things an equal chance, largest first. options may be NULL: all
 * defaults. Free the text with gnomon_text_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_text(const struct gnomon_snapshot *snapshot,
                                struct gnomon_str question,
                                size_t budget,
                                gnomon_count_fn count,
                                void *user,
                                const struct gnomon_ask_options *options,
                                struct gnomon_text **out);

/* Fills in the defaults of a chain's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_chain_options_init(struct gnomon_chain_options *options, size_t size);

/* Makes the chain of nothing. options may be NULL: all defaults. Free it with gnomon_chain_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_chain_new(const struct gnomon_chain_options *options,
                               struct gnomon_chain **out);

/* Frees a chain; no other call on it may be running. NULL does nothing. */
GNOMON_API void gnomon_chain_free(struct gnomon_chain *chain);

/* Brings the chain up to what the snapshot shows; lines of things that did not change keep their bytes. *lines becomes
 * the number of lines, *lines_changed how many of them are new or differ from before; either may be NULL. Give it
 * snapshots of one scene, in their order. On failure the chain is as it was. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_chain_update(struct gnomon_chain *chain,
                                  const struct gnomon_snapshot *snapshot,
                                  size_t *lines_changed,
                                  size_t *lines);

/* The lines after the newest update, each with its line break. Free the text with gnomon_text_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_chain_text(const struct gnomon_chain *chain,
                                struct gnomon_text **out);

/* Fills in the defaults of a map's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_cogmap_options_init(struct gnomon_cogmap_options *options, size_t size);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_cogmap_facts_init(struct gnomon_cogmap_facts *facts, size_t size);

/* Makes the map of what the snapshot knows round the observer. options may be NULL: the newest camera, cells of 0.5 m.
 * GNOMON_E_STATE for an id that the snapshot does not have. Free it with gnomon_cogmap_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_observer(const struct gnomon_snapshot *snapshot,
                                     const struct gnomon_cogmap_options *options,
                                     struct gnomon_cogmap **out);

/* Frees a map and every view into it. NULL does nothing. */
GNOMON_API void gnomon_cogmap_free(struct gnomon_cogmap *map);

/* Writes the map's numbers to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_info(const struct gnomon_cogmap *map,
                                 struct gnomon_cogmap_facts *out);

/* The 100 cells; (i, j), i to the right and j ahead, is at 10 j + i. out, cell_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_cells(const struct gnomon_cogmap *map,
                                  struct gnomon_cell *out,
                                  size_t cell_size,
                                  size_t *n);

/* Things whose centre is in a cell, by ascending id. out, object_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_objects(const struct gnomon_cogmap *map,
                                    struct gnomon_map_object *out,
                                    size_t object_size,
                                    size_t *n);

/* Things whose centre is outside the cells, nearest first, at most 64. out, beyond_size and n as in
 * gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_beyond(const struct gnomon_cogmap *map,
                                   struct gnomon_map_beyond *out,
                                   size_t beyond_size,
                                   size_t *n);

/* The map as one line for a language model; lives as long as the map. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_text(const struct gnomon_cogmap *map,
                                 struct gnomon_str *out);

/* The whole map as JSON; lives as long as the map. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_json(const struct gnomon_cogmap *map,
                                 struct gnomon_str *out);

/* The map for a terminal, several lines; lives as long as the map. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_ascii(const struct gnomon_cogmap *map,
                                  struct gnomon_str *out);

/* The map as an SVG picture; lives as long as the map. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_svg(const struct gnomon_cogmap *map,
                                struct gnomon_str *out);

/* The map as the bytes of a PNG picture: *data and *len; lives as long as the map. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cogmap_png(const struct gnomon_cogmap *map,
                                const uint8_t **data,
                                size_t *len);

/* Fills in the defaults of a gauge; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_gauge_init(struct gnomon_gauge *gauge, size_t size);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_layout_facts_init(struct gnomon_layout_facts *facts, size_t size);

/* Composes triplets, in whatever order they stand, to places: the gauge's first thing at 0, 0, the second straight ahead.
 * gauge may be NULL: all of the first triplet. GNOMON_E_ARGUMENT where the gauge is left to a first triplet that is not
 * there or tells no length (without units, or both things in one spot). Free it with gnomon_layout_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_layout_compose(const struct gnomon_triplets *triplets,
                                    const struct gnomon_gauge *gauge,
                                    struct gnomon_layout **out);

/* Frees a layout and every view into it. NULL does nothing. */
GNOMON_API void gnomon_layout_free(struct gnomon_layout *layout);

/* Writes the layout's numbers to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_layout_info(const struct gnomon_layout *layout,
                                 struct gnomon_layout_facts *out);

/* The places, by name; names live as long as the layout. out, place_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_layout_places(const struct gnomon_layout *layout,
                                   struct gnomon_place *out,
                                   size_t place_size,
                                   size_t *n);

/* How well triplets agree that locate one thing again, in the order in which they were composed. out, loop_size and n as
 * in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_layout_loops(const struct gnomon_layout *layout,
                                  struct gnomon_loop *out,
                                  size_t loop_size,
                                  size_t *n);

/* How far the layout is from truth, in cells of cell_m metres: n true places (at most 262144) of place_size bytes each,
 * names all different, those of the gauge's two things among them. These two are not counted; names that the truth lacks
 * are passed over. Writes one element of error_size bytes. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_layout_error(const struct gnomon_layout *layout,
                                  const struct gnomon_place *truth,
                                  size_t place_size,
                                  size_t n,
                                  double cell_m,
                                  struct gnomon_placement_error *out,
                                  size_t error_size);

/* How far the triplets are from truth, each in the cells of its own grid, which must tell its units or be taken at its
 * word. truth as in gnomon_layout_error, in the order in which things were first seen: all but the first two are to be
 * located. Of triplets that locate one thing the last counts. Writes one element of error_size bytes. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_triplets_error(const struct gnomon_triplets *triplets,
                                    const struct gnomon_place *truth,
                                    size_t place_size,
                                    size_t n,
                                    struct gnomon_placement_error *out,
                                    size_t error_size);

/* Fills in the defaults of how a scene and a model are asked; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_converse_options_init(struct gnomon_converse_options *options, size_t size);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_said_facts_init(struct gnomon_said_facts *facts, size_t size);

/* Asks a scene in words, and a model with it: geometry answers as gnomon_ask does; the model is shown those pictures of
 * the album that see what the question names, and told as much of the scene as its tokens allow; what it says is read as
 * an answer and held against the map. The two answers stand beside each other. vlm may be NULL: geometry alone.
 * 
 * question, choices and n as in gnomon_ask; options may be NULL: all defaults. Of what is told each may be NULL: facts of
 * the model's words, set up with GNOMON_INIT; answer, geometry's (gnomon_answer_free); words, the model's, where it failed
 * those until then, empty without any; json, all of it, with the prompt, the pictures and what was judged
 * (gnomon_text_free).
 * 
 * Waits for the model, options.within_ns at most; the album may be offered frames meanwhile. What the model does wrong is
 * GNOMON_OK: facts.silence tells. In a callback of a job of the same model the model counts as failed: it would wait for
 * itself. The model must not be freed meanwhile. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_ask_with_model(const struct gnomon_snapshot *snapshot,
                                    const struct gnomon_album *album,
                                    const struct gnomon_vlm *vlm,
                                    struct gnomon_str question,
                                    const struct gnomon_str *choices,
                                    size_t n,
                                    const struct gnomon_converse_options *options,
                                    struct gnomon_said_facts *facts,
                                    struct gnomon_answer **answer,
                                    struct gnomon_text **words,
                                    struct gnomon_text **json);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_depth_facts_init(struct gnomon_depth_facts *facts, size_t size);

/* Loads the depth network of a model folder, or of an .onnx file whose family options name; options may be NULL. Fails as
 * gnomon_detector_open does, with GNOMON_E_UNSUPPORTED for a network that gives no depth. Free it with
 * gnomon_depth_net_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_depth_net_open(struct gnomon_str path,
                                    const struct gnomon_network_options *options,
                                    struct gnomon_depth_net **out);

/* Frees a depth network and every view into it; no other call on it may be running. NULL does nothing. */
GNOMON_API void gnomon_depth_net_free(struct gnomon_depth_net *net);

/* Writes what the network is and what really runs it to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_depth_net_info(const struct gnomon_depth_net *net,
                                    struct gnomon_network_facts *out);

/* Estimates the depth of a picture of any format of colour, at its size. intrinsics are the picture's, or NULL where they
 * are not known: some networks then find a camera themselves, some give no metres, some refuse. run may be NULL. Fails
 * with GNOMON_E_CANCELLED if run stopped it, _MODEL if the network gives no depth at all. Free the map with
 * gnomon_depth_map_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_depth_net_estimate(const struct gnomon_depth_net *net,
                                        const struct gnomon_image *image,
                                        const struct gnomon_intrinsics *intrinsics,
                                        const struct gnomon_run_options *run,
                                        struct gnomon_depth_map **out);

/* Writes the map's numbers, and what they mean, to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_depth_map_info(const struct gnomon_depth_map *map,
                                    struct gnomon_depth_facts *out);

/* Writes the map to out as gnomon_frame.depth takes it: GNOMON_PIXEL_DEPTH_F32_M, nothing in the sky. Its data live as
 * long as the map. Fails with GNOMON_E_UNSUPPORTED for depth that is not metres, and tells what would be. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_depth_map_image(const struct gnomon_depth_map *map,
                                     struct gnomon_image *out);

/* Frees a depth map and every view into it. NULL does nothing. */
GNOMON_API void gnomon_depth_map_free(struct gnomon_depth_map *map);

/* Fills in the defaults of what is wanted; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_detect_options_init(struct gnomon_detect_options *options, size_t size);

/* Loads a detector of a model folder, or of an .onnx file whose family options name; options may be NULL. Takes as long as
 * ONNX Runtime takes: seconds, on some GPUs minutes. Fails with GNOMON_E_RUNTIME where there is no ONNX Runtime (the
 * places that were tried are told), _IO or _MODEL for the folder, _NOMEM beyond the budget, _DEVICE for a provider that
 * is required and cannot be had, _UNSUPPORTED for a network that is no detector. Free it with gnomon_detector_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_detector_open(struct gnomon_str path,
                                   const struct gnomon_network_options *options,
                                   struct gnomon_detector **out);

/* Frees a detector and every view into it; no other call on it may be running. NULL does nothing. */
GNOMON_API void gnomon_detector_free(struct gnomon_detector *detector);

/* Writes what the detector is and what really runs it to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_detector_info(const struct gnomon_detector *detector,
                                   struct gnomon_network_facts *out);

/* Finds what is in a picture of any format of colour, surest first: nothing is a result too. options and run may be NULL.
 * Fails with GNOMON_E_CANCELLED if run stopped it, _MODEL if the network gives what no detector does. Free what was found
 * with gnomon_found_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_detector_detect(const struct gnomon_detector *detector,
                                     const struct gnomon_image *image,
                                     const struct gnomon_detect_options *options,
                                     const struct gnomon_run_options *run,
                                     struct gnomon_found **out);

/* What was found, as gnomon_scene_integrate takes it; labels and masks live as long as found. out, detection_size and n as
 * in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_found_detections(const struct gnomon_found *found,
                                      struct gnomon_detection *out,
                                      size_t detection_size,
                                      size_t *n);

/* Frees what was found and every view into it. NULL does nothing. */
GNOMON_API void gnomon_found_free(struct gnomon_found *found);

/* Fills in the defaults of a comparison's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_diff_options_init(struct gnomon_diff_options *options, size_t size);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_diff_facts_init(struct gnomon_diff_facts *facts, size_t size);

/* Compares two snapshots of one world: what came, went, moved, is called otherwise, changed its size. facts, words (a line
 * for each change) and json (the same for programs) may each be NULL; free each text with gnomon_text_free. options may
 * be NULL: all defaults. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_diff(const struct gnomon_snapshot *before,
                                   const struct gnomon_snapshot *after,
                                   const struct gnomon_diff_options *options,
                                   struct gnomon_diff_facts *facts,
                                   struct gnomon_text **words,
                                   struct gnomon_text **json);

/* Takes in what an operator says of one thing, an edit of edit_size bytes. It is shown with the next publication, holds
 * against what frames say later, and is remembered with who said it and when. A thing that is not shown, a name that
 * another has or that has a #, an empty word: GNOMON_E_ARGUMENT. On failure the scene is as it was. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_edit(struct gnomon_scene *scene,
                                const struct gnomon_edit *edit,
                                size_t edit_size);

/* Makes another snapshot, with what an operator says of one thing: for a scene that was saved. As gnomon_scene_edit, as
 * far as can be without points: of two things made one the box is that of the one seen last, and GNOMON_OPERATOR_UNPIN is
 * GNOMON_E_UNSUPPORTED. Free it with gnomon_snapshot_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_edit(const struct gnomon_snapshot *snapshot,
                                   const struct gnomon_edit *edit,
                                   size_t edit_size,
                                   struct gnomon_snapshot **out);

/* Edits with sequence number since and later, oldest first; at most 1024 are remembered. Texts live as long as the
 * snapshot. out, edit_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_edits(const struct gnomon_snapshot *snapshot,
                                    uint64_t since,
                                    struct gnomon_edit *out,
                                    size_t edit_size,
                                    size_t *n);

/* Names the n (at most 64) things that go into a scene, for whoever reads it later: sequences, cameras, detectors. Each
 * 1 to 4096 bytes, in place of what was named before. Before gnomon_scene_record (then GNOMON_E_STATE). */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_set_inputs(struct gnomon_scene *scene,
                                      const struct gnomon_str *inputs,
                                      size_t n);

/* Fills in an empty provenance; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_provenance_init(struct gnomon_provenance *provenance, size_t size);

/* Writes where the scene comes from to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_provenance(const struct gnomon_snapshot *snapshot,
                                         struct gnomon_provenance *out);

/* The name of one input, from 0, in the order in which they were named; lives as long as the snapshot. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_input(const struct gnomon_snapshot *snapshot,
                                    uint64_t number,
                                    struct gnomon_str *out);

/* Fills in the defaults of a frame; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_frame_init(struct gnomon_frame *frame, size_t size);

/* Loads the network of many pictures of a model folder, or of an .onnx file whose family options name (depth_anything_3,
 * vggt); options may be NULL. Fails as gnomon_detector_open does, with GNOMON_E_UNSUPPORTED for a network of other
 * families, with _MODEL for a graph that gives no cameras. Free it with gnomon_geometry_net_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_geometry_net_open(struct gnomon_str path,
                                       const struct gnomon_network_options *options,
                                       struct gnomon_geometry_net **out);

/* Frees a network of many pictures and every view into it; no other call on it may be running. NULL does nothing. */
GNOMON_API
void gnomon_geometry_net_free(struct gnomon_geometry_net *net);

/* Writes what the network is and what really runs it to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_geometry_net_info(const struct gnomon_geometry_net *net,
                                       struct gnomon_network_facts *out);

/* Looks at n pictures of one place at once, 1 to 256 of any format of colour and any size, or as many as the graph takes:
 * one view for each comes out, in order. run may be NULL. Fails with GNOMON_E_CANCELLED if run stopped it, _MODEL for
 * depth, cameras and poses that cannot be. Free the views with gnomon_views_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_geometry_net_estimate(const struct gnomon_geometry_net *net,
                                           const struct gnomon_image *images,
                                           size_t n,
                                           const struct gnomon_run_options *run,
                                           struct gnomon_views **out);

/* The views, in the order of their pictures. out, view_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_views_list(const struct gnomon_views *views,
                                struct gnomon_view *out,
                                size_t view_size,
                                size_t *n);

/* Writes the depth of view at (from 0) to out as gnomon_frame.depth takes it: GNOMON_PIXEL_DEPTH_F32_M. Its data live as
 * long as the views. Fails with GNOMON_E_UNSUPPORTED for depth that is not metres, _ARGUMENT for a view that is not there. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_views_image(const struct gnomon_views *views,
                                 size_t at,
                                 struct gnomon_image *out);

/* Frees views and every view into them. NULL does nothing. */
GNOMON_API void gnomon_views_free(struct gnomon_views *views);

/* Fills in the defaults of a graph's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_graph_options_init(struct gnomon_graph_options *options, size_t size);

/* Fills in an empty report; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_graph_report_init(struct gnomon_graph_report *report, size_t size);

/* Makes the graph of nothing. options may be NULL: all defaults. Free it with gnomon_relation_graph_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_relation_graph_new(const struct gnomon_graph_options *options,
                                        struct gnomon_relation_graph **out);

/* Frees a graph; no other call on it may be running. NULL does nothing. */
GNOMON_API void gnomon_relation_graph_free(struct gnomon_relation_graph *graph);

/* Brings the graph up to what the snapshot shows; only what changed is compared anew. report may be NULL. Give it
 * snapshots of one scene, in their order. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_relation_graph_update(struct gnomon_relation_graph *graph,
                                           const struct gnomon_snapshot *snapshot,
                                           struct gnomon_graph_report *report);

/* Every relation that holds after the newest update, by ascending a, b, kind: on, under, above, below, inside of both
 * orders; touching and near once, from the smaller id to the larger. out, relation_size and n as in
 * gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_relation_graph_list(const struct gnomon_relation_graph *graph,
                                         struct gnomon_graph_relation *out,
                                         size_t relation_size,
                                         size_t *n);

/* What began and what ended with the newest update, by ascending a, b, kind. out, change_size and n as in
 * gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_relation_graph_changes(const struct gnomon_relation_graph *graph,
                                            struct gnomon_graph_change *out,
                                            size_t change_size,
                                            size_t *n);

/* Reads all places of a model's words about one picture, and takes them back to the picture's own pixels. fit says where
 * the picture lies in what the model saw: gnomon_job_fit tells it of a reply; of another model's words that are in shares,
 * thousandths or percent of a whole picture, all sizes are the picture's. convention is GNOMON_CONVENTION_*, how the
 * family writes places:
 * 
 * - _THOUSANDTH_TAGS: Qwen2-VL's `<|box_start|>(x1,y1),(x2,y2)<|box_end|>`, thousandths of the sides, with or without tags;
 * - _PIXEL_JSON: Qwen2.5-VL's `{"bbox_2d":[x1,y1,x2,y2],"label":"chair"}` or `"point_2d":[x,y]`, pixels of what it saw;
 * - _THOUSANDTH_JSON: Qwen3-VL's, the same in thousandths of the sides;
 * - _SHARES: the same in shares of the sides, or bare lists, as LLaVA writes;
 * - _PERCENT_TAGS: Molmo's `<point x="10.5" y="20.0" alt="chair">`, percent of the sides;
 * - _LOC_TAGS: PaliGemma's `<loc0123><loc0456><loc0789><loc1000> chair`, 1024ths of the sides.
 * 
 * What cannot be meant is left out, and gnomon_grounding_rejected tells why. A text of which nothing can be read is
 * GNOMON_OK with no places. Free it with gnomon_grounding_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_grounding_read(struct gnomon_str text,
                                    int32_t convention,
                                    const struct gnomon_fit *fit,
                                    struct gnomon_grounding **out);

/* The places, in the order of the text, at most 4096. out, grounded_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_grounding_list(const struct gnomon_grounding *grounding,
                                    struct gnomon_grounded *out,
                                    size_t grounded_size,
                                    size_t *n);

/* What was left out, in the order of the text; the first 1000 of it. *in_all becomes how much it was; in_all may be NULL.
 * out, rejected_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_grounding_rejected(const struct gnomon_grounding *grounding,
                                        struct gnomon_rejected *out,
                                        size_t rejected_size,
                                        size_t *n,
                                        size_t *in_all);

/* Lifts one of the places, counted from 0 as gnomon_grounding_list tells them, through the depth of the same picture to an
 * upright box in the world that frame.world_from_camera leads to, which has Z up; metres. frame's intrinsics are those of
 * the picture. The box ends where the camera saw the thing end. Fails with GNOMON_E_STATE where there is too little depth
 * at the place. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_grounding_lift(const struct gnomon_grounding *grounding,
                                    size_t index,
                                    const struct gnomon_frame *frame,
                                    struct gnomon_box *out);

/* Frees a grounding and every view into it. NULL does nothing. */
GNOMON_API void gnomon_grounding_free(struct gnomon_grounding *grounding);

/* Why this thread's newest call that returns a status failed; "" after one that did not. Valid until this thread's
 * next such call. Never NULL, ends with 0. Freeing a handle leaves it alone. */
GNOMON_API
const char *gnomon_last_error(void);

/* Fills in the defaults of a request; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_vlm_request_init(struct gnomon_vlm_request *request, size_t size);

/* Fills in an empty reply; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_reply_facts_init(struct gnomon_reply_facts *facts, size_t size);

/* Hands in a request, copies all of it and returns at once; pictures are prepared on the model's thread. piece hears the
 * reply and may be NULL; user goes to it. Where this returns GNOMON_OK, release(user) is called exactly once: after the last
 * piece, before gnomon_job_wait says that it is done, whichever way the job ends; where it fails, never. release may be
 * NULL. Fails with GNOMON_E_BUSY where another request is answered and request refuses to stand in line, or the line is
 * full. Free the job with gnomon_job_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_vlm_submit(const struct gnomon_vlm *vlm,
                                const struct gnomon_vlm_request *request,
                                gnomon_piece_fn piece,
                                gnomon_release_fn release,
                                void *user,
                                struct gnomon_job **out);

/* Waits for the reply, timeout_ns at most: 0 looks only, -1 waits as long as it takes. GNOMON_OK: the reply is there
 * (gnomon_job_reply). GNOMON_PENDING: not yet. Else how the job failed: GNOMON_E_CANCELLED when it was cancelled or its time
 * was up, _ARGUMENT for a request that cannot be meant, _UNSUPPORTED for pictures that the graphs do not take. Each call
 * says so again. From a callback of the same model it fails with GNOMON_E_STATE: it would wait for itself. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_job_wait(const struct gnomon_job *job,
                              int64_t timeout_ns);

/* Ends a job: in line at once, while it is answered within one node of a graph. Returns at once. After the reply is there it
 * does nothing. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_job_cancel(const struct gnomon_job *job);

/* Writes the reply to out, set up with GNOMON_INIT. Does not wait: fails with GNOMON_E_STATE while it is not there, and as
 * gnomon_job_wait does where the job failed. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_job_reply(const struct gnomon_job *job,
                               struct gnomon_reply_facts *out);

/* Writes where the picture or video at this place of the prompt, from 0, lies in what the model saw of it to out:
 * gnomon_grounding_read takes it. Does not wait, and fails as gnomon_job_reply does, with GNOMON_E_ARGUMENT for a place
 * that the prompt has not. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_job_fit(const struct gnomon_job *job,
                             size_t image,
                             struct gnomon_fit *out);

/* Frees a job and every view into it. One that is not done is cancelled, and the end of its callback is waited for: neither
 * piece nor release is called after this returned. From a callback of the same model it returns at once, and release is called
 * when that callback has returned. NULL does nothing. */
GNOMON_API
void gnomon_job_free(struct gnomon_job *job);

/* Holds what others say, such as a language model, against what the snapshot knows: one judgement for each claim of the
 * text, and one for each clause that claims nothing, in order; none for an empty text. The text has at most 16 KiB and
 * 256 clauses. options may be NULL: all defaults. What cannot be tested is a judgement too, with the reason. Free it
 * with gnomon_judgements_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_check(const struct gnomon_snapshot *snapshot,
                           struct gnomon_str statement,
                           const struct gnomon_ask_options *options,
                           struct gnomon_judgements **out);

/* The judgements, in the order of the text. out, judgement_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_judgements_list(const struct gnomon_judgements *judgements,
                                     struct gnomon_judgement *out,
                                     size_t judgement_size,
                                     size_t *n);

/* The judgements as a JSON array, each with the claim as it was understood, the measured value and its evidence; lives as
 * long as the judgements. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_judgements_json(const struct gnomon_judgements *judgements,
                                     struct gnomon_str *out);

/* Frees judgements and every view into them. NULL does nothing. */
GNOMON_API void gnomon_judgements_free(struct gnomon_judgements *judgements);

/* Fills in the defaults of a keeper's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_keeper_options_init(struct gnomon_keeper_options *options, size_t size);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_keeper_facts_init(struct gnomon_keeper_facts *facts, size_t size);

/* Makes a keeper of nothing. options may be NULL: all defaults. Free it with gnomon_keeper_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_keeper_new(const struct gnomon_keeper_options *options,
                                struct gnomon_keeper **out);

/* Frees a keeper; no other call on it may be running. NULL does nothing. */
GNOMON_API void gnomon_keeper_free(struct gnomon_keeper *keeper);

/* Offers a frame under a number, which rises from offer to offer: its depth at its pose, in the input's world. Writes what
 * became of it to out, of swap_size bytes; out may be NULL. A frame that goes is forgotten. On failure the keeper is as
 * it was. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_keeper_offer(struct gnomon_keeper *keeper,
                                  uint64_t number,
                                  const struct gnomon_frame *frame,
                                  struct gnomon_swap *out,
                                  size_t swap_size);

/* As gnomon_keeper_offer, with the n points (at most 19200) that the frame sees: x, y, z of each, in one world for all,
 * metres. Those that are not finite are left out. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_keeper_offer_points(struct gnomon_keeper *keeper,
                                         uint64_t number,
                                         const double *points,
                                         size_t n,
                                         struct gnomon_swap *out,
                                         size_t swap_size);

/* Writes the keeper's numbers to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_keeper_info(const struct gnomon_keeper *keeper,
                                 struct gnomon_keeper_facts *out);

/* The kept frames, in the order in which they came. out, kept_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_keeper_kept(const struct gnomon_keeper *keeper,
                                 struct gnomon_kept *out,
                                 size_t kept_size,
                                 size_t *n);

/* The newest exchanges, oldest first. out, swap_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_keeper_log(const struct gnomon_keeper *keeper,
                                struct gnomon_swap *out,
                                size_t swap_size,
                                size_t *n);

/* The kept frames that see something of a box in the world of the offers, those that see most of it first, of equal ones
 * the newest. The box is taken half a voxel larger on every side. out, sight_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_keeper_seeing(const struct gnomon_keeper *keeper,
                                   const struct gnomon_box *obb,
                                   struct gnomon_sight *out,
                                   size_t sight_size,
                                   size_t *n);

/* Sends log lines up to level (GNOMON_LOG_*) to callback, with user as its first argument; NULL or GNOMON_LOG_OFF ends
 * it. Process-wide. When it returns, the callback set before is not running and is not called again; from inside a
 * callback it answers GNOMON_E_STATE. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_set_log(gnomon_log_fn callback,
                             void *user,
                             int32_t level);

/* Fills in the defaults of a network's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_network_options_init(struct gnomon_network_options *options, size_t size);

/* Fills in the defaults of a run's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_run_options_init(struct gnomon_run_options *options, size_t size);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_network_facts_init(struct gnomon_network_facts *facts, size_t size);

/* Fills in an empty plan; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_model_memory_init(struct gnomon_model_memory *memory, size_t size);

/* Makes what stops runs. Free it with gnomon_cancel_free. */
GNOMON_API GNOMON_CHECK gnomon_status gnomon_cancel_new(struct gnomon_cancel **out);

/* Stops every run that was given this, those in line and those yet to come: they return GNOMON_E_CANCELLED. Returns at
 * once; a node of the graph that is running runs to its end. Stays stopped: make a new one for new runs. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_cancel_stop(const struct gnomon_cancel *cancel);

/* Frees what stops runs; no call that was given it may be running. NULL does nothing. */
GNOMON_API void gnomon_cancel_free(struct gnomon_cancel *cancel);

/* The last lines, at most 256, that ONNX Runtime and gnomon's networks wrote to the log in this process, oldest first, each
 * with its line break: "WARN onnxruntime: ...". They are kept whether or not a callback is set (gnomon_set_log), so that
 * what went wrong can be told afterwards. Free the text with gnomon_text_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_recent_log(struct gnomon_text **out);

/* Reckons what a model will take of memory, without loading it and without ONNX Runtime: path is an .onnx file, or a model
 * folder, of which precision names the file (as in gnomon_network_options). Of the folder of a vision-language model all
 * graphs count together, and what its decoder keeps is told for the folder's context. sides: n numbers, at most 1024, of
 * side_size bytes each, for sides that have a name alone. Fails with GNOMON_E_IO or _MODEL for what is no whole model. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_model_plan(struct gnomon_str path,
                                struct gnomon_str precision,
                                const struct gnomon_side *sides,
                                size_t side_size,
                                size_t n,
                                struct gnomon_model_memory *out);

/* Fills in the defaults of a scene's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_scene_options_init(struct gnomon_scene_options *options, size_t size);

/* Fills in the defaults of a pipeline's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_pipeline_options_init(struct gnomon_pipeline_options *options, size_t size);

/* Fills in an empty place for a published frame; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_published_init(struct gnomon_published *published, size_t size);

/* Opens a pipeline with an empty scene; scene and options may be NULL: all defaults. on_published may be NULL: poll.
 * user_free may be NULL; else it is called once with user, when on_published is called no more and before
 * gnomon_pipeline_close returns, or after the on_published that closed it; not if this call fails. Fails with
 * GNOMON_E_NOMEM if there is no thread to be had. Free it with gnomon_pipeline_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_open(const struct gnomon_scene_options *scene,
                                   const struct gnomon_pipeline_options *options,
                                   gnomon_published_fn on_published,
                                   void *user,
                                   gnomon_release_fn user_free,
                                   struct gnomon_pipeline **out);

/* Closes a pipeline, as gnomon_pipeline_close, and frees it; its snapshots live on. No other call on it may be running,
 * but that it may be freed by its own callbacks. NULL does nothing. */
GNOMON_API
void gnomon_pipeline_free(struct gnomon_pipeline *pipeline);

/* Takes a frame. Its images, and its detections with their texts and masks, stay the caller's and are copied nowhere:
 * they must stay as they are until release(user), which is called once, whatever this call returns, on this thread or
 * another, perhaps before this call returns; release may be NULL. The structs themselves are borrowed for the call.
 * depth or colour of length 0: there is none. has: GNOMON_LIVE_*, added up. Never waits: what is too much is dropped and
 * counted. It may release older frames on this thread. Fails with GNOMON_E_STATE after gnomon_pipeline_close. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_push(const struct gnomon_pipeline *pipeline,
                                   const struct gnomon_frame *frame,
                                   uint32_t has,
                                   const struct gnomon_detection *detections,
                                   size_t detection_size,
                                   size_t n,
                                   gnomon_release_fn release,
                                   void *user);

/* As gnomon_pipeline_push for buffers that are borrowed for the call: they are copied into buffers of the pipeline, which
 * are used again. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_push_copy(const struct gnomon_pipeline *pipeline,
                                        const struct gnomon_frame *frame,
                                        uint32_t has,
                                        const struct gnomon_detection *detections,
                                        size_t detection_size,
                                        size_t n);

/* Hands in where a camera stood at a stamp, 4 x 4 numbers: for a frame that waits or is yet to come. Never waits. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_push_pose(const struct gnomon_pipeline *pipeline,
                                        uint32_t camera_id,
                                        int64_t stamp_ns,
                                        const double *world_from_camera);

/* Hands in what a detector found in a frame that waits or is yet to come; copied. Of use with late_detections alone: fails
 * with GNOMON_E_STATE without. Never waits. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_push_detections(const struct gnomon_pipeline *pipeline,
                                              uint32_t camera_id,
                                              int64_t stamp_ns,
                                              const struct gnomon_detection *detections,
                                              size_t detection_size,
                                              size_t n);

/* Ends a pipeline: frames on their way are dropped and released; returns when on_published runs no more and is called no
 * more, and every frame is released. Called from on_published or a release it waits for the other threads alone. What
 * was published can still be asked for. May be called again. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_close(const struct gnomon_pipeline *pipeline);

/* As gnomon_pipeline_open, with networks on threads of their own: frames without depth get it from depth, frames without
 * detections from detector, asked for wanted. Each of depth, detector and wanted may be NULL; both networks may be freed
 * while the pipeline goes on. Fails with GNOMON_E_UNSUPPORTED for a depth network that gives no metres. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_open_with(const struct gnomon_scene_options *scene,
                                        const struct gnomon_pipeline_options *options,
                                        const struct gnomon_depth_net *depth,
                                        const struct gnomon_detector *detector,
                                        const struct gnomon_detect_options *wanted,
                                        gnomon_published_fn on_published,
                                        void *user,
                                        gnomon_release_fn user_free,
                                        struct gnomon_pipeline **out);

/* Fills in empty statistics; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_pipeline_statistics_init(struct gnomon_pipeline_statistics *statistics, size_t size);

/* Hands out the newest that was published since the last poll; GNOMON_PENDING, and nothing written but NULL for snapshot,
 * if nothing was. Each of published, report (both set up with GNOMON_INIT) and snapshot may be NULL; free the snapshot
 * with gnomon_snapshot_free. Never waits. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_poll(const struct gnomon_pipeline *pipeline,
                                   struct gnomon_published *published,
                                   struct gnomon_frame_report *report,
                                   struct gnomon_snapshot **snapshot);

/* Hands out the newest published snapshot, an empty one before the first, whether it was polled or not. Free it with
 * gnomon_snapshot_free. Never waits. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_snapshot(const struct gnomon_pipeline *pipeline,
                                       struct gnomon_snapshot **out);

/* Waits until no frame is under way, at most timeout_ns; GNOMON_PENDING if some still are. From a callback of the pipeline
 * it does not wait. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_settle(const struct gnomon_pipeline *pipeline,
                                     int64_t timeout_ns);

/* Why nothing comes out, or that all is well, in sentences: the chain with its counts, the first broken link with what to
 * do, what else is lost. link may be NULL; else the broken link is written there, GNOMON_LINK_*. Free the text with
 * gnomon_text_free. Never waits. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_explain(const struct gnomon_pipeline *pipeline,
                                      int32_t *link,
                                      struct gnomon_text **out);

/* As gnomon_pipeline_explain, as JSON: links, each with link, frames, judged, passed; broken, null or link and hint;
 * remarks. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_explain_json(const struct gnomon_pipeline *pipeline,
                                           struct gnomon_text **out);

/* Writes a pipeline's counts to out, set up with GNOMON_INIT. Never waits. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_count(const struct gnomon_pipeline *pipeline,
                                    struct gnomon_pipeline_statistics *out);

/* What the stages did: depth, detect, scene, tell, whole. out, stage_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_pipeline_stages(const struct gnomon_pipeline *pipeline,
                                     struct gnomon_stage *out,
                                     size_t stage_size,
                                     size_t *n);

/* Fills in the defaults of how a scene is asked; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_ask_options_init(struct gnomon_ask_options *options, size_t size);

/* Fills in a question that names nothing; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_question_init(struct gnomon_question *question, size_t size);

/* Records from here on what the scene is given and what it decides, into the file at path, which is made anew, and into
 * at most most_bytes of it. Before the first frame, once (else GNOMON_E_STATE). A frame is written before it is taken in.
 * Whatever becomes of the file later, the scene goes on: gnomon_scene_recording tells. What is recorded is depth, poses,
 * detections, edits, and when it was published; no colours. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_record(struct gnomon_scene *scene,
                                  struct gnomon_str path,
                                  uint64_t most_bytes);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_recording_facts_init(struct gnomon_recording_facts *facts, size_t size);

/* Writes how the scene's recording stands to facts, set up with GNOMON_INIT, and hands out why it ended before it was
 * asked to, or an empty text; why may be NULL. Free the text with gnomon_text_free. GNOMON_E_BUSY
 * while a call that changes the scene runs. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_recording(struct gnomon_scene *scene,
                                     struct gnomon_recording_facts *facts,
                                     struct gnomon_text **why);

/* Ends the recording with a digest of what was published last; the scene goes on without it. A scene that is freed
 * without this leaves a recording that lacks its end, and can be replayed all the same. GNOMON_E_STATE where there was
 * none; GNOMON_E_IO where it had ended before, with the reason. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_record_end(struct gnomon_scene *scene);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_replay_facts_init(struct gnomon_replay_facts *facts, size_t size);

/* Makes the scene of a recording again, byte for byte with the version that recorded; frames may go on from there. What
 * is cut or broken at its end is left out, and facts say so, as they say when something is decided otherwise now. facts
 * may be NULL, and words too: a text that says the same, a line each. What is no recording, or of another version, is
 * refused. Free the scene with gnomon_scene_free, the text with gnomon_text_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_replay(struct gnomon_str path,
                            struct gnomon_replay_facts *facts,
                            struct gnomon_text **words,
                            struct gnomon_scene **out);

/* Fills in the defaults of relations' options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_relation_options_init(struct gnomon_relation_options *options, size_t size);

/* Tells whether the things with ids a and b stand in a relation, GNOMON_RELATION_*; c is looked at for _BETWEEN alone.
 * Writes one element of relation_size bytes. options may be NULL: all defaults, seen by the newest camera.
 * GNOMON_E_STATE for an id that the snapshot does not have; GNOMON_E_ARGUMENT for one thing twice. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_relation_of(const struct gnomon_snapshot *snapshot,
                                 int32_t kind,
                                 uint64_t a,
                                 uint64_t b,
                                 uint64_t c,
                                 const struct gnomon_relation_options *options,
                                 struct gnomon_relation *out,
                                 size_t relation_size);

/* Saves the snapshot as scene.json, packed where path ends with .zst. The file is there whole and synced when the call
 * returns; whatever happens before, what was there stays as it was. chain may be NULL; otherwise what its readers were
 * told is saved too, for gnomon_chain_load (GNOMON_E_BUSY while the chain is updated). *file_bytes becomes the size of
 * the file; it may be NULL. GNOMON_E_STATE: another saves that file just now. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_save(const struct gnomon_snapshot *snapshot,
                                   const struct gnomon_chain *chain,
                                   struct gnomon_str path,
                                   uint64_t *file_bytes);

/* Reads a saved scene, packed or not, at most 256 MiB of text. It is what readers saw: everything may be asked of it, and
 * frames cannot go on from it (gnomon_replay makes a scene that can). A file that is missing, cut, altered, larger, of a
 * newer version or not what a scene can be is refused with a sentence that begins with its path. Free the snapshot with
 * gnomon_snapshot_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_load(struct gnomon_str path,
                                   struct gnomon_snapshot **out);

/* Makes the chain that was saved with a scene, with the lines it had: updates go on from there, and what did not change
 * keeps its bytes. options may be NULL: all defaults; its bounds are not looked at, the file has those that were used.
 * GNOMON_E_STATE where nobody was told anything when the scene was saved. Free it with gnomon_chain_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_chain_load(struct gnomon_str path,
                                const struct gnomon_chain_options *options,
                                struct gnomon_chain **out);

/* Fills in an empty report; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_frame_report_init(struct gnomon_frame_report *report, size_t size);

/* Makes an empty scene. options may be NULL: all defaults. Free it with gnomon_scene_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_new(const struct gnomon_scene_options *options,
                               struct gnomon_scene **out);

/* Frees a scene; its snapshots live on. No other call on it may be running. NULL does nothing. */
GNOMON_API void gnomon_scene_free(struct gnomon_scene *scene);

/* Takes in one frame and what a detector found in it: n detections (at most 4096) of detection_size bytes each. On
 * failure the scene is as it was. report may be NULL. What is new is seen by readers after gnomon_scene_publish. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_integrate(struct gnomon_scene *scene,
                                     const struct gnomon_frame *frame,
                                     const struct gnomon_detection *detections,
                                     size_t detection_size,
                                     size_t n,
                                     struct gnomon_frame_report *report);

/* How long each stage of the scene took with the newest frame, and with the newest publication: a diagnosis. out,
 * time_size and n as in gnomon_snapshot_objects. GNOMON_E_BUSY while a call that changes the scene runs. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_stage_times(struct gnomon_scene *scene,
                                       struct gnomon_stage_time *out,
                                       size_t time_size,
                                       size_t *n);

/* Makes what is believed now visible to readers. With out, also hands out the snapshot: free it with
 * gnomon_snapshot_free. out may be NULL. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_publish(struct gnomon_scene *scene,
                                   struct gnomon_snapshot **out);

/* Hands out the newest published snapshot (an empty one before the first). Any thread, any number at a time: this is how
 * readers follow a writer, and neither waits for the other's frame or answer. Free it with gnomon_snapshot_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_snapshot(const struct gnomon_scene *scene,
                                    struct gnomon_snapshot **out);

/* Moves keyframes, and with them what hangs on them, to n corrected poses (at most 1048576) of pose_size bytes each.
 * On failure the scene is as it was. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_scene_update_poses(struct gnomon_scene *scene,
                                        const struct gnomon_keyframe_pose *poses,
                                        size_t pose_size,
                                        size_t n);

/* Mean relative accuracy of a number, 0 to 1, by the rule kind: GNOMON_MRA_*. A prediction or truth that is not finite
 * scores 0. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_score_mra(int32_t kind,
                               double predicted,
                               double truth,
                               double *out);

/* The mark of a model's text for a question of VSI-Bench, 0 to 1. question_type as the benchmark has it
 * ("object_rel_distance"); reading is GNOMON_READING_*; truth the right number or letter; options the n choices as
 * they were offered ("A. left", at most 256), which only GNOMON_READING_LENIENT heeds. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_score_vsi(struct gnomon_str question_type,
                               int32_t reading,
                               struct gnomon_str text,
                               struct gnomon_str truth,
                               const struct gnomon_str *options,
                               size_t n,
                               double *out);

/* The mark of a model's text for a question of MSMU-Bench, 0 or 1. raw_type as the benchmark's rows have it ("width",
 * "refer_two_objects"); truth and response are the benchmark's answer and the model's. Names must agree: no model
 * judges them. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_score_msmu(struct gnomon_str raw_type,
                                struct gnomon_str truth,
                                struct gnomon_str response,
                                double *out);

/* 1 where all of the text is `<think>...</think>`, blanks, `<answer>...</answer>`; else 0. */
GNOMON_API GNOMON_CHECK gnomon_status gnomon_reward_format(struct gnomon_str text, double *out);

/* 1 where the last answer block, or the text without one, is truth but for blanks at the ends; else 0. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_reward_choice(struct gnomon_str text,
                                   struct gnomon_str truth,
                                   double *out);

/* Strict mean relative accuracy of the number in the answer block, 0 to 1; 0 where there is no number. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_reward_numeric(struct gnomon_str text,
                                    double truth,
                                    double *out);

/* How alike the answer block and truth are, 0 to 1: 1 less their distance, GNOMON_EDIT_*, over their length in all.
 * GNOMON_E_ARGUMENT where either has more than 8192 characters. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_reward_text(struct gnomon_str text,
                                 struct gnomon_str truth,
                                 int32_t distance,
                                 double *out);

/* Advantages of a group's n rewards (at most 1048576): how far each lies above the group's mean, in standard deviations,
 * GNOMON_SPREAD_*. All are 0 where the rewards are equal, one alone, or not all finite. out has room for n; it may be
 * rewards itself. With n 0 nothing is written. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_reward_advantages(const double *rewards,
                                       size_t n,
                                       int32_t spread,
                                       double *out);

/* Fills in the defaults of a selection's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_select_options_init(struct gnomon_select_options *options, size_t size);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_selection_facts_init(struct gnomon_selection_facts *facts, size_t size);

/* Chooses the frames that together see the most, of m frames (at most 4096) of frame_size bytes each, each set up with
 * GNOMON_INIT: greedy maximum coverage of voxels, from depth and pose. Times and numbers of cameras are not looked at.
 * out, ascending by frame: exactly .count picks, or all there are; *n is the room in out, of pick_size bytes each, for
 * that many, and becomes their number. facts and options may be NULL. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_select_frames(const struct gnomon_frame *frames,
                                   size_t frame_size,
                                   size_t m,
                                   const struct gnomon_select_options *options,
                                   struct gnomon_pick *out,
                                   size_t pick_size,
                                   size_t *n,
                                   struct gnomon_selection_facts *facts);

/* As gnomon_select_frames, of m sets of points (at most 1048576) of map_size bytes each: those of a network, say. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_select_points(const struct gnomon_point_map *maps,
                                   size_t map_size,
                                   size_t m,
                                   const struct gnomon_select_options *options,
                                   struct gnomon_pick *out,
                                   size_t pick_size,
                                   size_t *n,
                                   struct gnomon_selection_facts *facts);

/* As gnomon_select_frames, of m sets of voxels (at most 1048576) of set_size bytes each; count frames are wanted, 1 to
 * 1048576. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_select_voxels(const struct gnomon_voxel_set *sets,
                                   size_t set_size,
                                   size_t m,
                                   uint64_t count,
                                   struct gnomon_pick *out,
                                   size_t pick_size,
                                   size_t *n,
                                   struct gnomon_selection_facts *facts);

/* Distance between the closest points of two boxes, metres; 0 where they touch or overlap. No pointer may be NULL. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_box_gap(const struct gnomon_box *first,
                             const struct gnomon_box *second,
                             double *out_m);

/* Volume two boxes share over the volume they fill together, 0 to 1. No pointer may be NULL. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_box_iou(const struct gnomon_box *first,
                             const struct gnomon_box *second,
                             double *out);

/* Fills in an empty info; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_scene_info_init(struct gnomon_scene_info *info, size_t size);

/* Frees a snapshot and every view into it. NULL does nothing. */
GNOMON_API void gnomon_snapshot_free(struct gnomon_snapshot *snapshot);

/* Hands out another handle to the same moment, to be freed on its own. Shares, copies nothing. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_clone(const struct gnomon_snapshot *snapshot,
                                    struct gnomon_snapshot **out);

/* Writes the snapshot's numbers to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_info(const struct gnomon_snapshot *snapshot,
                                   struct gnomon_scene_info *out);

/* Every thing, by ascending id. With out NULL: *n becomes their number. Else *n is the room in out, of object_size
 * bytes each, and becomes their number; too little room is GNOMON_E_ARGUMENT and nothing is written. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_objects(const struct gnomon_snapshot *snapshot,
                                      struct gnomon_object *out,
                                      size_t object_size,
                                      size_t *n);

/* The thing with this id, written to out of object_size bytes. GNOMON_E_STATE when the snapshot has none. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_object(const struct gnomon_snapshot *snapshot,
                                     uint64_t id,
                                     struct gnomon_object *out,
                                     size_t object_size);

/* The thing with this name ("chair#2"), at most 64 KiB, written to out of object_size bytes. GNOMON_E_STATE when the
 * snapshot has none. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_object_named(const struct gnomon_snapshot *snapshot,
                                           struct gnomon_str name,
                                           struct gnomon_object *out,
                                           size_t object_size);

/* Every label of one thing, most probable first. out, label_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_labels(const struct gnomon_snapshot *snapshot,
                                     uint64_t id,
                                     struct gnomon_label *out,
                                     size_t label_size,
                                     size_t *n);

/* Floors, walls and table tops, by ascending id. out, support_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_supports(const struct gnomon_snapshot *snapshot,
                                       struct gnomon_support *out,
                                       size_t support_size,
                                       size_t *n);

/* Outline of one support, counter-clockwise seen from its normal's side. out, point_size and n as in
 * gnomon_snapshot_objects. GNOMON_E_STATE when the snapshot has no such support. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_polygon(const struct gnomon_snapshot *snapshot,
                                      uint32_t support_id,
                                      struct gnomon_point *out,
                                      size_t point_size,
                                      size_t *n);

/* Kept frames, oldest first. out, keyframe_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_keyframes(const struct gnomon_snapshot *snapshot,
                                        struct gnomon_keyframe *out,
                                        size_t keyframe_size,
                                        size_t *n);

/* Events with sequence number since and later, oldest first; gnomon_scene_info.next_event tells where to go on. out,
 * event_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_events(const struct gnomon_snapshot *snapshot,
                                     uint64_t since,
                                     struct gnomon_event *out,
                                     size_t event_size,
                                     size_t *n);

/* The whole snapshot as the text of a scene.json, written when first asked for; lives as long as the snapshot. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_snapshot_json(const struct gnomon_snapshot *snapshot,
                                   struct gnomon_str *out);

/* The name of a status, "GNOMON_OK" for 0; "GNOMON_E_?" for a number that is none. Static, ends with 0. */
GNOMON_API const char *gnomon_status_name(gnomon_status status);

/* A view of the text; lives as long as its handle. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_text_view(const struct gnomon_text *text,
                               struct gnomon_str *out);

/* Frees a text and every view into it. NULL does nothing. */
GNOMON_API void gnomon_text_free(struct gnomon_text *text);

/* Reads what gnomon_scene_text wrote, or what a model repeated of it. Lines that are none of such a text are left out, and
 * gnomon_told_rejected tells why; fences and blank lines are passed over. A text of which nothing can be read is GNOMON_OK
 * with nothing told. Free it with gnomon_told_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_told_read(struct gnomon_str text,
                               struct gnomon_told **out);

/* Frees what was told and every view into it. NULL does nothing. */
GNOMON_API void gnomon_told_free(struct gnomon_told *told);

/* The things that have a row, in the order of the text. out, thing_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_told_things(const struct gnomon_told *told,
                                 struct gnomon_told_thing *out,
                                 size_t thing_size,
                                 size_t *n);

/* The categories that are counted, in the order of the text. out, count_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_told_counts(const struct gnomon_told *told,
                                 struct gnomon_told_count *out,
                                 size_t count_size,
                                 size_t *n);

/* The triplets, in the order of the text. out, triplet_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_told_triplets(const struct gnomon_told *told,
                                   struct gnomon_triplet *out,
                                   size_t triplet_size,
                                   size_t *n);

/* The lines that were left out, as in gnomon_triplets_rejected. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_told_rejected(const struct gnomon_told *told,
                                   struct gnomon_rejected *out,
                                   size_t rejected_size,
                                   size_t *n,
                                   size_t *in_all);

/* Writes the area of the floor that the text tells to *area_m2, square metres; 0 where it tells none. */
GNOMON_API GNOMON_CHECK gnomon_status gnomon_told_room_area(const struct gnomon_told *told, double *area_m2);

/* Answers a question in words from the text alone, which is taken for complete: what it does not tell is not there. Else
 * as gnomon_ask; .complete and .room_area_m2 of options are not looked at. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_told_ask(const struct gnomon_told *told,
                              struct gnomon_str question,
                              const struct gnomon_str *choices,
                              size_t n,
                              const struct gnomon_ask_options *options,
                              struct gnomon_answer **out);

/* Reads the triplets of a text: lines of a chain, or what a model made of such lines (prose and code fences round them,
 * single quotes, round brackets, trailing commas). Nothing is clamped: a triplet with a coordinate outside 0 to 10, an
 * unknown id, or one thing in two roles is left out, and gnomon_triplets_rejected tells why. known are the n ids there
 * are (at most 262144); with n 0 any id is taken. A text of which nothing can be read is GNOMON_OK with no triplets. Free
 * it with gnomon_triplets_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_triplets_read(struct gnomon_str text,
                                   const struct gnomon_str *known,
                                   size_t n,
                                   struct gnomon_triplets **out);

/* Frees triplets and every view into them. NULL does nothing. */
GNOMON_API void gnomon_triplets_free(struct gnomon_triplets *triplets);

/* The triplets in the order of the text. out, triplet_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_triplets_list(const struct gnomon_triplets *triplets,
                                   struct gnomon_triplet *out,
                                   size_t triplet_size,
                                   size_t *n);

/* What was left out, in the order of the text; the first 1000 of it. *in_all becomes how much it was; in_all may be NULL.
 * out, rejected_size and n as in gnomon_snapshot_objects. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_triplets_rejected(const struct gnomon_triplets *triplets,
                                       struct gnomon_rejected *out,
                                       size_t rejected_size,
                                       size_t *n,
                                       size_t *in_all);

/* The ABI number of this library. A header with another GNOMON_ABI_VERSION does not fit it. */
GNOMON_API uint32_t gnomon_abi_version(void);

/* The version of this library, as in GNOMON_VERSION. Static, ends with 0. */
GNOMON_API const char *gnomon_version(void);

/* What this library was built from: JSON with version, abi, target, profile, features. Static, ends with 0. */
GNOMON_API const char *gnomon_build_info(void);

/* Fills in the defaults of a vision-language model's options; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_vlm_options_init(struct gnomon_vlm_options *options, size_t size);

/* Fills in empty facts; never writes past size. NULL does nothing. */
GNOMON_API void gnomon_vlm_facts_init(struct gnomon_vlm_facts *facts, size_t size);

/* Opens the vision-language model of a folder: Hugging Face's layout (config.json, tokenizer.json, onnx/) or that of
 * onnxruntime-genai (genai_config.json). Both options may be NULL. network's family and labels must be empty; its precision
 * is the decoder's, empty for what the provider computes quickest; its budget is that of all graphs together, its within_ns
 * that of each. Fails as gnomon_detector_open does, with GNOMON_E_UNSUPPORTED for a family that is not known. Free it with
 * gnomon_vlm_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_vlm_open(struct gnomon_str path,
                              const struct gnomon_network_options *network,
                              const struct gnomon_vlm_options *options,
                              struct gnomon_vlm **out);

/* Frees a model and every view into it; no other call on it may be running, its jobs may: they end with
 * GNOMON_E_CANCELLED, which is waited for. From a callback of its own jobs it returns at once. NULL does nothing. */
GNOMON_API
void gnomon_vlm_free(struct gnomon_vlm *vlm);

/* Writes what the model is and what really runs it to out, set up with GNOMON_INIT. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_vlm_info(const struct gnomon_vlm *vlm,
                              struct gnomon_vlm_facts *out);

/* Writes how many tokens a text is to the model to out. Waits for no request. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_vlm_count_tokens(const struct gnomon_vlm *vlm,
                                      struct gnomon_str text,
                                      size_t *out);

/* Makes a vocabulary: with common 1 of the words that gnomon knows ("couch" for "sofa"), with 0 empty. Free it with
 * gnomon_vocabulary_free. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_vocabulary_new(uint32_t common,
                                    struct gnomon_vocabulary **out);

/* Frees a vocabulary; no other call on it may be running. NULL does nothing. */
GNOMON_API void gnomon_vocabulary_free(struct gnomon_vocabulary *vocabulary);

/* Adds n words (2 to 256) that mean the same: names of categories, in singular or plural. At most 4096 times
 * (GNOMON_E_STATE after that). On failure nothing is added. */
GNOMON_API
GNOMON_CHECK
gnomon_status gnomon_vocabulary_add(struct gnomon_vocabulary *vocabulary,
                                    const struct gnomon_str *words,
                                    size_t n);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* GNOMON_H */
