/// Handles that live in statics and thread-locals: their destructors run at a thread's end and at exit, the statics' after
/// Rust's own thread-locals are gone.
#include "gnomon.hpp"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <unistd.h>

namespace {

gnomon::Scene scene_with_a_frame() {
    gnomon::Scene scene;
    scene.publish();
    return scene;
}

/// Reads, fails and frees when it goes.
struct Keeper {
    const char *name;
    gnomon::Scene scene;
    gnomon::Snapshot snapshot;

    explicit Keeper(const char *its_name)
        : name(its_name), scene(scene_with_a_frame()), snapshot(scene.snapshot()) {}
    Keeper(const Keeper &) = delete;
    Keeper &operator=(const Keeper &) = delete;

    ~Keeper() {
        bool refused = false;
        try {
            static_cast<void>(scene.publish());
            if (snapshot.json().empty()) fail("nothing is told");
            static_cast<void>(snapshot.polygon(UINT32_MAX));
        } catch (const gnomon::Error &error) {
            refused = error.status() == gnomon::Status::State;
        }
        if (!refused) fail("a support that is none was not refused");
        std::printf("teardown.cpp: %s is gone\n", name);
        std::fflush(stdout);
    }

    void fail(const char *why) const {
        std::fprintf(stderr, "teardown.cpp: %s: %s\n", name, why);
        _exit(1);
    }
};

/// Made before the first call of main, and so before the library has any thread-local.
Keeper early("an early static");

thread_local Keeper of_thread("a thread-local");

} // namespace

int main() {
    static Keeper late("a late static");
    for (int i = 0; i < 20; i++)
        std::thread([] { static_cast<void>(of_thread.snapshot.info()); }).join();
    static_cast<void>(of_thread.snapshot.info());
#ifdef PLANT_LATE_USE
    gnomon_scene_free(late.scene.get());
#endif
    return 0;
}
