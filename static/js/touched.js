/**
 * Formulas and checks come with the first key or the first touch, not with the page: the server wrote the figures a page begins
 * with. Rules look at the form as it came, so a form that has some fetches them at once.
 */
import { $, embedded } from './dom.js';

const FIRST = ['keydown', 'pointerdown', 'input', 'change', 'paste', 'drop', 'ref:chosen', 'form:restored'];

const form = $('form#document'), model = embedded('form-model');

function compute() {
  for (const name of FIRST) document.removeEventListener(name, compute, true);
  // Without a network the server's figures stand until saving; the next key asks again.
  import('./computing.js').catch(listen);
}

function listen() {
  for (const name of FIRST) document.addEventListener(name, compute, true);
}

if (form && model) {
  if (model.rules?.length) compute();
  else listen();
}
