/// What the cxx bridge does beyond tests/behaviour: what is refused and how it says so, and the nouns that the job leaves out.
#include "gnomon-cxx/src/lib.rs.h"
#include "rust/cxx.h"

#include <cmath>
#include <iostream>
#include <limits>
#include <string>
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
        frame.intrinsics = {64, 48, 60, 60, 31.5, 23.5, 0, 0, 0, 0, 0};
        frame.world_from_camera = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};
        frame.depth = {{reinterpret_cast<const std::uint8_t *>(depth_m.data()), depth_m.size() * 4},
                       0, 64, 48, gn::PixelFormat::DepthF32M};
        found.push_back({"cup", 0.9f, {16, 16, 32, 32}, {}, {feature.data(), feature.size()}});
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
    refused("GNOMON_E_ARGUMENT", "twice", [&] { map->relation(gn::RelationKind::Near, cup, cup, *here); });
    refused("GNOMON_E_ARGUMENT", "no object", [&] { map->between(cup, cup + 1, cup + 2); });
    refused("GNOMON_E_ARGUMENT", "77", [&] { map->relation(gn::RelationKind{77}, cup, cup + 1, *here); });
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
    refused("GNOMON_E_ARGUMENT", "no_such_type", [&] { gn::score_msmu("no_such_type", "", ""); });
    refused("GNOMON_E_ARGUMENT", "kind", [&] { gn::score_mra(gn::MraKind{9}, 1, 1); });
}

}  // namespace

int main() try {
    Sight sight;
    a_map_is_published_saved_and_read(sight);
    maps_have_cells_and_pictures(sight);
    answers_know_choices_and_reasons(sight);
    bad_frames_change_nothing(sight);
    marks_are_those_of_the_library();
    if (failed == 0) std::cout << "cxx: gnomon " << gn::version() << " behaves\n";
    return failed;
} catch (const std::exception &error) {
    std::cerr << "cxx: " << error.what() << '\n';
    return 1;
}
