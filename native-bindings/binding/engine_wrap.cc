#include "binding/engine_wrap.h"

#include <algorithm>
#include <cstring>
#include <variant>

#include "binding/arguments.h"
#include "binding/io_error.h"
#include "binding/port_tasks.h"
#include "io/udp_underlay.h"

namespace overtap {
namespace {

SocketAddress socket_address(const Napi::Value& address, const Napi::Value& port) {
  const Bytes bytes = require_bytes(address, "address");
  SocketAddress result;
  std::memset(&result, 0, sizeof result);
  const uint16_t port_be = __builtin_bswap16(static_cast<uint16_t>(require_u32(port, "port")));
  if (bytes.length == 4) {
    result.v4.sin_family = AF_INET;
    result.v4.sin_port = port_be;
    std::memcpy(&result.v4.sin_addr, bytes.data, 4);
  } else if (bytes.length == 16) {
    result.v6.sin6_family = AF_INET6;
    result.v6.sin6_port = port_be;
    std::memcpy(&result.v6.sin6_addr, bytes.data, 16);
  } else {
    throw bad_argument(address.Env(), "address");
  }
  return result;
}

template <size_t N>
std::vector<std::array<uint8_t, N>> address_list(const Napi::Value& value, const char* name) {
  const Napi::Array array = require_array(value, name);
  std::vector<std::array<uint8_t, N>> list(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Bytes bytes = require_bytes(array.Get(i), name);
    if (bytes.length != N) throw bad_argument(value.Env(), name);
    std::memcpy(list[i].data(), bytes.data, N);
  }
  return list;
}

// Rows of {id, rxFrames, rxBytes, txFrames, txBytes}.
Napi::Value counter_rows(const Napi::Env& env, const std::vector<PortCounters>& counters) {
  auto rows = Napi::Float64Array::New(env, counters.size() * 5);
  size_t at = 0;
  for (const PortCounters& row : counters) {
    for (const uint64_t number :
         {uint64_t{row.id}, row.rx_frames, row.rx_bytes, row.tx_frames, row.tx_bytes}) {
      rows[at++] = static_cast<double>(number);
    }
  }
  return rows;
}

// -1 for nobody.
Napi::Value port_or_nobody(const Napi::Env& env, uint32_t id) {
  return Napi::Number::New(env, id == kNobody ? -1 : static_cast<double>(id));
}

}  // namespace

Napi::Function EngineWrap::define(Napi::Env env) {
  return DefineClass(env, "Engine",
                     {
                         InstanceMethod("start", &EngineWrap::start),
                         InstanceMethod("stop", &EngineWrap::stop),
                         InstanceMethod("putNetwork", &EngineWrap::put_network),
                         InstanceMethod("removeNetwork", &EngineWrap::remove_network),
                         InstanceMethod("addPeer", &EngineWrap::add_peer),
                         InstanceMethod("removePeer", &EngineWrap::remove_peer),
                         InstanceMethod("setPeerMtu", &EngineWrap::set_peer_mtu),
                         InstanceMethod("pathMtu", &EngineWrap::read_path_mtu),
                         InstanceMethod("probePath", &EngineWrap::probe_path),
                         InstanceMethod("setVteps", &EngineWrap::set_vteps),
                         InstanceMethod("openPort", &EngineWrap::open_port),
                         InstanceMethod("closePort", &EngineWrap::close_port),
                         InstanceMethod("forward", &EngineWrap::forward),
                         InstanceMethod("forget", &EngineWrap::forget),
                         InstanceMethod("inject", &EngineWrap::inject),
                         InstanceMethod("injectFlood", &EngineWrap::inject_flood),
                         InstanceMethod("injectToPeer", &EngineWrap::inject_to_peer),
                         InstanceMethod("counters", &EngineWrap::counters),
                         InstanceMethod("features", &EngineWrap::features),
                         InstanceMethod("pauses", &EngineWrap::pauses),
                     });
}

// new Engine(address, port, workers, multiqueue, disabled, onUpcalls)
EngineWrap::EngineWrap(const Napi::CallbackInfo& info) : ObjectWrap(info), features_(info[4]) {
  const Napi::Env env = info.Env();
  local_ = socket_address(info[0], info[1]);
  const uint32_t workers = require_u32(info[2], "workers");
  tap_queues_ = require_bool(info[3], "multiqueue") ? workers : 1;
  if (!info[5].IsFunction()) throw bad_argument(env, "onUpcalls");
  auto probe = PathProbe::open(local_);
  if (const auto* error = std::get_if<IoError>(&probe)) throw to_js_error(env, *error);
  path_probe_ = std::move(std::get<std::unique_ptr<PathProbe>>(probe));
  auto opened = UdpUnderlay::open(local_, workers, features_.udp());
  if (const auto* error = std::get_if<IoError>(&opened)) throw to_js_error(env, *error);
  auto underlay = std::move(std::get<std::unique_ptr<UdpUnderlay>>(opened));
  EngineOptions options = features_.probe(local_, *underlay);
  notify_ =
      Napi::ThreadSafeFunction::New(env, info[5].As<Napi::Function>(), "overtap upcalls", 0, 1);
  // Each worker has at most one notification under way, so the queue is bounded.
  const auto notify = [this] {
    notify_.NonBlockingCall([this](Napi::Env call_env, Napi::Function callback) {
      deliver_upcalls(call_env, callback);
    });
  };
  engine_ = std::make_shared<Engine>(workers, std::move(underlay), notify, std::move(options));
}

EngineWrap::~EngineWrap() {
  shut_down();
}

void EngineWrap::shut_down() {
  if (engine_ == nullptr) return;
  engine_->stop();
  engine_.reset();
  notify_.Abort();
}

void EngineWrap::start(const Napi::CallbackInfo&) {
  engine_->start();
}

void EngineWrap::stop(const Napi::CallbackInfo&) {
  shut_down();
}

// onUpcalls([reason, vni, port, peer, mtu, frame, ...]): six elements per upcall.
void EngineWrap::deliver_upcalls(Napi::Env env, Napi::Function callback) {
  if (engine_ == nullptr) return;
  const Napi::HandleScope scope(env);
  Napi::Array batch = Napi::Array::New(env);
  uint32_t at = 0;
  engine_->drain_upcalls([&](const Upcall& upcall) {
    batch.Set(at++, Napi::Number::New(env, static_cast<double>(upcall.reason)));
    batch.Set(at++, Napi::Number::New(env, upcall.vni));
    batch.Set(at++, port_or_nobody(env, upcall.port));
    batch.Set(at++, port_or_nobody(env, upcall.peer));
    batch.Set(at++, Napi::Number::New(env, upcall.mtu));
    batch.Set(at++, Napi::Buffer<uint8_t>::Copy(env, upcall.frame, upcall.length));
  });
  if (at != 0) callback.Call({batch});
}

// putNetwork(vni, portSecurity, floodUnknown)
void EngineWrap::put_network(const Napi::CallbackInfo& info) {
  engine_->put_network(require_u32(info[0], "vni"), require_bool(info[1], "portSecurity"),
                       require_bool(info[2], "floodUnknown"));
}

// removeNetwork(vni): boolean
Napi::Value EngineWrap::remove_network(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), engine_->remove_network(require_u32(info[0], "vni")));
}

// addPeer(address, port): number
Napi::Value EngineWrap::add_peer(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), engine_->add_peer(socket_address(info[0], info[1])));
}

// removePeer(peer)
void EngineWrap::remove_peer(const Napi::CallbackInfo& info) {
  engine_->remove_peer(require_u32(info[0], "peer"));
}

// setPeerMtu(peer, mtu)
void EngineWrap::set_peer_mtu(const Napi::CallbackInfo& info) {
  engine_->set_peer_mtu(require_u32(info[0], "peer"), require_u32(info[1], "mtu"));
}

// pathMtu(address, port): number; 0 without a route
Napi::Value EngineWrap::read_path_mtu(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), path_mtu(local_, socket_address(info[0], info[1])));
}

// probePath(address, port, size): boolean
Napi::Value EngineWrap::probe_path(const Napi::CallbackInfo& info) {
  const SocketAddress to = socket_address(info[0], info[1]);
  return Napi::Boolean::New(info.Env(), path_probe_->send(to, require_u32(info[2], "size")));
}

// setVteps(vni, peers): boolean
Napi::Value EngineWrap::set_vteps(const Napi::CallbackInfo& info) {
  const Napi::Array array = require_array(info[1], "peers");
  std::vector<uint32_t> peers(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) peers[i] = require_u32(array.Get(i), "peers");
  return Napi::Boolean::New(info.Env(), engine_->set_vteps(require_u32(info[0], "vni"), peers));
}

// openPort(netns, name, vni, mac, mtu, ipv4, ipv6): Promise<number>
Napi::Value EngineWrap::open_port(const Napi::CallbackInfo& info) {
  PortRequest request{
      require_string(info[0], "netns"),
      require_string(info[1], "name"),
      {require_u32(info[2], "vni"), require_mac(info[3], "mac"), require_u32(info[4], "mtu"),
       address_list<4>(info[5], "ipv4"), address_list<16>(info[6], "ipv6")},
      tap_queues_,
      features_.uso(),
  };
  return overtap::open_port(info.Env(), engine_, std::move(request));
}

// closePort(port, destroy): Promise<void>
Napi::Value EngineWrap::close_port(const Napi::CallbackInfo& info) {
  return overtap::close_port(info.Env(), engine_, require_u32(info[0], "port"),
                             require_bool(info[1], "destroy"));
}

// forward(vni, mac, target, id): boolean; target 0 port, 1 peer, 2 upcall
Napi::Value EngineWrap::forward(const Napi::CallbackInfo& info) {
  const auto target = static_cast<Engine::Target>(require_u32(info[2], "target"));
  return Napi::Boolean::New(
      info.Env(), engine_->forward(require_u32(info[0], "vni"), require_mac(info[1], "mac"), target,
                                   require_u32(info[3], "id")));
}

// forget(vni, mac)
void EngineWrap::forget(const Napi::CallbackInfo& info) {
  engine_->forget(require_u32(info[0], "vni"), require_mac(info[1], "mac"));
}

// inject(port, frame)
void EngineWrap::inject(const Napi::CallbackInfo& info) {
  const Bytes frame = require_bytes(info[1], "frame");
  engine_->inject(require_u32(info[0], "port"), frame.data, static_cast<uint32_t>(frame.length));
}

// injectFlood(vni, frame)
void EngineWrap::inject_flood(const Napi::CallbackInfo& info) {
  const Bytes frame = require_bytes(info[1], "frame");
  engine_->inject_flood(require_u32(info[0], "vni"), frame.data,
                        static_cast<uint32_t>(frame.length));
}

// injectToPeer(vni, peer, frame)
void EngineWrap::inject_to_peer(const Napi::CallbackInfo& info) {
  const Bytes frame = require_bytes(info[2], "frame");
  engine_->inject_to_peer(require_u32(info[0], "vni"), require_u32(info[1], "peer"), frame.data,
                          static_cast<uint32_t>(frame.length));
}

// counters(): {ports, peers, drops, upcalls}
Napi::Value EngineWrap::counters(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const EngineCounters counters = engine_->counters();
  Napi::Object result = Napi::Object::New(env);
  result.Set("ports", counter_rows(env, counters.ports));
  result.Set("peers", counter_rows(env, counters.peers));
  Napi::Object drops = Napi::Object::New(env);
  for (size_t i = 0; i < kDropReasons; i++) {
    drops.Set(kDropReasonNames[i], Napi::Number::New(env, static_cast<double>(counters.drops[i])));
  }
  result.Set("drops", drops);
  result.Set("upcalls", Napi::Number::New(env, static_cast<double>(counters.upcalls)));
  return result;
}

// features(): see Features::describe
Napi::Value EngineWrap::features(const Napi::CallbackInfo& info) {
  return features_.describe(info.Env());
}

// pauses(): [{feature, peer, reason}]
Napi::Value EngineWrap::pauses(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array list = Napi::Array::New(env);
  for (const EnginePause& pause : engine_->pauses()) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("feature", pause.feature);
    entry.Set("peer", Napi::Number::New(env, pause.peer));
    entry.Set("reason", std::strerror(pause.error));
    list.Set(list.Length(), entry);
  }
  return list;
}

}  // namespace overtap
