// Runs in the browser, in the page of GraphiQL and before it. Whoever signs in on this page, with a button or by running a
// mutation, is signed in on all of its tabs: what stands for the token in their headers is filled in when something is sent.
// The token is in memory only; it never gets into the address of the page or the storage of the browser.

/** What stands in the headers of a tab as long as nobody is signed in. */
export const placeholder = '<accessToken>';
const anonymous = `Bearer ${placeholder}`;

/** The token of the page, and those it had before. `onChange` hears of a new one. */
export function createTokens() {
  const known = new Set([placeholder]);
  const listeners = new Set();
  let current;
  const replaced = (text, by) => [...known].reduce((all, one) => all.replaceAll(one, by), text);
  return {
    set(token) {
      current = token;
      if (token !== undefined) known.add(token);
      for (const listener of listeners) listener();
    },
    /** As it is shown. */
    shown: (text) => replaced(text, current ?? placeholder),
    /** As it is sent: an outdated token, also of a tab that was not looked at since, gives way to the newest. */
    sent: (text) => (current === undefined ? text.replaceAll(anonymous, '') : replaced(text, current)),
    /** As it may be stored. */
    stored: (text) => replaced(text, placeholder),
    onChange: (listener) => listeners.add(listener),
  };
}

/** From now on all that leaves the page has the newest token, and what is stored has none. `onSession` hears who signs in by a mutation. */
export function useTokens(page, tokens, onSession) {
  const { fetch } = page;
  page.fetch = async (to, init = {}) => {
    const headers = new Headers(init.headers);
    const authorization = tokens.sent(headers.get('authorization') ?? '');
    if (authorization === '') headers.delete('authorization');
    else headers.set('authorization', authorization);
    const response = await fetch(to, { ...init, headers });
    void sessionIn(response.clone()).then((session) => session && onSession(session));
    return response;
  };
  const { send } = page.WebSocket.prototype;
  page.WebSocket.prototype.send = function sendWithToken(data) {
    send.call(this, typeof data === 'string' ? tokens.sent(data) : data);
  };
  const { setItem } = page.Storage.prototype;
  page.Storage.prototype.setItem = function setWithoutToken(name, text) {
    setItem.call(this, name, tokens.stored(String(text)));
  };
  // GraphiQL would copy every document into the address, secrets in it included, and proxies log addresses.
  page.history.replaceState = () => {};
}

/** The session in the answer to a mutation that signed somebody in, or refreshed. */
async function sessionIn(response) {
  if (!response.headers.get('content-type')?.includes('json')) return undefined;
  const { data } = await response.json().catch(() => ({}));
  const sessions = Object.values(data ?? {}).map((result) => result?.session);
  return sessions.find((session) => typeof session?.accessToken === 'string');
}

const session = '{ session { accessToken accessTokenExpiresAt refreshToken device { id } } }';
const refused = '... on UserError { explanation }';
const documents = {
  signIn: `mutation ($input: SignInInput!) { result: signIn(input: $input) { ... on SignInPayload ${session} ${refused} } }`,
  refresh: `mutation ($input: RefreshSessionInput!) {
    result: refreshSession(input: $input) { ... on RefreshSessionPayload ${session} ${refused} }
  }`,
};

/** Signs demo people in, and refreshes whoever is signed in before the token expires. `onStatus` is told in words. */
export function createSignIn({ ask, tokens, devices, schedule, onStatus }) {
  let cancel = () => {};

  async function run(query, input) {
    const { data, errors } = await ask({ query, variables: { input } });
    const result = data?.result;
    if (result?.session) return result.session;
    throw new Error(result?.explanation ?? errors?.[0]?.message ?? 'The server gave no answer.');
  }
  async function refresh(refreshToken) {
    try {
      take(await run(documents.refresh, { refreshToken }));
    } catch (error) {
      onStatus(`Not signed in any more: ${error.message}`);
      tokens.set(undefined);
    }
  }
  function take({ accessToken, accessTokenExpiresAt, refreshToken }) {
    tokens.set(accessToken);
    cancel();
    const leftMs = Date.parse(accessTokenExpiresAt) - Date.now();
    // A fifth of its life before it expires. Without what refreshing needs, it lasts as long as it lasts.
    if (refreshToken && leftMs > 0) cancel = schedule(() => refresh(refreshToken), leftMs * 0.8);
  }
  return {
    take,
    /** One click: no more devices than people, however often it happens. */
    async as({ handle, password }) {
      onStatus(`Signing in as ${handle} …`);
      try {
        const device = { id: devices.get(handle), label: 'GraphiQL', platform: 'WEB' };
        const signedIn = await run(documents.signIn, { handle, password, device });
        devices.set(handle, signedIn.device.id);
        take(signedIn);
        onStatus(`You are ${handle} on all tabs; the token is in their headers and is kept fresh.`);
      } catch (error) {
        onStatus(`Could not sign in as ${handle}: ${error.message}`);
      }
    },
  };
}

/** The line above GraphiQL, with a button per demo person. */
export function drawBar(document, people, onClick) {
  const bar = document.createElement('div');
  bar.id = 'sign-in';
  const [label, status] = [document.createElement('span'), document.createElement('span')];
  label.textContent = people.length > 0 ? 'Try it' : 'Run a sign-in, and you are signed in on all tabs.';
  status.setAttribute('role', 'status');
  const buttons = people.map((person) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = `as ${person.handle}`;
    button.addEventListener('click', () => onClick(person));
    return button;
  });
  bar.append(label, ...buttons, status);
  document.body.prepend(bar);
  return (text) => {
    status.textContent = text;
  };
}

/** Shows the newest token in the headers of each tab, as soon as the tab is looked at. */
export function showInEditors({ editor }, tokens) {
  const watch = (model) => {
    if (!model.uri.path.endsWith('request-headers.json')) return;
    const show = () => {
      const text = model.getValue();
      const wanted = tokens.shown(text);
      if (wanted !== text) model.setValue(wanted);
    };
    model.onDidChangeContent(show);
    tokens.onChange(show);
    show();
  };
  editor.onDidCreateModel(watch);
  editor.getModels().forEach(watch);
}

/** All of it. Answers what is to be called with Monaco when GraphiQL has loaded it. */
export function startPage({ people, endpoint }) {
  const tokens = createTokens();
  const ownFetch = globalThis.fetch.bind(globalThis);
  const deviceKey = (handle) => `parley:device:${handle}`;
  let say = () => {};
  const signIn = createSignIn({
    tokens,
    devices: {
      get: (handle) => localStorage.getItem(deviceKey(handle)) ?? undefined,
      set: (handle, id) => localStorage.setItem(deviceKey(handle), id),
    },
    async ask(operation) {
      const headers = { 'content-type': 'application/json' };
      return (await ownFetch(endpoint, { method: 'POST', headers, body: JSON.stringify(operation) })).json();
    },
    schedule(task, ms) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    onStatus: (text) => say(text),
  });
  useTokens(globalThis, tokens, (session) => {
    signIn.take(session);
    say('You are signed in on all tabs; the token is in their headers.');
  });
  say = drawBar(document, people, signIn.as);
  return (monaco) => showInEditors(monaco, tokens);
}
