// Starts each way to sign in, as a client would, and shows what comes back. Verifier and state stay in this tab.

const redirectUri = location.origin + location.pathname;
const clientId = "reelgraph-demo";
const scope = "openid email profile api";
const device = { clientId: "dev-page", type: "WEB", name: "Demo page" };
const authFields = `__typename ... on UserError { code message }
  ... on AuthorizationPending { intervalSeconds }
  ... on AuthTokens { accessToken accessExpiresAt account { id email } profile { name } }`;

const byId = (id) => document.getElementById(id);

function show(value) {
  byId("result").textContent = typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

async function graphql(query, variables) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(answer.errors.map((error) => error.message).join(" "));
  return answer.data.result;
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function challengeOf(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function remember(flow) {
  sessionStorage.setItem("sign-in", JSON.stringify(flow));
}

async function beginAtProvider(provider) {
  const verifier = random();
  const begun = await graphql(
    `mutation ($input: ProviderLoginStartInput!) {
      result: providerLoginStart(input: $input) { authorizationUrl state }
    }`,
    { input: { provider, redirectUri, codeChallenge: await challengeOf(verifier) } },
  );
  remember({ kind: provider, verifier, state: begun.state });
  location.assign(begun.authorizationUrl);
}

async function beginAsOAuthClient() {
  const flow = { kind: "OAUTH", verifier: random(), state: random(), nonce: random() };
  remember(flow);
  const query = new URLSearchParams({
    response_type: "code", client_id: clientId, redirect_uri: redirectUri, scope, state: flow.state, nonce: flow.nonce,
    code_challenge: await challengeOf(flow.verifier), code_challenge_method: "S256",
  });
  location.assign(`/oauth/authorize?${query}`);
}

async function comeBack(query) {
  const flow = JSON.parse(sessionStorage.getItem("sign-in") ?? "null");
  sessionStorage.removeItem("sign-in");
  history.replaceState(null, "", location.pathname);
  if (!flow || query.get("state") !== flow.state) return show("The state is not that of a sign-in begun in this tab.");
  if (query.has("error")) return show(`${query.get("error")} ${query.get("error_description") ?? ""}`);
  const code = query.get("code");
  show(flow.kind === "OAUTH" ? await exchange(code, flow) : await finishAtProvider(code, flow));
}

function finishAtProvider(code, flow) {
  return graphql(
    `mutation ($input: ProviderLoginInput!) { result: loginWithProvider(input: $input) { ${authFields} } }`,
    { input: { provider: flow.kind, code, codeVerifier: flow.verifier, redirectUri, state: flow.state, device } },
  );
}

async function exchange(code, flow) {
  const response = await fetch("/oauth/token", {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code", client_id: clientId, code, redirect_uri: redirectUri,
      code_verifier: flow.verifier,
    }),
  });
  const tokens = await response.json();
  if (!response.ok) return tokens;
  const userinfo = await fetch("/oauth/userinfo", { headers: { authorization: `Bearer ${tokens.access_token}` } });
  return { tokens, userinfo: await userinfo.json() };
}

async function requestCode() {
  show(await graphql(
    "mutation ($phone: String!) { result: otpRequest(phone: $phone) { ok errors { code message } } }",
    { phone: byId("phone").value },
  ));
}

async function verifyCode() {
  show(await graphql(
    `mutation ($phone: String!, $code: String!, $device: DeviceInput) {
      result: otpVerify(phone: $phone, code: $code, device: $device) { ${authFields} }
    }`,
    { phone: byId("phone").value, code: byId("code").value, device },
  ));
}

async function pair() {
  const started = await graphql(
    `mutation ($device: DeviceInput!) {
      result: devicePairingStart(device: $device) { userCode deviceCode verificationUrl intervalSeconds }
    }`,
    { device: { clientId: "dev-page-tv", type: "TV", name: "Television of the demo page" } },
  );
  byId("user-code").textContent = started.userCode;
  byId("pairing-link").textContent = started.verificationUrl;
  byId("pairing-link").href = started.verificationUrl;
  byId("pairing").hidden = false;
  let seconds = started.intervalSeconds;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 200));
    const answer = await graphql(
      `mutation ($code: String!) { result: devicePairingPoll(deviceCode: $code) { ${authFields} } }`,
      { code: started.deviceCode },
    );
    show(answer);
    if (answer.__typename !== "AuthorizationPending") return;
    seconds = answer.intervalSeconds;
  }
}

function onClick(element, action) {
  element.addEventListener("click", () => action().catch((error) => show(error.message)));
}

for (const button of document.querySelectorAll("[data-provider]")) {
  onClick(button, () => beginAtProvider(button.dataset.provider));
}
onClick(byId("request-code"), requestCode);
onClick(byId("verify-code"), verifyCode);
onClick(byId("pair"), pair);
onClick(byId("authorize"), beginAsOAuthClient);

const query = new URLSearchParams(location.search);
if (query.has("code") || query.has("error")) comeBack(query).catch((error) => show(error.message));
