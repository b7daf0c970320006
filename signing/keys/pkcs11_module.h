// A PKCS#11 module of this process. C_Initialize belongs to the whole process: a module is initialized by its first
// user and finalized after its last; the library itself is never unloaded. A module that was finalized under its users
// numbers sessions and objects anew, so that an old handle may name another's session or key: handles are good for one
// epoch only, and are used while a Use is held. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include <p11-kit/pkcs11.h>

#include "core/bytes.h"

namespace qianda::signing {

class Pkcs11Module {
 public:
  // The module at that path, shared with all its other users. Throws kInvalidInput when it cannot be loaded.
  static std::shared_ptr<Pkcs11Module> open(const std::string& path);
  Pkcs11Module(std::string path, CK_FUNCTION_LIST* functions);
  ~Pkcs11Module();

  const CK_FUNCTION_LIST& functions() const { return *functions_; }
  // C_Initialize, if nobody did; throws kUnavailable. Waits for every Use, so the caller must hold none.
  void initialize();
  // While it is held, this process does not initialize the module anew: the epoch stays.
  using Use = std::shared_lock<std::shared_mutex>;
  Use use() const;
  // How often the module was initialized here; read it while holding a Use.
  unsigned epoch() const { return epoch_; }
  // Slot of the only token with that label; throws kUnavailable for none, kInvalidInput for several.
  CK_SLOT_ID findSlot(const std::string& label) const;

 private:
  const std::string path_;
  CK_FUNCTION_LIST* const functions_;
  unsigned epoch_ = 0;
};

// "CKR_PIN_INCORRECT", or "CKR 0x80000001".
std::string nameOfPkcs11(CK_RV code);
// The token, its sessions or what was found there are gone, or the module tells no more than that something failed
// (what SoftHSM and network HSMs say of a session that ends under a signature): worth opening everything anew.
bool isLost(CK_RV code);
// Throws kUnavailable for a lost token, else kSystem: "C_Sign: CKR_...".
void checkPkcs11(CK_RV code, const char* call);

struct Pkcs11Object {
  CK_OBJECT_CLASS type;
  std::string label;  // empty: any
  core::Bytes id;     // empty: any
};
std::vector<CK_OBJECT_HANDLE> findObjects(const CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session,
                                          const Pkcs11Object& wanted);
// nullopt when the object has no such attribute.
std::optional<core::Bytes> findAttribute(const CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session,
                                         CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

}  // namespace qianda::signing
