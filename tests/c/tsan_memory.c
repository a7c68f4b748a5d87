/* Three functions that newer compilers call under the thread sanitizer and gcc 12's runtime does not have. Those of the
 * C library that they stand for are watched by the runtime itself. */
#include <stddef.h>
#include <string.h>

void *__tsan_memcpy(void *to, const void *from, size_t bytes);
void *__tsan_memmove(void *to, const void *from, size_t bytes);
void *__tsan_memset(void *to, int value, size_t bytes);

__attribute__((weak)) void *__tsan_memcpy(void *to, const void *from, size_t bytes) { return memcpy(to, from, bytes); }
__attribute__((weak)) void *__tsan_memmove(void *to, const void *from, size_t bytes) { return memmove(to, from, bytes); }
__attribute__((weak)) void *__tsan_memset(void *to, int value, size_t bytes) { return memset(to, value, bytes); }
