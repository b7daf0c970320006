// The page of public verification: hashes the chosen file here (WebCrypto), sends it, shows what the server says.
'use strict';
const element = (id) => document.getElementById(id);

function setLanguage(language) {
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
  try { localStorage.setItem('language', language); } catch { /* storage may be forbidden */ }
}
element('language').addEventListener('click', () => setLanguage(document.documentElement.lang === 'en' ? 'zh' : 'en'));
let wanted = new URLSearchParams(location.search).get('lang');
try { wanted = wanted || localStorage.getItem('language'); } catch { /* as above */ }
if (wanted === 'en') setLanguage('en');

// Texts in both languages; the stylesheet shows one.
function both(parent, zh, en) {
  for (const [name, text] of [['zh', zh], ['en', en]]) {
    const span = document.createElement('span');
    span.className = name;
    span.textContent = text;
    parent.append(span);
  }
  return parent;
}
function clear(id, className) {
  const node = element(id);
  node.textContent = '';
  node.className = className || '';
  return node;
}
function fact(list, zh, en, value, className) {
  if (!value) return;
  list.append(both(document.createElement('dt'), zh, en));
  const dd = document.createElement('dd');
  dd.textContent = value;
  dd.className = className || '';
  list.append(dd);
}
const tones = { TOTAL_PASSED: 'good', INDETERMINATE: 'doubt', TOTAL_FAILED: 'bad' };

async function hashOf(octets) {
  if (!window.crypto || !crypto.subtle) return null;
  const digest = await crypto.subtle.digest('SHA-256', octets);
  return Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function showVerdict(answer) {
  const node = clear('verdict', tones[answer.indication] || 'doubt');
  both(node, answer.summary.zh, answer.summary.en);
  const known = clear('known');
  const list = document.createElement('dl');
  if (answer.known) {
    both(known.appendChild(document.createElement('h2')), '平台记录', 'What this service knows');
    fact(list, '状态', 'State', answer.known.state_zh + ' ' + answer.known.state);
    fact(list, '版本', 'Revision', answer.known.revision + ' / ' + answer.known.latest_revision);
    fact(list, '形成时间', 'Made at', answer.known.revision_at);
  } else {
    both(known.appendChild(document.createElement('p')), '本平台没有这份文件的记录（不影响签名结论）。',
      'This service has no record of these octets (the verdict on the signatures stands on its own).');
  }
  known.append(list);
  const signatures = clear('signatures');
  for (const one of answer.signatures) {
    const heading = signatures.appendChild(document.createElement('h2'));
    both(heading, '签名 ' + one.field, 'Signature ' + one.field);
    const facts = signatures.appendChild(document.createElement('dl'));
    fact(facts, '结论', 'Verdict', one.indication + (one.sub_indication ? ' / ' + one.sub_indication : ''), tones[one.indication]);
    fact(facts, '签署人', 'Signer', one.signer);
    fact(facts, '单位', 'Organisation', one.organisation);
    fact(facts, '证书颁发机构', 'Issuer', one.issuer);
    fact(facts, '算法', 'Algorithm', one.algorithm);
    fact(facts, '级别', 'Level', one.level);
    fact(facts, '证明的时间', 'Proven time', one.best_signature_time);
    fact(facts, '原因', 'Reason', one.reason);
  }
}

async function verify(file) {
  element('hashes').hidden = false;
  element('name').textContent = file.name + ' (' + file.size + ')';
  for (const id of ['local', 'remote', 'same', 'verdict', 'known', 'signatures']) clear(id, id === 'local' || id === 'remote' ? 'hash' : '');
  const octets = await file.arrayBuffer();
  const local = await hashOf(octets);
  if (local) element('local').textContent = local;
  else both(element('local'), '此浏览器在这个地址不能计算', 'not available in this browser at this address');
  both(clear('verdict', 'doubt'), '正在验证……', 'Verifying ...');
  try {
    const response = await fetch('/api/v1/verification', {
      method: 'POST', headers: { 'Content-Type': 'application/pdf' }, body: octets });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail || String(response.status));
    element('remote').textContent = answer.sha256;
    if (local) {
      const same = clear('same', local === answer.sha256 ? 'good' : 'bad');
      if (local === answer.sha256) both(same, '一致', 'are the same');
      else both(same, '不一致：传输中内容被改变', 'differ: the octets changed on their way');
    }
    showVerdict(answer);
  } catch (error) {
    both(clear('verdict', 'bad'), '未能验证：' + error.message, 'Could not be verified: ' + error.message);
  }
}
element('file').addEventListener('change', (event) => {
  if (event.target.files.length > 0) verify(event.target.files[0]);
});
