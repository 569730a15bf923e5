#pragma once

#include <napi.h>

#include <memory>

#include "binding/features.h"
#include "engine/engine.h"
#include "io/path_probe.h"

namespace overtap {

// The engine as a JavaScript class; src/engine/native.ts declares its type.
// Every method checks its arguments, calls the engine and converts the result.
class EngineWrap : public Napi::ObjectWrap<EngineWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit EngineWrap(const Napi::CallbackInfo& info);
  ~EngineWrap() override;

 private:
  void start(const Napi::CallbackInfo& info);
  void stop(const Napi::CallbackInfo& info);
  void put_network(const Napi::CallbackInfo& info);
  Napi::Value remove_network(const Napi::CallbackInfo& info);
  Napi::Value add_peer(const Napi::CallbackInfo& info);
  void remove_peer(const Napi::CallbackInfo& info);
  void set_peer_mtu(const Napi::CallbackInfo& info);
  Napi::Value read_path_mtu(const Napi::CallbackInfo& info);
  Napi::Value probe_path(const Napi::CallbackInfo& info);
  Napi::Value set_vteps(const Napi::CallbackInfo& info);
  Napi::Value open_port(const Napi::CallbackInfo& info);
  Napi::Value close_port(const Napi::CallbackInfo& info);
  Napi::Value forward(const Napi::CallbackInfo& info);
  void forget(const Napi::CallbackInfo& info);
  void inject(const Napi::CallbackInfo& info);
  void inject_flood(const Napi::CallbackInfo& info);
  void inject_to_peer(const Napi::CallbackInfo& info);
  Napi::Value counters(const Napi::CallbackInfo& info);
  Napi::Value features(const Napi::CallbackInfo& info);
  Napi::Value pauses(const Napi::CallbackInfo& info);

  void deliver_upcalls(Napi::Env env, Napi::Function callback);
  void shut_down();

  // Shared with the tasks that open and close ports, which may outlive us.
  std::shared_ptr<Engine> engine_;
  SocketAddress local_;
  uint32_t tap_queues_ = 1;
  std::unique_ptr<PathProbe> path_probe_;
  Napi::ThreadSafeFunction notify_;
  Features features_;
};

}  // namespace overtap
