#pragma once

#include <string>

namespace overtap {

// What went wrong, and the errno it went wrong with.
struct IoError {
  std::string what;
  int code;
};

}  // namespace overtap
