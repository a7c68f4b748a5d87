#include "gnomon.hpp"
#include <cstdio>

int main() try {
    // What a camera 1.2 m above the floor sees, looking along world x: a wall 2 m ahead, a cup 1 m ahead.
    const gnomon::Pose looking_along_x = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};
    std::vector<std::uint16_t> depth_mm(48 * 64, 2000);
    for (std::size_t v = 16; v < 32; v++)
        for (std::size_t u = 16; u < 32; u++) depth_mm[v * 64 + u] = 1000;
    const gnomon::Detection found[] = {{"cup", 0.9f, {16, 16, 32, 32}}};
    const gnomon::Intrinsics camera = gnomon::pinhole(64, 48, 60, 60, 31.5, 23.5);

    gnomon::Scene scene;
    for (std::int64_t stamp_ns = 1; stamp_ns <= 3; stamp_ns++)
        scene.integrate({stamp_ns, camera, looking_along_x, gnomon::depth_u16(depth_mm, 64, 48)}, found);
    const gnomon::Snapshot map = scene.publish();
    const gnomon::Object thing = map.find("cup#1").value();
    const auto [x, y, z] = thing.obb.centre;
    std::printf("%s at %.2f %.2f %.2f\n", std::string(gnomon::view(thing.name)).c_str(), x, y, z);
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
