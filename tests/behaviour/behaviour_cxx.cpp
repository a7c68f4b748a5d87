/// The job of README.md, through the cxx bridge.
#include "gnomon-cxx/src/lib.rs.h"
#include "rust/cxx.h"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

namespace gn = gnomon::cxx;

constexpr std::uint32_t width = 160, height = 120;
const std::vector<std::uint8_t> mask(40 * 44, 255);

struct Thing {
    const char *label;
    std::uint32_t left, right, top, bottom;
    std::uint16_t depth_mm;
    float score;
};
constexpr Thing things[] = {{"crate", 60, 100, 50, 90, 2000, 0.875f},
                            {"chest", 10, 40, 56, 100, 1500, 0.75f},
                            {"bin", 115, 150, 50, 85, 2400, 0.625f}};

std::uint16_t depth_at(std::uint32_t u, std::uint32_t v) {
    std::uint32_t mm = v > 60 ? std::min(3000u, 60000 / (v - 60)) : 3000;
    for (const Thing &thing : things)
        if (u >= thing.left && u < thing.right && v >= thing.top && v < thing.bottom) mm = thing.depth_mm;
    return static_cast<std::uint16_t>(mm);
}

gn::Frame frame_at(const std::vector<std::uint16_t> &depth_mm, int number) {
    const auto *depth = reinterpret_cast<const std::uint8_t *>(depth_mm.data());
    gn::Frame frame{};
    frame.stamp_ns = 1000000000 + number * std::int64_t{100000000};
    frame.intrinsics = {width, height, 100, 100, 80, 60, {}};
    frame.world_from_camera = {0, 0, 1, number / 1000.0, -1, 0, 0, 0, 0, -1, 0, 0.6, 0, 0, 0, 1};
    frame.depth = {{depth, depth_mm.size() * 2}, 0, width, height, gn::PixelFormat::DepthU16};
    return frame;
}

gn::FrameReport integrate(gn::Scene &scene, const gn::Frame &frame) {
    std::vector<gn::Detection> found;
    for (const Thing &thing : things) {
        const std::uint32_t wide = thing.right - thing.left, high = thing.bottom - thing.top;
        const std::array<float, 4> box = {static_cast<float>(thing.left), static_cast<float>(thing.top),
                                          static_cast<float>(thing.right), static_cast<float>(thing.bottom)};
        const gn::Mask inside = {{mask.data(), std::size_t{wide} * high}, 0, thing.left, thing.top, wide, high};
        found.push_back({thing.label, thing.score, box, inside, {}});
    }
    return scene.integrate(frame, {found.data(), found.size()});
}

void print_things(const gn::Snapshot &snapshot) {
    const rust::Vec<gn::Object> objects = snapshot.objects();
    std::cout << "things: " << objects.size() << '\n';
    for (const gn::Object &object : objects) {
        const auto &[x, y, z] = object.obb.centre;
        const auto &[length, wide, high] = object.obb.size;
        std::cout << object.name << " at " << x << ' ' << y << ' ' << z << ", size " << length << ' ' << wide << ' '
                  << high << ", existence " << object.existence << ", seen " << object.observations << '\n';
    }
}

std::string print_chain(const gn::Snapshot &snapshot) {
    rust::Box<gn::Chain> chain = gn::Chain::begin(gn::default_chain_options());
    const gn::ChainChange change = chain->update(snapshot);
    const std::string text(chain->text());
    std::cout << "chain: " << change.lines << " lines, " << change.lines_changed << " changed\n" << text;
    return text;
}

void print_relation(const gn::Snapshot &snapshot, const gn::Observer &here) {
    const std::uint64_t chest = snapshot.object_named("chest#1").id, crate = snapshot.object_named("crate#1").id;
    const gn::Relation left =
        snapshot.relation(gn::RelationKind::Left, chest, crate, here, gn::default_relation_options());
    std::cout << "left: " << left.holds << ", margin " << left.margin << " m\n";
}

void print_read_back(const std::string &chain) {
    const gn::Triplets read = gn::read_triplets(
        chain + R"({"t":2,"a":"crate#1","b":"chest#1","c":"bin#1","b_xy":[5.0,8.3],"c_xy":[3.8,10.1],"cell":0.30})", {});
    std::cout << "read: " << read.list.size() << " triplets, " << read.rejected_in_all << " left out\n";
    for (const gn::Rejected &rejected : read.rejected)
        std::cout << "line " << rejected.line << ": " << rejected.reason << '\n';
}

rust::String name_of(const gn::Snapshot &snapshot, std::uint64_t id) {
    for (const gn::Object &object : snapshot.objects())
        if (object.id == id) return object.name;
    throw std::runtime_error("no such thing");
}

void print_what_began(const gn::Snapshot &snapshot) {
    rust::Box<gn::RelationGraph> graph = gn::RelationGraph::begin(gn::default_graph_options());
    std::cout << "began: " << graph->update(snapshot).began << '\n';
    for (const gn::GraphChange &change : graph->changes()) {
        const gn::GraphRelation &relation = change.relation;
        if (!change.began || relation.kind != gn::RelationKind::Near) continue;
        std::cout << "near: " << name_of(snapshot, relation.a) << " and " << name_of(snapshot, relation.b)
                  << ", margin " << relation.margin << " m\n";
    }
}

void print_through_fisheye(const std::vector<std::uint16_t> &depth_mm) {
    const std::vector<std::uint8_t> grey(width * height * 3 / 2, 128);
    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    for (int number = 0; number < 4; number++) {
        gn::Frame frame = frame_at(depth_mm, number);
        frame.intrinsics.distortion.lens = gn::Lens::Equidistant;
        frame.colour = {{grey.data(), grey.size()}, 0, width, height, gn::PixelFormat::Nv12};
        integrate(*scene, frame);
    }
    print_things(*scene->publish());
}

void print_what_went(const gn::Snapshot &saved) {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("gnomon-behaviour-" + std::to_string(getpid()) + ".json.zst");
    saved.save(path.string());
    const rust::Box<gn::Snapshot> loaded = gn::Snapshot::load(path.string());
    std::filesystem::remove(path);
    std::cout << loaded->diff(*gn::Scene::create(gn::default_scene_options())->snapshot(), gn::default_diff_options()).words;
}

void print_chosen() {
    const std::vector<gn::VoxelSet> sets = {{{1, 2, 3}}, {{3, 4, 5, 6}}, {{1, 2, 7}}, {{7}}};
    const gn::Selection chosen = gn::select_voxels({sets.data(), sets.size()}, 2);
    std::cout << "chosen: " << chosen.picks[0].frame << ' ' << chosen.picks[1].frame << ", " << chosen.covered << " of "
              << chosen.seen << " voxels\n";
}

}  // namespace

int main() try {
    std::cout << std::fixed << std::setprecision(3);
    std::vector<std::uint16_t> depth_mm;
    for (std::uint32_t v = 0; v < height; v++)
        for (std::uint32_t u = 0; u < width; u++) depth_mm.push_back(depth_at(u, v));

    rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    for (int number = 0; number < 8; number++) {
        const gn::FrameReport report = integrate(*scene, frame_at(depth_mm, number));
        std::cout << "frame " << number << ": " << report.detections << " detections, " << report.lifted << " lifted, "
                  << report.associated << " known, " << report.born << " born\n";
    }
    const rust::Box<gn::Snapshot> snapshot = scene->publish();
    const rust::Box<gn::Observer> here = gn::Observer::newest(*snapshot);
    print_things(*snapshot);
    std::cout << snapshot->cogmap(*here, gn::default_cogmap_options())->text() << '\n';
    const std::string chain = print_chain(*snapshot);
    const gn::AskOptions plain = gn::default_ask_options();
    for (const char *question :
         {"How many crates are there?", "How far is the chest from the bin?", "How tall is the zebra?"})
        std::cout << question << ' ' << snapshot->ask(question, {}, plain)->text() << '\n';
    const char *statements = "The chest is to the left of the crate. The bin is 3 m high. What a lovely day.";
    for (const gn::Judgement &judgement : snapshot->check(statements, plain)) std::cout << judgement.sentence << '\n';
    print_relation(*snapshot, *here);

    try {
        integrate(*scene, frame_at(depth_mm, 0));
    } catch (const rust::Error &error) {
        std::cout << error.what() << '\n';
    }
    std::cout << "frames: " << scene->publish()->info().frames << '\n';
    print_read_back(chain);
    print_what_began(*snapshot);
    print_through_fisheye(depth_mm);
    print_what_went(*snapshot);
    print_chosen();
    return 0;
} catch (const std::exception &error) {
    std::cerr << "behaviour: " << error.what() << '\n';
    return 1;
}
