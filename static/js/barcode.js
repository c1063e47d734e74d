/** Barcodes beside what they say, drawn anew when the text has changed. */
import { $, $$ } from './dom.js';

const PAUSE = 250;

/** The drawings of what is typed into a box: beside it, or of its record, or of its line. */
function drawingsOf(box) {
  const row = box.closest('tr'), code = box.name.split('.').at(-1);
  if (box.dataset.scan !== undefined) return $$('img[data-barcode]', box.closest('.bc-field') ?? box.parentElement);
  return $$(`img[data-from="${CSS.escape(code)}"]`, row ?? box.form ?? document).filter((image) => image.closest('tr') === row);
}

/** Show a text's symbol; what the symbology cannot say has none. */
function draw(image, text) {
  const none = $('[data-barcode-none]', image.parentElement);
  const show = (isDrawn) => { image.hidden = !isDrawn; if (none) none.hidden = isDrawn; };
  image.alt = text;
  if (!text) { show(false); return; }
  image.onload = () => show(true);
  image.onerror = () => show(false);
  image.src = `${image.dataset.barcode}?text=${encodeURIComponent(text)}`;
}

let timer = 0;
function follow(event, pause) {
  const box = event.target;
  if (!box.matches?.('#document :is(input, select)[name]')) return;
  clearTimeout(timer);
  timer = setTimeout(() => { for (const image of drawingsOf(box)) draw(image, box.value.trim()); }, pause);
}
document.addEventListener('input', (event) => follow(event, PAUSE));
document.addEventListener('change', (event) => follow(event, 0));
