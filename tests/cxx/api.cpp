/// What the cxx bridge does beyond tests/behaviour: what is refused and how it says so, and the nouns that the job leaves out.
#include "check.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

namespace gn = gnomon::cxx;

/// A wall 2 m ahead of a camera 1.2 m above the floor, a cup 1 m ahead.
struct Sight {
    std::vector<float> depth_m = std::vector<float>(48 * 64, 2.0f);
    std::vector<float> feature = {0.5f, 0.25f};
    gn::Frame frame{};
    std::vector<gn::Detection> found;

    Sight() {
        for (std::size_t v = 16; v < 32; v++)
            for (std::size_t u = 16; u < 32; u++) depth_m[v * 64 + u] = 1.0f;
        frame.intrinsics = {64, 48, 60, 60, 31.5, 23.5, {}};
        frame.world_from_camera = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};
        point_at_depth();
        found.push_back({"cup", 0.9f, {16, 16, 32, 32}, {}, {feature.data(), feature.size()}});
    }

    /// Anew for a copy, whose frame shows the original's depth.
    void point_at_depth() {
        const auto *bytes = reinterpret_cast<const std::uint8_t *>(depth_m.data());
        frame.depth = {{bytes, depth_m.size() * 4}, 0, 64, 48, gn::PixelFormat::DepthF32M};
    }

    gn::FrameReport into(gn::Scene &scene, std::int64_t stamp_ns) {
        frame.stamp_ns = stamp_ns;
        return scene.integrate(frame, {found.data(), found.size()});
    }
};

void a_map_is_published_saved_and_read(Sight &sight) {
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) sight.into(*scene, stamp_ns);
    check(scene->snapshot()->objects().empty(), "nothing is visible before it is published");
    const rust::Box<gn::Snapshot> map = scene->publish();
    check(scene->snapshot()->info().frames == 3 && map->share()->info().objects == 1, "three frames, one thing");
    check(map->knows("cup#1") && !map->knows("cup#2"), "the cup is known by its name");

    const gn::Object cup = map->object_named("cup#1");
    check(cup.feature.size() == 2 && cup.feature[1] == 0.25f, "a feature comes back");
    check(cup.state == gn::ObjectState::Confirmed && cup.last_seen_ns == 3, "the cup is believed");
    check(map->events().size() == 1 && map->events()[0].kind == gn::EventKind::Born, "it was born");
    check(map->keyframes().size() == 1, "one frame was kept");
    const rust::Box<gn::Snapshot> read = gn::Snapshot::from_json(map->json());
    check(read->object_named("cup#1").obb.centre == cup.obb.centre, "a saved scene is read back");

    const gn::Keyframe kept = map->keyframes()[0];
    gn::KeyframePose corrected = {kept.id, kept.world_from_camera};
    corrected.world_from_camera[3] += 0.5;
    scene->update_poses({&corrected, 1});
    const double moved_m = scene->publish()->object_named("cup#1").obb.centre[0] - cup.obb.centre[0];
    check(moved_m > 0.4 && moved_m < 0.6, "a corrected keyframe takes the cup along");
    corrected.id = 77;
    refused("GNOMON_E_ARGUMENT", "77", [&] { scene->update_poses({&corrected, 1}); });
    refused("GNOMON_E_STATE", "saucer#1", [&] { map->object_named("saucer#1"); });
    refused("GNOMON_E_IO", "scene", [&] { gn::Snapshot::from_json("{}"); });
}

void maps_have_cells_and_pictures(Sight &sight) {
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) sight.into(*scene, stamp_ns);
    const rust::Box<gn::Snapshot> map = scene->publish();
    const rust::Box<gn::Observer> here = gn::Observer::newest(*map);
    const rust::Box<gn::Observer> there = gn::Observer::at({0, 0}, 0);
    check(std::abs(here->heading_rad() - there->heading_rad()) < 1e-9, "one observer, two ways");
    check(std::abs(here->origin()[0] - there->origin()[0]) < 1e-9, "at one place");

    const rust::Box<gn::CogMap> cells = map->cogmap(*here, gn::default_cogmap_options());
    check(cells->cells().size() == 100 && cells->occupancy().size() == 100 && cells->cell_m() == 0.5, "a hundred cells");
    std::size_t touched = 0;
    for (const gn::Cell &cell : cells->cells()) touched += cell.objects.size();
    check(touched > 0, "the cup touches a cell");
    check(cells->objects().size() == 1 && cells->objects()[0].name == "cup#1", "the cup is inside");
    check(cells->png().size() > 100 && cells->png()[1] == 'P', "the picture is a PNG file");
    gn::CogMapOptions options = gn::default_cogmap_options();
    options.cell_m = 99;
    refused("GNOMON_E_ARGUMENT", "99", [&] { map->cogmap(*here, options); });
    options.hold.push_back(map->object_named("cup#1").id);
    check(map->cogmap(*here, options)->cell_m() < 0.5, "cells become as small as what they hold allows");

    const std::uint64_t cup = map->object_named("cup#1").id;
    const gn::RelationOptions lines = gn::default_relation_options();
    refused("GNOMON_E_ARGUMENT", "twice", [&] { map->relation(gn::RelationKind::Near, cup, cup, *here, lines); });
    refused("GNOMON_E_ARGUMENT", "no object", [&] { map->between(cup, cup + 1, cup + 2); });
    refused("GNOMON_E_ARGUMENT", "77", [&] { map->relation(gn::RelationKind{77}, cup, cup + 1, *here, lines); });
    refused("GNOMON_E_ARGUMENT", "heading", [&] { gn::Observer::at({0, 0}, std::numeric_limits<double>::infinity()); });
}

void answers_know_choices_and_reasons(Sight &sight) {
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) sight.into(*scene, stamp_ns);
    const rust::Box<gn::Snapshot> map = scene->publish();
    const std::vector<rust::Str> choices = {"A. 3", "B. 1"};
    gn::AskOptions options = gn::default_ask_options();
    const auto answer = map->ask("How many cups are there?", {choices.data(), choices.size()}, options);
    check(answer->is_known() && answer->choice() == 1 && answer->reason().empty(), "one cup, the second choice");
    const auto unknown = map->ask("How tall is the zebra?", {}, options);
    check(!unknown->is_known() && unknown->reason() == "never-seen" && unknown->probability() == 0, "no zebra");
    options.tolerance = 2;
    refused("GNOMON_E_ARGUMENT", "tolerance", [&] { map->ask("How tall is the cup?", {}, options); });
}

/// The cup, a bowl as far to its right, and a wall.
rust::Box<gn::Snapshot> cup_and_bowl(Sight &sight) {
    Sight both = sight;
    for (std::size_t v = 16; v < 32; v++)
        for (std::size_t u = 36; u < 52; u++) both.depth_m[v * 64 + u] = 1.0f;
    both.point_at_depth();
    both.found.push_back({"bowl", 0.9f, {36, 16, 52, 32}, {}, {}});
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) both.into(*scene, stamp_ns);
    return scene->publish();
}

void questions_in_types_are_those_in_words(Sight &sight) {
    const rust::Box<gn::Snapshot> map = cup_and_bowl(sight);
    const gn::AskOptions options = gn::default_ask_options();
    gn::Question question{};
    question.things = {"cup"};
    check(map->ask_typed(question, options)->bare() == "1", "one cup is counted");
    question.ask = gn::Ask::Distance;
    refused("GNOMON_E_ARGUMENT", "needs 2", [&] { map->ask_typed(question, options); });
    question.things.push_back("bowl");
    const auto words = map->ask("How far is the cup from the bowl, in centimetres?", {}, options);
    question.unit = gn::Unit::Centimetre;
    check(map->ask_typed(question, options)->text() == words->text(), "a distance in types and in words");
    question.ask = gn::Ask::SideOf;
    question.side = gn::Side::Left;
    check(map->ask_typed(question, options)->bare() == "yes", "the cup is left of the bowl");
    question.from = gn::AskedFrom::Heading;
    question.origin = {4, 0};
    question.heading_rad = 3.141592653589793;
    check(map->ask_typed(question, options)->bare() == "no", "and right of it for someone who looks back at it");
    question.heading_rad = std::numeric_limits<double>::quiet_NaN();
    refused("GNOMON_E_ARGUMENT", "heading_rad", [&] { map->ask_typed(question, options); });
    question = gn::Question{};
    question.ask = gn::Ask::LengthGiven;
    question.things = {"cup", "bowl"};
    refused("GNOMON_E_ARGUMENT", "0 lengths are told", [&] { map->ask_typed(question, options); });
    question.ask = gn::Ask{99};
    refused("GNOMON_E_ARGUMENT", "ask is 99", [&] { map->ask_typed(question, options); });
}

void words_and_lines_are_the_caller_s(Sight &sight) {
    const rust::Box<gn::Snapshot> map = cup_and_bowl(sight);
    gn::AskOptions options = gn::default_ask_options();
    const char *question = "How many chalices are there?";
    check(!map->ask(question, {}, options)->is_known(), "nobody said what a chalice is");
    options.vocabulary.synonyms.push_back({{"cup", "chalice"}});
    check(map->ask(question, {}, options)->bare() == "1", "a chalice is a cup for who says so");
    options.vocabulary.synonyms.push_back({{"cup"}});
    refused("GNOMON_E_ARGUMENT", "synonyms", [&] { map->ask(question, {}, options); });
    options = gn::default_ask_options();
    options.judging.agree_from = 2;
    refused("GNOMON_E_ARGUMENT", "agree", [&] { map->check("There is a cup.", options); });
    options = gn::default_ask_options();
    options.has_view = true;
    options.view_world_from_camera[0] = 3;
    refused("GNOMON_E_ARGUMENT", "view_world_from_camera", [&] { map->ask(question, {}, options); });

    const rust::Box<gn::Observer> here = gn::Observer::newest(*map);
    const std::uint64_t cup = map->object_named("cup#1").id, bowl = map->object_named("bowl#1").id;
    gn::RelationOptions lines = gn::default_relation_options();
    check(map->relation(gn::RelationKind::Near, cup, bowl, *here, lines).holds, "they are near");
    lines.near_m = 0.01;
    check(!map->relation(gn::RelationKind::Near, cup, bowl, *here, lines).holds, "nearer than a centimetre they are not");
    lines.near_m = -1;
    refused("GNOMON_E_ARGUMENT", "near_m", [&] { map->relation(gn::RelationKind::Near, cup, bowl, *here, lines); });
}

void a_graph_tells_what_began_and_ended(Sight &sight) {
    const rust::Box<gn::Snapshot> map = cup_and_bowl(sight);
    rust::Box<gn::RelationGraph> graph = gn::RelationGraph::begin(gn::default_graph_options());
    const gn::GraphReport report = graph->update(*map);
    check(report.began > 0 && report.ended == 0 && report.things_changed == 2, "relations began");
    check(graph->relations().size() == report.began && graph->changes().size() == report.began, "and are listed");
    check(graph->changes()[0].began && !graph->relations()[0].is_ratio, "as begun, in metres");
    const gn::GraphReport again = graph->update(*map);
    check(again.began == 0 && again.pairs_compared == 0 && graph->changes().empty(), "the same again changes nothing");
    const gn::GraphReport gone = graph->update(*gn::Scene::create(gn::default_scene_options())->snapshot());
    check(gone.ended == report.began && gone.things_removed == 2 && graph->relations().empty(), "what is gone ends");
    check(!graph->changes()[0].began, "and is listed as ended");
    gn::GraphOptions options = gn::default_graph_options();
    options.reach_m = 0.1;
    refused("GNOMON_E_ARGUMENT", "reach_m", [&] { gn::RelationGraph::begin(options); });
}

void texts_are_read_back(Sight &sight) {
    const rust::Box<gn::Snapshot> map = cup_and_bowl(sight);
    const gn::AskOptions options = gn::default_ask_options();
    const std::string text(map->scene_text("", 2000, gn::Budget::Bytes, options));
    const rust::Box<gn::Told> told = gn::Told::read(text + "\nnot one of ours\n");
    check(told->things().size() == 2 && told->things()[0].told == gn::Whereabouts::Box, "two rows with boxes");
    check(told->rejected().size() == 1 && told->rejected_in_all() == 1, "a line is left out");
    check(told->ask("How many bowls are there?", {}, options)->bare() == "1", "the text alone answers");
    check(told->counts().empty() && told->triplets().size() <= 1 && told->room_area_m2() >= 0, "the rest of the text");
    check(map->scene_text("", 60, gn::Budget::Tokens, options).size() < text.size(), "less fits into sixty tokens");
    refused("GNOMON_E_ARGUMENT", "budget", [&] { map->scene_text("", 0, gn::Budget::Bytes, options); });

    const std::vector<rust::Str> known = {"cup", "bowl", "wall"};
    const char *line = R"({"t":1,"a":"cup","b":"bowl","c":"wall","b_xy":[5.0,8.0],"c_xy":[3.5,1.0],"cell":0.5})";
    const gn::Triplets read = gn::read_triplets(line, {known.data(), known.size()});
    check(read.rejected_in_all == 0 && read.list.size() == 1 && read.list[0].has_c, "a triplet is read");
    check(read.list[0].c == "wall" && read.list[0].c_xy[0] == 3.5 && read.list[0].cell_m == 0.5, "with all it says");
    const gn::Triplets strange = gn::read_triplets(line, {known.data(), 2});
    check(strange.list.empty() && strange.rejected.size() == 1 && strange.rejected[0].line == 1, "no wall, no triplet");
}

void cameras_are_as_they_come(Sight &sight) {
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    const std::vector<std::uint8_t> grey(64 * 48 * 4, 128);
    const std::pair<gn::PixelFormat, std::size_t> formats[] = {
        {gn::PixelFormat::Rgb8, 6},  {gn::PixelFormat::Bgr8, 6},  {gn::PixelFormat::Mono8, 2},
        {gn::PixelFormat::Rgba8, 8}, {gn::PixelFormat::Bgra8, 8}, {gn::PixelFormat::Yuyv, 4},
        {gn::PixelFormat::Uyvy, 4},  {gn::PixelFormat::Nv12, 3},  {gn::PixelFormat::Mono16, 4}};
    std::int64_t stamp_ns = 0;
    for (const auto &[format, bytes_of_two] : formats) {
        Sight seen = sight;
        seen.point_at_depth();
        const std::size_t bytes = 64 * 48 / 2 * bytes_of_two;
        seen.frame.colour = {{grey.data(), bytes}, 0, 64, 48, format};
        seen.into(*scene, ++stamp_ns);
        seen.frame.colour.bytes = {grey.data(), bytes - 1};
        refused("GNOMON_E_ARGUMENT", "colour", [&] { seen.into(*scene, stamp_ns + 1); });
    }
    check(scene->publish()->info().frames == 9, "nine layouts of colour are taken");
    Sight seen = sight;
    seen.point_at_depth();
    seen.frame.colour = {{grey.data(), 10}, 0, 64, 48, gn::PixelFormat::DepthU16};
    refused("GNOMON_E_ARGUMENT", "colour.format", [&] { seen.into(*scene, 100); });
    seen.frame.colour = {};
    seen.frame.intrinsics.distortion = {gn::Lens::RationalPolynomial, {0.1, 0.01, 0, 0, 0, 0.1, 0, 0.001}};
    check(seen.into(*scene, 100).lifted == 1, "a lens with eight coefficients");
    seen.frame.intrinsics.distortion.lens = gn::Lens::Equidistant;
    refused("GNOMON_E_ARGUMENT", "k1, k2, k3, k4 alone", [&] { seen.into(*scene, 101); });
    seen.frame.intrinsics.distortion = {gn::Lens{9}, {}};
    refused("GNOMON_E_ARGUMENT", "lens is 9", [&] { seen.into(*scene, 101); });
}

void bad_frames_change_nothing(Sight &sight) {
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    sight.into(*scene, 5);
    refused("GNOMON_E_STATE", "stamp 4", [&] { sight.into(*scene, 4); });
    Sight bad;
    bad.frame.depth.width = 65;
    refused("GNOMON_E_ARGUMENT", "depth", [&] { bad.into(*scene, 6); });
    bad = Sight();
    bad.frame.depth.format = gn::PixelFormat::Rgb8;
    refused("GNOMON_E_ARGUMENT", "depth.format", [&] { bad.into(*scene, 6); });
    bad = Sight();
    bad.found[0].label = "";
    refused("GNOMON_E_ARGUMENT", "detection 0", [&] { bad.into(*scene, 6); });
    bad = Sight();
    bad.frame.world_from_camera[0] = 3;
    refused("GNOMON_E_ARGUMENT", "world_from_camera", [&] { bad.into(*scene, 6); });
    check(scene->publish()->info().frames == 1, "what was refused is not counted");

    gn::SceneOptions options = gn::default_scene_options();
    options.up = gn::Up{99};
    refused("GNOMON_E_ARGUMENT", "up is 99", [&] { gn::Scene::create(options); });
    gn::ChainOptions chain = gn::default_chain_options();
    chain.neighbours = 1;
    refused("GNOMON_E_ARGUMENT", "neighbours", [&] { gn::Chain::begin(chain); });
}

void what_is_saved_is_read_and_compared_and_frames_are_chosen(Sight &sight) {
    const rust::Box<gn::Snapshot> map = cup_and_bowl(sight);
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("gnomon-cxx-" + std::to_string(getpid()) + ".json");
    check(map->save(path.string()) == std::filesystem::file_size(path), "the size of the file is told");
    const rust::Box<gn::Snapshot> loaded = gn::Snapshot::load(path.string());
    check(loaded->json() == map->json(), "a file gives back what was saved");
    const gn::SceneDiff same = loaded->diff(*map, gn::default_diff_options());
    check(same.words == "nothing changed: 2 things are as they were\n" && same.same == 2, "and it is the same");
    gn::DiffOptions ways = gn::default_diff_options();
    ways.same_by = gn::SameBy{7};
    refused("GNOMON_E_ARGUMENT", "same_by is 7", [&] { (void)loaded->diff(*map, ways); });
    std::filesystem::resize_file(path, 100);
    refused("GNOMON_E_IO", path.string().c_str(), [&] { gn::Snapshot::load(path.string()); });
    std::filesystem::remove(path);
    refused("GNOMON_E_IO", "/nowhere/at/all", [&] { map->save("/nowhere/at/all"); });
    const std::vector<gn::VoxelSet> sets = {{{1, 2, 3}}, {{3, 4, 5, 6}}};
    const gn::Selection chosen = gn::select_voxels({sets.data(), sets.size()}, 1);
    check(chosen.picks.size() == 1 && chosen.picks[0].frame == 1 && chosen.picks[0].gain == 4, "the larger one");
    check(chosen.picked == 1 && chosen.covered == 4 && chosen.seen == 6, "and what it sees of all");
    refused("GNOMON_E_ARGUMENT", "count is 0", [&] { gn::select_voxels({sets.data(), sets.size()}, 0); });
}

void what_an_operator_says_holds(Sight &sight) {
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    const std::vector<rust::Str> inputs = {"kitchen", "camera 1"};
    scene->set_inputs({inputs.data(), inputs.size()});
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) sight.into(*scene, stamp_ns);
    const rust::Box<gn::Snapshot> before = scene->publish();
    gn::Edit said{};
    said.thing = before->object_named("cup#1").id;
    said.kind = gn::EditKind::Rename;
    said.word = "the blue one";
    said.who = "Ada";
    said.stamp_ns = 4;
    scene->edit(said);
    const rust::Box<gn::Snapshot> named = scene->publish();
    check(named->knows("the blue one") && !named->knows("cup#1"), "a thing has the name that it was given");
    const rust::Vec<gn::Edit> told = named->edits();
    check(told.size() == 1 && told[0].who == "Ada" && told[0].word == "the blue one" && told[0].stamp_ns == 4,
          "who said what, and when");
    check(named->provenance().inputs.size() == 2 && named->provenance().inputs[0] == "kitchen", "the inputs are named");
    check(named->provenance().edits == 1 && named->provenance().first_stamp_ns == 1, "and the edits counted");
    const rust::Vec<gn::Label> labels = named->labels(said.thing);
    check(labels.size() == 1 && labels[0].label == "cup" && labels[0].probability > 0.5, "its labels are as before");

    gn::Edit moved{};
    moved.thing = said.thing;
    moved.kind = gn::EditKind::Pin;
    moved.who = "Ada";
    moved.obb = named->object_named("the blue one").obb;
    moved.obb.centre[0] += 1;
    const rust::Box<gn::Snapshot> pinned = named->edit(moved);
    const gn::SceneDiff change = named->diff(*pinned, gn::default_diff_options());
    check(change.moved == 1 && change.changed == 1 && change.same == 0 && change.by_id, "it stands a metre on");
    check(std::string(change.json).find("the blue one") != std::string::npos, "and is named in the JSON");
    moved.obb.size[1] = -1;
    refused("GNOMON_E_ARGUMENT", "size of obb", [&] { named->edit(moved); });
    said.obb = pinned->object_named("the blue one").obb;
    refused("GNOMON_E_ARGUMENT", "obb is set", [&] { scene->edit(said); });
    said = gn::Edit{};
    said.kind = gn::EditKind{9};
    refused("GNOMON_E_ARGUMENT", "kind is 9", [&] { scene->edit(said); });
    refused("GNOMON_E_STATE", "no object with id 77", [&] { (void)named->labels(77); });
}

void what_was_recorded_is_replayed(Sight &sight) {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("gnomon-cxx-" + std::to_string(getpid()) + ".rec");
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    check(!scene->recording().is_open && scene->recording().bytes == 0, "nothing is recorded unless it is asked for");
    scene->record(path.string(), 1 << 20);
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) sight.into(*scene, stamp_ns);
    const rust::Box<gn::Snapshot> map = scene->publish();
    refused("GNOMON_E_STATE", "record", [&] { scene->record(path.string(), 1 << 20); });
    check(scene->recording().is_open && scene->recording().records > 3, "the recording is open");
    const rust::Vec<gn::StageTime> times = scene->stage_times();
    check(times.size() == 7 && times[0].name == "register" && times[0].time_s > 0, "every stage took some time");
    scene->end_recording();
    check(!scene->recording().is_open && scene->recording().ended.empty(), "and ends when it is asked to");
    gn::Replayed again = gn::Scene::replay(path.string());
    check(again.frames == 3 && again.tail == gn::Tail::Whole && again.differs.empty(), "three frames, nothing otherwise");
    check(again.scene->snapshot()->json() == map->json(), "the same scene, byte for byte");
    check(std::string(again.words).find("the recording is whole") != std::string::npos, "in words too");
    sight.into(*again.scene, 4);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 7);
    const gn::Replayed cut = gn::Scene::replay(path.string());
    check(cut.tail == gn::Tail::Cut && cut.whole_bytes > 0, "a cut recording says how far it is whole");
    std::filesystem::remove(path);
    refused("GNOMON_E_IO", path.string().c_str(), [&] { gn::Scene::replay(path.string()); });
}

void frames_are_chosen_of_all_and_kept_as_they_come(Sight &sight) {
    // The same twice, and one that looks the other way.
    std::vector<gn::Frame> frames(3, sight.frame);
    frames[2].world_from_camera = {0, 0, -1, 0, 1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};
    gn::SelectOptions options = gn::default_select_options();
    options.count = 2;
    options.edge_kind = gn::EdgeKind::Length;
    options.edge = 0.1f;
    const gn::Selection chosen = gn::select_frames({frames.data(), frames.size()}, options);
    check(chosen.picks.size() == 2 && chosen.picks[1].frame == 2 && chosen.covered == chosen.seen, "both ways are seen");
    check(chosen.edge == 0.1f && chosen.picked == 2 && chosen.picks[0].gain > 10, "each for what it adds");
    frames[1].depth.width = 65;
    refused("GNOMON_E_ARGUMENT", "frame 1: depth", [&] { gn::select_frames({frames.data(), frames.size()}, options); });

    const std::vector<float> here = {0, 0, 0, 1, 1, 1}, there = {5, 5, 5, 0, 0, 0, 1, 1, 1};
    const gn::PointMap maps[] = {{{here.data(), 6}, {}}, {{there.data(), 9}, {}}};
    options.count = 1;
    check(gn::select_points({maps, 2}, options).picks[0].frame == 1, "of points, the one that sees more");
    const gn::PointMap halves[] = {{{here.data(), 5}, {}}};
    refused("GNOMON_E_ARGUMENT", "three a point", [&] { gn::select_points({halves, 1}, options); });

    gn::KeeperOptions keep = gn::default_keeper_options();
    keep.count = 1;
    const rust::Box<gn::Keeper> keeper = gn::Keeper::create(keep);
    const std::vector<double> one = {0.05, 0.05, 0.05}, three = {0.05, 0.05, 0.05, 1, 1, 1, 2, 2, 2};
    check(keeper->offer_points(1, {one.data(), 3}).is_kept, "there is room for the first");
    const gn::Swap swap = keeper->offer_points(2, {three.data(), 9});
    check(swap.is_kept && swap.has_gone && swap.gone == 1 && swap.gain == 2, "it goes for one that sees more");
    check(!keeper->offer_points(3, {one.data(), 3}).is_kept, "which stays");
    check(keeper->kept().size() == 1 && keeper->kept()[0].frame == 2 && keeper->kept()[0].voxels == 3, "alone");
    check(keeper->info().offered == 3 && keeper->info().covered == 3 && keeper->log().size() == 2, "in numbers");
    gn::OrientedBox box = {{1, 1, 1}, {0.4, 0.4, 0.4}, {0, 0, 0, 1}};
    check(keeper->seeing(box).size() == 1 && keeper->seeing(box)[0].frame == 2, "the kept frame sees the box");
    check(keeper->offer(4, frames[0]).is_kept, "a frame with depth sees more than three voxels");
    refused("GNOMON_E_ARGUMENT", "number", [&] { keeper->offer(4, frames[0]); });
    box.world_from_box[3] = 7;
    refused("GNOMON_E_ARGUMENT", "box: ", [&] { (void)keeper->seeing(box); });
    keep.edge_m = 0;
    refused("GNOMON_E_ARGUMENT", "edge", [&] { gn::Keeper::create(keep); });
}

void boxes_have_gaps_and_shares() {
    const gn::OrientedBox one = {{0, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}}, there = {{3, 0, 0}, {1, 1, 1}, {0, 0, 0, 1}};
    check(std::abs(gn::box_gap(one, there) - 2) < 1e-9 && gn::box_iou(one, there) == 0, "two metres apart");
    check(gn::box_gap(one, one) == 0 && std::abs(gn::box_iou(one, one) - 1) < 1e-9, "at one place");
    refused("GNOMON_E_ARGUMENT", "size of second", [&] { gn::box_gap(one, {}); });
}

void triplets_become_places() {
    const char *lines = R"({"t":1,"a":"cup","b":"bowl","c":"wall","b_xy":[5.0,9.0],"c_xy":[9.0,5.0],"cell":0.5})"
                        "\n"
                        R"({"t":2,"a":"bowl","b":"cup","c":"wall","b_xy":[5.0,9.0],"c_xy":[1.0,9.0],"cell":0.5})";
    const gn::Triplets read = gn::read_triplets(lines, {});
    const rust::Slice<const gn::Triplet> triplets = {read.list.data(), read.list.size()};
    const rust::Box<gn::Layout> layout = gn::Layout::compose(triplets, {});
    check(layout->gauge().origin == "cup" && layout->gauge().ahead == "bowl" && layout->gauge().baseline_m == 2.0,
          "the first triplet says where it begins");
    const rust::Vec<gn::Place> places = layout->places();
    check(places.size() == 3 && places[2].name == "wall" && std::abs(places[2].at[0] - 2) < 1e-9, "three places");
    check(layout->loops().size() == 1 && layout->loops()[0].triplet == 1 && layout->loops()[0].residual_m < 1e-9,
          "the second triplet agrees");
    check(layout->unused().empty() && layout->by_fallback() == 0, "both are used");
    check(gn::Layout::compose(triplets, {"bowl", "cup", 1.0})->gauge().baseline_m == 1.0, "or the caller says so");

    std::vector<gn::Place> truth = {{"cup", {0, 0}}, {"bowl", {2, 0}}, {"wall", {0, -2.5}}};
    const gn::PlacementError off = layout->error({truth.data(), truth.size()}, 0.5);
    check(off.placed > 0 && off.things >= off.placed && off.mean_cells > 0, "half a metre off is told in cells");
    truth[2].at[1] = -2;
    check(layout->error({truth.data(), truth.size()}, 0.5).mean_cells < 1e-6, "and none where it is true");
    check(gn::triplets_error(triplets, {truth.data(), truth.size()}).mean_cells < 0.2, "nor are the triplets off");
    refused("GNOMON_E_ARGUMENT", "two names", [&] { gn::Layout::compose({}, {"cup", "", 0}); });
    refused("GNOMON_E_ARGUMENT", "first triplet", [&] { gn::Layout::compose({}, {}); });
    gn::Triplet strange = read.list[0];
    strange.b_xy[0] = std::numeric_limits<double>::infinity();
    refused("GNOMON_E_ARGUMENT", "triplet 0", [&] { gn::Layout::compose({&strange, 1}, {}); });
}

void a_chain_goes_on_from_a_file(Sight &sight) {
    const rust::Box<gn::Snapshot> map = cup_and_bowl(sight);
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("gnomon-cxx-" + std::to_string(getpid()) + ".json.zst");
    rust::Box<gn::Chain> chain = gn::Chain::begin(gn::default_chain_options());
    chain->update(*map);
    check(chain->save(*map, path.string()) == std::filesystem::file_size(path), "the size of the file is told");
    rust::Box<gn::Chain> loaded = gn::Chain::load(path.string(), gn::default_chain_options());
    check(loaded->text() == chain->text() && loaded->update(*map).lines_changed == 0, "with the lines it had");
    map->save(path.string());
    refused("GNOMON_E_STATE", "without", [&] { gn::Chain::load(path.string(), gn::default_chain_options()); });
    std::filesystem::remove(path);
    gn::ChainOptions options = gn::default_chain_options();
    options.least_bound_m = -1;
    refused("GNOMON_E_ARGUMENT", "bound", [&] { gn::Chain::begin(options); });
}

constexpr std::int64_t hang_ns = 20'000'000'000;

gn::PipelineOptions patient() {
    gn::PipelineOptions options = gn::default_pipeline_options();
    options.queue = 8;
    options.deadline_ns = 0;
    return options;
}

void frames_are_pushed_and_scenes_come_out(Sight &sight) {
    const rust::Box<gn::Pipeline> live = gn::Pipeline::open(gn::default_scene_options(), patient(), gn::Stages::none());
    check(live->poll().empty() && live->snapshot()->objects().empty(), "nothing comes out before a frame goes in");
    check(live->explain().broken == gn::Link::Frames, "and it says that no frame came");
    const rust::Slice<const gn::Detection> found = {sight.found.data(), sight.found.size()};
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) {
        sight.frame.stamp_ns = stamp_ns;
        live->push_copy(sight.frame, gn::Parts::Both, found);
    }
    check(live->settle(hang_ns), "the frames are done with");
    const rust::Vec<gn::Published> newest = live->poll();
    check(newest.size() == 1 && newest[0].stamp_ns == 3 && newest[0].latency_ns > 0, "the newest is there");
    check(newest[0].snapshot->knows("cup#1") && newest[0].report.lifted == 1, "with the cup");
    check(live->poll().empty() && live->snapshot()->knows("cup#1"), "a poll hands it out once");
    check(live->explain().broken == gn::Link::None, "all is well");
    check(std::string(live->explain().json).find("\"broken\":null") != std::string::npos, "in JSON too");
    const gn::PipelineStatistics counts = live->statistics();
    check(counts.pushed == 3 && counts.published == 3 && counts.under_way == 0, "three frames in, three out");
    check(counts.stages.size() == 5 && counts.stages[2].name == "scene" && counts.stages[2].runs == 3, "by stages");

    sight.frame.stamp_ns = 4;
    live->push_copy(sight.frame, gn::Parts::Detections, found);
    live->push_pose(0, 4, sight.frame.world_from_camera);
    check(live->settle(hang_ns) && live->snapshot()->info().frames == 4, "a pose may come by its stamp");
    refused("GNOMON_E_STATE", "late_detections", [&] { live->push_detections(0, 4, found); });
    refused("GNOMON_E_ARGUMENT", "lacks Parts::Detections", [&] { live->push_copy(sight.frame, gn::Parts::Pose, found); });
    refused("GNOMON_E_ARGUMENT", "has is 9", [&] { live->push_copy(sight.frame, gn::Parts{9}, {}); });
    refused("GNOMON_E_ARGUMENT", "timeout_ns", [&] { live->settle(-1); });
    live->close();
    live->close();
    check(live->snapshot()->knows("cup#1"), "what was published can be asked for when it is closed");
    refused("GNOMON_E_STATE", "closed", [&] { live->push_copy(sight.frame, gn::Parts::Both, found); });
    gn::PipelineOptions options = patient();
    options.queue = 0;
    refused("GNOMON_E_ARGUMENT", "queue is 0",
            [&] { gn::Pipeline::open(gn::default_scene_options(), options, gn::Stages::none()); });
}

void buffers_are_kept_until_their_frame_has_ended(Sight &sight) {
    const rust::Box<gn::Pipeline> live = gn::Pipeline::open(gn::default_scene_options(), patient(), gn::Stages::none());
    std::atomic<int> ended{0};
    // Says when the pixels that it keeps go.
    const auto kept = [&ended](std::shared_ptr<std::vector<float>> depth_m) {
        return gn::keep(std::shared_ptr<void>(depth_m.get(), [depth_m, &ended](void *) { ended++; }));
    };
    gn::Frame frame = sight.frame;
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) {
        const auto depth_m = std::make_shared<std::vector<float>>(sight.depth_m);
        frame.stamp_ns = stamp_ns;
        frame.depth.bytes = {reinterpret_cast<const std::uint8_t *>(depth_m->data()), depth_m->size() * 4};
        live->push(frame, gn::Parts::Both, {sight.found.data(), sight.found.size()}, kept(depth_m));
    }
    check(live->settle(hang_ns) && live->snapshot()->knows("cup#1"), "the frames are taken in where they lie");
    check(live->statistics().buffers_made == 0, "and copied nowhere");
    live->close();
    check(ended == 3, "each frame's buffers go once");
    const auto late = std::make_shared<std::vector<float>>(sight.depth_m);
    refused("GNOMON_E_STATE", "closed", [&] { live->push(sight.frame, gn::Parts::Pose, {}, kept(late)); });
    check(ended == 4, "those of a frame that was refused too");
}

void who_listens_is_told(Sight &sight) {
    std::atomic<int> told{0};
    rust::Box<gn::Stages> stages = gn::Stages::none();
    stages->set_listener(gn::listener([&told](std::int64_t stamp_ns, std::uint32_t, rust::Box<gn::Snapshot> scene) {
        if (scene->info().stamp_ns == stamp_ns) told++;
        throw std::runtime_error("enough");
    }));
    const rust::Box<gn::Pipeline> live =
        gn::Pipeline::open(gn::default_scene_options(), patient(), std::move(stages));
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) {
        sight.frame.stamp_ns = stamp_ns;
        live->push_copy(sight.frame, gn::Parts::Both, {sight.found.data(), sight.found.size()});
        live->settle(hang_ns);
    }
    const auto so_far = [&] { return live->statistics(); };
    while (so_far().told + so_far().untold < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    refused("GNOMON_E_FAIL", "enough", [&] { live->close(); });
    live->close();
    check(told > 0 && static_cast<std::uint64_t>(told) == live->statistics().told, "each time it is told of its frame's scene");
    refused("GNOMON_E_ARGUMENT", "null", [] { gn::Stages::none()->set_listener(nullptr); });
}

void noise_is_the_caller_s(Sight &sight) {
    gn::SceneOptions options = gn::default_scene_options();
    const auto sigma_m = [&] {
        rust::Box<gn::Scene> scene = gn::Scene::create(options);
        for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++) sight.into(*scene, stamp_ns);
        return std::sqrt(scene->publish()->object_named("cup#1").centre_cov_m2[3]);
    };
    const double sure_m = sigma_m();
    options.pose_noise_translation_m = 0.3;
    check(sigma_m() > 1.5 * sure_m, "who says that poses are worse is less sure of where things are");
    options.drift_per_m = -1;
    refused("GNOMON_E_ARGUMENT", "drift_per_m", [&] { gn::Scene::create(options); });
}

void answers_tell_their_evidence(Sight &sight) {
    const rust::Box<gn::Snapshot> map = cup_and_bowl(sight);
    const gn::AskOptions options = gn::default_ask_options();
    const rust::Box<gn::Answer> answer = map->ask("How far is the cup from the bowl?", {}, options);
    const gn::AnswerFacts facts = answer->facts();
    check(facts.value == gn::ValueKind::Length && facts.numbers.size() == 1 && facts.words.empty(), "a length");
    check(facts.has_spread && facts.spread[0] < facts.numbers[0] && facts.numbers[0] < facts.spread[1], "and its spread");
    const rust::Vec<gn::Evidence> evidence = answer->evidence();
    check(evidence.size() == 2 && evidence[0].name == "cup#1" && evidence[0].observations == 3, "from two things");
    const gn::AnswerFacts none = map->ask("How tall is the zebra?", {}, options)->facts();
    check(none.value == gn::ValueKind::None && none.numbers.empty() && !none.has_spread, "of what is unknown nothing");
    const char *claim = "The cup is 3 m high.";
    const std::string json(map->check_json(claim, options));
    check(json.front() == '[' && json.find("contradicts") != std::string::npos && json.find("cup#1") != std::string::npos,
          "a judgement as JSON has its evidence");
    check(std::string(map->check(claim, options)[0].measured).find(" m") != std::string::npos, "and tells what was measured");
}

void marks_are_those_of_the_library() {
    check(gn::score_mra(gn::MraKind::Official, 1.0, 1.0) == 1.0, "a right number has the full mark");
    const std::vector<rust::Str> options = {"A. left", "B. right"};
    const double mark = gn::score_vsi("object_rel_direction_easy", gn::Reading::Lenient, "It is B.", "B",
                                      {options.data(), options.size()});
    check(mark == 1.0, "a letter in a sentence is read leniently");
    check(gn::score_msmu("distance", "2 m", "2 m") == 1.0, "the same distance");
    check(gn::reward_format("<think>a</think><answer>b</answer>") == 1.0 && gn::reward_format("b") == 0.0, "the format");
    check(gn::reward_choice("<answer>B</answer>", "B") == 1.0 && gn::reward_numeric("<answer>2</answer>", 2) == 1.0,
          "choice and number");
    check(gn::reward_text("a", "a", gn::EditDistance::InDel) == 1.0, "the same text");
    const double rewards[] = {1, 0, 1, 0};
    const rust::Vec<double> above = gn::reward_advantages({rewards, 4}, gn::Spread::Population);
    check(above.size() == 4 && std::abs(above[0] - 1) < 1e-3 && above[1] == -above[0], "advantages of a group");
    check(gn::reward_advantages({rewards, 4}, gn::Spread::Sample)[0] < above[0], "less, as of a sample");
    refused("GNOMON_E_ARGUMENT", "no_such_type", [&] { gn::score_msmu("no_such_type", "", ""); });
    refused("GNOMON_E_ARGUMENT", "kind", [&] { gn::score_mra(gn::MraKind{9}, 1, 1); });
}

}  // namespace

int main() try {
    Sight sight;
    a_map_is_published_saved_and_read(sight);
    maps_have_cells_and_pictures(sight);
    answers_know_choices_and_reasons(sight);
    questions_in_types_are_those_in_words(sight);
    words_and_lines_are_the_caller_s(sight);
    a_graph_tells_what_began_and_ended(sight);
    texts_are_read_back(sight);
    cameras_are_as_they_come(sight);
    bad_frames_change_nothing(sight);
    what_is_saved_is_read_and_compared_and_frames_are_chosen(sight);
    what_an_operator_says_holds(sight);
    what_was_recorded_is_replayed(sight);
    frames_are_chosen_of_all_and_kept_as_they_come(sight);
    boxes_have_gaps_and_shares();
    triplets_become_places();
    a_chain_goes_on_from_a_file(sight);
    frames_are_pushed_and_scenes_come_out(sight);
    buffers_are_kept_until_their_frame_has_ended(sight);
    who_listens_is_told(sight);
    noise_is_the_caller_s(sight);
    answers_tell_their_evidence(sight);
    marks_are_those_of_the_library();
    if (failed == 0) std::cout << "cxx: gnomon " << gn::version() << " behaves\n";
    return failed;
} catch (const std::exception &error) {
    std::cerr << "cxx: " << error.what() << '\n';
    return 1;
}
