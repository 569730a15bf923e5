#include "io/tcx_redirect.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace overtap {
namespace {

constexpr uint32_t kTcxIngress = 46;  // BPF_TCX_INGRESS, since Linux 6.6
constexpr int kDrop = 2;              // TC_ACT_SHOT
constexpr int kEthernetHeader = 14;

constexpr bpf_insn instruction(int code, int to, int from, int offset, int value) {
  return {static_cast<uint8_t>(code), static_cast<uint8_t>(to & 15),
          static_cast<uint8_t>(from & 15), static_cast<int16_t>(offset), value};
}

constexpr bpf_insn load(int size, int to, int from, int offset) {
  return instruction(BPF_LDX | BPF_MEM | size, to, from, offset, 0);
}

constexpr bpf_insn set(int to, int value) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value);
}

constexpr std::array program{
    load(BPF_W, 2, 1, offsetof(__sk_buff, data)),
    load(BPF_W, 3, 1, offsetof(__sk_buff, data_end)),
    // if (data + kEthernetHeader > data_end) return kDrop;
    instruction(BPF_ALU64 | BPF_MOV | BPF_X, 4, 2, 0, 0),
    instruction(BPF_ALU64 | BPF_ADD | BPF_K, 4, 0, 0, kEthernetHeader),
    instruction(BPF_JMP | BPF_JLE | BPF_X, 4, 3, 2, 0),
    set(0, kDrop),
    instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    load(BPF_W, 1, 2, offsetof(RedirectHeader, interface)),
    load(BPF_H, 5, 2, offsetof(RedirectHeader, redirect)),
    set(2, 0),
    instruction(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 2, static_cast<int>(Redirect::kNextHop)),
    // return bpf_redirect(interface, 0);
    instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect),
    instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    // return bpf_redirect_neigh(interface, NULL, 0, 0);
    set(3, 0),
    set(4, 0),
    instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_neigh),
    instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
};

FileDescriptor call_bpf(int command, bpf_attr& attributes) {
  return FileDescriptor(
      static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof attributes)));
}

FileDescriptor load_program() {
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attributes.insns = reinterpret_cast<uint64_t>(program.data());
  attributes.insn_cnt = program.size();
  // bpf_redirect_neigh is for programs under the GPL only.
  attributes.license = reinterpret_cast<uint64_t>("GPL");
  attributes.expected_attach_type = kTcxIngress;
  return call_bpf(BPF_PROG_LOAD, attributes);
}

}  // namespace

std::variant<FileDescriptor, IoError> attach_tcx_redirect(uint32_t interface) {
  const FileDescriptor loaded = load_program();
  if (!loaded.open()) return IoError{"load the redirect program", errno};
  bpf_attr attributes{};
  attributes.link_create.prog_fd = static_cast<uint32_t>(loaded.get());
  attributes.link_create.target_ifindex = interface;
  attributes.link_create.attach_type = kTcxIngress;
  FileDescriptor link = call_bpf(BPF_LINK_CREATE, attributes);
  if (!link.open()) return IoError{"attach the redirect program", errno};
  return link;
}

}  // namespace overtap
