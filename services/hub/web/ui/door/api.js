// The one way to the hub's API. Errors always carry a sentence for people.

const BASE = '/api/v1';
let token = '';

export class ApiError extends Error {
  constructor(status, { key = 'unreachable', message = 'The hub does not answer.', facts = {} } = {}) {
    super(message);
    Object.assign(this, { status, key, facts });
  }
}

/** `body` is sent as JSON, or as it is where it is a file. Resolves to the answer's JSON, or null for none. */
export async function call(method, path, body = null) {
  const headers = {};
  if (method !== 'GET') headers['X-Hearthgate-Token'] = token;
  const file = body instanceof Blob;
  if (body) headers['Content-Type'] = file ? 'application/octet-stream' : 'application/json';
  let response;
  try {
    response = await fetch(BASE + path, { method, headers, body: body && !file ? JSON.stringify(body) : body, credentials: 'same-origin', cache: 'no-store' });
  } catch {
    throw new ApiError(0);
  }
  const answer = await read(response);
  if (response.ok) return answer;
  throw new ApiError(response.status, answer ?? { message: `The hub answered ${response.status}.` });
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
