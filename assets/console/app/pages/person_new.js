// person_new - adds one person.

import { html } from '../lib.js';
import { navigate } from '../router.js';
import { Card, PageHead, toast } from '../ui.js';
import { CreateForm } from './person_form.js';

export default function PersonNew() {
	return html`<div><${PageHead} title="Add a person" section="Directory" back=${{ href: '/setup/users', label: 'Directory' }}>For many at once, <a href="/setup/import">import a file</a>.<//>
		<${Card}><${CreateForm} onCreated=${async (p) => {
			await navigate(`/setup/users/${p.auth_user_id}`);
			toast(`${p.name} was added.`);
		}} /><//></div>`;
}
