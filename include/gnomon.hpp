/// @file
/// gnomon for C++17 and later: gnomon.h with handles that free themselves, exceptions, and views.
///
/// Nothing but this header and gnomon.h: link libgnomon. gnomon.h says what every field, code and bound means; here
/// stands what C++ adds.
///
/// Ownership   Scene, Snapshot, CogMap, Answer, Judgements, Chain, Keeper, RelationGraph, Triplets, Layout, Told,
///             Vocabulary, Detector, Found, DepthNet, DepthMap, GeometryNet, Views, Vlm, Job, Grounding, Album, Cancel, Pipeline
///             and Text own a handle: moved, not copied. One that was moved from is empty; using it throws an Error, destroying
///             it does nothing.
/// Views       A std::string_view, a span, and every pointer inside a struct lives as long as the object it was asked
///             of. Texts of a temporary come as std::string; lists of a temporary that hold views do not compile.
///             What is passed in (images, texts, options) is borrowed for the call; images are never copied.
/// Errors      What fails throws an Error: its status, and the library's sentence as what(). The object is then as it
///             was. What may be missing is a std::optional. Methods may also throw std::bad_alloc.
/// Threads     Any object, any thread. const methods may overlap each other and one that is not const. Others: one at
///             a time; a second one throws Status::Busy at once. Move or destroy an object when nothing else uses it.
/// Units       Metres, radians, nanoseconds. Camera: x right, y down, z forward; pixel centres at integer (u, v).
///             World: Z up. A Pose is world_from_camera: 4 x 4 numbers, row by row.

#ifndef GNOMON_HPP
#define GNOMON_HPP

#include "gnomon.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gnomon {

// ---- codes --------------------------------------------------------------------------------------------------------
// The fields of structs hold plain numbers: write `options.up = code(Up::Auto)`, read `ObjectState(object.state)`.
// gnomon.h says beside each constant what it means.

/// The number of a code, as structs hold it.
template <class Code>
constexpr std::int32_t code(Code value) noexcept {
    static_assert(std::is_same_v<std::underlying_type_t<Code>, std::int32_t>, "not a code of gnomon");
    return static_cast<std::int32_t>(value);
}

/// What a call came to: 0 ok, above 0 ok with a remark, below 0 failed.
enum class Status : std::int32_t {
    Ok = GNOMON_OK, Pending = GNOMON_PENDING, Stale = GNOMON_STALE, Fail = GNOMON_E_FAIL,
    Argument = GNOMON_E_ARGUMENT, Abi = GNOMON_E_ABI, State = GNOMON_E_STATE, NoMemory = GNOMON_E_NOMEM,
    Io = GNOMON_E_IO, Model = GNOMON_E_MODEL, Runtime = GNOMON_E_RUNTIME, Device = GNOMON_E_DEVICE,
    Cancelled = GNOMON_E_CANCELLED, Unsupported = GNOMON_E_UNSUPPORTED, Panic = GNOMON_E_PANIC, Busy = GNOMON_E_BUSY
};
/// Levels of set_log().
enum class LogLevel : std::int32_t {
    Off = GNOMON_LOG_OFF, Error = GNOMON_LOG_ERROR, Warn = GNOMON_LOG_WARN, Info = GNOMON_LOG_INFO,
    Debug = GNOMON_LOG_DEBUG, Trace = GNOMON_LOG_TRACE
};
/// Which way is up in the input's world.
enum class Up : std::int32_t {
    Z = GNOMON_UP_Z, X = GNOMON_UP_X, Y = GNOMON_UP_Y, NegX = GNOMON_UP_NEG_X, NegY = GNOMON_UP_NEG_Y,
    NegZ = GNOMON_UP_NEG_Z, Vector = GNOMON_UP_VECTOR, Auto = GNOMON_UP_AUTO
};
/// Where things come from.
enum class Source : std::int32_t { Detections = GNOMON_SOURCE_DETECTIONS, Geometry = GNOMON_SOURCE_GEOMETRY };
/// What a frame that is pushed to a Pipeline has beside its images.
enum class Parts : std::int32_t {
    None = 0, Pose = GNOMON_LIVE_POSE, Detections = GNOMON_LIVE_DETECTIONS,
    Both = GNOMON_LIVE_POSE | GNOMON_LIVE_DETECTIONS
};
/// The links of a Pipeline's chain.
enum class Link : std::int32_t {
    None = GNOMON_LINK_NONE, Frames = GNOMON_LINK_FRAMES, Posed = GNOMON_LINK_POSED,
    DepthValid = GNOMON_LINK_DEPTH_VALID, Detections = GNOMON_LINK_DETECTIONS, Associated = GNOMON_LINK_ASSOCIATED,
    Published = GNOMON_LINK_PUBLISHED
};
/// How pixels are stored.
enum class PixelFormat : std::int32_t {
    None = GNOMON_PIXEL_NONE, Rgb8 = GNOMON_PIXEL_RGB8, Bgr8 = GNOMON_PIXEL_BGR8, Mono8 = GNOMON_PIXEL_MONO8,
    Rgba8 = GNOMON_PIXEL_RGBA8, Bgra8 = GNOMON_PIXEL_BGRA8, Yuyv = GNOMON_PIXEL_YUYV, Uyvy = GNOMON_PIXEL_UYVY,
    Nv12 = GNOMON_PIXEL_NV12, Mono16 = GNOMON_PIXEL_MONO16, DepthU16 = GNOMON_PIXEL_DEPTH_U16,
    DepthF32M = GNOMON_PIXEL_DEPTH_F32_M
};
/// What a lens does; see with_lens().
enum class Lens : std::int32_t {
    PlumbBob = GNOMON_LENS_PLUMB_BOB, RationalPolynomial = GNOMON_LENS_RATIONAL_POLYNOMIAL,
    Equidistant = GNOMON_LENS_EQUIDISTANT
};
/// What the scene thinks of a thing's presence.
enum class ObjectState : std::int32_t { Confirmed = GNOMON_OBJECT_CONFIRMED, Doubted = GNOMON_OBJECT_DOUBTED };
/// What a support is to a robot.
enum class SupportKind : std::int32_t {
    Floor = GNOMON_SUPPORT_FLOOR, Wall = GNOMON_SUPPORT_WALL, Table = GNOMON_SUPPORT_TABLE
};
/// What happened to a thing.
enum class EventKind : std::int32_t {
    Born = GNOMON_EVENT_BORN, Moved = GNOMON_EVENT_MOVED, Merged = GNOMON_EVENT_MERGED, Removed = GNOMON_EVENT_REMOVED
};
/// What an operator says of a thing; see Edit.
enum class EditKind : std::int32_t {
    Rename = GNOMON_OPERATOR_RENAME, Relabel = GNOMON_OPERATOR_RELABEL, Delete = GNOMON_OPERATOR_DELETE,
    Merge = GNOMON_OPERATOR_MERGE, Pin = GNOMON_OPERATOR_PIN, Unpin = GNOMON_OPERATOR_UNPIN
};
/// How things of two snapshots are found in each other.
enum class SameBy : std::int32_t {
    Told = GNOMON_SAME_BY_TOLD, Id = GNOMON_SAME_BY_ID, Place = GNOMON_SAME_BY_PLACE
};
/// How a recording ends.
enum class Tail : std::int32_t { Whole = GNOMON_TAIL_WHOLE, Full = GNOMON_TAIL_FULL, Cut = GNOMON_TAIL_CUT };
/// What the edge of a voxel is.
enum class EdgeKind : std::int32_t { Shortest = GNOMON_EDGE_SHORTEST, Length = GNOMON_EDGE_LENGTH };
/// Where the observer of a map stands.
enum class Observer : std::int32_t {
    Camera = GNOMON_OBSERVER_CAMERA, Pose = GNOMON_OBSERVER_POSE, Heading = GNOMON_OBSERVER_HEADING,
    Facing = GNOMON_OBSERVER_FACING
};
/// How large a map's cells are.
enum class Scale : std::int32_t { Fixed = GNOMON_SCALE_FIXED, Holding = GNOMON_SCALE_HOLDING };
/// What is known of a cell.
enum class CellState : std::int32_t {
    Unknown = GNOMON_CELL_UNKNOWN, Free = GNOMON_CELL_FREE, Occupied = GNOMON_CELL_OCCUPIED
};
/// What a question asks. The things it needs, in the order of Question::things, stand beside it.
enum class Ask : std::int32_t {
    Count = GNOMON_ASK_COUNT, Distance = GNOMON_ASK_DISTANCE, Range = GNOMON_ASK_RANGE, Length = GNOMON_ASK_LENGTH,
    Size = GNOMON_ASK_SIZE, LengthGiven = GNOMON_ASK_LENGTH_GIVEN, RoomArea = GNOMON_ASK_ROOM_AREA,
    Closest = GNOMON_ASK_CLOSEST, Direction = GNOMON_ASK_DIRECTION, SideOf = GNOMON_ASK_SIDE_OF,
    LeftOrRight = GNOMON_ASK_LEFT_OR_RIGHT, WhichSide = GNOMON_ASK_WHICH_SIDE, Contact = GNOMON_ASK_CONTACT,
    Most = GNOMON_ASK_MOST, More = GNOMON_ASK_MORE, Position = GNOMON_ASK_POSITION, AtPicture = GNOMON_ASK_AT_PICTURE,
    Exists = GNOMON_ASK_EXISTS, FirstSeen = GNOMON_ASK_FIRST_SEEN, Route = GNOMON_ASK_ROUTE
};
/// What a thing is measured by.
enum class Measure : std::int32_t {
    Height = GNOMON_MEASURE_HEIGHT, Length = GNOMON_MEASURE_LENGTH, Width = GNOMON_MEASURE_WIDTH,
    Longest = GNOMON_MEASURE_LONGEST, Shortest = GNOMON_MEASURE_SHORTEST, Volume = GNOMON_MEASURE_VOLUME,
    Top = GNOMON_MEASURE_TOP
};
/// Sides, for an observer.
enum class Side : std::int32_t {
    Left = GNOMON_SIDE_LEFT, Right = GNOMON_SIDE_RIGHT, Front = GNOMON_SIDE_FRONT, Behind = GNOMON_SIDE_BEHIND
};
/// Into what the ground round an observer is cut.
enum class Sectors : std::int32_t {
    Two = GNOMON_SECTORS_TWO, Three = GNOMON_SECTORS_THREE, Four = GNOMON_SECTORS_FOUR,
    FrontBack = GNOMON_SECTORS_FRONT_BACK
};
/// How two things lie to each other, for everyone.
enum class Contact : std::int32_t {
    On = GNOMON_CONTACT_ON, Under = GNOMON_CONTACT_UNDER, Above = GNOMON_CONTACT_ABOVE, Below = GNOMON_CONTACT_BELOW,
    Inside = GNOMON_CONTACT_INSIDE, Near = GNOMON_CONTACT_NEAR, Touching = GNOMON_CONTACT_TOUCHING
};
/// Where something is looked for.
enum class Extent : std::int32_t { Scene = GNOMON_EXTENT_SCENE, Picture = GNOMON_EXTENT_PICTURE };
/// Steps of a route.
enum class Step : std::int32_t {
    GoTo = GNOMON_STEP_GO_TO, Left = GNOMON_STEP_LEFT, Right = GNOMON_STEP_RIGHT, Back = GNOMON_STEP_BACK,
    Blank = GNOMON_STEP_BLANK
};
/// Units of length.
enum class Unit : std::int32_t {
    Metre = GNOMON_UNIT_METRE, Centimetre = GNOMON_UNIT_CENTIMETRE, Millimetre = GNOMON_UNIT_MILLIMETRE,
    Inch = GNOMON_UNIT_INCH, Foot = GNOMON_UNIT_FOOT
};
/// Why an answer is unknown, or a statement untestable.
enum class Unknown : std::int32_t {
    None = GNOMON_UNKNOWN_NONE, NotUnderstood = GNOMON_UNKNOWN_NOT_UNDERSTOOD, NeverSeen = GNOMON_UNKNOWN_NEVER_SEEN,
    NotYetObserved = GNOMON_UNKNOWN_NOT_YET_OBSERVED, AmbiguousName = GNOMON_UNKNOWN_AMBIGUOUS_NAME,
    BelowConfidence = GNOMON_UNKNOWN_BELOW_CONFIDENCE, NoView = GNOMON_UNKNOWN_NO_VIEW,
    NoOption = GNOMON_UNKNOWN_NO_OPTION, NoAnswer = GNOMON_UNKNOWN_NO_ANSWER, NoClaim = GNOMON_UNKNOWN_NO_CLAIM,
    TooCloseToCall = GNOMON_UNKNOWN_TOO_CLOSE_TO_CALL
};
/// What a statement is worth.
enum class Verdict : std::int32_t {
    Agrees = GNOMON_VERDICT_AGREES, Contradicts = GNOMON_VERDICT_CONTRADICTS, Untestable = GNOMON_VERDICT_UNTESTABLE
};
/// What an answer's value is, in numbers() or words() of its facts.
enum class Value : std::int32_t {
    None = GNOMON_VALUE_NONE, Count = GNOMON_VALUE_COUNT, Length = GNOMON_VALUE_LENGTH,
    Lengths = GNOMON_VALUE_LENGTHS, Area = GNOMON_VALUE_AREA, Thing = GNOMON_VALUE_THING,
    Direction = GNOMON_VALUE_DIRECTION, YesNo = GNOMON_VALUE_YES_NO, PicturePoint = GNOMON_VALUE_PICTURE_POINT,
    WorldPoint = GNOMON_VALUE_WORLD_POINT, Order = GNOMON_VALUE_ORDER, Turns = GNOMON_VALUE_TURNS,
    Absent = GNOMON_VALUE_ABSENT
};
/// What a margin counts.
enum class MarginUnit : std::int32_t {
    None = GNOMON_MARGIN_NONE, Metres = GNOMON_MARGIN_METRES, Degrees = GNOMON_MARGIN_DEGREES,
    CubicMetres = GNOMON_MARGIN_CUBIC_METRES, Nanoseconds = GNOMON_MARGIN_NANOSECONDS, Ratio = GNOMON_MARGIN_RATIO
};
/// Relations of two things, or of three.
enum class RelationKind : std::int32_t {
    Left = GNOMON_RELATION_LEFT, Right = GNOMON_RELATION_RIGHT, Front = GNOMON_RELATION_FRONT,
    Behind = GNOMON_RELATION_BEHIND, On = GNOMON_RELATION_ON, Under = GNOMON_RELATION_UNDER,
    Above = GNOMON_RELATION_ABOVE, Below = GNOMON_RELATION_BELOW, Inside = GNOMON_RELATION_INSIDE,
    Touching = GNOMON_RELATION_TOUCHING, Near = GNOMON_RELATION_NEAR, Between = GNOMON_RELATION_BETWEEN,
    Larger = GNOMON_RELATION_LARGER, Taller = GNOMON_RELATION_TALLER, Facing = GNOMON_RELATION_FACING
};
/// Which of a box's directions is its front.
enum class Axis : std::int32_t {
    PlusX = GNOMON_AXIS_PLUS_X, MinusX = GNOMON_AXIS_MINUS_X, PlusY = GNOMON_AXIS_PLUS_Y, MinusY = GNOMON_AXIS_MINUS_Y
};
/// In which order a chain places things.
enum class ChainOrder : std::int32_t { FirstSeen = GNOMON_CHAIN_FIRST_SEEN, BestFirst = GNOMON_CHAIN_BEST_FIRST };
/// Two ways to reckon mean relative accuracy.
enum class MraKind : std::int32_t { Official = GNOMON_MRA_OFFICIAL, Strict = GNOMON_MRA_STRICT };
/// How a model's text is read.
enum class Reading : std::int32_t {
    Official = GNOMON_READING_OFFICIAL, SpatialMllm = GNOMON_READING_SPATIAL_MLLM,
    SpatialMllmV1 = GNOMON_READING_SPATIAL_MLLM_V1, Lenient = GNOMON_READING_LENIENT
};
/// How far two texts are apart.
enum class EditDistance : std::int32_t { Indel = GNOMON_EDIT_INDEL, Levenshtein = GNOMON_EDIT_LEVENSHTEIN };
/// Which standard deviation advantages are measured in.
enum class Spread : std::int32_t { Population = GNOMON_SPREAD_POPULATION, Sample = GNOMON_SPREAD_SAMPLE };
/// What a row of a scene's text tells of where a thing is.
enum class Whereabouts : std::int32_t {
    Nothing = GNOMON_TOLD_NOTHING, Place = GNOMON_TOLD_PLACE, Box = GNOMON_TOLD_BOX
};
/// What the numbers of a depth map are.
enum class DepthMeaning : std::int32_t {
    MetricZ = GNOMON_DEPTH_METRIC_Z, UpToScaleZ = GNOMON_DEPTH_UP_TO_SCALE_Z,
    AffineInverse = GNOMON_DEPTH_AFFINE_INVERSE
};
/// Who says something to a vision-language model.
enum class Role : std::int32_t {
    User = GNOMON_ROLE_USER, System = GNOMON_ROLE_SYSTEM, Assistant = GNOMON_ROLE_ASSISTANT
};
/// What to do with a request while another is answered.
enum class WhenBusy : std::int32_t { Queue = GNOMON_WHEN_BUSY_QUEUE, Refuse = GNOMON_WHEN_BUSY_REFUSE };
/// What a reply must be.
enum class Constraint : std::int32_t {
    None = GNOMON_CONSTRAINT_NONE, JsonSchema = GNOMON_CONSTRAINT_JSON_SCHEMA, Regex = GNOMON_CONSTRAINT_REGEX,
    Choices = GNOMON_CONSTRAINT_CHOICES, Lark = GNOMON_CONSTRAINT_LARK, Triplets = GNOMON_CONSTRAINT_TRIPLETS,
    CogMap = GNOMON_CONSTRAINT_COGMAP, Boxes = GNOMON_CONSTRAINT_BOXES
};
/// Why a reply ended.
enum class Ended : std::int32_t {
    EndToken = GNOMON_ENDED_END_TOKEN, StopString = GNOMON_ENDED_STOP_STRING, MaxTokens = GNOMON_ENDED_MAX_TOKENS,
    Caller = GNOMON_ENDED_CALLER, Constraint = GNOMON_ENDED_CONSTRAINT
};
/// What of geometry a model is told that is asked with it.
enum class FactsTold : std::int32_t {
    Nothing = GNOMON_FACTS_NOTHING, Scene = GNOMON_FACTS_SCENE, SceneAndMeasured = GNOMON_FACTS_SCENE_AND_MEASURED
};
/// Why there is nothing of a model.
enum class Silence : std::int32_t {
    None = GNOMON_SILENCE_NONE, NoModel = GNOMON_SILENCE_NO_MODEL, Failed = GNOMON_SILENCE_FAILED,
    Empty = GNOMON_SILENCE_EMPTY
};
/// How a family of models writes places in a picture.
enum class Convention : std::int32_t {
    ThousandthTags = GNOMON_CONVENTION_THOUSANDTH_TAGS, PixelJson = GNOMON_CONVENTION_PIXEL_JSON,
    ThousandthJson = GNOMON_CONVENTION_THOUSANDTH_JSON, Shares = GNOMON_CONVENTION_SHARES,
    PercentTags = GNOMON_CONVENTION_PERCENT_TAGS, LocTags = GNOMON_CONVENTION_LOC_TAGS
};
/// What a place in a picture is.
enum class Region : std::int32_t { Box = GNOMON_REGION_BOX, Point = GNOMON_REGION_POINT };

// ---- views --------------------------------------------------------------------------------------------------------

/// A view of `size()` elements: what std::span is from C++20 on, to which it converts. Made from vectors, arrays, and
/// whatever has data() and size(). With length 0 data() may be null.
template <class T>
class span {
public:
    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t N>
    constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}
    template <class Container,
              class Element = std::remove_pointer_t<decltype(std::declval<const Container &>().data())>,
              class = std::enable_if_t<std::is_convertible_v<Element (*)[], T (*)[]>>>
    constexpr span(const Container &container) noexcept : data_(container.data()), size_(container.size()) {}

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t at) const noexcept { return data_[at]; }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/// A text of the library as a view; lives as long as what the text came from.
inline std::string_view view(gnomon_str text) noexcept {
    return text.len == 0 ? std::string_view() : std::string_view(text.data, text.len);
}

/// A text for a struct of gnomon.h, borrowed: `text` must outlive the struct's use.
inline gnomon_str str(std::string_view text) noexcept { return gnomon_str{text.data(), text.size()}; }

/// Texts for a struct of gnomon.h, borrowed like str()'s; the vector must outlive the struct's use too.
inline std::vector<gnomon_str> strs(const std::vector<std::string_view> &texts) {
    std::vector<gnomon_str> all;
    all.reserve(texts.size());
    for (const std::string_view text : texts) all.push_back(str(text));
    return all;
}

// ---- errors -------------------------------------------------------------------------------------------------------

/// What the library refused or failed at. what() is its sentence: the C function, what was wrong, what was expected.
class GNOMON_API Error : public std::runtime_error {
public:
    Error(Status status, const std::string &sentence) : std::runtime_error(sentence), status_(status) {}
    /// Why, as a code; below 0.
    Status status() const noexcept { return status_; }

private:
    Status status_;
};

/// The name of a status as gnomon.h has it, "GNOMON_E_BUSY"; lives for ever.
inline const char *status_name(Status status) noexcept { return gnomon_status_name(code(status)); }

/// The version of the library that is loaded ("0.1.0"); that of this header is GNOMON_VERSION.
inline const char *version() noexcept { return gnomon_version(); }

/// The ABI number of the library that is loaded; that of this header is GNOMON_ABI_VERSION.
inline std::uint32_t abi_version() noexcept { return gnomon_abi_version(); }

/// What the library was built from: JSON with version, abi, target, profile, features.
inline const char *build_info() noexcept { return gnomon_build_info(); }

/// Throws Status::Abi where the library that is loaded does not fit this header. Made by whatever begins without a
/// handle (Scene, Chain, RelationGraph, Vocabulary, what reads a text, the free functions); call it to know earlier.
inline void check_library() {
    if (gnomon_abi_version() == GNOMON_ABI_VERSION) return;
    throw Error(Status::Abi, "gnomon.hpp is made for ABI " + std::to_string(GNOMON_ABI_VERSION) +
                                 " (gnomon " GNOMON_VERSION "), the library that is loaded has ABI " +
                                 std::to_string(gnomon_abi_version()) + " (gnomon " + gnomon_version() + ")");
}

namespace detail {

/// What a log function threw inside a call of this thread, to be thrown again when that call is back.
inline std::exception_ptr &thrown_by_log() noexcept {
    static thread_local std::exception_ptr thrown;
    return thrown;
}

inline void check(gnomon_status status) {
    if (thrown_by_log()) std::rethrow_exception(std::exchange(thrown_by_log(), nullptr));
    if (status < 0) throw Error(Status(status), gnomon_last_error());
}

struct Free {
    void operator()(gnomon_scene *scene) const noexcept { gnomon_scene_free(scene); }
    void operator()(gnomon_snapshot *snapshot) const noexcept { gnomon_snapshot_free(snapshot); }
    void operator()(gnomon_cogmap *map) const noexcept { gnomon_cogmap_free(map); }
    void operator()(gnomon_answer *answer) const noexcept { gnomon_answer_free(answer); }
    void operator()(gnomon_judgements *judgements) const noexcept { gnomon_judgements_free(judgements); }
    void operator()(gnomon_chain *chain) const noexcept { gnomon_chain_free(chain); }
    void operator()(gnomon_keeper *keeper) const noexcept { gnomon_keeper_free(keeper); }
    void operator()(gnomon_relation_graph *graph) const noexcept { gnomon_relation_graph_free(graph); }
    void operator()(gnomon_triplets *triplets) const noexcept { gnomon_triplets_free(triplets); }
    void operator()(gnomon_layout *layout) const noexcept { gnomon_layout_free(layout); }
    void operator()(gnomon_told *told) const noexcept { gnomon_told_free(told); }
    void operator()(gnomon_vocabulary *vocabulary) const noexcept { gnomon_vocabulary_free(vocabulary); }
    void operator()(gnomon_detector *detector) const noexcept { gnomon_detector_free(detector); }
    void operator()(gnomon_found *found) const noexcept { gnomon_found_free(found); }
    void operator()(gnomon_depth_net *net) const noexcept { gnomon_depth_net_free(net); }
    void operator()(gnomon_depth_map *map) const noexcept { gnomon_depth_map_free(map); }
    void operator()(gnomon_geometry_net *net) const noexcept { gnomon_geometry_net_free(net); }
    void operator()(gnomon_views *views) const noexcept { gnomon_views_free(views); }
    void operator()(gnomon_vlm *vlm) const noexcept { gnomon_vlm_free(vlm); }
    void operator()(gnomon_job *job) const noexcept { gnomon_job_free(job); }
    void operator()(gnomon_grounding *grounding) const noexcept { gnomon_grounding_free(grounding); }
    void operator()(gnomon_album *album) const noexcept { gnomon_album_free(album); }
    void operator()(gnomon_cancel *cancel) const noexcept { gnomon_cancel_free(cancel); }
    void operator()(gnomon_pipeline *pipeline) const noexcept { gnomon_pipeline_free(pipeline); }
    void operator()(gnomon_text *text) const noexcept { gnomon_text_free(text); }
};

/// What all handles share. An empty one holds NULL, which the library refuses with a sentence.
template <class Raw>
class Handle {
public:
    /// Owns nothing, like one that was moved from.
    Handle() noexcept = default;
    /// Takes over a handle of the C interface.
    explicit Handle(Raw *owned) noexcept : raw_(owned) {}
    /// False for an empty one.
    explicit operator bool() const noexcept { return raw_ != nullptr; }
    /// The handle for calls of gnomon.h; stays owned here.
    Raw *get() noexcept { return raw_.get(); }
    const Raw *get() const noexcept { return raw_.get(); }
    /// Gives the handle up, to be freed by the caller.
    Raw *release() noexcept { return raw_.release(); }

private:
    std::unique_ptr<Raw, Free> raw_;
};

/// The handle that `call` makes.
template <class Raw, class Call>
Raw *made(const Call &call) {
    Raw *raw = nullptr;
    const gnomon_status status = call(&raw);
    std::unique_ptr<Raw, Free> owned(raw);
    check(status);
    return owned.release();
}

/// A list, asked for twice: how many, and which.
template <class T, class Call>
std::vector<T> listed(const Call &call) {
    std::size_t n = 0;
    check(call(nullptr, &n));
    std::vector<T> items(n);
    if (n > 0) check(call(items.data(), &n));
    return items;
}
template <class T, class Raw>
std::vector<T> list(gnomon_status (*ask)(const Raw *, T *, std::size_t, std::size_t *), const Raw *of) {
    return listed<T>([&](T *out, std::size_t *n) { return ask(of, out, sizeof(T), n); });
}
template <class T, class Raw, class Key>
std::vector<T> list(gnomon_status (*ask)(const Raw *, Key, T *, std::size_t, std::size_t *), const Raw *of, Key key) {
    return listed<T>([&](T *out, std::size_t *n) { return ask(of, key, out, sizeof(T), n); });
}

/// What a reader left out, and how much it was in all.
template <class Raw>
using RejectedOf = gnomon_status (*)(const Raw *, gnomon_rejected *, std::size_t, std::size_t *, std::size_t *);
template <class Raw>
std::vector<gnomon_rejected> rejected(RejectedOf<Raw> ask, const Raw *of) {
    return listed<gnomon_rejected>([&](gnomon_rejected *out, std::size_t *n) {
        return ask(of, out, sizeof(gnomon_rejected), n, nullptr);
    });
}
template <class Raw>
std::size_t rejected_in_all(RejectedOf<Raw> ask, const Raw *of) {
    std::size_t n = 0, in_all = 0;
    check(ask(of, nullptr, sizeof(gnomon_rejected), &n, &in_all));
    return in_all;
}

/// One value that `call` writes.
template <class T, class Call>
T written(const Call &call) {
    T out{};
    check(call(&out));
    return out;
}
template <class Raw>
std::string_view text(gnomon_status (*ask)(const Raw *, gnomon_str *), const Raw *of) {
    return view(written<gnomon_str>([&](gnomon_str *out) { return ask(of, out); }));
}

/// A struct that may grow, begun with its defaults, its size and the ABI number of this header.
template <class Struct, void (*fill_in)(Struct *, std::size_t)>
struct Defaults : Struct {
    Defaults() noexcept : Struct() {
        fill_in(this, sizeof(Struct));
        this->abi_version = GNOMON_ABI_VERSION;
    }
};

}  // namespace detail

// ---- structs ------------------------------------------------------------------------------------------------------
// The structs of gnomon.h, which says what their fields hold, their units and their bounds. Those that must be set up
// are so when they are made: `SceneOptions options; options.up = code(Up::Auto);`.

/// 4 x 4 numbers, row by row: a rotation and a translation in metres, last row 0 0 0 1.
using Pose = std::array<double, 16>;

/// A box with rotation: centre and sides in metres, a quaternion that turns its axes into the world's.
using Box = gnomon_box;
/// One cell of a map: what is known of it, heights in metres above the floor, ids.
using Cell = gnomon_cell;
/// What happened to a thing, with its receipt.
using Event = gnomon_event;
/// A thing that an answer rests on, and the frames that saw it.
using Evidence = gnomon_evidence;
/// Rows of pixels in the caller's memory.
using Image = gnomon_image;
/// A relation that began or ended with an update of a graph.
using GraphChange = gnomon_graph_change;
/// A relation of two things that holds, and its margin.
using GraphRelation = gnomon_graph_relation;
/// A camera, pixels, and its lens: see pinhole(), with_lens().
using Intrinsics = gnomon_intrinsics;
/// A statement with its verdict.
using Judgement = gnomon_judgement;
/// A frame that a Keeper keeps, and how many voxels it sees, with others and alone.
using Kept = gnomon_kept;
/// A kept frame; its pose in gnomon's world.
using Keyframe = gnomon_keyframe;
/// A label of a thing, and its share of the evidence.
using Label = gnomon_label;
/// A triplet that located what had a place already: how far the two places are apart, metres.
using Loop = gnomon_loop;
/// What somebody says to a vision-language model; see message().
using Message = gnomon_message;
/// Frames that follow each other; see video().
using Video = gnomon_video;
/// Where a picture lies in what a model saw of it, pixels; see whole().
using Fit = gnomon_fit;
/// A box or a point that a model says is in a picture, pixels counted from its edges.
using Grounded = gnomon_grounded;
/// What a reply took: tokens, nanoseconds, bytes.
using ReplyStatistics = gnomon_reply_statistics;
/// A thing outside the cells: bearing in degrees, right positive; distance in metres.
using MapBeyond = gnomon_map_beyond;
/// A thing in the cells: its centre and footprint in cells, x right, y ahead.
using MapObject = gnomon_map_object;
/// A thing: box, yaw, covariance, labels, stamps; metres and radians in gnomon's world.
using Object = gnomon_object;
/// A frame that was chosen: the how-manieth it was picked (-1: it fills up), and voxels that it added.
using Pick = gnomon_pick;
/// What a network says of one of the pictures that it saw together; see values(), confidence(), points().
using PictureView = gnomon_view;
/// Where a thing is on the ground, metres; see place().
using Place = gnomon_place;
/// How far told places are off, cells.
using PlacementError = gnomon_placement_error;
/// A point in the world, metres.
using Point = gnomon_point;
/// What a network runs on, and how many nodes of its graph that got; -1: ONNX Runtime does not tell.
using Provider = gnomon_provider;
/// A line that was left out of a text that was read, from 1, and why.
using Rejected = gnomon_rejected;
/// Whether a relation holds, and its margin.
using Relation = gnomon_relation;
/// A kept frame that sees something of a box, and how many voxels of it.
using Sight = gnomon_sight;
/// How long one stage of a scene took with the newest frame, seconds.
using StageTime = gnomon_stage_time;
/// What a stage of a pipeline did; times in seconds.
using StageStatistics = gnomon_stage;
/// A floor, wall or table top: the plane normal . p = offset_m, metres.
using Support = gnomon_support;
/// What became of a frame that a Keeper was offered.
using Swap = gnomon_swap;
/// How many there are of a category of which not every thing has a row.
using ToldCount = gnomon_told_count;
/// A thing as a row of a text tells it; see told_box(), told_first_seen_ns().
using ToldThing = gnomon_told_thing;
/// Stand at a, face b, locate c: grid coordinates, 0 to 10, x right, y ahead; a is at 5, 5.
using Triplet = gnomon_triplet;

/// Which pictures an Album keeps: how many, how far the camera moves between them.
using AlbumOptions = detail::Defaults<gnomon_album_options, gnomon_album_options_init>;
/// An answer in numbers.
using AnswerFacts = detail::Defaults<gnomon_answer_facts, gnomon_answer_facts_init>;
/// How a chain is built and written.
using ChainOptions = detail::Defaults<gnomon_chain_options, gnomon_chain_options_init>;
/// A map in numbers.
using CogMapFacts = detail::Defaults<gnomon_cogmap_facts, gnomon_cogmap_facts_init>;
/// Where the observer stands (world metres, radians) and how large a cell is (metres).
using CogMapOptions = detail::Defaults<gnomon_cogmap_options, gnomon_cogmap_options_init>;
/// A depth map in numbers: what they mean, its size, the camera that was told; see values(), confidence(), sky().
using DepthFacts = detail::Defaults<gnomon_depth_facts, gnomon_depth_facts_init>;
/// What is wanted of one picture: scores, overlap, how many.
using DetectOptions = detail::Defaults<gnomon_detect_options, gnomon_detect_options_init>;
/// What differs between two snapshots, in numbers.
using DiffFacts = detail::Defaults<gnomon_diff_facts, gnomon_diff_facts_init>;
/// What counts as a change, metres; and how things are found again.
using DiffOptions = detail::Defaults<gnomon_diff_options, gnomon_diff_options_init>;
/// What became of one frame.
using FrameReport = detail::Defaults<gnomon_frame_report, gnomon_frame_report_init>;
/// What an update of a graph did.
using GraphReport = detail::Defaults<gnomon_graph_report, gnomon_graph_report_init>;
/// A Keeper in numbers.
using KeeperFacts = detail::Defaults<gnomon_keeper_facts, gnomon_keeper_facts_init>;
/// How many frames a Keeper keeps, the edge of its voxels (metres), how long its log is.
using KeeperOptions = detail::Defaults<gnomon_keeper_options, gnomon_keeper_options_init>;
/// A layout in numbers: its gauge, how many places, loops and triplets without use.
using LayoutFacts = detail::Defaults<gnomon_layout_facts, gnomon_layout_facts_init>;
/// What a model will take of memory, bytes.
using ModelMemory = detail::Defaults<gnomon_model_memory, gnomon_model_memory_init>;
/// What a network is and what really runs it; see providers(), remarks().
using NetworkFacts = detail::Defaults<gnomon_network_facts, gnomon_network_facts_init>;
/// How a network is opened. Texts are borrowed for the call that opens it.
using NetworkOptions = detail::Defaults<gnomon_network_options, gnomon_network_options_init>;
/// Where a scene comes from, and what fell out of its rings; see Snapshot::inputs().
using Provenance = detail::Defaults<gnomon_provenance, gnomon_provenance_init>;
/// How a recording stands.
using RecordingFacts = detail::Defaults<gnomon_recording_facts, gnomon_recording_facts_init>;
/// What a vision-language model replied; see text(), token_ids(), prompt_ids(), grids().
using ReplyFacts = detail::Defaults<gnomon_reply_facts, gnomon_reply_facts_init>;
/// How a vision-language model is opened, beside NetworkOptions. Texts are borrowed for the call that opens it.
using VlmOptions = detail::Defaults<gnomon_vlm_options, gnomon_vlm_options_init>;
/// What a vision-language model is and what really runs it; see files(), providers(), remarks().
using VlmFacts = detail::Defaults<gnomon_vlm_facts, gnomon_vlm_facts_init>;
/// How long queues are, how long frames wait; nanoseconds.
using PipelineOptions = detail::Defaults<gnomon_pipeline_options, gnomon_pipeline_options_init>;
/// What became of all frames of a pipeline: `pushed` is `published`, `under_way` and all `dropped_*` together.
using PipelineStatistics = detail::Defaults<gnomon_pipeline_statistics, gnomon_pipeline_statistics_init>;
/// A frame that was published: stamp, camera, latency.
using PublishedFrame = detail::Defaults<gnomon_published, gnomon_published_init>;
/// Where relations draw their lines, metres; and who looks.
using RelationOptions = detail::Defaults<gnomon_relation_options, gnomon_relation_options_init>;
/// What a replay made: frames, how the recording ended, whether something was decided otherwise.
using ReplayFacts = detail::Defaults<gnomon_replay_facts, gnomon_replay_facts_init>;
/// What a model said to a question, in numbers; see Conversed.
using SaidFacts = detail::Defaults<gnomon_said_facts, gnomon_said_facts_init>;
/// A snapshot in numbers.
using SceneInfo = detail::Defaults<gnomon_scene_info, gnomon_scene_info_init>;
/// The up axis, noise of depth and poses, when things are believed; metres, radians, nanoseconds.
using SceneOptions = detail::Defaults<gnomon_scene_options, gnomon_scene_options_init>;

/// What chosen frames see together, voxels.
using SelectionFacts = detail::Defaults<gnomon_selection_facts, gnomon_selection_facts_init>;
/// How many frames are chosen, by voxels of which edge.
using SelectOptions = detail::Defaults<gnomon_select_options, gnomon_select_options_init>;

/// A pinhole camera without distortion: size of its images, focal lengths and principal point, all in pixels.
inline Intrinsics pinhole(std::uint32_t width, std::uint32_t height, double fx, double fy, double cx,
                          double cy) noexcept {
    Intrinsics camera{};
    camera.width = width;
    camera.height = height;
    camera.fx = fx;
    camera.fy = fy;
    camera.cx = cx;
    camera.cy = cy;
    return camera;
}

/// The camera with a lens. `coefficients` in the order of ROS and OpenCV, those left out are 0: k1 k2 p1 p2 k3, and
/// k4 k5 k6 of Lens::RationalPolynomial; k1 k2 k3 k4 of Lens::Equidistant. Throws Status::Argument for more.
inline Intrinsics with_lens(Intrinsics camera, Lens lens, span<const double> coefficients) {
    Intrinsics seen = pinhole(camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy);
    double *const fisheye[] = {&seen.k1, &seen.k2, &seen.k3, &seen.k4};
    double *const others[] = {&seen.k1, &seen.k2, &seen.p1, &seen.p2, &seen.k3, &seen.k4, &seen.k5, &seen.k6};
    const bool is_fisheye = lens == Lens::Equidistant;
    const std::size_t most = is_fisheye ? 4 : lens == Lens::PlumbBob ? 5 : 8;
    if (coefficients.size() > most)
        throw Error(Status::Argument, "with_lens: " + std::to_string(coefficients.size()) +
                                          " coefficients, the lens has at most " + std::to_string(most));
    seen.model = code(lens);
    for (std::size_t i = 0; i < coefficients.size(); i++) *(is_fisheye ? fisheye : others)[i] = coefficients[i];
    return seen;
}

/// An image of width x height pixels in the caller's memory, borrowed. `stride`: bytes from row to row, 0 for none
/// between them. Pixels need not be aligned. Of PixelFormat::Nv12, `height` is the picture's; its chroma follows at the
/// same stride.
inline Image image(PixelFormat format, span<const std::uint8_t> bytes, std::uint32_t width, std::uint32_t height,
                   std::size_t stride = 0) noexcept {
    Image seen{};
    seen.data = bytes.data();
    seen.len = bytes.size();
    seen.stride = stride;
    seen.width = width;
    seen.height = height;
    seen.format = code(format);
    return seen;
}

/// Depth along the optical axis in counts of Frame::depth_unit_m, by default millimetres; 0 and 65535: none.
inline Image depth_u16(span<const std::uint16_t> counts, std::uint32_t width, std::uint32_t height) noexcept {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(counts.data());
    return image(PixelFormat::DepthU16, {bytes, counts.size() * sizeof(std::uint16_t)}, width, height);
}

/// Depth along the optical axis in metres; NaN, infinite and <= 0: none.
inline Image depth_f32(span<const float> metres, std::uint32_t width, std::uint32_t height) noexcept {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(metres.data());
    return image(PixelFormat::DepthF32M, {bytes, metres.size() * sizeof(float)}, width, height);
}

/// What one camera saw at one moment: gnomon_frame.
struct Frame : detail::Defaults<gnomon_frame, gnomon_frame_init> {
    Frame() noexcept = default;
    /// `stamp`: nanoseconds on the caller's clock, rising per camera. `pose`: camera to the input's world.
    Frame(std::int64_t stamp, const Intrinsics &camera, const Pose &pose, const Image &seen_depth) noexcept {
        stamp_ns = stamp;
        intrinsics = camera;
        set_pose(pose);
        depth = seen_depth;
    }
    /// Sets world_from_camera.
    void set_pose(const Pose &pose) noexcept {
        for (std::size_t i = 0; i < pose.size(); i++) world_from_camera[i] = pose[i];
    }
};

/// What a detector says of one thing in a frame: gnomon_detection. Texts, masks and features are borrowed.
struct Detection : gnomon_detection {
    Detection() noexcept : gnomon_detection() {}
    /// `box`: x0, y0, x1, y1 in pixels of the colour image, x1 and y1 exclusive. `sureness`: 0 to 1.
    Detection(std::string_view name, float sureness, const std::array<float, 4> &box) noexcept : gnomon_detection() {
        label = str(name);
        score = sureness;
        for (std::size_t i = 0; i < box.size(); i++) bbox[i] = box[i];
    }
    /// A mask of width x height bytes, not 0 inside the thing, whose first byte lies at (x, y) of the colour image.
    void set_mask(span<const std::uint8_t> bytes, std::uint32_t x, std::uint32_t y, std::uint32_t width,
                  std::uint32_t height) noexcept {
        mask = bytes.data();
        mask_len = bytes.size();
        mask_x = x;
        mask_y = y;
        mask_width = width;
        mask_height = height;
    }
    /// The detector's feature of the thing: finite numbers, at most 65536.
    void set_feature(span<const float> numbers) noexcept {
        feature = numbers.data();
        feature_len = numbers.size();
    }
};
static_assert(sizeof(Detection) == sizeof(gnomon_detection), "arrays of them cross as they are");

/// A keyframe's corrected pose, camera to the input's world: gnomon_keyframe_pose.
struct KeyframePose : gnomon_keyframe_pose {
    KeyframePose(std::uint32_t keyframe, const Pose &pose) noexcept : gnomon_keyframe_pose() {
        id = keyframe;
        for (std::size_t i = 0; i < pose.size(); i++) world_from_camera[i] = pose[i];
    }
};
static_assert(sizeof(KeyframePose) == sizeof(gnomon_keyframe_pose), "arrays of them cross as they are");

/// What an operator says of one thing: gnomon_edit. Texts are borrowed; the thing is an id of a snapshot. `who` says it,
/// at `stamp` nanoseconds of the caller's clock.
struct Edit : gnomon_edit {
    Edit(EditKind what, std::uint64_t id, std::string_view by, std::int64_t stamp = 0) noexcept : gnomon_edit() {
        kind = code(what);
        thing = id;
        who = str(by);
        stamp_ns = stamp;
    }
    /// It has this name from now on, which has no # and no other has.
    static Edit rename(std::uint64_t id, std::string_view name, std::string_view by, std::int64_t stamp = 0) noexcept {
        return worded(EditKind::Rename, id, name, by, stamp);
    }
    /// It is one of these.
    static Edit relabel(std::uint64_t id, std::string_view label, std::string_view by, std::int64_t stamp = 0) noexcept {
        return worded(EditKind::Relabel, id, label, by, stamp);
    }
    /// It is none.
    static Edit remove(std::uint64_t id, std::string_view by, std::int64_t stamp = 0) noexcept {
        return {EditKind::Delete, id, by, stamp};
    }
    /// It is one with `into`, which lives on.
    static Edit merge(std::uint64_t id, std::uint64_t other, std::string_view by, std::int64_t stamp = 0) noexcept {
        Edit edit(EditKind::Merge, id, by, stamp);
        edit.into = other;
        return edit;
    }
    /// It stands exactly here, in gnomon's world.
    static Edit pin(std::uint64_t id, const Box &box, std::string_view by, std::int64_t stamp = 0) noexcept {
        Edit edit(EditKind::Pin, id, by, stamp);
        edit.obb = box;
        return edit;
    }
    /// It is where frames see it, again.
    static Edit unpin(std::uint64_t id, std::string_view by, std::int64_t stamp = 0) noexcept {
        return {EditKind::Unpin, id, by, stamp};
    }

private:
    static Edit worded(EditKind what, std::uint64_t id, std::string_view said, std::string_view by,
                       std::int64_t stamp) noexcept {
        Edit edit(what, id, by, stamp);
        edit.word = str(said);
        return edit;
    }
};

/// The points that one frame sees, x, y, z of each, in a frame common to all: gnomon_point_map. Borrowed.
struct PointMap : gnomon_point_map {
    /// `sureness`: one number a point, larger is surer; without it every point counts.
    explicit PointMap(span<const float> xyz, span<const float> sureness = {}) noexcept : gnomon_point_map() {
        points = xyz.data();
        points_len = xyz.size() / 3;
        confidence = sureness.data();
        confidence_len = sureness.size();
    }
};
static_assert(sizeof(PointMap) == sizeof(gnomon_point_map), "arrays of them cross as they are");

/// The voxels that one frame sees, by numbers of the caller's: gnomon_voxel_set. Borrowed.
struct VoxelSet : gnomon_voxel_set {
    explicit VoxelSet(span<const std::uint64_t> numbers) noexcept : gnomon_voxel_set() {
        voxels = numbers.data();
        len = numbers.size();
    }
};
static_assert(sizeof(VoxelSet) == sizeof(gnomon_voxel_set), "arrays of them cross as they are");
static_assert(sizeof(Frame) == sizeof(gnomon_frame), "arrays of them cross as they are");

/// A question in types: gnomon_question. What it points to is borrowed: `things` must outlive the call.
struct Question : detail::Defaults<gnomon_question, gnomon_question_init> {
    /// Asks `what` of `named` things, in the order that gnomon.h tells beside GNOMON_ASK_*: see strs().
    explicit Question(Ask what, span<const gnomon_str> named = {}) noexcept {
        ask = code(what);
        things = named.data();
        things_len = named.size();
    }
};

/// What triplets leave open: where a layout begins, which way it faces, and one length: gnomon_gauge. All of the first
/// triplet where nothing is given.
struct Gauge : detail::Defaults<gnomon_gauge, gnomon_gauge_init> {
    Gauge() noexcept = default;
    /// The thing at 0, 0, the thing straight ahead of it, and how far apart they are. Names are borrowed.
    Gauge(std::string_view at, std::string_view towards, double metres) noexcept {
        origin = str(at);
        ahead = str(towards);
        baseline_m = metres;
    }
};

/// What a graph compares: gnomon_graph_options.
struct GraphOptions : detail::Defaults<gnomon_graph_options, gnomon_graph_options_init> {
    GraphOptions() noexcept = default;
    GraphOptions(const GraphOptions &) = default;
    GraphOptions &operator=(const GraphOptions &) = default;
    /// Sets the thresholds; kept here, so that nothing need outlive these options.
    void set_relations(const RelationOptions &lines) {
        lines_ = std::make_shared<const RelationOptions>(lines);
        relations = lines_.get();
    }

private:
    std::shared_ptr<const RelationOptions> lines_; // copied when moved: what was moved from stays whole
};

/// A place of truth: world x and y, metres. `name` is borrowed.
inline Place place(std::string_view name, double x, double y) noexcept { return Place{str(name), {x, y}}; }

/// A number for a side of a graph's tensors that has a name alone. `name` is borrowed.
inline gnomon_side side(std::string_view name, std::uint64_t size) noexcept { return gnomon_side{str(name), size}; }

/// What a network was registered with, in order; lives as long as the network.
inline span<const Provider> providers(const gnomon_network_facts &facts) noexcept {
    return {facts.providers, facts.providers_len};
}

/// What a vision-language model's decoder runs on, in order; lives as long as the model.
inline span<const Provider> providers(const gnomon_vlm_facts &facts) noexcept {
    return {facts.providers, facts.providers_len};
}

/// The files of a vision-language model's graphs: embedding, vision, decoder; live as long as the model.
inline span<const gnomon_str> files(const gnomon_vlm_facts &facts) noexcept { return {facts.files, facts.files_len}; }

/// What somebody says, with so many of the request's pictures and videos before the words. `text` is borrowed.
inline Message message(Role role, std::string_view text, std::uint32_t images = 0, std::uint32_t videos = 0) noexcept {
    return Message{str(text), code(role), images, videos, 0};
}

/// Frames that follow each other, `fps` of them in a second. They are borrowed.
inline Video video(span<const Image> frames, double fps) noexcept { return Video{frames.data(), frames.size(), fps}; }

/// The words of a reply; live as long as its job.
inline std::string_view text(const gnomon_reply_facts &reply) noexcept { return view(reply.text); }

/// The tokens of a reply, the one that ended it included; live as long as its job.
inline span<const std::uint32_t> token_ids(const gnomon_reply_facts &reply) noexcept {
    return {reply.token_ids, reply.token_ids_len};
}

/// The tokens of the prompt, pictures' among them; live as long as the job.
inline span<const std::uint32_t> prompt_ids(const gnomon_reply_facts &reply) noexcept {
    return {reply.prompt_ids, reply.prompt_ids_len};
}

/// Frames, rows and columns of patches of each picture and video, one after another; live as long as the job.
inline span<const std::uint32_t> grids(const gnomon_reply_facts &reply) noexcept {
    return {reply.grids, 3 * reply.grids_len};
}

/// The fit of a model's words that are in shares, thousandths or percent of a whole picture of this size.
inline Fit whole(std::uint32_t width, std::uint32_t height) noexcept {
    return Fit{width, height, width, height, 0, 0, width, height};
}

/// One number a pixel, row after row, 0: none there; live as long as the views.
inline span<const float> values(const gnomon_view &seen) noexcept { return {seen.values, seen.pixels}; }

/// How sure the network is of each pixel, in its own measure; empty where it does not tell.
inline span<const float> confidence(const gnomon_view &seen) noexcept {
    return {seen.confidence, seen.confidence ? seen.pixels : 0};
}

/// x, y, z of each pixel's point in the network's world, in units of values, NaN: none there; empty where there are none.
inline span<const float> points(const gnomon_view &seen) noexcept {
    return {seen.points, seen.points ? 3 * seen.pixels : 0};
}

/// How sure the network is of each point; empty where it does not tell.
inline span<const float> points_confidence(const gnomon_view &seen) noexcept {
    return {seen.points_confidence, seen.points_confidence ? seen.pixels : 0};
}

/// What is not as it was asked for, in sentences; live as long as what the facts are of.
inline span<const gnomon_str> remarks(const gnomon_network_facts &facts) noexcept {
    return {facts.remarks, facts.remarks_len};
}
inline span<const gnomon_str> remarks(const gnomon_depth_facts &facts) noexcept {
    return {facts.remarks, facts.remarks_len};
}
inline span<const gnomon_str> remarks(const gnomon_vlm_facts &facts) noexcept {
    return {facts.remarks, facts.remarks_len};
}

/// One number a pixel, row after row, 0: none there; lives as long as the map.
inline span<const float> values(const gnomon_depth_facts &facts) noexcept { return {facts.values, facts.pixels}; }

/// How sure the network is of each pixel, in its own measure; empty where it does not tell.
inline span<const float> confidence(const gnomon_depth_facts &facts) noexcept {
    return {facts.confidence, facts.confidence == nullptr ? 0 : facts.pixels};
}

/// 1 for each pixel that is sky; empty where the network does not tell.
inline span<const std::uint8_t> sky(const gnomon_depth_facts &facts) noexcept {
    return {facts.sky, facts.sky == nullptr ? 0 : facts.pixels};
}

/// The camera that a depth network believes to see through, where it tells one.
inline std::optional<Intrinsics> camera(const gnomon_depth_facts &facts) noexcept {
    return facts.has_camera == 0 ? std::nullopt : std::optional<Intrinsics>(facts.intrinsics);
}

/// The numbers of an answer's value, metres whatever the unit of the question; live as long as the answer.
inline span<const double> numbers(const gnomon_answer_facts &facts) noexcept {
    return {facts.numbers, facts.numbers_len};
}

/// The words of an answer's value; live as long as the answer.
inline span<const gnomon_str> words(const gnomon_answer_facts &facts) noexcept {
    return {facts.words, facts.words_len};
}

/// Index of the option that the answer chose, from 0.
inline std::optional<std::size_t> option(const gnomon_answer_facts &facts) noexcept {
    return facts.option < 0 ? std::nullopt : std::optional<std::size_t>(static_cast<std::size_t>(facts.option));
}

/// Where a measure lies with 90 % probability, in the units of the numbers.
inline std::optional<std::array<double, 2>> spread(const gnomon_answer_facts &facts) noexcept {
    if (facts.has_spread == 0) return std::nullopt;
    return std::array<double, 2>{facts.spread[0], facts.spread[1]};
}

/// Probability that the statement is true, where the map can tell one.
inline std::optional<double> probability(const gnomon_judgement &judgement) noexcept {
    return judgement.has_probability == 0 ? std::nullopt : std::optional<double>(judgement.probability);
}

/// The box that a row tells, to a centimetre and a degree, where it tells one.
inline std::optional<Box> told_box(const gnomon_told_thing &thing) noexcept {
    return thing.told == GNOMON_TOLD_BOX ? std::optional<Box>(thing.obb) : std::nullopt;
}

/// When a row says the thing was first seen, nanoseconds after the first thing of the scene.
inline std::optional<std::int64_t> told_first_seen_ns(const gnomon_told_thing &thing) noexcept {
    return thing.has_first_seen == 0 ? std::nullopt : std::optional<std::int64_t>(thing.first_seen_ns);
}

/// The detector's feature of a thing's best view; lives as long as the snapshot.
inline span<const float> feature(const gnomon_object &object) noexcept { return {object.feature, object.feature_len}; }

/// Ids of the things whose footprint touches a cell, ascending; live as long as the map.
inline span<const std::uint64_t> ids(const gnomon_cell &cell) noexcept { return {cell.objects, cell.objects_len}; }

/// Corners of a footprint, x and y in cells by turns; live as long as the map.
inline span<const double> footprint(const gnomon_map_object &object) noexcept {
    return {object.footprint, 2 * object.corners};
}
inline span<const double> footprint(const gnomon_map_beyond &beyond) noexcept {
    return {beyond.footprint, 2 * beyond.corners};
}

// ---- handles ------------------------------------------------------------------------------------------------------

/// A text of the library's; depends on nothing else. const methods: any number of threads at a time.
class Text : public detail::Handle<gnomon_text> {
public:
    using Handle::Handle;
    /// The text; lives as long as this object.
    std::string_view view() const & { return detail::text(gnomon_text_view, get()); }
    std::string view() const && { return std::string(view()); }
};

/// Groups of words that mean the same. One add() at a time; goes into AskOptions::set_vocabulary().
class Vocabulary : public detail::Handle<gnomon_vocabulary> {
public:
    using Handle::Handle;
    /// The words that gnomon knows ("couch" for "sofa").
    Vocabulary() : Vocabulary(1u) {}
    /// No words at all: what is not added means itself alone.
    static Vocabulary without_words() { return Vocabulary(0u); }
    /// Adds 2 to 256 words that mean the same: names of categories, in singular or plural. At most 4096 times.
    void add(const std::vector<std::string_view> &words) {
        const std::vector<gnomon_str> same = strs(words);
        detail::check(gnomon_vocabulary_add(get(), same.data(), same.size()));
    }

private:
    explicit Vocabulary(std::uint32_t common)
        : Handle(detail::made<gnomon_vocabulary>([&](auto out) {
              check_library();
              return gnomon_vocabulary_new(common, out);
          })) {}
};

/// How a scene is asked: view, thresholds, words: gnomon_ask_options. Copies share the vocabulary.
struct AskOptions : detail::Defaults<gnomon_ask_options, gnomon_ask_options_init> {
    AskOptions() noexcept = default;
    AskOptions(const AskOptions &) = default;
    AskOptions &operator=(const AskOptions &) = default;
    /// Takes over the vocabulary, which lives as long as these options and their copies. Throws Status::Argument for an
    /// empty one.
    void set_vocabulary(Vocabulary words) {
        if (!words) throw Error(Status::Argument, "AskOptions::set_vocabulary: the vocabulary was moved from");
        words_ = std::make_shared<const Vocabulary>(std::move(words));
        vocabulary = words_->get();
    }
    /// Sets the thresholds of near, on, inside and the like; kept here, so that nothing need outlive these options.
    void set_relations(const RelationOptions &lines) {
        lines_ = std::make_shared<const RelationOptions>(lines);
        relations = lines_.get();
    }

private:
    std::shared_ptr<const Vocabulary> words_; // copied when moved: what was moved from stays whole
    std::shared_ptr<const RelationOptions> lines_;
};

/// What was answered, with its evidence; never changes, outlives its snapshot. Any number of threads at a time.
class Answer : public detail::Handle<gnomon_answer> {
public:
    using Handle::Handle;
    /// Whether it is known, the value, the margin, the probability; see numbers(), words(), option(), spread().
    AnswerFacts info() const & {
        return detail::written<AnswerFacts>([&](auto *out) { return gnomon_answer_info(get(), out); });
    }
    void info() const && = delete;
    /// The things it rests on, in the order in which the question names them.
    std::vector<Evidence> evidence() const & { return detail::list(gnomon_answer_evidence, get()); }
    void evidence() const && = delete;
    /// A sentence: what, how surely, how close the call, from what.
    std::string_view text() const & { return detail::text(gnomon_answer_text, get()); }
    std::string text() const && { return std::string(text()); }
    /// As benchmarks want it: the option's letter, the number in the unit asked for, or the word; "unknown" without.
    std::string_view brief() const & { return detail::text(gnomon_answer_short, get()); }
    std::string brief() const && { return std::string(brief()); }
    /// The whole answer as JSON, with the question as it was understood.
    std::string_view json() const & { return detail::text(gnomon_answer_json, get()); }
    std::string json() const && { return std::string(json()); }
};

/// Statements with their verdicts; never change, outlive their snapshot. Any number of threads at a time.
class Judgements : public detail::Handle<gnomon_judgements> {
public:
    using Handle::Handle;
    /// One for each claim and each clause without one, in the order of the text.
    std::vector<Judgement> list() const & { return detail::list(gnomon_judgements_list, get()); }
    void list() const && = delete;
    /// A JSON array: each claim as it was understood, the measured value and its evidence.
    std::string_view json() const & { return detail::text(gnomon_judgements_json, get()); }
    std::string json() const && { return std::string(json()); }
};

/// What is around the observer, 10 x 10 cells: a LocalCogMap; never changes, outlives its snapshot. Any number of
/// threads at a time.
class CogMap : public detail::Handle<gnomon_cogmap> {
public:
    using Handle::Handle;
    /// Where the observer stands (world metres, radians), metres per cell, how many things.
    CogMapFacts info() const {
        return detail::written<CogMapFacts>([&](auto *out) { return gnomon_cogmap_info(get(), out); });
    }
    /// The 100 cells; (i, j), i to the right and j ahead, is at 10 j + i.
    std::vector<Cell> cells() const & { return detail::list(gnomon_cogmap_cells, get()); }
    void cells() const && = delete;
    /// Things whose centre is in a cell, by ascending id.
    std::vector<MapObject> objects() const & { return detail::list(gnomon_cogmap_objects, get()); }
    void objects() const && = delete;
    /// Things whose centre is outside the cells, nearest first, at most 64.
    std::vector<MapBeyond> beyond() const & { return detail::list(gnomon_cogmap_beyond, get()); }
    void beyond() const && = delete;
    /// One line for a language model.
    std::string_view text() const & { return detail::text(gnomon_cogmap_text, get()); }
    std::string text() const && { return std::string(text()); }
    /// The whole map as JSON.
    std::string_view json() const & { return detail::text(gnomon_cogmap_json, get()); }
    std::string json() const && { return std::string(json()); }
    /// For a terminal, several lines.
    std::string_view ascii() const & { return detail::text(gnomon_cogmap_ascii, get()); }
    std::string ascii() const && { return std::string(ascii()); }
    /// An SVG picture.
    std::string_view svg() const & { return detail::text(gnomon_cogmap_svg, get()); }
    std::string svg() const && { return std::string(svg()); }
    /// The bytes of a PNG picture; live as long as the map.
    span<const std::uint8_t> png() const & {
        const std::uint8_t *data = nullptr;
        std::size_t size = 0;
        detail::check(gnomon_cogmap_png(get(), &data, &size));
        return {data, size};
    }
    void png() const && = delete;
};

/// Places composed of triplets; never changes, depends on nothing else. Any number of threads at a time.
class Layout : public detail::Handle<gnomon_layout> {
public:
    using Handle::Handle;
    /// Its gauge, how many places, loops and triplets without use.
    LayoutFacts info() const & {
        return detail::written<LayoutFacts>([&](auto *out) { return gnomon_layout_info(get(), out); });
    }
    void info() const && = delete;
    /// The places, by name: metres to the right of the gauge's first thing, and ahead.
    std::vector<Place> places() const & { return detail::list(gnomon_layout_places, get()); }
    void places() const && = delete;
    /// How well triplets agree that locate one thing again, in the order in which they were composed.
    std::vector<Loop> loops() const { return detail::list(gnomon_layout_loops, get()); }
    /// How far it is from the truth, cells of `cell_m` metres; the truth must hold the gauge's two things.
    PlacementError error(span<const Place> truth, double cell_m) const {
        return detail::written<PlacementError>([&](PlacementError *out) {
            return gnomon_layout_error(get(), truth.data(), sizeof(Place), truth.size(), cell_m, out, sizeof *out);
        });
    }
};

/// What was read of a text of triplets; never changes, depends on nothing else. Any number of threads at a time.
class Triplets : public detail::Handle<gnomon_triplets> {
public:
    using Handle::Handle;
    /// Reads lines of a chain, or what a model made of them. `known` are the names there are; without any, all are
    /// taken. A text of which nothing can be read is no error: see rejected().
    static Triplets read(std::string_view text, const std::vector<std::string_view> &known = {}) {
        check_library();
        const std::vector<gnomon_str> names = strs(known);
        return Triplets(detail::made<gnomon_triplets>([&](auto out) {
            return gnomon_triplets_read(str(text), names.data(), names.size(), out);
        }));
    }
    /// The triplets, in the order of the text.
    std::vector<Triplet> list() const & { return detail::list(gnomon_triplets_list, get()); }
    void list() const && = delete;
    /// The first 1000 lines that were left out, and why.
    std::vector<Rejected> rejected() const & { return detail::rejected(gnomon_triplets_rejected, get()); }
    void rejected() const && = delete;
    /// How many lines were left out in all.
    std::size_t rejected_in_all() const { return detail::rejected_in_all(gnomon_triplets_rejected, get()); }
    /// Composes them to places. Throws Status::Argument where the gauge is left to a first triplet that is not there or
    /// tells no length.
    Layout layout(const Gauge &gauge = {}) const {
        return Layout(detail::made<gnomon_layout>([&](auto out) {
            return gnomon_layout_compose(get(), &gauge, out);
        }));
    }
    /// How far they are from the truth, each in the cells of its own grid; `truth` in the order in which things were
    /// first seen.
    PlacementError error(span<const Place> truth) const {
        return detail::written<PlacementError>([&](PlacementError *out) {
            return gnomon_triplets_error(get(), truth.data(), sizeof(Place), truth.size(), out, sizeof *out);
        });
    }
};

/// A scene as a text tells it; never changes, depends on nothing else. Any number of threads at a time.
class Told : public detail::Handle<gnomon_told> {
public:
    using Handle::Handle;
    /// Reads what Snapshot::text() wrote, or what a model repeated of it. A text of which nothing can be read is no
    /// error: see rejected().
    static Told read(std::string_view text) {
        check_library();
        return Told(detail::made<gnomon_told>([&](auto out) { return gnomon_told_read(str(text), out); }));
    }
    /// The things that have a row, in the order of the text.
    std::vector<ToldThing> things() const & { return detail::list(gnomon_told_things, get()); }
    void things() const && = delete;
    /// The categories that are counted, in the order of the text.
    std::vector<ToldCount> counts() const & { return detail::list(gnomon_told_counts, get()); }
    void counts() const && = delete;
    /// The triplets, in the order of the text.
    std::vector<Triplet> triplets() const & { return detail::list(gnomon_told_triplets, get()); }
    void triplets() const && = delete;
    /// The first 1000 lines that were left out, and why.
    std::vector<Rejected> rejected() const & { return detail::rejected(gnomon_told_rejected, get()); }
    void rejected() const && = delete;
    /// How many lines were left out in all.
    std::size_t rejected_in_all() const { return detail::rejected_in_all(gnomon_told_rejected, get()); }
    /// Area of the floor, m^2, where the text tells it.
    std::optional<double> room_area_m2() const {
        const auto area = detail::written<double>([&](double *out) { return gnomon_told_room_area(get(), out); });
        return area > 0 ? std::optional<double>(area) : std::nullopt;
    }
    /// Answers a question in words from the text alone, which is taken for complete; else as Snapshot::ask().
    Answer ask(std::string_view question, const std::vector<std::string_view> &choices = {},
               const AskOptions &options = {}) const {
        const std::vector<gnomon_str> offered = strs(choices);
        return Answer(detail::made<gnomon_answer>([&](auto out) {
            return gnomon_told_ask(get(), str(question), offered.data(), offered.size(), &options, out);
        }));
    }
};

class Chain;
struct Replayed;

/// What differs between two snapshots: in numbers, in words with a line for each change, and as JSON.
struct SceneDiff {
    DiffFacts facts;
    std::string words;
    std::string json;
};

/// Counts what a text costs, tokens of a model say; called on the thread that asks, within the call. May throw: the
/// call then throws the same. Must say the same for the same text.
using Count = std::function<std::size_t(std::string_view text)>;

/// The scene at one moment: never changes, needs no lock, outlives its scene. Any number of threads at a time.
class Snapshot : public detail::Handle<gnomon_snapshot> {
public:
    using Handle::Handle;
    /// Another object for the same moment: shares, copies nothing.
    Snapshot clone() const {
        return Snapshot(detail::made<gnomon_snapshot>([&](auto out) { return gnomon_snapshot_clone(get(), out); }));
    }
    /// Stamps, counts, the floor, the newest camera's pose (world metres).
    SceneInfo info() const {
        return detail::written<SceneInfo>([&](auto *out) { return gnomon_snapshot_info(get(), out); });
    }
    /// Every thing, by ascending id.
    std::vector<Object> objects() const & { return detail::list(gnomon_snapshot_objects, get()); }
    void objects() const && = delete;
    /// The thing with this id, if there is one.
    std::optional<Object> find(std::uint64_t id) const & {
        return found([&](Object *out) { return gnomon_snapshot_object(get(), id, out, sizeof *out); });
    }
    void find(std::uint64_t id) const && = delete;
    /// The thing with this name ("chair#2"), if there is one.
    std::optional<Object> find(std::string_view name) const & {
        return found([&](Object *out) { return gnomon_snapshot_object_named(get(), str(name), out, sizeof *out); });
    }
    void find(std::string_view name) const && = delete;
    /// Every label of one thing, most probable first. Throws Status::State for an id that is not there.
    std::vector<Label> labels(std::uint64_t id) const & { return detail::list(gnomon_snapshot_labels, get(), id); }
    void labels(std::uint64_t id) const && = delete;
    /// Floors, walls and table tops, by ascending id.
    std::vector<Support> supports() const { return detail::list(gnomon_snapshot_supports, get()); }
    /// Outline of one support (world metres), counter-clockwise seen from its normal's side. Throws Status::State for
    /// an id that is not there.
    std::vector<Point> polygon(std::uint32_t support_id) const {
        return detail::list(gnomon_snapshot_polygon, get(), support_id);
    }
    /// Kept frames, oldest first; poses in gnomon's world.
    std::vector<Keyframe> keyframes() const { return detail::list(gnomon_snapshot_keyframes, get()); }
    /// Events with this sequence number and later, oldest first; SceneInfo::next_event tells where to go on.
    std::vector<Event> events(std::uint64_t since = 0) const {
        return detail::list(gnomon_snapshot_events, get(), since);
    }
    /// The whole snapshot as the text of a scene.json.
    std::string_view json() const & { return detail::text(gnomon_snapshot_json, get()); }
    std::string json() const && { return std::string(json()); }

    /// Edits with this sequence number and later, oldest first.
    std::vector<gnomon_edit> edits(std::uint64_t since = 0) const & {
        return detail::list(gnomon_snapshot_edits, get(), since);
    }
    void edits(std::uint64_t since = 0) const && = delete;
    /// Where the scene comes from, and what fell out of its rings.
    Provenance provenance() const & {
        return detail::written<Provenance>([&](auto *out) { return gnomon_snapshot_provenance(get(), out); });
    }
    void provenance() const && = delete;
    /// What went into the scene, as Scene::set_inputs() named it.
    std::vector<std::string> inputs() const {
        std::vector<std::string> all;
        const std::uint64_t n = provenance().inputs;
        for (std::uint64_t at = 0; at < n; at++)
            all.emplace_back(view(detail::written<gnomon_str>([&](gnomon_str *out) {
                return gnomon_snapshot_input(get(), at, out);
            })));
        return all;
    }

    /// Reads a saved scene, packed or not. Throws Status::Io for a file that is missing, cut, altered or none,
    /// Status::Unsupported for one of a newer version.
    static Snapshot load(std::string_view path) {
        check_library();
        return Snapshot(detail::made<gnomon_snapshot>([&](auto out) { return gnomon_snapshot_load(str(path), out); }));
    }
    /// Saves it as scene.json, packed where the path ends with .zst; returns the bytes of the file, which is there
    /// whole or as it was.
    std::uint64_t save(std::string_view path) const { return save_with(nullptr, path); }
    /// Likewise, with what the chain's readers were told, for Chain::load().
    std::uint64_t save(std::string_view path, const Chain &told) const;
    /// Another snapshot, with what an operator says: for a scene that was saved. Throws Status::Unsupported for
    /// EditKind::Unpin.
    Snapshot edit(const Edit &said) const {
        return Snapshot(detail::made<gnomon_snapshot>([&](auto out) {
            return gnomon_snapshot_edit(get(), &said, sizeof(gnomon_edit), out);
        }));
    }
    /// What differs between this snapshot and a later one of the same world.
    SceneDiff diff(const Snapshot &after, const DiffOptions &options = {}) const {
        SceneDiff found;
        gnomon_text *raw_words = nullptr, *raw_json = nullptr;
        const gnomon_status status =
            gnomon_snapshot_diff(get(), after.get(), &options, &found.facts, &raw_words, &raw_json);
        const Text words(raw_words), json(raw_json);
        detail::check(status);
        found.words = std::string(words.view());
        found.json = std::string(json.view());
        return found;
    }

    /// The map round an observer: by default the newest camera, cells of 0.5 m. Throws Status::State for an id in the
    /// options that is not there.
    CogMap cogmap(const CogMapOptions &options = {}) const {
        return CogMap(detail::made<gnomon_cogmap>([&](auto out) {
            return gnomon_cogmap_observer(get(), &options, out);
        }));
    }
    /// Answers a question in words; `choices` are what may be answered, at most 64. What cannot be answered is an
    /// answer too: unknown, and why.
    Answer ask(std::string_view question, const std::vector<std::string_view> &choices = {},
               const AskOptions &options = {}) const {
        const std::vector<gnomon_str> offered = strs(choices);
        return Answer(detail::made<gnomon_answer>([&](auto out) {
            return gnomon_ask(get(), str(question), offered.data(), offered.size(), &options, out);
        }));
    }
    /// Answers a question in types; else as above.
    Answer ask(const Question &question, const AskOptions &options = {}) const {
        return Answer(detail::made<gnomon_answer>([&](auto out) {
            return gnomon_ask_typed(get(), &question, &options, out);
        }));
    }
    /// Holds statements of others, such as a language model, against the snapshot; at most 16 KiB, 256 clauses.
    Judgements check(std::string_view statements, const AskOptions &options = {}) const {
        return Judgements(detail::made<gnomon_judgements>([&](auto out) {
            return gnomon_check(get(), str(statements), &options, out);
        }));
    }
    /// The scene as text for a language model, one line a thing, as much as fits into `budget` of what `count` counts
    /// (without one: bytes), first what the question needs; an empty question gives all things an equal chance.
    Text text(std::string_view question, std::size_t budget, const Count &count = {},
              const AskOptions &options = {}) const {
        Counting counting{&count, nullptr};
        gnomon_text *raw = nullptr;
        const gnomon_status status =
            gnomon_scene_text(get(), str(question), budget, count ? counted : nullptr, &counting, &options, &raw);
        Text owned(raw);
        if (counting.thrown) {
            detail::thrown_by_log() = nullptr;
            std::rethrow_exception(counting.thrown);
        }
        detail::check(status);
        return owned;
    }
    /// Whether things a and b stand in a relation, and by how much; `c` is looked at for Between alone. Throws
    /// Status::State for an id that is not there, Status::Argument for one thing twice.
    Relation relation(RelationKind kind, std::uint64_t a, std::uint64_t b, std::uint64_t c = 0,
                      const RelationOptions &options = {}) const {
        return detail::written<Relation>([&](Relation *out) {
            return gnomon_relation_of(get(), code(kind), a, b, c, &options, out, sizeof *out);
        });
    }

private:
    std::uint64_t save_with(const gnomon_chain *told, std::string_view path) const {
        return detail::written<std::uint64_t>([&](std::uint64_t *bytes) {
            return gnomon_snapshot_save(get(), told, str(path), bytes);
        });
    }
    struct Counting {
        const Count *count;
        std::exception_ptr thrown;
    };
    static std::size_t counted(void *user, gnomon_str text) noexcept {
        Counting &counting = *static_cast<Counting *>(user);
        if (counting.thrown) return 0;
        try {
            return (*counting.count)(gnomon::view(text));
        } catch (...) {
            counting.thrown = std::current_exception();
            return 0;
        }
    }
    template <class Call>
    static std::optional<Object> found(const Call &call) {
        Object out{};
        const gnomon_status status = call(&out);
        if (status == GNOMON_E_STATE && !detail::thrown_by_log()) return std::nullopt;
        detail::check(status);
        return out;
    }
};

/// The map of things: frames go in, snapshots come out. One writer at a time; snapshot() at any time.
class Scene : public detail::Handle<gnomon_scene> {
public:
    using Handle::Handle;
    /// An empty scene.
    explicit Scene(const SceneOptions &options = {})
        : Handle(detail::made<gnomon_scene>([&](auto out) {
              check_library();
              return gnomon_scene_new(&options, out);
          })) {}
    /// Takes in one frame and what a detector found in it, at most 4096. Readers see it after publish().
    FrameReport integrate(const Frame &frame, span<const Detection> detections = {}) {
        FrameReport report;
        detail::check(gnomon_scene_integrate(get(), &frame, detections.data(), sizeof(Detection), detections.size(),
                                             &report));
        return report;
    }
    /// Makes what is believed now visible to readers, and hands it out.
    Snapshot publish() {
        return Snapshot(detail::made<gnomon_snapshot>([&](auto out) { return gnomon_scene_publish(get(), out); }));
    }
    /// The newest published snapshot, an empty one before the first. Any thread, any number at a time: how readers
    /// follow a writer. Never waits for integrate().
    Snapshot snapshot() const {
        return Snapshot(detail::made<gnomon_snapshot>([&](auto out) { return gnomon_scene_snapshot(get(), out); }));
    }
    /// How long each stage took with the newest frame, and with the newest publication: a diagnosis. Their names live as
    /// long as the library. Throws Status::Busy while a frame is taken in.
    std::vector<StageTime> stage_times() {
        return detail::listed<StageTime>([&](StageTime *out, std::size_t *n) {
            return gnomon_scene_stage_times(get(), out, sizeof(StageTime), n);
        });
    }
    /// Moves keyframes, and what hangs on them, to corrected poses, at most 1048576.
    void update_poses(span<const KeyframePose> poses) {
        detail::check(gnomon_scene_update_poses(get(), poses.data(), sizeof(KeyframePose), poses.size()));
    }
    /// Takes in what an operator says of one thing, to be shown with the next publish(). It holds against what frames
    /// say later.
    void edit(const Edit &said) { detail::check(gnomon_scene_edit(get(), &said, sizeof(gnomon_edit))); }
    /// Names what goes in, at most 64 words: sequences, cameras, detectors. Before record().
    void set_inputs(const std::vector<std::string_view> &inputs) {
        const std::vector<gnomon_str> named = strs(inputs);
        detail::check(gnomon_scene_set_inputs(get(), named.data(), named.size()));
    }

    /// Records from here on what the scene is given and decides, into a new file of at most `most_bytes`. Before the
    /// first frame, once. What becomes of the file later does not stop the scene: see recording().
    void record(std::string_view path, std::uint64_t most_bytes = std::uint64_t{8} << 30) {
        detail::check(gnomon_scene_record(get(), str(path), most_bytes));
    }
    /// How the recording stands. Throws Status::Busy while a frame is taken in.
    RecordingFacts recording() {
        return detail::written<RecordingFacts>([&](auto *out) { return gnomon_scene_recording(get(), out, nullptr); });
    }
    /// Why the recording ended before it was asked to; empty where it did not.
    std::string why_recording_ended() {
        RecordingFacts facts;
        return std::string(Text(detail::made<gnomon_text>([&](auto out) {
                               return gnomon_scene_recording(get(), &facts, out);
                           })).view());
    }
    /// Ends the recording; the scene goes on. Without this a recording lacks its end, and is replayed all the same.
    void end_recording() { detail::check(gnomon_scene_record_end(get())); }
    /// Makes the scene of a recording again, byte for byte with the version that recorded; frames may go on from there.
    static Replayed replay(std::string_view path);
};

/// A scene that was made of a recording, what came of it, and the same in words, a line each.
struct Replayed {
    Scene scene;
    ReplayFacts facts;
    std::string words;
};

inline Replayed Scene::replay(std::string_view path) {
    check_library();
    ReplayFacts facts;
    gnomon_text *raw_words = nullptr;
    gnomon_scene *raw = nullptr;
    const gnomon_status status = gnomon_replay(str(path), &facts, &raw_words, &raw);
    const Text words(raw_words);
    Scene scene(raw);
    detail::check(status);
    return Replayed{std::move(scene), facts, std::string(words.view())};
}

/// A scene told as triplets, kept up to date. One update at a time; text() at any time.
class Chain : public detail::Handle<gnomon_chain> {
public:
    /// How many lines there are after an update, and how many of them are new or differ from before.
    struct Change {
        std::size_t lines_changed = 0;
        std::size_t lines = 0;
    };
    using Handle::Handle;
    /// The chain of nothing.
    explicit Chain(const ChainOptions &options = {})
        : Handle(detail::made<gnomon_chain>([&](auto out) {
              check_library();
              return gnomon_chain_new(&options, out);
          })) {}
    /// The chain that Snapshot::save() saved with a scene, with the lines it had. The options' bounds are not looked at.
    /// Throws Status::State where none was saved.
    static Chain load(std::string_view path, const ChainOptions &options = {}) {
        check_library();
        return Chain(detail::made<gnomon_chain>([&](auto out) { return gnomon_chain_load(str(path), &options, out); }));
    }
    /// Brings it up to what the snapshot shows. Give it snapshots of one scene, in their order.
    Change update(const Snapshot &snapshot) {
        Change change;
        detail::check(gnomon_chain_update(get(), snapshot.get(), &change.lines_changed, &change.lines));
        return change;
    }
    /// The lines after the newest update, each with its line break.
    Text text() const {
        return Text(detail::made<gnomon_text>([&](auto out) { return gnomon_chain_text(get(), out); }));
    }
};

inline std::uint64_t Snapshot::save(std::string_view path, const Chain &told) const {
    if (!told) throw Error(Status::Argument, "Snapshot::save: the chain was moved from");
    return save_with(told.get(), path);
}

/// Keeps exactly so many frames of all that it is offered, those that together see the most. One offer at a time; const
/// methods at any time.
class Keeper : public detail::Handle<gnomon_keeper> {
public:
    using Handle::Handle;
    /// A keeper of nothing.
    explicit Keeper(const KeeperOptions &options = {})
        : Handle(detail::made<gnomon_keeper>([&](auto out) {
              check_library();
              return gnomon_keeper_new(&options, out);
          })) {}
    /// Offers a frame, its depth at its pose, under a number that rises from offer to offer; says what became of it.
    Swap offer(std::uint64_t number, const Frame &frame) {
        return detail::written<Swap>([&](Swap *out) {
            return gnomon_keeper_offer(get(), number, &frame, out, sizeof *out);
        });
    }
    /// Offers points that a frame sees, at most 19200: x, y, z of each, in one world for all, metres.
    Swap offer(std::uint64_t number, span<const double> xyz) {
        return detail::written<Swap>([&](Swap *out) {
            return gnomon_keeper_offer_points(get(), number, xyz.data(), xyz.size() / 3, out, sizeof *out);
        });
    }
    /// How many were offered and are kept, what they see, how many exchanges fell out of the log.
    KeeperFacts info() const {
        return detail::written<KeeperFacts>([&](auto *out) { return gnomon_keeper_info(get(), out); });
    }
    /// The kept frames, in the order in which they came.
    std::vector<Kept> kept() const { return detail::list(gnomon_keeper_kept, get()); }
    /// The newest exchanges, oldest first.
    std::vector<Swap> log() const { return detail::list(gnomon_keeper_log, get()); }
    /// The kept frames that see something of a box in the world of the offers, those that see most of it first.
    std::vector<Sight> seeing(const Box &box) const {
        return detail::list(gnomon_keeper_seeing, get(), &box);
    }
};

/// Relations of one scene that need no observer, kept up to date. One update at a time; lists at any time.
class RelationGraph : public detail::Handle<gnomon_relation_graph> {
public:
    using Handle::Handle;
    /// The graph of nothing.
    explicit RelationGraph(const GraphOptions &options = {})
        : Handle(detail::made<gnomon_relation_graph>([&](auto out) {
              check_library();
              return gnomon_relation_graph_new(&options, out);
          })) {}
    /// Brings it up to what the snapshot shows. Give it snapshots of one scene, in their order.
    GraphReport update(const Snapshot &snapshot) {
        GraphReport report;
        detail::check(gnomon_relation_graph_update(get(), snapshot.get(), &report));
        return report;
    }
    /// Every relation that holds after the newest update, by ascending a, b, kind.
    std::vector<GraphRelation> list() const { return detail::list(gnomon_relation_graph_list, get()); }
    /// What began and what ended with the newest update, by ascending a, b, kind.
    std::vector<GraphChange> changes() const { return detail::list(gnomon_relation_graph_changes, get()); }
};

// ---- networks -----------------------------------------------------------------------------------------------------

/// Stops runs of networks from any thread; one for many runs. Once stopped it stays so: make a new one for new runs.
class Cancel : public detail::Handle<gnomon_cancel> {
public:
    using Handle::Handle;
    Cancel()
        : Handle(detail::made<gnomon_cancel>([&](auto out) {
              check_library();
              return gnomon_cancel_new(out);
          })) {}
    /// Stops every run that was given this, those in line and those yet to come: they throw Status::Cancelled.
    void stop() const { detail::check(gnomon_cancel_stop(get())); }
};

/// What may end one run: gnomon_run_options.
struct RunOptions : detail::Defaults<gnomon_run_options, gnomon_run_options_init> {
    RunOptions() noexcept = default;
    /// Throws Status::Cancelled where it is not done within so many nanoseconds, the wait for other calls included.
    explicit RunOptions(std::int64_t nanoseconds) noexcept { within_ns = nanoseconds; }
    /// `by`, borrowed, may stop the run; it must outlive the call.
    explicit RunOptions(const Cancel &by) noexcept { cancel = by.get(); }
};

/// What was found in one picture; never changes, outlives its detector. Any number of threads at a time.
class Found : public detail::Handle<gnomon_found> {
public:
    using Handle::Handle;
    /// Surest first, as Scene::integrate() takes them; labels and masks live as long as this object.
    std::vector<Detection> detections() const & {
        return detail::listed<Detection>([&](gnomon_detection *out, std::size_t *n) {
            return gnomon_found_detections(get(), out, sizeof(gnomon_detection), n);
        });
    }
    void detections() const && = delete;
};

/// A detector that is loaded. Any number of threads at a time: pictures are looked at one after another.
class Detector : public detail::Handle<gnomon_detector> {
public:
    using Handle::Handle;
    /// Loads the detector of a model folder, or of an .onnx file whose family the options name. Throws Status::Runtime
    /// without ONNX Runtime, Io or Model for what is no network, Device for a provider that is required and not there.
    explicit Detector(std::string_view path, const NetworkOptions &options = {})
        : Handle(detail::made<gnomon_detector>([&](auto out) {
              check_library();
              return gnomon_detector_open(str(path), &options, out);
          })) {}
    /// What it is and what really runs it; texts live as long as this object.
    NetworkFacts info() const & {
        return detail::written<NetworkFacts>([&](auto *out) { return gnomon_detector_info(get(), out); });
    }
    void info() const && = delete;
    /// What is in a picture. Throws Status::Cancelled where `run` stopped it.
    Found detect(const Image &picture, const DetectOptions &options = {}, const RunOptions &run = {}) const {
        return Found(detail::made<gnomon_found>(
            [&](auto out) { return gnomon_detector_detect(get(), &picture, &options, &run, out); }));
    }
};

/// Depth of one picture, pixel for pixel; never changes, outlives its network. Any number of threads at a time.
class DepthMap : public detail::Handle<gnomon_depth_map> {
public:
    using Handle::Handle;
    /// The numbers and what they mean; see values(), confidence(), sky(), camera(), remarks().
    DepthFacts info() const & {
        return detail::written<DepthFacts>([&](auto *out) { return gnomon_depth_map_info(get(), out); });
    }
    void info() const && = delete;
    /// As Frame::depth takes it, nothing in the sky; lives as long as this object. Throws Status::Unsupported for depth
    /// that is not metres.
    Image image() const & {
        return detail::written<Image>([&](Image *out) { return gnomon_depth_map_image(get(), out); });
    }
    void image() const && = delete;
};

/// A depth network that is loaded. Any number of threads at a time: pictures are looked at one after another.
class DepthNet : public detail::Handle<gnomon_depth_net> {
public:
    using Handle::Handle;
    /// Loads the depth network of a model folder, or of an .onnx file whose family the options name. Throws as Detector
    /// does.
    explicit DepthNet(std::string_view path, const NetworkOptions &options = {})
        : Handle(detail::made<gnomon_depth_net>([&](auto out) {
              check_library();
              return gnomon_depth_net_open(str(path), &options, out);
          })) {}
    /// What it is and what really runs it; texts live as long as this object.
    NetworkFacts info() const & {
        return detail::written<NetworkFacts>([&](auto *out) { return gnomon_depth_net_info(get(), out); });
    }
    void info() const && = delete;
    /// Depth of a picture whose camera is not known: some networks find it, some give no metres then, some refuse.
    DepthMap estimate(const Image &picture, const RunOptions &run = {}) const { return made(picture, nullptr, run); }
    /// Depth of a picture of this camera.
    DepthMap estimate(const Image &picture, const Intrinsics &camera, const RunOptions &run = {}) const {
        return made(picture, &camera, run);
    }

private:
    DepthMap made(const Image &picture, const Intrinsics *camera, const RunOptions &run) const {
        return DepthMap(detail::made<gnomon_depth_map>(
            [&](auto out) { return gnomon_depth_net_estimate(get(), &picture, camera, &run, out); }));
    }
};

/// What a network says of pictures that it saw together; never changes, outlives its network. Any number of threads at a
/// time.
class Views : public detail::Handle<gnomon_views> {
public:
    using Handle::Handle;
    /// One for each picture, in order; see values(), confidence(), points(), points_confidence(). Numbers live as long as
    /// this object.
    std::vector<PictureView> list() const & {
        return detail::listed<PictureView>([&](gnomon_view *out, std::size_t *n) {
            return gnomon_views_list(get(), out, sizeof(gnomon_view), n);
        });
    }
    void list() const && = delete;
    /// Depth of picture `at` as Frame::depth takes it; lives as long as this object. Throws Status::Unsupported for depth
    /// that is not metres.
    Image image(std::size_t at) const & {
        return detail::written<Image>([&](Image *out) { return gnomon_views_image(get(), at, out); });
    }
    void image(std::size_t) const && = delete;
};

/// A network that looks at many pictures at once: depth, points, cameras and poses. Any number of threads at a time: calls
/// are served one after another.
class GeometryNet : public detail::Handle<gnomon_geometry_net> {
public:
    using Handle::Handle;
    /// Loads the network of a model folder, or of an .onnx file whose family the options name (depth_anything_3, vggt).
    /// Throws as Detector does, and Status::Model for a graph that gives no cameras.
    explicit GeometryNet(std::string_view path, const NetworkOptions &options = {})
        : Handle(detail::made<gnomon_geometry_net>([&](auto out) {
              check_library();
              return gnomon_geometry_net_open(str(path), &options, out);
          })) {}
    /// What it is and what really runs it; texts live as long as this object.
    NetworkFacts info() const & {
        return detail::written<NetworkFacts>([&](auto *out) { return gnomon_geometry_net_info(get(), out); });
    }
    void info() const && = delete;
    /// Looks at 1 to 256 pictures of one place, of any sizes. Throws Status::Cancelled where `run` stopped it.
    Views estimate(span<const Image> pictures, const RunOptions &run = {}) const {
        return Views(detail::made<gnomon_views>([&](auto out) {
            return gnomon_geometry_net_estimate(get(), pictures.data(), pictures.size(), &run, out);
        }));
    }
};

/// What is told while a reply is made.
struct Piece {
    /// The next words, whole characters, borrowed for the call; empty while the prompt is read.
    std::string_view text;
    /// While the prompt is read: so many tokens went through the decoder, of so many that must. Else 0.
    std::size_t done = 0;
    std::size_t of = 0;
};

/// Hears a reply on the model's own thread; false ends it there. What it throws ends the reply too, and is thrown again by
/// Job::wait() and Job::reply(). It may call anything but those two of a job of the same model.
using OnPiece = std::function<bool(const Piece &piece)>;

namespace detail {

/// What a function that hears threw.
struct Thrown {
    std::mutex lock;
    std::exception_ptr what;
};

/// A function that hears.
struct Listening {
    OnPiece hear;
    std::shared_ptr<Thrown> thrown;
};

inline std::int32_t heard(void *user, gnomon_str text, std::size_t done, std::size_t of) noexcept {
    Listening &listening = *static_cast<Listening *>(user);
    try {
        return listening.hear(Piece{view(text), done, of}) ? 0 : 1;
    } catch (...) {
        const std::lock_guard<std::mutex> lock(listening.thrown->lock);
        listening.thrown->what = std::current_exception();
        return 1;
    }
}

inline void heard_all(void *user) noexcept { delete static_cast<Listening *>(user); }

}  // namespace detail

/// What a vision-language model is asked: gnomon_vlm_request. What is put in is borrowed until it is handed in.
struct VlmRequest : detail::Defaults<gnomon_vlm_request, gnomon_vlm_request_init> {
    VlmRequest() noexcept = default;
    /// A conversation, and the pictures that it names.
    explicit VlmRequest(span<const Message> conversation, span<const Image> pictures = {}) noexcept {
        messages = conversation.data();
        messages_len = conversation.size();
        show(pictures);
    }
    /// The pictures.
    void show(span<const Image> pictures) noexcept {
        images = pictures.data();
        images_len = pictures.size();
    }
    /// The videos.
    void show(span<const Video> clips) noexcept {
        videos = clips.data();
        videos_len = clips.size();
    }
    /// Strings before any of which the reply ends.
    void stop_before(span<const gnomon_str> strings) noexcept {
        stops = strings.data();
        stops_len = strings.size();
    }
    /// What the reply must be: a schema, an expression or a grammar.
    void constrain(Constraint kind, std::string_view text) noexcept {
        constraint = code(kind);
        constraint_text = str(text);
    }
    /// What the reply must be: one of these strings, or lines that name these ids or labels.
    void constrain(Constraint kind, span<const gnomon_str> names) noexcept {
        constraint = code(kind);
        constraint_names = names.data();
        constraint_names_len = names.size();
    }
};

/// What was read of a model's words about one picture; never changes, depends on nothing else. Any number of threads at a
/// time.
class Grounding : public detail::Handle<gnomon_grounding> {
public:
    using Handle::Handle;
    /// Reads all places, and takes them back to the picture's own pixels. `fit` is Job::fit() of a reply, or whole(). A text
    /// of which nothing can be read is no error: see rejected().
    static Grounding read(std::string_view text, Convention convention, const Fit &fit) {
        check_library();
        return Grounding(detail::made<gnomon_grounding>([&](auto out) {
            return gnomon_grounding_read(str(text), code(convention), &fit, out);
        }));
    }
    /// The places, in the order of the text.
    std::vector<Grounded> list() const & { return detail::list(gnomon_grounding_list, get()); }
    void list() const && = delete;
    /// The first 1000 that were left out, and why.
    std::vector<Rejected> rejected() const & { return detail::rejected(gnomon_grounding_rejected, get()); }
    void rejected() const && = delete;
    /// How many were left out in all.
    std::size_t rejected_in_all() const { return detail::rejected_in_all(gnomon_grounding_rejected, get()); }
    /// Lifts one of the places, as list() counts them, through the depth of the same picture to an upright box in the world
    /// of the frame's pose, which has Z up. Throws Status::State where there is too little depth.
    Box lift(std::size_t index, const Frame &frame) const {
        return detail::written<Box>([&](Box *out) { return gnomon_grounding_lift(get(), index, &frame, out); });
    }
};

/// A request on its way, and its reply. Any number of threads at a time; outlives its model, whose end cancels it. Its end
/// cancels it too, and waits until nobody hears it any more.
class Job : public detail::Handle<gnomon_job> {
public:
    using Handle::Handle;
    /// Waits for the reply, so many nanoseconds at most (-1: as long as it takes); false where it is not there then. Throws
    /// Status::Cancelled where the job was cancelled or its time was up, and what else it failed with.
    bool wait(std::int64_t timeout_ns = -1) const {
        const gnomon_status status = gnomon_job_wait(get(), timeout_ns);
        if (status == GNOMON_PENDING) return false;
        if (thrown_) {
            const std::lock_guard<std::mutex> lock(thrown_->lock);
            if (thrown_->what) std::rethrow_exception(thrown_->what);
        }
        detail::check(status);
        return true;
    }
    /// The reply, which is waited for; lives as long as this object.
    ReplyFacts reply() const & {
        (void)wait();
        return detail::written<ReplyFacts>([&](auto *out) { return gnomon_job_reply(get(), out); });
    }
    void reply() const && = delete;
    /// Where the picture or video at this place of the prompt lies in what the model saw, once the reply is there.
    Fit fit(std::size_t image = 0) const {
        (void)wait();
        return detail::written<Fit>([&](Fit *out) { return gnomon_job_fit(get(), image, out); });
    }
    /// The boxes and points that the reply names in that picture; the reply is waited for.
    Grounding grounding(Convention convention, std::size_t image = 0) const {
        return Grounding::read(gnomon::text(reply()), convention, fit(image));
    }
    /// Ends it: in line at once, while it is answered within one node of a graph.
    void cancel() const { detail::check(gnomon_job_cancel(get())); }

private:
    friend class Vlm;
    Job(gnomon_job *owned, std::shared_ptr<detail::Thrown> thrown) noexcept
        : Handle(owned), thrown_(std::move(thrown)) {}
    std::shared_ptr<detail::Thrown> thrown_;
};

/// A vision-language model that is open. Any number of threads at a time: requests are answered one after another, on a
/// thread of its own.
class Vlm : public detail::Handle<gnomon_vlm> {
public:
    using Handle::Handle;
    /// Opens the model of a folder, of Hugging Face's layout or that of onnxruntime-genai. Throws as Detector does.
    explicit Vlm(std::string_view path, const NetworkOptions &network = {}, const VlmOptions &options = {})
        : Handle(detail::made<gnomon_vlm>([&](auto out) {
              check_library();
              return gnomon_vlm_open(str(path), &network, &options, out);
          })) {}
    /// What it is and what really runs it; texts live as long as this object.
    VlmFacts info() const & {
        return detail::written<VlmFacts>([&](auto *out) { return gnomon_vlm_info(get(), out); });
    }
    void info() const && = delete;
    /// How many tokens a text is.
    std::size_t count_tokens(std::string_view text) const {
        return detail::written<std::size_t>(
            [&](std::size_t *out) { return gnomon_vlm_count_tokens(get(), str(text), out); });
    }
    /// Hands in a request; all of it is copied. Throws Status::Busy where the line is full, or another is answered and the
    /// request refuses to stand in line.
    Job submit(const VlmRequest &request, OnPiece hear = {}) const {
        if (!hear) return Job(made(request, nullptr, nullptr, nullptr), nullptr);
        auto thrown = std::make_shared<detail::Thrown>();
        std::unique_ptr<detail::Listening> listening(new detail::Listening{std::move(hear), thrown});
        gnomon_job *const job = made(request, detail::heard, detail::heard_all, listening.get());
        // From the moment that the request was taken, the library lets go of it.
        (void)listening.release();
        return Job(job, std::move(thrown));
    }
    /// A question about pictures, greedy, in 128 tokens at most.
    Job ask(std::string_view question, span<const Image> pictures = {}, OnPiece hear = {}) const {
        const Message asked[] = {message(Role::User, question, static_cast<std::uint32_t>(pictures.size()))};
        return submit(VlmRequest(asked, pictures), std::move(hear));
    }

private:
    gnomon_job *made(const VlmRequest &request, gnomon_piece_fn piece, gnomon_release_fn let_go, void *user) const {
        return detail::made<gnomon_job>(
            [&](auto out) { return gnomon_vlm_submit(get(), &request, piece, let_go, user, out); });
    }
};

/// Keeps those pictures of all that it is offered that together see the most of the place, and the newest. One call that
/// changes it at a time; const methods at any time.
class Album : public detail::Handle<gnomon_album> {
public:
    using Handle::Handle;
    /// An album of nothing.
    explicit Album(const AlbumOptions &options = {})
        : Handle(detail::made<gnomon_album>([&](auto out) {
              check_library();
              return gnomon_album_new(&options, out);
          })) {}
    /// Offers a frame with a picture, under a number that rises, its pose in the world of the scene's frames; says whether
    /// its picture is there now.
    bool offer(std::uint64_t number, const Frame &frame) {
        return detail::written<std::uint32_t>([&](std::uint32_t *out) {
                   return gnomon_album_offer(get(), number, &frame, out);
               }) != 0;
    }
    /// Corrects where the picture of this number was taken; says whether it is there.
    bool correct(std::uint64_t number, const Pose &world_from_camera) {
        return detail::written<std::uint32_t>([&](std::uint32_t *out) {
                   return gnomon_album_correct(get(), number, world_from_camera.data(), out);
               }) != 0;
    }
    /// How many pictures there are.
    std::size_t count() const {
        return detail::written<std::size_t>([&](std::size_t *out) { return gnomon_album_count(get(), out); });
    }
};

/// How a scene and a model are asked together: what the model may cost, what it is told; `ask` is how geometry is.
struct ConverseOptions : detail::Defaults<gnomon_converse_options, gnomon_converse_options_init> {
    ConverseOptions() noexcept = default;
    ConverseOptions(const ConverseOptions &) = default;
    ConverseOptions &operator=(const ConverseOptions &) = default;
    /// Sets how geometry is asked, and judges; kept here, so that nothing need outlive these options.
    void set_ask(const AskOptions &options) {
        ask_ = std::make_shared<const AskOptions>(options);
        ask = ask_.get();
    }

private:
    std::shared_ptr<const AskOptions> ask_; // copied when moved: what was moved from stays whole
};

/// Two answers to one question: geometry's, and what a model said, with the map's verdict.
struct Conversed {
    SaidFacts facts;
    Answer answer;
    std::string words;
    std::string json;
};

/// Asks a scene in words, and with it a model, which is shown pictures of the album; without a model geometry answers alone.
/// Waits for the model, options.within_ns at most; what it does wrong is told in facts.silence, not thrown.
inline Conversed ask_with_model(const Snapshot &snapshot, const Album &album, const Vlm *vlm, std::string_view question,
                                const std::vector<std::string_view> &choices = {}, const ConverseOptions &options = {}) {
    if (vlm && !*vlm) throw Error(Status::Argument, "ask_with_model: the model was moved from");
    const std::vector<gnomon_str> offered = strs(choices);
    Conversed told;
    gnomon_answer *raw_answer = nullptr;
    gnomon_text *raw_words = nullptr, *raw_json = nullptr;
    const gnomon_status status =
        gnomon_ask_with_model(snapshot.get(), album.get(), vlm ? vlm->get() : nullptr, str(question), offered.data(),
                              offered.size(), &options, &told.facts, &raw_answer, &raw_words, &raw_json);
    told.answer = Answer(raw_answer);
    const Text words(raw_words), json(raw_json);
    detail::check(status);
    told.words = std::string(words.view());
    told.json = std::string(json.view());
    return told;
}

/// What a model will take of memory, reckoned without loading it: an .onnx file, or a folder, of which `precision`
/// names the file. Of the folder of a vision-language model all graphs count together. `sides` are numbers for sides that have a name alone.
inline ModelMemory model_plan(std::string_view path, std::string_view precision = {},
                              span<const gnomon_side> sides = {}) {
    check_library();
    return detail::written<ModelMemory>([&](auto *out) {
        return gnomon_model_plan(str(path), str(precision), sides.data(), sizeof(gnomon_side), sides.size(), out);
    });
}

// ---- live ---------------------------------------------------------------------------------------------------------

/// What was published: the frame, what became of it, the scene after it.
struct Published {
    PublishedFrame frame;
    FrameReport report;
    Snapshot snapshot;
};

/// Why nothing comes out of a pipeline, or that all is well.
struct Explanation {
    /// The first broken link, or Link::None.
    Link broken = Link::None;
    /// The chain with its counts, the broken link with what to do, what else is lost.
    std::string text;
};

/// Told that a scene was published, on a thread of the pipeline. It may keep the snapshot. It may call anything, close()
/// of its own pipeline too; what it throws is thrown by the next close().
using ToldPublished = std::function<void(std::int64_t stamp_ns, std::uint32_t camera_id, Snapshot snapshot)>;

namespace detail {

/// Who is told; shared by the pipeline's object and the library.
struct Hearer {
    ToldPublished told;
    std::mutex lock;
    std::exception_ptr thrown;
};

inline void hear(void *user, std::int64_t stamp_ns, std::uint32_t camera_id, const gnomon_snapshot *snapshot) {
    Hearer &hearer = **static_cast<std::shared_ptr<Hearer> *>(user);
    try {
        hearer.told(stamp_ns, camera_id, Snapshot(made<gnomon_snapshot>([&](auto out) {
                        return gnomon_snapshot_clone(snapshot, out);
                    })));
    } catch (...) {
        const std::lock_guard<std::mutex> lock(hearer.lock);
        if (!hearer.thrown) hearer.thrown = std::current_exception();
    }
}
inline void forget_hearer(void *user) { delete static_cast<std::shared_ptr<Hearer> *>(user); }

template <class Buffers>
void let_go(void *user) {
    delete static_cast<Buffers *>(user);
}

}  // namespace detail

/// A scene behind live cameras, with threads of its own: frames are pushed and never waited for. Every method may overlap
/// every other. Destroying it closes it.
class Pipeline : public detail::Handle<gnomon_pipeline> {
public:
    using Handle::Handle;
    /// An empty scene. `told` may be empty: poll().
    explicit Pipeline(const SceneOptions &scene = {}, const PipelineOptions &options = {}, ToldPublished told = {})
        : Pipeline(std::move(told), [&](auto hear, auto user, auto forget, auto out) {
              return gnomon_pipeline_open(&scene, &options, hear, user, forget, out);
          }) {}
    /// With networks on threads of their own, which may be destroyed while the pipeline goes on: frames without depth get
    /// it from `depth`, frames without detections from `detector`. Either may be null.
    Pipeline(const SceneOptions &scene, const PipelineOptions &options, const DepthNet *depth, const Detector *detector,
             const DetectOptions &wanted = {}, ToldPublished told = {})
        : Pipeline(std::move(told), [&](auto hear, auto user, auto forget, auto out) {
              return gnomon_pipeline_open_with(&scene, &options, depth ? depth->get() : nullptr,
                                               detector ? detector->get() : nullptr, &wanted, hear, user, forget, out);
          }) {}
    /// Takes a frame; nothing of its images is copied, nor of detections' texts and masks. `buffers` is what keeps them
    /// alive (a ROS unique_ptr, say): it is moved, and destroyed once the frame has ended, on any thread, also if this
    /// throws. Never waits: what is too much is dropped and counted.
    template <class Buffers>
    void push(const Frame &frame, Buffers buffers, Parts has = Parts::Pose, span<const Detection> detections = {}) const {
        auto kept = std::make_unique<Buffers>(std::move(buffers));
        detail::check(gnomon_pipeline_push(get(), &frame, static_cast<std::uint32_t>(code(has)), detections.data(),
                                           sizeof(Detection), detections.size(), detail::let_go<Buffers>,
                                           kept.release()));
    }
    /// As push(), for buffers that are borrowed for the call: they are copied into buffers that are used again.
    void push_copy(const Frame &frame, Parts has = Parts::Pose, span<const Detection> detections = {}) const {
        detail::check(gnomon_pipeline_push_copy(get(), &frame, static_cast<std::uint32_t>(code(has)), detections.data(),
                                                sizeof(Detection), detections.size()));
    }
    /// Hands in where a camera stood at a stamp, for a frame that waits or is yet to come.
    void push_pose(std::uint32_t camera_id, std::int64_t stamp_ns, const Pose &world_from_camera) const {
        detail::check(gnomon_pipeline_push_pose(get(), camera_id, stamp_ns, world_from_camera.data()));
    }
    /// Hands in what was found in a frame that waits or is yet to come; of use with late_detections alone.
    void push_detections(std::uint32_t camera_id, std::int64_t stamp_ns, span<const Detection> detections) const {
        detail::check(gnomon_pipeline_push_detections(get(), camera_id, stamp_ns, detections.data(), sizeof(Detection),
                                                      detections.size()));
    }
    /// The newest that was published since the last poll(), if anything was.
    std::optional<Published> poll() const {
        Published news;
        gnomon_snapshot *snapshot = nullptr;
        const gnomon_status status = gnomon_pipeline_poll(get(), &news.frame, &news.report, &snapshot);
        news.snapshot = Snapshot(snapshot);
        detail::check(status);
        if (status == GNOMON_PENDING) return std::nullopt;
        return std::optional<Published>(std::move(news));
    }
    /// The newest published scene, an empty one before the first.
    Snapshot snapshot() const {
        return Snapshot(detail::made<gnomon_snapshot>([&](auto out) { return gnomon_pipeline_snapshot(get(), out); }));
    }
    /// Waits until no frame is under way, at most so long; false if some still are.
    bool settle(std::int64_t timeout_ns) const {
        const gnomon_status status = gnomon_pipeline_settle(get(), timeout_ns);
        detail::check(status);
        return status == GNOMON_OK;
    }
    /// Why nothing comes out, or that all is well.
    Explanation explain() const {
        Explanation explanation;
        std::int32_t broken = GNOMON_LINK_NONE;
        const Text text(
            detail::made<gnomon_text>([&](auto out) { return gnomon_pipeline_explain(get(), &broken, out); }));
        explanation.broken = Link(broken);
        explanation.text = std::string(text.view());
        return explanation;
    }
    /// The same as JSON: links, broken, remarks.
    std::string explain_json() const {
        const Text text(
            detail::made<gnomon_text>([&](auto out) { return gnomon_pipeline_explain_json(get(), out); }));
        return std::string(text.view());
    }
    /// Counts since it was opened.
    PipelineStatistics statistics() const {
        return detail::written<PipelineStatistics>([&](auto *out) { return gnomon_pipeline_count(get(), out); });
    }
    /// What the stages did: depth, detect, scene, tell, whole. Their names live as long as the library.
    std::vector<StageStatistics> stages() const { return detail::list(gnomon_pipeline_stages, get()); }
    /// Ends it: frames on their way are dropped and released; returns when nobody is told any more. Throws what was
    /// thrown by who was told.
    void close() const {
        detail::check(gnomon_pipeline_close(get()));
        if (!hearer_) return;
        std::exception_ptr thrown;
        {
            const std::lock_guard<std::mutex> lock(hearer_->lock);
            thrown = std::exchange(hearer_->thrown, nullptr);
        }
        if (thrown) std::rethrow_exception(thrown);
    }

private:
    template <class Open>
    Pipeline(ToldPublished told, const Open &open) {
        check_library();
        gnomon_pipeline *raw = nullptr;
        if (told) {
            hearer_ = std::make_shared<detail::Hearer>();
            hearer_->told = std::move(told);
            auto user = std::make_unique<std::shared_ptr<detail::Hearer>>(hearer_);
            detail::check(open(detail::hear, static_cast<void *>(user.get()), detail::forget_hearer, &raw));
            static_cast<void>(user.release());
        } else {
            detail::check(open(gnomon_published_fn{nullptr}, static_cast<void *>(nullptr), gnomon_release_fn{nullptr}, &raw));
        }
        static_cast<Handle &>(*this) = Handle(raw);
    }

    std::shared_ptr<detail::Hearer> hearer_;
};

// ---- free functions: any thread, any number at a time ---------------------------------------------------------------

namespace detail {
/// The number that `call` writes; throws Status::Abi where the library does not fit.
template <class Call>
double number(const Call &call) {
    check_library();
    return written<double>(call);
}
}  // namespace detail

/// Distance between the closest points of two boxes, metres; 0 where they touch or overlap.
inline double box_gap(const Box &first, const Box &second) {
    return detail::number([&](double *out) { return gnomon_box_gap(&first, &second, out); });
}

/// Volume two boxes share over the volume they fill together, 0 to 1.
inline double box_iou(const Box &first, const Box &second) {
    return detail::number([&](double *out) { return gnomon_box_iou(&first, &second, out); });
}

/// Frames that were chosen, ascending, and what they see.
struct Selection {
    std::vector<Pick> picks;
    SelectionFacts facts;
};

namespace detail {
template <class Call>
Selection selected(std::uint64_t count, std::size_t most, const Call &call) {
    check_library();
    Selection chosen;
    std::size_t n = count < most ? static_cast<std::size_t>(count) : most;
    chosen.picks.resize(n > 0 ? n : 1); // a place even where nothing is to be chosen of
    check(call(chosen.picks.data(), &n, &chosen.facts));
    chosen.picks.resize(n);
    return chosen;
}
}  // namespace detail

/// Chooses the frames, of at most 4096, that together see the most: greedy maximum coverage of voxels, from depth and pose.
/// Exactly SelectOptions::count, or all there are.
inline Selection select(span<const Frame> frames, const SelectOptions &options = {}) {
    return detail::selected(options.count, frames.size(), [&](Pick *out, std::size_t *n, SelectionFacts *facts) {
        return gnomon_select_frames(frames.data(), sizeof(Frame), frames.size(), &options, out, sizeof(Pick), n, facts);
    });
}

/// Likewise, of sets of points: those of a network, say.
inline Selection select(span<const PointMap> maps, const SelectOptions &options = {}) {
    return detail::selected(options.count, maps.size(), [&](Pick *out, std::size_t *n, SelectionFacts *facts) {
        return gnomon_select_points(maps.data(), sizeof(PointMap), maps.size(), &options, out, sizeof(Pick), n, facts);
    });
}

/// Likewise, `count` of sets of voxels.
inline Selection select(span<const VoxelSet> sets, std::uint64_t count) {
    return detail::selected(count, sets.size(), [&](Pick *out, std::size_t *n, SelectionFacts *facts) {
        return gnomon_select_voxels(sets.data(), sizeof(VoxelSet), sets.size(), count, out, sizeof(Pick), n, facts);
    });
}

/// Mean relative accuracy of a number, 0 to 1; 0 for numbers that are not finite.
inline double score_mra(MraKind kind, double predicted, double truth) {
    return detail::number([&](double *out) { return gnomon_score_mra(code(kind), predicted, truth, out); });
}

/// The mark of a model's text for a question of VSI-Bench, 0 to 1; `options` as they were offered ("A. left").
inline double score_vsi(std::string_view question_type, Reading reading, std::string_view text, std::string_view truth,
                        const std::vector<std::string_view> &options = {}) {
    const std::vector<gnomon_str> offered = strs(options);
    return detail::number([&](double *out) {
        return gnomon_score_vsi(str(question_type), code(reading), str(text), str(truth), offered.data(),
                                offered.size(), out);
    });
}

/// The mark of a model's text for a question of MSMU-Bench, 0 or 1.
inline double score_msmu(std::string_view raw_type, std::string_view truth, std::string_view response) {
    return detail::number([&](double *out) {
        return gnomon_score_msmu(str(raw_type), str(truth), str(response), out);
    });
}

/// 1 where all of the text is a think block and an answer block, else 0.
inline double reward_format(std::string_view text) {
    return detail::number([&](double *out) { return gnomon_reward_format(str(text), out); });
}

/// 1 where the last answer block, or the text without one, is `truth` but for blanks at the ends, else 0.
inline double reward_choice(std::string_view text, std::string_view truth) {
    return detail::number([&](double *out) { return gnomon_reward_choice(str(text), str(truth), out); });
}

/// Strict mean relative accuracy of the number in the answer block, 0 to 1; 0 where there is no number.
inline double reward_numeric(std::string_view text, double truth) {
    return detail::number([&](double *out) { return gnomon_reward_numeric(str(text), truth, out); });
}

/// How alike the answer block and `truth` are, 0 to 1. Throws Status::Argument beyond 8192 characters.
inline double reward_text(std::string_view text, std::string_view truth, EditDistance distance) {
    return detail::number([&](double *out) { return gnomon_reward_text(str(text), str(truth), code(distance), out); });
}

/// How far each of a group's rewards, at most 1048576, lies above their mean, in standard deviations; all 0 where the
/// rewards are equal, one alone, or not all finite.
inline std::vector<double> reward_advantages(span<const double> rewards, Spread spread) {
    check_library();
    std::vector<double> advantages(rewards.size());
    detail::check(gnomon_reward_advantages(rewards.data(), rewards.size(), code(spread), advantages.data()));
    return advantages;
}

/// Takes one log line; its texts are borrowed for the call. Called on the thread that logs, inside the call that logs,
/// perhaps on several threads at once. What it throws is kept: the call of this header that logged does its work and
/// then throws it in place of its result. (Calls of gnomon.h made directly leave it to this thread's next one here.)
using Log = std::function<void(LogLevel level, std::string_view target, std::string_view text)>;

namespace detail {

/// The log function that is set. Never destroyed: threads may log while the process ends.
struct Logging {
    std::mutex setting;
    std::unique_ptr<Log> log;
};
inline Logging &logging() {
    static Logging *const only = new Logging;
    return *only;
}

inline bool &inside_log() noexcept {
    static thread_local bool inside = false;
    return inside;
}

inline void logged(void *user, std::int32_t level, gnomon_str target, gnomon_str text) noexcept {
    inside_log() = true;
    try {
        (*static_cast<const Log *>(user))(LogLevel(level), view(target), view(text));
    } catch (...) {
        if (!thrown_by_log()) thrown_by_log() = std::current_exception();
    }
    inside_log() = false;
}

}  // namespace detail

/// The last lines, at most 256, that ONNX Runtime and gnomon's networks wrote to the log, oldest first, each with its line
/// break, whether or not a function was set.
inline Text recent_log() {
    check_library();
    return Text(detail::made<gnomon_text>([&](auto out) { return gnomon_recent_log(out); }));
}

/// Sends log lines up to `level` to `log`; an empty one, or LogLevel::Off, ends it. Process-wide. When it returns, the
/// function set before is not running, is not called again, and is destroyed. Throws Status::State from inside one.
inline void set_log(LogLevel level, Log log) {
    check_library();
    const bool off = level == LogLevel::Off || !log;
    // From inside a log function the library refuses; to wait for the lock there could be for ever.
    if (detail::inside_log()) return detail::check(gnomon_set_log(nullptr, nullptr, code(LogLevel::Off)));
    detail::Logging &logging = detail::logging();
    auto next = off ? nullptr : std::make_unique<Log>(std::move(log)); // becomes the one before, destroyed unlocked
    const std::lock_guard<std::mutex> lock(logging.setting);
    const gnomon_status status = gnomon_set_log(off ? nullptr : detail::logged, next.get(), code(level));
    if (status >= 0) logging.log.swap(next);
    detail::check(status);
}

}  // namespace gnomon

#endif  // GNOMON_HPP
