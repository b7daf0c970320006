#include "contracts/ceremony/rules.h"

#include <array>

namespace qianda::contracts {

std::string_view nameOf(Step step) {
  static constexpr std::array<std::string_view, 9> kNames{"notice",  "identity",    "code",    "face", "reading",
                                                          "strokes", "willingness", "signing", "done"};
  return kNames.at(static_cast<std::size_t>(step));
}

const CeremonyText& preSigningNotice() {
  static const CeremonyText text{
      "2026-11-1",
      "您将通过电子劳动合同订立平台与用人单位订立合同。流程：一、核验您的身份（姓名、证件号码、手机号码及短信验证码）；"
      "二、阅读合同全文；三、手写签名；四、确认签署意愿；五、由依法设立的电子认证服务机构为您本次签署签发数字证书并完成"
      "电子签名，"
      "同时加盖可信时间戳。请在确认内容无误后签署；签署前您可以拒绝并说明理由。请勿将签署链接和验证码告诉任何人，包括用"
      "人单位。"
      "合同订立后，您可以随时凭身份核验免费查看、下载、打印合同全文，不受用人单位账号影响。以上服务不向您收取任何费用"
      "。",
      "You are about to conclude a contract with your employer on an electronic contract platform. Steps: (1) your "
      "identity is verified (name, identity number, phone and a code by SMS); (2) you read the whole text; (3) you "
      "sign "
      "by hand; (4) you confirm that you want to sign; (5) a certificate is issued to you for this signature alone, "
      "and "
      "the contract is signed with a trusted timestamp. Sign only if the content is right; before that you may decline "
      "and say why. Give the link and the code to nobody, your employer included. Afterwards you may view, download "
      "and "
      "print the whole contract at any time, whatever becomes of the employer's account. None of this costs you "
      "anything."};
  return text;
}

const CeremonyText& willingnessText() {
  static const CeremonyText text{
      "2026-11-1",
      "我已阅读并理解合同全文，自愿以电子签名方式签署本合同，同意该电子签名与本人手写签名具有同等法律效力。",
      "I have read and understood the whole contract, sign it of my own will by electronic signature, and agree that "
      "this signature has the same legal effect as my handwritten one."};
  return text;
}

}  // namespace qianda::contracts
