/** Asking the server: an answer, a refusal in words, no network, or nobody signed in any more. */
const base = document.body.dataset.base;
let csrf = '';

export class Offline extends Error {}
export class SignedOut extends Error {}
export class Refusal extends Error {
  constructor(status, text) { super(text); this.status = status; }
}

/** Ask for JSON below the scan address; `body` makes it a POST. */
export async function ask(path, body = null) {
  const headers = { Accept: 'application/json', 'HX-Request': 'true' };
  if (body) Object.assign(headers, { 'Content-Type': 'application/json', 'X-CSRFToken': csrf });
  let answer;
  try {
    answer = await fetch(base + path, { method: body ? 'POST' : 'GET', headers, credentials: 'same-origin', cache: 'no-store', body: body && JSON.stringify(body) });
  } catch {
    throw new Offline();
  }
  if (answer.headers.has('HX-Redirect') || answer.redirected) throw new SignedOut();
  if ([502, 503, 504].includes(answer.status)) throw new Offline();
  if (!answer.ok) throw new Refusal(answer.status, (await answer.text()).slice(0, 400));
  return answer.json();
}

/** Who is here and what they may scan; the token of their forms is kept for what is sent. */
export async function start() {
  const found = await ask('start');
  csrf = found.csrf;
  return found;
}
