/** Choosing another sheet opens it at once. */
import { $$ } from './dom.js';

for (const select of $$('[data-submit]')) select.addEventListener('change', () => select.form.requestSubmit());
