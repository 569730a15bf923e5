#include "engine/coalescer.h"

#include "engine/delivery.h"
#include "wire/checksum.h"

namespace overtap {
namespace {

// Plain data: nothing in it but ACK and perhaps PSH.
bool joinable_tcp(const Frame& frame) {
  if (frame.payload_length() == 0) return false;
  const uint8_t flags = frame.data[frame.l4 + tcp::kFlags];
  return (flags & ~tcp::kPsh) == tcp::kAckFlag;
}

// A datagram with a checksum, and with no bytes that its own length leaves out.
bool joinable_udp(const Frame& frame) {
  if (frame.payload_length() == 0) return false;
  if (load_raw16(frame.data + frame.checksum_field()) == 0) return false;
  return load_be16(frame.data + frame.l4 + udp::kLength) == frame.end - frame.l4;
}

}  // namespace

// HOT PATH.
void Coalescer::deliver(Port& port, const Frame& frame, bool verified) {
  if (!frame.is_tcp() && !frame.is_udp()) {
    flush();
    return deliver_frame(port, frame, lane_, counters_);
  }
  Run* run = run_of(port, frame);
  const bool joins = joinable(port, frame, verified);
  if (run != nullptr && joins && run->accepts(frame)) return run->append(frame);
  if (run != nullptr) run->deliver(lane_, counters_);
  if (!joins) return deliver_frame(port, frame, lane_, counters_);
  (run != nullptr ? *run : free_run()).begin(port, frame);
}

bool Coalescer::joinable(const Port& port, const Frame& frame, bool verified) const {
  // Superpackets already.
  if (frame.segment != 0 || frame.end > port.identity.mtu + eth::kHeader) return false;
  const bool plain = frame.is_tcp() ? joins_.tcp && joinable_tcp(frame)  //
                                    : joins_.udp && joinable_udp(frame);
  return plain && (verified || has_partial_checksum(frame) || has_valid_checksum(frame));
}

Run* Coalescer::run_of(const Port& port, const Frame& frame) {
  for (uint32_t i = 0; i < kRuns; i++) {
    const uint32_t at = (last_ + i) % kRuns;
    if (!runs_[at].open() || !runs_[at].same_flow(port, frame)) continue;
    last_ = at;
    return &runs_[at];
  }
  return nullptr;
}

Run& Coalescer::free_run() {
  last_ = oldest_;
  oldest_ = (oldest_ + 1) % kRuns;
  Run& run = runs_[last_];
  if (run.open()) run.deliver(lane_, counters_);
  return run;
}

void Coalescer::flush() {
  for (uint32_t i = 0; i < kRuns; i++) {
    Run& run = runs_[(oldest_ + i) % kRuns];
    if (run.open()) run.deliver(lane_, counters_);
  }
}

}  // namespace overtap
