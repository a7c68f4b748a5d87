/// Networks through gnomon.hpp, on those of tests/networks: what is found goes into a scene, depth says what it means, runs
/// are stopped, and what is missing is told. Without GNOMON_ORT_PATH only what needs no ONNX Runtime is tried.
#include "check.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <thread>

namespace {

constexpr std::uint32_t width = 160, height = 120;
const gnomon::Intrinsics eye = gnomon::pinhole(width, height, 150, 150, 80, 60);
/// A level camera at the origin, 1.2 m up, looking along the world's +x.
const gnomon::Pose level = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};
const char *const detector_folder = "tests/networks/detector";
const char *const depth_file = "tests/networks/depth.onnx";
const char *const views_file = "tests/networks/views/views.onnx";

/// Black but for the upper right quarter.
std::vector<std::uint8_t> one_bright_quarter() {
    std::vector<std::uint8_t> rgb(3 * width * height, 0);
    for (std::uint32_t v = 0; v < height / 2; v++)
        for (std::uint32_t u = 3 * width / 2; u < 3 * width; u++) rgb[v * 3 * width + u] = 255;
    return rgb;
}

const std::vector<std::uint8_t> rgb = one_bright_quarter();
const gnomon::Image picture = gnomon::image(gnomon::PixelFormat::Rgb8, rgb, width, height);

gnomon::NetworkOptions of_family(std::string_view family) {
    gnomon::NetworkOptions options;
    options.family = gnomon::str(family);
    return options;
}

std::size_t count(const gnomon::Found &found) { return found.detections().size(); }

void what_a_model_will_take_is_known_without_loading_it() {
    const gnomon::ModelMemory depth = gnomon::model_plan(depth_file);
    CHECK(depth.weight_bytes == 3 * 4 + 4 + 8 && depth.external_bytes == 0);
    CHECK(depth.values == 3 && depth.unknown_values == 0 && depth.activation_bytes == (3 + 1 + 1) * 14 * 14 * 4);
    const std::vector<gnomon_side> sides = {gnomon::side("batch", 2)};
    const gnomon::ModelMemory of_folder = gnomon::model_plan(detector_folder, "fp32", sides);
    CHECK(of_folder.weight_bytes == (7 * 12 + 7) * 4);
    CHECK(holds(REFUSED(Argument, (void)gnomon::model_plan(detector_folder, "fp16")), "it has fp32"));
    CHECK(depth.cache_layers == 0 && depth.cache_bytes_per_1000_tokens == 0 && depth.context_tokens == 0);
}

void a_language_model_is_reckoned_with_what_it_keeps() {
    const gnomon::ModelMemory whole = gnomon::model_plan("tests/vlm/qwen2_vl");
    const gnomon::ModelMemory decoder = gnomon::model_plan("tests/vlm/qwen2_vl/onnx/decoder_model_merged.onnx");
    CHECK(whole.cache_layers >= 2 && whole.cache_layers == decoder.cache_layers && decoder.context_tokens == 0);
    CHECK(whole.cache_bytes_per_1000_tokens == decoder.cache_bytes_per_1000_tokens);
    CHECK(whole.context_tokens > 0 && whole.cache_bytes == whole.cache_bytes_per_1000_tokens / 1000 * whole.context_tokens);
    CHECK(whole.weight_bytes > decoder.weight_bytes);
    CHECK(gnomon::model_plan("tests/vlm/qwen2_vl", "q4").weight_bytes < whole.weight_bytes);
}

void what_is_missing_is_told() {
    REFUSED(Io, gnomon::Detector("tests/networks/nothing"));
    CHECK(holds(REFUSED(Argument, gnomon::Detector detector(depth_file)), "does not say its family"));
    gnomon::NetworkOptions options;
    options.runtime_path = gnomon::str("/nowhere/libonnxruntime.so");
    CHECK(holds(REFUSED(Runtime, gnomon::Detector(detector_folder, options)), "/nowhere/libonnxruntime.so"));
    options.family = gnomon::str("depth_anything_v2");
    CHECK(holds(REFUSED(Runtime, gnomon::DepthNet(depth_file, options)), "/nowhere/libonnxruntime.so"));
}

void what_is_found_goes_into_a_scene_and_outlives_its_detector() {
    gnomon::Found found;
    {
        const gnomon::Detector detector(detector_folder);
        found = detector.detect(picture);
        const gnomon::NetworkFacts facts = detector.info();
        CHECK(gnomon::view(facts.family) == "fastest_det" && gnomon::view(facts.precision) == "fp32");
        CHECK(holds(gnomon::view(facts.path), "detector.onnx") && gnomon::view(facts.licence) == "MIT OR Apache-2.0");
        CHECK(holds(gnomon::view(facts.runtime_path), "libonnxruntime"));
        CHECK(gnomon::view(facts.runtime_version).substr(0, 2) == "1.");
        const auto providers = gnomon::providers(facts);
        CHECK(providers.size() == 1 && gnomon::view(providers[0].name) == "CPUExecutionProvider");
        CHECK(providers[0].nodes == -1 || providers[0].nodes >= 1);
        CHECK(gnomon::remarks(facts).empty() && facts.weight_bytes == (7 * 12 + 7) * 4 && facts.gives_masks == 0);
    }
    const std::vector<gnomon::Detection> seen = found.detections();
    CHECK(seen.size() == 1);
    if (seen.size() != 1) return;
    CHECK(gnomon::view(seen[0].label) == "crate" && std::fabs(seen[0].score - 1) < 1e-3f && seen[0].mask_len == 0);
    const float box[4] = {width / 2, 0, width, height / 2};
    for (int i = 0; i < 4; i++) CHECK(std::fabs(seen[0].bbox[i] - box[i]) < 0.01f);
    std::vector<std::uint16_t> depth(width * height, 3000);
    for (std::uint32_t v = 5; v < height / 2 - 5; v++)
        for (std::uint32_t u = width / 2 + 5; u < width - 5; u++) depth[v * width + u] = 2000;
    const gnomon::Frame frame(1, eye, level, gnomon::depth_u16(depth, width, height));
    gnomon::Scene scene;
    const gnomon::FrameReport report = scene.integrate(frame, seen);
    CHECK(report.detections == 1 && report.lifted == 1 && report.begun == 1);
}

void what_is_wanted_is_heard() {
    const gnomon::Detector detector(detector_folder);
    gnomon::DetectOptions options;
    options.min_score = 0;
    options.iou = 1;
    const gnomon::Found all = detector.detect(picture, options);
    options.min_score = 1;
    CHECK(count(all) == 1 && count(detector.detect(picture, options)) == 0);
    options.min_score = 2;
    REFUSED(Argument, (void)detector.detect(picture, options));
    gnomon::NetworkOptions budget;
    budget.memory_budget_bytes = 100;
    gnomon::NetworkOptions at_once;
    at_once.within_ns = 1;
    REFUSED(Cancelled, gnomon::Detector(detector_folder, at_once));
    at_once.within_ns = 0;
    at_once.fp16 = 2;
    CHECK(holds(REFUSED(Argument, gnomon::Detector(detector_folder, at_once)), "fp16 is 2"));
    CHECK(holds(REFUSED(NoMemory, gnomon::Detector(detector_folder, budget)), "budget"));
    const gnomon_str nobodys[] = {gnomon::str("nobodys")};
    gnomon::NetworkOptions providers;
    providers.providers = nobodys;
    providers.providers_len = 1;
    const gnomon::Detector without(detector_folder, providers);
    const gnomon::NetworkFacts facts = without.info();
    CHECK(gnomon::remarks(facts).size() == 1 && holds(gnomon::view(gnomon::remarks(facts)[0]), "nobodys"));
    providers.require_providers = 1;
    CHECK(holds(REFUSED(Device, gnomon::Detector(detector_folder, providers)), "nobodys"));
    REFUSED(Unsupported, gnomon::DepthNet depth(detector_folder));
    REFUSED(Model, gnomon::Detector(depth_file, of_family("fastest_det")));
}

void metres_go_into_a_frame_and_nothing_else_does() {
    gnomon::DepthMap map;
    {
        const gnomon::DepthNet net(depth_file, of_family("depth_anything_v2_metric"));
        CHECK(net.info().gives_metres == 1 && gnomon::providers(net.info()).size() == 1);
        map = net.estimate(picture, eye);
        REFUSED(Argument, (void)net.estimate(picture, gnomon::pinhole(80, 60, 150, 150, 40, 30)));
    }
    const gnomon::DepthFacts facts = map.info();
    CHECK(gnomon::DepthMeaning(facts.meaning) == gnomon::DepthMeaning::MetricZ);
    CHECK(facts.width == width && facts.height == height && gnomon::values(facts).size() == width * height);
    for (const float metres : gnomon::values(facts)) CHECK(std::fabs(metres - 2) < 1e-5f);
    CHECK(gnomon::confidence(facts).empty() && gnomon::sky(facts).empty() && !gnomon::camera(facts));
    CHECK(gnomon::remarks(facts).empty());
    const gnomon::Image depth = map.image();
    CHECK(depth.data == reinterpret_cast<const std::uint8_t *>(facts.values));
    gnomon::Scene scene;
    gnomon::Frame frame(1, eye, level, depth);
    frame.colour = picture;
    CHECK(scene.integrate(frame).depth_pixels == width * height);

    const gnomon::DepthNet relative(depth_file, of_family("depth_anything_v2"));
    CHECK(relative.info().gives_metres == 0);
    const gnomon::DepthMap inverse = relative.estimate(picture);
    CHECK(gnomon::DepthMeaning(inverse.info().meaning) == gnomon::DepthMeaning::AffineInverse);
    CHECK(holds(REFUSED(Unsupported, (void)inverse.image()), "take a metric model"));
}

bool near(double a, double b) { return std::fabs(a - b) < 1e-4; }

void pictures_of_one_place_become_depth_points_and_cameras() {
    const std::vector<std::uint8_t> black(3 * width * height, 0), white(3 * width * height, 255);
    const std::vector<gnomon::Image> pictures = {gnomon::image(gnomon::PixelFormat::Rgb8, black, width, height),
                                                 gnomon::image(gnomon::PixelFormat::Rgb8, white, width, height)};
    gnomon::Views views;
    {
        const gnomon::GeometryNet net(views_file, of_family("vggt"));
        CHECK(net.info().gives_metres == 0 && gnomon::view(net.info().family) == "vggt");
        views = net.estimate(pictures);
        CHECK(holds(REFUSED(Argument, (void)net.estimate({pictures.data(), 1})), "1 pictures were given, expected 2"));
        CHECK(holds(REFUSED(Argument, (void)net.estimate({})), "expected 1 to 256"));
        REFUSED(Cancelled, (void)net.estimate(pictures, gnomon::RunOptions(1)));
    }
    const std::vector<gnomon::PictureView> seen = views.list();
    CHECK(seen.size() == 2);
    if (seen.size() != 2) return;
    for (std::size_t at = 0; at < 2; at++) {
        const gnomon::PictureView &one = seen[at];
        CHECK(gnomon::DepthMeaning(one.meaning) == gnomon::DepthMeaning::UpToScaleZ);
        CHECK(one.width == width && one.height == height && one.pixels == width * height && one.reserved == 0);
        for (const float depth : gnomon::values(one)) CHECK(near(depth, at == 0 ? 3 : 4));
        for (const float sure : gnomon::confidence(one)) CHECK(near(sure, 5));
        CHECK(gnomon::confidence(one).size() == one.pixels && gnomon::points(one).size() == 3 * one.pixels);
        for (std::size_t i = 0; i < 3; i++) CHECK(near(gnomon::points(one)[3 * 777 + i], static_cast<double>(i + 1)));
        CHECK(gnomon::points_confidence(one).empty());
        CHECK(one.intrinsics.width == width && one.intrinsics.height == height);
        CHECK(near(one.intrinsics.fx, width) && one.intrinsics.fy > 0);
        const double right = at == 0 ? 0 : 1;
        const gnomon::Pose pose = {1, 0, 0, right, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
        for (std::size_t i = 0; i < 16; i++) CHECK(near(one.world_from_camera[i], pose[i]));
    }
    CHECK(holds(REFUSED(Unsupported, (void)views.image(0)), "depth up to an unknown factor"));
    CHECK(holds(REFUSED(Argument, (void)views.image(2)), "view 2 of 2"));
}

void views_in_metres_go_into_frames() {
    const gnomon::GeometryNet net("tests/networks/views");
    CHECK(net.info().gives_metres == 1 && gnomon::view(net.info().family) == "depth_anything_3");
    const gnomon::Views views = net.estimate(std::vector<gnomon::Image>{picture, picture});
    const std::vector<gnomon::PictureView> seen = views.list();
    CHECK(seen.size() == 2 && gnomon::DepthMeaning(seen[1].meaning) == gnomon::DepthMeaning::MetricZ);
    CHECK(gnomon::points(seen[1]).empty() && seen[1].points == nullptr);
    const gnomon::Image depth = views.image(1);
    CHECK(depth.data == reinterpret_cast<const std::uint8_t *>(seen[1].values));
    gnomon::Scene scene;
    CHECK(scene.integrate(gnomon::Frame(1, seen[1].intrinsics, level, depth)).depth_pixels > 0);
    REFUSED(Unsupported, gnomon::GeometryNet other(depth_file, of_family("depth_anything_v2")));
    CHECK(holds(REFUSED(Model, gnomon::GeometryNet blind(depth_file, of_family("vggt"))), "gives no cameras"));
}

void what_networks_said_last_can_be_read_without_a_logger() {
    const gnomon_str nobodys[] = {gnomon::str("nobodys")};
    gnomon::NetworkOptions providers;
    providers.providers = nobodys;
    providers.providers_len = 1;
    const gnomon::Detector detector(detector_folder, providers);
    const gnomon::Text said = gnomon::recent_log();
    CHECK(holds(said.view(), "nobodys") && said.view().back() == '\n');
}

void runs_are_stopped_by_a_deadline_and_from_another_thread() {
    const gnomon::Detector detector(detector_folder);
    const gnomon::DepthNet net(depth_file, of_family("depth_anything_v2_metric"));
    CHECK(holds(REFUSED(Cancelled, (void)detector.detect(picture, {}, gnomon::RunOptions(1))), "not done within"));
    REFUSED(Cancelled, (void)net.estimate(picture, gnomon::RunOptions(1)));
    const gnomon::Cancel cancel;
    const gnomon::RunOptions run(cancel);
    CHECK(count(detector.detect(picture, {}, run)) == 1);
    bool is_stopped = false;
    std::thread worker([&] {
        try {
            for (;;) (void)detector.detect(picture, {}, run);
        } catch (const gnomon::Error &error) {
            is_stopped = error.status() == gnomon::Status::Cancelled;
        }
    });
    cancel.stop();
    worker.join();
    CHECK(is_stopped);
    REFUSED(Cancelled, (void)net.estimate(picture, run));
    CHECK(count(detector.detect(picture)) == 1);
}

void pictures_of_many_threads_take_turns() {
    const gnomon::Detector detector(detector_folder);
    std::vector<std::thread> threads;
    int found[4] = {};
    for (int &mine : found)
        threads.emplace_back([&] {
            for (int i = 0; i < 20; i++) mine += static_cast<int>(count(detector.detect(picture)));
        });
    for (std::thread &thread : threads) thread.join();
    for (const int mine : found) CHECK(mine == 20);
}

/// What tests/c/vlm.c prints of its question: tests/networks/vlm.txt.
std::string agreed() {
    std::ifstream file("tests/networks/vlm.txt");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

const std::uint32_t side_u = 112, side_v = 84;

std::vector<std::uint8_t> ramp(std::size_t columns = side_u, std::size_t rows = side_v) {
    std::vector<std::uint8_t> rising(3 * columns * rows);
    for (std::size_t i = 0; i < rising.size(); i++) rising[i] = static_cast<std::uint8_t>(i * 7 % 251);
    return rising;
}

gnomon::Vlm open_vlm() {
    gnomon::NetworkOptions network;
    network.precision = gnomon::str("fp32");
    network.threads = 1;
    gnomon::VlmOptions options;
    options.vision_precision = gnomon::str("fp32");
    options.prefixes = 2;
    return gnomon::Vlm("tests/vlm/qwen2_5_vl", network, options);
}

std::string told(const gnomon::ReplyFacts &reply) {
    std::string text = "text: " + std::string(gnomon::text(reply)) + "\nended: " + std::to_string(reply.ended);
    text += "\ntoken_ids:";
    for (const std::uint32_t token : gnomon::token_ids(reply)) text += " " + std::to_string(token);
    text += "\nprompt: " + std::to_string(gnomon::prompt_ids(reply).size()) + "\ngrid:";
    for (const std::uint32_t side : gnomon::grids(reply)) text += " " + std::to_string(side);
    return text + "\n";
}

void a_language_model_says_here_what_it_says_in_c() {
    const std::vector<std::uint8_t> pixels = ramp();
    const gnomon::Image pictures[] = {gnomon::image(gnomon::PixelFormat::Rgb8, pixels, side_u, side_v)};
    const gnomon::Message asked[] = {gnomon::message(gnomon::Role::User, "Where is the cup?", 1)};
    gnomon::VlmRequest request(asked, pictures);
    request.max_new_tokens = 8;
    gnomon::Job job;
    {
        const gnomon::Vlm vlm = open_vlm();
        const gnomon::VlmFacts facts = vlm.info();
        CHECK(gnomon::view(facts.family) == "qwen2_5_vl" && gnomon::files(facts).size() >= 3 && facts.takes_images == 1);
        CHECK(gnomon::providers(facts).size() == 1 && gnomon::remarks(facts).empty());
        CHECK(vlm.count_tokens("Where is the cup?") > 0);
        std::string heard;
        std::size_t done = 0, of = 0;
        job = vlm.submit(request, [&](const gnomon::Piece &piece) {
            heard += piece.text;
            if (piece.of > 0) done = piece.done, of = piece.of;
            return true;
        });
        CHECK(job.wait() && job.wait(0));
        const gnomon::ReplyFacts reply = job.reply();
        CHECK(heard == gnomon::text(reply) && done > 0 && done == of);
        CHECK(reply.statistics.new_tokens == 8 && gnomon::Ended(reply.ended) == gnomon::Ended::MaxTokens);
    }
    CHECK(told(job.reply()) == agreed().substr(0, agreed().find("place: ")));
}

/// A wall, and a crate before it.
const std::vector<std::uint16_t> room_depth = [] {
    std::vector<std::uint16_t> counts(width * height, 3000);
    for (std::uint32_t v = 40; v < 80; v++)
        for (std::uint32_t u = 60; u < 100; u++) counts[v * width + u] = 2000;
    return counts;
}();
const std::vector<std::uint8_t> lit = ramp(width, height);

gnomon::Frame lit_frame(int number) {
    gnomon::Pose pose = level;
    pose[3] = 0.001 * number;
    gnomon::Frame frame(1000000000 + number * std::int64_t{100000000}, eye, pose, gnomon::depth_u16(room_depth, width, height));
    frame.colour = gnomon::image(gnomon::PixelFormat::Rgb8, lit, width, height);
    return frame;
}

gnomon::Snapshot room() {
    gnomon::Scene scene;
    const gnomon::Detection seen[] = {gnomon::Detection("crate", 0.9f, {60, 40, 100, 80})};
    for (int number = 0; number < 4; number++) (void)scene.integrate(lit_frame(number), seen);
    return scene.publish();
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
std::string places_and_answers(const gnomon::Vlm &vlm) {
    const gnomon_str places[] = {gnomon::str("[{\"bbox_2d\":[42,28,70,56],\"label\":\"crate\"},{\"bbox_2d\":[9,9,3,3]}]")};
    const gnomon::Frame frame = lit_frame(0);
    const gnomon::Image pictures[] = {frame.colour};
    const gnomon::Message asked[] = {gnomon::message(gnomon::Role::User, "Box the crate.", 1)};
    gnomon::VlmRequest request(asked, pictures);
    request.max_new_tokens = 256;
    request.constrain(gnomon::Constraint::Choices, places);
    const gnomon::Job job = vlm.submit(request);
    const gnomon::Grounding grounding = job.grounding(gnomon::Convention::PixelJson);
    CHECK(grounding.rejected().size() == 1 && grounding.rejected_in_all() == 1);
    const std::vector<gnomon::Grounded> found = grounding.list();
    CHECK(found.size() == 1 && gnomon::Region(found[0].kind) == gnomon::Region::Box);
    const gnomon::Box box = grounding.lift(0, frame);
    const double *at = found[0].region;
    std::string text = "place: " + std::string(gnomon::view(found[0].label)) + numbers(" %.2f", {at[0], at[1], at[2], at[3]});
    text += "lifted:" + numbers(" %.3f", {box.centre[0], box.centre[1], box.centre[2], box.size[0], box.size[1], box.size[2]});

    gnomon::Album album;
    CHECK(album.offer(0, frame) && album.count() == 1);
    gnomon::ConverseOptions options;
    options.new_tokens = 8;
    const gnomon::Conversed both = gnomon::ask_with_model(room(), album, &vlm, "How many crates are there?", {}, options);
    text += "asked: " + std::string(both.answer.brief());
    for (const std::int64_t one : {std::int64_t{both.facts.silence}, std::int64_t{both.facts.verdict},
                                   std::int64_t{both.facts.value}, std::int64_t{both.facts.option},
                                   std::int64_t{both.facts.ended}, static_cast<std::int64_t>(both.facts.images),
                                   static_cast<std::int64_t>(both.facts.text_tokens)})
        text += " " + std::to_string(one);
    return text + "\nsaid: " + both.words + "\n";
}

void places_and_answers_are_here_what_they_are_in_c() {
    CHECK(places_and_answers(open_vlm()) == agreed().substr(agreed().find("place: ")));
}

void geometry_alone_answers_and_reads_places_without_a_runtime() {
    gnomon::Album album;
    CHECK(album.count() == 0 && album.offer(3, lit_frame(0)) && !album.offer(4, lit_frame(1)));
    CHECK(album.correct(3, level) && !album.correct(4, level));
    REFUSED(Argument, (void)album.offer(3, lit_frame(0)));
    gnomon::AskOptions ask;
    ask.complete = 1;
    gnomon::ConverseOptions options;
    options.set_ask(ask);
    const gnomon::Conversed alone = gnomon::ask_with_model(room(), album, nullptr, "How many crates are there?", {}, options);
    CHECK(gnomon::Silence(alone.facts.silence) == gnomon::Silence::NoModel && alone.words.empty());
    CHECK(alone.answer.brief() == "1" && holds(alone.json, "\"geometry\""));
    const auto read = [](const char *text) {
        return gnomon::Grounding::read(text, gnomon::Convention::Shares, gnomon::whole(width, height));
    };
    const gnomon::Grounding point = read("(0.5, 0.5)");
    CHECK(gnomon::Region(point.list()[0].kind) == gnomon::Region::Point && near(point.list()[0].region[0], 80));
    const gnomon::Grounding nothing = read("nothing");
    CHECK(nothing.list().empty());
    REFUSED(Argument, (void)point.lift(1, lit_frame(0)));
}

void a_language_model_is_stopped_refused_and_let_go() {
    const gnomon::Vlm vlm = open_vlm();
    const gnomon::Job stopped = vlm.ask("Why?", {}, [](const gnomon::Piece &) { return false; });
    CHECK(gnomon::Ended(stopped.reply().ended) == gnomon::Ended::Caller);
    const gnomon::Job thrown = vlm.ask("Why?", {}, [](const gnomon::Piece &) -> bool { throw 7; });
    int caught = 0;
    try {
        thrown.wait();
    } catch (int what) {
        caught = what;
    }
    CHECK(caught == 7);
    const gnomon::Message asked[] = {gnomon::message(gnomon::Role::System, "Be brief."),
                                     gnomon::message(gnomon::Role::User, "On?")};
    gnomon::VlmRequest request(asked);
    request.max_new_tokens = 200;
    const auto destroyed = std::make_shared<int>();
    for (int round = 0; round < 50; round++) {
        gnomon::Job job = vlm.submit(request, [destroyed](const gnomon::Piece &) { return true; });
        std::this_thread::sleep_for(std::chrono::microseconds(round * 7919 % 5000));
        if (round % 2) {
            job.cancel();
            try {
                (void)job.wait();
            } catch (const gnomon::Error &error) {
                CHECK(error.status() == gnomon::Status::Cancelled);
            }
        }
        job = {};
        CHECK(destroyed.use_count() == 1);
    }
    const gnomon::Job first = vlm.submit(request);
    request.when_busy = gnomon::code(gnomon::WhenBusy::Refuse);
    REFUSED(Busy, (void)vlm.submit(request, [destroyed](const gnomon::Piece &) { return true; }));
    CHECK(destroyed.use_count() == 1);
    first.cancel();
    REFUSED(Cancelled, (void)first.wait());
    request.when_busy = gnomon::code(gnomon::WhenBusy::Queue);
    const gnomon_str choices[] = {gnomon::str("left"), gnomon::str("right")};
    request.constrain(gnomon::Constraint::Choices, choices);
    const gnomon::Job chosen = vlm.submit(request);
    const gnomon::ReplyFacts reply = chosen.reply();
    CHECK(gnomon::text(reply) == "left" || gnomon::text(reply) == "right");
    request.constrain(gnomon::Constraint::Regex, "(");
    REFUSED(Argument, (void)vlm.submit(request).wait());
    REFUSED(Io, gnomon::Vlm("tests/networks/nothing"));
}

}  // namespace

int main() {
    what_a_model_will_take_is_known_without_loading_it();
    a_language_model_is_reckoned_with_what_it_keeps();
    what_is_missing_is_told();
    geometry_alone_answers_and_reads_places_without_a_runtime();
    if (std::getenv("GNOMON_ORT_PATH") != nullptr) {
        what_is_found_goes_into_a_scene_and_outlives_its_detector();
        what_is_wanted_is_heard();
        metres_go_into_a_frame_and_nothing_else_does();
        pictures_of_one_place_become_depth_points_and_cameras();
        views_in_metres_go_into_frames();
        what_networks_said_last_can_be_read_without_a_logger();
        runs_are_stopped_by_a_deadline_and_from_another_thread();
        pictures_of_many_threads_take_turns();
        a_language_model_says_here_what_it_says_in_c();
        places_and_answers_are_here_what_they_are_in_c();
        a_language_model_is_stopped_refused_and_let_go();
    } else {
        std::printf("network.cpp: the rest not run: no ONNX Runtime\n");
    }
    return outcome("network.cpp");
}
