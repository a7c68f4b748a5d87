/// What the tests of the cxx bridge share: claims, and calls that are refused.
#ifndef CHECK_HPP
#define CHECK_HPP

#include "gnomon-cxx/src/lib.rs.h"
#include "rust/cxx.h"

#include <iostream>
#include <string>

inline int failed = 0;

inline void check(bool holds, const char *claim) {
    if (holds) return;
    std::cerr << "FAILED: " << claim << '\n';
    failed++;
}

/// The call throws, and what it says begins with the status and holds the words.
template <class Call>
void refused(const char *status, const char *words, Call call) {
    std::string said = "nothing was thrown";
    try {
        call();
    } catch (const rust::Error &error) {
        said = error.what();
    }
    check(said.rfind(std::string(status) + ": ", 0) == 0 && said.find(words) != std::string::npos, said.c_str());
}

#endif
