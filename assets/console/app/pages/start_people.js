// start_people - the fourth step: who may sign in.

import { html, useState } from '../lib.js';
import { plural } from '../format.js';
import { Button, Card, toast } from '../ui.js';
import { CreateForm } from './person_form.js';

export function People({ data, reload }) {
	const [turn, setTurn] = useState(0);
	return html`<div class="stack">
		<p role="status">${data.people > 1 ? html`${plural(data.people, 'person', 'people')} in the directory, you among them. <a href="/setup/users">Open the directory</a>` : 'You are the only one in the directory.'}</p>
		<${Card} title="From a file" note="A CSV file of everybody: it is checked first, and nothing is imported before you say so."><${Button} icon="upload" href="/setup/import">Import people<//><//>
		<${Card} title="One by one"><${CreateForm} key=${turn} cancel=${null} onCreated=${async (p) => {
			toast(`${p.name} was added.`);
			await reload();
			setTurn(turn + 1);
		}} /><//></div>`;
}
