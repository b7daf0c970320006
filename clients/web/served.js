// What a recipient of electronic service opens. The link's secret stays in the address's fragment and in request bodies.
import { both, call, element, Fault, make, patiently, save, savesFiles, startLanguage } from './page.js';
import { wordsOf } from './words.js';

const secret = location.hash.slice(1);

function complain(words) {
  const place = document.querySelector('.error');
  place.textContent = '';
  if (words) both(place, words);
}
function fact(words, text) {
  element('facts').appendChild(make('dt', '', words));
  const value = document.createElement('dd');
  value.textContent = text;
  element('facts').appendChild(value);
}
function wordsFor(fault) {
  return fault.code === 'not_found' || fault.code === 'body_invalid'
    ? { zh: '此链接已失效或不完整。请核对短信中的链接，或联系仲裁机构。', en: 'This link opens nothing. Compare it with the message, or ask the court.' }
    : wordsOf(fault, 'served');
}

async function open(one, button) {
  button.disabled = true;
  complain(null);
  try {
    const file = await patiently(() => call('', 'POST', '/served/document', { secret, document: one.id }, 'blob'));
    save(file, one.title + '.pdf');
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    complain(wordsFor(fault));
  } finally {
    button.disabled = false;
  }
}

async function start() {
  startLanguage();
  try {
    const served = await patiently(() => call('', 'POST', '/served', { secret }));
    fact({ zh: '送达机构', en: 'Court' }, served.court);
    fact({ zh: '案号', en: 'Case' }, served.case_number);
    fact({ zh: '受送达人', en: 'Recipient' }, served.recipient);
    for (const one of served.documents) {
      const button = make('button', 'secondary', { zh: '打开《' + one.title + '》', en: 'Open ' + one.title });
      button.type = 'button';
      button.addEventListener('click', () => open(one, button));
      element('list').appendChild(button);
    }
    element('served').hidden = false;
    element('wechat').hidden = savesFiles;
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    complain(wordsFor(fault));
  }
}
start();
