// Frames that "arrive" on a device leave by another one: a BPF program of a few
// instructions on the device's TCX ingress hook (Linux 6.6), which sends each IP
// packet to its next hop with bpf_redirect_neigh, so that the kernel does routing
// and neighbours.
#pragma once

#include <cstdint>
#include <cstring>
#include <variant>

#include "io/file_descriptor.h"
#include "io/io_error.h"

namespace overtap {

// What the program does with a frame stands in the frame itself, in the place of its MAC
// addresses. The first byte is 0: what looks like a group address bpf_redirect_neigh drops.
enum class Redirect : uint16_t {
  kNextHop = 0,  // to the next hop on that interface
  kAsIs = 1,     // out of that interface, unchanged
};

struct RedirectHeader {
  uint32_t zero;
  Redirect redirect;
  uint32_t interface;
  uint16_t unused;
} __attribute__((packed));
static_assert(sizeof(RedirectHeader) == 12);

inline void write_redirect(uint8_t* frame, uint32_t interface, Redirect redirect) {
  const RedirectHeader header{0, redirect, interface, 0};
  std::memcpy(frame, &header, sizeof header);
}

// Attaches the program to the device with index `interface`. Detached when the
// result is closed.
std::variant<FileDescriptor, IoError> attach_tcx_redirect(uint32_t interface);

}  // namespace overtap
