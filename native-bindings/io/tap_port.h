// A TAP device inside a container's network namespace (linux/if_tun.h;
// Documentation/networking/tuntap.rst).
//
// It is persistent: when the daemon ends, the container keeps the interface
// with its addresses and routes, and the next daemon attaches to it again. The
// flags must then be the same, so they are fixed here: IFF_TAP, IFF_NO_PI,
// IFF_VNET_HDR. IFF_MULTI_QUEUE stays as it was when the device was made.
//
// Of several queues, the kernel hands out a flow's frames in the one that frames of
// the flow were last written to (tun_automq_select_queue).
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "io/file_descriptor.h"
#include "io/frame_port.h"
#include "io/io_error.h"

namespace overtap {

class TapPort final : public FramePort {
 public:
  // Creates the device `name` in the namespace at `netns`, or attaches to a
  // persistent one of that name that nobody has open. EBUSY: another process
  // has it; EINVAL: the name belongs to a device that is no TAP of ours. `uso`: with UDP
  // segmentation offload where the kernel has it. One of one queue
  // is adopted as it is.
  static std::variant<std::unique_ptr<TapPort>, IoError> open(const std::string& netns,
                                                              const std::string& name,
                                                              uint32_t queues, bool uso);

  uint32_t queues() const override { return static_cast<uint32_t>(queues_.size()); }
  int64_t read(uint32_t queue, uint8_t* buffer, uint32_t capacity) override;
  WriteResult write(uint32_t queue, const iovec* parts, int count) override;
  int fd(uint32_t queue) const override { return queues_[queue].get(); }
  void destroy() override;

  // Whether this kernel's TAPs have UDP segmentation offload (Linux 6.2); tried
  // on a device that exists only during the call.
  static bool supports_uso();

 private:
  using Queues = std::vector<FileDescriptor>;
  explicit TapPort(Queues queues) : queues_(std::move(queues)) {}

  Queues queues_;
};

}  // namespace overtap
