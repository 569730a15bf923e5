// Every bound of the data path. docs/operating/limits.md lists them for users.
#pragma once

#include <cstdint>

namespace overtap::limits {

// -- Set by specifications and the kernel -----------------------------------

constexpr uint32_t kMaxFrame = 65535 + 14;          // largest IP datagram in Ethernet
constexpr uint32_t kMaxUdpPayload = 65507;          // IPv4; one UDP_SEGMENT send
constexpr uint32_t kMaxSegmentsPerSend = 64;        // UDP_MAX_SEGMENTS before Linux 6.9
constexpr uint32_t kMaxHeaders = 8 + 14 + 60 + 60;  // VXLAN, Ethernet, IPv4, TCP

// -- Chosen by us ------------------------------------------------------------

constexpr uint32_t kHeadroom = 128;          // before each frame, for outer and offload headers
constexpr uint32_t kBufferSize = 1027 * 64;  // an odd multiple of a cache line apart
static_assert(kBufferSize >= kHeadroom + kMaxFrame);
constexpr uint32_t kReceiveSlots = 64;         // datagrams of up to 64 KB per recvmmsg
constexpr uint32_t kMinReceiveSlots = 2;       // however large the last ones were
constexpr uint32_t kReceiveBytes = 128 << 10;  // what a recvmmsg should bring at most
constexpr uint32_t kReceiveRounds = 4;         // recvmmsg calls per wake-up
constexpr uint32_t kSendSlots = 64;            // frames gathered into one sendmmsg
constexpr uint32_t kGather = 16;               // frames read before the first is handled
constexpr uint32_t kFramesPerTurn = 64;        // frames read from one TAP before the next is served
constexpr uint32_t kUpcallSlots = 256;         // frames waiting for TypeScript, per worker
constexpr uint32_t kUpcallReserve = 64;        // of them, for others than gateways' frames
constexpr uint32_t kGatewayShare = 64;         // of them, for one port's frames to gateways
constexpr uint32_t kUpcallFrame = 9216;        // largest frame TypeScript is shown
constexpr uint32_t kUpcallsPerSecond = 2000;   // per port, for neighbours and gateway each
constexpr uint32_t kUpcallBurst = 128;
constexpr uint32_t kTooBigPerSecond = 100;  // per port and, for what peers send, per worker
constexpr uint32_t kTooBigBurst = 50;
constexpr uint32_t kTooBigFrame = 14 + 1232;  // what of the packet goes back (RFC 4443 2.4c)
constexpr uint32_t kSourcePorts = 8;          // send sockets, for entropy in the outer source port
constexpr int kSocketBuffer = 16 << 20;       // bytes asked for with SO_*BUFFORCE
constexpr int64_t kPauseSeconds = 60;  // before a feature that failed towards a peer is tried again

}  // namespace overtap::limits
