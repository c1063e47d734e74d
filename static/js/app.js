/** What every page needs of htmx: typed text survives swaps, failures are said, focus goes where the server says. */
import { $, el, toast } from './dom.js';
import { t } from './texts.js';

/** Send a form of ours that stands on no page; the answer is a page. */
function post(action, values) {
  const csrf = JSON.parse(document.body.getAttribute('hx-headers:inherited'))['X-CSRFToken'];
  const form = el('form', { method: 'post', action, hidden: true }, ...Object.entries({ ...values, csrf_token: csrf }).map(([name, value]) => el('input', { name, value })));
  document.body.append(form);
  form.submit();
}

// Dirty guard: a box edited after a request was sent keeps what was typed, focused or not.
let edits = 0, sentAt = 0, answered = 0;
document.addEventListener('input', (event) => { event.target.editedAt = ++edits; }, true);
window.htmx?.registerExtension('dirty-guard', {
  htmx_before_request(_, { ctx }) { ctx.sentAt = edits; },
  htmx_before_response(_, { ctx }) { answered = ctx.sentAt ?? edits; },
  htmx_before_swap(_, { ctx }) { sentAt = ctx?.sentAt ?? edits; },
  htmx_before_morph_node(old) { return old.editedAt > sentAt && /^(INPUT|TEXTAREA|SELECT)$/.test(old.tagName) ? false : undefined; },
});

// Answers speak through HX-Trigger: {"ui:toast": {"text": "…"}, "ui:focus": "#id"}.
document.addEventListener('ui:toast', ({ detail }) => toast(detail.text ?? detail.value, { stay: detail.tone === 'err', undo: detail.undo ? () => post(detail.undo, { decision: detail.decision }) : null }));
// Whoever has gone on typing since the request keeps the focus: the next key would fall into nothing.
const isTyping = () => document.activeElement?.editedAt > answered;
document.addEventListener('ui:focus', ({ detail }) => { if (!isTyping()) $(detail.value ?? detail)?.focus(); });

// A failure without words of its own. 409 and 422 are answers, shown where they belong.
document.addEventListener('htmx:response:error', ({ detail: { ctx } }) => {
  if (![409, 422].includes(ctx.response.status) && !ctx.hx?.trigger) toast(t('failed'), { stay: true });
});
document.addEventListener('htmx:error', ({ detail: { ctx, error } }) => {
  if (ctx?.request && !ctx.response) toast(t('no_answer'), { stay: true });
  else if (error) throw error;
});

// A hairline at the top while something is under way.
let running = 0;
const line = $('.hairline');
document.addEventListener('htmx:before:request', () => { running += 1; line?.classList.add('on'); });
document.addEventListener('htmx:finally:request', () => { running -= 1; if (running < 1) line?.classList.remove('on'); });

// Questions are asked in one dialog of ours, never by the browser's.
document.addEventListener('htmx:confirm', (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  const answer = el('dialog', { class: 'dlg', 'aria-labelledby': 'ask-title' }, el('form', { method: 'dialog' },
    el('div', { class: 'dlg-h' }, el('h2', { id: 'ask-title' }, ctx.confirm)),
    el('div', { class: 'dlg-f' }, el('button', { class: 'btn', value: '' }, t('back')),
      el('button', { class: 'btn btn-primary', value: 'yes' }, ctx.sourceElement.dataset.verb ?? ctx.sourceElement.textContent.trim()))));
  answer.addEventListener('close', () => {
    answer.remove();
    if (answer.returnValue === 'yes') issueRequest(); else dropRequest();
  });
  document.body.append(answer);
  answer.showModal();
});
