/// Networks through the cxx bridge, on those of tests/networks and tests/vlm: what is found goes into a scene and a
/// pipeline, depth says what it means, a model is asked and heard, runs are stopped, and what is missing is told. Without
/// GNOMON_ORT_PATH only what needs no ONNX Runtime is tried.
#include "check.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace gn = gnomon::cxx;

constexpr std::uint32_t width = 160, height = 120;
const gn::Intrinsics eye = {width, height, 150, 150, 80, 60, {}};
const char *const detector_folder = "tests/networks/detector";
const char *const depth_file = "tests/networks/depth.onnx";
const rust::Box<gn::Run> unlimited = gn::Run::unlimited();
constexpr std::int64_t hang_ns = 20'000'000'000;

bool has(rust::String text, const char *words) { return std::string(text).find(words) != std::string::npos; }

/// Black but for the upper right quarter.
std::vector<std::uint8_t> one_bright_quarter() {
    std::vector<std::uint8_t> rgb(3 * width * height, 0);
    for (std::uint32_t v = 0; v < height / 2; v++)
        for (std::uint32_t u = 3 * width / 2; u < 3 * width; u++) rgb[v * 3 * width + u] = 255;
    return rgb;
}

const std::vector<std::uint8_t> rgb = one_bright_quarter();
const gn::Image picture = {{rgb.data(), rgb.size()}, 0, width, height, gn::PixelFormat::Rgb8};

gn::NetworkOptions of_family(const char *family) {
    gn::NetworkOptions options = gn::default_network_options();
    options.family = family;
    return options;
}

rust::Box<gn::Detector> open_detector() {
    return gn::Detector::open(detector_folder, gn::default_network_options(), *unlimited);
}

rust::Box<gn::DepthNet> open_depth() {
    return gn::DepthNet::open(depth_file, of_family("depth_anything_v2_metric"), *unlimited);
}

gn::Frame frame_with(const gn::Image &depth) {
    gn::Frame frame{};
    frame.stamp_ns = 1;
    frame.intrinsics = eye;
    frame.world_from_camera = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};
    frame.colour = picture;
    frame.depth = depth;
    return frame;
}

void what_is_missing_is_told() {
    gn::NetworkOptions options = gn::default_network_options();
    const auto open = [&](const char *path) { gn::Detector::open(path, options, *unlimited); };
    refused("GNOMON_E_IO", "nothing", [&] { open("tests/networks/nothing"); });
    refused("GNOMON_E_ARGUMENT", "does not say its family", [&] { open(depth_file); });
    refused("GNOMON_E_ARGUMENT", "path is empty", [&] { open(""); });
    options.threads = 0;
    refused("GNOMON_E_ARGUMENT", "threads is 0", [&] { open(detector_folder); });
    options = gn::default_network_options();
    options.providers.push_back("cuda:device");
    refused("GNOMON_E_ARGUMENT", "NAME:KEY=VALUE", [&] { open(detector_folder); });
    options = gn::default_network_options();
    options.runtime_path = "/nowhere/libonnxruntime.so";
    refused("GNOMON_E_RUNTIME", "/nowhere/libonnxruntime.so", [&] { open(detector_folder); });
    refused("GNOMON_E_RUNTIME", "/nowhere", [] { gn::find_runtime("/nowhere/libonnxruntime.so"); });
    refused("GNOMON_E_ARGUMENT", "within_ns is -1", [] { gn::Run::within(-1); });
}

void what_is_found_goes_into_a_scene() {
    const rust::Box<gn::Detector> detector = open_detector();
    const gn::NetworkFacts facts = detector->info();
    check(facts.family == "fastest_det" && facts.precision == "fp32" && !facts.gives_masks, "what the detector is");
    check(has(facts.path, "detector.onnx") && facts.licence == "MIT OR Apache-2.0", "which file, under what terms");
    check(facts.runtime_path == gn::find_runtime("").path && facts.remarks.empty(), "what runs it, without remarks");
    check(facts.providers.size() == 1 && facts.providers[0].name == "CPUExecutionProvider", "on the processor");
    check(facts.weight_bytes == (7 * 12 + 7) * 4, "what it weighs");

    gn::DetectOptions wanted = gn::default_detect_options();
    const rust::Vec<gn::Found> found = detector->detect(picture, wanted, *unlimited);
    check(found.size() == 1 && found[0].label == "crate" && found[0].mask.empty(), "a crate without a mask");
    const gn::Detection crate = found[0].detection();
    check(std::abs(crate.bbox[0] - width / 2) < 0.01f && std::abs(crate.bbox[3] - height / 2) < 0.01f, "where it is bright");
    std::vector<std::uint16_t> depth(width * height, 3000);
    for (std::uint32_t v = 5; v < height / 2 - 5; v++)
        for (std::uint32_t u = width / 2 + 5; u < width - 5; u++) depth[v * width + u] = 2000;
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(depth.data());
    const gn::Frame frame = frame_with({{bytes, 2 * depth.size()}, 0, width, height, gn::PixelFormat::DepthU16});
    const gn::FrameReport report = gn::Scene::create(gn::default_scene_options())->integrate(frame, {&crate, 1});
    check(report.detections == 1 && report.lifted == 1 && report.begun == 1, "the scene begins a thing");

    wanted.min_score = 1;
    check(detector->detect(picture, wanted, *unlimited).empty(), "nothing is surer than sure");
    wanted.min_score = 2;
    refused("GNOMON_E_ARGUMENT", "min_score is 2", [&] { (void)detector->detect(picture, wanted, *unlimited); });
    refused("GNOMON_E_ARGUMENT", "no bytes", [&] { (void)detector->detect({}, gn::default_detect_options(), *unlimited); });
    gn::NetworkOptions options = gn::default_network_options();
    options.providers.push_back("nobodys");
    check(has(gn::Detector::open(detector_folder, options, *unlimited)->info().remarks[0], "nobodys"), "a remark tells");
    options.require_providers = true;
    refused("GNOMON_E_DEVICE", "nobodys", [&] { gn::Detector::open(detector_folder, options, *unlimited); });
}

void metres_go_into_a_frame_and_nothing_else_does() {
    const rust::Box<gn::DepthNet> net = open_depth();
    check(net->info().gives_metres, "a metric network");
    const rust::Box<gn::DepthMap> map = net->estimate(picture, eye, *unlimited);
    const gn::DepthFacts facts = map->info();
    check(facts.meaning == gn::DepthMeaning::MetricZ && facts.width == width && facts.height == height, "metres");
    check(!facts.has_camera && facts.remarks.empty() && map->confidence().empty() && map->sky().empty(), "and no more");
    check(map->values().size() == width * height && std::abs(map->values()[7] - 2) < 1e-5f, "2 m everywhere");
    const gn::Image depth = map->image();
    check(depth.bytes.data() == reinterpret_cast<const std::uint8_t *>(map->values().data()), "where they lie");
    const gn::Frame frame = frame_with(depth);
    const gn::FrameReport report = gn::Scene::create(gn::default_scene_options())->integrate(frame, {});
    check(report.depth_pixels == width * height, "a scene takes them");
    refused("GNOMON_E_ARGUMENT", "80", [&] { net->estimate(picture, {80, 60, 150, 150, 40, 30, {}}, *unlimited); });

    const rust::Box<gn::DepthNet> relative = gn::DepthNet::open(depth_file, of_family("depth_anything_v2"), *unlimited);
    const rust::Box<gn::DepthMap> inverse = relative->estimate(picture, {}, *unlimited);
    check(inverse->info().meaning == gn::DepthMeaning::AffineInverse, "another network gives no metres");
    refused("GNOMON_E_UNSUPPORTED", "take a metric model", [&] { inverse->image(); });
    rust::Box<gn::Stages> stages = gn::Stages::none();
    refused("GNOMON_E_UNSUPPORTED", "metric", [&] { stages->set_depth(*relative); });
}

void pictures_of_one_place_become_depth_points_and_cameras() {
    const std::vector<std::uint8_t> black(3 * width * height, 0), white(3 * width * height, 255);
    const gn::Image pictures[] = {{{black.data(), black.size()}, 0, width, height, gn::PixelFormat::Rgb8},
                                  {{white.data(), white.size()}, 0, width, height, gn::PixelFormat::Rgb8}};
    const rust::Box<gn::GeometryNet> net =
        gn::GeometryNet::open("tests/networks/views/views.onnx", of_family("vggt"), *unlimited);
    check(net->info().family == "vggt" && !net->info().gives_metres, "what the network is");
    const rust::Box<gn::Views> views = net->estimate({pictures, 2}, *unlimited);
    check(views->size() == 2, "a view for each picture");
    for (std::size_t at = 0; at < 2; at++) {
        const gn::ViewFacts facts = views->info(at);
        check(facts.width == width && facts.height == height && facts.intrinsics.fx > 0, "of its size, with a camera");
        check(facts.meaning == gn::DepthMeaning::UpToScaleZ && facts.world_from_camera[15] == 1, "and a pose");
        check(views->values(at).size() == width * height && views->points(at).size() == 3 * width * height, "and points");
        check(std::abs(views->values(at)[777] - (at == 0 ? 3 : 4)) < 1e-4f, "each at its depth");
        check(std::abs(facts.world_from_camera[3] - (at == 0 ? 0 : 1)) < 1e-4, "the second to the right of the first");
        check(views->confidence(at).size() == width * height && views->points_confidence(at).empty(), "as sure as it tells");
    }
    refused("GNOMON_E_UNSUPPORTED", "up to an unknown factor", [&] { views->image(0); });
    const rust::Box<gn::GeometryNet> metric =
        gn::GeometryNet::open("tests/networks/views", gn::default_network_options(), *unlimited);
    check(metric->estimate({pictures, 2}, *unlimited)->image(1).format == gn::PixelFormat::DepthF32M, "another gives metres");
    refused("GNOMON_E_ARGUMENT", "view 2 of 2", [&] { views->info(2); });
    refused("GNOMON_E_ARGUMENT", "0 pictures", [&] { net->estimate({}, *unlimited); });
    refused("GNOMON_E_ARGUMENT", "expected 2", [&] { net->estimate({pictures, 1}, *unlimited); });
}

void networks_work_in_a_pipeline() {
    rust::Box<gn::Stages> stages = gn::Stages::none();
    stages->set_depth(*open_depth());
    stages->set_detector(*open_detector(), gn::default_detect_options());
    gn::PipelineOptions options = gn::default_pipeline_options();
    options.queue = 8;
    options.deadline_ns = 0;
    const rust::Box<gn::Pipeline> live = gn::Pipeline::open(gn::default_scene_options(), options, std::move(stages));
    gn::Frame frame = frame_with({});
    for (frame.stamp_ns = 1; frame.stamp_ns <= 3; frame.stamp_ns++) live->push_copy(frame, gn::Parts::Pose, {});
    check(live->settle(hang_ns) && live->statistics().published == 3, "a picture and a pose are enough for a frame");
    const rust::Vec<gn::Published> newest = live->poll();
    check(newest.size() == 1 && newest[0].report.detections == 1, "the detector found the crate");
    check(newest[0].report.depth_pixels == width * height, "and the depth network how far everything is");
    check(live->statistics().stages[0].runs == 3 && live->statistics().stages[1].runs == 3, "both networks looked");
    live->close();
}

void runs_are_stopped_by_a_deadline_and_from_another_thread() {
    const rust::Box<gn::Detector> detector = open_detector();
    const gn::DetectOptions wanted = gn::default_detect_options();
    const rust::Box<gn::Run> at_once = gn::Run::within(1);
    refused("GNOMON_E_CANCELLED", "not done within", [&] { (void)detector->detect(picture, wanted, *at_once); });
    refused("GNOMON_E_CANCELLED", "", [&] { gn::Detector::open(detector_folder, gn::default_network_options(), *at_once); });
    const rust::Box<gn::Run> run = gn::Run::unlimited();
    check(detector->detect(picture, wanted, *run).size() == 1, "until then it runs");
    std::thread worker([&] {
        refused("GNOMON_E_CANCELLED", "", [&] {
            for (;;) (void)detector->detect(picture, wanted, *run);
        });
    });
    run->stop();
    worker.join();
    check(detector->detect(picture, wanted, *unlimited).size() == 1, "other runs go on");
}

rust::Box<gn::Vlm> open_vlm() {
    gn::NetworkOptions network = gn::default_network_options();
    network.precision = "fp32";
    network.threads = 1;
    gn::VlmOptions options = gn::default_vlm_options();
    options.vision_precision = "fp32";
    return gn::Vlm::open("tests/vlm/qwen2_5_vl", network, options, *unlimited);
}

/// As tests/c/vlm.c prints it: tests/networks/vlm.txt.
std::string told(const gn::Reply &reply) {
    std::string text = "text: " + std::string(reply.text) + "\nended: " + std::to_string(static_cast<int>(reply.ended));
    text += "\ntoken_ids:";
    for (const std::uint32_t token : reply.token_ids) text += " " + std::to_string(token);
    text += "\nprompt: " + std::to_string(reply.prompt_ids.size()) + "\ngrid:";
    for (const gn::Grid &grid : reply.grids)
        text += " " + std::to_string(grid.frames) + " " + std::to_string(grid.rows) + " " + std::to_string(grid.columns);
    return text + "\n";
}

std::string agreed() {
    std::ifstream file("tests/networks/vlm.txt");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

gn::VlmRequest saying(const char *words, std::uint32_t images, std::uint32_t most) {
    gn::VlmRequest request = gn::default_vlm_request();
    request.messages.push_back({gn::Role::User, words, images, 0});
    request.max_new_tokens = most;
    return request;
}

void a_model_says_here_what_it_says_in_c() {
    std::vector<std::uint8_t> rising(3 * 112 * 84);
    for (std::size_t i = 0; i < rising.size(); i++) rising[i] = static_cast<std::uint8_t>(i * 7 % 251);
    const gn::Image seen = {{rising.data(), rising.size()}, 0, 112, 84, gn::PixelFormat::Rgb8};
    const rust::Box<gn::Vlm> vlm = open_vlm();
    const gn::VlmFacts facts = vlm->info();
    check(facts.family == "qwen2_5_vl" && facts.files.size() >= 3 && facts.takes_images, "what the model is");
    check(facts.providers.size() == 1 && facts.remarks.empty() && facts.context_tokens > 0, "and what runs it");
    check(vlm->count_tokens("Where is the cup?") > 0, "texts are counted");
    const rust::Box<gn::Job> job = vlm->submit(saying("Where is the cup?", 1, 8), {&seen, 1}, {});
    std::string heard;
    std::uint64_t done = 0, of = 0;
    for (rust::Vec<gn::Piece> pieces = job->pieces(-1); !pieces.empty(); pieces = job->pieces(-1))
        for (const gn::Piece &piece : pieces) {
            heard += std::string(piece.text);
            if (piece.of > 0) done = piece.done, of = piece.of;
        }
    check(job->wait(-1) && job->is_done(), "when nothing more is told the reply is there");
    const gn::Reply reply = job->reply();
    check(heard == std::string(reply.text) && done > 0 && done == of, "what was told is what was said");
    check(reply.ended == gn::Ended::MaxTokens && reply.statistics.new_tokens == 8, "eight tokens, as asked");
    check(told(reply) == agreed().substr(0, agreed().find("place: ")), "word for word as in C");
    const rust::Box<gn::Job> again = vlm->ask("Where is the cup?", {&seen, 1});
    check(again->reply().prompt_ids.size() == reply.prompt_ids.size(), "a question makes the same prompt");
}

/// A wall, and a crate before it.
const std::vector<std::uint16_t> room_depth = [] {
    std::vector<std::uint16_t> counts(width * height, 3000);
    for (std::uint32_t v = 40; v < 80; v++)
        for (std::uint32_t u = 60; u < 100; u++) counts[v * width + u] = 2000;
    return counts;
}();

const std::vector<std::uint8_t> lit = [] {
    std::vector<std::uint8_t> rising(3 * width * height);
    for (std::size_t i = 0; i < rising.size(); i++) rising[i] = static_cast<std::uint8_t>(i * 7 % 251);
    return rising;
}();

gn::Frame lit_frame(int number) {
    gn::Frame frame = frame_with({{reinterpret_cast<const std::uint8_t *>(room_depth.data()), 2 * room_depth.size()},
                                  0, width, height, gn::PixelFormat::DepthU16});
    frame.stamp_ns = 1000000000 + number * std::int64_t{100000000};
    frame.world_from_camera[3] = 0.001 * number;
    frame.colour = {{lit.data(), lit.size()}, 0, width, height, gn::PixelFormat::Rgb8};
    return frame;
}

std::string numbers(const char *format, std::initializer_list<double> values) {
    std::string text;
    for (const double value : values) {
        char one[32];
        std::snprintf(one, sizeof one, format, value);
        text += one;
    }
    return text + "\n";
}

/// The lines of the agreed text from the first place on.
std::string places_and_answers(const gn::Vlm &vlm) {
    const gn::Frame frame = lit_frame(0);
    gn::VlmRequest request = saying("Box the crate.", 1, 256);
    request.constraint.kind = gn::ConstraintKind::Choices;
    request.constraint.names.push_back("[{\"bbox_2d\":[42,28,70,56],\"label\":\"crate\"},{\"bbox_2d\":[9,9,3,3]}]");
    const rust::Box<gn::Job> job = vlm.submit(request, {&frame.colour, 1}, {});
    const gn::Reply reply = job->reply();
    refused("GNOMON_E_ARGUMENT", "picture 1 of 1", [&] { (void)job->fit(1); });
    const rust::Box<gn::Grounding> grounding =
        gn::Grounding::read(reply.text, gn::Convention::PixelJson, job->fit(0));
    check(grounding->rejected().size() == 1 && grounding->rejected_in_all() == 1, "what is no box is left out");
    const rust::Vec<gn::Grounded> found = grounding->list();
    check(found.size() == 1 && found[0].kind == gn::Region::Box, "what is one is not");
    refused("GNOMON_E_ARGUMENT", "place 1 of 1", [&] { (void)grounding->lift(1, frame); });
    const gn::OrientedBox box = grounding->lift(0, frame);
    const std::array<double, 4> &at = found[0].region;
    std::string text = "place: " + std::string(found[0].label) + numbers(" %.2f", {at[0], at[1], at[2], at[3]});
    text += "lifted:" + numbers(" %.3f", {box.centre[0], box.centre[1], box.centre[2], box.size[0], box.size[1], box.size[2]});

    const rust::Box<gn::Scene> scene = gn::Scene::create(gn::default_scene_options());
    const gn::Detection seen = {"crate", 0.9f, {60, 40, 100, 80}, {}, {}};
    for (int number = 0; number < 4; number++) (void)scene->integrate(lit_frame(number), {&seen, 1});
    const rust::Box<gn::Album> album = gn::Album::create(gn::default_album_options());
    check(album->offer(0, frame) && !album->offer(1, lit_frame(1)) && album->size() == 1, "a place is kept once");
    check(album->correct(0, frame.world_from_camera) && !album->correct(1, frame.world_from_camera), "and corrected");
    refused("GNOMON_E_ARGUMENT", "numbers rise", [&] { (void)album->offer(0, frame); });
    gn::ConverseOptions options = gn::default_converse_options();
    options.new_tokens = 0;
    const rust::Box<gn::Snapshot> snapshot = scene->publish();
    const char *const question = "How many crates are there?";
    refused("GNOMON_E_ARGUMENT", "new_tokens is 0", [&] {
        (void)gn::ask_with_model(*snapshot, *album, vlm, question, {}, options);
    });
    options.new_tokens = 8;
    const rust::Box<gn::Conversed> both = gn::ask_with_model(*snapshot, *album, vlm, question, {}, options);
    const gn::SaidFacts facts = both->facts();
    check(facts.failure.empty() && has(both->json(), "\"geometry\""), "a model that speaks has not failed");
    text += "asked: " + std::string(both->answer()->bare());
    for (const std::int64_t one : {static_cast<std::int64_t>(facts.silence), static_cast<std::int64_t>(facts.verdict),
                                   static_cast<std::int64_t>(facts.value), facts.option,
                                   static_cast<std::int64_t>(facts.ended), static_cast<std::int64_t>(facts.images),
                                   static_cast<std::int64_t>(facts.text_tokens)})
        text += " " + std::to_string(one);
    return text + "\nsaid: " + std::string(both->words()) + "\n";
}

void places_and_answers_are_here_what_they_are_in_c() {
    check(places_and_answers(*open_vlm()) == agreed().substr(agreed().find("place: ")), "places and answers, as in C");
    const rust::Box<gn::Grounding> point =
        gn::Grounding::read("(0.5, 0.5)", gn::Convention::Shares, gn::whole(width, height));
    check(point->list()[0].kind == gn::Region::Point && point->list()[0].region[0] == 80, "shares of a whole picture");
}

void a_model_is_stopped_refused_and_let_go() {
    const rust::Box<gn::Vlm> vlm = open_vlm();
    const gn::VlmRequest endless = saying("On?", 0, 200);
    for (int round = 0; round < 20; round++) {
        const rust::Box<gn::Job> job = vlm->submit(endless, {}, {});
        std::this_thread::sleep_for(std::chrono::microseconds(round * 7919 % 5000));
        if (round % 2 == 0) continue;
        job->cancel();
        refused("GNOMON_E_CANCELLED", "stopped by the caller", [&] { job->wait(-1); });
    }
    const rust::Box<gn::Job> first = vlm->submit(endless, {}, {});
    gn::VlmRequest request = endless;
    request.when_busy = gn::WhenBusy::Refuse;
    refused("GNOMON_E_BUSY", "another request", [&] { vlm->submit(request, {}, {}); });
    first->cancel();
    request.when_busy = gn::WhenBusy::Queue;
    request.constraint.kind = gn::ConstraintKind::Choices;
    request.constraint.names = {"left", "right"};
    const rust::String chosen = vlm->submit(request, {}, {})->reply().text;
    check(chosen == "left" || chosen == "right", "a reply is what it must be");
    request.constraint.kind = gn::ConstraintKind::Regex;
    request.constraint.text = "(";
    refused("GNOMON_E_ARGUMENT", "unclosed group", [&] { vlm->submit(request, {}, {})->wait(-1); });
    refused("GNOMON_E_ARGUMENT", "name 1 pictures", [&] { vlm->submit(saying("What?", 1, 8), {}, {})->wait(-1); });
    refused("GNOMON_E_ARGUMENT", "neither", [&] { vlm->submit(gn::default_vlm_request(), {}, {}); });
    refused("GNOMON_E_ARGUMENT", "timeout_ns", [&] { (void)first->pieces(-2); });
    gn::VlmOptions options = gn::default_vlm_options();
    options.prefill_tokens = 0;
    refused("GNOMON_E_ARGUMENT", "prefill_tokens is 0",
            [&] { gn::Vlm::open("tests/vlm/qwen2_5_vl", gn::default_network_options(), options, *unlimited); });
    refused("GNOMON_E_IO", "nothing", [] {
        gn::Vlm::open("tests/networks/nothing", gn::default_network_options(), gn::default_vlm_options(), *unlimited);
    });
}

}  // namespace

int main() try {
    what_is_missing_is_told();
    if (std::getenv("GNOMON_ORT_PATH") == nullptr) {
        std::cout << "cxx networks: only what is missing (GNOMON_ORT_PATH names an ONNX Runtime)\n";
        return failed;
    }
    what_is_found_goes_into_a_scene();
    metres_go_into_a_frame_and_nothing_else_does();
    pictures_of_one_place_become_depth_points_and_cameras();
    networks_work_in_a_pipeline();
    runs_are_stopped_by_a_deadline_and_from_another_thread();
    a_model_says_here_what_it_says_in_c();
    places_and_answers_are_here_what_they_are_in_c();
    a_model_is_stopped_refused_and_let_go();
    if (failed == 0) std::cout << "cxx: networks behave\n";
    return failed;
} catch (const std::exception &error) {
    std::cerr << "cxx networks: " << error.what() << '\n';
    return 1;
}
