"""What a script in the page finds out about how it lies: shifts, targets, overlaps, words."""

from typing import Final

SHIFTS: Final = """window.shifted = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries())
    if (!entry.hadRecentInput) window.shifted += entry.value; })
    .observe({type: 'layout-shift', buffered: true});"""
# Buttons, links that look like ones, and boxes; what is inside a line of words is not a target.
SMALL: Final = """least => [...document.querySelectorAll(
  'button, .btn, input:not([type=hidden]), select, textarea, summary, nav a')]
  .filter(e => e.checkVisibility({checkVisibilityCSS: true, checkOpacity: true})
    && !e.closest('.sr, [aria-hidden=true], [inert]') && !e.classList.contains('sr'))
  .map(e => [e, (e.type === 'checkbox' || e.type === 'radio' ? e.closest('label') : null) ?? e])
  .map(([e, box]) => [e, box.getBoundingClientRect()])
  .filter(([, r]) => r.width > 1 && (r.height < least - 0.5 || r.width < least - 0.5))
  .map(([e, r]) => `${e.className || e.name || e.textContent.trim().slice(0, 20)} `
    + `${Math.round(r.width)}x${Math.round(r.height)}`)"""
MAIN: Final = """() => [...document.querySelectorAll('.btn-primary, .totbar .btn, .lg-foot .btn')]
  .filter(e => e.checkVisibility()).map(e => [e, e.getBoundingClientRect().height])
  .filter(([, height]) => height < 43.5)
  .map(([e, height]) => `${e.textContent.trim().slice(0, 20)} ${Math.round(height)}`)"""
OVERLAPS: Final = """() => {
  const all = [...document.querySelectorAll('button, .btn, input:not([type=hidden]), select, h1')]
    .filter(e => e.checkVisibility({checkVisibilityCSS: true, checkOpacity: true})
      && !e.closest('dialog, .sr, .rowtools, .toasts, .cell-tip') && !e.classList.contains('sr')
      && !(e.type === 'radio' || e.type === 'checkbox'));
  const bars = '.phead, .totbar, #shell, nav, header, footer', found = [];
  // What is scrolled out of its box is not there to lie over anything.
  const seen = e => { let {left, right, top, bottom} = e.getBoundingClientRect();
    for (let home = e.parentElement; home; home = home.parentElement) {
      if (getComputedStyle(home).overflow === 'visible') continue;
      const box = home.getBoundingClientRect();
      left = Math.max(left, box.left); right = Math.min(right, box.right);
      top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
    }
    return {left, right, top, bottom}; };
  const stays = e => { for (let home = e; home; home = home.parentElement)
    if (/sticky|fixed/.test(getComputedStyle(home).position)) return home; };
  const rects = all.map(e => [e, seen(e), stays(e) ?? e.closest(bars)]);
  for (let i = 0; i < rects.length; i += 1) for (let j = i + 1; j < rects.length; j += 1) {
    const [a, p, home] = rects[i], [b, q, other] = rects[j];
    if (a.contains(b) || b.contains(a) || home !== other) continue;
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (wide > 2 && high > 2 && !a.parentElement.contains(b))
      found.push([a, b].map(e => e.id || e.name || e.textContent.trim().slice(0, 20)).join(' / '));
  }
  return found; }"""
CUT: Final = """() => [...document.querySelectorAll('button, .btn, .tag, .ftab')]
  .filter(e => e.checkVisibility() && e.textContent.trim()
    && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 2)
  .map(e => `${e.className} ${e.textContent.trim().slice(0, 40)}`)"""
# The names people gave their company, their records and their apps stay as they wrote them.
CHINESE: Final = """names => {
  return [...document.querySelectorAll(
    'button, .btn, label, .lbl, th, h2, kbd, [aria-label], [placeholder]')]
  .filter(e => e.checkVisibility() && !e.closest('tbody, .lk'))
  .flatMap(e => [e.children.length ? '' : e.textContent, e.getAttribute('aria-label'),
    e.getAttribute('placeholder')])
  .map(text => names.reduce((rest, name) => rest.replaceAll(name, ''), (text ?? '').trim()))
  .filter(text => /[\\u4e00-\\u9fff]/.test(text)); }"""
# What destroys asks first, or leads to what asks; the designer takes back every change of a draft.
DANGER: Final = """() => [...document.querySelectorAll('.danger, .btn-danger, [data-danger]')]
  .filter(e => !e.closest('dialog') && !e.dataset.dialog && !e.hasAttribute('hx-confirm')
    && !e.form?.hasAttribute('hx-confirm') && !e.form?.dataset.confirm && !e.dataset.confirm)
  .filter(e => !e.closest('details.wh-end') && !location.pathname.startsWith('/design/')
    && !e.dataset.href?.endsWith('/batches/new'))
  .map(e => e.outerHTML.slice(0, 160))"""
# Where Tab leads, and whether it shows: an outline, a ring, or the row it stands in.
STOPS: Final = """() => { const order = [...document.querySelectorAll('*')], found = [];
  document.activeElement?.blur();
  addEventListener('focusin', ({target: e}) => {
    const around = [e, e.parentElement ?? e, e.labels?.[0] ?? e];
    const isSeen = around.map(each => getComputedStyle(each)).some(
      style => style.outlineStyle !== 'none' || style.boxShadow !== 'none');
    found.push([order.indexOf(e), isSeen, e.tabIndex, `${e.localName}.${e.className}`]); });
  window.stops = found; }"""
