// The threads of one run.
#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace overtap::load {

class Crew {
 public:
  ~Crew() { join(); }

  void start(std::function<void()> work) {
    threads_.emplace_back([this, work = std::move(work)] {
      try {
        work();
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex_);
        if (problem_.empty()) problem_ = error.what();
      }
    });
  }

  void join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  // Of the first thread that failed, after join; empty when none did.
  const std::string& problem() const { return problem_; }

 private:
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::string problem_;
};

}  // namespace overtap::load
