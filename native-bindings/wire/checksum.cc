#include "wire/checksum.h"

#include <cstring>

namespace overtap {
namespace {

// Sums the words that fill whole blocks; the compiler turns the inner loop into
// vector code of whatever width the caller is compiled for. 32-bit words in
// 64-bit lanes cannot overflow for any packet.
__attribute__((always_inline)) inline uint64_t sum_words(const uint8_t* bytes, size_t words) {
  uint64_t sum = 0;
  for (size_t i = 0; i < words; i++) {
    uint32_t word;
    std::memcpy(&word, bytes + 4 * i, sizeof word);
    sum += word;
  }
  return sum;
}

__attribute__((target("avx2"))) uint64_t sum_words_avx2(const uint8_t* bytes, size_t words) {
  return sum_words(bytes, words);
}

uint64_t sum_tail(const uint8_t* bytes, size_t length) {
  uint64_t sum = 0;
  if (length >= 2) {
    sum += load_raw16(bytes);
    bytes += 2;
    length -= 2;
  }
  if (length == 1) sum += bytes[0];
  return sum;
}

const bool kHasAvx2 = __builtin_cpu_supports("avx2");

}  // namespace

uint64_t checksum_add_scalar(uint64_t sum, const uint8_t* bytes, size_t length) {
  const size_t words = length / 4;
  return sum + sum_words(bytes, words) + sum_tail(bytes + 4 * words, length % 4);
}

uint64_t checksum_add(uint64_t sum, const uint8_t* bytes, size_t length) {
  if (!kHasAvx2 || length < 64) return checksum_add_scalar(sum, bytes, length);
  const size_t words = length / 4;
  return sum + sum_words_avx2(bytes, words) + sum_tail(bytes + 4 * words, length % 4);
}

}  // namespace overtap
