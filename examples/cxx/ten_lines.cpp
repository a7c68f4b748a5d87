#include "gnomon-cxx/src/lib.rs.h"
#include <cstdio>
#include <vector>

int main() try {
    // What a camera 1.2 m above the floor sees, looking along world x: a wall 2 m ahead, a cup 1 m ahead.
    std::vector<std::uint16_t> depth_mm(48 * 64, 2000);
    for (std::size_t v = 16; v < 32; v++)
        for (std::size_t u = 16; u < 32; u++) depth_mm[v * 64 + u] = 1000;
    const rust::Slice<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t *>(depth_mm.data()), 2 * depth_mm.size());
    const gnomon::cxx::Detection cup = {"cup", 0.9f, {16, 16, 32, 32}, {}, {}};
    gnomon::cxx::Frame frame{};
    frame.intrinsics = {64, 48, 60, 60, 31.5, 23.5, {}};
    frame.depth = {bytes, 0, 64, 48, gnomon::cxx::PixelFormat::DepthU16};
    frame.world_from_camera = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};

    auto scene = gnomon::cxx::Scene::create(gnomon::cxx::default_scene_options());
    for (frame.stamp_ns = 1; frame.stamp_ns <= 3; frame.stamp_ns++) scene->integrate(frame, {&cup, 1});
    const auto thing = scene->publish()->object_named("cup#1");
    const auto [x, y, z] = thing.obb.centre;
    std::printf("%s at %.2f %.2f %.2f\n", std::string(thing.name).c_str(), x, y, z);
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
