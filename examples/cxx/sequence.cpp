/// Reads a recorded sequence, integrates every frame, prints the things found, the map round the last camera, and an
/// answer to a question in words. Through the cxx bridge: CMakeLists.txt beside this file builds gnomon from source.
///
///   sequence FOLDER [UP]        UP is one of z (default), x, y, -x, -y, -z, auto
///
/// The layout "raw" of FOLDER is described in examples/c/sequence.c, which does the same and prints the same.
#include "gnomon-cxx/src/lib.rs.h"
#include "rust/cxx.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <vector>

namespace {

namespace gn = gnomon::cxx;

constexpr std::int64_t frame_ns = 33333333;
constexpr unsigned long max_side = 16384;

// ---- the layout "raw" ---------------------------------------------------------------------------------------------

/// A picture's bytes as they stand in its file, from `begin` on.
struct Picture {
    std::uint32_t width = 0, height = 0;
    std::string file;
    std::size_t begin = 0;
};

struct DetectionLine {
    std::size_t frame = 0;
    std::string label;
    float score = 0;
    std::array<float, 4> box{};
};

std::string read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file) throw std::runtime_error(path + ": cannot be read");
    return text;
}

/// The next number of a PNM header; comments begin with # and end with their line.
std::uint32_t header_number(const std::string &file, std::size_t &at, const std::string &path) {
    const auto is = [&](int (*kind)(int)) { return at < file.size() && kind(static_cast<unsigned char>(file[at])); };
    while (is(std::isspace) || (at < file.size() && file[at] == '#')) {
        if (file[at] == '#') at = std::min(file.find('\n', at), file.size() - 1);
        at++;
    }
    unsigned long number = 0;
    std::size_t digits = 0;
    for (; is(std::isdigit) && digits < 9; at++, digits++)
        number = number * 10 + static_cast<unsigned long>(file[at] - '0');
    if (digits == 0 || !is(std::isspace)) throw std::runtime_error(path + ": its header is no PNM header");
    return static_cast<std::uint32_t>(number);
}

/// P6 with one byte a sample, or P5 with two.
Picture read_picture(const std::string &path, char kind) {
    Picture picture;
    picture.file = read_file(path);
    const std::size_t pixel_bytes = kind == '6' ? 3 : 2;
    if (picture.file.compare(0, 2, std::string("P") + kind) != 0) throw std::runtime_error(path + ": is no binary PNM");
    std::size_t at = 2;
    picture.width = header_number(picture.file, at, path);
    picture.height = header_number(picture.file, at, path);
    const std::uint32_t most = header_number(picture.file, at, path);
    if (picture.width < 1 || picture.height < 1 || picture.width > max_side || picture.height > max_side)
        throw std::runtime_error(path + ": its sides are not 1 to 16384");
    if (kind == '6' ? most != 255 : most < 256 || most > 65535)
        throw std::runtime_error(path + ": its maxval is not that of the layout");
    picture.begin = at + 1;
    if (picture.file.size() - picture.begin < std::size_t{picture.width} * picture.height * pixel_bytes)
        throw std::runtime_error(path + ": ends too soon");
    return picture;
}

/// The picture as it lies in the file; nothing is copied.
gn::Image colour_of(const Picture &picture) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(picture.file.data()) + picture.begin;
    const std::size_t size = std::size_t{picture.width} * picture.height * 3;
    return {{bytes, size}, 0, picture.width, picture.height, gn::PixelFormat::Rgb8};
}

gn::Image depth_image(const std::vector<std::uint16_t> &millimetres, const Picture &picture) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(millimetres.data());
    return {{bytes, millimetres.size() * 2}, 0, picture.width, picture.height, gn::PixelFormat::DepthU16};
}

/// Millimetres; the file has the most significant byte first.
std::vector<std::uint16_t> depth_of(const Picture &picture) {
    std::vector<std::uint16_t> millimetres(std::size_t{picture.width} * picture.height);
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(picture.file[picture.begin + at]); };
    for (std::size_t i = 0; i < millimetres.size(); i++)
        millimetres[i] = static_cast<std::uint16_t>(byte(2 * i) << 8 | byte(2 * i + 1));
    return millimetres;
}

std::vector<double> read_numbers(const std::string &path) {
    std::istringstream words(read_file(path));
    std::vector<double> numbers{std::istream_iterator<double>(words), {}};
    if (!words.eof()) throw std::runtime_error(path + ": holds a word that is no number");
    return numbers;
}

std::vector<DetectionLine> read_detections(const std::string &path) {
    std::istringstream words(read_file(path));
    std::vector<DetectionLine> lines;
    DetectionLine d;
    while (words >> d.frame >> d.label >> d.score >> d.box[0] >> d.box[1] >> d.box[2] >> d.box[3]) lines.push_back(d);
    words.clear();
    if (words >> d.label) throw std::runtime_error(path + ": holds a line that is not: frame label score x0 y0 x1 y1");
    return lines;
}

// ---- what is done with it -----------------------------------------------------------------------------------------

gn::Up up_of(const std::string &word) {
    using gn::Up;
    static const std::map<std::string, Up> known = {{"z", Up::Z},     {"x", Up::X},     {"y", Up::Y},
                                                    {"-x", Up::NegX}, {"-y", Up::NegY}, {"-z", Up::NegZ},
                                                    {"auto", Up::Auto}};
    const auto found = known.find(word);
    if (found == known.end()) throw std::runtime_error(word + " is no up axis: x, y, z, -x, -y, -z or auto");
    return found->second;
}

void integrate(gn::Scene &scene, const std::string &folder, std::size_t number, const std::vector<double> &k,
               const double *pose, const std::vector<DetectionLine> &lines) {
    std::ostringstream digits;
    digits << std::setw(5) << std::setfill('0') << number;
    const Picture colour = read_picture(folder + "/images/" + digits.str() + ".ppm", '6');
    const Picture depth = read_picture(folder + "/depth/" + digits.str() + ".pgm", '5');
    const std::vector<std::uint16_t> millimetres = depth_of(depth);

    gn::Frame frame{};
    frame.stamp_ns = static_cast<std::int64_t>(number) * frame_ns;
    frame.intrinsics = {colour.width, colour.height, k[0], k[4], k[2], k[5], {}};
    std::copy(pose, pose + 16, frame.world_from_camera.begin());
    frame.colour = colour_of(colour);
    frame.depth = depth_image(millimetres, depth);
    std::vector<gn::Detection> detections;
    for (const DetectionLine &line : lines)
        if (line.frame == number) detections.push_back({line.label, line.score, line.box, {}, {}});

    const gn::FrameReport report = scene.integrate(frame, {detections.data(), detections.size()});
    std::cout << "frame " << number << ": " << report.detections << " detections, " << report.lifted << " lifted, "
              << report.associated << " known, " << report.born << " born\n";
}

void print_objects(const gn::Snapshot &snapshot) {
    const rust::Vec<gn::Object> objects = snapshot.objects();
    std::cout << "objects: " << objects.size() << '\n' << std::fixed << std::setprecision(2);
    for (const gn::Object &object : objects) {
        const auto &[x, y, z] = object.obb.centre;
        const auto &[length, width, height] = object.obb.size;
        std::cout << object.name << " at " << x << ' ' << y << ' ' << z << ", size " << length << ' ' << width << ' '
                  << height << ", yaw " << object.yaw_rad << ", existence " << object.existence << ", seen "
                  << object.observations << '\n';
    }
}

void run(const std::string &folder, const std::string &up) {
    const std::vector<double> k = read_numbers(folder + "/K.txt");
    const std::vector<double> poses = read_numbers(folder + "/poses.txt");
    const std::vector<DetectionLine> lines = read_detections(folder + "/detections.txt");
    if (k.size() != 9) throw std::runtime_error("K.txt: does not hold nine numbers");
    if (poses.empty() || poses.size() % 16 != 0)
        throw std::runtime_error("poses.txt: does not hold sixteen numbers a frame");

    gn::SceneOptions options = gn::default_scene_options();
    options.up = up_of(up);
    rust::Box<gn::Scene> scene = gn::Scene::create(options);
    for (std::size_t number = 0; number < poses.size() / 16; number++)
        integrate(*scene, folder, number, k, poses.data() + 16 * number, lines);

    const rust::Box<gn::Snapshot> snapshot = scene->publish();
    print_objects(*snapshot);
    const rust::Box<gn::Observer> here = gn::Observer::newest(*snapshot);
    std::cout << snapshot->cogmap(*here, gn::default_cogmap_options())->ascii();
    const rust::Str question = "How many chairs are there?";
    std::cout << question << ' ' << snapshot->ask(question, {}, gn::default_ask_options())->text() << '\n';
}

}  // namespace

int main(int argc, char **argv) try {
    if (argc < 2 || argc > 3) throw std::runtime_error("usage: sequence FOLDER [UP]");
    run(argv[1], argc == 3 ? argv[2] : "z");
    return 0;
} catch (const std::exception &error) {
    // Of a rust::Error this is the name of the status and the library's sentence.
    std::cerr << "sequence: " << error.what() << '\n';
    return 1;
}
