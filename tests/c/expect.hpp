// Checks that go on after one that does not hold.
#ifndef EXPECT_HPP
#define EXPECT_HPP

#include <cstdio>

inline int failures = 0;

#define EXPECT(holds) \
    do { \
        if (!(holds)) { \
            std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
            failures = 1; \
        } \
    } while (false)

#endif
