/// The job of README.md, through gnomon.hpp.
#include "gnomon.hpp"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <unistd.h>

namespace {

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

gnomon::Frame frame_at(const std::vector<std::uint16_t> &depth_mm, int number) {
    const gnomon::Pose pose = {0, 0, 1, number / 1000.0, -1, 0, 0, 0, 0, -1, 0, 0.6, 0, 0, 0, 1};
    return {1000000000 + number * std::int64_t{100000000}, gnomon::pinhole(width, height, 100, 100, 80, 60), pose,
            gnomon::depth_u16(depth_mm, width, height)};
}

gnomon::FrameReport integrate(gnomon::Scene &scene, const gnomon::Frame &frame) {
    std::vector<gnomon::Detection> found;
    for (const Thing &thing : things) {
        const std::uint32_t wide = thing.right - thing.left, high = thing.bottom - thing.top;
        const std::array<float, 4> box = {static_cast<float>(thing.left), static_cast<float>(thing.top),
                                          static_cast<float>(thing.right), static_cast<float>(thing.bottom)};
        found.emplace_back(thing.label, thing.score, box);
        found.back().set_mask({mask.data(), std::size_t{wide} * high}, thing.left, thing.top, wide, high);
    }
    return scene.integrate(frame, found);
}

void print_things(const gnomon::Snapshot &snapshot) {
    const std::vector<gnomon::Object> objects = snapshot.objects();
    std::cout << "things: " << objects.size() << '\n';
    for (const gnomon::Object &object : objects) {
        const auto &[x, y, z] = object.obb.centre;
        const auto &[length, wide, high] = object.obb.size;
        std::cout << gnomon::view(object.name) << " at " << x << ' ' << y << ' ' << z << ", size " << length << ' '
                  << wide << ' ' << high << ", existence " << object.existence << ", seen " << object.observations
                  << '\n';
    }
}

std::string print_chain(const gnomon::Snapshot &snapshot) {
    gnomon::Chain chain;
    const gnomon::Chain::Change change = chain.update(snapshot);
    std::cout << "chain: " << change.lines << " lines, " << change.lines_changed << " changed\n" << chain.text().view();
    return std::string(chain.text().view());
}

void print_relation(const gnomon::Snapshot &snapshot) {
    const std::uint64_t chest = snapshot.find("chest#1").value().id, crate = snapshot.find("crate#1").value().id;
    const gnomon::Relation left = snapshot.relation(gnomon::RelationKind::Left, chest, crate);
    std::cout << "left: " << left.holds << ", margin " << left.margin << " m\n";
}

void print_read_back(const std::string &chain) {
    const gnomon::Triplets read = gnomon::Triplets::read(
        chain + R"({"t":2,"a":"crate#1","b":"chest#1","c":"bin#1","b_xy":[5.0,8.3],"c_xy":[3.8,10.1],"cell":0.30})");
    std::cout << "read: " << read.list().size() << " triplets, " << read.rejected_in_all() << " left out\n";
    for (const gnomon::Rejected &rejected : read.rejected())
        std::cout << "line " << rejected.line << ": " << gnomon::view(rejected.reason) << '\n';
}

void print_what_began(const gnomon::Snapshot &snapshot) {
    gnomon::RelationGraph graph;
    std::cout << "began: " << graph.update(snapshot).began << '\n';
    for (const gnomon::GraphChange &change : graph.changes()) {
        const gnomon::GraphRelation &relation = change.relation;
        if (change.began == 0 || gnomon::RelationKind(relation.kind) != gnomon::RelationKind::Near) continue;
        const gnomon::Object a = snapshot.find(relation.a).value(), b = snapshot.find(relation.b).value();
        std::cout << "near: " << gnomon::view(a.name) << " and " << gnomon::view(b.name) << ", margin "
                  << relation.margin << " m\n";
    }
}

void print_through_fisheye(const std::vector<std::uint16_t> &depth_mm) {
    const std::vector<std::uint8_t> grey(width * height * 3 / 2, 128);
    gnomon::Scene scene;
    for (int number = 0; number < 4; number++) {
        gnomon::Frame frame = frame_at(depth_mm, number);
        frame.intrinsics = gnomon::with_lens(frame.intrinsics, gnomon::Lens::Equidistant, {});
        frame.colour = gnomon::image(gnomon::PixelFormat::Nv12, grey, width, height);
        integrate(scene, frame);
    }
    print_things(scene.publish());
}

void print_what_went(const gnomon::Snapshot &saved) {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("gnomon-behaviour-" + std::to_string(getpid()) + ".json.zst");
    saved.save(path.string());
    const gnomon::Snapshot loaded = gnomon::Snapshot::load(path.string());
    std::filesystem::remove(path);
    std::cout << loaded.diff(gnomon::Scene().snapshot()).words;
}

void print_chosen() {
    const std::vector<std::vector<std::uint64_t>> seen = {{1, 2, 3}, {3, 4, 5, 6}, {1, 2, 7}, {7}};
    std::vector<gnomon::VoxelSet> sets;
    for (const std::vector<std::uint64_t> &voxels : seen) sets.emplace_back(voxels);
    const gnomon::Selection chosen = gnomon::select(sets, 2);
    std::cout << "chosen: " << chosen.picks[0].frame << ' ' << chosen.picks[1].frame << ", " << chosen.facts.covered
              << " of " << chosen.facts.seen << " voxels\n";
}

}  // namespace

int main() try {
    std::cout << std::fixed << std::setprecision(3);
    std::vector<std::uint16_t> depth_mm;
    for (std::uint32_t v = 0; v < height; v++)
        for (std::uint32_t u = 0; u < width; u++) depth_mm.push_back(depth_at(u, v));

    gnomon::Scene scene;
    for (int number = 0; number < 8; number++) {
        const gnomon::FrameReport report = integrate(scene, frame_at(depth_mm, number));
        std::cout << "frame " << number << ": " << report.detections << " detections, " << report.lifted << " lifted, "
                  << report.associated << " known, " << report.born << " born\n";
    }
    const gnomon::Snapshot snapshot = scene.publish();
    print_things(snapshot);
    std::cout << snapshot.cogmap().text() << '\n';
    const std::string chain = print_chain(snapshot);
    for (const char *question :
         {"How many crates are there?", "How far is the chest from the bin?", "How tall is the zebra?"})
        std::cout << question << ' ' << snapshot.ask(question).text() << '\n';
    const gnomon::Judgements judgements =
        snapshot.check("The chest is to the left of the crate. The bin is 3 m high. What a lovely day.");
    for (const gnomon::Judgement &judgement : judgements.list()) std::cout << gnomon::view(judgement.sentence) << '\n';
    print_relation(snapshot);

    try {
        integrate(scene, frame_at(depth_mm, 0));
    } catch (const gnomon::Error &error) {
        const std::string sentence = error.what();
        std::cout << gnomon::status_name(error.status()) << ": " << sentence.substr(sentence.find(": ") + 2) << '\n';
    }
    std::cout << "frames: " << scene.publish().info().frames << '\n';
    print_read_back(chain);
    print_what_began(snapshot);
    print_through_fisheye(depth_mm);
    print_what_went(snapshot);
    print_chosen();
    return 0;
} catch (const std::exception &error) {
    std::cerr << "behaviour: " << error.what() << '\n';
    return 1;
}
