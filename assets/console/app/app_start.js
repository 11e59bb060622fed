// app_start - what an application's developer needs first: one call that
// works, in their language, with this installation's address.

import { html, useState } from './lib.js';
import { session } from './api.js';
import { Card, Code, Notice, Time } from './ui.js';

export const origin = () => (session.value?.environment.public_url ?? location.origin).replace(/\/$/, '');
export const firstCall = (url, key) => `curl -s ${url}/auth/register \\\n  -H 'X-Auth-Service-Key: ${key}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"identifier":"somebody@example.org"}'`;
// The same with the key in the shell's environment, which has to be expanded.
export const firstShellCall = (url = origin()) => firstCall(url, '$AUTH_SERVICE_KEY').replace("'X-Auth-Service-Key: $AUTH_SERVICE_KEY'", '"X-Auth-Service-Key: $AUTH_SERVICE_KEY"');

const LANGUAGES = {
	curl: (u) => `# is this person in the directory, and may they use the application?
${firstShellCall(u)}

# password to tokens
curl -s ${u}/auth/login \\
  -H "X-Auth-Service-Key: $AUTH_SERVICE_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{"identifier":"somebody@example.org","password":"…"}'

# whose token is this?  Ask at every request: what was revoked is refused
curl -s ${u}/auth/session \\
  -H "X-Auth-Service-Key: $AUTH_SERVICE_KEY" \\
  -H "Authorization: Bearer $TOKEN"`,
	JavaScript: (u) => `const base = '${u}';
const key = process.env.AUTH_SERVICE_KEY;

/* { user } when the token is good, null when the person has to sign in */
export async function whoIs(token) {
  const r = await fetch(base + '/auth/session', {
    headers: { 'X-Auth-Service-Key': key, Authorization: 'Bearer ' + token },
  });
  if (r.status === 401) return null;
  if (!r.ok) throw new Error('identity service: ' + r.status);
  return (await r.json()).user;
}`,
	PHP: (u) => `<?php
/* the person of a token, or null when they have to sign in */
function who_is(string $token): ?array
{
    $c = curl_init('${u}/auth/session');
    curl_setopt_array($c, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 5,
        CURLOPT_HTTPHEADER => [
            'X-Auth-Service-Key: ' . getenv('AUTH_SERVICE_KEY'),
            'Authorization: Bearer ' . $token,
        ],
    ]);
    $body = curl_exec($c);
    $status = curl_getinfo($c, CURLINFO_RESPONSE_CODE);
    if ($status === 401) {
        return null;
    }
    if ($status !== 200) {
        throw new RuntimeException("identity service: $status");
    }
    return json_decode($body, true, 512, JSON_THROW_ON_ERROR)['user'];
}`,
	Python: (u) => `import json, os, urllib.error, urllib.request

def who_is(token):
    """The person of a token, or None when they have to sign in."""
    request = urllib.request.Request('${u}/auth/session', headers={
        'X-Auth-Service-Key': os.environ['AUTH_SERVICE_KEY'],
        'Authorization': 'Bearer ' + token,
    })
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)['user']
    except urllib.error.HTTPError as error:
        if error.code == 401:
            return None
        raise`,
};

export function QuickStart({ app }) {
	const [language, setLanguage] = useState('curl');
	const base = `/setup/applications/${app.id}`;
	return html`<div class="stack">
		${!app.is_enabled && html`<${Notice} tone="bad" title="This application is disabled">Its requests are refused. <a href=${`${base}/settings`}>Enable it in its settings.</a><//>`}
		${app.keys === 0 && html`<${Notice} tone="warn" title="It has no key"><a href=${`${base}/keys`}>Create its first key.</a><//>`}
		${app.allowed_ips.length === 0 && html`<${Notice} tone="warn" title="No address may use it"><a href=${`${base}/ips`}>Allow the addresses of its servers.</a><//>`}
		<${Card} title="Quick start" note="The key stays on the application's server and never goes to a browser or an app.">
			<fieldset class="row"><legend class="out">Language</legend><div class="segments">${Object.keys(LANGUAGES).map((l) => html`<label key=${l}><input type="radio" name="language" value=${l} checked=${l === language} onChange=${() => setLanguage(l)} /><span>${l}</span></label>`)}</div></fieldset>
			<${Code} text=${LANGUAGES[language](origin())} label=${`Copy the ${language} example`} />
			<p class="hint">All calls with their answers are in the <a href="/setup/reference">API reference</a>; flows and choices in the <a href="/setup/guide">guide</a>.</p><//>
		<${Card} title="Last request"><p>${app.last_used_at ? html`One of its keys was last used <${Time} at=${app.last_used_at} ago />: <a href=${`${base}/keys`}>see which</a>.` : 'None of its keys was used yet.'}
			${app.denied_24h > 0 && html` ${app.denied_24h} requests were refused in the last 24 hours: <a href=${`${base}/ips`}>see from where</a>.`}</p><//></div>`;
}
