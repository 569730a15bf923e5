// Joins packets of a flow that arrive together into superpackets: the receiving
// half of segmentation offload.
//
// Several flows may be interleaved. Each keeps its order: a packet that cannot
// join goes after what was gathered of its flow; what is of no flow (no TCP or
// UDP header in sight) goes after everything.
//
// A joined packet is marked "checksum to be filled in", which the receiving
// kernel trusts. So each packet's checksum is verified before it joins, here if
// nobody has done so, and a wrong one is passed on as it is.
#pragma once

#include <array>
#include <cstdint>

#include "engine/counters.h"
#include "engine/port.h"
#include "engine/run.h"
#include "wire/frame.h"

namespace overtap {

class Coalescer {
 public:
  // Which protocols' packets are joined.
  struct Joins {
    bool tcp = true;
    bool udp = true;
  };

  Coalescer(uint32_t lane, WorkerCounters& counters, Joins joins)
      : lane_(lane), counters_(counters), joins_(joins) {}

  // Delivers the frame, at once or with the next flush(), until when its bytes
  // must stay in place. `verified`: its L4 checksum is known to be right.
  void deliver(Port& port, const Frame& frame, bool verified);

  // Delivers what has been gathered.
  void flush();

 private:
  bool joinable(const Port& port, const Frame& frame, bool verified) const;
  Run* run_of(const Port& port, const Frame& frame);
  Run& free_run();

  // As many flows as are gathered at a time; the kernel's GRO has 8 buckets.
  static constexpr uint32_t kRuns = 8;

  const uint32_t lane_;
  WorkerCounters& counters_;
  const Joins joins_;
  std::array<Run, kRuns> runs_;
  uint32_t last_ = 0;    // where the last packet was, and the next is likely to be
  uint32_t oldest_ = 0;  // the next to be given up when a flow needs a run
};

}  // namespace overtap
