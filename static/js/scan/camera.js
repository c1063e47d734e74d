/** Scanning with the camera where the browser can read barcodes itself; says so where it cannot. */
import { $, el, icon, toast } from '../dom.js';
import { w } from './words.js';

const FORMATS = ['ean_13', 'ean_8', 'code_128', 'code_39', 'qr_code'];
// The same code in sight is one scan until it has left, or this long has passed.
const AGAIN = 1500, EVERY = 120;

/** Switch the camera on, or off when it is on; `job.scan` takes what it reads. */
export async function camera(job) {
  const there = $('#film');
  if (there) return there.stop();
  if (!navigator.mediaDevices) return toast(w('camera_https'), { stay: true });
  if (!('BarcodeDetector' in globalThis)) return toast(w('no_camera', { why: 'BarcodeDetector' }), { stay: true });
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
  } catch (error) {
    return toast(w('no_camera', { why: error.name }), { stay: true });
  }
  const picture = el('video', { autoplay: true, muted: true, playsinline: true });
  picture.srcObject = stream;
  const track = stream.getVideoTracks()[0];
  let isLit = false;
  const torch = track.getCapabilities?.().torch && el('button', { type: 'button', class: 'btn btn-icon', 'aria-pressed': 'false', 'aria-label': 'torch', onclick: ({ currentTarget }) => { isLit = !isLit; track.applyConstraints({ advanced: [{ torch: isLit }] }); currentTarget.setAttribute('aria-pressed', String(isLit)); } }, icon('bolt'));
  const film = el('div', { id: 'film', class: 'sc-film' }, picture, el('div', { class: 'sc-frame', 'aria-hidden': 'true' }), torch, el('button', { type: 'button', class: 'btn btn-icon', 'aria-label': w('stop_camera'), onclick: () => film.stop() }, icon('x')));
  film.stop = () => { for (const each of stream.getTracks()) each.stop(); film.remove(); };
  document.body.append(film);
  addEventListener('hashchange', () => film.stop(), { once: true });
  const detector = new BarcodeDetector({ formats: FORMATS });
  let last = '', at = 0;
  const look = async () => {
    if (!film.isConnected) return undefined;
    const found = picture.readyState >= 2 ? await detector.detect(picture).catch(() => []) : [];
    const code = found[0]?.rawValue;
    if (code && (code !== last || performance.now() - at > AGAIN)) { last = code; at = performance.now(); job.scan(code); }
    if (!code) last = performance.now() - at > AGAIN ? '' : last;
    return setTimeout(look, EVERY);
  };
  return look();
}
