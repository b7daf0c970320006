// What the worker's pages share: the language, texts in both, requests that end, files that are saved. ES2017, no
// library: the pages also run in the web views of old phones.
export const element = (id) => document.getElementById(id);

const listeners = [];
export function isEnglish() { return document.documentElement.lang === 'en'; }
export function onLanguage(listener) { listeners.push(listener); }
function setLanguage(language) {
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
  try { localStorage.setItem('language', language); } catch (error) { /* storage may be forbidden */ }
  listeners.forEach((listener) => listener());
}
export function startLanguage() {
  element('language').addEventListener('click', () => setLanguage(isEnglish() ? 'zh' : 'en'));
  let wanted = null;
  try { wanted = localStorage.getItem('language'); } catch (error) { /* as above */ }
  if (wanted === 'en') setLanguage('en');
}

// Texts in both languages; the style sheet shows one.
export function both(node, words) {
  node.textContent = '';
  for (const name of ['zh', 'en']) {
    const span = document.createElement('span');
    span.className = name;
    span.textContent = words[name];
    node.appendChild(span);
  }
  return node;
}
export function make(tag, className, words) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  return words ? both(node, words) : node;
}

// What became of a request: `code` is the problem's, or "network".
export class Fault extends Error {
  constructor(status, code, problem) {
    super(problem && problem.detail || code);
    this.status = status;
    this.code = code;
    this.problem = problem || {};
  }
}

const kPatience = 45000;
function within(promise, milliseconds) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Fault(0, 'network')), milliseconds);
    promise.then((value) => { clearTimeout(timer); resolve(value); },
      () => { clearTimeout(timer); reject(new Fault(0, 'network')); });
  });
}

// `who`: a bearer's secret, or {csrf} of a session whose cookie the browser keeps. `kind`: "json", "blob" or "text". A Blob is
// sent as it is, anything else as JSON.
export async function call(who, method, path, body, kind, more) {
  const headers = Object.assign({}, more);
  const isSession = typeof who === 'object';
  if (isSession && who.csrf) headers['X-CSRF-Token'] = who.csrf;
  if (who && !isSession) headers.Authorization = 'Bearer ' + who;
  let octets;
  if (body instanceof Blob) {
    octets = body;
    headers['Content-Type'] = body.type;
  } else if (body !== undefined && body !== null) {
    octets = JSON.stringify(body);
    headers['Content-Type'] = 'application/json';
  }
  const answer = await within(fetch('/api/v1' + path,
    { method, headers, body: octets, cache: 'no-store', credentials: isSession ? 'same-origin' : 'omit',
      referrerPolicy: isSession ? 'same-origin' : 'no-referrer' }), kPatience);
  if (!answer.ok) {
    let problem = {};
    try { problem = await answer.json(); } catch (error) { /* a gateway's own page */ }
    throw new Fault(answer.status, problem.code || (answer.status >= 500 ? 'internal' : 'bad_request'), problem);
  }
  if (answer.status === 204) return null;
  return within(kind === 'blob' ? answer.blob() : kind === 'text' ? answer.text() : answer.json(), kPatience);
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
// For what may be asked again without harm: waits and repeats while the network or the service is not there.
export async function patiently(ask) {
  for (let attempt = 0; ; ++attempt) {
    try {
      return await ask();
    } catch (fault) {
      const mayPass = fault.code === 'network' || fault.code === 'overloaded' || fault.code === 'unavailable';
      if (!mayPass || attempt === 3) throw fault;
      await sleep(600 * Math.pow(2, attempt));
    }
  }
}

// WeChat's web view saves nothing: there the page says how to go on.
export const savesFiles = !/MicroMessenger/i.test(navigator.userAgent);
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  document.body.removeChild(link);
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
