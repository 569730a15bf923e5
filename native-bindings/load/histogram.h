// Durations in buckets whose width grows with the value, as HDR histograms
// have them: 64 to each power of two, so a percentile is right within 1.6 %.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace overtap::load {

class Histogram {
 public:
  void add(uint64_t nanoseconds) {
    counts_[index(nanoseconds)]++;
    total_++;
    max_ = std::max(max_, nanoseconds);
  }

  uint64_t total() const { return total_; }
  uint64_t max() const { return max_; }

  // The value that a share of all (0 to 1) is not above, in nanoseconds.
  uint64_t percentile(double share) const {
    const auto wanted = static_cast<uint64_t>(share * static_cast<double>(total_));
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); i++) {
      seen += counts_[i];
      if (seen > wanted) return std::min(upper_end(i), max_);
    }
    return max_;
  }

 private:
  static constexpr unsigned kBits = 6;
  static constexpr uint64_t kPerPower = uint64_t{1} << kBits;

  static size_t index(uint64_t value) {
    if (value < kPerPower) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kBits;
    return shift * kPerPower + (value >> shift);
  }

  static uint64_t upper_end(size_t index) {
    if (index < kPerPower) return index;
    const uint64_t shift = index / kPerPower - 1;
    const uint64_t start = (index - shift * kPerPower) << shift;
    return start + (uint64_t{1} << shift) - 1;
  }

  std::vector<uint64_t> counts_ = std::vector<uint64_t>((64 - kBits + 1) * kPerPower);
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace overtap::load
