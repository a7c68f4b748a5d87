/// The job of README.md, through the cxx bridge.
#include "gnomon-cxx/src/lib.rs.h"
#include "rust/cxx.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <vector>

namespace {

namespace gn = gnomon::cxx;

constexpr std::uint32_t width = 640, height = 480, things = 20;
constexpr int scenes = 2, frames = 60, left_out = 10;

std::uint32_t left_of(std::uint32_t k) { return 16 + 128 * (k % 5); }
std::uint32_t top_of(std::uint32_t k) { return 20 + 120 * (k / 5); }

void take(gn::Scene &scene, const std::vector<std::uint16_t> &depth_mm, const std::vector<std::uint8_t> &mask, int n) {
    std::vector<gn::Detection> found;
    found.reserve(things);
    for (std::uint32_t k = 0; k < things; k++) {
        const std::uint32_t left = left_of(k), top = top_of(k);
        const std::array<float, 4> box = {static_cast<float>(left), static_cast<float>(top),
                                          static_cast<float>(left + 96), static_cast<float>(top + 80)};
        found.push_back({"thing", 0.9f, box, {{mask.data(), mask.size()}, 0, left, top, 96, 80}, {}});
    }
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(depth_mm.data());
    gn::Frame frame{};
    frame.stamp_ns = 1000000000 + n * std::int64_t{33333333};
    frame.intrinsics = {width, height, 500, 500, 319.5, 239.5, {}};
    frame.world_from_camera = {0, 0, 1, n / 1000.0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 1};
    frame.depth = {{bytes, depth_mm.size() * 2}, 0, width, height, gn::PixelFormat::DepthU16};
    if (frame.depth.bytes.data() != bytes) throw std::logic_error("a copy");
    scene.integrate(frame, {found.data(), found.size()});
}

/// What the library itself says that the newest frame took it.
double in_stages_ns(gn::Scene &scene) {
    double sum_s = 0;
    for (const gn::StageTime &stage : scene.stage_times()) sum_s += stage.time_s;
    return 1e9 * sum_s;
}

std::int64_t median(std::vector<std::int64_t> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int main() try {
    std::vector<std::uint16_t> depth_mm(width * height, 4000);
    for (std::uint32_t k = 0; k < things; k++)
        for (std::uint32_t v = top_of(k); v < top_of(k) + 80; v++)
            for (std::uint32_t u = left_of(k); u < left_of(k) + 96; u++)
                depth_mm[v * width + u] = static_cast<std::uint16_t>(1500 + 100 * k);
    const std::vector<std::uint8_t> mask(96 * 80, 255);
    std::vector<std::int64_t> times_ns, outside_ns;
    for (int at = 0; at < scenes; at++) {
        rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
        for (int n = 0; n < frames; n++) {
            const auto begin = std::chrono::steady_clock::now();
            take(*scene, depth_mm, mask, n);
            const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
            if (n < left_out) continue;
            times_ns.push_back(took.count());
            outside_ns.push_back(took.count() - static_cast<std::int64_t>(in_stages_ns(*scene)));
        }
    }
    std::cout << median(times_ns) << ' ' << median(outside_ns) << '\n';
    return 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
