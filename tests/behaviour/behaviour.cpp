/// The job of README.md, through gnomon.hpp.
#include "gnomon.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>

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

gnomon::FrameReport integrate(gnomon::Scene &scene, const std::vector<std::uint16_t> &depth_mm, int number) {
    const gnomon::Pose pose = {0, 0, 1, number / 1000.0, -1, 0, 0, 0, 0, -1, 0, 0.6, 0, 0, 0, 1};
    const gnomon::Frame frame(1000000000 + number * std::int64_t{100000000},
                              gnomon::pinhole(width, height, 100, 100, 80, 60), pose,
                              gnomon::depth_u16(depth_mm, width, height));
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

void print_chain(const gnomon::Snapshot &snapshot) {
    gnomon::Chain chain;
    const gnomon::Chain::Change change = chain.update(snapshot);
    std::cout << "chain: " << change.lines << " lines, " << change.lines_changed << " changed\n" << chain.text().view();
}

void print_relation(const gnomon::Snapshot &snapshot) {
    const std::uint64_t chest = snapshot.find("chest#1").value().id, crate = snapshot.find("crate#1").value().id;
    const gnomon::Relation left = snapshot.relation(gnomon::RelationKind::Left, chest, crate);
    std::cout << "left: " << left.holds << ", margin " << left.margin << " m\n";
}

}  // namespace

int main() try {
    std::cout << std::fixed << std::setprecision(3);
    std::vector<std::uint16_t> depth_mm;
    for (std::uint32_t v = 0; v < height; v++)
        for (std::uint32_t u = 0; u < width; u++) depth_mm.push_back(depth_at(u, v));

    gnomon::Scene scene;
    for (int number = 0; number < 8; number++) {
        const gnomon::FrameReport report = integrate(scene, depth_mm, number);
        std::cout << "frame " << number << ": " << report.detections << " detections, " << report.lifted << " lifted, "
                  << report.associated << " known, " << report.born << " born\n";
    }
    const gnomon::Snapshot snapshot = scene.publish();
    print_things(snapshot);
    std::cout << snapshot.cogmap().text() << '\n';
    print_chain(snapshot);
    for (const char *question :
         {"How many crates are there?", "How far is the chest from the bin?", "How tall is the zebra?"})
        std::cout << question << ' ' << snapshot.ask(question).text() << '\n';
    const gnomon::Judgements judgements =
        snapshot.check("The chest is to the left of the crate. The bin is 3 m high. What a lovely day.");
    for (const gnomon::Judgement &judgement : judgements.list()) std::cout << gnomon::view(judgement.sentence) << '\n';
    print_relation(snapshot);

    try {
        integrate(scene, depth_mm, 0);
    } catch (const gnomon::Error &error) {
        const std::string sentence = error.what();
        std::cout << gnomon::status_name(error.status()) << ": " << sentence.substr(sentence.find(": ") + 2) << '\n';
    }
    std::cout << "frames: " << scene.publish().info().frames << '\n';
    return 0;
} catch (const std::exception &error) {
    std::cerr << "behaviour: " << error.what() << '\n';
    return 1;
}
