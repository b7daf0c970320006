// The contract, page under page, as pictures the service made, each with its text for screen readers. A page counts as
// shown when its picture (or its text) is there and its lower edge came into view. Pages are fetched as they come near.
import { make, patiently } from './page.js';
import { wordsOf } from './words.js';

export class Reader {
  // `fetchPage(number)` gives a Blob, `fetchText(number)` a text; `shown()` is called after each page that was shown.
  constructor(container, source, shown) {
    this.container = container;
    this.source = source;
    this.shown = shown;
    this.pages = [];
    this.isActive = false;
    const look = () => { if (this.isActive) window.requestAnimationFrame(() => this.look()); };
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
  }

  open(seen) {
    this.isActive = true;
    if (this.pages.length !== seen.length) {
      this.close();
      this.isActive = true;
      this.container.textContent = '';
      this.pages = seen.map((isSeen, index) => this.place(index + 1, seen.length, isSeen));
    }
    this.look();
  }
  pause() { this.isActive = false; }
  close() {
    this.isActive = false;
    this.pages.forEach((page) => { if (page.address) URL.revokeObjectURL(page.address); });
    this.pages = [];
    this.container.textContent = '';
  }

  place(number, of, isSeen) {
    const figure = make('figure', 'sheet');
    const paper = make('div', 'paper');
    paper.appendChild(make('p', 'waiting', { zh: '第 ' + number + ' 页载入中…', en: 'Page ' + number + ' is loading…' }));
    const text = make('div', 'page-text');
    const caption = make('figcaption', '', { zh: '第 ' + number + ' 页，共 ' + of + ' 页', en: 'Page ' + number + ' of ' + of });
    figure.appendChild(paper);
    figure.appendChild(text);
    figure.appendChild(caption);
    this.container.appendChild(figure);
    return { number, of, figure, paper, text, isSeen, state: 'none' };
  }

  async load(page) {
    page.state = 'loading';
    const text = this.source.fetchText(page.number).then((words) => {
      page.text.textContent = words.trim();
      return true;
    }, () => false);
    try {
      const picture = await this.source.fetchPage(page.number);
      const image = make('img');
      image.alt = '第 ' + page.number + ' 页 Page ' + page.number;
      page.address = URL.createObjectURL(picture);
      await new Promise((resolve, reject) => {
        image.onload = resolve;
        image.onerror = () => reject({ code: 'unavailable' });
        image.src = page.address;
      });
      page.paper.textContent = '';
      page.paper.appendChild(image);
      page.paper.classList.add('whole');
      page.state = 'there';
    } catch (fault) {
      page.state = (await text) ? 'text' : 'failed';
      page.paper.textContent = '';
      page.figure.classList.toggle('text-only', page.state === 'text');
      page.paper.appendChild(make('p', 'error', wordsOf(fault, 'page')));
      const again = make('button', 'quiet', { zh: '重新载入本页', en: 'Load this page again' });
      again.type = 'button';
      again.addEventListener('click', () => this.load(page).then(() => this.look()));
      page.paper.appendChild(again);
    }
    this.look();
  }

  look() {
    if (!this.isActive) return;
    let fresh = false;
    for (const page of this.pages) {
      const box = page.figure.getBoundingClientRect();
      const isNear = box.top < window.innerHeight * 2 && box.bottom > -window.innerHeight;
      if (isNear && page.state === 'none') this.load(page);
      const isThere = page.state === 'there' || page.state === 'text';
      const isText = page.state === 'text' || page.paper.getClientRects().length === 0;
      const edge = (isText ? page.text : page.paper).getBoundingClientRect().bottom;
      if (!page.isSeen && isThere && edge > 0 && edge <= window.innerHeight + 2) {
        page.isSeen = true;
        fresh = true;
      }
    }
    if (fresh) this.shown();
  }

  seen() { return this.pages.filter((page) => page.isSeen).map((page) => page.number); }
  isRead() { return this.pages.length > 0 && this.pages.every((page) => page.isSeen); }
  // Most of a screen further, or to the first page that was missed.
  forward() {
    const missed = this.pages.find((page) => !page.isSeen);
    if (!missed) return;
    if (missed.state === 'failed') this.load(missed);
    const box = missed.figure.getBoundingClientRect();
    const step = window.innerHeight * 0.7;
    const by = box.top > step || box.bottom < 0 ? box.top - 70 : Math.min(step, box.bottom - window.innerHeight + 120);
    window.scrollBy(0, Math.abs(by) < 2 ? 2 : by);
    this.look();
  }
}

export function sourceOf(ask) {
  return {
    fetchPage: (number) => patiently(() => ask('GET', '/ceremony/pages/' + number, null, 'blob')),
    fetchText: (number) => patiently(() => ask('GET', '/ceremony/pages/' + number + '/text', null, 'text')),
  };
}
