/// @file
/// What a pipeline calls of the caller's: what keeps a pushed frame's buffers alive, and who is told of what is published.
#ifndef GNOMON_CXX_LIVE_H
#define GNOMON_CXX_LIVE_H

#include "rust/cxx.h"

#include <cstdint>
#include <memory>
#include <utility>

namespace gnomon {
namespace cxx {

struct Snapshot;

/// Keeps alive what a pushed frame and its detections point to. Destroyed once, on any thread, when the frame has ended;
/// may call anything of gnomon then, but may not throw.
class Buffers {
public:
    virtual ~Buffers() = default;
};

/// Buffers that keep `owner`, which is moved: vectors, a shared_ptr, a ROS message.
template <class Owner>
std::unique_ptr<Buffers> keep(Owner owner) {
    struct Kept final : Buffers {
        explicit Kept(Owner &&given) : kept(std::move(given)) {}
        Owner kept;
    };
    return std::make_unique<Kept>(std::move(owner));
}

/// Told that a scene was published, on a thread of the pipeline, never twice at a time. It may keep the snapshot, and may
/// call anything, Pipeline::close() of its own pipeline too; what it throws is thrown by the next close().
class Listener {
public:
    virtual ~Listener() = default;
    virtual void published(std::int64_t stamp_ns, std::uint32_t camera_id, rust::Box<Snapshot> snapshot) = 0;
};

/// A Listener that calls `told(stamp_ns, camera_id, snapshot)`, which is moved.
template <class Told>
std::unique_ptr<Listener> listener(Told told) {
    struct Telling final : Listener {
        explicit Telling(Told &&given) : told(std::move(given)) {}
        void published(std::int64_t stamp_ns, std::uint32_t camera_id, rust::Box<Snapshot> snapshot) override {
            told(stamp_ns, camera_id, std::move(snapshot));
        }
        Told told;
    };
    return std::make_unique<Telling>(std::move(told));
}

}  // namespace cxx
}  // namespace gnomon

#endif  // GNOMON_CXX_LIVE_H
