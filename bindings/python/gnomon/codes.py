"""The codes of gnomon.h as enumerations. Each is an int; a number that a newer library adds is kept as a member without
a name of its own."""

from __future__ import annotations

from enum import IntEnum
from typing import Optional

from . import _native as native

__all__ = [
    "Ask",
    "Axis",
    "CellState",
    "ChainOrder",
    "ConstraintKind",
    "Contact",
    "Convention",
    "DepthMeaning",
    "EdgeKind",
    "EditDistance",
    "EditKind",
    "Ended",
    "EventKind",
    "Extent",
    "FactsTold",
    "Lens",
    "Link",
    "LiveParts",
    "LogLevel",
    "MarginUnit",
    "Measure",
    "Mra",
    "ObjectState",
    "PixelFormat",
    "Reading",
    "RegionKind",
    "RelationKind",
    "Role",
    "SameBy",
    "Sectors",
    "Side",
    "Silence",
    "Source",
    "Spread",
    "Status",
    "Step",
    "SupportKind",
    "Tail",
    "ToldPlace",
    "Unit",
    "Up",
    "ValueKind",
    "Verdict",
    "WhenBusy",
    "Why",
]


class Code(IntEnum):
    """A number of gnomon.h with its name."""

    @classmethod
    def _missing_(cls, value: object) -> Optional[Code]:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"NUMBER_{value}"
        member._value_ = value
        return member


class Status(Code):
    """What a call of the library came to: 0 ok, below 0 failed."""

    OK = native.GNOMON_OK
    PENDING = native.GNOMON_PENDING
    STALE = native.GNOMON_STALE
    FAIL = native.GNOMON_E_FAIL
    ARGUMENT = native.GNOMON_E_ARGUMENT
    ABI = native.GNOMON_E_ABI
    STATE = native.GNOMON_E_STATE
    NOMEM = native.GNOMON_E_NOMEM
    IO = native.GNOMON_E_IO
    MODEL = native.GNOMON_E_MODEL
    RUNTIME = native.GNOMON_E_RUNTIME
    DEVICE = native.GNOMON_E_DEVICE
    CANCELLED = native.GNOMON_E_CANCELLED
    UNSUPPORTED = native.GNOMON_E_UNSUPPORTED
    PANIC = native.GNOMON_E_PANIC
    BUSY = native.GNOMON_E_BUSY


class LogLevel(Code):
    """How much `set_log` passes on."""

    OFF = native.GNOMON_LOG_OFF
    ERROR = native.GNOMON_LOG_ERROR
    WARN = native.GNOMON_LOG_WARN
    INFO = native.GNOMON_LOG_INFO
    DEBUG = native.GNOMON_LOG_DEBUG
    TRACE = native.GNOMON_LOG_TRACE


class Up(Code):
    """Which way is up in the input's world. VECTOR: `SceneOptions.up_vector`; AUTO: found from the floor."""

    Z = native.GNOMON_UP_Z
    X = native.GNOMON_UP_X
    Y = native.GNOMON_UP_Y
    NEG_X = native.GNOMON_UP_NEG_X
    NEG_Y = native.GNOMON_UP_NEG_Y
    NEG_Z = native.GNOMON_UP_NEG_Z
    VECTOR = native.GNOMON_UP_VECTOR
    AUTO = native.GNOMON_UP_AUTO


class Source(Code):
    """Where things come from: the detections of each frame, or geometry alone."""

    DETECTIONS = native.GNOMON_SOURCE_DETECTIONS
    GEOMETRY = native.GNOMON_SOURCE_GEOMETRY


class PixelFormat(Code):
    """How pixels are stored. Depth's follows from its dtype; colour's is `Frame.colour_format`.

    Arrays: (height, width, 3) of uint8 for RGB8 and BGR8, 4 for RGBA8 and BGRA8, 2 for YUYV and UYVY (width even);
    (height, width) of uint8 for MONO8 and of uint16 for MONO16; (height * 3 / 2, width) of uint8 for NV12, rows of Y
    and then half as many of U V (width and height even).
    """

    NONE = native.GNOMON_PIXEL_NONE
    RGB8 = native.GNOMON_PIXEL_RGB8
    BGR8 = native.GNOMON_PIXEL_BGR8
    MONO8 = native.GNOMON_PIXEL_MONO8
    RGBA8 = native.GNOMON_PIXEL_RGBA8
    BGRA8 = native.GNOMON_PIXEL_BGRA8
    YUYV = native.GNOMON_PIXEL_YUYV
    UYVY = native.GNOMON_PIXEL_UYVY
    NV12 = native.GNOMON_PIXEL_NV12
    MONO16 = native.GNOMON_PIXEL_MONO16
    DEPTH_U16 = native.GNOMON_PIXEL_DEPTH_U16
    DEPTH_F32_M = native.GNOMON_PIXEL_DEPTH_F32_M


class Lens(Code):
    """What distortion coefficients mean, as OpenCV and ROS's CameraInfo have it.

    PLUMB_BOB: k1, k2, p1, p2, k3; all 0: a pinhole. RATIONAL_POLYNOMIAL: k1 to k6, p1, p2. EQUIDISTANT: a fisheye after
    Kannala and Brandt, k1 to k4.
    """

    PLUMB_BOB = native.GNOMON_LENS_PLUMB_BOB
    RATIONAL_POLYNOMIAL = native.GNOMON_LENS_RATIONAL_POLYNOMIAL
    EQUIDISTANT = native.GNOMON_LENS_EQUIDISTANT


class ObjectState(Code):
    """CONFIRMED: seen often enough to be believed. DOUBTED: its place was lately seen and looked empty."""

    CONFIRMED = native.GNOMON_OBJECT_CONFIRMED
    DOUBTED = native.GNOMON_OBJECT_DOUBTED


class SupportKind(Code):
    """What a support is to a robot."""

    FLOOR = native.GNOMON_SUPPORT_FLOOR
    WALL = native.GNOMON_SUPPORT_WALL
    TABLE = native.GNOMON_SUPPORT_TABLE


class EditKind(Code):
    """What an operator says of a thing."""

    RENAME = native.GNOMON_OPERATOR_RENAME
    RELABEL = native.GNOMON_OPERATOR_RELABEL
    DELETE = native.GNOMON_OPERATOR_DELETE
    MERGE = native.GNOMON_OPERATOR_MERGE
    PIN = native.GNOMON_OPERATOR_PIN
    UNPIN = native.GNOMON_OPERATOR_UNPIN


class SameBy(Code):
    """How things of two snapshots are found in each other: TOLD by id where both began with the same frame, otherwise
    by place."""

    TOLD = native.GNOMON_SAME_BY_TOLD
    ID = native.GNOMON_SAME_BY_ID
    PLACE = native.GNOMON_SAME_BY_PLACE


class Tail(Code):
    """How a recording ends: WHOLE; FULL, or it could not be written any more; CUT, broken or cut from a byte on."""

    WHOLE = native.GNOMON_TAIL_WHOLE
    FULL = native.GNOMON_TAIL_FULL
    CUT = native.GNOMON_TAIL_CUT


class EdgeKind(Code):
    """What the edge of a voxel is: the SHORTEST side of what is seen divided by so many, or a LENGTH."""

    SHORTEST = native.GNOMON_EDGE_SHORTEST
    LENGTH = native.GNOMON_EDGE_LENGTH


class EventKind(Code):
    """What happened to a thing."""

    BORN = native.GNOMON_EVENT_BORN
    MOVED = native.GNOMON_EVENT_MOVED
    MERGED = native.GNOMON_EVENT_MERGED
    REMOVED = native.GNOMON_EVENT_REMOVED


class CellState(Code):
    """What is known of a cell. UNKNOWN: not seen well enough to say."""

    UNKNOWN = native.GNOMON_CELL_UNKNOWN
    FREE = native.GNOMON_CELL_FREE
    OCCUPIED = native.GNOMON_CELL_OCCUPIED


class Ask(Code):
    """What a `Question` asks; the things it needs, in the order of `Question.things`, are named below.

    COUNT what: how many, in `within`. DISTANCE from, to: gap between the closest points. RANGE what: from the viewer's
    camera to the closest point. LENGTH what: its `measure`. SIZE what: length, width, height. LENGTH_GIVEN what, the
    things of `given_m`, others: `measure` where lengths are told. ROOM_AREA none: area of the floor. CLOSEST to, then
    two or more: which is closest; `inverse`: farthest. DIRECTION what: in which of `sectors`. SIDE_OF what, perhaps of:
    is it on `side` of it, or of the observer. LEFT_OR_RIGHT what, of: which of the two. WHICH_SIDE two: which lies more
    to `side`. CONTACT what, of: do they lie in `contact`. MOST two or more: which has the most of `measure`; `inverse`:
    least. MORE what, than: has it more of `measure`; `inverse`: less. POSITION what: where, in `within`. AT_PICTURE
    none: what is at `point` of the picture. EXISTS what: is there one. FIRST_SEEN two or more: in which order first
    seen. ROUTE start, facing, then what is gone to: the blank turns of `steps`.
    """

    COUNT = native.GNOMON_ASK_COUNT
    DISTANCE = native.GNOMON_ASK_DISTANCE
    RANGE = native.GNOMON_ASK_RANGE
    LENGTH = native.GNOMON_ASK_LENGTH
    SIZE = native.GNOMON_ASK_SIZE
    LENGTH_GIVEN = native.GNOMON_ASK_LENGTH_GIVEN
    ROOM_AREA = native.GNOMON_ASK_ROOM_AREA
    CLOSEST = native.GNOMON_ASK_CLOSEST
    DIRECTION = native.GNOMON_ASK_DIRECTION
    SIDE_OF = native.GNOMON_ASK_SIDE_OF
    LEFT_OR_RIGHT = native.GNOMON_ASK_LEFT_OR_RIGHT
    WHICH_SIDE = native.GNOMON_ASK_WHICH_SIDE
    CONTACT = native.GNOMON_ASK_CONTACT
    MOST = native.GNOMON_ASK_MOST
    MORE = native.GNOMON_ASK_MORE
    POSITION = native.GNOMON_ASK_POSITION
    AT_PICTURE = native.GNOMON_ASK_AT_PICTURE
    EXISTS = native.GNOMON_ASK_EXISTS
    FIRST_SEEN = native.GNOMON_ASK_FIRST_SEEN
    ROUTE = native.GNOMON_ASK_ROUTE


class Measure(Code):
    """What a thing is measured by. HEIGHT is the side nearest to the vertical, LENGTH the longer of the other two,
    WIDTH the shorter; VOLUME and TOP (height of its highest point above the floor) are no lengths of it."""

    HEIGHT = native.GNOMON_MEASURE_HEIGHT
    LENGTH = native.GNOMON_MEASURE_LENGTH
    WIDTH = native.GNOMON_MEASURE_WIDTH
    LONGEST = native.GNOMON_MEASURE_LONGEST
    SHORTEST = native.GNOMON_MEASURE_SHORTEST
    VOLUME = native.GNOMON_MEASURE_VOLUME
    TOP = native.GNOMON_MEASURE_TOP


class Side(Code):
    """Sides, for an observer. FRONT: nearer to the observer, or before it. BEHIND: farther, or at its back."""

    LEFT = native.GNOMON_SIDE_LEFT
    RIGHT = native.GNOMON_SIDE_RIGHT
    FRONT = native.GNOMON_SIDE_FRONT
    BEHIND = native.GNOMON_SIDE_BEHIND


class Sectors(Code):
    """Into what the ground round an observer is cut: left and right; left, right and back (135 degrees and more); the
    four quarters between front, left, back and right; front and back."""

    TWO = native.GNOMON_SECTORS_TWO
    THREE = native.GNOMON_SECTORS_THREE
    FOUR = native.GNOMON_SECTORS_FOUR
    FRONT_BACK = native.GNOMON_SECTORS_FRONT_BACK


class Contact(Code):
    """How two things lie to each other, for everyone."""

    ON = native.GNOMON_CONTACT_ON
    UNDER = native.GNOMON_CONTACT_UNDER
    ABOVE = native.GNOMON_CONTACT_ABOVE
    BELOW = native.GNOMON_CONTACT_BELOW
    INSIDE = native.GNOMON_CONTACT_INSIDE
    NEAR = native.GNOMON_CONTACT_NEAR
    TOUCHING = native.GNOMON_CONTACT_TOUCHING


class Extent(Code):
    """Where something is looked for. SCENE: everywhere, in world metres. PICTURE: in the picture of the view, in 0 to
    1, x right, y down."""

    SCENE = native.GNOMON_EXTENT_SCENE
    PICTURE = native.GNOMON_EXTENT_PICTURE


class Step(Code):
    """Steps of a route. GO_TO the next of the things; LEFT, RIGHT, BACK are turns that are told; BLANK is asked for."""

    GO_TO = native.GNOMON_STEP_GO_TO
    LEFT = native.GNOMON_STEP_LEFT
    RIGHT = native.GNOMON_STEP_RIGHT
    BACK = native.GNOMON_STEP_BACK
    BLANK = native.GNOMON_STEP_BLANK


class Unit(Code):
    """In what an answer's text tells lengths; areas in its square. Numbers are metres whatever the unit."""

    METRE = native.GNOMON_UNIT_METRE
    CENTIMETRE = native.GNOMON_UNIT_CENTIMETRE
    MILLIMETRE = native.GNOMON_UNIT_MILLIMETRE
    INCH = native.GNOMON_UNIT_INCH
    FOOT = native.GNOMON_UNIT_FOOT


class Why(Code):
    """Why an answer is unknown, or a statement untestable. NONE: it is known."""

    NONE = native.GNOMON_UNKNOWN_NONE
    NOT_UNDERSTOOD = native.GNOMON_UNKNOWN_NOT_UNDERSTOOD
    NEVER_SEEN = native.GNOMON_UNKNOWN_NEVER_SEEN
    NOT_YET_OBSERVED = native.GNOMON_UNKNOWN_NOT_YET_OBSERVED
    AMBIGUOUS_NAME = native.GNOMON_UNKNOWN_AMBIGUOUS_NAME
    BELOW_CONFIDENCE = native.GNOMON_UNKNOWN_BELOW_CONFIDENCE
    NO_VIEW = native.GNOMON_UNKNOWN_NO_VIEW
    NO_OPTION = native.GNOMON_UNKNOWN_NO_OPTION
    NO_ANSWER = native.GNOMON_UNKNOWN_NO_ANSWER
    NO_CLAIM = native.GNOMON_UNKNOWN_NO_CLAIM
    TOO_CLOSE_TO_CALL = native.GNOMON_UNKNOWN_TOO_CLOSE_TO_CALL


class Verdict(Code):
    """What a statement is worth."""

    AGREES = native.GNOMON_VERDICT_AGREES
    CONTRADICTS = native.GNOMON_VERDICT_CONTRADICTS
    UNTESTABLE = native.GNOMON_VERDICT_UNTESTABLE


class ValueKind(Code):
    """What an answer's numbers and words are.

    NONE: unknown. COUNT, LENGTH (metres), AREA (m^2), YES_NO (1 or 0): a number. LENGTHS: metres; of a size: length,
    width, height. PICTURE_POINT: two numbers, 0 to 1, x right, y down. WORLD_POINT: three, metres. THING, DIRECTION: a
    word. ORDER, TURNS: words. ABSENT: a word, this thing is not there; only where the scene is complete.
    """

    NONE = native.GNOMON_VALUE_NONE
    COUNT = native.GNOMON_VALUE_COUNT
    LENGTH = native.GNOMON_VALUE_LENGTH
    LENGTHS = native.GNOMON_VALUE_LENGTHS
    AREA = native.GNOMON_VALUE_AREA
    THING = native.GNOMON_VALUE_THING
    DIRECTION = native.GNOMON_VALUE_DIRECTION
    YES_NO = native.GNOMON_VALUE_YES_NO
    PICTURE_POINT = native.GNOMON_VALUE_PICTURE_POINT
    WORLD_POINT = native.GNOMON_VALUE_WORLD_POINT
    ORDER = native.GNOMON_VALUE_ORDER
    TURNS = native.GNOMON_VALUE_TURNS
    ABSENT = native.GNOMON_VALUE_ABSENT


class MarginUnit(Code):
    """What a margin counts. NONE: there is no margin."""

    NONE = native.GNOMON_MARGIN_NONE
    METRES = native.GNOMON_MARGIN_METRES
    DEGREES = native.GNOMON_MARGIN_DEGREES
    CUBIC_METRES = native.GNOMON_MARGIN_CUBIC_METRES
    NANOSECONDS = native.GNOMON_MARGIN_NANOSECONDS
    RATIO = native.GNOMON_MARGIN_RATIO


class RelationKind(Code):
    """Relations of two things a and b, or of three.

    LEFT, RIGHT: a is left or right of b, as the observer faces. FRONT, BEHIND: a is nearer or farther than b along the
    observer's heading. ON: a rests on b. UNDER: a is within b's outline and lower, or beneath it. BETWEEN: a is between
    b and c. LARGER: by volume. FACING: a's front faces b.
    """

    LEFT = native.GNOMON_RELATION_LEFT
    RIGHT = native.GNOMON_RELATION_RIGHT
    FRONT = native.GNOMON_RELATION_FRONT
    BEHIND = native.GNOMON_RELATION_BEHIND
    ON = native.GNOMON_RELATION_ON
    UNDER = native.GNOMON_RELATION_UNDER
    ABOVE = native.GNOMON_RELATION_ABOVE
    BELOW = native.GNOMON_RELATION_BELOW
    INSIDE = native.GNOMON_RELATION_INSIDE
    TOUCHING = native.GNOMON_RELATION_TOUCHING
    NEAR = native.GNOMON_RELATION_NEAR
    BETWEEN = native.GNOMON_RELATION_BETWEEN
    LARGER = native.GNOMON_RELATION_LARGER
    TALLER = native.GNOMON_RELATION_TALLER
    FACING = native.GNOMON_RELATION_FACING


class Axis(Code):
    """Which of a box's directions is its front."""

    PLUS_X = native.GNOMON_AXIS_PLUS_X
    MINUS_X = native.GNOMON_AXIS_MINUS_X
    PLUS_Y = native.GNOMON_AXIS_PLUS_Y
    MINUS_Y = native.GNOMON_AXIS_MINUS_Y


class ChainOrder(Code):
    """In which order a chain places things. FIRST_SEEN: lines stay while the scene grows. BEST_FIRST: for one telling
    of a finished scene."""

    FIRST_SEEN = native.GNOMON_CHAIN_FIRST_SEEN
    BEST_FIRST = native.GNOMON_CHAIN_BEST_FIRST


class Mra(Code):
    """Two ways to reckon mean relative accuracy: VSI-Bench's (error <= 1 - theta, 64 bit) and Spatial-MLLM's (error < 1
    - theta, 32 bit)."""

    OFFICIAL = native.GNOMON_MRA_OFFICIAL
    STRICT = native.GNOMON_MRA_STRICT


class Reading(Code):
    """How a model's text is read. OFFICIAL: VSI-Bench's, what stands before the first space. SPATIAL_MLLM and _V1: the
    last <answer> block or all, version 1.1 and 1.0. LENIENT: any number with its unit, any letter of an option."""

    OFFICIAL = native.GNOMON_READING_OFFICIAL
    SPATIAL_MLLM = native.GNOMON_READING_SPATIAL_MLLM
    SPATIAL_MLLM_V1 = native.GNOMON_READING_SPATIAL_MLLM_V1
    LENIENT = native.GNOMON_READING_LENIENT


class EditDistance(Code):
    """How far two texts are apart. INDEL: insertions and deletions. LEVENSHTEIN: substitutions too."""

    INDEL = native.GNOMON_EDIT_INDEL
    LEVENSHTEIN = native.GNOMON_EDIT_LEVENSHTEIN


class Spread(Code):
    """Which standard deviation advantages are measured in: of the group itself, or as an estimate from it."""

    POPULATION = native.GNOMON_SPREAD_POPULATION
    SAMPLE = native.GNOMON_SPREAD_SAMPLE


class DepthMeaning(Code):
    """What the numbers of a depth map are: metres along the optical axis, these times one unknown factor, or inverse
    depth with an unknown factor and shift. Only metres go into a frame."""

    METRIC_Z = native.GNOMON_DEPTH_METRIC_Z
    UP_TO_SCALE_Z = native.GNOMON_DEPTH_UP_TO_SCALE_Z
    AFFINE_INVERSE = native.GNOMON_DEPTH_AFFINE_INVERSE


class Role(Code):
    """Who says something to a vision-language model."""

    USER = native.GNOMON_ROLE_USER
    SYSTEM = native.GNOMON_ROLE_SYSTEM
    ASSISTANT = native.GNOMON_ROLE_ASSISTANT


class WhenBusy(Code):
    """What to do with a request while another is answered: it stands in line, or a `BusyError` is raised."""

    QUEUE = native.GNOMON_WHEN_BUSY_QUEUE
    REFUSE = native.GNOMON_WHEN_BUSY_REFUSE


class ConstraintKind(Code):
    """What a reply must be: see `Constraint`."""

    NONE = native.GNOMON_CONSTRAINT_NONE
    JSON_SCHEMA = native.GNOMON_CONSTRAINT_JSON_SCHEMA
    REGEX = native.GNOMON_CONSTRAINT_REGEX
    CHOICES = native.GNOMON_CONSTRAINT_CHOICES
    LARK = native.GNOMON_CONSTRAINT_LARK
    TRIPLETS = native.GNOMON_CONSTRAINT_TRIPLETS
    COGMAP = native.GNOMON_CONSTRAINT_COGMAP
    BOXES = native.GNOMON_CONSTRAINT_BOXES


class Ended(Code):
    """Why a reply ended: the model said so, a stop string came, it has as many tokens as it may, who listened said so,
    or the constraint lets nothing follow."""

    END_TOKEN = native.GNOMON_ENDED_END_TOKEN
    STOP_STRING = native.GNOMON_ENDED_STOP_STRING
    MAX_TOKENS = native.GNOMON_ENDED_MAX_TOKENS
    CALLER = native.GNOMON_ENDED_CALLER
    CONSTRAINT = native.GNOMON_ENDED_CONSTRAINT


class FactsTold(Code):
    """What of geometry a model is told that is asked with it: nothing, the map, or also what was measured for the
    question."""

    NOTHING = native.GNOMON_FACTS_NOTHING
    SCENE = native.GNOMON_FACTS_SCENE
    SCENE_AND_MEASURED = native.GNOMON_FACTS_SCENE_AND_MEASURED


class Silence(Code):
    """Why there is nothing of a model: there is, none was given, it could not be asked or did not end in its time, or
    it ended without a word."""

    NONE = native.GNOMON_SILENCE_NONE
    NO_MODEL = native.GNOMON_SILENCE_NO_MODEL
    FAILED = native.GNOMON_SILENCE_FAILED
    EMPTY = native.GNOMON_SILENCE_EMPTY


class Convention(Code):
    """How a family of models writes places in a picture: Qwen2-VL, Qwen2.5-VL, Qwen3-VL, LLaVA, Molmo, PaliGemma."""

    THOUSANDTH_TAGS = native.GNOMON_CONVENTION_THOUSANDTH_TAGS
    PIXEL_JSON = native.GNOMON_CONVENTION_PIXEL_JSON
    THOUSANDTH_JSON = native.GNOMON_CONVENTION_THOUSANDTH_JSON
    SHARES = native.GNOMON_CONVENTION_SHARES
    PERCENT_TAGS = native.GNOMON_CONVENTION_PERCENT_TAGS
    LOC_TAGS = native.GNOMON_CONVENTION_LOC_TAGS


class RegionKind(Code):
    """What a place in a picture is."""

    BOX = native.GNOMON_REGION_BOX
    POINT = native.GNOMON_REGION_POINT


class ToldPlace(Code):
    """What a row of a scene's text tells of where a thing is: nothing, its centre on the ground, or its box."""

    NOTHING = native.GNOMON_TOLD_NOTHING
    PLACE = native.GNOMON_TOLD_PLACE
    BOX = native.GNOMON_TOLD_BOX


class LiveParts(Code):
    """What a frame that is pushed to a pipeline has beside its images: bits."""

    POSE = native.GNOMON_LIVE_POSE
    DETECTIONS = native.GNOMON_LIVE_DETECTIONS


class Link(Code):
    """The links of a pipeline's chain. NONE: none is broken. FRAMES: they come in. POSED: they have a pose.
    DEPTH_VALID: a pixel of depth, or more. DETECTIONS: a detector, or geometry, says something of them. ASSOCIATED: a
    thing that is known already is seen in them. PUBLISHED: readers see what they changed."""

    NONE = native.GNOMON_LINK_NONE
    FRAMES = native.GNOMON_LINK_FRAMES
    POSED = native.GNOMON_LINK_POSED
    DEPTH_VALID = native.GNOMON_LINK_DEPTH_VALID
    DETECTIONS = native.GNOMON_LINK_DETECTIONS
    ASSOCIATED = native.GNOMON_LINK_ASSOCIATED
    PUBLISHED = native.GNOMON_LINK_PUBLISHED
