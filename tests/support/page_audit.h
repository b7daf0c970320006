// What is wrong with what is seen of a page, as a function's body for a browser: text wider than the window, targets
// too small for a thumb, fields without labels, letters that hardly differ from their ground, more than one primary
// action (WCAG 2.1: 1.4.3, 1.4.10, 2.5.5, 3.3.2). Returns "" when nothing is.
#pragma once

namespace qianda::test {

inline constexpr const char* kPageAudit = R"JS(
const faults = [];
if (document.documentElement.scrollWidth > window.innerWidth) faults.push('scrolls sideways: ' + document.documentElement.scrollWidth);
const seen = (one) => one.getClientRects().length > 0;
const numbers = (text) => (text.match(/[\d.]+/g) || []).map(Number);
const light = (rgb) => { const c = rgb.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
  return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; };
const ground = (one) => { for (let at = one; at; at = at.parentElement) { const c = numbers(getComputedStyle(at).backgroundColor);
  if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
for (const one of document.querySelectorAll('body *')) {
  if (!seen(one)) continue;
  const own = Array.from(one.childNodes).some((n) => n.nodeType === 3 && n.textContent.trim());
  const box = one.getBoundingClientRect();
  if (own && box.width > 2) {
    const a = light(numbers(getComputedStyle(one).color)), b = light(ground(one));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faults.push('contrast ' + contrast.toFixed(2) + ': ' + one.textContent.trim().slice(0, 20));
    if (parseFloat(getComputedStyle(one).fontSize) < 14) faults.push('small: ' + one.textContent.trim().slice(0, 20));
  }
  if (/^(BUTTON|INPUT|TEXTAREA)$/.test(one.tagName) && one.type !== 'file' && (box.height < 44 || box.width < 44)) faults.push('small target ' + (one.id || one.textContent));
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(one.tagName) && one.labels.length === 0) faults.push('no label: ' + one.id);
  if (one.tagName === 'IMG' && !one.alt) faults.push('no alt');
}
const all = Array.from(document.querySelectorAll('main .primary')).filter(seen);
if (all.length > 1) faults.push('more than one primary action');
return faults.join('; ');
)JS";

}  // namespace qianda::test
