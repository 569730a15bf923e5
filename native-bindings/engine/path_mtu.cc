#include "engine/path_mtu.h"

#include <algorithm>

namespace overtap {
namespace {

// What every host takes, so that no sender goes below it: RFC 791 section 3.1
// and RFC 8200 section 5.
constexpr uint32_t kLeastMtu4 = 576;
constexpr uint32_t kLeastMtu6 = 1280;

// RFC 1122 section 3.2.2: errors are not answered with errors.
bool is_icmp_error(uint8_t type) {
  switch (type) {
    case icmp::kUnreachable:
    case icmp::kSourceQuench:
    case icmp::kRedirect:
    case icmp::kTimeExceeded:
    case icmp::kParameterProblem:
      return true;
    default:
      return false;
  }
}

// Whole, and not to be fragmented on its way: the others are what routers fragment.
bool may_tell_ipv4(const Frame& frame) {
  if (load_be16(frame.l3() + ipv4::kFragment) != ipv4::kDontFragment) return false;
  if (frame.protocol != protocol::kIcmp) return true;
  return frame.l4 != 0 && !is_icmp_error(frame.data[frame.l4]);
}

// IPv6 senders fragment themselves: of a fragmented packet the first part tells.
bool may_tell_ipv6(const Frame& frame) {
  const uint8_t* ip = frame.l3();
  if (frame.fragment) {
    if (ip[ipv6::kNextHeader] != ipv6::kFragment) return false;
    return (load_be16(ip + ipv6::kHeader + 2) & ipv6::kFragmentOffset) == 0;
  }
  if (frame.protocol != protocol::kIcmpv6) return true;
  return frame.l4 != 0 && frame.data[frame.l4] >= icmpv6::kFirstInformational;
}

}  // namespace

uint32_t mtu_to_tell(const Frame& frame, uint32_t size, uint32_t mtu) {
  if (frame.ip_version == 0 || eth::is_group(frame.destination())) return 0;
  const bool v4 = frame.ip_version == 4;
  const uint32_t told = std::max(mtu, v4 ? kLeastMtu4 : kLeastMtu6);
  if (size <= told) return 0;
  return (v4 ? may_tell_ipv4(frame) : may_tell_ipv6(frame)) ? told : 0;
}

}  // namespace overtap
