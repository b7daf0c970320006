// What people are told when something does not work, in both languages: what happened and what to do next. Keyed by the
// problem's code, and where the same code means different things, by the action before it.
const pair = (zh, en) => ({ zh, en });

const kFaults = {
  'identity/invalid_input': pair(
    '姓名、证件号码或手机号码与合同上的签署人不一致，或未通过核验。请逐项核对后再试；如果合同上的信息有误，请联系用人单位。',
    'Name, ID number or phone are not those of the signer, or were not confirmed. Check each and try again; if the contract has them wrong, tell your employer.'),
  'identity/conflict': pair(
    '操作过于频繁：验证码每分钟只能获取一次，信息填错五次后需等待一小时。您填写的内容已保留，请稍后再试。',
    'Too often: one code a minute, and after five wrong statements an hour of waiting. What you typed is kept; try again later.'),
  'resend/conflict': pair('验证码刚刚发送过，或一小时内已发送五次。请稍候再获取。',
    'A code was sent just now, or five within the hour. Wait before asking for another.'),
  'code/invalid_input': pair('验证码不正确、已用过或已过期。请输入最新一条短信中的六位数字；输错五次后请重新获取。',
    'The code is wrong, used or over. Type the six digits of the newest message; after five wrong ones ask for another.'),
  'face/invalid_input': pair('未能确认是您本人。请在光线充足处正对镜头，重新拍摄。',
    'We could not tell that it is you. Take the picture again in good light, facing the camera.'),
  'face/media_type': pair('请使用照片（JPEG 或 PNG）。', 'Use a photo (JPEG or PNG).'),
  'strokes/invalid_input': pair('签名太短，无法辨认。请清除后重新书写您的姓名。',
    'The signature is too short. Clear it and write your name again.'),
  'willing/invalid_input': pair('确认文字或验证码不正确。请按提示完整输入后再试。',
    'The words or the code are not right. Type them as shown and try again.'),
  'access/conflict': pair('查询过于频繁。请稍后再试。', 'Too many requests. Try again later.'),
  'open/invalid_input': pair('验证码不正确或已过期，或信息与合同不一致。请核对后重试。',
    'The code is wrong or over, or the details do not fit. Check and try again.'),
  'copy/conflict': pair('合同尚未完成全部签署，完成后即可下载。', 'Not everybody has signed yet; the copy comes after that.'),
  login_failed: pair('登录名或密码不正确。', 'Name or password are wrong.'),
  code_wrong: pair('动态口令不正确。请输入当前的六位数字。', 'The code is wrong. Type the present six digits.'),
  password_wrong: pair('原密码不正确。', 'The present password is wrong.'),
  'change/body_invalid': pair('新密码不合要求。', 'The new password does not fit the rules.'),
  unauthenticated: pair('登录已结束，请重新登录。', 'The session is over; log in again.'),
  forbidden: pair('您的角色不能做这件事。', 'Your role may not do this.'),
  seal: pair('这枚印章现在不能用：没有您的用印授权，或授权、印章已失效。请联系印章保管人。',
    'This seal cannot be used now: there is no grant for you, or grant or seal have ended. Ask the keeper of the seal.'),
  'envelope/conflict': pair('合同的状态已经变化，请刷新后再试。', 'Its state has changed; load the list again.'),
  unsupported: pair('这个文件或模板不能这样办理。', 'This file or template is not handled this way.'),
  invalid_input: pair('提交的内容有误。请检查后再试。', 'Something given is wrong. Check it and try again.'),
  network: pair('网络不通。您填写的内容都已保留，请检查网络后再点一次。',
    'No connection. Everything you entered is kept; check the network and tap again.'),
  overloaded: pair('现在办理的人较多。请稍等几秒后再点一次，您填写的内容已保留。',
    'Many people are signing. Wait a few seconds and tap again; what you entered is kept.'),
  unavailable: pair('核验或签名服务暂时没有应答。请稍后再点一次，您填写的内容已保留。',
    'A service this needs does not answer. Tap again a little later; what you entered is kept.'),
  rate_limited: pair('操作过于频繁。请稍等一分钟再试。', 'Too many requests. Wait a minute and try again.'),
  too_many_requests: pair('操作过于频繁。请稍等一分钟再试。', 'Too many requests. Wait a minute and try again.'),
  body_too_large: pair('文件太大。请换一张较小的照片。', 'The file is too large. Use a smaller picture.'),
  body_invalid: pair('有内容未填写或过长。请检查后再试。', 'Something is missing or too long. Check it and try again.'),
  conflict: pair('这一步已经变化，请按页面提示继续。', 'This step has changed; go on as the page says.'),
  internal: pair('系统出现问题，本次操作没有完成。您填写的内容已保留，请稍后再试；多次出现请联系用人单位。',
    'The service failed and nothing was done. What you entered is kept; try later, and tell your employer if it goes on.'),
};
export function wordsOf(fault, action) {
  return kFaults[action + '/' + fault.code] || kFaults[fault.code] || (fault.code.indexOf('seal_') === 0 ? kFaults.seal : kFaults.internal);
}

// Why a link opens nothing: title, what it means, what to do.
const kClosed = {
  unauthenticated: [pair('这个链接已失效', 'This link no longer works'),
    pair('链接不完整、已过有效期，或已被新的链接取代。', 'It is not whole, its time is over, or a newer one has replaced it.'),
    pair('请打开最近一条短信中的链接；如果没有，请联系用人单位重新发送。已签署的合同可随时在“我的合同”中查看。',
      'Open the link of the newest message, or ask your employer to send another. What you signed is under "My contracts" at any time.')],
  envelope_revoked: [pair('合同已被用人单位撤回', 'The employer withdrew the contract'),
    pair('这份合同不能再签署，您不需要做任何操作。', 'It can no longer be signed. You need not do anything.'),
    pair('如有疑问，请联系用人单位；重新发起后您会收到新的短信。', 'Ask your employer if in doubt; a new contract comes with a new message.')],
  envelope_declined: [pair('合同已被拒签', 'The contract was declined'),
    pair('有签署人拒绝签署，这份合同没有成立。', 'A party declined to sign; there is no contract.'),
    pair('用人单位会收到拒签的理由。双方商定后可以重新发起。', 'Your employer is told the reason. It can be sent anew once you have agreed.')],
  envelope_expired: [pair('签署期限已过', 'The time to sign is over'),
    pair('这份合同已超过签署截止时间，不能再签署。', 'The deadline has passed; it can no longer be signed.'),
    pair('请联系用人单位重新发起。', 'Ask your employer to send it anew.')],
  not_your_turn: [pair('还没有轮到您签署', 'It is not your turn yet'),
    pair('需要其他签署人先完成，或已改由他人签署。', 'Others sign first, or somebody else signs in your place.'),
    pair('轮到您时会有短信通知，请届时再打开链接。', 'You get a message when it is your turn; open the link then.')],
};
export const closedBy = (code) => kClosed[code];

export const kSteps = {
  notice: pair('签署须知', 'Before you sign'),
  identity: pair('核验身份', 'Who you are'),
  code: pair('短信验证', 'Code by SMS'),
  face: pair('人脸核验', 'Your face'),
  reading: pair('阅读合同', 'Read the contract'),
  strokes: pair('手写签名', 'Your signature'),
  willingness: pair('确认签署', 'Confirm'),
};
