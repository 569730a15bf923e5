// Something whose time is measured.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace micro {

struct Case {
  std::string group;
  std::string name;
  // Of one operation; 0 where that means nothing.
  uint32_t bytes;
  // On the wire, of one operation.
  uint32_t packets;
  // Does some operations, and returns how many; throws when they went wrong.
  std::function<uint64_t()> work;
};

using Cases = std::vector<Case>;

// Keeps the compiler from leaving out what was computed for it.
inline void keep(uint64_t value) {
  asm volatile("" : : "r"(value) : "memory");
}

Cases lookups();
Cases checksums();
Cases pipeline();

}  // namespace micro
