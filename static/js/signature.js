/** A signature: written with a finger, pen or mouse, or made of a typed name for those who use neither. */
import { $, el } from './dom.js';
import { t } from './texts.js';

const WIDTH = 640, HEIGHT = 240, INK = '#10151a';

/** A sheet of paper to write on. */
function paper(canvas) {
  const pen = canvas.getContext('2d');
  let last = null, hasInk = false;
  const clear = () => { pen.fillStyle = '#fff'; pen.fillRect(0, 0, WIDTH, HEIGHT); hasInk = false; };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * (WIDTH / box.width), (event.clientY - box.top) * (HEIGHT / box.height)];
  };
  Object.assign(pen, { strokeStyle: INK, lineWidth: 4, lineCap: 'round', lineJoin: 'round' });
  clear();
  canvas.addEventListener('pointerdown', (event) => { event.preventDefault(); canvas.setPointerCapture(event.pointerId); last = at(event); });
  canvas.addEventListener('pointermove', (event) => {
    if (!last) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      const here = at(part);
      pen.beginPath();
      pen.moveTo(...last);
      pen.lineTo(...here);
      pen.stroke();
      last = here;
    }
    hasInk = true;
  });
  for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, () => { last = null; });
  return {
    clear,
    hasInk: () => hasInk,
    write(name) {
      clear();
      if (!name) return;
      pen.fillStyle = INK;
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      let size = 110;
      do { pen.font = `${size}px "KaiTi", "STKaiti", "Kaiti SC", serif`; size -= 6; } while (pen.measureText(name).width > WIDTH - 40 && size > 20);
      pen.fillText(name, WIDTH / 2, HEIGHT / 2);
      hasInk = true;
    },
  };
}

/** Ask for a signature; null when the dialog is left without one. */
export function sign() {
  return new Promise((done) => {
    const canvas = el('canvas', { class: 'sign-paper', width: WIDTH, height: HEIGHT, 'aria-label': t('sign_here'), role: 'img' });
    const sheet = paper(canvas);
    const typed = el('input', { class: 'inp', maxlength: '30', 'aria-label': t('sign_name'), placeholder: t('sign_name'), autocomplete: 'off' });
    typed.addEventListener('input', () => { if (!typed.isComposing) sheet.write(typed.value.trim()); });
    const dialog = el('dialog', { class: 'dlg dlg-wide dlg-sign', 'aria-label': t('sign_title') });
    const finish = (blob) => { dialog.close(); dialog.remove(); done(blob && new File([blob], t('sign_file'), { type: 'image/png' })); };
    const use = () => { if (sheet.hasInk()) canvas.toBlob(finish, 'image/png'); else typed.focus(); };
    typed.addEventListener('keydown', (event) => { if (event.key === 'Enter' && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); event.stopPropagation(); use(); } });
    dialog.append(
      el('div', { class: 'dlg-h' }, el('h2', { class: 'grow' }, t('sign_title')), el('span', { class: 'help' }, t('sign_here'))),
      el('div', { class: 'dlg-b' }, canvas, typed),
      el('div', { class: 'dlg-f' },
        el('button', { type: 'button', class: 'btn', onclick: () => { typed.value = ''; sheet.clear(); } }, t('sign_clear')),
        el('button', { type: 'button', class: 'btn', onclick: () => finish(null) }, t('back')),
        el('button', { type: 'button', class: 'btn btn-primary', onclick: use }, t('sign_done'))));
    dialog.addEventListener('cancel', (event) => { event.preventDefault(); finish(null); });
    ($('main') ?? document.body).append(dialog);
    dialog.showModal();
  });
}
