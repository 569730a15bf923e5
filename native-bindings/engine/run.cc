#include "engine/run.h"

#include <cstring>

#include "engine/delivery.h"
#include "wire/checksum.h"

namespace overtap {
namespace {

constexpr uint32_t kPorts = 4;  // bytes at the start of TCP and UDP headers

const uint8_t* l4_header(const Frame& frame) {
  return frame.data + frame.l4;
}

bool equal(const uint8_t* a, const uint8_t* b, uint32_t from, uint32_t to) {
  return std::memcmp(a + from, b + from, to - from) == 0;
}

}  // namespace

bool Run::same_flow(const Port& port, const Frame& frame) const {
  if (port_ != &port || frame.l4 != first_.l4 || frame.protocol != first_.protocol) return false;
  if (std::memcmp(l4_header(frame), l4_header(first_), kPorts) != 0) return false;
  if (frame.ip_version != first_.ip_version) return false;
  const uint32_t addresses = frame.ip_version == 4 ? ipv4::kSource : ipv6::kSource;
  const uint32_t end = frame.ip_version == 4 ? ipv4::kMinHeader : ipv6::kHeader;
  return equal(frame.l3(), first_.l3(), addresses, end);
}

bool Run::accepts(const Frame& frame) const {
  if (closed_ || segments_ == kMaxSegments) return false;
  const uint32_t length = frame.payload_length();
  if (length > segment_payload_ || frame.payload != first_.payload) return false;
  if (first_.payload - eth::kHeader + payload_ + length > 65535) return false;
  return equal(frame.data, first_.data, 0, eth::kHeader) && same_ip_header(frame) &&
         same_l4_header(frame);
}

bool Run::same_ip_header(const Frame& frame) const {
  const uint8_t* a = frame.l3();
  const uint8_t* b = first_.l3();
  const uint32_t end = frame.l4 - eth::kHeader;
  if (frame.ip_version == 6) {
    return equal(a, b, 0, ipv6::kPayloadLength) && equal(a, b, ipv6::kNextHeader, end);
  }
  const bool id_matters = (load_be16(a + ipv4::kFragment) & ipv4::kDontFragment) == 0;
  if (id_matters && load_be16(a + ipv4::kId) != next_id_) return false;
  return equal(a, b, 0, ipv4::kTotalLength) && equal(a, b, ipv4::kFragment, ipv4::kChecksum) &&
         equal(a, b, ipv4::kSource, end);
}

bool Run::same_l4_header(const Frame& frame) const {
  if (frame.is_udp()) return true;  // the ports, which are all there is, make the flow
  const uint8_t* a = l4_header(frame);
  const uint8_t* b = l4_header(first_);
  const uint32_t end = frame.payload - frame.l4;
  return load_be32(a + tcp::kSequence) == next_sequence_ && equal(a, b, tcp::kAck, tcp::kFlags) &&
         equal(a, b, tcp::kFlags + 1, tcp::kChecksum) && equal(a, b, tcp::kChecksum + 2, end);
}

void Run::begin(Port& port, const Frame& frame) {
  port_ = &port;
  first_ = frame;
  segments_ = 0;
  segment_payload_ = frame.payload_length();
  payload_ = 0;
  append(frame);
  // The first part carries the headers too.
  parts_[1] = {frame.data, frame.end};
}

void Run::append(const Frame& frame) {
  const uint32_t length = frame.payload_length();
  parts_[++segments_] = {frame.data + frame.payload, length};
  payload_ += length;
  closed_ = length < segment_payload_;
  if (frame.ip_version == 4) {
    next_id_ = static_cast<uint16_t>(load_be16(frame.l3() + ipv4::kId) + 1);
  }
  if (!frame.is_tcp()) return;
  next_sequence_ = load_be32(l4_header(frame) + tcp::kSequence) + length;
  push_ = (l4_header(frame)[tcp::kFlags] & tcp::kPsh) != 0;
  closed_ = closed_ || push_;
}

void Run::deliver(uint32_t lane, WorkerCounters& counters) {
  Port& port = *port_;
  port_ = nullptr;
  if (segments_ == 1) return deliver_frame(port, first_, lane, counters);
  VirtioNetHeader vnet{};
  write_joined_headers(vnet);
  parts_[0] = {&vnet, sizeof vnet};
  overtap::deliver(port, parts_.data(), static_cast<int>(segments_ + 1), first_.payload + payload_,
                   lane, counters);
}

void Run::write_joined_headers(VirtioNetHeader& vnet) {
  const uint32_t ip_length = first_.payload - eth::kHeader + payload_;
  uint8_t* ip = first_.l3();
  if (first_.ip_version == 4) {
    store_be16(ip + ipv4::kTotalLength, static_cast<uint16_t>(ip_length));
    store_raw16(ip + ipv4::kChecksum, 0);
    store_raw16(ip + ipv4::kChecksum,
                checksum_finish(checksum_add(0, ip, first_.l4 - eth::kHeader)));
  } else {
    store_be16(ip + ipv6::kPayloadLength, static_cast<uint16_t>(ip_length - ipv6::kHeader));
  }
  vnet.flags = virtio::kNeedsChecksum;
  vnet.hdr_len = first_.payload;
  vnet.gso_size = static_cast<uint16_t>(segment_payload_);
  vnet.csum_start = first_.l4;
  vnet.csum_offset = first_.checksum_field() - first_.l4;
  const uint32_t l4_length = first_.payload - first_.l4 + payload_;
  store_raw16(first_.data + first_.checksum_field(),
              checksum_fold(pseudo_header_sum(first_, l4_length)));
  uint8_t* l4 = first_.data + first_.l4;
  if (first_.is_udp()) {
    vnet.gso_type = virtio::kGsoUdpL4;
    store_be16(l4 + udp::kLength, static_cast<uint16_t>(l4_length));
  } else {
    vnet.gso_type = first_.ip_version == 4 ? virtio::kGsoTcp4 : virtio::kGsoTcp6;
    if (push_) l4[tcp::kFlags] |= tcp::kPsh;
  }
}

}  // namespace overtap
