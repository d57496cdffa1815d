// A real OpenID provider for tests: node server.mjs PORT REDIRECT_URI. Whoever is named signs in at once; who it is, and how
// well they showed it, is said in login_hint as JSON, so that a test chooses it.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = new Map();

const provider = new Provider(issuer, {
  clients: [{
    client_id: "mendline", client_secret: "a-secret-of-this-test-only-0123456789", redirect_uris: [redirect],
    response_types: ["code"], grant_types: ["authorization_code"], token_endpoint_auth_method: "client_secret_basic",
    require_auth_time: true,
  }],
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ["sub", "amr", "acr", "auth_time"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: ["a key of this test"] },
  async findAccount(_ctx, id) {
    const known = people.get(id) ?? {};
    return { accountId: id, claims: async () => ({ sub: id, ...known }) };
  },
});

async function interact(request, response) {
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    const who = JSON.parse(params.login_hint ?? "{}");
    people.set(who.sub, { email: who.email, email_verified: who.email_verified ?? true, name: who.name });
    const login = { accountId: who.sub, amr: who.amr, acr: who.acr, remember: false };
    if (who.ago) { login.ts = Math.floor(Date.now() / 1000) - who.ago; }
    return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  }
  const { session: { accountId }, grantId } = await provider.interactionDetails(request, response);
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(String(params.scope));
  return provider.interactionFinished(
    request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true },
  );
}

const listener = provider.callback();
createServer((request, response) => {
  const done = request.url.startsWith("/interaction/") ? interact(request, response) : listener(request, response);
  Promise.resolve(done).catch((problem) => { response.statusCode = 500; response.end(String(problem)); });
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
