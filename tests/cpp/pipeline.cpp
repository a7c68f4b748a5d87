/// What gnomon.hpp adds to pipelines: buffers that are moved in and destroyed once, snapshots that are kept, exceptions of who
/// is told.
#include "check.hpp"

#include <condition_variable>
#include <mutex>

namespace {

constexpr std::uint32_t width = 160, height = 120;
constexpr std::int64_t long_ns = 20000000000;

std::vector<std::uint16_t> room_depth() {
    std::vector<std::uint16_t> depth(width * height, 3000);
    for (std::uint32_t v = 40; v < 80; v++)
        for (std::uint32_t u = 60; u < 100; u++) depth[v * width + u] = 2000;
    return depth;
}

const std::vector<gnomon::Detection> crate = {{"crate", 0.9f, {60, 40, 100, 80}}};
const gnomon::Pose level_camera = {0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 1.2, 0, 0, 0, 1};

/// A camera's message: pixels, and a mark that counts how often a message ended.
struct Message {
    std::vector<std::uint16_t> depth = room_depth();
    std::shared_ptr<int> mark;
};

gnomon::Frame frame_of(const Message &message, int number) {
    return {number * std::int64_t{100000000}, gnomon::pinhole(width, height, 150, 150, 80, 60), level_camera,
            gnomon::depth_u16(message.depth, width, height)};
}

void messages_are_moved_in_and_end_once() {
    const auto mark = std::make_shared<int>(0);
    gnomon::Pipeline pipeline;
    CHECK(!pipeline.poll());
    for (int number = 1; number <= 10; number++) {
        auto message = std::make_unique<Message>();
        message->mark = mark;
        const gnomon::Frame frame = frame_of(*message, number);
        pipeline.push(frame, std::move(message), gnomon::Parts::Both, crate);
        CHECK(pipeline.settle(long_ns));
    }
    const auto news = pipeline.poll();
    CHECK(news && news->frame.stamp_ns == 1000000000 && news->report.associated == 1);
    CHECK(news->snapshot.objects().size() == 1);
    CHECK(!pipeline.poll());
    CHECK(pipeline.snapshot().info().objects == 1);
    CHECK(pipeline.explain().broken == gnomon::Link::None && holds(pipeline.explain().text, "frames in 10"));
    CHECK(holds(pipeline.explain_json(), "\"broken\":null"));
    CHECK(pipeline.statistics().published == 10 && pipeline.stages().size() == 5);
    pipeline.close();
    CHECK(mark.use_count() == 1);
    const Message message;
    auto late = std::make_shared<int>(1);
    const std::weak_ptr<int> gone = late;
    REFUSED(State, pipeline.push(frame_of(message, 11), std::move(late)));
    CHECK(gone.expired());
}

void parts_may_come_by_stamp_and_copies_are_the_pipeline_s() {
    gnomon::PipelineOptions options;
    options.late_detections = 1;
    options.wait_ns = options.deadline_ns = long_ns;
    const gnomon::Pipeline pipeline(gnomon::SceneOptions{}, options);
    for (int number = 1; number <= 5; number++) {
        {
            const Message message;
            pipeline.push_copy(frame_of(message, number), gnomon::Parts::None);
        }
        CHECK(!pipeline.settle(0));
        pipeline.push_detections(0, number * std::int64_t{100000000}, crate);
        pipeline.push_pose(0, number * std::int64_t{100000000}, level_camera);
        CHECK(pipeline.settle(long_ns));
    }
    CHECK(pipeline.statistics().published == 5 && pipeline.snapshot().info().objects == 1);
}

void who_is_told_may_keep_throw_and_close() {
    std::mutex lock;
    std::condition_variable changed;
    std::vector<gnomon::Snapshot> kept;
    gnomon::Pipeline *own = nullptr;
    gnomon::Pipeline pipeline({}, {}, [&](std::int64_t stamp_ns, std::uint32_t camera_id, gnomon::Snapshot snapshot) {
        const std::lock_guard<std::mutex> held(lock);
        CHECK(stamp_ns == 100000000 && camera_id == 0);
        own->close();
        kept.push_back(std::move(snapshot));
        changed.notify_all();
        throw std::runtime_error("the disk is full");
    });
    own = &pipeline;
    const Message message;
    pipeline.push(frame_of(message, 1), 0);
    {
        std::unique_lock<std::mutex> held(lock);
        changed.wait(held, [&] { return !kept.empty(); });
    }
    std::string thrown;
    try {
        pipeline.close();
    } catch (const std::runtime_error &error) {
        thrown = error.what();
    }
    CHECK(thrown == "the disk is full");
    pipeline.close();
    CHECK(kept[0].info().frames == 1);
}

void a_pipeline_moves() {
    gnomon::Pipeline first;
    gnomon::Pipeline second = std::move(first);
    const Message message;
    second.push(frame_of(message, 1), 0);
    REFUSED(Argument, first.push(frame_of(message, 2), 0));
    second.close();
}

}  // namespace

int main() {
    messages_are_moved_in_and_end_once();
    parts_may_come_by_stamp_and_copies_are_the_pipeline_s();
    who_is_told_may_keep_throw_and_close();
    a_pipeline_moves();
    return outcome("pipeline.cpp");
}
