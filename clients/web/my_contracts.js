// One's own contracts, for ever: identity, a code, the list; each can be downloaded and printed. The access lasts half
// an hour and lives in this page alone.
import { both, call, element, Fault, make, patiently, save, savesFiles, startLanguage } from './page.js';
import { wordsOf } from './words.js';

const kStates = {
  sent: ['待签署', 'to be signed'], viewed: ['待签署', 'to be signed'], signed: ['签署中', 'being signed'],
  completed: ['已完成', 'completed'], declined: ['已拒签', 'declined'], revoked: ['已撤回', 'withdrawn'], expired: ['已过期', 'expired'],
};
let claim = null, challenge = '', access = '', next = null, isBusy = false, shown = 'who';

function show(name) {
  shown = name;
  ['who', 'code', 'list'].forEach((one) => { element(one).hidden = one !== name; });
  complain(null);
  window.scrollTo(0, 0);
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
    const isOver = fault.code === 'unauthenticated';
    if (isOver) show('who');
    complain(isOver ? { zh: '查看时间已到，请重新验证。', en: 'Your access is over; prove who you are again.' } : wordsOf(fault, action));
  } finally {
    isBusy = button.disabled = false;
  }
}
const value = (id) => element(id).value.replace(/\s+/g, '');

function add(one) {
  const card = make('article', 'card contract');
  card.appendChild(make('h2')).textContent = one.title;
  const state = kStates[one.state] || [one.state, one.state];
  card.appendChild(make('p', 'below', { zh: state[0] + ' · ' + one.changed.slice(0, 10), en: state[1] + ' · ' + one.changed.slice(0, 10) }));
  if (one.state === 'completed') {
    const path = '/worker/contracts/' + encodeURIComponent(one.id);
    const button = (name, words, method, end, file) => {
      const made = make('button', name, words);
      made.type = 'button';
      made.addEventListener('click', () => busily(made, 'copy', async () => {
        save(await patiently(() => call(access, method, path + end, null, 'blob')), file);
      }));
      card.appendChild(made);
    };
    button('primary', { zh: '下载合同（PDF）', en: 'Download (PDF)' }, 'GET', '/document', one.id + '.pdf');
    button('secondary', { zh: '打印件（带校验码）', en: 'Paper copy with check code' }, 'POST', '/paper', one.id + '-paper.pdf');
  }
  element('contracts').appendChild(card);
}
async function load() {
  const page = await patiently(() => call(access, 'GET', '/worker/contracts' + (next ? '?cursor=' + encodeURIComponent(next) : '')));
  page.items.forEach(add);
  next = page.next;
  element('more').hidden = !next;
  if (element('contracts').childNodes.length === 0) element('contracts').appendChild(make('p', '', { zh: '没有找到您的合同。', en: 'There are no contracts of yours.' }));
}

element('who-form').addEventListener('submit', (event) => {
  event.preventDefault();
  claim = { name: element('name').value.trim(), id_number: value('id-number').toUpperCase(), phone: value('phone') };
  if (!claim.name || !claim.id_number || !claim.phone) { complain({ zh: '请填写全部三项。', en: 'Please fill in all three.' }); return; }
  busily(element('who-form').querySelector('.primary'), 'access', async () => {
    challenge = (await call('', 'POST', '/worker/access', claim)).challenge;
    show('code');
  });
});
element('code-form').addEventListener('submit', (event) => {
  event.preventDefault();
  busily(element('code-form').querySelector('.primary'), 'open', async () => {
    const given = Object.assign({ challenge, code: value('code-digits') }, claim);
    access = (await call('', 'POST', '/worker/access/confirm', given)).access;
    element('code-digits').value = '';
    element('contracts').textContent = '';
    next = null;
    show('list');
    element('wechat').hidden = savesFiles;
    await load();
  });
});
element('back').addEventListener('click', () => show('who'));
element('more').addEventListener('click', () => busily(element('more'), 'copy', load));
startLanguage();
