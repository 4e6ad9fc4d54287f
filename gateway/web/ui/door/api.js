// The one way to the gateway's API. Errors always carry a sentence for people.

const BASE = '/api/v1';
let token = '';

export class ApiError extends Error {
  constructor(status, { key = 'unreachable', message = 'The gateway does not answer.', facts = {} } = {}) {
    super(message);
    Object.assign(this, { status, key, facts });
  }
}

/** `body` is JSON, or a FormData or Blob that is sent as it is. Resolves to the answer's JSON, or null for none. */
export async function call(method, path, body = null, more = {}) {
  const response = await send(method, path, body, more);
  const answer = await read(response);
  if (response.ok || (response.status === 422 && answer?.photos)) return answer;
  throw new ApiError(response.status, answer ?? { message: `The gateway answered ${response.status}.` });
}

async function send(method, path, body, more) {
  const headers = { ...more };
  if (method !== 'GET') headers['X-Hearthgate-Token'] = token;
  if (body && !(body instanceof FormData || body instanceof Blob)) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(body);
  }
  try {
    return await fetch(BASE + path, { method, headers, body, credentials: 'same-origin', cache: 'no-store' });
  } catch {
    throw new ApiError(0);
  }
}

async function read(response) {
  if (!response.headers.get('content-type')?.startsWith('application/json')) return null;
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** Who is here; remembers the token that every change must carry. */
export async function session() {
  const found = await call('GET', '/session');
  token = found.token ?? '';
  return found;
}

export function socketUrl(path) {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${BASE}${path}`;
}

export const url = (path) => BASE + path;
