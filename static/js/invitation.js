/** The token of a link stands behind the #, which no server sees: it is put into its box and taken out of the address. */
import { $ } from './dom.js';

const box = $('#token');
const given = location.hash.slice(1);
if (/^[\w-]{20,80}$/.test(given)) {
  box.value = given;
  history.replaceState(null, '', location.pathname);
}
if (box.value) {
  box.closest('[data-token]').hidden = true;
  $('#password').focus();
}
