// Owns a C library's object: `Handle<X509, &X509_free> certificate(d2i_X509(...))`. Not shared between threads unless
// the library allows it.
#pragma once

#include <memory>

namespace qianda::core {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* pointer) const noexcept {
    Free(pointer);
  }
};

template <typename T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<Free>>;

}  // namespace qianda::core
