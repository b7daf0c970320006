// The ceremony on a phone. The service keeps the order: the page shows the step it names, sends what the worker did, and
// asks again whenever the two disagree. The link's secret stands in the fragment, which browsers send to nobody.
import { both, call, element, Fault, isEnglish, make, onLanguage, patiently, save, savesFiles, startLanguage } from './page.js';
import { closedBy, kSteps, wordsOf } from './words.js';
import { drawStrokes, Pad } from './pad.js';
import { Reader, sourceOf } from './reader.js';

const kSections = ['loading', 'notice', 'identity', 'code', 'face', 'reading', 'strokes', 'willingness', 'signing', 'done',
  'decline', 'closed', 'trouble'];
let secret = '', view = null, shown = 'loading', isBusy = false, isOnlyViewing = false;
let readUntil = 0, resendAt = 0, face = null, hasNoPages = false;

const ask = (method, path, body, kind) => call(secret, method, path, body, kind);
const pad = new Pad(element('pad'), padChanged);
const reader = new Reader(element('sheets'), sourceOf(ask), pageShown);

// Sections

function show(name) {
  const isOther = name !== shown;
  shown = name;
  kSections.forEach((one) => { element(one).hidden = one !== name; });
  if (name !== 'reading') reader.pause();
  const steps = Object.keys(kSteps).filter((step) => step !== 'face' || view && view.step === 'face');
  const at = steps.indexOf(name);
  element('progress').hidden = at < 0 || isOnlyViewing;
  if (at >= 0) {
    element('progress-bar').value = (at + 1) / steps.length;
    both(element('progress-words'), { zh: '第 ' + (at + 1) + ' 步，共 ' + steps.length + ' 步 · ' + kSteps[name].zh,
      en: 'Step ' + (at + 1) + ' of ' + steps.length + ' · ' + kSteps[name].en });
  }
  if (!isOther) return;
  complain(null);
  window.scrollTo(0, 0);
  const heading = element(name).querySelector('h1');
  if (heading) heading.focus();
}

function complain(fault, action) {
  const place = element(shown).querySelector('.error');
  if (!place) return;
  place.textContent = '';
  if (!fault) return;
  both(place, fault.zh ? fault : wordsOf(fault, action));
  place.scrollIntoView({ block: 'nearest' });
}

function close(code) {
  const words = closedBy(code);
  if (!words) return false;
  both(element('closed-title'), words[0]);
  both(element('closed-meaning'), words[1]);
  both(element('closed-next'), words[2]);
  reader.close();
  show('closed');
  return true;
}

// One thing at a time: a second tap while the first is on its way does nothing.
async function busily(button, action, work) {
  if (isBusy) return;
  isBusy = true;
  if (button) button.disabled = true;
  complain(null);
  try {
    await work();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    await meet(fault, action);
  } finally {
    isBusy = false;
    if (button) button.disabled = false;
    refreshButtons();
  }
}

// A link that ended closes the page; a step that moved on meanwhile (a lost answer, another device) is followed.
async function meet(fault, action) {
  if (fault.code === 'unauthenticated') { close('unauthenticated'); return; }
  const isUncertain = fault.code === 'conflict' || fault.code === 'network' && action !== 'look';
  if (isUncertain) {
    try {
      const now = await ask('GET', '/ceremony');
      const wasAt = shown;
      if (now.step !== (view && view.step)) {
        view = now;
        showStep();
        if (shown !== wasAt) return;
      }
    } catch (other) {
      if (other instanceof Fault && close(other.code)) return;
    }
  }
  if (close(fault.code)) return;
  complain(fault, action);
}

async function look() {
  if (!secret) { close('unauthenticated'); return; }
  try {
    view = await patiently(() => ask('GET', '/ceremony'));
    showStep();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    if (close(fault.code)) return;
    show('trouble');
    complain(fault, 'look');
  }
}

// Steps

const day = (text) => text.replace('T', ' ').replace(/:\d\d(\.\d+)?Z$/, ' UTC');
function localTime(text) {
  const time = new Date(text);
  if (!(time.getTime() > 0)) return '';
  const two = (number) => (number < 10 ? '0' : '') + number;
  return isNaN(time) ? day(text) : time.getFullYear() + '-' + two(time.getMonth() + 1) + '-' + two(time.getDate()) + ' ' +
    two(time.getHours()) + ':' + two(time.getMinutes());
}
const masked = (name) => Array.from(name).map((one, index) => (index === 0 ? one : '*')).join('');
function paragraphs(node, words) {
  node.textContent = '';
  const zh = words.zh.replace(/([。；])/g, '$1\n').split('\n'), en = words.en.replace(/([.;]) /g, '$1\n').split('\n');
  zh.forEach((line) => { if (line) node.appendChild(make('p', 'zh')).textContent = line; });
  en.forEach((line) => { if (line) node.appendChild(make('p', 'en')).textContent = line; });
}

const enter = {
  notice() {
    element('fact-title').textContent = view.envelope.title;
    element('fact-employer').textContent = view.organisations.join('、') || '—';
    element('fact-signer').textContent = masked(view.party.display_name);
    element('fact-expires').textContent = localTime(view.envelope.expires) || '—';
    paragraphs(element('notice-words'), view.notice);
    if (window.innerWidth < 700) return;
    ask('GET', '/ceremony/qr', null, 'blob').then((code) => {
      element('scan-code').src = URL.createObjectURL(code);
      element('scan').hidden = false;
    }, () => { /* the page does without */ });
  },
  code() {
    both(element('code-sent'), { zh: '验证码已发送至 ' + view.party.phone + '，五分钟内有效。', en: 'A code was sent to ' + view.party.phone + '; it lasts five minutes.' });
  },
  reading() { openReading(); },
  strokes() {
    const name = view.party.display_name;
    both(element('strokes-whose'), { zh: '请用手指在框内书写：' + name + '', en: 'Write “' + name + '” in the box with your finger.' });
    pad.fit();
  },
  willingness() {
    both(element('will-words'), view.willingness);
    const names = document.querySelectorAll('.confirmation');
    for (let i = 0; i < names.length; ++i) names[i].textContent = view.confirmation;
    element('will-typed').hidden = view.needs_code_for_willingness;
    element('will-coded').hidden = !view.needs_code_for_willingness;
    element('preview-place').hidden = pad.strokes.length === 0;
    drawStrokes(element('preview'), pad.strokes);
  },
  signing() { setTimeout(() => { if (shown === 'signing') look(); }, 2000); },
  done() { showDone(); },
};

function showStep() {
  isOnlyViewing = false;
  element('development').hidden = !view.development;
  show(view.step);
  if (enter[view.step]) enter[view.step]();
  refreshButtons();
}

// Takes the answer of a step and goes where it says.
const take = (answer) => { view = answer; showStep(); };

// Reading

async function openReading() {
  hasNoPages = false;
  refreshButtons();
  try {
    if (view.pages_read.length === 0) {
      await reader.source.fetchPage(1);  // starts the reading; then the service knows how many pages there are
      view = await patiently(() => ask('GET', '/ceremony'));
    }
    readUntil = Date.now() + view.reading_left_ms;
    if (shown !== 'reading') return;
    reader.open(view.pages_read);
    refreshButtons();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    hasNoPages = true;
    await meet(fault, 'page');
    refreshButtons();
  }
}
function pageShown() {
  refreshButtons();
  // So that a reading that is broken off goes on where it was; the last word is the button's.
  if (!isOnlyViewing && !reader.isRead()) ask('POST', '/ceremony/pages', { pages: reader.seen() }).catch(() => {});
}
async function readOn() {
  if (isOnlyViewing) { look(); return; }
  if (hasNoPages) { complain(null); openReading(); return; }
  if (!reader.isRead()) { reader.forward(); return; }
  await busily(element('read-on'), 'read', async () => {
    const answer = await ask('POST', '/ceremony/pages', { pages: reader.seen() });
    if (answer.step !== 'reading') { take(answer); return; }
    view = answer;
    readUntil = Date.now() + Math.max(500, answer.reading_left_ms);
  });
}
function refreshReading() {
  if (shown !== 'reading') return;
  const button = element('read-on'), all = reader.pages.length, seen = reader.seen().length;
  const left = Math.ceil((readUntil - Date.now()) / 1000);
  let words = { zh: '继续阅读（已读 ' + seen + ' / ' + all + ' 页）', en: 'Read on (' + seen + ' of ' + all + ' pages)' };
  if (all === 0) words = hasNoPages ? { zh: '重新载入', en: 'Load it again' } : { zh: '载入中…', en: 'Loading…' };
  if (reader.isRead()) words = left > 0 ? { zh: '请再阅读 ' + left + ' 秒', en: 'Read for ' + left + ' more seconds' } : { zh: '我已读完全文，下一步', en: 'I have read it all, go on' };
  if (isOnlyViewing) words = { zh: '返回', en: 'Back' };
  both(button, words);
  button.disabled = isBusy || all === 0 && !hasNoPages || !isOnlyViewing && reader.isRead() && left > 0;
}

// Buttons whose words or state follow from elsewhere; also called each second.
function refreshButtons() {
  refreshReading();
  const left = Math.ceil((resendAt - Date.now()) / 1000);
  for (const id of ['resend', 'will-send']) {
    const button = element(id);
    button.disabled = isBusy || left > 0;
    const first = id === 'will-send' && resendAt === 0;
    both(button, left > 0 ? { zh: left + ' 秒后可重新获取', en: 'Again in ' + left + ' seconds' } : { zh: first ? '获取短信验证码' : '重新获取验证码', en: first ? 'Send me a code' : 'Send another code' });
  }
  padChanged();
}
function padChanged() {
  element('undo').disabled = element('clear').disabled = !pad || pad.strokes.length === 0;
  if (pad && pad.current && shown === 'strokes') complain(null);
}

// The end

function showDone() {
  const isWhole = view.envelope.state === 'completed';
  both(element('done-words'), isWhole ? { zh: '各方均已签署，合同成立。', en: 'All parties have signed; the contract is concluded.' }
    : view.envelope.state === 'revoked' || view.envelope.state === 'expired' || view.envelope.state === 'declined'
      ? { zh: '您已签署，但合同随后终止办理（' + view.envelope.state + '），没有成立。请联系用人单位。', en: 'You signed, but the envelope ended later (' + view.envelope.state + '): there is no contract. Ask your employer.' }
      : { zh: '您已签署，正在等待其他签署人。全部完成后会有短信通知您。', en: 'You have signed; others have not yet. You get a message when all have.' });
  const list = element('done-facts');
  list.textContent = '';
  const fact = (words, value, name) => {
    if (!value) return;
    list.appendChild(make('dt', '', words));
    list.appendChild(make('dd', name)).textContent = value;
  };
  fact({ zh: '合同', en: 'Contract' }, view.envelope.title);
  fact({ zh: '用人单位', en: 'Employer' }, view.organisations.join('、'));
  fact({ zh: '编号', en: 'Number' }, view.envelope.id, 'hash');
  fact({ zh: '文件摘要（SHA-256）', en: 'SHA-256 of the file' }, view.sha256, 'hash');
  element('download').hidden = element('paper').hidden = !isWhole;
  element('wechat').hidden = savesFiles || !isWhole;
  if (!isWhole) setTimeout(() => { if (shown === 'done' && document.visibilityState !== 'hidden') look(); }, 8000);
}
async function fetchAndSave(button, path, method, name) {
  await busily(button, 'copy', async () => {
    save(await patiently(() => ask(method, path, null, 'blob')), name);
    if (!savesFiles) element('wechat').hidden = false;
  });
}

// What people do

function filled(ids) {
  let first = null;
  for (const id of ids) {
    const isEmpty = element(id).value.trim() === '';
    element(id).setAttribute('aria-invalid', String(isEmpty));
    if (isEmpty && !first) first = element(id);
  }
  if (!first) return true;
  complain({ zh: '请填写此项。', en: 'Please fill this in.' });
  first.focus();
  return false;
}
const value = (id) => element(id).value.replace(/\s+/g, '');

function toggle(button, name) {
  button.setAttribute('aria-pressed', String(element('sheets').classList.toggle(name)));
  reader.look();
}

const act = {
  acknowledge: (button) => busily(button, 'notice', async () => take(await ask('POST', '/ceremony/notice', { version: view.notice.version }))),
  resend: (button) => busily(button, 'resend', async () => {
    await ask('POST', '/ceremony/code');
    resendAt = Date.now() + 60000;
  }),
  correct() { show('identity'); },
  face: (button) => busily(button, 'face', async () => take(await ask('POST', '/ceremony/face', face))),
  enlarge: (button) => toggle(button, 'large'),
  text: (button) => toggle(button, 'as-text'),
  'open-pdf': (button) => fetchAndSave(button, isOnlyViewing && view.envelope.state === 'completed' ? '/ceremony/copy' : '/ceremony/document', 'GET', view.envelope.id + '.pdf'),
  'read-on': readOn,
  undo() { pad.undo(); },
  clear() { pad.clear(); },
  strokes(button) {
    if (!pad.isWritten()) { complain({ zh: '请先在框内手写您的姓名。', en: 'Write your name in the box first.' }); return; }
    busily(button, 'strokes', async () => take(await ask('POST', '/ceremony/strokes', { strokes: pad.framed() })));
  },
  rewrite() { show('strokes'); enter.strokes(); },
  'will-code': (button) => busily(button, 'resend', async () => {
    await ask('POST', '/ceremony/willingness/code');
    resendAt = Date.now() + 60000;
  }),
  download: (button) => fetchAndSave(button, '/ceremony/copy', 'GET', view.envelope.id + '.pdf'),
  paper: (button) => fetchAndSave(button, '/ceremony/paper', 'POST', view.envelope.id + '-paper.pdf'),
  view() {
    isOnlyViewing = true;
    show('reading');
    reader.open(view.pages_read.map(() => true));
    refreshButtons();
  },
  'ask-decline'() { show('decline'); },
  back() { showStep(); },
  again() { look(); },
};
document.addEventListener('click', (event) => {
  for (let node = event.target; node && node !== document; node = node.parentNode) {
    if (node.tagName === 'BUTTON' && node.dataset.do) { act[node.dataset.do](node); return; }
  }
});

// What was said about a field is over once it is being changed.
document.addEventListener('input', (event) => {
  complain(null);
  event.target.removeAttribute('aria-invalid');
});

function onSubmit(id, run) {
  element(id).addEventListener('submit', (event) => {
    event.preventDefault();
    run(element(id).querySelector('[type=submit]'));
  });
}
onSubmit('identity-form', (button) => {
  if (!filled(['name', 'id-number', 'phone'])) return;
  busily(button, 'identity', async () => {
    const claim = { name: element('name').value.trim(), id_number: value('id-number').toUpperCase(), phone: value('phone') };
    const answer = await ask('POST', '/ceremony/identity', claim);
    resendAt = Date.now() + 60000;
    take(answer);
  });
});
onSubmit('code-form', (button) => {
  if (!filled(['code-digits'])) return;
  busily(button, 'code', async () => {
    const answer = await ask('POST', '/ceremony/code/confirm', { code: value('code-digits') });
    element('code-digits').value = '';
    resendAt = 0;
    take(answer);
  });
});
onSubmit('will-form', (button) => {
  const isCoded = view.needs_code_for_willingness;
  if (!filled([isCoded ? 'will-code' : 'confirmation'])) return;
  busily(button, 'willing', async () => {
    const given = { version: view.willingness.version };
    if (isCoded) given.code = value('will-code');
    else given.confirmation = value('confirmation').replace(/[。.！!]+$/, '');
    take(await ask('POST', '/ceremony/willingness', given));
  });
});
onSubmit('decline-form', (button) => {
  if (!filled(['reason'])) return;
  busily(button, 'decline', async () => {
    await ask('POST', '/ceremony/decline', { reason: element('reason').value.trim() });
    close('envelope_declined');
  });
});

// A phone's picture is larger than the check needs: 1280 pixels, JPEG.
element('face-file').addEventListener('change', (event) => {
  const file = event.target.files[0];
  if (!file) return;
  const picture = new Image();
  picture.onload = () => {
    const scale = Math.min(1, 1280 / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => {
      face = blob;
      element('face-preview').src = URL.createObjectURL(blob);
      element('face-preview').hidden = false;
      element('face-send').disabled = false;
    }, 'image/jpeg', 0.9);
  };
  picture.onerror = () => complain({ code: 'media_type' }, 'face');
  picture.src = URL.createObjectURL(file);
});

function start() {
  const given = location.hash.slice(1);
  if (given === secret && view) return;
  secret = given;
  view = null;
  reader.close();
  pad.clear();
  show('loading');
  look();
}
for (const name of ['online', 'offline']) {
  window.addEventListener(name, () => { element('offline').hidden = navigator.onLine !== false; });
}
onLanguage(() => { document.title = isEnglish() ? 'Sign your contract · Qianda' : '签署合同 · 签达'; });
startLanguage();
setInterval(refreshButtons, 1000);
window.addEventListener('hashchange', start);
start();
