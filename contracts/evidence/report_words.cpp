#include "contracts/evidence/report_words.h"

#include <algorithm>
#include <iterator>

namespace qianda::contracts {
namespace {

struct Entry {
  std::string_view key;
  Words words;
};

// ETSI EN 319 102-1 5.1.3, table 5 and 6; NO_SIGNATURE_FOUND as other validators say it.
constexpr Entry kSubIndications[] = {
    {"FORMAT_FAILURE",
     {"签名或文件的结构不符合标准，或签署后有不被允许的改动",
      "the signature or the file is not formed as the standard asks, or was changed in a way that is not allowed"}},
    {"HASH_FAILURE", {"被签署的内容在签署后发生了变化", "what was signed has been changed since"}},
    {"SIG_CRYPTO_FAILURE",
     {"签名值与签署人证书中的公钥不符：签名被改动，或不是用该证书的密钥生成",
      "the signature value does not fit the public key of the signer's certificate"}},
    {"REVOKED", {"签署时签署人的证书已被吊销", "the certificate was revoked when it signed"}},
    {"EXPIRED", {"签署时证书已过有效期", "the certificate had expired when it signed"}},
    {"NOT_YET_VALID", {"签署时证书尚未生效", "the certificate was not yet valid when it signed"}},
    {"SIG_CONSTRAINTS_FAILURE",
     {"签名的属性不符合验证要求", "an attribute of the signature does not meet the requirements"}},
    {"CHAIN_CONSTRAINTS_FAILURE",
     {"证书或证书链不符合其用途的规则", "the certificate or its path breaks a rule for this use"}},
    {"CERTIFICATE_CHAIN_GENERAL_FAILURE", {"证书链验证未能完成", "the certification path could not be validated"}},
    {"CRYPTO_CONSTRAINTS_FAILURE",
     {"所用密码算法或密钥长度在该时间已不可靠", "an algorithm or key length was no longer reliable at that time"}},
    {"CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
     {"所用密码算法现已不可靠，且没有时间戳证明签名形成于此前",
      "an algorithm is no longer reliable and no timestamp proves the signature older"}},
    {"POLICY_PROCESSING_ERROR", {"签名策略无法处理", "the signature policy cannot be processed"}},
    {"SIGNATURE_POLICY_NOT_AVAILABLE", {"取不到签名策略", "the signature policy is not available"}},
    {"TIMESTAMP_ORDER_FAILURE", {"时间戳的先后顺序相互矛盾", "the times of the timestamps contradict each other"}},
    {"NO_SIGNING_CERTIFICATE_FOUND", {"签名中没有签署人的证书", "the signer's certificate is not in the signature"}},
    {"NO_CERTIFICATE_CHAIN_FOUND",
     {"签署人的证书不能追溯到任何受信任的根证书", "the certificate leads to no trusted root"}},
    {"NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
     {"证书不能追溯到受信任的根证书，且没有时间戳证明签名形成的时间",
      "the certificate leads to no trusted root and no timestamp proves a time"}},
    {"REVOKED_NO_POE",
     {"签署人的证书已被吊销，且没有时间戳证明签名形成于吊销之前",
      "the certificate was revoked and no timestamp proves the signature older"}},
    {"REVOKED_CA_NO_POE",
     {"颁发机构的证书已被吊销，且没有时间戳证明签名形成于吊销之前",
      "an authority's certificate was revoked and no timestamp proves the signature older"}},
    {"OUT_OF_BOUNDS_NO_POE",
     {"证书现不在有效期内，且没有时间戳证明签名形成于有效期内",
      "the certificate is not in force now and no timestamp proves the signature older"}},
    {"OUT_OF_BOUNDS_NOT_REVOKED",
     {"签名形成时证书不在有效期内，但未被吊销", "the certificate was not in force when it signed, but not revoked"}},
    {"REVOCATION_OUT_OF_BOUNDS_NO_POE",
     {"吊销信息的签发证书不在有效期内，且没有时间证明",
      "the issuer of the revocation data is not in force and no time is proven"}},
    {"NO_POE", {"没有证据证明签名在所需时间之前已经存在", "nothing proves that the signature existed in time"}},
    {"TRY_LATER",
     {"目前没有可用的吊销信息，请稍后再验证", "no revocation data that could be used yet: try again later"}},
    {"SIGNED_DATA_NOT_FOUND", {"找不到被签署的数据", "the data that were signed are not there"}},
    {"NO_SIGNATURE_FOUND", {"文件中没有电子签名", "the file has no signature"}},
    {"GENERIC", {"验证未能完成", "the validation could not be completed"}},
};

constexpr Entry kLevels[] = {
    {"B", {"基本级：没有可信时间", "basic: no trusted time"}},
    {"T", {"时间级：含可信时间戳", "with a trusted time"}},
    {"LT", {"长期级：含时间戳、证书链和吊销信息", "long term: time, certificates and revocation data inside"}},
    {"LTA", {"归档级：全部验证材料再由时间戳固定", "archival: all of it fixed by a further timestamp"}},
};

constexpr Entry kRevocations[] = {
    {"good", {"未吊销", "not revoked"}},
    {"revoked", {"已吊销", "revoked"}},
    {"stale", {"吊销信息已过时", "the data are out of date"}},
    {"none", {"没有吊销信息", "no data"}},
    {"not_checked", {"未查询", "not checked"}},
};

constexpr Entry kModifications[] = {
    {"NONE", {"签署后没有变化", "nothing was changed"}},
    {"LTA_UPDATES", {"仅增加了验证材料或时间戳", "validation data or timestamps alone were added"}},
    {"FORM_FILLING", {"增加了其他签名或填写了被允许的表单项", "further signatures or permitted form values"}},
    {"ANNOTATIONS", {"增加了被允许的批注", "permitted comments"}},
    {"OTHER", {"有不被允许的改动", "changes that are not allowed"}},
};

constexpr Entry kChanges[] = {
    {"signature", {"签名", "signature"}},
    {"timestamp", {"时间戳", "timestamp"}},
    {"validation_data", {"验证材料", "validation data"}},
    {"metadata", {"元数据", "metadata"}},
    {"form_fill", {"填写表单", "form value"}},
    {"annotation", {"批注", "comment"}},
    {"forbidden", {"改动", "change"}},
};

constexpr Entry kLaw[] = {
    {"PASSED", {"符合", "met"}},
    {"INDETERMINATE", {"无法确定", "undetermined"}},
    {"FAILED", {"不符合", "not met"}},
};

// Beginnings of the verifier's sentences, the longer one first where one begins another; what follows stays as it is.
constexpr std::pair<std::string_view, std::string_view> kSentences[] = {
    {"the document's octets are not those that were signed", "文件内容与签署时不一致"},
    {"the timestamp is not over these octets", "时间戳不是对这些内容加盖的：内容在加盖之后发生了变化"},
    {"the timestamp's own content was changed", "时间戳自身的内容被改动"},
    {"the timestamp's content cannot be parsed", "时间戳的内容无法解析"},
    {"the timestamp's time lies in the future", "时间戳的时间晚于当前时间"},
    {"the timestamp is later than one that covers it", "时间戳晚于覆盖它的另一个时间戳"},
    {"the timestamp has no content", "时间戳没有内容"},
    {"the signature value does not verify with the signer's key", "签名值与签署人证书的公钥不符"},
    {"the signature was not made with the key of the certificate", "签名不是用证书对应的密钥生成的"},
    {"changed after signing: ", "签署后发生了不被允许的改动："},
    {"octets follow the signed revision that belong to no revision", "签署的版本之后有不属于任何版本的内容"},
    {"the signed revision does not contain this signature", "所签署的版本中并没有这个签名"},
    {"the CMS cannot be parsed", "签名数据无法解析"},
    {"ByteRange leaves out something else than its own Contents", "签名的覆盖范围漏掉了签名值以外的内容"},
    {"ByteRange does not end at the end of a revision", "签名的覆盖范围没有到达版本的末尾"},
    {"ByteRange", "签名的覆盖范围不合规："},
    {"Contents", "签名值的存放不合规："},
    {"signing-certificate-v2 names another certificate", "签名中声明的签名证书与实际证书不符"},
    {"signing-certificate names another certificate", "时间戳中声明的签名证书与实际证书不符"},
    {"the CMS does not hold its signer's certificate", "签名数据中没有签署人的证书"},
    {"the certificate is not for signatures", "证书的用途不包括签名"},
    {"the certificate is not one of a timestamp authority", "证书不是时间戳服务机构的证书"},
    {"no certification path to a trust anchor", "证书不能追溯到受信任的根证书"},
    {"a certificate of the path has expired", "证书链中有证书已过期，且没有时间戳证明签名形成于此前"},
    {"a certificate of the path is not yet valid", "证书链中有证书尚未生效"},
    {"a certificate revocation list is not signed by its issuer", "证书吊销列表不是由其颁发者签发的（被改动或伪造）"},
    {"an OCSP response is not signed by its responder", "在线证书状态应答不是由其应答者签发的（被改动或伪造）"},
    {"an OCSP response is not from a responder of the certificate's issuer",
     "在线证书状态应答不是由证书颁发者授权的应答者作出的"},
    {"the document's metadata", "文件的元数据"},
    {"the document security store's ", "文件中的验证材料（DSS）已损坏："},
    {"no revocation data in force for the certificate of ", "没有有效的吊销信息，证书持有人："},
    {"its timestamp: ", "其时间戳："},
    {"the document security store", "文件中的验证材料（DSS）"},
    {"its signature cannot be read", "其签名已损坏，无法读取"},
    {"the file is encrypted", "文件已加密"},
    {"the file has timestamps but no signature", "文件只有时间戳，没有签名"},
    {"the file has no signature", "文件中没有签名"},
    {"the signature value verifies over the signed attributes", "签名值经验证与被签属性一致"},
    {"the signed octets are unchanged and nothing follows them", "被签署的内容没有变化，其后也没有任何内容"},
    {"the signed revision is unchanged; every later change is listed", "被签署的版本没有变化，此后的每项变化均已列出"},
    {"the certificate was in force and not revoked at the time of signing", "签署时证书在有效期内且未被吊销"},
    {"the certificate was in force; its revocation was not asked", "证书在有效期内；未查询吊销状态"},
    {"not shown: ", "未能证明："},
    {", visible on page object ", "，在页面上可见（页面对象、面积）："},
    {"the document's properties", "文件属性"},
    {"the catalog was replaced by another object", "文件目录被替换"},
    {"the catalog changed its ", "文件目录被改动："},
    {"the interactive form", "交互表单被改动"},
    {"the document is certified against any change (P 1): ", "文件已声明不允许任何改动（P 1）："},
    {"a later revision removed the signature of the field ", "后来的版本去掉了签名，域："},
    {"something was added that covers so much of a page", "增加的内容遮盖页面过多，可能隐藏已签署的内容"},
    {"an unsigned signature field was laid over a page", "在页面上覆盖了未签署的签名域，可能遮盖已签署的内容"},
    {"a visible signature field was added to a certified document", "在已认证的文件上增加了可见的签名域"},
    {"the annotations of a page gained something else than a signature field", "页面上增加了签名域以外的批注"},
    {"the annotations of a page lost an element", "页面上的批注被去掉"},
};

// Sentences around a name; what follows them stays as it is, but for a further clause behind a comma.
struct Framed {
  std::string_view before, after, zhBefore, zhAfter;
};
constexpr Framed kFramed[] = {
    {"the field ", " was added", "增加了域 ", ""},
    {"the field ", " was signed", "签署了域 ", ""},
    {"the field ", " was set", "设置了域 ", ""},
    {"the field ", " was filled in: ", "填写了域 ", "："},
    {"the field ", " was locked by a signature and changed afterwards", "被签名锁定的域后来被改动：", ""},
    {"the field ", " was not empty when it was signed and was changed afterwards", "签署时已填写的域后来被改动：", ""},
    {"the unsigned field ", " changed its look: it may hide or replace what was signed",
     "未签署的域改变了外观，可能遮盖或替换已签署的内容：", ""},
    {"the signed field ", " was changed", "已签署的域被改动：", ""},
    {"page object ", " changed its /", "页面被改动，页面对象 ", " 的 /"},
    {"object ", " was changed", "被改动的对象：", ""},
    {"object ", " was deleted", "被删除的对象：", ""},
    {"what was added covers so much of page object ", " that it may hide it",
     "增加的内容遮盖页面过多，可能隐藏已签署的内容，页面对象 ", ""},
    {"the certificate of ", " comes from a trusted authority and names one holder",
     "证书由受信任的机构颁发，持有人唯一：", ""},
    {"the certificate of ", " is there in two forms: one was altered", "同一证书出现了两种内容，其一被改动：", ""},
    {"the certificate of ", " is not signed by its issuer", "证书不是由其颁发者签发的（被改动或伪造）：", ""},
    {"the certificate of ", " and nothing proves the signature older", "证书已被吊销，且没有时间戳证明签名形成于此前：",
     ""},
};

template <typename Table>
Words find(const Table& table, std::string_view key) {
  const auto found = std::find_if(std::begin(table), std::end(table), [&](const Entry& one) { return one.key == key; });
  return found == std::end(table) ? Words{} : found->words;
}

}  // namespace

Words wordsOf(signing::Indication indication) {
  static constexpr Words kWords[] = {
      {"验证通过", "valid"}, {"无法确定", "cannot be determined"}, {"验证未通过", "not valid"}};
  return kWords[static_cast<std::size_t>(indication)];
}

Words explanationOf(std::string_view subIndication) { return find(kSubIndications, subIndication); }
Words levelWords(std::string_view level) { return find(kLevels, level.substr(level.rfind('-') + 1)); }
Words revocationWords(std::string_view status) { return find(kRevocations, status); }
Words modificationWords(std::string_view level) { return find(kModifications, level); }
Words changeWords(std::string_view kind) { return find(kChanges, kind); }
Words lawWords(std::string_view verdict) { return find(kLaw, verdict); }

std::string chineseOf(const std::string& sentence) {
  for (const Framed& frame : kFramed) {
    const std::size_t end =
        sentence.starts_with(frame.before) ? sentence.find(frame.after, frame.before.size()) : sentence.npos;
    if (end == sentence.npos) continue;
    const std::string rest = sentence.substr(end + frame.after.size());
    const std::string inner = rest.starts_with(", ") ? chineseOf(rest) : std::string();
    return std::string(frame.zhBefore) + sentence.substr(frame.before.size(), end - frame.before.size()) +
           std::string(frame.zhAfter) + (inner.empty() ? rest : inner);
  }
  for (const auto& [english, chinese] : kSentences) {
    if (!sentence.starts_with(english)) continue;
    const std::string rest = sentence.substr(english.size());
    const std::string inner = chineseOf(rest);
    if (chinese.ends_with("：")) return std::string(chinese) + (inner.empty() ? rest : inner);
    return std::string(chinese);
  }
  return {};
}

}  // namespace qianda::contracts
