// HR's console: a roster is checked, becomes a batch and is followed; envelopes are listed, sent, reminded of, withdrawn and
// fetched. Workers' links never come here: the service sends them to the workers and to nobody else.
import { both, call, element, Fault, make, patiently, startLanguage } from './page.js';
import { wordsOf } from './words.js';

const kStates = {
  draft: ['草稿', 'draft'], sent: ['已发送', 'sent'], viewed: ['已打开', 'opened'], signed: ['部分已签', 'partly signed'],
  pending_timestamp: ['等待时间戳', 'waits for a timestamp'], pending_revocation: ['等待吊销信息', 'waits for revocation data'],
  completed: ['已完成', 'completed'], declined: ['已拒签', 'declined'], revoked: ['已撤回', 'withdrawn'], expired: ['已过期', 'expired'],
};
const kPartyStates = {
  waiting: ['未到', 'waits'], invited: ['待签', 'invited'], viewed: ['已打开', 'opened'], identified: ['已核验', 'identified'],
  willing: ['签署中', 'signing'], signed: ['已签', 'signed'], declined: ['已拒签', 'declined'], delegated: ['已转交', 'delegated'],
};
const kBatchStates = {
  accepted: ['已受理', 'accepted'], running: ['签发中', 'running'], pending_timestamp: ['等待时间戳', 'waits for a timestamp'],
  pending_revocation: ['等待吊销信息', 'waits for revocation data'], complete: ['已完成', 'complete'], cancelled: ['已停止', 'stopped'],
  stopped: ['印章授权已失效', 'the seal or its grant ended'], failed: ['失败', 'failed'],
};
const kSections = ['login', 'factor', 'change', 'unfit', 'batch', 'list'];
const session = { csrf: '' };
let may = [], shown = 'login', isBusy = false, password = '', roster = null, key = '', next = null, events = null, batch = '';
const named = (table, name) => { const words = table[name] || [name, name]; return { zh: words[0], en: words[1] }; };
const ask = (method, path, body, kind, more) => call(session, method, path, body, kind, more);

function show(name) {
  shown = name;
  kSections.forEach((one) => { element(one).hidden = one !== name; });
  const isWork = name === 'batch' || name === 'list';
  element('work').hidden = !isWork;
  element('log-out').hidden = name === 'login';
  element('to-batch').setAttribute('aria-current', name === 'batch' ? 'page' : 'false');
  element('to-list').setAttribute('aria-current', name === 'list' ? 'page' : 'false');
  complain(null);
  element(name).querySelector('h1').focus();
}
function complain(words) {
  const place = element(shown).querySelector('.error');
  place.textContent = '';
  if (words) both(place, words);
}
async function busily(button, action, work) {
  if (isBusy) return;
  isBusy = button.disabled = true;
  complain(null);
  try {
    await work();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    if (fault.code === 'unauthenticated' && shown !== 'login') show('login');
    const places = (fault.problem.places || []).map((place) => place.pointer + ' ' + place.message).join('; ');
    const words = wordsOf(fault, action);
    complain(places ? { zh: words.zh + '（' + places + '）', en: words.en + ' (' + places + ')' } : words);
  } finally {
    isBusy = button.disabled = false;
  }
}

// Who

async function enter(answer) {
  session.csrf = answer.csrf_token;
  may = answer.permissions;
  if (answer.stage === 'second_factor') { show('factor'); return; }
  if (answer.stage === 'password') { show('change'); return; }
  password = '';
  if (answer.stage !== 'full' || may.indexOf('envelopes:read') < 0) { show('unfit'); return; }
  const canBatch = may.indexOf('batches:write') >= 0;
  element('to-batch').hidden = !canBatch;
  if (!canBatch) { show('list'); await list(true); return; }
  show('batch');
  const [templates, seals] = await Promise.all([patiently(() => ask('GET', '/templates')), patiently(() => ask('GET', '/seals'))]);
  fill('template', templates.items.map((one) => [one.id, one.title]));
  fill('seal', seals.items.filter((one) => one.state === 'active').map((one) => [one.id, one.name]));
  chooseTemplate();
}
function fill(id, options) {
  element(id).textContent = '';
  for (const option of options) {
    const node = make('option');
    node.value = option[0];
    node.textContent = option[1];
    element(id).appendChild(node);
  }
}
function onSubmit(id, action, work) {
  element(id).addEventListener('submit', (event) => {
    event.preventDefault();
    busily(element(id).querySelector('[type=submit]'), action, work);
  });
}
onSubmit('login-form', 'login', async () => {
  password = element('password').value;
  const answer = await ask('POST', '/login', { login: element('login-name').value.trim(), password });
  element('password').value = '';
  await enter(answer);
});
onSubmit('factor-form', 'factor', async () => {
  const answer = await ask('POST', '/me/second-factor', { code: element('factor-code').value.replace(/\s+/g, '') });
  element('factor-code').value = '';
  await enter(answer);
});
onSubmit('change-form', 'change', async () => {
  const answer = await ask('POST', '/me/password', { password, new_password: element('new-password').value });
  element('new-password').value = '';
  await enter(answer);
});
element('log-out').addEventListener('click', () => busily(element('log-out'), 'logout', async () => {
  await ask('POST', '/logout');
  if (events) events.close();
  session.csrf = '';
  show('login');
}));

// A batch

function chooseTemplate() {
  element('roster-form').href = '/api/v1/templates/' + encodeURIComponent(element('template').value) + '/roster';
  forget();
}
// What was checked is no longer what would be sent.
function forget() {
  roster = null;
  element('verdict').hidden = true;
}
function address(isCheck) {
  const given = { template: element('template').value, signing_order: element('order').value };
  if (isCheck) given.validate_only = 'true';
  else given.seal = element('seal').value;
  if (element('deadline').value) given.deadline = element('deadline').value;
  return '/batches?' + Object.keys(given).map((name) => name + '=' + encodeURIComponent(given[name])).join('&');
}
function showVerdict(answer) {
  const isValid = answer.fault_count === 0;
  element('verdict').hidden = false;
  both(element('verdict-words'), isValid
    ? { zh: '名单共 ' + answer.rows + ' 行，没有错误' + (answer.warning_count ? '，有 ' + answer.warning_count + ' 处提醒。' : '。'), en: answer.rows + ' rows, nothing wrong' + (answer.warning_count ? ', ' + answer.warning_count + ' warnings.' : '.') }
    : { zh: '名单共 ' + answer.rows + ' 行，有 ' + answer.fault_count + ' 处错误，什么都没有签发。请更正后重新选择文件。', en: answer.rows + ' rows, ' + answer.fault_count + ' faults; nothing was made. Correct the file and choose it again.' });
  const place = element('faults');
  place.textContent = '';
  const all = answer.faults.concat(answer.warnings || []);
  if (all.length > 0) {
    const table = make('table'), head = table.appendChild(make('thead')).appendChild(make('tr')), body = table.appendChild(make('tbody'));
    for (const words of [['行', 'Row'], ['字段', 'Field'], ['填写的内容', 'Value'], ['问题', 'What is wrong']]) {
      head.appendChild(make('th', '', { zh: words[0], en: words[1] })).scope = 'col';
    }
    for (const fault of all) {
      const row = body.appendChild(make('tr'));
      for (const text of [String(fault.row) + (fault.cell ? ' · ' + fault.cell : ''), fault.field, fault.value]) row.appendChild(make('td')).textContent = text;
      row.appendChild(make('td', '', { zh: fault.message, en: fault.message_en }));
    }
    place.appendChild(table);
  }
  both(element('begin'), { zh: '签发 ' + answer.rows + ' 份合同', en: 'Make ' + answer.rows + ' contracts' });
  element('begin').hidden = !isValid || answer.rows === 0 || element('seal').value === '';
}
onSubmit('batch-form', 'batch', async () => {
  const file = element('roster').files[0];
  if (!file) { complain({ zh: '请选择名单文件。', en: 'Choose a roster.' }); return; }
  const type = /\.xlsx$/i.test(file.name) ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' : 'text/csv';
  forget();
  const read = new Blob([file], { type });
  const answer = await ask('POST', address(true), read);
  roster = read;
  key = 'console-' + Date.now() + '-' + Math.random().toString(36).slice(2);  // of this roster: a second tap is the same batch
  showVerdict(answer);
  if (!element('seal').value) complain({ zh: '没有可用的印章，只能检查名单。', en: 'There is no seal you may use: the roster can only be checked.' });
});
element('begin').addEventListener('click', () => busily(element('begin'), 'batch', async () => {
  if (!roster) return;
  const made = await patiently(() => ask('POST', address(false), roster, 'json', { 'Idempotency-Key': key }));
  element('verdict').hidden = true;
  follow(made);
}));
function progress(now) {
  const done = now.made + now.failed;
  element('following-bar').value = now.rows ? done / now.rows : 0;
  const state = named(kBatchStates, now.state), reason = now.reason ? '：' + now.reason : '';
  both(element('following-words'), { zh: state.zh + reason + ' · ' + now.made + ' / ' + now.rows + ' 份' + (now.failed ? '，失败 ' + now.failed : ''),
    en: state.en + reason + ' · ' + now.made + ' of ' + now.rows + (now.failed ? ', failed ' + now.failed : '') });
}
function follow(made) {
  batch = made.id;
  element('following').hidden = false;
  element('cancel').hidden = false;
  element('zip-place').hidden = true;
  progress(made);
  if (events) events.close();
  events = new EventSource('/api/v1/batches/' + batch + '/events');
  events.addEventListener('progress', (event) => progress(JSON.parse(event.data)));
  events.addEventListener('end', (event) => {
    events.close();
    progress(JSON.parse(event.data));
    element('cancel').hidden = true;
    element('zip').href = '/api/v1/batches/' + batch + '/documents';
    element('zip-place').hidden = false;
  });
}
element('cancel').addEventListener('click', () => busily(element('cancel'), 'cancel', async () => progress(await ask('POST', '/batches/' + batch + '/cancel'))));
element('template').addEventListener('change', chooseTemplate);
for (const id of ['roster', 'order', 'deadline', 'seal']) element(id).addEventListener('change', forget);

// Envelopes

function card(envelope) {
  const node = make('article', 'card envelope');
  const title = node.appendChild(make('h2'));
  title.textContent = envelope.title + ' ';
  title.appendChild(make('span', 'state', named(kStates, envelope.state)));
  for (const party of envelope.parties) {
    const state = named(kPartyStates, party.state);
    node.appendChild(make('p', '', { zh: party.display_name + ' · ' + state.zh, en: party.display_name + ' · ' + state.en }));
  }
  if (envelope.reason) node.appendChild(make('p')).textContent = envelope.reason;
  const buttons = node.appendChild(make('div', 'buttons'));
  const path = '/envelopes/' + envelope.id, isOpen = envelope.state === 'sent' || envelope.state === 'viewed' || envelope.state === 'signed';
  const button = (zh, en, work) => {
    const made = buttons.appendChild(make('button', '', { zh, en }));
    made.type = 'button';
    made.addEventListener('click', () => busily(made, 'envelope', work));
  };
  const renew = async () => { const now = card(await ask('GET', path)); node.parentNode.replaceChild(now, node); };
  const canWrite = may.indexOf('envelopes:write') >= 0;
  if (canWrite && envelope.state === 'draft') button('发送', 'Send', async () => { await ask('POST', path + '/send'); await renew(); });
  if (canWrite && isOpen) button('提醒（重发链接）', 'Remind (a fresh link)', async () => { await ask('POST', path + '/remind'); await renew(); });
  if (canWrite && (isOpen || envelope.state === 'draft')) button('撤回', 'Withdraw', async () => withdraw(node, path, renew));
  const link = buttons.appendChild(make('a', '', envelope.state === 'completed' ? { zh: '下载合同', en: 'Download' } : { zh: '查看文件', en: 'Document' }));
  link.href = '/api/v1' + path + '/document';
  link.target = '_blank';
  link.rel = 'noopener';
  return node;
}
// Asks for the reason first: the worker is told it.
function withdraw(node, path, renew) {
  if (node.querySelector('form')) return;
  const form = node.appendChild(make('form'));
  const label = form.appendChild(make('label', '', { zh: '撤回理由（会告知劳动者）', en: 'Reason (the worker is told it)' }));
  const input = form.appendChild(make('input'));
  input.id = label.htmlFor = 'reason-' + path.slice(11);
  input.maxLength = 500;
  const sure = form.appendChild(make('button', 'secondary', { zh: '确认撤回', en: 'Withdraw it' }));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (input.value.trim() === '') { input.setAttribute('aria-invalid', 'true'); input.focus(); return; }
    busily(sure, 'envelope', async () => { await ask('POST', path + '/revoke', { reason: input.value.trim() }); await renew(); });
  });
  input.focus();
}
async function list(isFirst) {
  if (isFirst) { next = null; element('envelopes').textContent = ''; }
  const query = 'limit=20' + (element('state').value ? '&state=' + element('state').value : '') + (next ? '&cursor=' + next : '');
  const page = await patiently(() => ask('GET', '/envelopes?' + query));
  page.items.forEach((one) => element('envelopes').appendChild(card(one)));
  next = page.next;
  element('more').hidden = !next;
  if (element('envelopes').childNodes.length === 0) element('envelopes').appendChild(make('p', '', { zh: '没有这样的合同。', en: 'There are none.' }));
}
fill('state', [['', '全部 All']].concat(Object.keys(kStates).map((name) => [name, kStates[name].join(' ')])));
element('state').addEventListener('change', () => busily(element('more'), 'list', () => list(true)));
element('more').addEventListener('click', () => busily(element('more'), 'list', () => list(false)));
element('to-list').addEventListener('click', () => { show('list'); busily(element('to-list'), 'list', () => list(true)); });
element('to-batch').addEventListener('click', () => show('batch'));

startLanguage();
// A session that lives on: the cookie is there, the page is new.
call(session, 'GET', '/me').then((answer) => (answer.kind === 'user' ? enter(answer) : null)).catch(() => { /* log in, then */ });
