#include "wire/checksum.h"

#include <memory>

#include "case.h"

namespace micro {
namespace {

constexpr uint32_t kSizes[] = {64, 1448, 65536};
constexpr uint64_t kBatch = 64;

using Sum = uint64_t (*)(uint64_t, const uint8_t*, size_t);

// Each sum waits for the one before: the time of a sum, not of several at once.
uint64_t work(Sum sum, const std::vector<uint8_t>& bytes) {
  uint64_t total = 0;
  for (uint64_t i = 0; i < kBatch; i++) {
    total = overtap::checksum_fold(sum(total, bytes.data(), bytes.size()));
  }
  keep(total);
  return kBatch;
}

}  // namespace

Cases checksums() {
  Cases cases;
  for (const uint32_t size : kSizes) {
    const auto bytes = std::make_shared<std::vector<uint8_t>>(size, 0xa5);
    const std::string name = std::to_string(size) + " B";
    const auto add = [&](const char* group, Sum sum) {
      cases.push_back({group, name, size, 0, [sum, bytes] { return work(sum, *bytes); }});
    };
    add("checksum", overtap::checksum_add);
    add("checksum, scalar", overtap::checksum_add_scalar);
  }
  return cases;
}

}  // namespace micro
