// The Internet checksum (RFC 1071). Sums are kept unfolded in 64 bits and in
// memory byte order, which the arithmetic allows (RFC 1071 section 2.B), so a
// folded result is stored with store_raw16 and needs no byte swap.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/bytes.h"

namespace overtap {

// Adds `length` bytes at any alignment; an odd last byte counts as if a zero
// followed it, so only the last part of a chain of sums may be odd.
uint64_t checksum_add(uint64_t sum, const uint8_t* bytes, size_t length);

// The same without vector instructions, for machines without AVX2 and for tests.
uint64_t checksum_add_scalar(uint64_t sum, const uint8_t* bytes, size_t length);

// Folds to 16 bits without complementing: the form of a partial checksum.
inline uint16_t checksum_fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// The value of a header's checksum field, memory order.
inline uint16_t checksum_finish(uint64_t sum) {
  return static_cast<uint16_t>(~checksum_fold(sum));
}

// A 16-bit number as it would lie in memory, to be added to a sum.
inline uint64_t checksum_word(uint16_t host_order) {
  return __builtin_bswap16(host_order);
}

}  // namespace overtap
