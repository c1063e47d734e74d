/** The page of option sets: what the rows say is written into the form when it is sent. */
import { $ } from '../dom.js';
import { act, value } from './panel-lists.js';

const main = $('#main');

main.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  // The form is sent as a whole: a change of a row by itself says nothing to the server.
  if (button) act(button, () => {});
});

main.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-options]');
  if (form) form.elements.options.value = JSON.stringify(value($('[data-as=options]', form)) ?? []);
});
