#include "engine/segmenter.h"

#include <algorithm>
#include <cstring>

#include "wire/checksum.h"

namespace overtap {
namespace {

bool matches(const Frame& frame, uint8_t gso_type) {
  switch (gso_type & ~virtio::kGsoEcn) {
    case virtio::kGsoTcp4:
      return frame.is_tcp() && frame.ip_version == 4;
    case virtio::kGsoTcp6:
      return frame.is_tcp() && frame.ip_version == 6;
    case virtio::kGsoUdpL4:
      return frame.is_udp();
    default:
      return false;
  }
}

}  // namespace

bool Segmenter::valid(const Frame& frame, const VirtioNetHeader& vnet) {
  return matches(frame, vnet.gso_type) && vnet.gso_size != 0;
}

bool Segmenter::start(const Frame& frame, const VirtioNetHeader& vnet, uint32_t vni) {
  if (!valid(frame, vnet)) return false;
  header_length_ = vxlan::kHeader + frame.payload;
  if (header_length_ > limits::kMaxHeaders) return false;
  frame_ = frame;
  segment_payload_ = vnet.gso_size;
  payload_length_ = frame.end - frame.payload;
  offset_ = 0;
  index_ = 0;

  vxlan::write(template_.data(), vni);
  uint8_t* inner = template_.data() + vxlan::kHeader;
  std::memcpy(inner, frame.data, frame.payload);
  uint8_t* ip = inner + eth::kHeader;
  uint8_t* l4 = inner + frame.l4;
  l4_sum_ = pseudo_header_sum(frame, 0);
  if (frame.is_tcp()) {
    store_raw16(l4 + tcp::kChecksum, 0);
    // Sequence number and flags differ per segment and are added there.
    l4_sum_ = checksum_add(l4_sum_, l4, tcp::kSequence);
    l4_sum_ = checksum_add(l4_sum_, l4 + tcp::kAck, 4);
    l4_sum_ = checksum_add(l4_sum_, l4 + tcp::kFlags + 1, frame.payload - frame.l4 - 14);
  } else {
    l4_sum_ = checksum_add(l4_sum_, l4, udp::kLength);
  }
  if (frame.ip_version == 4) {
    store_be16(ip + ipv4::kTotalLength, 0);
    store_raw16(ip + ipv4::kChecksum, 0);
    ip_sum_ = checksum_add(0, ip, frame.l4 - eth::kHeader);
    ip_sum_ -= load_raw16(ip + ipv4::kId);
  }
  return true;
}

bool Segmenter::next(Run& run, uint32_t limit) {
  if (offset_ >= payload_length_) return false;
  const uint32_t full = header_length_ + segment_payload_;
  const uint32_t most = std::clamp(limits::kMaxUdpPayload / full, 1u, limit);
  run = Run{parts_.data(), 0, 0, 0, 0};
  while (run.segments < most && offset_ < payload_length_) {
    const uint32_t length = std::min(segment_payload_, payload_length_ - offset_);
    const bool last = offset_ + length == payload_length_;
    uint8_t* headers = headers_[run.segments].data();
    write_headers(headers, length, last);
    parts_[run.part_count++] = {headers, header_length_};
    parts_[run.part_count++] = {frame_.data + frame_.payload + offset_, length};
    run.bytes += header_length_ + length;
    run.segments++;
    offset_ += length;
    index_++;
  }
  if (run.segments > 1) run.segment_size = static_cast<uint16_t>(full);
  return true;
}

void Segmenter::write_headers(uint8_t* headers, uint32_t payload_length, bool last) {
  std::memcpy(headers, template_.data(), header_length_);
  uint8_t* inner = headers + vxlan::kHeader;
  const uint8_t* payload = frame_.data + frame_.payload + offset_;
  write_ip(inner + eth::kHeader, frame_.payload - eth::kHeader + payload_length);
  if (frame_.is_tcp()) {
    write_tcp(inner + frame_.l4, payload, payload_length, last);
  } else {
    write_udp(inner + frame_.l4, payload, payload_length);
  }
}

void Segmenter::write_ip(uint8_t* ip, uint32_t ip_length) {
  if (frame_.ip_version == 6) {
    store_be16(ip + ipv6::kPayloadLength, static_cast<uint16_t>(ip_length - ipv6::kHeader));
    return;
  }
  const auto id = static_cast<uint16_t>(load_be16(ip + ipv4::kId) + index_);
  store_be16(ip + ipv4::kTotalLength, static_cast<uint16_t>(ip_length));
  store_be16(ip + ipv4::kId, id);
  const uint64_t sum =
      ip_sum_ + checksum_word(id) + checksum_word(static_cast<uint16_t>(ip_length));
  store_raw16(ip + ipv4::kChecksum, checksum_finish(sum));
}

void Segmenter::write_tcp(uint8_t* tcp, const uint8_t* payload, uint32_t payload_length,
                          bool last) {
  uint8_t flags = tcp[tcp::kFlags];
  if (index_ > 0) flags &= static_cast<uint8_t>(~tcp::kCwr);
  if (!last) flags &= static_cast<uint8_t>(~(tcp::kFin | tcp::kPsh));
  tcp[tcp::kFlags] = flags;
  store_be32(tcp + tcp::kSequence, load_be32(tcp + tcp::kSequence) + offset_);
  const uint32_t l4_length = frame_.payload - frame_.l4 + payload_length;
  uint64_t sum = l4_sum_ + checksum_word(static_cast<uint16_t>(l4_length));
  sum = checksum_add(sum, tcp + tcp::kSequence, 4);
  sum += load_raw16(tcp + tcp::kDataOffset);  // data offset and flags
  sum = checksum_add(sum, payload, payload_length);
  store_raw16(tcp + tcp::kChecksum, checksum_finish(sum));
}

void Segmenter::write_udp(uint8_t* udp, const uint8_t* payload, uint32_t payload_length) {
  const auto length = static_cast<uint16_t>(udp::kHeader + payload_length);
  store_be16(udp + udp::kLength, length);
  // The length counts twice: in the pseudo-header and in the header.
  const uint64_t sum = l4_sum_ + 2 * checksum_word(length);
  const uint16_t checksum = checksum_finish(checksum_add(sum, payload, payload_length));
  store_raw16(udp + udp::kChecksum, checksum == 0 ? 0xffff : checksum);
}

}  // namespace overtap
