/** Four answers a scan can have, told to the ear, the hand and the eye, each unlike the others. */
import { $ } from '../dom.js';

// Tones as [hertz, seconds, shape]; what the phone shakes, in milliseconds.
const SIGNALS = {
  ok: { tones: [[1320, 0.07, 'sine']], shake: [40] },
  over: { tones: [[880, 0.12, 'triangle'], [660, 0.18, 'triangle']], shake: [80, 60, 80] },
  foreign: { tones: [[440, 0.14, 'square'], [440, 0.14, 'square'], [440, 0.14, 'square']], shake: [120, 60, 120, 60, 120] },
  unknown: { tones: [[180, 0.5, 'sawtooth']], shake: [500] },
};
let audio = null, fading = 0;

/** Answer a scan: `ok`, `over`, `foreign` (known, not asked for) or `unknown`. */
export function signal(kind) {
  const { tones, shake } = SIGNALS[kind];
  navigator.vibrate?.(shake);
  const flash = $('#flash');
  flash.className = `flash flash-${kind}`;
  flash.dataset.last = kind;
  clearTimeout(fading);
  fading = setTimeout(() => { flash.className = 'flash'; }, kind === 'ok' ? 160 : 420);
  try {
    audio ??= new AudioContext();
    let start = audio.currentTime;
    for (const [hertz, seconds, shape] of tones) {
      const tone = audio.createOscillator(), loud = audio.createGain();
      tone.type = shape;
      tone.frequency.value = hertz;
      loud.gain.value = 0.09;
      tone.connect(loud).connect(audio.destination);
      tone.start(start);
      tone.stop(start + seconds);
      start += seconds + 0.05;
    }
  } catch { /* A device without sound still shakes and flashes. */ }
}
