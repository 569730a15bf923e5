#pragma once

#include "engine/counters.h"
#include "wire/frame.h"

namespace overtap {

// The drop reason a malformed frame is counted under.
inline DropReason fault_reason(FrameFault fault) {
  switch (fault) {
    case FrameFault::kRunt:
      return DropReason::runt;
    case FrameFault::kVlan:
      return DropReason::vlan_tagged;
    default:
      return DropReason::malformed_ip;
  }
}

}  // namespace overtap
