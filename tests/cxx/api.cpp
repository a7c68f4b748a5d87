/// What the cxx bridge does beyond tests/behaviour: what is refused and how it says so, and the nouns that the job leaves out.
#include "gnomon-cxx/src/lib.rs.h"
#include "rust/cxx.h"

#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

namespace gn = gnomon::cxx;

int failed = 0;

void check(bool holds, const char *claim) {
    if (holds) return;
    std::cerr << "FAILED: " << claim << '\n';
    failed++;
}

/// The call throws, and what it says begins with the status and holds the words.
template <class Call>
void refused(const char *status, const char *words, Call call) {
    std::string said = "nothing was thrown";
    try {
        call();
    } catch (const rust::Error &error) {
        said = error.what();
    }
    check(said.rfind(std::string(status) + ": ", 0) == 0 && said.find(words) != std::string::npos, said.c_str());
}

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
    check(loaded->diff(*map) == "nothing changed: 2 things are as they were\n", "and it is the same");
    std::filesystem::resize_file(path, 100);
    refused("GNOMON_E_IO", path.string().c_str(), [&] { gn::Snapshot::load(path.string()); });
    std::filesystem::remove(path);
    refused("GNOMON_E_IO", "/nowhere/at/all", [&] { map->save("/nowhere/at/all"); });
    const std::vector<gn::VoxelSet> sets = {{{1, 2, 3}}, {{3, 4, 5, 6}}};
    const gn::Selection chosen = gn::select_voxels({sets.data(), sets.size()}, 1);
    check(chosen.frames.size() == 1 && chosen.frames[0] == 1 && chosen.covered == 4 && chosen.seen == 6, "the larger one");
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
    marks_are_those_of_the_library();
    if (failed == 0) std::cout << "cxx: gnomon " << gn::version() << " behaves\n";
    return failed;
} catch (const std::exception &error) {
    std::cerr << "cxx: " << error.what() << '\n';
    return 1;
}
