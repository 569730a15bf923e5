#include "binding/port_tasks.h"

#include <optional>
#include <utility>
#include <variant>

#include "binding/io_error.h"
#include "io/tap_port.h"

namespace overtap {
namespace {

class OpenPort final : public Napi::AsyncWorker {
 public:
  OpenPort(const Napi::Env& env, std::shared_ptr<Engine> engine, PortRequest request)
      : AsyncWorker(env),
        promise(Napi::Promise::Deferred::New(env)),
        engine_(std::move(engine)),
        request_(std::move(request)) {}

  const Napi::Promise::Deferred promise;

 protected:
  void Execute() override {
    auto opened = TapPort::open(request_.netns, request_.name, request_.queues, request_.uso);
    if (auto* error = std::get_if<IoError>(&opened)) {
      error_ = std::move(*error);
      return;
    }
    auto& tap = std::get<std::unique_ptr<TapPort>>(opened);
    id_ = engine_->add_port(std::move(request_.identity), std::move(tap));
    if (!id_) error_ = {"open port " + request_.name + " of an unknown network", ENOENT};
  }

  void OnOK() override {
    if (id_) {
      promise.Resolve(Napi::Number::New(Env(), *id_));
    } else {
      promise.Reject(to_js_error(Env(), error_).Value());
    }
  }

 private:
  const std::shared_ptr<Engine> engine_;
  PortRequest request_;
  std::optional<uint32_t> id_;
  IoError error_{};
};

class ClosePort final : public Napi::AsyncWorker {
 public:
  ClosePort(const Napi::Env& env, std::shared_ptr<Engine> engine, uint32_t port, bool destroy)
      : AsyncWorker(env),
        promise(Napi::Promise::Deferred::New(env)),
        engine_(std::move(engine)),
        port_(port),
        destroy_(destroy) {}

  const Napi::Promise::Deferred promise;

 protected:
  void Execute() override {
    const std::unique_ptr<FramePort> io = engine_->remove_port(port_);
    if (io != nullptr && destroy_) io->destroy();
  }

  void OnOK() override { promise.Resolve(Env().Undefined()); }

 private:
  const std::shared_ptr<Engine> engine_;
  const uint32_t port_;
  const bool destroy_;
};

}  // namespace

Napi::Promise open_port(const Napi::Env& env, std::shared_ptr<Engine> engine, PortRequest request) {
  auto* task = new OpenPort(env, std::move(engine), std::move(request));  // deletes itself
  const Napi::Promise promise = task->promise.Promise();
  task->Queue();
  return promise;
}

Napi::Promise close_port(const Napi::Env& env, std::shared_ptr<Engine> engine, uint32_t port,
                         bool destroy) {
  auto* task = new ClosePort(env, std::move(engine), port, destroy);  // deletes itself
  const Napi::Promise promise = task->promise.Promise();
  task->Queue();
  return promise;
}

}  // namespace overtap
