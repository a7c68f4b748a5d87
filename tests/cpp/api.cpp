/// What gnomon.hpp adds to gnomon.h, kept: ownership, exceptions, views, callbacks that throw, readers on many threads.
/// And that each function there asks for what its name says.
#include "check.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace {

// ---- a room: a wall, a crate before it, a chest to its left that is nearer ----------------------------------------

constexpr std::uint32_t width = 160, height = 120;

/// A level camera at the origin, 1.2 m up, looking along the world's +x.
gnomon::Pose level_camera(double x) { return {0, 0, 1, x, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1}; }

std::vector<std::uint16_t> room_depth() {
    std::vector<std::uint16_t> depth(width * height, 3000);
    for (std::uint32_t v = 0; v < height; v++)
        for (std::uint32_t u = 0; u < width; u++) {
            if (u >= 60 && u < 100 && v >= 40 && v < 80) depth[v * width + u] = 2000;
            if (u >= 10 && u < 40 && v >= 60 && v < 100) depth[v * width + u] = 1500;
        }
    return depth;
}

const std::vector<std::uint16_t> depth_mm = room_depth();
const std::vector<gnomon::Detection> both = {{"crate", 0.9f, {60, 40, 100, 80}}, {"chest", 0.9f, {10, 60, 40, 100}}};

gnomon::Frame room_frame(int number) {
    const gnomon::Intrinsics camera = gnomon::pinhole(width, height, 150, 150, 80, 60);
    return {1000000000 + number * std::int64_t{100000000}, camera, level_camera(0.001 * number),
            gnomon::depth_u16(depth_mm, width, height)};
}

gnomon::Scene room_scene(int frames = 4) {
    gnomon::Scene scene;
    for (int number = 0; number < frames; number++) scene.integrate(room_frame(number), both);
    scene.publish();
    return scene;
}

/// One line twice, a coordinate out of the grid, and an id that is not there.
constexpr std::string_view triplet_lines =
    "Sure:\n"
    R"({"t":1,"a":"desk#1","b":"sofa#1","c":"lamp#1","b_xy":[5.0,9.0],"c_xy":[7.0,5.0],"cell":0.50})"
    "\n"
    R"({'t':2,'a':'desk#1','b':'sofa#1','c':'lamp#1','b_xy':(5.0,9.0),'c_xy':(7.0,6.0),'cell':0.5,})"
    "\n"
    R"({"t":3,"a":"desk#1","b":"sofa#1","c":"lamp#1","b_xy":[5.0,9.0],"c_xy":[7.0,10.1],"cell":0.50})"
    "\n"
    R"({"t":4,"a":"desk#1","b":"sofa#1","c":"ghost#1","b_xy":[5.0,9.0],"c_xy":[7.0,6.0],"cell":0.50})"
    "\n";

// ---- ownership ----------------------------------------------------------------------------------------------------

template <class Handle>
constexpr bool moves_only = std::is_nothrow_move_constructible_v<Handle> && std::is_nothrow_move_assignable_v<Handle> &&
                            !std::is_copy_constructible_v<Handle> && !std::is_copy_assignable_v<Handle>;
static_assert(moves_only<gnomon::Scene> && moves_only<gnomon::Snapshot> && moves_only<gnomon::CogMap> &&
              moves_only<gnomon::Answer> && moves_only<gnomon::Judgements> && moves_only<gnomon::Chain> &&
              moves_only<gnomon::Text> && moves_only<gnomon::RelationGraph> && moves_only<gnomon::Triplets> &&
              moves_only<gnomon::Keeper> && moves_only<gnomon::Layout> && moves_only<gnomon::Told> && moves_only<gnomon::Vocabulary> &&
              moves_only<gnomon::Album> && moves_only<gnomon::Grounding>);

void what_was_moved_from_is_refused() {
    gnomon::Scene scene = room_scene();
    gnomon::Scene other = std::move(scene);
    CHECK(!scene && other && scene.get() == nullptr);
    CHECK(holds(REFUSED(Argument, scene.publish()), "gnomon_scene_publish"));
    REFUSED(Argument, scene.integrate(room_frame(9)));
    REFUSED(Argument, scene.update_poses({}));
    REFUSED(Argument, scene.snapshot());
    scene = std::move(other);
    CHECK(scene && !other && scene.snapshot().info().objects == 2);

    gnomon::Snapshot snapshot = scene.snapshot(), taken = std::move(snapshot), none;
    REFUSED(Argument, none.info());
    REFUSED(Argument, snapshot.objects());
    REFUSED(Argument, snapshot.find(1));
    REFUSED(Argument, snapshot.find("crate#1"));
    REFUSED(Argument, snapshot.json());
    REFUSED(Argument, snapshot.cogmap());
    REFUSED(Argument, snapshot.ask("How many crates are there?"));
    REFUSED(Argument, snapshot.check("The crate is red."));
    REFUSED(Argument, snapshot.text("", 100));
    REFUSED(Argument, snapshot.clone());
    gnomon::Chain chain, moved_chain = std::move(chain);
    REFUSED(Argument, chain.text());
    REFUSED(Argument, chain.update(taken));
    REFUSED(Argument, moved_chain.update(snapshot));
    gnomon::Text text = moved_chain.text(), moved_text = std::move(text);
    REFUSED(Argument, text.view());
    gnomon::CogMap map = taken.cogmap(), moved_map = std::move(map);
    REFUSED(Argument, map.cells());
    REFUSED(Argument, map.png());
    gnomon::Answer answer = taken.ask("How many crates are there?"), moved_answer = std::move(answer);
    REFUSED(Argument, answer.info());
    REFUSED(Argument, answer.brief());
    gnomon::Judgements judged = taken.check("The crate is 1 m high."), moved_judged = std::move(judged);
    REFUSED(Argument, judged.list());
}

void a_reader_that_was_moved_from_is_refused() {
    gnomon::RelationGraph graph, moved_graph = std::move(graph);
    REFUSED(Argument, graph.update(room_scene(1).snapshot()));
    REFUSED(Argument, graph.list());
    REFUSED(Argument, graph.changes());
    REFUSED(Argument, moved_graph.update(gnomon::Snapshot()));
    gnomon::Triplets triplets = gnomon::Triplets::read(triplet_lines), moved_triplets = std::move(triplets);
    REFUSED(Argument, triplets.list());
    REFUSED(Argument, triplets.rejected());
    REFUSED(Argument, triplets.rejected_in_all());
    REFUSED(Argument, triplets.layout());
    REFUSED(Argument, triplets.error({}));
    gnomon::Layout layout = moved_triplets.layout(), moved_layout = std::move(layout);
    REFUSED(Argument, layout.info());
    REFUSED(Argument, layout.places());
    REFUSED(Argument, layout.loops());
    REFUSED(Argument, layout.error({}, 0.5));
    gnomon::Told told = gnomon::Told::read("crate#1"), moved_told = std::move(told);
    REFUSED(Argument, told.things());
    REFUSED(Argument, told.counts());
    REFUSED(Argument, told.triplets());
    REFUSED(Argument, told.rejected());
    REFUSED(Argument, told.room_area_m2());
    REFUSED(Argument, told.ask("How many crates are there?"));
    gnomon::Vocabulary words, moved_words = std::move(words);
    REFUSED(Argument, words.add({"crate", "strongbox"}));
    gnomon::AskOptions options;
    CHECK(holds(REFUSED(Argument, options.set_vocabulary(std::move(words))), "moved from"));
    CHECK(options.vocabulary == nullptr && moved_told && moved_layout && moved_words);
}

void moving_onto_oneself_changes_nothing() {
    gnomon::Scene scene = room_scene();
    gnomon::Scene &same_scene = scene;
    scene = std::move(same_scene);
    gnomon::Snapshot snapshot = scene.snapshot(), &same = snapshot;
    snapshot = std::move(same);
    CHECK(snapshot && snapshot.objects().size() == 2 && scene.publish().info().objects == 2);
    std::swap(snapshot, same);
    CHECK(snapshot.info().objects == 2);
}

void handles_cross_to_c_and_back() {
    gnomon::Scene scene = room_scene();
    gnomon_snapshot *raw = scene.publish().release();
    gnomon::Snapshot adopted(raw);
    std::size_t n = 0;
    CHECK(adopted.get() == raw && gnomon_snapshot_objects(adopted.get(), nullptr, 0, &n) == GNOMON_OK && n == 2);
    adopted = scene.snapshot(); // frees the first
    CHECK(adopted && adopted.objects().size() == 2);
}

void what_is_asked_for_outlives_what_it_came_from() {
    gnomon::Snapshot snapshot = room_scene().snapshot(); // the scene is gone
    gnomon::CogMap map = snapshot.cogmap();
    gnomon::Answer answer = snapshot.ask("How many crates are there?");
    gnomon::Judgements judged = snapshot.check("The chest is to the left of the crate.");
    gnomon::Text text = snapshot.text("", 4096);
    gnomon::Snapshot clone = snapshot.clone();
    snapshot = gnomon::Snapshot();
    CHECK(clone.objects().size() == 2 && map.objects().size() == 2 && answer.brief() == "1");
    CHECK(judged.list().size() == 1 && holds(text.view(), "crate#1"));
}

// ---- errors -------------------------------------------------------------------------------------------------------

void a_refusal_has_a_code_and_a_sentence_and_changes_nothing() {
    gnomon::Scene scene = room_scene();
    const std::string backwards = REFUSED(State, scene.integrate(room_frame(0), both));
    CHECK(holds(backwards, "gnomon_scene_integrate: ") && holds(backwards, "stamp"));
    gnomon::Frame short_depth = room_frame(9);
    short_depth.depth.len--;
    CHECK(holds(REFUSED(Argument, scene.integrate(short_depth)), "depth"));
    gnomon::SceneOptions options;
    options.up = 77;
    CHECK(holds(REFUSED(Argument, gnomon::Scene{options}), "77"));
    CHECK(scene.publish().info().frames == 4);
    CHECK(std::strcmp(gnomon::status_name(gnomon::Status::Busy), "GNOMON_E_BUSY") == 0);
    try {
        scene.integrate(room_frame(0));
    } catch (const std::runtime_error &error) {
        CHECK(error.what()[0] != '\0');
    }
}

void what_is_missing_is_no_error() {
    gnomon::Snapshot snapshot = room_scene().snapshot();
    CHECK(!snapshot.find("zebra#1") && !snapshot.find("") && !snapshot.find(123456));
    const auto crate = snapshot.find("crate#1");
    CHECK(crate && gnomon::view(crate->label) == "crate" && snapshot.find(crate->id)->id == crate->id);
    REFUSED(State, snapshot.labels(123456));
    REFUSED(State, snapshot.polygon(123456));
    REFUSED(State, snapshot.relation(gnomon::RelationKind::On, crate->id, 123456));
    REFUSED(Argument, snapshot.relation(gnomon::RelationKind::On, crate->id, crate->id));
    REFUSED(Argument, snapshot.find("\xff"));
}

// ---- views --------------------------------------------------------------------------------------------------------

template <class, class = void>
constexpr bool lists_things_of = false;
template <class Handle>
constexpr bool lists_things_of<Handle, std::void_t<decltype(std::declval<Handle>().objects())>> = true;
static_assert(lists_things_of<const gnomon::Snapshot &> && lists_things_of<gnomon::CogMap &>);
static_assert(!lists_things_of<gnomon::Snapshot> && !lists_things_of<gnomon::CogMap>, "their names would dangle");
static_assert(std::is_same_v<decltype(std::declval<gnomon::Answer &>().text()), std::string_view>);
static_assert(std::is_same_v<decltype(std::declval<gnomon::Answer>().text()), std::string>);
static_assert(std::is_same_v<decltype(std::declval<gnomon::Snapshot>().json()), std::string>);

template <class, class = void>
constexpr bool lists = false;
template <class Handle>
constexpr bool lists<Handle, std::void_t<decltype(std::declval<Handle>().rejected())>> = true;
static_assert(lists<const gnomon::Triplets &> && lists<gnomon::Told &>);
static_assert(!lists<gnomon::Triplets> && !lists<gnomon::Told>, "their reasons would dangle");
template <class, class = void>
constexpr bool tells = false;
template <class Handle>
constexpr bool tells<Handle, std::void_t<decltype(std::declval<Handle>().info())>> = true;
static_assert(tells<gnomon::Layout &> && !tells<gnomon::Layout>, "its names would dangle");

template <class Words, class = void>
constexpr bool may_be_set = false;
template <class Words>
constexpr bool may_be_set<Words, std::void_t<decltype(gnomon::AskOptions().set_vocabulary(std::declval<Words>()))>> =
    true;
static_assert(may_be_set<gnomon::Vocabulary> && !may_be_set<gnomon::Vocabulary &>, "options own their vocabulary");

void texts_of_temporaries_are_kept() {
    gnomon::Scene scene = room_scene();
    const auto answer = scene.snapshot().ask("How many crates are there?").text();
    const auto map = scene.snapshot().cogmap().text();
    const auto told = scene.snapshot().text("", 4096).view();
    CHECK(holds(answer, "crate#1") && holds(map, "crate") && holds(told, "crate#1"));
}

void spans_may_be_empty() {
    gnomon::Scene scene;
    const std::vector<gnomon::Detection> none;
    CHECK(scene.integrate(room_frame(0)).detections == 0);
    CHECK(scene.integrate(room_frame(1), none).detections == 0);
    CHECK(scene.integrate(room_frame(2), {nullptr, 0}).detections == 0);
    scene.update_poses({});
    CHECK(scene.publish().info().objects == 0);
    gnomon::Frame frame = room_frame(3);
    frame.colour = gnomon::image(gnomon::PixelFormat::None, {}, 0, 0);
    CHECK(scene.integrate(frame).frame == 3);
    CHECK(gnomon::span<const int>().empty() && gnomon::view(gnomon_str{nullptr, 0}).empty());
    CHECK(gnomon::str({}).len == 0 && gnomon::strs({}).empty());
    gnomon::Snapshot snapshot = scene.snapshot();
    REFUSED(Argument, snapshot.text("", 0));
    CHECK(snapshot.check("").json() == "[]" && snapshot.events(7).empty());
    REFUSED(Argument, scene.integrate({4, gnomon::pinhole(width, height, 150, 150, 80, 60), level_camera(0),
                                       gnomon::depth_u16({}, width, height)}));
}

void structs_begin_with_their_defaults() {
    const gnomon::SceneOptions scene;
    const gnomon::Frame frame;
    CHECK(scene.struct_size == sizeof(gnomon_scene_options) && scene.abi_version == GNOMON_ABI_VERSION);
    CHECK(scene.confirm_after > 0 && scene.movable_labels_len == 1);
    CHECK(frame.struct_size == sizeof(gnomon_frame) && frame.depth_unit_m == 0.001f && frame.stamp_ns == 0);
    CHECK(gnomon::CogMapOptions().cell_m == 0.5 && gnomon::ChainOptions().units == 1);
    CHECK(gnomon::Question(gnomon::Ask::RoomArea).ask == GNOMON_ASK_ROOM_AREA);
    CHECK(gnomon::GraphOptions().reach_m > 0 && gnomon::GraphOptions().relations == nullptr);
    CHECK(gnomon::Gauge().origin.len == 0 && gnomon::Gauge("a#1", "b#1", 2).baseline_m == 2);
    CHECK(gnomon::AskOptions().vocabulary == nullptr && gnomon::AskOptions().relations == nullptr);
    CHECK(gnomon::Detection().label.len == 0 && gnomon::KeyframePose(3, level_camera(2)).world_from_camera[3] == 2);
}

// ---- callbacks ----------------------------------------------------------------------------------------------------

struct Thrown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <class Call>
std::string thrown_by(const Call &call) {
    try {
        call();
    } catch (const Thrown &thrown) {
        return thrown.what();
    }
    return {};
}

void what_a_log_function_throws_comes_out_of_the_call_that_logged() {
    gnomon::Scene scene = room_scene();
    int lines = 0;
    using gnomon::LogLevel;
    gnomon::set_log(LogLevel::Debug, [&](LogLevel level, std::string_view target, std::string_view text) {
        lines++;
        CHECK(level <= LogLevel::Debug && !target.empty() && !text.empty());
        throw Thrown("the disk is full");
    });
    CHECK(thrown_by([&] { scene.integrate(room_frame(4), both); }) == "the disk is full");
    CHECK(lines >= 1);
    gnomon::set_log(gnomon::LogLevel::Off, {});
    CHECK(scene.publish().info().frames == 5); // the frame was taken in, and nothing is thrown twice
}

void inside_a_log_function_the_scene_is_busy_and_logs_cannot_be_set() {
    gnomon::Scene scene = room_scene();
    int busy = 0, refused_log = 0, seen = 0;
    const auto is = [](gnomon::Status expected, auto call) {
        try {
            call();
        } catch (const gnomon::Error &error) {
            return error.status() == expected ? 1 : 0;
        }
        return 0;
    };
    gnomon::set_log(gnomon::LogLevel::Debug, [&](gnomon::LogLevel, std::string_view, std::string_view) {
        busy += is(gnomon::Status::Busy, [&] { scene.publish(); });
        CHECK(is(gnomon::Status::Busy, [&] { scene.stage_times(); }) == 1);
        refused_log += is(gnomon::Status::State, [] { gnomon::set_log(gnomon::LogLevel::Off, {}); });
        seen += scene.snapshot().info().objects == 2 ? 1 : 0;
    });
    scene.integrate(room_frame(4), both);
    CHECK(busy >= 1 && refused_log == busy && seen == busy);
    gnomon::set_log(gnomon::LogLevel::Off, nullptr);
    const std::vector<gnomon::StageTime> times = scene.stage_times();
    CHECK(times.size() == 7 && gnomon::view(times[0].name) == "register" && times[0].time_s > 0);
}

void a_log_function_is_destroyed_when_another_is_set() {
    const auto life = std::make_shared<int>(0);
    const auto write = [life](gnomon::LogLevel, std::string_view, std::string_view) { ++*life; };
    const long before = life.use_count();
    gnomon::set_log(gnomon::LogLevel::Debug, write);
    CHECK(life.use_count() == before + 1);
    room_scene(1);
    const int lines = *life;
    gnomon::set_log(gnomon::LogLevel::Warn, write);
    CHECK(lines >= 1 && life.use_count() == before + 1);
    room_scene(1);
    CHECK(*life == lines);
    gnomon::set_log(gnomon::LogLevel::Debug, {});
    CHECK(life.use_count() == before);
    REFUSED(Argument, gnomon::set_log(gnomon::LogLevel(99), write));
    CHECK(life.use_count() == before);
}

void what_a_counting_function_throws_comes_out_of_the_call_that_counted() {
    const gnomon::Snapshot snapshot = room_scene().snapshot();
    int calls = 0;
    const auto lines = [&](std::string_view text) {
        calls++;
        CHECK(!text.empty() && snapshot.find("crate#1")); // it may call the library
        return std::size_t{1};
    };
    const gnomon::Text two = snapshot.text("", 3, lines);
    CHECK(calls >= 3 && holds(two.view(), "\n"));
    calls = 0;
    const auto failing = [&](std::string_view) -> std::size_t {
        calls++;
        throw Thrown("no such token");
    };
    CHECK(thrown_by([&] { snapshot.text("", 100, failing); }) == "no such token");
    CHECK(calls == 1);
    CHECK(snapshot.text("", 4096).view().size() > two.view().size());
}

// ---- threads ------------------------------------------------------------------------------------------------------

void readers_share_a_const_snapshot_while_the_scene_is_written() {
    gnomon::Scene scene = room_scene();
    const gnomon::Scene &readable = scene;
    const gnomon::Snapshot snapshot = readable.snapshot();
    const gnomon::CogMap map = snapshot.cogmap();
    const std::string text(map.text()), json(snapshot.json());
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 3; reader++)
        readers.emplace_back([&] {
            for (int turn = 0; turn < 8; turn++) {
                CHECK(snapshot.cogmap().text() == text && map.text() == text && snapshot.json() == json);
                CHECK(snapshot.objects().size() == 2 && readable.snapshot().info().objects == 2);
                REFUSED(State, snapshot.labels(99));
            }
        });
    for (int number = 4; number < 10; number++) scene.integrate(room_frame(number), both);
    for (std::thread &reader : readers) reader.join();
    CHECK(scene.publish().info().frames == 10);
}

// ---- each function asks for what its name says --------------------------------------------------------------------

void the_library_says_what_it_is() {
    gnomon::check_library();
    CHECK(gnomon::abi_version() == GNOMON_ABI_VERSION && std::string_view(gnomon::version()) == GNOMON_VERSION);
    CHECK(gnomon::build_info()[0] == '{');
}

void a_snapshot_tells_all_it_has() {
    gnomon::Scene scene = room_scene();
    const gnomon::Snapshot snapshot = scene.snapshot();
    const gnomon::SceneInfo info = snapshot.info();
    const std::vector<gnomon::Object> objects = snapshot.objects();
    CHECK(info.frames == 4 && info.objects == objects.size() && gnomon::Up(info.up) == gnomon::Up::Z);
    CHECK(snapshot.labels(objects[0].id).size() == objects[0].labels);
    CHECK(gnomon::ObjectState(objects[0].state) == gnomon::ObjectState::Confirmed);
    CHECK(gnomon::feature(objects[0]).empty());
    CHECK(snapshot.keyframes().size() == info.keyframes && snapshot.supports().size() == info.supports);
    CHECK(snapshot.events().size() == info.events && snapshot.events(info.next_event).empty());
    CHECK(gnomon::EventKind(snapshot.events()[0].kind) == gnomon::EventKind::Born);
    for (const gnomon::Support &support : snapshot.supports())
        CHECK(snapshot.polygon(support.id).size() == support.corners);
    CHECK(snapshot.json()[0] == '{');

    const gnomon::KeyframePose moved[] = {{0, [] {
                                               gnomon::Pose pose = level_camera(0);
                                               pose[7] = 1;
                                               return pose;
                                           }()}};
    scene.update_poses(moved);
    const gnomon::Snapshot after = scene.publish();
    const double before_m = snapshot.find("crate#1")->obb.centre[1], after_m = after.find("crate#1")->obb.centre[1];
    CHECK(std::fabs(after_m - before_m - 1) < 0.05);
}

void masks_features_and_colour_cross() {
    gnomon::Scene scene;
    const std::vector<std::uint8_t> mask(40 * 40, 255), colour(width * height * 3, 7);
    const std::array<float, 3> feature = {1, 2, 3};
    const std::vector<float> metres(width * height, 2.5f);
    gnomon::Detection crate("crate", 0.9f, {60, 40, 100, 80});
    crate.set_mask(mask, 60, 40, 40, 40);
    crate.set_feature(feature);
    for (int number = 0; number < 4; number++) {
        gnomon::Frame frame = room_frame(number);
        frame.colour = gnomon::image(gnomon::PixelFormat::Bgr8, colour, width, height);
        if (number == 3) frame.depth = gnomon::depth_f32(metres, width, height);
        const gnomon::FrameReport report = scene.integrate(frame, {&crate, 1});
        CHECK(report.frame == static_cast<std::uint64_t>(number) && report.lifted == 1 && report.depth_pixels > 19000);
    }
    const gnomon::Snapshot snapshot = scene.publish();
    const std::vector<gnomon::Object> objects = snapshot.objects();
    CHECK(objects.size() >= 1 && gnomon::feature(objects[0]).size() == 3 && gnomon::feature(objects[0])[2] == 3);
}

void a_map_tells_all_it_has() {
    const gnomon::Snapshot snapshot = room_scene().snapshot();
    const gnomon::CogMap map = snapshot.cogmap();
    const std::vector<gnomon::Cell> cells = map.cells();
    const std::vector<gnomon::MapObject> objects = map.objects();
    CHECK(map.info().side == 10 && map.info().cell_m == 0.5 && cells.size() == 100 && objects.size() == 2);
    CHECK(gnomon::CellState(cells[0].state) == gnomon::CellState::Unknown && gnomon::ids(cells[0]).empty());
    CHECK(gnomon::footprint(objects[0]).size() == 8 && map.beyond().empty());
    CHECK(holds(map.text(), "crate") && map.json()[0] == '{' && holds(map.ascii(), "\n") && map.svg()[0] == '<');
    CHECK(map.png().size() > 100 && map.png()[0] == 0x89);
    gnomon::CogMapOptions behind;
    behind.observer = gnomon::code(gnomon::Observer::Heading);
    behind.origin[0] = -9;
    const gnomon::CogMap far = snapshot.cogmap(behind);
    CHECK(far.objects().empty() && far.beyond().size() == far.info().beyond);
    for (const gnomon::MapBeyond &thing : far.beyond()) CHECK(gnomon::footprint(thing).size() == 2 * thing.corners);
}

void questions_and_statements_are_answered() {
    const gnomon::Snapshot snapshot = room_scene().snapshot();
    const gnomon::Answer counted = snapshot.ask("How many crates are there?");
    const gnomon::AnswerFacts count = counted.info();
    CHECK(count.known == 1 && gnomon::numbers(count).size() == 1 && gnomon::numbers(count)[0] == 1);
    CHECK(gnomon::words(count).empty() && !gnomon::option(count) && counted.evidence().size() == 1);
    CHECK(counted.brief() == "1" && holds(counted.text(), "crate#1") && counted.json()[0] == '{');
    const gnomon::Answer wider =
        snapshot.ask("Which is wider, the crate or the chest?", {"A. crate", "B. chest"}, gnomon::AskOptions());
    CHECK(gnomon::option(wider.info()) == std::size_t{0} && gnomon::view(gnomon::words(wider.info())[0]) == "crate");
    const std::vector<gnomon_str> things = gnomon::strs({"chest", "crate"});
    gnomon::Question question(gnomon::Ask::Distance, things);
    question.unit = gnomon::code(gnomon::Unit::Centimetre);
    const gnomon::Answer distance = snapshot.ask(question);
    CHECK(gnomon::Value(distance.info().value) == gnomon::Value::Length && gnomon::spread(distance.info()));
    CHECK(gnomon::spread(distance.info())->at(0) <= gnomon::numbers(distance.info())[0]);
    const gnomon::Answer strange = snapshot.ask("How?", {}, {});
    CHECK(gnomon::Unknown(strange.info().why) == gnomon::Unknown::NotUnderstood);

    const gnomon::Judgements judged = snapshot.check("The chest is to the left of the crate. What a lovely day.");
    const std::vector<gnomon::Judgement> both_judged = judged.list();
    CHECK(both_judged.size() == 2 && gnomon::Verdict(both_judged[0].verdict) == gnomon::Verdict::Agrees);
    CHECK(gnomon::probability(both_judged[0]).value() > 0.8 && !gnomon::probability(both_judged[1]));
    CHECK(judged.json()[0] == '[');

    const std::uint64_t crate = snapshot.find("crate#1")->id, chest = snapshot.find("chest#1")->id;
    const gnomon::Relation left = snapshot.relation(gnomon::RelationKind::Left, chest, crate);
    CHECK(left.holds == 1 && gnomon::MarginUnit(left.margin_unit) == gnomon::MarginUnit::Metres);
    gnomon::RelationOptions reversed;
    reversed.observer = gnomon::code(gnomon::Observer::Heading);
    reversed.heading_rad = 3.14159265;
    CHECK(snapshot.relation(gnomon::RelationKind::Left, chest, crate, 0, reversed).holds == 0);
}

void a_chain_is_kept_up_to_date() {
    const gnomon::Snapshot snapshot = room_scene().snapshot();
    gnomon::Chain chain;
    CHECK(chain.text().view().empty());
    const gnomon::Chain::Change first = chain.update(snapshot), second = chain.update(snapshot);
    CHECK(first.lines == 1 && first.lines_changed == 1 && second.lines == 1 && second.lines_changed == 0);
    const gnomon::Text text = chain.text();
    CHECK(holds(text.view(), "crate#1") && text.view().back() == '\n');
    gnomon::ChainOptions options;
    options.order = gnomon::code(gnomon::ChainOrder::BestFirst);
    CHECK(gnomon::Chain(options).update(snapshot).lines == 1);
}

void every_format_of_colour_is_taken() {
    struct Stored {
        gnomon::PixelFormat format;
        std::size_t bytes; // of two pixels
    };
    using Format = gnomon::PixelFormat;
    const Stored all[] = {{Format::Rgb8, 6},  {Format::Bgr8, 6}, {Format::Mono8, 2}, {Format::Rgba8, 8},
                          {Format::Bgra8, 8}, {Format::Yuyv, 4}, {Format::Uyvy, 4},  {Format::Nv12, 3},
                          {Format::Mono16, 4}};
    gnomon::Scene scene;
    int number = 0;
    for (const Stored &stored : all) {
        const std::vector<std::uint8_t> colour(width * height / 2 * stored.bytes, 7);
        gnomon::Frame frame = room_frame(number++);
        frame.colour = gnomon::image(stored.format, colour, width, height);
        CHECK(scene.integrate(frame, both).lifted == 2);
        frame = room_frame(number);
        frame.colour = gnomon::image(stored.format, {colour.data(), colour.size() - 1}, width, height);
        CHECK(holds(REFUSED(Argument, scene.integrate(frame, both)), "colour"));
    }
    CHECK(scene.publish().info().objects == 2);
}

/// How high the crate is, metres, when the room's pictures are taken to come from this camera.
double height_through(const gnomon::Intrinsics &camera) {
    gnomon::Scene scene;
    for (int number = 0; number < 4; number++) {
        gnomon::Frame frame = room_frame(number);
        frame.intrinsics = camera;
        scene.integrate(frame, both);
    }
    const gnomon::Snapshot snapshot = scene.publish();
    return snapshot.find("crate#1").value().obb.size[2];
}

void a_lens_bends_as_its_coefficients_say() {
    const gnomon::Intrinsics straight = gnomon::pinhole(width, height, 150, 150, 80, 60);
    const double fisheye[] = {0.1, 0.2, 0.3, 0.4}, radial[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8};
    const gnomon::Intrinsics equidistant = gnomon::with_lens(straight, gnomon::Lens::Equidistant, fisheye);
    CHECK(equidistant.k3 == 0.3 && equidistant.k4 == 0.4 && equidistant.p1 == 0 && equidistant.fx == 150);
    const gnomon::Intrinsics rational = gnomon::with_lens(equidistant, gnomon::Lens::RationalPolynomial, radial);
    CHECK(rational.k2 == 0.2 && rational.p1 == 0.3 && rational.k3 == 0.5 && rational.k6 == 0.8);
    CHECK(gnomon::Lens(rational.model) == gnomon::Lens::RationalPolynomial);
    CHECK(gnomon::with_lens(rational, gnomon::Lens::PlumbBob, {}).k4 == 0);
    CHECK(holds(REFUSED(Argument, gnomon::with_lens(straight, gnomon::Lens::PlumbBob, radial)), "at most 5"));
    CHECK(holds(REFUSED(Argument, gnomon::with_lens(straight, gnomon::Lens::Equidistant, radial)), "at most 4"));

    const double wide[] = {-0.4}, none[] = {0, 0, 0, 0};
    const auto through = [&](gnomon::Lens lens, gnomon::span<const double> coefficients) {
        return height_through(gnomon::with_lens(straight, lens, coefficients));
    };
    const double high = height_through(straight);
    CHECK(through(gnomon::Lens::PlumbBob, none) == high && through(gnomon::Lens::RationalPolynomial, none) == high);
    CHECK(through(gnomon::Lens::PlumbBob, wide) > high && through(gnomon::Lens::Equidistant, none) > high);
    gnomon::Scene scene;
    gnomon::Frame frame = room_frame(0);
    frame.intrinsics = gnomon::with_lens(straight, gnomon::Lens(77), none);
    CHECK(holds(REFUSED(Argument, scene.integrate(frame, both)), "77"));
}

void triplets_are_read_composed_and_held_against_truth() {
    const std::vector<std::string_view> known = {"desk#1", "sofa#1", "lamp#1"};
    const gnomon::Triplets triplets = gnomon::Triplets::read(std::string(triplet_lines), known);
    const std::vector<gnomon::Triplet> lines = triplets.list();
    CHECK(lines.size() == 2 && lines[1].t == 2 && gnomon::view(lines[1].c) == "lamp#1" && lines[1].c_xy[1] == 6);
    const std::vector<gnomon::Rejected> rejected = triplets.rejected();
    CHECK(rejected.size() == 2 && triplets.rejected_in_all() == 2 && rejected[0].line == 4);
    CHECK(holds(gnomon::view(rejected[0].reason), "c_xy is 10.1"));
    CHECK(holds(gnomon::view(rejected[1].reason), "ghost#1"));
    const gnomon::Triplets all = gnomon::Triplets::read(triplet_lines);
    CHECK(all.list().size() == 3);
    CHECK(gnomon::Triplets::read("").rejected_in_all() == 0);
    REFUSED(Argument, gnomon::Triplets::read("\xff"));

    const gnomon::Layout layout = triplets.layout(gnomon::Gauge("desk#1", "sofa#1", 2.02));
    const gnomon::LayoutFacts facts = layout.info();
    CHECK(gnomon::view(facts.origin) == "desk#1" && gnomon::view(facts.ahead) == "sofa#1" && facts.baseline_m == 2.02);
    const std::vector<gnomon::Place> places = layout.places();
    CHECK(places.size() == 3 && facts.places == 3 && facts.loops == 1 && gnomon::view(places[1].name) == "lamp#1");
    CHECK(std::fabs(places[1].at[0] - 1) < 1e-9 && std::fabs(places[1].at[1]) < 1e-9);
    const std::vector<gnomon::Loop> loops = layout.loops();
    CHECK(loops.size() == 1 && loops[0].triplet == 1 && std::fabs(loops[0].residual_m - 0.5) < 1e-9);
    const std::vector<gnomon::Place> truth = {gnomon::place("desk#1", 10, 20), gnomon::place("sofa#1", 12, 20),
                                              gnomon::place("lamp#1", 10.25, 19), gnomon::place("vase#1", 1, 1)};
    const gnomon::PlacementError composed = layout.error(truth, 0.5), told = triplets.error(truth);
    CHECK(composed.things == 2 && composed.placed == 1 && std::fabs(composed.mean_cells - 0.5) < 1e-9);
    CHECK(told.things == 2 && told.placed == 1 && told.mean_cells > 0.4);
    REFUSED(Argument, layout.error(truth, 0));
    REFUSED(Argument, layout.error({}, 0.5));
    REFUSED(Argument, gnomon::Triplets::read("nothing").layout());
    REFUSED(Argument, triplets.layout(gnomon::Gauge("desk#1", "", 2)));
    CHECK(std::fabs(gnomon::Triplets::read(triplet_lines).layout().loops()[0].residual_m - 0.5) < 1e-9);
}

void what_a_text_tells_is_read_back_and_answers() {
    const gnomon::Snapshot snapshot = room_scene().snapshot();
    const gnomon::Told told = gnomon::Told::read(snapshot.text("", 4096).view());
    CHECK(told.rejected().empty() && told.rejected_in_all() == 0 && told.triplets().size() == 1);
    const std::vector<gnomon::ToldThing> things = told.things();
    CHECK(things.size() == 2 && gnomon::Whereabouts(things[0].told) == gnomon::Whereabouts::Box);
    for (const gnomon::ToldThing &thing : things) {
        const double truth = snapshot.find(gnomon::view(thing.name)).value().obb.centre[0];
        CHECK(std::fabs(gnomon::told_box(thing).value().centre[0] - truth) < 0.006);
    }
    CHECK(told.ask("How many crates are there?").brief() == "1");
    CHECK(told.ask("Which is wider, the crate or the chest?", {"A. crate", "B. chest"}).brief() == "A");

    const gnomon::Told prose =
        gnomon::Told::read("room 30.2 m2\ncount chair 4\nSurely!\nchair#1 120 -35\ntv#1 @2.1\nsofa#1 1 2 3\n");
    CHECK(prose.room_area_m2() == 30.2 && !gnomon::Told::read("").room_area_m2());
    const std::vector<gnomon::ToldCount> counts = prose.counts();
    CHECK(counts.size() == 1 && gnomon::view(counts[0].label) == "chair" && counts[0].count == 4);
    const std::vector<gnomon::ToldThing> rows = prose.things();
    CHECK(rows.size() == 2 && !gnomon::told_box(rows[0]) && !gnomon::told_first_seen_ns(rows[0]));
    CHECK(gnomon::Whereabouts(rows[0].told) == gnomon::Whereabouts::Place && rows[0].obb.centre[1] == -0.35);
    CHECK(gnomon::told_first_seen_ns(rows[1]) == std::int64_t{2100000000});
    const std::vector<gnomon::Rejected> rejected = prose.rejected();
    CHECK(prose.rejected_in_all() == 2 && rejected[0].line == 3 && rejected[1].line == 6);
    CHECK(holds(gnomon::view(rejected[1].reason), "3 numbers"));
    CHECK(holds(REFUSED(Argument, gnomon::Told::read("\xff")), "gnomon_told_read"));
}

void a_graph_lists_what_began_and_ended() {
    const gnomon::Snapshot snapshot = room_scene().snapshot();
    gnomon::GraphOptions options;
    {
        gnomon::RelationOptions lines; // gone when the options are used
        lines.near_m = 5;
        options.set_relations(lines);
    }
    options.reach_m = 6;
    const gnomon::GraphOptions moved = std::move(options);
    gnomon::RelationGraph graph(moved), again(options);
    CHECK(graph.list().empty() && graph.changes().empty());
    const gnomon::GraphReport report = graph.update(snapshot);
    const std::vector<gnomon::GraphRelation> held = graph.list();
    const std::vector<gnomon::GraphChange> changes = graph.changes();
    CHECK(report.things_changed == 2 && report.pairs_compared == 1 && report.began == held.size() && report.ended == 0);
    CHECK(held.size() >= 1 && changes.size() == held.size() && changes[0].began == 1);
    bool is_near = false;
    for (const gnomon::GraphRelation &relation : held)
        is_near = is_near || gnomon::RelationKind(relation.kind) == gnomon::RelationKind::Near;
    CHECK(is_near && again.update(snapshot).began == report.began);
    CHECK(graph.update(snapshot).began == 0 && graph.changes().empty());
    CHECK(graph.update(gnomon::Scene().snapshot()).ended == held.size() && graph.list().empty());
    CHECK(graph.changes().size() == held.size() && graph.changes()[0].began == 0);
    gnomon::GraphOptions far;
    far.reach_m = 101;
    CHECK(holds(REFUSED(Argument, gnomon::RelationGraph{far}), "reach"));
}

void options_keep_the_words_they_were_given() {
    const gnomon::Snapshot snapshot = room_scene().snapshot();
    const auto counted = [&](std::string_view question, const gnomon::AskOptions &options) {
        return std::string(snapshot.ask(question, {}, options).brief());
    };
    constexpr std::string_view strongboxes = "How many strongboxes are there?";
    gnomon::AskOptions options, kept;
    CHECK(counted(strongboxes, options) == "unknown");
    {
        gnomon::Vocabulary words;
        words.add({"crate", "strongbox"});
        options.set_vocabulary(std::move(words));
        gnomon::RelationOptions lines;
        lines.near_m = 5;
        options.set_relations(lines);
        kept = options;
    }
    CHECK(counted(strongboxes, options) == "1" && kept.vocabulary == options.vocabulary);
    gnomon::AskOptions moved = std::move(options);
    options.set_vocabulary(gnomon::Vocabulary::without_words());
    CHECK(counted(strongboxes, options) == "unknown" && counted(strongboxes, moved) == "1");
    moved = gnomon::AskOptions();
    CHECK(counted(strongboxes, moved) == "unknown" && counted(strongboxes, kept) == "1");
    CHECK(gnomon::Told::read("crate#1 100 200").ask(strongboxes, {}, kept).brief() == "1");
    CHECK(snapshot.ask("Is the crate near the chest?", {}, kept).text()[0] == 'y');

    gnomon::Vocabulary words = gnomon::Vocabulary::without_words();
    CHECK(holds(REFUSED(Argument, words.add({"crate"})), "gnomon_vocabulary_add"));
    REFUSED(Argument, words.add({}));
}

void rewards_of_a_group_become_advantages() {
    const std::vector<double> rewards = {0, 2};
    const std::vector<double> population = gnomon::reward_advantages(rewards, gnomon::Spread::Population);
    CHECK(population.size() == 2 && population[0] == -1 && population[1] == 1);
    CHECK(std::fabs(gnomon::reward_advantages(rewards, gnomon::Spread::Sample)[1] - std::sqrt(0.5)) < 1e-12);
    CHECK(gnomon::reward_advantages({}, gnomon::Spread::Sample).empty());
    CHECK(holds(REFUSED(Argument, gnomon::reward_advantages(rewards, gnomon::Spread(9))), "9"));
}

void boxes_and_marks() {
    const gnomon::Box a = {{0, 0, 0.5}, {1, 1, 1}, {0, 0, 0, 1}}, b = {{1.2, 0.1, 0.5}, {1, 1, 1}, {0, 0, 0, 1}};
    CHECK(std::fabs(gnomon::box_gap(a, b) - 0.2) < 1e-9 && std::fabs(gnomon::box_iou(a, a) - 1) < 1e-9);
    CHECK(gnomon::score_mra(gnomon::MraKind::Official, 1.5, 1) == 0.1);
    CHECK(gnomon::score_mra(gnomon::MraKind::Strict, 1.5, 1) == 0);
    const std::vector<std::string_view> options = {"A. left", "B. right"};
    CHECK(gnomon::score_vsi("object_rel_direction_easy", gnomon::Reading::Lenient, "right", "B", options) == 1);
    CHECK(gnomon::score_vsi("object_counting", gnomon::Reading::Official, "3 chairs", "3") == 1);
    CHECK(gnomon::score_msmu("width", "0.5 m", "It is 52 cm wide.") == 1);
    CHECK(gnomon::reward_format("<think>so</think> <answer>3</answer>") == 1 && gnomon::reward_format("3") == 0);
    CHECK(gnomon::reward_choice("<answer> B </answer>", "B") == 1 && gnomon::reward_choice("A", "B") == 0);
    CHECK(gnomon::reward_numeric("<answer>1,000</answer>", 1000) == 1);
    CHECK(gnomon::reward_text("<answer>ab</answer>", "ac", gnomon::EditDistance::Indel) == 0.5);
    CHECK(gnomon::reward_text("<answer>ab</answer>", "ac", gnomon::EditDistance::Levenshtein) == 0.75);
}

/// A file of this process alone, gone with this object.
struct File {
    std::string path;
    explicit File(const char *name)
        : path((std::filesystem::temp_directory_path() /
                ("gnomon-cpp-" + std::to_string(getpid()) + name))
                   .string()) {}
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    ~File() {
        std::error_code unimportant;
        std::filesystem::remove(path, unimportant);
    }
};

void a_scene_is_saved_and_loaded_with_its_chain() {
    const File plain(".json"), packed(".json.zst");
    const gnomon::Snapshot snapshot = room_scene().snapshot();
    gnomon::Chain chain;
    chain.update(snapshot);
    const std::uint64_t bytes = snapshot.save(plain.path, chain);
    CHECK(snapshot.save(packed.path) < bytes);
    const gnomon::Snapshot loaded = gnomon::Snapshot::load(packed.path);
    CHECK(loaded.json() == snapshot.json() && gnomon::Snapshot::load(plain.path).json() == snapshot.json());
    CHECK(gnomon::Chain::load(plain.path).text().view() == std::string(chain.text().view()));
    REFUSED(State, gnomon::Chain::load(packed.path));
    CHECK(holds(REFUSED(Io, gnomon::Snapshot::load("/nowhere/at/all")), "/nowhere/at/all"));
    gnomon::Chain moved = std::move(chain);
    REFUSED(Argument, snapshot.save(plain.path, chain));
    REFUSED(Argument, gnomon::Snapshot().save(plain.path));
}

void edits_are_kept_and_two_snapshots_compared() {
    gnomon::Scene scene = room_scene();
    scene.set_inputs({"a camera", "a detector"});
    const gnomon::Snapshot before = scene.publish();
    const gnomon::Object crate = before.find("crate#1").value(), chest = before.find("chest#1").value();
    scene.edit(gnomon::Edit::rename(crate.id, "Anna's box", "anna", 77));
    scene.edit(gnomon::Edit::relabel(chest.id, "trunk", "anna"));
    const gnomon::Snapshot after = scene.publish();
    CHECK(after.find("Anna's box").value().id == crate.id && gnomon::view(after.find(chest.id).value().label) == "trunk");
    const std::vector<gnomon_edit> edits = after.edits();
    CHECK(edits.size() == 2 && gnomon::EditKind(edits[0].kind) == gnomon::EditKind::Rename && edits[0].stamp_ns == 77);
    CHECK(gnomon::view(edits[0].who) == "anna" && gnomon::view(edits[1].word) == "trunk" && after.edits(1).size() == 1);
    CHECK(after.provenance().edits == 2 && gnomon::view(after.provenance().version) == GNOMON_VERSION);
    CHECK(after.inputs() == std::vector<std::string>({"a camera", "a detector"}));
    const gnomon::SceneDiff diff = before.diff(after);
    CHECK(diff.facts.changed == 2 && holds(diff.words, "renamed: crate#1 is now Anna's box") && diff.json[0] == '{');

    gnomon::Box aside = crate.obb;
    aside.centre[1] += 3;
    const gnomon::Snapshot pinned = before.edit(gnomon::Edit::pin(crate.id, aside, "anna"));
    CHECK(before.diff(pinned).facts.moved == 1 && before.edit(gnomon::Edit::remove(crate.id, "anna")).info().objects == 1);
    CHECK(before.edit(gnomon::Edit::merge(chest.id, crate.id, "anna")).info().objects == 1);
    REFUSED(Unsupported, before.edit(gnomon::Edit::unpin(crate.id, "anna")));
    gnomon::DiffOptions options;
    options.same_by = code(gnomon::SameBy::Place);
    options.least_move_m = 5;
    CHECK(before.diff(pinned, options).facts.same == 2);
    REFUSED(Argument, scene.edit(gnomon::Edit::rename(99, "none", "anna")));
    REFUSED(Argument, scene.edit(gnomon::Edit::rename(crate.id, "none", "")));
}

void a_recording_is_made_again_and_goes_on() {
    const File file(".recording");
    gnomon::Scene scene;
    scene.record(file.path);
    for (int number = 0; number < 4; number++) scene.integrate(room_frame(number), both);
    const std::string then(scene.publish().json());
    CHECK(scene.recording().is_open == 1 && scene.why_recording_ended().empty());
    scene.end_recording();
    CHECK(scene.recording().is_open == 0);
    REFUSED(State, scene.record(file.path));
    gnomon::Replayed again = gnomon::Scene::replay(file.path);
    CHECK(gnomon::Tail(again.facts.tail) == gnomon::Tail::Whole && again.facts.frames == 4 && again.facts.differs == 0);
    CHECK(again.scene.snapshot().json() == then && holds(again.words, "the recording is whole"));
    CHECK(again.scene.integrate(room_frame(4), both).associated == 2);
    REFUSED(Io, gnomon::Scene::replay("/nowhere/at/all"));
    REFUSED(State, gnomon::Scene().end_recording());
}

void frames_are_chosen_and_kept() {
    const std::vector<std::vector<std::uint64_t>> seen = {{1, 2, 3}, {3, 4, 5, 6}, {1, 2, 7}, {7}};
    std::vector<gnomon::VoxelSet> sets;
    for (const std::vector<std::uint64_t> &voxels : seen) sets.emplace_back(voxels);
    const gnomon::Selection chosen = gnomon::select(sets, 3);
    CHECK(chosen.picks.size() == 3 && chosen.picks[0].order == -1 && chosen.picks[1].gain == 4 && chosen.facts.covered == 7);
    CHECK(gnomon::select(gnomon::span<const gnomon::VoxelSet>(), 3).picks.empty());
    const std::vector<gnomon::Frame> frames = {room_frame(0), room_frame(900)};
    gnomon::SelectOptions options;
    options.count = 1;
    CHECK(gnomon::select(frames, options).picks.size() == 1 && gnomon::select(frames).picks.size() == 2);
    const std::vector<float> small = {0, 0, 0, 1, 1, 1}, large = {0, 0, 0, 4, 4, 4}, sure = {1, 1};
    const std::vector<gnomon::PointMap> maps = {gnomon::PointMap(small, sure), gnomon::PointMap(large)};
    options.edge_kind = code(gnomon::EdgeKind::Length);
    options.edge = 0.5;
    CHECK(gnomon::select(maps, options).facts.seen == 3);
    options.edge = 0;
    REFUSED(Argument, gnomon::select(maps, options));

    gnomon::KeeperOptions most;
    most.count = 1;
    gnomon::Keeper keeper(most);
    CHECK(keeper.offer(0, std::vector<double>{0.05, 0.05, 0.05}).is_kept == 1);
    const gnomon::Swap swap = keeper.offer(3, room_frame(0));
    CHECK(swap.has_gone == 1 && swap.gone == 0 && swap.loss == 1 && swap.gain > 100);
    CHECK(keeper.kept().size() == 1 && keeper.kept()[0].frame == 3 && keeper.log().size() == 2);
    CHECK(keeper.info().offered == 2 && keeper.info().covered == swap.gain);
    const gnomon::Box ahead = {{2, 0, 1.2}, {0.5, 0.5, 0.5}, {0, 0, 0, 1}};
    CHECK(keeper.seeing(ahead).size() == 1 && keeper.seeing(ahead)[0].frame == 3);
    REFUSED(Argument, keeper.offer(3, room_frame(1)));
    gnomon::Keeper other = std::move(keeper);
    REFUSED(Argument, keeper.kept());
    CHECK(other.kept().size() == 1);
}

}  // namespace

int main() {
    what_was_moved_from_is_refused();
    a_reader_that_was_moved_from_is_refused();
    moving_onto_oneself_changes_nothing();
    handles_cross_to_c_and_back();
    what_is_asked_for_outlives_what_it_came_from();
    a_refusal_has_a_code_and_a_sentence_and_changes_nothing();
    what_is_missing_is_no_error();
    texts_of_temporaries_are_kept();
    spans_may_be_empty();
    structs_begin_with_their_defaults();
    what_a_log_function_throws_comes_out_of_the_call_that_logged();
    inside_a_log_function_the_scene_is_busy_and_logs_cannot_be_set();
    a_log_function_is_destroyed_when_another_is_set();
    what_a_counting_function_throws_comes_out_of_the_call_that_counted();
    readers_share_a_const_snapshot_while_the_scene_is_written();
    the_library_says_what_it_is();
    a_snapshot_tells_all_it_has();
    masks_features_and_colour_cross();
    a_map_tells_all_it_has();
    questions_and_statements_are_answered();
    a_chain_is_kept_up_to_date();
    every_format_of_colour_is_taken();
    a_lens_bends_as_its_coefficients_say();
    triplets_are_read_composed_and_held_against_truth();
    what_a_text_tells_is_read_back_and_answers();
    a_graph_lists_what_began_and_ended();
    options_keep_the_words_they_were_given();
    rewards_of_a_group_become_advantages();
    boxes_and_marks();
    a_scene_is_saved_and_loaded_with_its_chain();
    edits_are_kept_and_two_snapshots_compared();
    a_recording_is_made_again_and_goes_on();
    frames_are_chosen_and_kept();
#ifdef PLANT_LEAK
    if (room_scene().snapshot().release() == nullptr) return 2;
#endif
#ifdef PLANT_LATE_VIEW
    std::string_view late;
    {
        const gnomon::Snapshot snapshot = room_scene().snapshot();
        late = snapshot.json();
    }
    std::printf("%c\n", late[0]);
#endif
    return outcome("api.cpp");
}
