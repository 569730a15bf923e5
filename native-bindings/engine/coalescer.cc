#include "engine/coalescer.h"

#include <cstring>

#include "engine/delivery.h"
#include "wire/checksum.h"

namespace overtap {
namespace {

constexpr uint16_t kDontFragment = 0x4000;

const uint8_t* tcp_header(const Frame& frame) {
  return frame.data + frame.l4;
}

uint32_t payload_length(const Frame& frame) {
  return frame.end - frame.payload;
}

// Plain data: nothing in it but ACK and perhaps PSH.
bool joinable(const Frame& frame) {
  if (!frame.is_tcp() || payload_length(frame) == 0) return false;
  return (tcp_header(frame)[tcp::kFlags] & ~tcp::kPsh) == tcp::kAckFlag;
}

bool equal(const uint8_t* a, const uint8_t* b, uint32_t from, uint32_t to) {
  return std::memcmp(a + from, b + from, to - from) == 0;
}

}  // namespace

bool Coalescer::add(Port& port, const Frame& frame) {
  if (!joinable(frame)) {
    flush();
    return false;
  }
  if (port_ != nullptr && !can_join(port, frame)) flush();
  if (port_ == nullptr) {
    begin(port, frame);
  } else {
    append(frame);
  }
  return true;
}

bool Coalescer::can_join(const Port& port, const Frame& frame) const {
  if (closed_ || port_ != &port || segments_ == kMaxSegments) return false;
  const uint32_t length = payload_length(frame);
  if (length > segment_payload_ || frame.payload != first_.payload) return false;
  if (first_.payload - eth::kHeader + payload_ + length > 65535) return false;
  if (frame.ip_version != first_.ip_version || frame.l4 != first_.l4) return false;
  if (load_be32(tcp_header(frame) + tcp::kSequence) != next_sequence_) return false;
  return equal(frame.data, first_.data, 0, eth::kHeader) && same_ip_header(frame) &&
         same_tcp_header(frame);
}

bool Coalescer::same_ip_header(const Frame& frame) const {
  const uint8_t* a = frame.l3();
  const uint8_t* b = first_.l3();
  const uint32_t end = frame.l4 - eth::kHeader;
  if (frame.ip_version == 6) {
    return equal(a, b, 0, ipv6::kPayloadLength) && equal(a, b, ipv6::kNextHeader, end);
  }
  const bool id_matters = (load_be16(a + ipv4::kFragment) & kDontFragment) == 0;
  if (id_matters && load_be16(a + ipv4::kId) != next_id_) return false;
  return equal(a, b, 0, ipv4::kTotalLength) && equal(a, b, ipv4::kFragment, ipv4::kChecksum) &&
         equal(a, b, ipv4::kSource, end);
}

bool Coalescer::same_tcp_header(const Frame& frame) const {
  const uint8_t* a = tcp_header(frame);
  const uint8_t* b = tcp_header(first_);
  const uint32_t end = frame.payload - frame.l4;
  return equal(a, b, 0, tcp::kSequence) && equal(a, b, tcp::kAck, tcp::kFlags) &&
         equal(a, b, tcp::kFlags + 1, tcp::kChecksum) && equal(a, b, tcp::kChecksum + 2, end);
}

void Coalescer::begin(Port& port, const Frame& frame) {
  port_ = &port;
  first_ = frame;
  segments_ = 0;
  segment_payload_ = payload_length(frame);
  payload_ = 0;
  closed_ = false;
  push_ = false;
  append(frame);
  // The first part carries the headers too.
  parts_[1] = {frame.data, frame.end};
}

void Coalescer::append(const Frame& frame) {
  const uint32_t length = payload_length(frame);
  parts_[1 + segments_++] = {frame.data + frame.payload, length};
  payload_ += length;
  next_sequence_ = load_be32(tcp_header(frame) + tcp::kSequence) + length;
  if (frame.ip_version == 4) {
    next_id_ = static_cast<uint16_t>(load_be16(frame.l3() + ipv4::kId) + 1);
  }
  push_ = (tcp_header(frame)[tcp::kFlags] & tcp::kPsh) != 0;
  closed_ = push_ || length < segment_payload_;
}

void Coalescer::flush() {
  if (port_ == nullptr) return;
  VirtioNetHeader vnet{};
  if (segments_ > 1) write_joined_headers(vnet);
  parts_[0] = {&vnet, sizeof vnet};
  deliver(*port_, parts_.data(), static_cast<int>(segments_ + 1), first_.payload + payload_, lane_,
          counters_);
  port_ = nullptr;
}

void Coalescer::write_joined_headers(VirtioNetHeader& vnet) {
  const uint32_t ip_length = first_.payload - eth::kHeader + payload_;
  uint8_t* ip = first_.l3();
  uint8_t* l4 = first_.data + first_.l4;
  if (first_.ip_version == 4) {
    store_be16(ip + ipv4::kTotalLength, static_cast<uint16_t>(ip_length));
    store_raw16(ip + ipv4::kChecksum, 0);
    store_raw16(ip + ipv4::kChecksum,
                checksum_finish(checksum_add(0, ip, first_.l4 - eth::kHeader)));
  } else {
    store_be16(ip + ipv6::kPayloadLength, static_cast<uint16_t>(ip_length - ipv6::kHeader));
  }
  if (push_) l4[tcp::kFlags] |= tcp::kPsh;
  const uint32_t l4_length = first_.payload - first_.l4 + payload_;
  store_raw16(l4 + tcp::kChecksum, checksum_fold(pseudo_header_sum(first_, l4_length)));
  vnet.flags = virtio::kNeedsChecksum;
  vnet.gso_type = first_.ip_version == 4 ? virtio::kGsoTcp4 : virtio::kGsoTcp6;
  vnet.hdr_len = first_.payload;
  vnet.gso_size = static_cast<uint16_t>(segment_payload_);
  vnet.csum_start = first_.l4;
  vnet.csum_offset = tcp::kChecksum;
}

}  // namespace overtap
