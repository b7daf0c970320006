#include "contracts/evidence/event_words.h"

#include <algorithm>

namespace qianda::contracts {

const std::vector<EventWords>& eventWords() {
  using enum EvidencePart;
  static const std::vector<EventWords> kWords{
      {"envelope.created", "创建签署任务", "created", kCourse},
      {"envelope.sent", "发起签署", "sent", kCourse},
      {"envelope.reminded", "催办", "reminded", kDelivery},
      {"envelope.completed", "各方签署完成，最终文件经回读验证", "completed, read back and verified", kCourse},
      {"envelope.declined", "拒绝签署", "declined", kCourse},
      {"envelope.revoked", "撤回", "revoked", kCourse},
      {"envelope.expired", "逾期未签", "expired", kCourse},
      {"envelope.erasure_ordered", "批准到期删除", "erasure approved", kCourse},
      {"envelope.erasure_refused", "依法留存，未予删除", "kept, not erased", kCourse},
      {"envelope.erased", "保存期满，已删除", "erased under the retention rule", kCourse},
      {"retention.end_noted", "登记合同终止日期", "end noted", kCourse},
      {"retention.hold_placed", "法律保全：禁止删除", "legal hold placed", kCourse},
      {"retention.hold_lifted", "解除法律保全", "legal hold lifted", kCourse},
      {"envelope.pending_timestamp", "等待可信时间戳", "waits for a timestamp", kCourse},
      {"envelope.pending_revocation", "等待证书状态信息", "waits for revocation data", kCourse},
      {"party.invited", "邀请签署", "invited", kCourse},
      {"party.viewed", "打开签署页面", "opened the page", kCourse},
      {"party.notice_acknowledged", "已阅读并确认签署须知", "acknowledged the pre-signing notice", kNotice},
      {"party.identity_checked", "实名信息核验", "identity checked", kIdentity},
      {"party.identity_mismatch", "实名信息不符", "identity differs", kIdentity},
      {"party.code_sent", "发送短信验证码", "code sent", kIdentity},
      {"party.code_confirmed", "短信验证码验证通过", "code confirmed", kIdentity},
      {"party.code_refused", "短信验证码错误", "code refused", kIdentity},
      {"party.face_checked", "人脸核验", "face checked", kIdentity},
      {"party.identified", "身份认证通过", "identified", kIdentity},
      {"party.reading_started", "开始阅读", "began to read", kWill},
      {"party.read", "已阅读全文", "read to the end", kWill},
      {"party.strokes_given", "手写签名", "wrote the name", kWill},
      {"party.willing", "确认签署意愿", "declared the will to sign", kWill},
      {"party.signed", "完成电子签名", "signed", kSignature},
      {"party.sealed", "加盖电子印章", "sealed", kSignature},
      {"party.signature_refused", "签名未能完成", "signature refused", kSignature},
      {"party.declined", "拒绝签署", "declined", kCourse},
      {"party.delegated", "委托他人签署", "delegated", kCourse},
      {"party.copy_fetched", "下载签署文本", "fetched the copy", kDelivery},
      {"party.paper_copy", "开具纸质文本", "paper copy made", kDelivery},
      {"notice.sent", "发送通知", "notice sent", kDelivery},
      {"envelope.downloaded", "用人单位下载文件", "downloaded by its owner", kDelivery},
      {"envelope.printed", "用人单位打印文件", "printed by its owner", kDelivery},
      {"party.link_renewed", "更新签署链接", "link renewed", kDelivery},
      {"evidence.exported", "导出证据包", "evidence exported", kDelivery},
  };
  return kWords;
}

const EventWords* findEventWords(std::string_view type) {
  const auto& words = eventWords();
  const auto found = std::find_if(words.begin(), words.end(), [&](const EventWords& one) { return one.type == type; });
  return found == words.end() ? nullptr : &*found;
}

}  // namespace qianda::contracts
