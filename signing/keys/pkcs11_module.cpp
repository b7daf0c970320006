#include "signing/keys/pkcs11_module.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>

#include <dlfcn.h>

#include "core/error.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;

struct Name {
  CK_RV code;
  const char* name;
  bool isLost;
};
constexpr Name kNames[] = {
    {CKR_HOST_MEMORY, "CKR_HOST_MEMORY", false},
    {CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", true},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", true},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", true},
    {CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD", false},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", true},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", false},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", true},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", true},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED", false},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", false},
    {CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", true},
    {CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED", true},
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", false},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", false},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", false},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", true},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT", false},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", true},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", true},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", true},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", true},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", false},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", true},
};

const Name* findName(CK_RV code) {
  const auto found = std::find_if(std::begin(kNames), std::end(kNames), [&](const Name& n) { return n.code == code; });
  return found == std::end(kNames) ? nullptr : found;
}

// Fixed-width text of PKCS#11, padded with spaces.
std::string textOf(const unsigned char* text, std::size_t size) {
  std::string value(reinterpret_cast<const char*>(text), size);
  value.erase(value.find_last_not_of(' ') + 1);
  return value;
}

std::shared_mutex& useMutex() {
  static std::shared_mutex mutex;
  return mutex;
}

}  // namespace

std::shared_ptr<Pkcs11Module> Pkcs11Module::open(const std::string& path) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Pkcs11Module>> modules;
  const std::lock_guard lock(mutex);
  if (auto known = modules[path].lock()) return known;
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw Error(ErrorCode::kInvalidInput, std::string("cannot load a PKCS#11 module: ") + ::dlerror());
  const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (!list || list(&functions) != CKR_OK || !functions) {
    throw Error(ErrorCode::kInvalidInput, path + " is not a PKCS#11 module");
  }
  auto module = std::make_shared<Pkcs11Module>(path, functions);
  module->initialize();
  modules[path] = module;
  return module;
}

Pkcs11Module::Pkcs11Module(std::string path, CK_FUNCTION_LIST* functions)
    : path_(std::move(path)), functions_(functions) {}

Pkcs11Module::~Pkcs11Module() {
  const std::lock_guard lock(useMutex());
  if (epoch_ > 0) functions_->C_Finalize(nullptr);
}

Pkcs11Module::Use Pkcs11Module::use() const { return Use(useMutex()); }

void Pkcs11Module::initialize() {
  // Asked first, so that opening one token anew does not wait for the signatures of all others.
  CK_INFO info{};
  if (functions_->C_GetInfo(&info) == CKR_OK) return;
  const std::lock_guard lock(useMutex());
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = functions_->C_Initialize(&arguments);
  if (code == CKR_CRYPTOKI_ALREADY_INITIALIZED) return;
  if (code != CKR_OK) throw Error(ErrorCode::kUnavailable, path_ + ": C_Initialize: " + nameOfPkcs11(code));
  ++epoch_;
}

CK_SLOT_ID Pkcs11Module::findSlot(const std::string& label) const {
  CK_ULONG count = 0;
  checkPkcs11(functions_->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList");
  std::vector<CK_SLOT_ID> slots(count);
  checkPkcs11(functions_->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList");
  slots.resize(count);
  std::erase_if(slots, [&](CK_SLOT_ID slot) {
    CK_TOKEN_INFO info{};
    return functions_->C_GetTokenInfo(slot, &info) != CKR_OK || textOf(info.label, sizeof info.label) != label;
  });
  if (slots.empty()) throw Error(ErrorCode::kUnavailable, path_ + ": no token \"" + label + "\"");
  if (slots.size() > 1) throw Error(ErrorCode::kInvalidInput, path_ + ": several tokens \"" + label + "\"");
  return slots[0];
}

std::string nameOfPkcs11(CK_RV code) {
  if (const Name* known = findName(code)) return known->name;
  char text[32];
  std::snprintf(text, sizeof text, "CKR 0x%lX", code);
  return text;
}

bool isLost(CK_RV code) {
  const Name* known = findName(code);
  return known && known->isLost;
}

void checkPkcs11(CK_RV code, const char* call) {
  if (code == CKR_OK) return;
  throw Error(isLost(code) ? ErrorCode::kUnavailable : ErrorCode::kSystem,
              std::string(call) + ": " + nameOfPkcs11(code));
}

std::vector<CK_OBJECT_HANDLE> findObjects(const CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session,
                                          const Pkcs11Object& wanted) {
  Pkcs11Object copy = wanted;
  std::vector<CK_ATTRIBUTE> attributes{{CKA_CLASS, &copy.type, sizeof copy.type}};
  if (!copy.label.empty()) attributes.push_back({CKA_LABEL, copy.label.data(), copy.label.size()});
  if (!copy.id.empty()) attributes.push_back({CKA_ID, copy.id.data(), copy.id.size()});
  checkPkcs11(functions.C_FindObjectsInit(session, attributes.data(), attributes.size()), "C_FindObjectsInit");
  std::vector<CK_OBJECT_HANDLE> found;
  CK_OBJECT_HANDLE some[16];
  CK_ULONG count = 0;
  CK_RV code;
  while ((code = functions.C_FindObjects(session, some, std::size(some), &count)) == CKR_OK && count > 0) {
    found.insert(found.end(), some, some + count);
  }
  functions.C_FindObjectsFinal(session);
  checkPkcs11(code, "C_FindObjects");
  return found;
}

std::optional<Bytes> findAttribute(const CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session,
                                   CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  CK_RV code = functions.C_GetAttributeValue(session, object, &attribute, 1);
  if (code == CKR_ATTRIBUTE_TYPE_INVALID || code == CKR_ATTRIBUTE_SENSITIVE) return std::nullopt;
  checkPkcs11(code, "C_GetAttributeValue");
  Bytes value(attribute.ulValueLen);
  attribute.pValue = value.data();
  checkPkcs11(functions.C_GetAttributeValue(session, object, &attribute, 1), "C_GetAttributeValue");
  value.resize(attribute.ulValueLen);
  return value;
}

}  // namespace qianda::signing
