/**
 * A keyboard-wedge barcode scanner, told from typing by its speed. Read from `event.code`, so that it works
 * while a Chinese input method is switched on and every key arrives as `Process`.
 */
const GAP = 35, SHORTEST = 8;
const PLAIN = { Minus: '-', Slash: '/', Period: '.', NumpadSubtract: '-', NumpadDecimal: '.', NumpadDivide: '/' };
const SHIFTED = { Minus: '_', Slash: '?', Period: '>', Digit4: '$', Digit5: '%', Equal: '+' };

function character(event) {
  const [, digit] = event.code.match(/^(?:Digit|Numpad)(\d)$/) ?? [];
  const [, letter] = event.code.match(/^Key([A-Z])$/) ?? [];
  if (event.shiftKey && event.code in SHIFTED) return SHIFTED[event.code];
  if (digit) return digit;
  if (letter) return event.shiftKey ? letter : letter.toLowerCase();
  return PLAIN[event.code] ?? '';
}

/** Call `onCode(code, box)` for each scan, with the box that had the focus; what the scanner typed into the focused box is taken back first. */
export function listen(onCode) {
  let buffer = '', last = 0, box = null, before = '';
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.key === 'Shift') return;
    if (event.timeStamp - last > GAP) {
      buffer = '';
      box = document.activeElement;
      before = box?.value;
    }
    last = event.timeStamp;
    if (event.code === 'Enter' || event.code === 'NumpadEnter') {
      const code = buffer;
      buffer = '';
      if (code.length < SHORTEST) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (box && typeof before === 'string' && 'value' in box && box.value !== before) {
        // Leaving the box ends a composition the input method began.
        box.blur();
        box.value = before;
        if (!box.closest('ref-lookup')) box.dispatchEvent(new Event('input', { bubbles: true }));
      }
      onCode(code, box);
      return;
    }
    buffer += character(event);
  }, true);
}

let audio = null;

/** A short beep: high for found, low for unknown. */
export function beep(isGood) {
  try {
    audio ??= new AudioContext();
    const tone = audio.createOscillator(), loud = audio.createGain();
    tone.frequency.value = isGood ? 1320 : 220;
    loud.gain.value = 0.08;
    tone.connect(loud).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + (isGood ? 0.07 : 0.25));
  } catch { /* A machine without sound still scans. */ }
}
