/** Scanning with the camera. */
import { $, el, icon, toast } from '../dom.js';
import { w } from './words.js';

const FORMATS = ['ean_13', 'ean_8', 'code_128', 'code_39', 'qr_code'];
// The same code in sight is one scan until it has left, or this long has passed.
const AGAIN = 1500, EVERY = 120;

/** What reads barcodes: ours, for a browser's own is often there and answers that it is out of service. */
let reader;
function readerOfBarcodes() {
  reader ??= import('../../vendor/barcode.js').then(({ BarcodeDetector, prepareZXingModule }) => {
    const module = new URL('../../vendor/zxing_reader.wasm', import.meta.url).href;
    prepareZXingModule({ overrides: { locateFile: () => module } });
    return new BarcodeDetector({ formats: FORMATS });
  });
  reader.catch(() => { reader = undefined; });
  return reader;
}

/** Switch the camera on, or off when it is on; `job.scan` takes what it reads. */
export async function camera(job) {
  const there = $('#film');
  if (there) return there.stop();
  if (!navigator.mediaDevices) return toast(w('camera_https'), { stay: true });
  let stream, detector;
  try {
    detector = await readerOfBarcodes();
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
