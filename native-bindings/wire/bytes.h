// Unaligned big-endian access to packet bytes. Frames start two bytes off a
// word boundary, so every access goes through memcpy, which compiles to a
// single load or store.
#pragma once

#include <cstdint>
#include <cstring>

namespace overtap {

inline uint16_t load_be16(const uint8_t* p) {
  uint16_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap16(v);
}

inline uint32_t load_be32(const uint8_t* p) {
  uint32_t v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_bswap32(v);
}

inline void store_be16(uint8_t* p, uint16_t v) {
  v = __builtin_bswap16(v);
  std::memcpy(p, &v, sizeof v);
}

inline void store_be32(uint8_t* p, uint32_t v) {
  v = __builtin_bswap32(v);
  std::memcpy(p, &v, sizeof v);
}

// The two bytes as they lie in memory: what checksum arithmetic works on.
inline uint16_t load_raw16(const uint8_t* p) {
  uint16_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

inline void store_raw16(uint8_t* p, uint16_t v) {
  std::memcpy(p, &v, sizeof v);
}

}  // namespace overtap
