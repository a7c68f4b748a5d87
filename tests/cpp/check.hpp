/// What the tests of gnomon.hpp share: claims that are counted, on any thread, and errors that must be thrown.
#pragma once

#include "gnomon.hpp"

#include <atomic>
#include <cstdio>
#include <string>
#include <string_view>

inline std::atomic<int> checks{0};
inline std::atomic<int> failures{0};

inline void check_that(bool is_true, const char *what, const char *file, int line) {
    checks++;
    if (is_true) return;
    failures++;
    std::fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
}
#define CHECK(what) check_that((what), #what, __FILE__, __LINE__)

/// The Error that the call throws; the test fails where it throws none, another one, or one without a sentence.
template <class Call>
std::string refused(gnomon::Status expected, const char *file, int line, const Call &call) {
    try {
        call();
    } catch (const gnomon::Error &error) {
        check_that(error.status() == expected && error.what()[0] != '\0', error.what(), file, line);
        return error.what();
    }
    check_that(false, "an Error is thrown", file, line);
    return {};
}
#define REFUSED(expected, call) refused(gnomon::Status::expected, __FILE__, __LINE__, [&] { call; })

inline bool holds(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

/// What a program ends with, said and returned.
inline int outcome(const char *program) {
    std::printf("%s: %d checks, %d failed\n", program, checks.load(), failures.load());
    return failures.load() == 0 ? 0 : 1;
}
